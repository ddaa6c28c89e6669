"""GeoParquet 1.0 and 1.1, shapes as WKB or as native lists of coordinates, read by Arrow.

Arrow is woken only here, in the reader's own process. The file's own footer says how much it would unpack to;
that is held against the limits first.
"""

import datetime as dt
import decimal
import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from app.spatial.formats.layer import EncodingFinding, Found, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import BROKEN, Shapes, read_shape
from app.spatial.formats.source import Source
from app.spatial.notes import Note

_USUAL_NAMES = ("geometry", "geom", "wkb_geometry", "the_geom", "shape", "wkb", "wkt")
_NATIVE = {
    "point": (shapely.GeometryType.POINT, 0),
    "linestring": (shapely.GeometryType.LINESTRING, 1),
    "polygon": (shapely.GeometryType.POLYGON, 2),
    "multipoint": (shapely.GeometryType.MULTIPOINT, 1),
    "multilinestring": (shapely.GeometryType.MULTILINESTRING, 2),
    "multipolygon": (shapely.GeometryType.MULTIPOLYGON, 3),
}


def looks_like_parquet(head: bytes) -> bool:
    """Tell by the first bytes whether this is a Parquet file."""
    return head.startswith(b"PAR1")


def list_layers(source: Source) -> list[str]:
    """A Parquet file is one layer, named like its file."""
    return [source.name]


def _arrow() -> Any:
    """Import Arrow, also when the door to GDAL has barred it to keep itself light."""
    for name in [name for name, module in sys.modules.items() if module is None and "pyarrow" in name]:
        del sys.modules[name]
    import pyarrow.parquet  # type: ignore[import-untyped]

    return pyarrow


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read the primary shapes. Raises RefusedFile parquet_broken, no_geometry_column, too_many_rows,
    archive_too_large."""
    table, meta = _load(source.parts[".parquet"], source.limits)
    name, about = _geometry_column(table, meta)
    shapes = Shapes()
    for row, built in enumerate(_shapes(table.column(name), about), 1):
        shapes.add(row, built)
    others = (set(meta.get("columns", {})) if isinstance(meta.get("columns"), dict) else set()) | {name}
    kept = [
        name for name in table.column_names if name not in others and not name.startswith("__index_level")
    ]
    try:
        columns = {
            heading: [_plain(value) for value in table.column(heading).to_pylist()] for heading in kept
        }
    except (
        UnicodeDecodeError,
        ValueError,
        OverflowError,
    ) as error:  # text that is not UTF-8, a day that is none
        raise refuse("parquet_broken") from error
    wkt, notes = _declared(about)
    finding = EncodingFinding("utf-8", "standard")
    return Found(layer, columns, shapes.wkb, wkt, finding, (*notes, *shapes.notes()), shapes.rows)


@lru_cache(maxsize=1)
def _load(path: Path, limits: Limits) -> tuple[Any, dict[str, Any]]:
    arrow = _arrow()
    arrow.set_cpu_count(1)
    try:
        file = arrow.parquet.ParquetFile(path, memory_map=False)
        footer = file.metadata
        size = sum(footer.row_group(group).total_byte_size for group in range(footer.num_row_groups))
        if footer.num_rows > limits.rows:
            raise refuse("too_many_rows", f"{footer.num_rows} > {limits.rows}")
        if size > limits.unpacked_bytes:
            raise refuse("archive_too_large", f"{size} > {limits.unpacked_bytes}")
        raw = (footer.metadata or {}).get(b"geo")
        return file.read(use_threads=False), _parse_meta(raw)
    except MemoryError:
        raise
    except (arrow.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        raise refuse("parquet_broken") from error


def _parse_meta(raw: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        found = {}
    return found if isinstance(found, dict) else {}


def _geometry_column(table: Any, meta: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return (name, what the file says of it); a plain table is taken when a usual name holds shapes."""
    columns = meta.get("columns")
    primary = meta.get("primary_column")
    if isinstance(columns, dict) and columns:
        name = primary if primary in columns else next(iter(columns))
        about = columns[name]
        if name in table.column_names and isinstance(about, dict):
            return str(name), about
    for heading in table.column_names:
        if heading.lower() in _USUAL_NAMES:
            return str(heading), {"encoding": "WKB", "crs": None}
    raise refuse("no_geometry_column", "、".join(map(str, table.column_names))[:120])


def _shapes(column: Any, about: dict[str, Any]) -> list[Any]:
    kind = str(about.get("encoding", "WKB")).lower()
    if kind not in _NATIVE:
        return [read_shape(value) for value in column.to_pylist()]
    try:
        return [read_shape(wkb) for wkb in _from_lists(column, *_NATIVE[kind])]
    except (ValueError, TypeError, IndexError, AttributeError, KeyError, shapely.errors.ShapelyError):
        return [BROKEN] * len(column)


def _from_lists(column: Any, kind: shapely.GeometryType, depth: int) -> list[bytes | None]:
    """Build shapes from nested lists of coordinates, as GeoArrow lays them out."""
    array = column.combine_chunks()
    array = array.chunk(0) if hasattr(array, "chunk") else array
    missing = np.asarray(array.is_null())
    here, offsets = array.drop_null(), []
    for _ in range(depth):
        steps = np.asarray(here.offsets)
        offsets.append(steps - steps[0])
        here = here.flatten()
    if here.type.num_fields >= 2:
        axes = [np.asarray(here.field(axis), np.float64) for axis in ("x", "y")]
        points = np.column_stack(axes)
    else:
        points = np.asarray(here.flatten(), np.float64).reshape(len(here), -1)[:, :2]
    built = shapely.from_ragged_array(kind, points, tuple(reversed(offsets)) if depth else None)
    wkb: list[bytes | None] = [None] * len(missing)
    for at, geom in zip(np.flatnonzero(~missing).tolist(), built, strict=True):
        wkb[at] = shapely.to_wkb(geom)
    return wkb


def _declared(about: dict[str, Any]) -> tuple[str | None, tuple[Note, ...]]:
    """Return the declared system: `crs` null is unknown, no `crs` at all is OGC:CRS84 by the standard."""
    if "crs" not in about:
        return "EPSG:4326", ()
    told = about["crs"]
    if told is None:
        return None, ()
    mark = told.get("id") if isinstance(told, dict) else None
    if isinstance(mark, dict) and mark.get("authority") == "EPSG":
        return f"EPSG:{mark.get('code')}", ()
    if isinstance(mark, dict) and mark.get("authority") == "OGC" and mark.get("code") == "CRS84":
        return "EPSG:4326", ()
    return _as_wkt(told)


def _as_wkt(told: Any) -> tuple[str | None, tuple[Note, ...]]:
    import pyproj

    try:
        text = json.dumps(told) if isinstance(told, dict) else str(told)
        return pyproj.CRS.from_string(text).to_wkt(), ()
    except pyproj.exceptions.CRSError:
        zh, en = "文件声明的坐标系无法识别", "The declared coordinate system makes no sense"
        return None, (Note("crs_not_understood", zh, en),)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return str(value)
    return None if isinstance(value, float) and value - value != 0 else value
