"""Address -> place: the gazetteer's own matcher, pure and without a database.

Read the head (province, city, county), then the town, then the village or what lies below it. A form
counts only outside a span that a larger division already uses, so 长沙村 never swallows 长沙市. Exact
forms come first; sounds, look-alikes and slips are compared only inside the best town, then inside the
county. Two equal readings are both handed back; none is chosen.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.customers.geocoding.answers import Answer, Candidate
from app.customers.geocoding.below import Below, read_below
from app.customers.geocoding.counties import list_counties
from app.customers.geocoding.index import Index
from app.customers.geocoding.normalise import Normalised, normalise
from app.customers.geocoding.places import Place
from app.customers.geocoding.search import search
from app.customers.geocoding.weighing import Found

_FIGURES = str.maketrans("123456789", "000000000")
_REMEMBERED = 50_000  # located prefixes kept, at about 1 kB each
_FIGURE = re.compile(r"\d|第")
_STEM_ENDS = ("村", "社区", "委会")


class Matcher:
    """Finds the place of an address among `places`.

    `home_county_code` is the bank's own county: it wins where an address names none. Picklable: a copy
    takes the places along and builds its index again (a tenth of a second for 2,000 places), so a pool
    of processes may be given one. Threads may share one: beside its index it holds only caches.
    """

    def __init__(self, places: Sequence[Place], *, home_county_code: str | None = None) -> None:
        self.places = tuple(places)
        self.home_county_code = home_county_code
        self._index = Index(_with_counties(self.places))
        home = [n for n in range(len(self._index.places)) if self._index.places[n].code == home_county_code]
        self._home = home[0] if home else -1
        self._locate = lru_cache(_REMEMBERED)(self._search)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.places, self.home_county_code)

    def match(self, address: str | None) -> Answer:
        """The answer for one address (None and rubbish included); never raises, bounded time."""
        return self._answer(normalise(address))

    def match_many(self, addresses: Sequence[str | None]) -> list[Answer]:
        """Answers in the order of `addresses`; those that differ in figures only are located once."""
        return [self._answer(normalise(address)) for address in addresses]

    def _answer(self, norm: Normalised) -> Answer:
        if norm.reason:
            return Answer("none", method=norm.reason)
        answer, end = self._at_stem(norm.text) or self._locate(self._key(norm.text))
        below = read_below(norm.text[end:])
        return _with_below(answer, below) if any(below) else answer

    def _at_stem(self, text: str) -> tuple[Answer, int] | None:
        """What stands before the first figure, if surely a village: the rows of a file share it."""
        figure = _FIGURE.search(text)
        if self._index.has_below or not figure or not text.endswith(_STEM_ENDS, 0, figure.start()):
            return None
        found = self._locate(text[: figure.start()])
        return found if found[0].score >= 0.85 and found[0].level == "village" else None

    def _key(self, text: str) -> str:
        return text if self._index.has_digits else text.translate(_FIGURES)

    def _search(self, text: str) -> tuple[Answer, int]:
        found = search(text, self._index, self._home)
        return self._to_answer(found), found.end

    def _to_answer(self, found: Found) -> Answer:
        candidates = tuple(
            self._candidate(number, score, reason) for number, score, reason in found.candidates
        )
        if found.place < 0:
            return Answer(
                "none", method=found.method, score=0.0, candidates=candidates, warnings=found.warnings
            )
        index, place = self._index, self._index.places[found.place]
        return Answer(
            level=found.level or place.level,
            code=place.code,
            name=place.name,
            score=round(found.score, 3),
            method=found.method,
            candidates=candidates,
            warnings=found.warnings,
            lon=place.lon,
            lat=place.lat,
            village_code=self._code(index.village[found.place], found),
            town_code=self._code(index.town[found.place], found),
            county_code=self._code(index.county[found.place], found),
        )

    def _code(self, number: int, found: Found) -> str:
        return self._index.places[number].code if number >= 0 and found.level != "ambiguous" else ""

    def _candidate(self, number: int, score: float, reason: str) -> Candidate:
        place = self._index.places[number]
        return Candidate(place.code, place.name, place.level, round(score, 3), reason)


def _with_below(answer: Answer, below: Below) -> Answer:
    """The same answer with the text of the lower rungs (written out: `replace` is five times slower)."""
    return Answer(
        answer.level,
        answer.code,
        answer.name,
        answer.score,
        answer.method,
        answer.candidates,
        answer.warnings,
        answer.lon,
        answer.lat,
        answer.village_code,
        answer.town_code,
        answer.county_code,
        *below,
    )


def _rebuild(places: tuple[Place, ...], home_county_code: str | None) -> Matcher:
    return Matcher(places, home_county_code=home_county_code)


def _with_counties(places: Sequence[Place]) -> list[Place]:
    """A gazetteer without its county's row gets it from the national list, or nothing could be ours."""
    known = {place.code for place in places}
    national = {county.code: county.name for county in list_counties()}
    missing = {
        code: national[code]
        for place in places
        if place.level in ("town", "village") and place.parent_code not in known
        for code in (place.parent_code, place.code[:6])
        if code in national and code not in known
    }
    return [*places, *(Place(code, name, "county", "admin") for code, name in sorted(missing.items()))]
