"""The only door to GDAL for files from outside; imported in the reader's own process alone.

The allow-list is set before the library wakes up, and checked after: GDAL picks its driver by content, and a
VRT named boundary.geojson would otherwise read other files or fetch addresses. Of the allowed drivers only
those of the formats found in this upload are woken (`expect`), and what a file was opened with is checked.
"""

import logging
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import RefusedFile
from app.spatial.formats.fence import start_no_process
from app.spatial.formats.refusals import refuse

ALLOWED = ("ESRI Shapefile", "GPKG", "OpenFileGDB", "MapInfo File", "DXF")
# Every other vector driver of GDAL 3.4 to 3.13; a newer name is found by `_check_drivers` and skipped too.
_KNOWN = (
    "ADBC AIVector AVCBin AVCE00 AmigoCloud Arrow BAG CAD CSV CSW Carto Cloudant CouchDB DB2ODBC DGN "
    "DODS DWG EDIGEO EEDA ESRIJSON ElasticSearch Elasticsearch FileGDB FITS FlatGeobuf GDALG GML "
    "GMLAS GMT GNM GPSBabel GPSTrackMaker GPX GRASS GTFS GeoJSON GeoJSONSeq GeoRSS Geoconcept HANA HDF5 "
    "HTF HTTP IDB ILI Idrisi Ingres JML JP2OpenJPEG JSONFG KML LIBKML LVBAG Leveller MBTiles MEM "
    "MSSQLSpatial MVT MapML Memory MiraMonVector MongoDB MongoDBv3 MySQL NAS NGW NTF netCDF OAPIF OCI "
    "ODBC ODS OGCAPI OGDI OGR_DODS OGR_GMT OGR_OGDI OGR_PDS OGR_SDE OGR_VRT OSM OpenAir "
    "PCIDSK PDF PDS4 PGDUMP PGeo PLSCENES PMTiles Parquet PostgreSQL REC S57 SDTS SEGUKOOA SEGY SOSI "
    "SQLite SUA SVG SXF Selafin TIGER TopoJSON VDV VFK VICAR WAsP WFS WFS3 Walk XLS XLSX XODR XPlane"
)
_SPACED = ("Interlis 1", "Interlis 2", "UK .NTF", "ESRI JSON")
_BROKEN = {
    "ESRI Shapefile": "shp_broken",
    "GPKG": "gpkg_broken",
    "OpenFileGDB": "gdb_broken",
    "MapInfo File": "mapinfo_broken",
    "DXF": "dxf_broken",
}
_SKIP_MARK = "GETU_READER_SKIP"
_SAFE = {
    "GDAL_DRIVER_PATH": "disable",
    "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "OGR_SQLITE_JOURNAL": "MEMORY",
    "CPL_LOG": os.devnull,
    "DXF_ENCODING": "UTF-8",
    "OPENFILEGDB_IN_MEMORY_SPI": "NO",
}
_expected: set[str] = set(ALLOWED)


@dataclass(frozen=True)
class Vector:
    """What GDAL found: WKB shapes, columns of plain values, the declared CRS as WKT or `EPSG:n`."""

    wkb: list[bytes | None]
    columns: dict[str, list[Any]]
    crs: str | None


def expect(drivers: Iterable[str]) -> None:
    """Name the drivers that the formats of this upload need, before the first of them is used."""
    _expected.intersection_update(drivers)


def _wake() -> Any:
    """Import pyogrio with the allow-list in force and without pandas; refuse if another driver got in."""
    if "pyogrio.raw" in sys.modules:
        return sys.modules["pyogrio"]
    extra = os.environ.get(_SKIP_MARK, "")
    asleep = sorted(set(ALLOWED) - _expected)
    skip = ",".join([*_KNOWN.split(), *_SPACED, *asleep, *filter(None, extra.split(","))])
    # Not GDAL_SKIP with the same names as well: GDAL 3.12 dies when a driver is skipped twice.
    os.environ.update(_SAFE, OGR_SKIP=skip)
    for heavy in ("geopandas", "pandas", "pyarrow"):
        sys.modules.setdefault(heavy, None)  # type: ignore[arg-type]
    import pyogrio.raw

    logging.getLogger("pyogrio").disabled = True
    _check_drivers(set(pyogrio.list_drivers()), extra)
    start_no_process()
    return pyogrio


