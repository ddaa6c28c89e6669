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
from app.db.arrays import NUMBERS
from app.db.copying import raw
from app.db.statements import read_statement

Box = tuple[float, float, float, float]
FIELDS = [
    ("id", "int8"),
    ("x", "float8"),
    ("y", "float8"),
    ("rung", "int2"),
    ("kind", "int2"),
    ("tier", "int2"),
    ("standing", "int2"),
]
ROWS = np.dtype([(name, NUMBERS[kind].replace(">", "<")) for name, kind in FIELDS])
# Degrees.
NARROW = 0.1
# What the numbers of the columns mean; read_candidates.sql numbers them so.
WORDS: dict[str, tuple[str, ...]] = {
    "kind": ("person", "household", "firm", "merchant"),
    "tier": ("regular", "key", "strategic"),
    "standing": ("existing", "prospect"),
    "rung": tuple(map(str, range(7))),
}


@dataclass(frozen=True)
class People:
    """Customers as columns (n,): `id`, `x` and `y` in degrees, and numbers that `WORDS` tells."""

    rows: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self.rows[name]
        return column

    def pick(self, which: NDArray[Any]) -> "People":
        """Those of a mask or of rows, in that order."""
        return People(self.rows[which])

    def count(self) -> dict[str, dict[str, int]]:
        """How many there are by kind, tier, standing and rung; words that nobody bears are left out."""
        counted = {}
        for name, words in WORDS.items():
            numbers = np.bincount(self.rows[name], minlength=len(words)).tolist()
            counted[name] = {word: number for word, number in zip(words, numbers, strict=True) if number}
        return counted


def read_people(session: Session, boxes: Sequence[Box], filters: Filters) -> People:
    """Customers in sight with a point in any of the boxes (west, south, east, north in degrees), each
    once, by id."""
    parts = [_read_box(session, box, filters) for box in boxes]
    if not parts:
        return People(np.empty(0, dtype=ROWS))
    rows = np.concatenate(parts)
    return People(rows[np.unique(rows["id"], return_index=True)[1]])


def _read_box(session: Session, box: Box, filters: Filters) -> NDArray[np.void]:
    """The columns of one box: prepared once, gathered by the server, taken as the bytes they travel in.

    A row with a Python object a value would cost more than finding it; a COPY is planned anew each time.
    """
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True)) | filters.params()
    with raw(session).cursor(binary=True) as cursor:
        # A narrow box is asked again and again by one plan; a wide one is worth a plan of its own.
        narrow = box[2] - box[0] < NARROW
        cursor.execute(_as_driven("customers/around/read_candidates"), asked, prepare=narrow)
        found = cursor.pgresult
        assert found is not None
        parts = [_read_part(found, row) for row in range(found.ntuples)]
    return np.concatenate(parts) if parts else np.empty(0, dtype=ROWS)


def _read_part(found: Any, row: int) -> NDArray[np.void]:
    """One row of gathered columns: each an array with a header of 20 bytes, then (length, value) pairs."""
    columns = []
    for number, (_, kind) in enumerate(FIELDS):
        pairs = np.dtype([("length", ">i4"), ("value", NUMBERS[kind])])
        columns.append(np.frombuffer(found.get_value(row, number), dtype=pairs, offset=20)["value"])
    rows = np.empty(len(columns[0]), dtype=ROWS)
    for (name, _), column in zip(FIELDS, columns, strict=True):
        rows[name] = column
    return rows


@cache
def _as_driven(name: str) -> str:
    """A statement file with its parameters as the driver itself writes them."""
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
    return str(read_statement(name).compile(dialect=dialect))
