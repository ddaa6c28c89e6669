"""Address -> place: the gazetteer's own matcher, pure and without a database.

Read the head (province, city, county), then the town, then the village or what lies below it. A form
counts only outside a span that a larger division already uses, so 长沙村 never swallows 长沙市. Exact
forms come first; sounds, look-alikes and slips are compared only inside the best town, then inside the
county. Two equal readings are both handed back; none is chosen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from app.customers.geocoding.answers import Answer, Candidate
from app.customers.geocoding.below import Below, read_below
from app.customers.geocoding.codes import agree, find_code, read_codes
from app.customers.geocoding.counties import list_counties
from app.customers.geocoding.index import Index
from app.customers.geocoding.likeness import spell
from app.customers.geocoding.normalise import Normalised, normalise, turn
from app.customers.geocoding.places import Place
from app.customers.geocoding.prefix import cut_alias, cut_prefix
from app.customers.geocoding.rungs import Rungs
from app.customers.geocoding.search import search, town_end
from app.customers.geocoding.several import EXACTLY, Located, undecided, weigh_parts, weigh_sections
from app.customers.geocoding.weighing import Found

_FIGURES = str.maketrans("123456789", "000000000")
_REMEMBERED = 50_000  # located prefixes kept, at about 1 kB each
_FIGURE = re.compile(r"\d|第")
_FIGURE_IN_NAME = re.compile(
    r"[一二三四五六七八九十百]{0,2}\d[\d一二三四五六七八九十百]{0,3}"
    r"(?=[\u4e00-\u9fff]{0,3}(?:村(?!民)|社区|居委|生活区|管理区|[连队](?!\d)))"
)
_STEM_ENDS = ("村", "社区", "委会")
CORRECTED = 0.99  # the score of what a person has decided
_UNDERSTOOD = ("exact", "suffix", "short_name", "former_name", "outside")


class Matcher:
    """Finds the place of an address among `places`.

    `home_county_code` is the bank's own county: it wins where an address names none. Picklable: a copy
    takes the places along and builds its index again (a tenth of a second for 2,000 places), so a pool
    of processes may be given one. Threads may share one: beside its index it holds only caches.
    `corrections` maps what `prefix_of` returned for an address to the code of the place that a person
    chose for it; it outranks every reading. A code that is no longer in the gazetteer is passed over.
    """

    def __init__(
        self,
        places: Sequence[Place],
        *,
        home_county_code: str | None = None,
        corrections: Mapping[str, str] | None = None,
    ) -> None:
        self.places = tuple(places)
        self.home_county_code = home_county_code
        self._index = Index(_with_counties(self.places))
        self._by_code = {place.code: number for number, place in enumerate(self._index.places)}
        self._home = self._by_code.get(home_county_code or "", -1)
        self._rungs = Rungs(self._index)
        self._codes = read_codes(self.places, self._by_code)
        self._above = _codes_above(self._index)
        self._locate = lru_cache(_REMEMBERED)(self._search)
        self._learn(corrections or {})

    def _learn(self, corrections: Mapping[str, str]) -> None:
        self.corrections = dict(corrections)
        self._corrected = {
            prefix: self._to_answer(_corrected(self._by_code[code]))
            for prefix, code in self.corrections.items()
            if code in self._by_code and prefix
        }

    def with_corrections(self, corrections: Mapping[str, str]) -> "Matcher":
        """This matcher with other corrections; its index and what it remembers are shared."""
        other = object.__new__(Matcher)
        other.__dict__.update(self.__dict__)
        other._learn(corrections)
        return other

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.places, self.home_county_code, self.corrections)

    def match(self, address: str | None) -> Answer:
        """The answer for one address (None and rubbish included); never raises, bounded time."""
        return self._answer(normalise(address))

    def match_many(self, addresses: Sequence[str | None]) -> list[Answer]:
        """Answers in the order of `addresses`; those that differ in figures only are located once."""
        return [self._answer(normalise(address)) for address in addresses]

    def prefix_of(self, address: str | None) -> str:
        """The normalised address down to the village, the key of a correction; "" for an unreadable one.

        Where a road stands last its house number belongs to it: a road crosses villages.
        """
        norm = normalise(address)
        return "" if norm.reason else cut_prefix(norm.text)[0]

    def alias_of(self, address: str | None) -> str:
        """What was written where the village's name belongs and was not understood: between county or
        town and the first figure. "" when all was understood, when nothing stands there, or only a road.
        """
        norm = normalise(address)
        if norm.reason:
            return ""
        answer, _ = self._locate(self._key(norm.text))
        if answer.method in _UNDERSTOOD or (answer.level == "ambiguous" and "slip" not in _reasons(answer)):
            return ""
        return cut_alias(norm.text, town_end(norm.text, self._index, self._home))

    def _answer(self, norm: Normalised) -> Answer:
        if not norm.plain and (code := find_code(norm.raw, self._codes)):
            return self._by_written_code(norm, code)
        if norm.reason:
            return Answer("none", method=norm.reason, noise=norm.noise)
        return self._read(norm)

    def _by_written_code(self, norm: Normalised, code: str) -> Answer:
        """The place whose code is written; where the words name another village both are handed back."""
        found = Found(self._by_code[code], "", CORRECTED, "code", 0, noise=("clean",))
        found = found._replace(candidates=((found.place, CORRECTED, "code"),))
        coded = self._to_answer(found)
        if norm.reason:
            return coded
        words = self._read(norm)
        if agree(coded, words):
            finer = words if words.village_code and not coded.village_code else coded
            return _complete(
                finer, Below(words.group, words.house, words.building, words.unit, words.room), ()
            )
        both = (*coded.candidates, *words.candidates[:1])
        return undecided(coded, both, words.noise)

    def _read(self, norm: Normalised) -> Answer:
        text = norm.text
        answer, end = self._find(text)
        if norm.sections:
            text, answer, end = self._weigh(norm, Located(text, answer, end))
        elif not answer.village_code and "separators" in norm.noise:
            text, answer, end = self._turned(norm, Located(text, answer, end))
        below = read_below(text[end:])
        if self._rungs and answer.town_code and answer.settled:
            answer = self._deepened(answer, below, text[end:])
        if any(below) or norm.noise:
            answer = _complete(answer, below, norm.noise)
        return _below_only(answer, norm.text) if answer.method == "unknown" else answer

    def _deepened(self, answer: Answer, below: Below, tail: str) -> Answer:
        """The same answer for the group, building or house that has a row of its own below the place."""
        place = self._by_code[answer.code]
        number = self._rungs.deepen(place, below, tail)
        if number == place:
            return answer
        found = Found(number, "", answer.score, answer.method, 0, answer.warnings, (), answer.noise)
        deeper = self._to_answer(found)
        listed = (Candidate(deeper.code, deeper.name, deeper.level, answer.score, answer.method),)
        return replace(deeper, candidates=(*listed, *answer.candidates[1:]))

    def _find(self, text: str) -> tuple[Answer, int]:
        found = self._as_corrected(text) or self._at_stem(text) or self._locate(self._key(text))
        return found if found[0].village_code else self._with_numerals(text, found)

    def _with_numerals(self, text: str, found: tuple[Answer, int]) -> tuple[Answer, int]:
        """三八村 written 38村: tried where nothing else was found."""
        if not (figure := _FIGURE_IN_NAME.search(text)):
            return found
        for words in spell(figure[0]):
            answer, end = self._locate(text[: figure.start()] + words + text[figure.end() :])
            if answer.village_code and answer.score >= found[0].score * 0.9:
                return answer, end - len(words) + len(figure[0])
        return found

    def _weigh(self, norm: Normalised, first: Located) -> Located:
        head = norm.text[: town_end(norm.text, self._index, self._home)]
        if norm.loose:
            return weigh_parts(first, norm.sections, self._find, head)
        return weigh_sections(norm.sections, self._find, head)

    def _turned(self, norm: Normalised, first: Located) -> Located:
        """习正村，悦来镇，海门区: read from its end where that tells more."""
        if not (text := turn(norm.raw)):
            return first
        turned = Located(text, *self._find(text))
        return turned if turned.answer.village_code and turned.answer.method in EXACTLY else first

    def _as_corrected(self, text: str) -> tuple[Answer, int] | None:
        if not self._corrected:
            return None
        prefix, end = cut_prefix(text)
        answer = self._corrected.get(prefix)
        return (answer, end) if answer else None

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
        candidates = tuple([self._candidate(*candidate) for candidate in found.candidates])
        if found.place < 0:
            return Answer(
                "none",
                method=found.method,
                candidates=candidates,
                warnings=found.warnings,
                noise=found.noise,
            )
        place = self._index.places[found.place]
        village, town, county = self._above[found.place] if found.level != "ambiguous" else ("", "", "")
        return Answer(
            found.level or place.level,
            place.code,
            place.name,
            round(found.score, 3),
            found.method,
            candidates,
            found.warnings,
            place.lon,
            place.lat,
            village,
            town,
            county,
            noise=found.noise or ("clean",),
        )

    def _candidate(self, number: int, score: float, reason: str) -> Candidate:
        place = self._index.places[number]
        return Candidate(place.code, place.name, place.level, round(score, 3), reason)


def _codes_above(index: Index) -> list[tuple[str, str, str]]:
    """The codes of village, town and county of every place, "" where it lies in none."""
    codes = [*(place.code for place in index.places), ""]  # the last one is what -1 means
    return [
        (codes[village], codes[town], codes[county])
        for village, town, county in zip(index.village, index.town, index.county, strict=True)
    ]


def _corrected(place: int) -> Found:
    return Found(place, "", CORRECTED, "correction", 0, candidates=((place, CORRECTED, "correction"),))


def _reasons(answer: Answer) -> set[str]:
    return {candidate.reason for candidate in answer.candidates}


def _below_only(answer: Answer, text: str) -> Answer:
    """3组5号 and nothing above it: not an unknown place but none at all."""
    if cut_prefix(text)[0]:
        return answer
    noise = ("below_only", *(name for name in answer.noise if name not in ("unknown", "below_only")))
    return replace(answer, noise=noise)


def _complete(answer: Answer, below: Below, noise: tuple[str, ...]) -> Answer:
    """The same answer with the text of the lower rungs and what was wrong with the whole text.

    Written out: `replace` is five times slower.
    """
    if noise:
        noise = tuple(dict.fromkeys((*noise, *(name for name in answer.noise if name != "clean"))))
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
        noise or answer.noise,
    )


def _rebuild(places: tuple[Place, ...], home_county_code: str | None, corrections: dict[str, str]) -> Matcher:
    return Matcher(places, home_county_code=home_county_code, corrections=corrections)


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
