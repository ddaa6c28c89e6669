"""GeoJSON, read with Python's own parser: types, row numbers and a declared CRS stay what the file says.

A `crs` member is kept as a declaration (many Chinese tools write one); without it nothing is declared, since
web-map GeoJSON in GCJ-02 is common whatever the standard says. Records one after the other (newline
delimited, or RFC 8142 with record separators) are read by the same rules, and so is Esri's own JSON.
"""

import json
import re
from typing import Any

from app.spatial.formats import esri
from app.spatial.formats.layer import MOST_COLUMNS, Found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import Shapes, build_shape
from app.spatial.formats.source import Source
from app.spatial.formats.texts import Text, read_text

_SHAPES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
)
_BETWEEN = re.compile(r"[\s\x1e]*")
_RECORD_SIGN = b"\x1e"


def plain_head(head: bytes) -> bytes:
    """The beginning of a text file as UTF-8 or whatever bytes it has, UTF-16 and marks taken off."""
    even = head[: len(head) // 2 * 2]
    for mark, codec, zeros in (
        (b"\xff\xfe", "utf-16-le", even[1::2]),
        (b"\xfe\xff", "utf-16-be", even[0::2]),
    ):
        if head.startswith(mark) or 3 * zeros[:200].count(0) > max(len(zeros[:200]), 3):
            text = even.removeprefix(mark).decode(codec, "replace")
            return text.lstrip().encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def looks_like_json(head: bytes) -> bool:
    """Tell by the first bytes whether this is a JSON object or an array of objects."""
    plain = plain_head(head)
    return plain.startswith(b"{") or re.match(rb"\[\s*\{", plain) is not None


def looks_like_sequence(head: bytes) -> bool:
    """Tell by the first bytes whether JSON objects follow one another, a line each or with separators."""
    plain = plain_head(head)
    if plain.startswith(_RECORD_SIGN):
        return True
    first, _, rest = plain.partition(b"\n")
    return first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") and _is_json(first)


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.decode("utf-8", "replace")), dict)
    except (ValueError, RecursionError):
        return False


def list_layers(source: Source) -> list[str]:
    """A GeoJSON file is one layer, named like its file."""
    return [source.name]


def parse_json(text: str) -> Any:
    """Parse a JSON document. Raises RefusedFile json_too_deep, json_broken."""
    try:
        return json.loads(text)
    except RecursionError:
        raise refuse("json_too_deep") from None
    except json.JSONDecodeError as error:
        raise refuse("json_broken", f"{error.lineno}:{error.colno}") from None
    except ValueError:  # a number too long to be one
        raise refuse("json_broken") from None


def _features(root: Any) -> list[Any]:
    if esri.is_esri(root):
        return esri.features_of(root)
    if isinstance(root, list) and any(isinstance(one, dict) and "geometry" in one for one in root):
        return root
    kind = root.get("type") if isinstance(root, dict) else None
    if kind == "FeatureCollection" and isinstance(root.get("features"), list):
        return list(root["features"])
    if kind == "Feature":
        return [root]
    if kind in _SHAPES:
        return [{"geometry": root, "properties": {}}]
    raise refuse("not_geojson")


def _declared(root: Any) -> str | None:
    """Return the EPSG number of an old-style `crs` member; its text is matched, never resolved."""
    if esri.is_esri(root):
        return esri.declared_by(root)
    crs = root.get("crs") if isinstance(root, dict) else None
    told = crs.get("properties") if isinstance(crs, dict) else None
    if not isinstance(told, dict):
        return None
    name = told.get("name", told.get("code"))
    text = str(name).strip() if isinstance(name, (str, int)) else ""
    if "CRS84" in text.upper():
        return "EPSG:4326"
    match = re.fullmatch(r"(?:(?:urn:(?:x-)?ogc:def:crs:)?EPSG:[\d.]*:?)?(\d{4,6})", text, re.IGNORECASE)
    return f"EPSG:{match[1]}" if match else None


def columns_of(properties: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Turn the properties of features into columns: nested values become JSON text, NaN becomes None."""
    names = dict.fromkeys(str(name) for row in properties for name in row)
    if len(names) > MOST_COLUMNS:  # a table of names that differ from row to row grows with their square
        raise refuse("too_many_columns", f"{len(names)} > {MOST_COLUMNS}")
    return {name: [_plain(row.get(name)) for row in properties] for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return None if isinstance(value, float) and value - value != 0 else value


def properties_of(feature: Any) -> dict[str, Any]:
    """The properties of a feature, with its `id` as a column of that name when there is none."""
    if not isinstance(feature, dict):
        return {}
    found = feature.get("properties")
    own = found if isinstance(found, dict) else {}
    return own if feature.get("id") is None else {"id": feature["id"], **own}


def _found(layer: str, features: list[Any], declared: str | None, said: Text) -> Found:
    shapes = Shapes()
    for row, feature in enumerate(features, 1):
        has = isinstance(feature, dict)
        shapes.add(row, build_shape(feature.get("geometry")) if has else build_shape(feature))
    columns = columns_of([properties_of(one) for one in features])
    notes = (*shapes.notes(), *said.notes)
    return Found(layer, columns, shapes.wkb, declared, said.finding, notes, shapes.rows)


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read a feature collection, a feature or a bare geometry; `encoding` None decides it from the text."""
    said = read_text(source.parts[".geojson"].read_bytes(), encoding)
    if looks_like_sequence(said.text[: 1 << 20].encode("utf-8", "replace")):
        return _read_records(layer, said)
    root = parse_json(said.text)
    return _found(layer, _features(root), _declared(root), said)


def read_sequence(source: Source, layer: str, encoding: str | None) -> Found:
    """Read features that follow one another; a last record that is cut off refuses the file."""
    return _read_records(layer, read_text(source.parts[".geojsonl"].read_bytes(), encoding))


def _read_records(layer: str, said: Text) -> Found:
    roots = _split(said.text)
    declared = next((name for name in map(_declared, roots) if name), None)
    return _found(layer, [feature for root in roots for feature in _features(root)], declared, said)


def _split(text: str) -> list[Any]:
    decoder, roots = json.JSONDecoder(), list[Any]()
    at = _end(text, 0)
    while at < len(text):
        try:
            root, after = decoder.raw_decode(text, at)
        except RecursionError:
            raise refuse("json_too_deep") from None
        except ValueError as error:
            last = "\n" not in text[at:].strip() and "\x1e" not in text[at:]
            raise refuse("json_truncated" if last else "json_broken", f"{len(roots) + 1}") from error
        roots.append(root)
        at = _end(text, after)
    return roots


def _end(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at
