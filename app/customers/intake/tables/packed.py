"""Slices that carry their rows: for tables that only one process can read, from the beginning on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from app.customers.intake.tables.table import Broken, Chunk, Lost, Slice


@dataclass(frozen=True)
class PackedSlice(Slice):
    """Rows as an Arrow stream: it travels as one piece of memory."""

    stream: bytes
    numbers: list[int]
    first: int
    last: int
    broken: list[Broken] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)

    def read(self) -> Chunk:
        """Unpack the rows."""
        with pa.ipc.open_stream(pa.BufferReader(self.stream)) as reader:
            table = reader.read_all().combine_chunks()
        columns = [
            column.chunk(0) if column.num_chunks else pa.array([], pa.string()) for column in table.columns
        ]
        return Chunk(np.array(self.numbers, dtype=np.int64), columns, self.last, self.broken, self.lost)


@dataclass
class Packer:
    """Gathers rows until there are enough for a slice; rows up to `after` are passed over."""

    width: int
    size: int
    after: int
    first: int = 0
    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    last: int = 0

    def add(
        self, numbers: list[int], rows: list[list[str]], lost: list[Lost], last: int
    ) -> Iterator[PackedSlice]:
        """Take rows in; slices that are full come out. `last` is the last row that was looked at."""
        if last <= self.after:
            return
        known = sum(number <= self.after for number in numbers)
        self.numbers += numbers[known:]
        self.rows += rows[known:]
        self.lost += [cell for cell in lost if cell.number > self.after]
        self.last = last
        while len(self.rows) > self.size:
            yield self._take(self.size, self.numbers[self.size - 1])

    def end(self) -> Iterator[PackedSlice]:
        """The last slice, if any row is left."""
        if self.rows:
            yield self._take(len(self.rows), self.last)

    def _take(self, count: int, last: int) -> PackedSlice:
        rows, numbers = self.rows[:count], self.numbers[:count]
        columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(self.width)]
        table = pa.table(columns, names=[str(at) for at in range(self.width)])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        lost = [cell for cell in self.lost if cell.number <= last]
        self.rows, self.numbers = self.rows[count:], self.numbers[count:]
        self.lost = self.lost[len(lost) :]
        return PackedSlice(sink.getvalue().to_pybytes(), numbers, numbers[0], last, [], lost)
