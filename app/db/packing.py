"""Binary COPY of Arrow columns: texts of any length, NULLs anywhere, no Python object a row.

PostgreSQL's binary COPY (documentation, "COPY, Binary Format") is for each row a 16-bit field count and for
each field a 32-bit length and its bytes, big-endian. Every field becomes an array of byte strings; what has
one width in all rows is laid out as one numpy array together with the length of the text behind it; Arrow
joins them row by row at the speed of memory.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from psycopg import sql
from sqlalchemy.orm import Session

from app.db.arrays import HEADER, POINT, POINT_TYPE, SRID, TRAILER
from app.db.copying import raw

# Days from Arrow's epoch (1970) to PostgreSQL's (2000).
EPOCH_DAYS = 10_957
WIDTHS = {
    pa.int16(): ">i2",
    pa.int32(): ">i4",
    pa.int64(): ">i8",
    pa.float64(): ">f8",
    pa.bool_(): "u1",
    pa.date32(): ">i4",
}
# Five groups of four digits: thousands of millions of millions before the point, two digits behind it.
_GROUPS = np.array([10**14, 10**10, 10**6, 10**2], dtype=np.int64)
NUMERIC = np.dtype(
    [("groups", ">i2"), ("weight", ">i2"), ("sign", ">u2"), ("scale", ">i2"), ("digit", ">i2", 5)]
)

Ints = npt.NDArray[np.int64]


def copy_packed(session: Session, table: str, columns: Sequence[str], blocks: Iterable[bytes]) -> None:
    """COPY the bytes of `pack_rows` (those of one call or of many) into `table`."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with raw(session).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for block in blocks:
            copy.write(block)
        copy.write(TRAILER)


def pack_rows(columns: Sequence[pa.Array]) -> bytes:
    """The COPY bytes of rows: columns of one length, each int16, int32, int64, float64, bool, date32, text
    or binary (bytea, and whatever else is sent as its own binary form: `points_of`, `amounts_of`)."""
    rows = len(columns[0])
    if not rows:
        return b""
    row = _Row(rows)
    row.add_plain(np.full(rows, len(columns), dtype=">i2"))
    for column in columns:
        _add(row, column)
    return row.join()


class _Row:
    """The elements of every row so far; plain ones side by side wait to become one."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.elements: list[pa.Array] = []
        self._plain: list[npt.NDArray[np.generic]] = []

    def add_plain(self, values: npt.NDArray[np.generic]) -> None:
        """An element of the same width in all rows."""
        self._plain.append(values)

    def add(self, values: pa.Array) -> None:
        """An element of its own width in each row: binary without NULLs."""
        self._flush()
        self.elements.append(values)

    def _flush(self) -> None:
        if not self._plain:
            return
        packed = np.empty(self.rows, dtype=[(f"f{n}", part.dtype) for n, part in enumerate(self._plain)])
        for number, part in enumerate(self._plain):
            packed[f"f{number}"] = part
        self.elements.append(fixed_of(packed))
        self._plain = []

    def join(self) -> bytes:
        self._flush()
        joined = pc.binary_join_element_wise(*self.elements, pa.scalar(b"", pa.large_binary()))
        _, offsets, data = joined.buffers()
        ends = np.frombuffer(offsets, dtype=np.int64, count=self.rows + 1 + joined.offset)
        return bytes(memoryview(data)[ends[joined.offset] : ends[-1]])


def fixed_of(packed: npt.NDArray[np.generic]) -> pa.Array:
    """An array of records (n,) as binary of one width, without copying."""
    packed = np.ascontiguousarray(packed)
    ends = np.arange(len(packed) + 1, dtype=np.int64) * packed.dtype.itemsize
    return pa.Array.from_buffers(
        pa.large_binary(), len(packed), [None, pa.py_buffer(ends), pa.py_buffer(packed.view(np.uint8))]
    )


def _add(row: _Row, column: pa.Array) -> None:
    if column.type in WIDTHS:
        _add_number(row, column)
        return
    lengths = pc.binary_length(column)
    if column.null_count:
        lengths, column = pc.fill_null(lengths, -1), pc.fill_null(column.cast(pa.large_binary()), b"")
    row.add_plain(lengths.to_numpy(zero_copy_only=False).astype(">i4"))
    row.add(column.cast(pa.large_binary()))


def _add_number(row: _Row, column: pa.Array) -> None:
    wire = np.dtype(WIDTHS[column.type])
    known = pc.is_valid(column).to_numpy(zero_copy_only=False)
    if pa.types.is_date32(column.type):
        column = pc.subtract(column.cast(pa.int32()), pa.scalar(EPOCH_DAYS, pa.int32()))
    blank = False if pa.types.is_boolean(column.type) else 0
    values = pc.fill_null(column, blank).to_numpy(zero_copy_only=False).astype(wire)
    if known.all():
        row.add_plain(np.full(len(values), wire.itemsize, dtype=">i4"))
        row.add_plain(values)
        return
    row.add_plain(np.where(known, wire.itemsize, -1).astype(">i4"))
    row.add(_where(known, values))


def _where(known: npt.NDArray[np.bool_], values: npt.NDArray[np.generic]) -> pa.Array:
    """The values of known rows as binary, nothing in the others."""
    ends = np.concatenate(([0], np.cumsum(known) * values.dtype.itemsize)).astype(np.int64)
    data = np.ascontiguousarray(values[known]).view(np.uint8)
    return pa.Array.from_buffers(
        pa.large_binary(), len(known), [None, pa.py_buffer(ends), pa.py_buffer(data)]
    )


def points_of(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> pa.Array:
    """Points (lon, lat; n,) as EWKB of SRID 4326; NULL where x is NaN."""
    packed = np.zeros(len(x), dtype=POINT)
    packed["order"], packed["type"], packed["srid"] = 1, POINT_TYPE, SRID
    packed["x"], packed["y"] = x, y
    return _nullable(packed, ~np.isnan(x))


def amounts_of(cents: Ints, known: npt.NDArray[np.bool_]) -> pa.Array:
    """Cents (n,), below 10^16, as numeric with two decimals; NULL where not `known`."""
    packed = np.zeros(len(cents), dtype=NUMERIC)
    packed["groups"], packed["weight"], packed["scale"] = 5, 3, 2
    packed["sign"] = np.where(cents < 0, 0x4000, 0)
    size = np.abs(cents)
    for place, unit in enumerate(_GROUPS.tolist()):
        packed["digit"][:, place] = size // unit % 10_000
    packed["digit"][:, 4] = size % 100 * 100
    return _nullable(packed, known)


def _nullable(packed: npt.NDArray[np.void], known: npt.NDArray[np.bool_]) -> pa.Array:
    whole = fixed_of(packed)
    if known.all():
        return whole
    bits = pa.array(known).buffers()[1]
    return pa.Array.from_buffers(pa.large_binary(), len(packed), [bits, *whole.buffers()[1:]])
