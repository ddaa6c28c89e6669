"""CSV, TSV and their kin: whatever delimiter, whatever encoding, titles above the headings or not."""

import csv
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from app.spatial.formats.geojson import plain_head
from app.spatial.formats.layer import Found, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import looks_like_shape, read_shape
from app.spatial.formats.source import Source
from app.spatial.formats.tables.grid import Plan, find_plan, make_found
from app.spatial.formats.texts import Text, read_text

_DELIMITERS = (",", "\t", ";", "|")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_EXCEL_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_TRIED_ROWS, _TRIED_SHAPES = 60, 5
_OPENING = b"<{[%"


def looks_like_table(head: bytes) -> bool:
    """Tell by the first bytes whether this is text that may be cut at commas, tabs, semicolons or bars."""
    plain = plain_head(head)
    if not plain or plain[:1] in (bytes([sign]) for sign in _OPENING) or _NO_TEXT.search(plain):
        return False
    if any(sign in plain for sign in (b",", b"\t", b";", b"|")):
        return True
    return any(map(looks_like_shape, plain[:4096].decode("utf-8", "replace").splitlines()[:5]))


def list_layers(source: Source) -> list[str]:
    """A delimited file is one layer. Raises RefusedFile no_geometry_column, table_broken, table_truncated."""
    _load(source.parts[".csv"], None, source.limits)
    return [source.name]


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read the table; every cell stays text, an empty one is None."""
    rows, plan, said = _load(source.parts[".csv"], encoding, source.limits)
    return make_found(layer, rows, plan, finding=said.finding, notes=said.notes)


@lru_cache(maxsize=2)
def _load(path: Path, encoding: str | None, limits: Limits) -> tuple[list[list[Any]], Plan, Text]:
    csv.field_size_limit(limits.upload_bytes)
    said = read_text(path.read_bytes(), encoding)
    text = said.text.rstrip("\0\x1a")
    marked = _SEPARATOR_LINE.match(text)
    delimiter = marked[1] if marked else _choose_delimiter(text)
    body = text[marked.end() :] if marked else text
    rows = [_tidy(row) for row in _parse(body, delimiter, limits)]
    plan = find_plan(rows)
    if plan is None or (not plan.lon_lat and not _has_whole_shape(rows)):
        rows = [_rejoin(row) for row in rows]
        plan = find_plan(rows)
    if plan is None:
        first = next((row for row in rows if any(row)), [])
        raise refuse("no_geometry_column", "、".join(str(cell) for cell in first if cell)[:120])
    return rows, plan, said


def _choose_delimiter(text: str) -> str:
    """The delimiter that leaves most shapes whole, else the one that finds longitude and latitude."""
    return max(_DELIMITERS, key=lambda delimiter: _weigh(text, delimiter))


def _weigh(text: str, delimiter: str) -> tuple[int, int, int]:
    try:
        rows = [_tidy(row) for row in islice(csv.reader(io.StringIO(text), delimiter=delimiter), _TRIED_ROWS)]
    except csv.Error:
        return 0, 0, 0
    plan = find_plan(rows)
    whole = sum(1 for cell in islice(_shape_cells(rows), _TRIED_SHAPES) if read_shape(cell).sound)
    widths = [len(row) for row in rows if len(row) > 1]
    same = max((widths.count(width) for width in set(widths)), default=0)
    return whole, int(plan is not None and plan.lon_lat is not None), same


def _shape_cells(rows: list[list[Any]]) -> Iterator[Any]:
    return (cell for row in rows for cell in row if looks_like_shape(cell))


def _has_whole_shape(rows: list[list[Any]]) -> bool:
    return any(read_shape(cell).sound for cell in islice(_shape_cells(rows), _TRIED_SHAPES))


def _parse(text: str, delimiter: str, limits: Limits) -> list[list[str]]:
    """Take the text apart, strictly; a table that knows no quotation marks is tried without them."""
    try:
        return _take(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), limits)
    except csv.Error as error:
        if "unexpected end of data" in str(error) and delimiter == ",":
            raise refuse("table_truncated") from None
    try:
        plain = _take(csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE), limits)
    except csv.Error:
        raise refuse("table_broken") from None
    widths = {len(row) for row in plain if row}
    if len(widths) > 1:
        raise refuse("table_broken")
    return plain


def _take(reader: Iterator[list[str]], limits: Limits) -> list[list[str]]:
    rows = list(islice(reader, limits.rows + _TRIED_ROWS + 1))
    if len(rows) > limits.rows + _TRIED_ROWS:
        raise refuse("too_many_rows", f"> {limits.rows}")
    return rows


def _tidy(row: list[str]) -> list[Any]:
    """Empty cells are None; Excel's way of keeping text (`="0206"`) is taken off."""
    return [_tidy_cell(cell) for cell in row]


def _tidy_cell(cell: str) -> str | None:
    match = _EXCEL_TEXT.fullmatch(cell)
    return (match[1] if match else cell).strip() or None


def _rejoin(row: list[Any]) -> list[Any]:
    """Put a shape together again that was written with its commas but without quotation marks."""
    start = next((at for at, cell in enumerate(row) if looks_like_shape(cell)), None)
    if start is None:
        return row
    depth = 0
    for at in range(start, len(row)):
        depth += str(row[at] or "").count("(") - str(row[at] or "").count(")")
        if depth <= 0:
            whole = ",".join(str(cell or "") for cell in row[start : at + 1])
            return [*row[:start], whole, *row[at + 1 :]]
    return row
