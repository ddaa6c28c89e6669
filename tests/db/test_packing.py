"""Binary COPY of columns: every type with NULLs there and back, texts of any length, amounts to the cent."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.packing import amounts_of, copy_packed, pack_rows, points_of

COLUMNS: list[tuple[str, pa.DataType, list[Any]]] = [
    ("int2", pa.int16(), [-32768, None, 7]),
    ("int4", pa.int32(), [None, -7, 2**31 - 1]),
    ("int8", pa.int64(), [-(2**63), 2**63 - 1, None]),
    ("float8", pa.float64(), [0.1, None, -1e300]),
    ("bool", pa.bool_(), [True, False, None]),
    ("date", pa.date32(), [date(1969, 2, 28), None, date(2026, 11, 22)]),
    ("text", pa.string(), ["江苏省南通市", None, ""]),
    ("bytea", pa.binary(), [b"", b"\x00\xff", None]),
]


def land(work: Session, columns: str, packed: bytes, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """What a table of these columns holds when the bytes have come in."""
    work.execute(text("DROP TABLE IF EXISTS heap"))
    work.execute(text(f"CREATE TEMP TABLE heap ({columns}) ON COMMIT DROP"))
    copy_packed(work, "heap", names, [packed])
    return [tuple(row) for row in work.execute(text("SELECT * FROM heap ORDER BY 1")).all()]


@pytest.mark.parametrize("nulls", [True, False])
def test_every_type_comes_back_as_it_went_in_one_copy(work: Session, nulls: bool) -> None:
    chosen = [[value for value in values if nulls or value is not None] for _, _, values in COLUMNS]
    rows = len(chosen[0])
    arrays = [pa.array(values[:rows], kind) for values, (_, kind, _) in zip(chosen, COLUMNS, strict=True)]
    names = ("n", *(f"c{at}" for at in range(len(COLUMNS))))
    columns = ", ".join(f"c{at} {name}" for at, (name, _, _) in enumerate(COLUMNS))
    packed = pack_rows([pa.array(range(rows), pa.int64()), *arrays])
    back = land(work, f"n int8, {columns}", packed, names)
    assert [list(column) for column in zip(*back, strict=True)][1:] == [values[:rows] for values in chosen]


def test_amounts_are_exact_to_the_cent_and_points_to_the_bit(work: Session) -> None:
    cents = np.array([0, 1, -1, 123456, -999999999999999, 10**15 - 1, 700, 0], dtype=np.int64)
    known = np.arange(8) < 7
    x = np.array([121.2, -0.5, np.nan, 179.9999999, 1.0, 2.0, 3.0, 4.0])
    packed = pack_rows([pa.array(range(8), pa.int64()), amounts_of(cents, known), points_of(x, x / 2)])
    query = "n int8, yuan numeric(16, 2), geom geometry(Point, 4326)"
    back = land(work, query, packed, ("n", "yuan", "geom"))
    assert [row[1] for row in back] == [Decimal(int(cent)).scaleb(-2) for cent in cents[:7]] + [None]
    assert {row[1].as_tuple().exponent for row in back[:7]} == {-2}
    same = work.execute(text("SELECT ST_X(geom), ST_Y(geom) FROM heap ORDER BY n")).all()
    assert [tuple(row) for row in same] == [
        (None, None) if np.isnan(lon) else (lon, lon / 2) for lon in x.tolist()
    ]


def test_rows_packed_apart_land_in_one_copy_and_a_slice_is_packed_as_it_stands(work: Session) -> None:
    words = pa.array(["零", "一", None, "三"]).slice(1)
    numbers = pa.array([0, 1, 2, 3], pa.int64()).slice(1)
    work.execute(text("CREATE TEMP TABLE heap (n int8, word text) ON COMMIT DROP"))
    parts = [pack_rows([numbers, words]), pack_rows([pa.array([9], pa.int64()), pa.array(["九"])]), b""]
    copy_packed(work, "heap", ("n", "word"), parts)
    rows = work.execute(text("SELECT n, word FROM heap ORDER BY n")).all()
    assert [tuple(row) for row in rows] == [(1, "一"), (2, None), (3, "三"), (9, "九")]
