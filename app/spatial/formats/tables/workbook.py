"""Excel workbooks (.xlsx): every sheet with shapes or with longitude and latitude is a layer.

The zip is held against the archive limits before the library opens it; cells keep what they hold: a code
that somebody made a number stays a number, to be asked about later, and formulas give their last value.
"""

import datetime as dt
import mimetypes
import re
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.errors import RefusedFile
from app.spatial.formats.archive import check_archive
from app.spatial.formats.layer import EncodingFinding, Found, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.formats.tables.grid import Plan, find_plan, make_found

_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"))
_MOST_CELLS = 30_000_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
Sheet = tuple[list[list[Any]], Plan]


def looks_like_workbook(head: bytes) -> bool:
    """Tell by the first bytes whether this is a zip with the parts of an Office file."""
    return head.startswith(b"PK\x03\x04") and (b"[Content_Types].xml" in head or b"xl/w" in head)


def list_layers(source: Source) -> list[str]:
    """Return the sheets that are layers; hidden ones only when no visible sheet is one."""
    return list(_sheets(source))


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one sheet. Raises RefusedFile workbook_broken, no_geometry_column, and as `check_archive`."""
    rows, plan = _sheets(source)[layer]
    return make_found(layer, rows, plan, finding=EncodingFinding("utf-8", "standard"))


def _sheets(source: Source) -> dict[str, Sheet]:
    sheets = _load(source.parts[".xlsx"], source.limits)
    return {source.name: next(iter(sheets.values()))} if len(sheets) == 1 else sheets


@lru_cache(maxsize=2)
def _load(path: Path, limits: Limits) -> dict[str, Sheet]:
    check_archive(path, limits)
    try:
        return _open(path, limits)
    except (RefusedFile, MemoryError):
        raise
    except Exception as error:  # whatever the library makes of a broken workbook
        raise refuse("workbook_broken") from error


def _open(path: Path, limits: Limits) -> dict[str, Sheet]:
    mimetypes.knownfiles.clear()  # the library would look for lists of the system that are closed to us
    import openpyxl

    shown, hidden = dict[str, Sheet](), dict[str, Sheet]()
    with path.open("rb") as file:  # by its name the library would only take certain suffixes
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            rows = _rows(sheet, limits)
            _fill_merged(rows, path, getattr(sheet, "_worksheet_path", ""))
            plan = find_plan(rows)
            if plan is not None:
                (shown if sheet.sheet_state == "visible" else hidden)[str(sheet.title)] = (rows, plan)
    if not shown and not hidden:
        raise refuse("no_geometry_column", "、".join(book.sheetnames)[:120])
    return shown or hidden


def _rows(sheet: Any, limits: Limits) -> list[list[Any]]:
    rows, cells = list[list[Any]](), 0
    sheet.reset_dimensions()  # what a sheet says of its own size is often wrong
    for row in sheet.iter_rows(values_only=True):
        values = [_plain(cell) for cell in row]
        while values and values[-1] is None:
            values.pop()
        rows.append(values)
        cells += len(values)
        if len(rows) > limits.rows + 100 or cells > _MOST_CELLS:
            _drop_blank(rows)
            if len(rows) > limits.rows or cells > _MOST_CELLS:
                raise refuse("too_many_rows", f"> {limits.rows}")
    _drop_blank(rows)
    return rows


def _drop_blank(rows: list[list[Any]]) -> None:
    while rows and not rows[-1]:
        rows.pop()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return None if value in _ERRORS or not value.strip() else value
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return str(value)
    return value


def _fill_merged(rows: list[list[Any]], path: Path, part: str) -> None:
    """Write the value of cells merged over several rows (a town over its villages) into each of them."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = archive.read(part)
    except KeyError:
        return
    for found in _MERGED.finditer(data, max(data.rfind(b"</sheetData>"), 0)):
        left, top, right, bottom = _number(found[1]), int(found[2]) - 1, _number(found[3]), int(found[4])
        if left != right or top >= len(rows) or left >= len(rows[top]) or rows[top][left] is None:
            continue
        for row in rows[top + 1 : bottom]:
            row.extend([None] * (left + 1 - len(row)))
            row[left] = rows[top][left]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
