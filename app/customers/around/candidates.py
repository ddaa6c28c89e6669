"""Customers with a point as columns: read by box through the index, measured on the ground elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.customers.filters import Filters
from app.db.copying import raw
from app.db.statements import read_statement

Box = tuple[float, float, float, float]
ROWS = np.dtype(
    [("id", "i8"), ("x", "f8"), ("y", "f8"), *((name, "i2") for name in ("rung", "kind", "tier", "standing"))]
)
# A gathered array is a header of so many bytes, then each value behind its length.
HEADER = 20
# Degrees.
NARROW = 0.1
# What the numbers of the columns mean; the statements of a box number them so.
WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("person", "household", "firm", "merchant"),
    "tier": ("regular", "key", "strategic"),
    "standing": ("existing", "prospect"),
    "rung": tuple(map(str, range(7))),
}


@dataclass(frozen=True)
class People:
    """Customers as columns (n,): `id`, `x` and `y` in degrees, and numbers that `WORDS` tells.

    Kinds stand in the customers' own rows: they are told only where `kinds` says that they were read.
    """

    rows: NDArray[np.void]
    kinds: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self.rows[name]
        return column

    def pick(self, which: NDArray[Any]) -> "People":
        """Those of a mask or of rows, in that order."""
        return People(self.rows[which], self.kinds)

    def count(self) -> dict[str, dict[str, int]]:
        """How many there are by kind (where read), tier, standing and rung; words that nobody bears are left
        out."""
        counted = {}
        for name, words in WORDS.items():
            if name != "kind" or self.kinds:
                numbers = np.bincount(self.rows[name], minlength=len(words)).tolist()
                counted[name] = {word: number for word, number in zip(words, numbers, strict=True) if number}
        return counted


def read_people(session: Session, boxes: Sequence[Box], filters: Filters, *, kinds: bool = False) -> People:
    """Customers in sight with a point in any of the boxes (west, south, east, north in degrees), each
    once.

    With `kinds`, or with a filter that needs them, the customers' own rows are read too, which costs more
    than all the rest.
    """
    if filters.pointed is False:
        # Nobody without a point stands in a box.
        return People(np.empty(0, dtype=ROWS), kinds)
    asked = (filters.kind, filters.visited_since, filters.unvisited_since, filters.filed)
    whole = kinds or any(one is not None for one in asked)
    parts = [_read_box(session, box, filters, whole=whole) for box in boxes]
    rows = np.concatenate(parts) if parts else np.empty(0, dtype=ROWS)
    if len(parts) > 1:
        rows = rows[np.unique(rows["id"], return_index=True)[1]]
    return People(rows, whole)


def _read_box(session: Session, box: Box, filters: Filters, *, whole: bool) -> NDArray[np.void]:
    """The columns of one box: prepared once, gathered by the server, taken as the bytes they travel in.

    A row with a Python object a value would cost more than finding it; a COPY is planned anew each time.
    """
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True)) | filters.params()
    statement = "customers/around/read_candidates" if whole else "customers/around/read_points"
    with raw(session).cursor(binary=True) as cursor:
        # A narrow box is asked again and again by one plan; a wide one is worth a plan of its own.
        narrow = box[2] - box[0] < NARROW
        cursor.execute(_as_driven(statement), asked, prepare=narrow)
        found = cursor.pgresult
        assert found is not None
        ids, points, marks = (found.get_value(0, column) for column in range(3))
    if ids is None or points is None or marks is None:
        return np.empty(0, dtype=ROWS)
    return _lay_columns(_read_array(ids, ">i8"), np.frombuffer(points, "<f8"), _read_array(marks, ">i2"))


def _read_array(gathered: bytes, kind: str) -> NDArray[Any]:
    pairs = np.dtype([("length", ">i4"), ("value", kind)])
    values: NDArray[Any] = np.frombuffer(gathered, dtype=pairs, offset=HEADER)["value"]
    return values


def _lay_columns(ids: NDArray[Any], points: NDArray[np.float64], marks: NDArray[Any]) -> NDArray[np.void]:
    """Rows of what was gathered; a mark is ((rung * 4 + kind) * 3 + tier) * 2 + standing."""
    rows = np.empty(len(ids), dtype=ROWS)
    rows["id"], rows["x"], rows["y"] = ids, points[::2], points[1::2]
    rest = marks.astype(np.int16)
    for name in ("standing", "tier", "kind"):
        rest, rows[name] = np.divmod(rest, len(WORDS[name]))
    rows["rung"] = rest
    return rows


@cache
def _as_driven(name: str) -> str:
    """A statement file with its parameters as the driver itself writes them."""
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
    return str(read_statement(name).compile(dialect=dialect))
