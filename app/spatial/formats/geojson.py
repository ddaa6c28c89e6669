"""GeoJSON, read with Python's own parser: types, row numbers and a declared CRS stay what the file says.

A `crs` member is kept as a declaration (many Chinese tools write one); without it nothing is declared, since
web-map GeoJSON in GCJ-02 is common whatever the standard says.
"""

import json
import re
from typing import Any

import shapely
from shapely.geometry import shape

from app.spatial.formats.encoding import decode_whole
from app.spatial.formats.layer import Found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.source import Source
from app.spatial.notes import Note

_SHAPES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)


def looks_like_json(head: bytes) -> bool:
    """Tell by the first bytes whether this is a JSON object."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2 : len(head) // 2 * 2].decode(codec, "replace").lstrip().startswith("{")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def list_layers(source: Source) -> list[str]:
    """A GeoJSON file is one layer, named like its file."""
    return [source.name]


def _parse(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except RecursionError:
        raise refuse("json_too_deep") from None
    except ValueError as error:
        raise refuse("json_broken", str(error)[:120]) from None
    if not isinstance(found, dict):
        raise refuse("not_geojson")
    return found


def _features(root: dict[str, Any]) -> list[Any]:
    kind = root.get("type")
    if kind == "FeatureCollection" and isinstance(root.get("features"), list):
        return list(root["features"])
    if kind == "Feature":
        return [root]
    if kind in _SHAPES:
        return [{"geometry": root, "properties": {}}]
    raise refuse("not_geojson")


def _declared(root: dict[str, Any]) -> str | None:
    """Return the EPSG number of an old-style `crs` member; its text is matched, never resolved."""
    crs = root.get("crs")
    name = (crs.get("properties") or {}).get("name") if isinstance(crs, dict) else None
    if not isinstance(name, str):
        return None
    if "CRS84" in name.upper():
        return "EPSG:4326"
    match = re.fullmatch(r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:[\d.]*:?(\d{4,6})", name.strip(), re.IGNORECASE)
    return f"EPSG:{match[1]}" if match else None


def _build(geometry: Any) -> tuple[bytes | None, bool]:
    """Return (WKB, sound): a null geometry is None and sound, an impossible one None and not."""
    if geometry is None:
        return None, True
    try:
        return shapely.to_wkb(shape(geometry)), True
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        return None, False


def _columns(properties: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(str(name) for row in properties for name in row)
    return {name: [_plain(row.get(name)) for row in properties] for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return None if isinstance(value, float) and value - value != 0 else value


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict):
        return {}
    found = feature.get("properties")
    own = found if isinstance(found, dict) else {}
    return own if feature.get("id") is None else {"id": feature["id"], **own}


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read a feature collection, a feature or a bare geometry; `encoding` None decides it from the text."""
    data = source.parts[".geojson"].read_bytes()
    text, readable, finding = decode_whole(data, encoding)
    root = _parse(text.lstrip("\ufeff"))
    features = _features(root)
    shapes = [_build(one.get("geometry") if isinstance(one, dict) else one) for one in features]
    bad = tuple(row for row, (_, sound) in enumerate(shapes, 1) if not sound)
    notes = [Note("broken_geometry", "图形无法识别", "The geometry makes no sense", bad)] if bad else []
    if not readable:
        notes.append(Note("text_cut", "部分文字无法识别", "Some text is unreadable"))
    columns = _columns([_properties(one) for one in features])
    rows = list(range(1, len(features) + 1))
    return Found(layer, columns, [wkb for wkb, _ in shapes], _declared(root), finding, tuple(notes), rows)
