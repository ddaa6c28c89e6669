"""Whole arrays by binary COPY: every type there and back, shapes mixed in one COPY, NULL never misread."""

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db.arrays import NUMBERS, Column, copy_in_blocks, copy_out_array, pack_block

VALUES = {
    "int2": [-32768, 0, 32767],
    "int4": [-(2**31), 7, 2**31 - 1],
    "int8": [-(2**63), 7, 2**63 - 1],
    "float4": [-1.5, 0.0, 3.25],
    "float8": [-1e300, 0.1, np.inf],
    "bool": [True, False, True],
}


def make_table(session: Session, columns: str) -> None:
    session.execute(text(f"CREATE TEMP TABLE heap ({columns}) ON COMMIT DROP"))


@pytest.mark.parametrize("kind", sorted(NUMBERS))
def test_every_number_type_comes_back_as_it_went(work: Session, kind: str) -> None:
    make_table(work, f"n int4, v {kind}")
    values = np.array(VALUES[kind])
    block = [Column("int4", np.arange(3)), Column(kind, values)]
    assert copy_in_blocks(work, "heap", ("n", "v"), [(3, block)]) == 3
    back = copy_out_array(work, "SELECT n, v FROM heap ORDER BY n", [("n", "int4"), ("v", kind)])
    assert back["v"].tolist() == VALUES[kind]


def test_points_words_and_nulls_of_several_blocks_land_in_one_copy(work: Session) -> None:
    make_table(work, "n int8, word text, geom geometry(Point, 4326)")
    xy = np.array([[121.2, 31.9], [-0.5, 89.25]])
    first = [Column("int8", np.array([1, 2])), Column("text", "村民"), Column("point", xy)]
    second = [Column("int8", 3), Column("null"), Column("null")]
    third = [Column("int8", 4), Column("text", ""), Column("null")]
    assert copy_in_blocks(work, "heap", ("n", "word", "geom"), [(2, first), (1, second)]) == 3
    rows = work.execute(
        text("SELECT n, word, ST_X(geom), ST_Y(geom), ST_SRID(geom) FROM heap ORDER BY n")
    ).all()
    assert [tuple(row) for row in rows] == [
        (1, "村民", 121.2, 31.9, 4326),
        (2, "村民", -0.5, 89.25, 4326),
        (3, None, None, None, None),
    ]
    copy_in_blocks(work, "heap", ("n", "word", "geom"), [(1, third)])
    assert work.scalar(text("SELECT word FROM heap WHERE n = 4")) == ""


@pytest.mark.parametrize(
    "query",
    [
        "SELECT NULL::int8, 1",
        "SELECT 1::int8, NULL",
        "SELECT g, CASE WHEN g < 9 THEN g END FROM generate_series(1, 9) g",
        "SELECT NULL::int8, NULL::int8 FROM generate_series(1, 13)",
    ],
)
def test_a_null_is_refused_not_misread_and_the_session_goes_on(work: Session, query: str) -> None:
    with pytest.raises(ValueError, match="NULL"):
        copy_out_array(work, query, [("id", "int8"), ("v", "int8")])
    assert work.scalar(text("SELECT 1")) == 1


def test_no_rows_are_an_empty_array(work: Session) -> None:
    assert len(copy_out_array(work, "SELECT 1::int8 WHERE false", [("v", "int8")])) == 0
    make_table(work, "n int8")
    assert copy_in_blocks(work, "heap", ("n",), []) == 0


def test_a_block_is_the_bytes_that_the_format_asks_for() -> None:
    packed = pack_block(1, [Column("int2", 5), Column("null"), Column("text", "ab")])
    assert packed == b"\x00\x03" + b"\x00\x00\x00\x02\x00\x05" + b"\xff\xff\xff\xff" + b"\x00\x00\x00\x02ab"
