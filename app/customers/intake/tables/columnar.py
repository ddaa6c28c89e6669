"""Parquet files: row groups are read where they are needed, every type of column becomes text.

Whole numbers have no point, days are ISO, a double too large to be exact is a lost code, nothing is an empty
string. Lists and structs are written as JSON: nobody maps them, but nothing is hidden.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from app.customers.intake.tables.lost import tell_lost
from app.customers.intake.tables.table import Chunk, Lost, Slice, SourceTable
from app.customers.intake.tables.words import refuse

# Above this a double no longer tells one whole number from the next.
LARGEST_SURE = 2.0**53


@dataclass(frozen=True)
class ParquetSlice(Slice):
    """Batch number `batch` of `size` rows of a row group; rows up to `after` are not wanted."""

    path: Path
    group: int
    batch: int
    size: int
    first: int
    last: int
    after: int

    def read(self) -> Chunk:
        """Read the batch in this process, going on where this process read last."""
        try:
            found = _reader.read(self)
        except (pa.ArrowException, OSError, StopIteration) as error:
            raise refuse("parquet_broken") from error
        skipped = max(0, self.after + 1 - self.first)
        found = found.slice(skipped)
        numbers = np.arange(self.first + skipped, self.last + 1, dtype=np.int64)
        lost: list[Lost] = []
        columns = []
        for at, column in enumerate(found.columns):
            text, gone = as_text(column)
            columns.append(text)
            lost += [tell_lost(int(numbers[row]), at) for row in gone]
        return Chunk(numbers, columns, self.last, [], sorted(lost))


class _Reader:
    """The row group that this process is reading: slices of one group mostly come one after the other."""

    def __init__(self) -> None:
        self.key: tuple[Path, int, int] | None = None
        self.next_batch = 0
        self.batches: Iterator[Any] = iter(())

    def read(self, part: ParquetSlice) -> Any:
        key = (part.path, part.group, part.size)
        if key != self.key or part.batch < self.next_batch:
            file = pq.ParquetFile(part.path)
            self.batches = file.iter_batches(batch_size=part.size, row_groups=[part.group], use_threads=False)
            self.key, self.next_batch = key, 0
        while self.next_batch < part.batch:
            next(self.batches)
            self.next_batch += 1
        self.next_batch += 1
        return next(self.batches)


_reader = _Reader()


@dataclass(frozen=True)
class ParquetTable(SourceTable):
    """An opened Parquet file; `groups` are the rows of its row groups."""

    path: Path
    headings: list[str]
    identity: str
    rows: int
    exact: bool
    encoding: str
    how: str
    groups: tuple[int, ...]

    def slices(self, rows: int, *, after: int = 1) -> Iterator[Slice]:
        """Slices of at most `rows` rows, none over two row groups."""
        first = 2
        for group, count in enumerate(self.groups):
            for batch, start in enumerate(range(0, count, rows)):
                last = first + min(rows, count - start) - 1
                if last > after:
                    yield ParquetSlice(self.path, group, batch, rows, first, last, after)
                first = last + 1


def open_parquet(path: Path) -> ParquetTable:
    """Open a Parquet file. Raises RefusedFile when it is broken, locked or empty of columns."""
    try:
        file = pq.ParquetFile(path)
        groups = tuple(file.metadata.row_group(at).num_rows for at in range(file.num_row_groups))
        headings = list(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise refuse("parquet_broken") from error
    if not headings:
        raise refuse("empty_file")
    with path.open("rb") as opened:
        identity = hashlib.file_digest(opened, "sha256").hexdigest()
    return ParquetTable(path, headings, identity, sum(groups), True, "utf-8", "parquet", groups)


def as_text(column: Any) -> tuple[Any, list[int]]:
    """A column of any type as strings without nulls, and the rows whose value was lost."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    lost: list[int] = []
    if pa.types.is_floating(kind):
        values = column.to_numpy(zero_copy_only=False).astype(np.float64)
        lost = np.flatnonzero(np.abs(values) >= LARGEST_SURE).tolist()
        text = pa.array([_show_float(value) for value in values.tolist()], pa.string())
    elif pa.types.is_timestamp(kind):
        text = _show_moments(column)
    elif pa.types.is_nested(kind):
        shown = [None if value is None else _show_json(value) for value in column.to_pylist()]
        text = pa.array(shown, pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        values = column.to_pylist()
        text = pa.array([value and value.decode("utf-8", errors="replace") for value in values], pa.string())
    else:
        text = column.cast(pa.string())
    # PostgreSQL cannot store NUL.
    text = pc.replace_substring(text, "\x00", "")
    return pc.fill_null(text, ""), lost


def _show_float(value: float) -> str | None:
    if value != value or abs(value) >= LARGEST_SURE:
        return None
    return str(int(value)) if value.is_integer() else repr(value)


def _show_moments(column: Any) -> Any:
    """Day and time without fractions; midnight is a day."""
    naive = pc.local_timestamp(column) if column.type.tz else column
    text = naive.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    return pc.replace_substring(text, " 00:00:00", "")


def _show_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
