"""Nominatim of the bank's own (OpenStreetMap data), /search; coordinates WGS84.

Request and answer after nominatim.org/release-docs (api/Search, api/Output: jsonv2, an array of places),
levels after its page on ranking: `place_rank` 30 a house, 26-29 a street, 20-25 a hamlet or block, 19 a
village, 17-18 a town. The public service forbids lists of addresses: the bank names its own server, and no
key is asked for.
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
    number,
    part,
)

PATH = "/search"
LEVELS = {
    "house": Claim(3, 100, 0.7),
    "street": Claim(6, 3_000, 0.6),
    "hamlet": Claim(5, 1_000, 0.7),
    "village": Claim(5, 2_000, 0.7),
    "town": Claim(6, 5_000, 0.7),
}
_RANKS = ((30, "house"), (26, "street"), (20, "hamlet"), (19, "village"), (17, "town"))
# Errors are told by the HTTP status alone.
ERRORS: dict[str, Outcome] = {"401": "bad_key", "403": "bad_key", "429": "too_fast", "503": "server"}


def build(question: Question, key: Key) -> str:
    """The URL of a question, answered in Chinese and within China."""
    asked = {
        "q": question.text,
        "format": "jsonv2",
        "limit": "1",
        "countrycodes": "cn",
        "accept-language": "zh",
    }
    if key.key:
        asked["key"] = key.key
    return f"{key.url}{PATH}?{urlencode(asked, quote_via=quote)}"


def read(payload: Any) -> Reply:
    """An array of places, empty where nothing was found."""
    if payload == []:
        return Reply("nothing")
    best = first(payload)
    rank = number(part(best, "place_rank"))
    level = next((name for least, name in _RANKS if rank is not None and rank >= least), "area")
    return found(part(best, "lon"), part(best, "lat"), level=level)


NOMINATIM = Provider(
    "nominatim", "Nominatim", "Nominatim", "", "wgs84", 240, LEVELS, ERRORS, build, read, keyed=False
)
