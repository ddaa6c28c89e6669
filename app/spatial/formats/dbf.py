"""The attribute table of a shapefile, read as bytes and written as bytes.

GDAL would trust the language byte or a .cpg; here every text stays bytes until the encoding is decided from
all of them. Layout: dBASE III/IV, header 32 bytes, 32 a field, records of fixed width behind a deletion mark.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.spatial.formats.encoding import decode
from app.spatial.formats.refusals import refuse

_GBK_LANGUAGE, _NO_LANGUAGE = 0x4D, 0x00
_TEXT_LIMIT = 254
_HALF_CHARACTER = re.compile("\ufffd+(?=_?[0-9]*$)")


@dataclass(frozen=True)
class Field:
    """One column as the header has it: raw name, type letter, width in bytes, decimals."""

    name: bytes
    kind: str
    width: int
    decimals: int


@dataclass(frozen=True)
class Table:
    """The raw table: per field its cells as bytes, the rows that are marked deleted, the language byte."""

    fields: tuple[Field, ...]
    cells: tuple[list[bytes], ...]
    deleted: tuple[bool, ...]
    language: int

    def texts(self) -> Iterator[bytes]:
        """Yield every text that tells something about the encoding: field names, then character cells."""
        yield from (field.name for field in self.fields)
        for field, cells in zip(self.fields, self.cells, strict=True):
            if field.kind == "C":
                yield from cells


def _read_fields(header: bytes, record_bytes: int) -> tuple[Field, ...]:
    fields = []
    for start in range(32, len(header) - 31, 32):
        if header[start] == 0x0D:
            break
        name, kind = header[start : start + 11].split(b"\0")[0].strip(), chr(header[start + 11])
        fields.append(Field(name, kind, header[start + 16], header[start + 17]))
    if 1 + sum(field.width for field in fields) != record_bytes:
        fields = [_widen(field) for field in fields]
    if not fields or 1 + sum(field.width for field in fields) > record_bytes:
        raise refuse("dbf_broken")
    return tuple(fields)


def _widen(field: Field) -> Field:
    """Clipper and FoxPro store text fields above 255 bytes with the high byte in the decimals."""
    return Field(field.name, "C", field.width + 256 * field.decimals, 0) if field.kind == "C" else field


def read_table(data: bytes) -> Table:
    """Read a .dbf. Raises RefusedFile dbf_broken, or dbf_truncated when rows are missing at the end."""
    if len(data) < 33:
        raise refuse("dbf_truncated")
    rows, header_bytes, record_bytes = struct.unpack_from("<IHH", data, 4)
    if header_bytes < 33 or record_bytes < 2:
        raise refuse("dbf_broken")
    if len(data) < header_bytes + rows * record_bytes:
        raise refuse("dbf_truncated", f"{len(data)} < {header_bytes + rows * record_bytes}")
    fields = _read_fields(data[:header_bytes], record_bytes)
    names = [f"f{number}" for number in range(len(fields))]
    starts = np.cumsum([1, *(field.width for field in fields)])[:-1].tolist()
    formats = [f"S{max(field.width, 1)}" for field in fields]
    layout = np.dtype(
        {
            "names": ["mark", *names],
            "formats": ["S1", *formats],
            "offsets": [0, *starts],
            "itemsize": record_bytes,
        }
    )
    records = np.frombuffer(data, layout, rows, header_bytes)
    cells = tuple([bytes(cell).strip(b" \0") for cell in records[name].tolist()] for name in names)
    return Table(fields, cells, tuple((records["mark"] == b"*").tolist()), data[29])


def _number(cell: bytes) -> int | float | None:
    text = cell.replace(b",", b".").decode("ascii", "replace").strip()
    if not text or text.startswith("*"):
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _date(cell: bytes) -> str | None:
    if len(cell) != 8 or not cell.isdigit() or cell == b"00000000":
        return None
    text = cell.decode("ascii")
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def _truth(cell: bytes) -> bool | None:
    return {b"T": True, b"Y": True, b"F": False, b"N": False}.get(cell.upper())


_PLAIN = {"N": _number, "F": _number, "D": _date, "L": _truth}


def columns_of(table: Table, encoding: str) -> tuple[dict[str, list[Any]], list[int]]:
    """Return (columns of plain values, 0-based rows whose text could not be read whole) in one encoding.

    Blank cells are None; dates are ISO texts; memo and unknown types come as None.
    """
    columns: dict[str, list[Any]] = {}
    broken: set[int] = set()
    for number, (field, cells) in enumerate(zip(table.fields, table.cells, strict=True)):
        name = _free_name(_heading(field.name, encoding) or f"field_{number + 1}", columns)
        if field.kind == "C":
            columns[name] = list(_texts(cells, encoding, broken))
        else:
            reader = _PLAIN.get(field.kind)
            columns[name] = [reader(cell) if reader else None for cell in cells]
    return columns, sorted(broken)


def _heading(raw: bytes, encoding: str) -> str:
    """A heading without the half character that a cut at ten bytes has left, also before a number."""
    return _HALF_CHARACTER.sub("", decode(raw, encoding)[0])


def _texts(cells: list[bytes], encoding: str, broken: set[int]) -> Iterator[str | None]:
    for row, cell in enumerate(cells):
        if cell.isascii():
            yield cell.decode("ascii") or None
            continue
        text, whole = decode(cell, encoding)
        if not whole:
            broken.add(row)
        yield text or None


def _free_name(name: str, taken: dict[str, list[Any]]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def write_table(columns: dict[str, list[Any]], encoding: str) -> bytes:
    """Return the bytes of a .dbf of these columns (all of one length).

    Names are cut at 10 bytes and texts at 254, always between two characters. The date in the header is
    fixed, so equal columns give equal bytes. Raises UnicodeEncodeError when a text does not fit the encoding.
    """
    rows = len(next(iter(columns.values()), []))
    fields, cells, taken = [], [], set[bytes]()
    for name, values in columns.items():
        field, column = _lay_out(_short_name(name, encoding, taken), values, encoding)
        fields.append(field)
        cells.append(column)
    record_bytes = 1 + sum(field.width for field in fields)
    language = _GBK_LANGUAGE if encoding == "gbk" else _NO_LANGUAGE
    header = struct.pack("<BBBBIHH17xBxx", 3, 100, 1, 1, rows, 33 + 32 * len(fields), record_bytes, language)
    for field in fields:
        header += struct.pack("<11sc4xBB14x", field.name, field.kind.encode(), field.width, field.decimals)
    body = b"".join(b" " + b"".join(row) for row in zip(*cells, strict=True))
    return header + b"\r" + body + b"\x1a"


def _cut(text: str, encoding: str, width: int) -> bytes:
    raw = text.encode(encoding)
    while len(raw) > width:
        text = text[:-1]
        raw = text.encode(encoding)
    return raw


def _short_name(name: str, encoding: str, taken: set[bytes]) -> bytes:
    short, number = _cut(name, encoding, 10), 1
    while short in taken:
        short = _cut(name, encoding, 8) + b"_%d" % number
        number += 1
    taken.add(short)
    return short


def _lay_out(name: bytes, values: list[Any], encoding: str) -> tuple[Field, list[bytes]]:
    """Choose type and width of one column and return its padded cells."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        cells = [b"?" if value is None else (b"T" if value else b"F") for value in values]
        return Field(name, "L", 1, 0), cells
    if known and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known):
        return _lay_out_numbers(name, values)
    raw = [b"" if value is None else _cut(str(value), encoding, _TEXT_LIMIT) for value in values]
    width = max([1, *map(len, raw)])
    return Field(name, "C", width, 0), [cell.ljust(width) for cell in raw]


def _lay_out_numbers(name: bytes, values: list[Any]) -> tuple[Field, list[bytes]]:
    whole = all(value is None or isinstance(value, int) for value in values)
    decimals = 0 if whole else 8
    raw = [b"" if value is None else f"{value:.{decimals}f}".encode() for value in values]
    width = max([1, *map(len, raw)])
    return Field(name, "N", width, decimals), [cell.rjust(width) for cell in raw]
