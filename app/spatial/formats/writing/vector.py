"""GeoPackage and shapefile out, by GDAL; a shapefile's table and its zip are our own."""

import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.formats.dbf import write_table
from app.spatial.formats.writing.outgoing import Columns, Outgoing

_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_FIXED_STAMP = "2020-01-01T00:00:00.000Z"


def _write_with_gdal(
    path: Path, columns: Columns, geoms: NDArray[Any], *, driver: str, crs: str | None
) -> None:
    import pyogrio.raw

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_STAMP})
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


def write_shapefile(path: Path, out: Outgoing) -> None:
    """Write a zip of .shp .shx .dbf .cpg and, when a system can be declared, .prj."""
    encoding = fit_encoding(out.columns, out.encoding or "gbk")
    crs = out.declare()
    stem = path.stem if path.stem.isascii() else "boundary"
    with tempfile.TemporaryDirectory(prefix="getu-write-") as folder:
        shp = Path(folder) / f"{stem}.shp"
        _write_with_gdal(shp, {}, out.geoms, driver="ESRI Shapefile", crs=None)
        parts = {".shp": shp.read_bytes(), ".shx": shp.with_suffix(".shx").read_bytes()}
    table = out.columns or {"id": list(range(1, len(out.geoms) + 1))}
    parts[".dbf"] = write_table(table, encoding)
    parts[".cpg"] = encoding.upper().encode()
    if crs is not None:
        parts[".prj"] = crs.to_wkt("WKT1_ESRI").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, data in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(stem + suffix, _FIXED_TIME), data, zipfile.ZIP_DEFLATED)


def fit_encoding(columns: Columns, encoding: str) -> str:
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


def write_geopackage(path: Path, out: Outgoing) -> None:
    """Write a GeoPackage with one layer named like the file."""
    crs = out.declare()
    path.unlink(missing_ok=True)
    _write_with_gdal(path, out.columns, out.geoms, driver="GPKG", crs=crs.to_wkt() if crs else None)