def _check_drivers(drivers: set[str], extra: str) -> None:
    foreign = drivers - _expected
    if not foreign:
        return
    if extra:
        raise refuse("reader_unsafe", ", ".join(sorted(foreign))[:200])
    os.environ[_SKIP_MARK] = ",".join(sorted(foreign))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves once more


def list_vector_layers(path: Path, driver: str) -> list[str]:
    """Return the names of the layers with geometry of a file. Raises RefusedFile in the driver's words."""
    pyogrio = _wake()
    try:
        return [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except (RuntimeError, ValueError) as error:
        raise _refuse(driver) from error


def read_vector(
    path: Path,
    *,
    driver: str,
    layer: str | None = None,
    columns: list[str] | None = None,
    encoding: str | None = None,
) -> Vector:
    """Read one layer with the driver that must be the one. `columns` None reads all; `encoding` overrides
    what GDAL thinks of text.

    Raises RefusedFile: the format is broken; content_mismatch when another driver took the file;
    layer_incomplete when fewer rows came than the file promises; UnicodeDecodeError when the text of a
    GeoPackage is not UTF-8.
    """
    pyogrio = _wake()
    try:
        told = pyogrio.read_info(path, layer=layer, encoding=encoding, force_feature_count=True)
        if told["driver"] != driver:
            raise refuse("content_mismatch", path.name)
        meta, _, wkb, values = pyogrio.raw.read(
            path, layer=layer, columns=columns, encoding=encoding, datetime_as_string=True
        )
    except UnicodeDecodeError as error:
        if encoding is None and driver == "GPKG":
            raise
        raise _refuse(driver) from error  # a name, not a cell: those were asked for as they are
    except (RuntimeError, ValueError) as error:
        raise _refuse(driver) from error
    # A GeoPackage's own count is kept by triggers and is often stale; its pages are checked instead.
    if driver != "GPKG" and told["features"] > len(wkb):
        raise refuse("layer_incomplete", f"{len(wkb)} / {told['features']}")
    names = [str(name) for name in meta["fields"]]
    types = [str(kind) for kind in meta["dtypes"]]
    table = {name: _plain(array, kind) for name, array, kind in zip(names, values, types, strict=True)}
    return Vector(list(wkb), table, meta["crs"])


def list_catalogue(folder: Path) -> dict[str, int]:
    """Return the number of the table of each name in a file geodatabase's own catalogue."""
    try:
        _, numbers, _, values = _wake().raw.read(
            folder,
            layer="GDB_SystemCatalog",
            columns=["Name"],
            return_fids=True,
            read_geometry=False,
            LIST_ALL_TABLES="YES",
        )
    except (RuntimeError, ValueError) as error:
        raise _refuse("OpenFileGDB") from error
    return dict(zip((str(name) for name in values[0]), numbers.tolist(), strict=True))


def _refuse(driver: str) -> RefusedFile:
    """A refusal in our own words: a library's words may hold paths and say nothing to a person."""
    return refuse(_BROKEN.get(driver, "unreadable"))


def _plain(array: Any, kind: str) -> list[Any]:
    """Turn a numpy column into plain values: NaN is None, and integers that met a null are integers again."""
    if array.dtype.kind == "f":
        whole = kind.startswith(("int", "uint"))
        return [None if not np.isfinite(v) else int(v) if whole else v for v in array.tolist()]
    return [
        v.hex() if isinstance(v, bytes) else str(v) if isinstance(v, np.ndarray) else v
        for v in array.tolist()
    ]
