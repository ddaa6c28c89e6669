"""Boundary files out: shapefile zip (GBK or UTF-8), GeoPackage, GeoJSON; they come in again unchanged."""

import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from app.errors import BadInput
from app.spatial.crs import from_storage, parse
from app.spatial.formats.dbf import write_table

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
Columns = dict[str, list[Any]]


class Writing(TypedDict, total=False):
    """How to write: `format` by key (else by suffix), `encoding` gbk | gb18030 | utf-8, `crs` of the file."""

    format: str
    encoding: str
    crs: str


def write(path: Path | str, columns: Columns, geoms: NDArray[Any], **how: Unpack[Writing]) -> Path:
    """Write shapes (object array (n,), EPSG:4326) with their columns to one file, and return its path.

    `format` is shapefile (a zip), geopackage or geojson; without it the suffix decides (.zip .gpkg .geojson).
    `crs` defaults to EPSG:4490 degrees; any system of `crs.parse` is possible. A shapefile's text is GBK
    unless `encoding` says otherwise; a character outside GBK turns it into GB18030. Equal input gives equal
    bytes for shapefiles and GeoJSON. Raises BadInput `unknown_format`, `unknown_crs`.
    """
    target = Path(path)
    key = how.get("format") or {".zip": "shapefile", ".gpkg": "geopackage"}.get(
        target.suffix.lower(), "geojson"
    )
    writer = _WRITERS.get(key)
    if writer is None:
        raise BadInput("unknown_format", zh=f"不支持的输出格式：{key}", en=f"Unknown output format: {key}")
    used = parse(how.get("crs", "EPSG:4490"))
    asked = how.get("crs", "EPSG:4490").upper()
    name = "EPSG:4490" if used == "EPSG:4326" and "4490" in asked else used
    moved = from_storage(np.asarray(geoms, object), used)
    writer(target, columns, moved, name, how.get("encoding", "gbk"))
    return target


def _declare(used: str) -> pyproj.CRS | None:
    """Return what the file may honestly declare; the web maps' shifted systems have no EPSG number."""
    base = used.removesuffix("/yx")
    return pyproj.CRS.from_user_input(base) if base.startswith("EPSG:") else None


def _write_with_gdal(
    path: Path, columns: Columns, geoms: NDArray[Any], *, driver: str, crs: str | None
) -> None:
    import pyogrio.raw

    values = [_array(column) for column in columns.values()]
    masks = [np.array([value is None for value in column]) for column in columns.values()]
    kinds = {kind for kind in shapely.get_type_id(geoms).tolist() if kind >= 0}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # gcj02 and bd09 have none; on purpose
        pyogrio.raw.write(
            path,
            shapely.to_wkb(shapely.force_2d(_as_multi(geoms, kinds))),
            values,
            list(columns),
            field_mask=masks,
            layer=path.stem,
            driver=driver,
            geometry_type=_type_name(kinds),
            crs=crs,
        )


def _as_multi(geoms: NDArray[Any], kinds: set[int]) -> NDArray[Any]:
    """Make every polygon a multipolygon when both are there or only polygons are: one type a layer."""
    if not kinds or not kinds <= {3, 6}:
        return geoms
    out = geoms.copy()
    for index in np.flatnonzero(shapely.get_type_id(geoms) == 3):
        out[index] = shapely.multipolygons([geoms[index]])
    return out


def _type_name(kinds: set[int]) -> str:
    if kinds <= {3, 6}:
        return "MultiPolygon"
    single = {0: "Point", 1: "LineString", 4: "MultiPoint", 5: "MultiLineString"}
    return single.get(next(iter(kinds)), "Unknown") if len(kinds) == 1 else "Unknown"


def _array(column: list[Any]) -> NDArray[Any]:
    known = [value for value in column if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return np.array([bool(value) for value in column])
    if known and all(isinstance(value, int) for value in known):
        return np.array([value or 0 for value in column], np.int64)
    if known and all(isinstance(value, (int, float)) for value in known):
        return np.array([np.nan if value is None else value for value in column], np.float64)
    return np.array([None if value is None else str(value) for value in column], object)


def _write_shapefile(path: Path, columns: Columns, geoms: NDArray[Any], used: str, encoding: str) -> None:
    encoding = _fitting(columns, encoding)
    crs = _declare(used)
    stem = path.stem if path.stem.isascii() else "boundary"
    with tempfile.TemporaryDirectory(prefix="getu-write-") as folder:
        shp = Path(folder) / f"{stem}.shp"
        _write_with_gdal(shp, {}, geoms, driver="ESRI Shapefile", crs=None)
        parts = {".shp": shp.read_bytes(), ".shx": shp.with_suffix(".shx").read_bytes()}
    table = columns or {"id": list(range(1, len(geoms) + 1))}
    parts[".dbf"] = write_table(table, encoding)
    parts[".cpg"] = encoding.upper().encode()
    if crs is not None:
        parts[".prj"] = crs.to_wkt("WKT1_ESRI").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, data in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(stem + suffix, _FIXED_TIME), data, zipfile.ZIP_DEFLATED)


def _fitting(columns: Columns, encoding: str) -> str:
    """Return gb18030 instead of gbk when a character such as 𫭢 needs it."""
    if encoding.lower() not in ("gbk", "gb2312"):
        return encoding.lower()
    texts = "".join(
        [*columns, *(str(v) for values in columns.values() for v in values if isinstance(v, str))]
    )
    try:
        texts.encode("gbk")
    except UnicodeEncodeError:
        return "gb18030"
    return "gbk"


def _write_geopackage(path: Path, columns: Columns, geoms: NDArray[Any], used: str, encoding: str) -> None:
    crs = _declare(used)
    path.unlink(missing_ok=True)
    _write_with_gdal(path, columns, geoms, driver="GPKG", crs=crs.to_wkt() if crs else None)


def _write_geojson(path: Path, columns: Columns, geoms: NDArray[Any], used: str, encoding: str) -> None:
    rows = zip(*columns.values(), strict=True) if columns else [()] * len(geoms)
    features = [
        {"type": "Feature", "properties": dict(zip(columns, row, strict=True)), "geometry": _geometry(geom)}
        for row, geom in zip(rows, geoms, strict=True)
    ]
    root: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    crs = _declare(used)
    if crs is not None and used != "EPSG:4326":
        name = f"urn:ogc:def:crs:EPSG::{used[5:].split('/')[0]}"
        root = {
            "type": root["type"],
            "crs": {"type": "name", "properties": {"name": name}},
            "features": features,
        }
    path.write_text(json.dumps(root, ensure_ascii=False), "utf-8")


def _geometry(geom: Any) -> Any:
    return None if geom is None else json.loads(shapely.to_geojson(geom))


_WRITERS: dict[str, Callable[[Path, Columns, NDArray[Any], str, str], None]] = {
    "shapefile": _write_shapefile,
    "geopackage": _write_geopackage,
    "geojson": _write_geojson,
}
