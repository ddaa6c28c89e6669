"""What rows of a block may share with one another: marks of card, telephone, and name with village.

A mark is 64 bits of a blind index or of a hash; 0 is none. They are kept beside the import while it runs and
cut back to the checkpoint like `seen`; at the end sorting them tells in moments who may be whom. Two rows of
one mark need not share anything: whoever acts on it asks the rows themselves. 32 bytes a row.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from app.customers.intake.known import Ints, hash_texts

MARK = np.dtype([("number", "<i8"), ("card", "<i8"), ("phone", "<i8"), ("home", "<i8")])
KINDS = ("card", "phone", "home")
_APART = "\x1f"
_KEY = "getu a namesake's home"[:16]


def mark_rows(numbers: Ints, columns: dict[str, Any], unit_code: Any) -> NDArray[np.void]:
    """The marks of rows (n,): `columns` as of a customer, `unit_code` of their placements."""
    marks = np.zeros(len(numbers), dtype=MARK)
    marks["number"] = numbers
    marks["card"], marks["phone"] = (_cut(columns[name]) for name in ("id_card_hash", "phone_hash"))
    housed = pc.and_(pc.is_valid(columns["address"]), pc.is_valid(unit_code))
    at = np.flatnonzero(housed.to_numpy(zero_copy_only=False))
    if len(at):
        chosen = pa.array(at)
        homes = pc.binary_join_element_wise(unit_code.take(chosen), columns["name"].take(chosen), _APART)
        marks["home"][at] = hash_texts(homes, _KEY)
    some: NDArray[np.void] = marks[(marks["card"] != 0) | (marks["phone"] != 0) | (marks["home"] != 0)]
    return some


def _cut(blind: Any) -> Ints:
    """The first eight bytes of each blind index (binary (n,)), 0 for null."""
    cut = np.zeros(len(blind), dtype=np.int64)
    if blind.null_count < len(blind):
        known = pc.is_valid(blind).to_numpy(zero_copy_only=False)
        first = pc.binary_slice(blind.drop_null(), 0, 8).cast(pa.binary(8))
        at = first.offset * 8
        cut[known] = np.frombuffer(first.buffers()[1], dtype="<i8", offset=at, count=len(first))
    return cut


@dataclass(frozen=True)
class Marks:
    """The marks of one file's new rows, in a file of its own."""

    path: Path

    def cut(self, size: int) -> None:
        """Back to so many bytes: what a killed attempt had written behind its checkpoint goes."""
        with self.path.open("ab") as file:
            file.truncate(size)

    def append(self, marks: NDArray[np.void]) -> int:
        """Add rows; returns the size of the file in bytes."""
        with self.path.open("ab") as file:
            file.write(marks.tobytes())
            file.flush()
            return file.tell()

    def find_alike(self, *kinds: str) -> Ints:
        """Numbers of the rows, ascending, that have a mark of these `KINDS` in common with another row."""
        if not self.path.exists() or not self.path.stat().st_size:
            return np.empty(0, dtype=np.int64)
        rows = np.memmap(self.path, dtype=MARK, mode="r")
        found = [np.flatnonzero(_find_common(np.asarray(rows[kind]))) for kind in kinds]
        return np.unique(np.asarray(rows["number"])[np.concatenate(found)])


def _find_common(marks: Ints) -> NDArray[np.bool_]:
    """Which marks (n,) another row has, too."""
    ordered = np.sort(marks[marks != 0])
    common = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.isin(marks, common) if len(common) else np.zeros(len(marks), dtype=bool)
