"""Which rows a file holds: number, hash of the key, what became of it; kept beside the import while it runs.

It outlives a killed process (it is cut back to the checkpoint) and tells at the end which keys come twice and
which customers of the source the file does not hold. 17 bytes a row; nothing personal.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.customers.intake.known import Ints, Known

# What became of a row: passed over unread, changed, new, or left out.
UNCHANGED, CHANGED, NEW, LEFT_OUT = range(4)
ROW = np.dtype([("number", "<i8"), ("key", "<i8"), ("state", "u1")])


@dataclass(frozen=True)
class Repeats:
    """Rows, ascending, whose key an earlier kept row has: their numbers, that row's, key hash and state."""

    numbers: Ints
    firsts: Ints
    keys: Ints
    states: NDArray[np.uint8]


@dataclass(frozen=True)
class Seen:
    """The rows of one file, in a file of its own."""

    path: Path

    def cut(self, size: int) -> None:
        """Back to so many bytes: what a killed attempt had written behind its checkpoint goes."""
        with self.path.open("ab") as file:
            file.truncate(size)

    def append(self, numbers: Ints, keys: Ints, states: NDArray[np.uint8]) -> int:
        """Add rows (all (n,)); returns the size of the file in bytes. Rows without a key are not added."""
        rows = np.empty(len(numbers), dtype=ROW)
        rows["number"], rows["key"], rows["state"] = numbers, keys, states
        with self.path.open("ab") as file:
            file.write(rows.tobytes())
            file.flush()
            return file.tell()

    def read(self) -> NDArray[np.void]:
        """All rows, memory-mapped."""
        if not self.path.exists() or not self.path.stat().st_size:
            return np.empty(0, dtype=ROW)
        return np.memmap(self.path, dtype=ROW, mode="r")

    def find_repeats(self) -> Repeats:
        """Rows of a key that an earlier kept row has: those are left out, whatever became of either."""
        rows = self.read()
        kept = np.flatnonzero(rows["state"] != LEFT_OUT)
        key, number = rows["key"][kept], rows["number"][kept]
        order = np.lexsort((number, key))
        key, number, state = key[order], number[order], rows["state"][kept][order]
        start = np.ones(len(key), dtype=bool)
        start[1:] = key[1:] != key[:-1]
        first = np.maximum.accumulate(np.where(start, np.arange(len(key)), 0))
        twice = np.flatnonzero(~start)
        twice = twice[np.argsort(number[twice], kind="stable")]
        return Repeats(number[twice], number[first[twice]], key[twice], state[twice])

    def find_missing(self, known: Known) -> Ints:
        """Ids of known customers of whom the file holds no row, not even one that was left out; ascending."""
        keys = np.unique(self.read()["key"])
        if not len(keys):
            return np.sort(np.asarray(known.ids))
        at = np.minimum(np.searchsorted(keys, known.keys), len(keys) - 1)
        return np.sort(np.asarray(known.ids)[keys[at] != known.keys])
