"""Codes of places written where an address belongs: 320614101201, or the bank's own HM-YL-009."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from app.customers.geocoding.answers import Answer
from app.customers.geocoding.places import Place

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_.-]{4,}")
_PLAIN_CODE = re.compile(r"(?=[A-Z0-9_.-]*\d)[A-Z0-9][A-Z0-9_.-]{4,}")
_LEVELS = ("town", "village", "natural_village", "group", "house")
_SHORTEST_NUMBER = 9  # six figures are as well a postcode


def read_codes(places: Sequence[Place], known: Mapping[str, int]) -> dict[str, str]:
    """Every code and former code, as it may be written, and the code of its place.

    A former code stands among the aliases or former names. One that two places share tells nothing.
    """
    codes: dict[str, str] = {}
    for place in places:
        if place.level not in _LEVELS or place.code not in known:
            continue
        for code in {_written(place.code), *map(_written, (*place.aliases, *place.former_names))}:
            if _PLAIN_CODE.fullmatch(code) and not (code.isdigit() and len(code) < _SHORTEST_NUMBER):
                codes[code] = "" if codes.get(code, place.code) != place.code else place.code
    codes |= {_written(place.code): place.code for place in places if _written(place.code) in codes}
    return {code: place for code, place in codes.items() if place}


def find_code(raw: str, codes: Mapping[str, str]) -> str:
    """The code of the place whose code stands in the text, "" where none or where two different ones do."""
    if raw.isascii() or _may_hold(raw):
        written = _CODE.findall(_written(raw[:240]))
        found = {codes[word] for word in map(_trimmed, written) if word in codes}
        return found.pop() if len(found) == 1 else ""
    return ""


def agree(coded: Answer, words: Answer) -> bool:
    """Whether the words name no village, or town, other than the code."""
    if words.level == "ambiguous":
        return any(candidate.code in (coded.code, coded.village_code) for candidate in words.candidates)
    levels = (coded.village_code, words.village_code), (coded.town_code, words.town_code)
    return words.score < 0.6 or all(one == other or not one or not other for one, other in levels)


def _written(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _trimmed(word: str) -> str:
    return word.rstrip("-_.")


def _may_hold(raw: str) -> bool:
    return _LONG.search(raw) is not None


_LONG = re.compile(r"[A-Za-z0-9\uff10-\uff5a][A-Za-z0-9\uff10-\uff5a_.-]{4,}")
