"""Workbooks, delimited text and GeoParquet out."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from app.spatial.formats.tables.grid import CELL_LIMIT
from app.spatial.formats.writing.outgoing import Outgoing, as_text, kind_of, plain
from app.spatial.formats.writing.vector import fit_encoding

_PIECE = CELL_LIMIT - 767
_LONGEST_NUMBER = 10**15
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_FIXED_STAMP = b"2020-01-01T00:00:00Z"
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_csv(path: Path, out: Outgoing) -> None:
    """Write delimited text with a column of WKT; UTF-8 with a mark (for Excel) unless asked otherwise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*out.columns, _free(out, "WKT")])
    for row, shape in zip(out.rows(), out.wkt(), strict=True):
        values = (plain(value) for value in row)
        writer.writerow(["" if value is None else as_text(value) for value in values] + [shape or ""])
    encoding = "utf-8-sig" if out.encoding in (None, "utf-8") else fit_encoding(out.columns, out.encoding)
    path.write_bytes(text.getvalue().encode(encoding))


def _free(out: Outgoing, wanted: str) -> str:
    name = wanted
    while name in out.columns:
        name += "_"
    return name


def write_xlsx(path: Path, out: Outgoing) -> None:
    """Write a workbook with the shapes as WKT; one too long for a cell goes on in WKT_2, WKT_3…

    Texts stay texts, and so do numbers of more than 15 digits, which Excel would round.
    """
    import openpyxl

    texts = [text or "" for text in out.wkt()]
    count = max((-(-len(text) // _PIECE) for text in texts), default=1) or 1
    stem = _free(out, "WKT")
    headings = [stem] if count == 1 else [f"{stem}_{number + 1}" for number in range(count)]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", "", out.name)[:31] or "Sheet1")
    sheet.append([_cell(sheet, heading) for heading in (*out.columns, *headings)])
    for row, text in zip(out.rows(), texts, strict=True):
        pieces = [text[at * _PIECE : (at + 1) * _PIECE] or None for at in range(count)]
        sheet.append([_cell(sheet, value) for value in (*row, *pieces)])
    data = io.BytesIO()
    book.save(data)
    path.write_bytes(_without_time(data.getvalue()))


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    value = plain(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LONGEST_NUMBER:
        value = str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    cell = WriteOnlyCell(sheet, _ILLEGAL.sub("", str(value)))
    cell.data_type, cell.number_format = "s", "@"  # text, also when it looks like a formula or a number
    return cell


def _without_time(data: bytes) -> bytes:
    """Pack a workbook anew without the time of day, so that equal layers give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            part = _STAMP.sub(_FIXED_STAMP, part) if name == "docProps/core.xml" else part
            target.writestr(zipfile.ZipInfo(name, _FIXED_TIME), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def write_parquet(path: Path, out: Outgoing) -> None:
    """Write GeoParquet 1.1 with WKB shapes; a shifted system of the web maps declares `crs` null."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    name = _free(out, "geometry")
    arrays = {heading: _array(pa, values) for heading, values in out.columns.items()}
    shapes = [None if wkb is None else wkb for wkb in shapely.to_wkb(shapely.force_2d(out.geoms)).tolist()]
    table = pa.table({**arrays, name: pa.array(shapes, pa.binary())})
    geo = json.dumps(_describe(out, name), ensure_ascii=False)
    pq.write_table(table.replace_schema_metadata({"geo": geo}), path, compression="zstd")


def _describe(out: Outgoing, name: str) -> dict[str, Any]:
    crs = out.declare()
    there = out.geoms[~shapely.is_missing(out.geoms)]
    about: dict[str, Any] = {
        "encoding": "WKB",
        "crs": None if crs is None else crs.to_json_dict(),
        "geometry_types": sorted({geom.geom_type for geom in there}),
    }
    if len(there):
        about["bbox"] = np.asarray(shapely.total_bounds(there)).tolist()
    return {"version": "1.1.0", "primary_column": name, "columns": {name: about}}


def _array(pa: Any, values: list[Any]) -> Any:
    kind = kind_of(values)
    types = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "text": pa.string()}
    cells = (plain(value) for value in values)
    if kind == "text":
        return pa.array([None if value is None else as_text(value) for value in cells], types[kind])
    return pa.array(list(cells), types[kind])
