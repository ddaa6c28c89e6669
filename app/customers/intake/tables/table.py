"""What every kind of table gives: headings, an identity, slices that travel, and chunks of text in columns.

A slice can be pickled: a worker process opens the file itself and reads only its part. Row numbers are those
of a spreadsheet: the heading is row 1, and empty lines count although they are no rows.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

Numbers = NDArray[np.int64]


class Broken(NamedTuple):
    """A row that cannot be read as a row: why, and its first cell, where most files have the key."""

    number: int
    reason: str
    zh: str
    en: str
    first_cell: str = ""


class Lost(NamedTuple):
    """A cell whose value was lost before the file reached us; it is read as empty, its row stays."""

    number: int
    column: int
    reason: str
    zh: str
    en: str


@dataclass(frozen=True)
class Chunk:
    """Rows as columns of text: `columns[i]` belongs to heading i and has one string (never null) a number.

    `numbers` ascend. `last` is the number of the last record looked at, empty ones included: reading goes on
    behind it.
    """

    numbers: Numbers
    columns: "list[pa.StringArray]"
    last: int
    broken: list[Broken] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Rows that were there, read or broken."""
        return len(self.numbers) + len(self.broken)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The chunk row by row, `(number, cells)`: for a few rows, or for those who need no speed."""
        cells = [column.to_pylist() for column in self.columns]
        for at, number in enumerate(self.numbers.tolist()):
            yield number, [column[at] for column in cells]


class Slice(ABC):
    """A part of a table on its way to a worker; `last` is the number of its last record."""

    last: int

    @abstractmethod
    def read(self) -> Chunk:
        """Read this part. Raises RefusedFile when the file is not what it was."""


class SourceTable(ABC):
    """An opened table of any kind.

    `identity` is the sha256 of what it holds (hex). `rows` is their number, `exact` says whether it is sure.
    """

    path: Path
    headings: list[str]
    identity: str
    rows: int
    exact: bool
    encoding: str
    # How the encoding or kind was found: text, mixed, workbook, parquet, database.
    how: str

    @property
    def mixed(self) -> bool:
        """Whether some lines are in another encoding than the file."""
        return self.how == "mixed"

    @abstractmethod
    def slices(self, rows: int, *, after: int = 1) -> Iterator[Slice]:
        """Slices of about `rows` rows each behind row number `after`, in the table's order."""


def read_slice(part: Slice) -> Chunk:
    """Read a slice: what a worker process is given to do."""
    return part.read()
