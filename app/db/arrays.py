"""Binary COPY of whole numpy arrays: a million rows without one Python object a row.

PostgreSQL's binary COPY is a plain layout (documentation, "COPY, Binary Format"): a 19-byte header,
then for each row a 16-bit field count and for each field a 32-bit length and its bytes, big-endian.
When every row has the same fields present and the same lengths, a table *is* a numpy structured
array. Rows of another shape (a NULL, another word) are another block of the same COPY.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy.orm import Session

from app.db.copying import raw

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
NUMBERS = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "float4": ">f4", "float8": ">f8", "bool": "?"}
# EWKB of a 2D point with SRID: byte order, type with the SRID flag, SRID, x, y.
POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
POINT_TYPE, SRID = 0x20000001, 4326
# Rows (by id) that the server gathers into one message: well below its limit of 1 GB.
GATHERED = 2_000_000


@dataclass(frozen=True)
class Column:
    """One column of a block: a PostgreSQL type and its values (an array, or one value for all rows).

    `kind` is int2/int4/int8/float4/float8/bool, `text` (one string for all rows), `point`
    (an (n, 2) array of lon/lat) or `null`.
    """

    kind: str
    values: NDArray[np.generic] | str | int | float | bool | None = None


def copy_in_blocks(
    session: Session, table: str, columns: Sequence[str], blocks: Iterable[tuple[int, Sequence[Column]]]
) -> int:
    """COPY blocks of `(row count, columns)` into `table`; returns the number of rows."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with raw(session).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for rows, block in blocks:
            copy.write(pack_block(rows, block))
            count += rows
        copy.write(TRAILER)
    return count


def pack_block(rows: int, block: Sequence[Column]) -> bytes:
    """The COPY bytes of `rows` rows of one shape."""
    layout: list[tuple[str, str | np.dtype[np.void]]] = [("fields", ">i2")]
    for number, column in enumerate(block):
        layout.append((f"len{number}", ">i4"))
        if not _is_bare(column):
            layout.append((f"val{number}", _value_type(column)))
    packed = np.zeros(rows, dtype=np.dtype(layout))
    packed["fields"] = len(block)
    for number, column in enumerate(block):
        _fill(packed, number, column)
    return packed.tobytes()


def _is_bare(column: Column) -> bool:
    """Whether the field is its length alone: NULL, or a text of no bytes."""
    return column.kind == "null" or (column.kind == "text" and not str(column.values))


def _value_type(column: Column) -> "str | np.dtype[np.void]":
    if column.kind == "point":
        return POINT
    if column.kind == "text":
        return f"S{len(str(column.values).encode())}"
    return NUMBERS[column.kind]


def _fill(packed: NDArray[np.void], number: int, column: Column) -> None:
    if _is_bare(column):
        packed[f"len{number}"] = -1 if column.kind == "null" else 0
        return
    field = packed[f"val{number}"]
    packed[f"len{number}"] = field.dtype.itemsize
    if column.kind == "point":
        xy = np.asarray(column.values, dtype=np.float64)
        field["order"], field["type"], field["srid"] = 1, POINT_TYPE, SRID
        field["x"], field["y"] = xy[:, 0], xy[:, 1]
    elif column.kind == "text":
        field[...] = str(column.values).encode()
    else:
        field[...] = column.values


def copy_out_array(session: Session, query: str, fields: Sequence[tuple[str, str]]) -> NDArray[np.void]:
    """The rows of `query` (our own constant text) as one structured array; no column may be NULL.

    `fields` are `(name, kind)` with a kind of `NUMBERS`, the first an id. The server gathers each column
    into PostgreSQL arrays, a few million rows each: a million rows travel in one message instead of a
    million (measured: 4 times faster than a COPY row by row). Raises ValueError for a NULL.
    """
    dtype = np.dtype([(name, NUMBERS[kind][1:] if len(NUMBERS[kind]) > 1 else "?") for name, kind in fields])
    names = [f"c{number}" for number in range(len(fields))]
    gathered = ", ".join(f"array_agg({name}::{kind})" for name, (_, kind) in zip(names, fields, strict=True))
    whole = f"SELECT {gathered} FROM ({query}) AS r ({', '.join(names)}) GROUP BY c0 / {GATHERED}"  # noqa: S608
    # The COPY is over before anything is read: a refused value must not leave the connection inside it.
    parts = [_read_row(row, fields, dtype) for row in list(_copy_rows(session, whole))]
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def _copy_rows(session: Session, query: str) -> Iterator[bytes]:
    """The binary rows of a COPY, without its header and trailer."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(sql.SQL(query))
    with raw(session).cursor() as cursor, cursor.copy(statement) as copy:
        for number, message in enumerate(copy):
            row = bytes(message)
            row = row[len(HEADER) :] if number == 0 else row
            if row and row != TRAILER:
                yield row


def _read_row(row: bytes, fields: Sequence[tuple[str, str]], dtype: "np.dtype[np.void]") -> NDArray[np.void]:
    """One row of arrays as a structured array: 16-bit field count, then for each its length and bytes."""
    columns, at = [], 2
    for _, kind in fields:
        length = int.from_bytes(row[at : at + 4], "big", signed=True)
        columns.append(_read_array(row[at + 4 : at + 4 + length], kind))
        at += 4 + length
    rows = np.empty(len(columns[0]), dtype=dtype)
    for (name, _), column in zip(fields, columns, strict=True):
        rows[name] = column
    return rows


def _read_array(data: bytes, kind: str) -> NDArray[np.generic]:
    """The values of a one-dimensional binary array: header of 20 bytes, then (length, value) for each."""
    _dimensions, has_null, _type, count, _first = struct.unpack(">iiIii", data[:20])
    if has_null:
        raise ValueError("a column holds a NULL")
    pairs = np.frombuffer(data, dtype=[("length", ">i4"), ("value", NUMBERS[kind])], count=count, offset=20)
    return pairs["value"]
