"""Sound files that the attacks are made from: nine village squares in every format, as bytes, made once."""

import csv
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import shapely

from app.spatial import formats
from tests.samples import boundary_files as made
from tests.samples import gdal_files, text_files

ROWS = 9


def _written(suffix: str, **how: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"villages{suffix}"
        return formats.write(path, made.village_columns(), made.village_squares(), **how).read_bytes()


@lru_cache
def geojson() -> bytes:
    """Nine villages as GeoJSON."""
    return _written(".geojson")


@lru_cache
def geopackage() -> bytes:
    """Nine villages as GeoPackage."""
    return _written(".gpkg")


@lru_cache
def shapefile() -> bytes:
    """Nine villages as a zipped GBK shapefile."""
    return _written(".zip")


@lru_cache
def parts() -> dict[str, bytes]:
    """The parts of the shapefile by suffix."""
    with zipfile.ZipFile(BytesIO(shapefile())) as archive:
        return {Path(name).suffix: archive.read(name) for name in archive.namelist()}


@lru_cache
def mapinfo() -> dict[str, bytes]:
    """The parts of nine villages as a MapInfo table, by suffix."""
    with tempfile.TemporaryDirectory() as folder:
        return gdal_files.tab_parts(Path(folder) / "tab")


@lru_cache
def interchange() -> dict[str, bytes]:
    """The parts of nine villages as MapInfo MIF/MID, by suffix."""
    with tempfile.TemporaryDirectory() as folder:
        return gdal_files.mif_parts(Path(folder) / "mif")


@lru_cache
def drawing() -> bytes:
    """Nine closed rings with a name in each, as DXF."""
    entities = []
    for row in range(ROWS):
        entities.append(gdal_files.square("村界", 40_500_000.0 + 1000 * row, 3_500_000.0))
        entities.append(gdal_files.text(made.VILLAGES[row], 40_500_500.0 + 1000 * row, 3_500_500.0))
    with tempfile.TemporaryDirectory() as folder:
        return gdal_files.write_dxf(Path(folder) / "a.dxf", entities).read_bytes()


@lru_cache
def geodatabase() -> dict[str, bytes]:
    """The files of nine villages as a file geodatabase, by name."""
    with tempfile.TemporaryDirectory() as folder:
        return gdal_files.folder_members(gdal_files.write_gdb(Path(folder) / "a.gdb", layer="villages"))


def kml() -> bytes:
    """Nine villages as KML."""
    places = "".join(
        text_files.placemark(name, text_files.polygon_kml(text_files.ring(121.2 + 0.01 * row)))
        for row, name in enumerate(made.VILLAGES[:ROWS])
    )
    return text_files.kml(places).encode()


def sequence() -> bytes:
    """Nine villages as GeoJSON, one a line."""
    return text_files.sequence(ROWS).encode()


def topology() -> bytes:
    """Two villages and a null shape as TopoJSON, and a line beside them."""
    return json.dumps(text_files.topology(), ensure_ascii=False).encode()


@lru_cache
def cells() -> list[list[Any]]:
    """Headings and nine villages with their outlines as WKT."""
    columns = made.village_columns()
    rows = zip(columns["村名"], columns["code"], made.village_squares(), strict=True)
    return [["村名", "code", "wkt"], *([name, code, shape.wkt] for name, code, shape in rows)]


def table() -> bytes:
    """Nine villages as CSV with a column of WKT."""
    sink = StringIO()
    csv.writer(sink).writerows(cells())
    return sink.getvalue().encode()


@lru_cache
def workbook() -> bytes:
    """Nine villages as an Excel workbook with a column of WKT."""
    book = openpyxl.Workbook()
    for row in cells():
        book.active.append(row)
    sink = BytesIO()
    book.save(sink)
    return sink.getvalue()


@lru_cache
def parquet(**how: Any) -> bytes:
    """Nine villages as GeoParquet; `compression`, `row_group_size` as Arrow names them."""
    about = {"encoding": "WKB", "geometry_types": ["Polygon"], "crs": None}
    return parquet_of(
        {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}, **how
    )


def parquet_of(about: Any, shapes: list[Any] | None = None, **how: Any) -> bytes:
    """A Parquet file of names and shapes (bytes) with this `geo` entry."""
    wkb = [shapely.to_wkb(one) for one in made.village_squares()] if shapes is None else shapes
    names = made.village_columns(len(wkb))["村名"]
    data = pyarrow.table({"村名": names, "geometry": pyarrow.array(wkb)})
    geo = about if isinstance(about, bytes) else json.dumps(about).encode()
    sink = BytesIO()
    pyarrow.parquet.write_table(data.replace_schema_metadata({b"geo": geo}), sink, **how)
    return sink.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    """The members of a zip by name."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members, always the same bytes."""
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return sink.getvalue()


def zipped_shapefile(**changed: bytes | None) -> bytes:
    """The shapefile with parts exchanged (`shp=`, `dbf=`, `prj=`…); None leaves a part out."""
    now = {**parts(), **{f".{key}": data for key, data in changed.items()}}
    return packed({f"a{suffix}": data for suffix, data in now.items() if data is not None})


def collection(*features: Any, **more: Any) -> str:
    """A GeoJSON feature collection as text; NaN and Infinity are written as Python writes them."""
    return json.dumps(made.collection(list(features), **more))


def village(geometry: Any = None, /, **properties: Any) -> dict[str, Any]:
    """A feature: a square unless a geometry is given."""
    return made.feature(made.square_json() if geometry is None else geometry, **properties)


def edited_database(data: bytes, edit: Callable[[sqlite3.Connection], object]) -> bytes:
    """An SQLite file after `edit`, with checks of its schema switched off."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edited.db"
        path.write_bytes(data)
        database = sqlite3.connect(path)
        database.execute("PRAGMA trusted_schema=ON")
        edit(database)
        database.commit()
        database.execute("PRAGMA journal_mode=DELETE")
        database.close()
        return path.read_bytes()
