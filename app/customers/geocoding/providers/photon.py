"""Photon of the bank's own (OpenStreetMap data), /api; coordinates WGS84.

Request and answer after komoot/photon docs/api-v1.md: a GeoJSON FeatureCollection, `type` of a feature's
properties one of its layers (house, street, locality, district, city, county, state, country, other).
"""

from typing import Any
from urllib.parse import quote, urlencode

from app.customers.geocoding.providers.kinds import (
    Claim,
    Key,
    Outcome,
    Provider,
    Question,
    Reply,
    first,
    found,
    part,
    words,
)

PATH = "/api"
LEVELS = {
    "house": Claim(3, 100, 0.65),
    "street": Claim(6, 3_000, 0.6),
    "locality": Claim(5, 2_000, 0.6),
    "district": Claim(6, 5_000, 0.6),
}
ERRORS: dict[str, Outcome] = {"401": "bad_key", "403": "bad_key", "429": "too_fast", "503": "server"}


def build(question: Question, key: Key) -> str:
    """The URL of a question; `default` is the local language."""
    asked = {"q": question.text, "limit": "1", "lang": "default"}
    if key.key:
        asked["key"] = key.key
    return f"{key.url}{PATH}?{urlencode(asked, quote_via=quote)}"


def read(payload: Any) -> Reply:
    """The first feature; coordinates are longitude, latitude."""
    features = part(payload, "features")
    if features == []:
        return Reply("nothing")
    best = first(features)
    point = part(best, "geometry", "coordinates")
    lon, lat = point[:2] if isinstance(point, list) and len(point) >= 2 else (None, None)
    return found(lon, lat, level=words(part(best, "properties", "type")))


PHOTON = Provider("photon", "Photon", "Photon", "", "wgs84", 240, LEVELS, ERRORS, build, read, keyed=False)
