"""Binary COPY of whole numpy arrays: a million rows without one Python object a row.

PostgreSQL's binary COPY is a plain layout (documentation, "COPY, Binary Format"): a 19-byte header,
then for each row a 16-bit field count and for each field a 32-bit length and its bytes, big-endian.
When every row has the same fields present and the same lengths, a table *is* a numpy structured
array. Rows of another shape (a NULL, another word) are another block of the same COPY.
"""

from collections.abc import Iterable, Sequence
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
        if column.kind != "null":
            layout.append((f"val{number}", _value_type(column)))
    packed = np.zeros(rows, dtype=np.dtype(layout))
    packed["fields"] = len(block)
    for number, column in enumerate(block):
        _fill(packed, number, column)
    return packed.tobytes()


def _value_type(column: Column) -> "str | np.dtype[np.void]":
    if column.kind == "point":
        return POINT
    if column.kind == "text":
        return f"S{len(str(column.values).encode()) or 1}"
    return NUMBERS[column.kind]


def _fill(packed: NDArray[np.void], number: int, column: Column) -> None:
    if column.kind == "null":
        packed[f"len{number}"] = -1
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
    """The rows of `query` as one structured array; no column may be NULL.

    `fields` are `(name, kind)`; kind is a number type of `NUMBERS` or `S<n>` for text that the query
    has padded to exactly n bytes (`rpad(…)::char`-like). `query` is our own constant text.
    """
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in fields:
        layout += [(f"len_{name}", ">i4"), (name, NUMBERS.get(kind, kind))]
    dtype = np.dtype(layout)
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(sql.SQL(query))
    with raw(session).cursor() as cursor, cursor.copy(statement) as copy:
        data = b"".join(copy)
    body = memoryview(data)[len(HEADER) : len(data) - len(TRAILER)]
    if len(body) % dtype.itemsize:
        raise ValueError("the query's rows are not all of the declared width (a NULL or unpadded text?)")
    rows = np.frombuffer(body, dtype=dtype)
    for name, kind in fields:
        if not bool(np.all(rows[f"len_{name}"] == np.dtype(NUMBERS.get(kind, kind)).itemsize)):
            raise ValueError(f"column {name} is not of the declared width")
    return rows
