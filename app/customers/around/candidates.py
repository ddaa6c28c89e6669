"""Customers with a point as columns: read by box through the index, measured on the ground elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.customers.filters import Filters
from app.db.arrays import NUMBERS, copy_out_array
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
        return People(np.empty(0, np.dtype([(name, NUMBERS[kind]) for name, kind in FIELDS])))
    rows = np.concatenate(parts)
    return People(rows[np.unique(rows["id"], return_index=True)[1]])


def _read_box(session: Session, box: Box, filters: Filters) -> NDArray[np.void]:
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True)) | filters.params()
    query = psycopg.ClientCursor(raw(session)).mogrify(_as_driven("customers/around/read_candidates"), asked)
    return copy_out_array(session, query, FIELDS)


@cache
def _as_driven(name: str) -> str:
    """A statement file with its parameters as the driver writes them: the bytes of a COPY take none."""
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
    return str(read_statement(name).compile(dialect=dialect))
