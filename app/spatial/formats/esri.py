"""Esri's own JSON (`attributes`, `rings`, `paths`), as map services and ArcGIS tools write it, as GeoJSON.

Its rings do not say which of them is a hole: position decides. Its system is a number (`wkid`).
"""

from typing import Any

import shapely

from app.spatial.formats.rings import join_rings

_WEB_MERCATOR = (102100, 102113, 900913)


def is_esri(root: Any) -> bool:
    """Whether a parsed document is a feature set of this kind."""
    features = root.get("features") if isinstance(root, dict) else None
    if not isinstance(features, list) or not features:
        return False
    return "attributes" in features[0] if isinstance(features[0], dict) else False


def features_of(root: dict[str, Any]) -> list[Any]:
    """The features as GeoJSON has them; a shape that makes no sense stays one that makes none."""
    return [_feature(one) if isinstance(one, dict) else one for one in root["features"]]


def declared_by(root: dict[str, Any]) -> str | None:
    """The system of a feature set: its newest number, or its own words."""
    told = root.get("spatialReference")
    if not isinstance(told, dict):
        return None
    number = told.get("latestWkid") or told.get("wkid")
    if isinstance(number, int):
        return "EPSG:3857" if number in _WEB_MERCATOR else f"EPSG:{number}"
    words = told.get("wkt")
    return words if isinstance(words, str) and words.strip() else None


def _feature(one: dict[str, Any]) -> dict[str, Any]:
    attributes = one.get("attributes")
    return {
        "properties": attributes if isinstance(attributes, dict) else {},
        "geometry": _geometry(one.get("geometry")),
    }


def _geometry(geometry: Any) -> Any:
    if not isinstance(geometry, dict):
        return geometry
    if "rings" in geometry:
        return _area(geometry["rings"])
    if "paths" in geometry:
        return {"type": "MultiLineString", "coordinates": geometry["paths"]}
    if "x" in geometry:
        return {"type": "Point", "coordinates": [geometry.get("x"), geometry.get("y")]}
    return geometry


def _area(rings: Any) -> Any:
    try:
        return shapely.geometry.mapping(join_rings([ring for ring in rings if ring])) if rings else None
    except (ValueError, TypeError, IndexError, KeyError, shapely.errors.ShapelyError):
        return {"type": "Polygon", "coordinates": rings}
