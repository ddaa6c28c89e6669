"""One search: from the head of a text down to the smallest place that it names."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.customers.geocoding.index import CORE, FORMER, LOOSE, NAME, VARIANT, VILLAGE, Index
from app.customers.geocoding.likeness import OTHER, SWAP, prefix_cost
from app.customers.geocoding.reading import TIE, Hit, Reading

MAX_CANDIDATES = 5
_STRAY = 2  # so few characters before a name are rather a slip than a word
_GAP = 16  # how far a village may stand behind words that nobody knows
_TOWN_WORD = re.compile(r"(?:镇|乡|街道|开发区|园区|产业园|工业园|农场|度假区)$")
_COUNTY_WORD = re.compile(r"[县市区旗]$")
_VILLAGE_WORD = re.compile(r"[^\d路街]{1,8}?(?:村|社区|居委会)")
_GROUP_NEXT = re.compile(r"第?(?:\d+|[一二三四五六七八九十]+)(?:组|队|村民)")
_PLAIN_REST = re.compile(
    r"$|\d|集镇|镇区|街上|[^\d]{0,8}(?:市场|(?:[路街道巷城园苑庭里府湾]|广场|小区|公寓|新村)"
    r"(?:\d|$|[^\d]{2,6}\d+(?:幢|号楼|栋)))"
)
_ROAD_FIRST = re.compile(r"[^\d村]{0,8}(?:路|街|大道|巷|弄)(?:\d|$)")
_METHODS = {NAME: "exact", FORMER: "former_name", VARIANT: "suffix", CORE: "short_name", LOOSE: "short_name"}
_PENALTY = {NAME: 0.0, FORMER: 0.04, VARIANT: 0.06, CORE: 0.05, LOOSE: 0.14}


class Found(NamedTuple):
    """The outcome: a place by number (-1 none), how sure, why, and what else it may be."""

    place: int
    level: str
    score: float
    method: str
    end: int
    warnings: tuple[str, ...] = ()
    candidates: tuple[tuple[int, float, str], ...] = ()


def search(text: str, index: Index, home: int) -> Found:
    """Find the place of a normalised text; `home` is the number of the bank's county or -1."""
    reading = Reading(text, index, home)
    if reading.head.outside:
        return Found(-1, "none", 0.0, "outside", len(text), ("outside",))
    found = _below_head(reading)
    warnings = dict.fromkeys(found.warnings)
    if reading.head.old_name:
        warnings["old_name"] = None
    score = found.score - (0.2 if reading.head.conflict else 0.0)
    return _deeper(reading, found)._replace(warnings=tuple(warnings), score=max(score, 0.0))


def _below_head(reading: Reading) -> Found:
    start = reading.head.end
    spots = reading.nearest_home(reading.spots_at(start))
    towns = reading.towns_at(start)
    if towns and not _outdoes(reading, spots, towns[0]):
        return _inside(reading, towns, 0.0)
    if spots:
        namesakes = any(hit.end == spots[0].end and hit.quality == VARIANT for hit in spots[1:])
        rivals = namesakes and spots[0].quality == NAME
        return _choose(reading, spots, _without_town(reading), "", rivals=rivals)
    return _later_town(reading) or _unclear_town(reading) or _no_town(reading)


def _outdoes(reading: Reading, spots: Sequence[Hit], town: Hit) -> bool:
    """Whether a village read where a town was read too is meant: the longer one, or 环本农场 before 6队."""
    if not spots or spots[0].end < town.end:
        return False
    if spots[0].end == town.end:
        return spots[0].quality < town.quality or bool(_GROUP_NEXT.match(reading.text, town.end))
    return spots[0].quality < CORE


def _base(reading: Reading) -> float:
    """How sure an exact village in an exact town is, by what was said above it."""
    return 0.99 if reading.head.county_said else 0.96


def _without_town(reading: Reading) -> float:
    if reading.head.county_said:
        return 0.93
    return 0.86 if reading.head.region_said or reading.home >= 0 else 0.82


def _choose(
    reading: Reading, hits: Sequence[Hit], score: float, method: str, *, rivals: bool = False
) -> Found:
    """One place where the best reading stands alone; all of them, and none chosen, where it does not.

    `rivals`: a namesake of the other kind (环南社区, 环南村) stands elsewhere; it is believed less.
    """
    best = hits[0]
    equals = [hit for hit in hits if _rivals(best, hit)]
    others = [hit for hit in hits if hit not in equals]
    score -= _PENALTY[best.quality]
    method = method or _METHODS[best.quality]
    if len(equals) > 1:
        share = round(score / len(equals), 3)
        listed = tuple((hit.place, share, method) for hit in equals)
        return Found(best.place, "ambiguous", min(share, 0.5), "ambiguous", best.end, ("ambiguous",), listed)
    listed = tuple((hit.place, score / 2, "slip" if hit.cost else _METHODS[hit.quality]) for hit in others)
    warnings = ("old_name",) if best.quality == FORMER else ()
    if rivals:
        score, warnings = min(score, 0.78), (*warnings, "ambiguous")
    return Found(
        best.place,
        "",
        score,
        method,
        best.end,
        warnings,
        ((best.place, score, method), *listed)[:MAX_CANDIDATES],
    )


def _rivals(best: Hit, hit: Hit) -> bool:
    if best.cost or hit.cost:
        return hit.cost - best.cost < TIE
    return hit.end == best.end and hit.quality == best.quality


def _too_many(slips: Sequence[Hit]) -> bool:
    """A slip that fits more places than a person would look at says nothing."""
    return sum(_rivals(slips[0], hit) for hit in slips) > MAX_CANDIDATES


def _inside(reading: Reading, towns: Sequence[Hit], penalty: float) -> Found:
    """The town is known: its own spots first, then one a little further, then a slip, then another town's."""
    start, index = towns[0].end, reading.index
    wanted = {town.place for town in towns}
    here = reading.spots_at(start)
    own = [hit for hit in here if index.town[hit.place] in wanted]
    penalty += _PENALTY[towns[0].quality] / 2
    if own:
        return _mark_town(_choose(reading, own, _base(reading) - penalty, ""), towns)
    slips = reading.slips_at(
        start, [spot for town in towns for spot in index.spots_of_town.get(town.place, ())]
    )
    slips = [] if _too_many(slips) else slips
    later = _later_spots(reading, start + 1, wanted)
    near = [hit for hit in later if hit.start - start <= _STRAY]
    others = [hit for hit in here if hit.quality <= VARIANT]
    if later and not near and not (slips and slips[0].cost <= SWAP):
        return _mark_town(_choose(reading, later, _base(reading) - penalty - 0.12, "later"), towns)
    if slips or near or others:
        return _mark_town(_contested(reading, slips, near, others, penalty=penalty), towns)
    return _town_only(reading, towns, penalty)


def _mark_town(found: Found, towns: Sequence[Hit]) -> Found:
    if towns[0].quality != FORMER:
        return found
    return found._replace(warnings=tuple(dict.fromkeys((*found.warnings, "old_name"))))


def _contested(
    reading: Reading, slips: Sequence[Hit], near: Sequence[Hit], others: Sequence[Hit], *, penalty: float
) -> Found:
    """No exact spot of the town: a slip in it, its spot behind a stray character, or another town's spot.

    One of them alone is taken; a slight slip outdoes a stray character, and an exact name elsewhere a
    slip without any likeness. What is left over is handed back as equals.
    """
    cost = slips[0].cost if slips else OTHER
    if slips and not others and (cost <= SWAP or not near):
        return _choose(reading, slips, 0.9 - penalty - 0.3 * cost, "slip")
    alike = [hit for hit in slips if hit.cost - cost < TIE] if cost < OTHER or near else []
    rivals = {hit.place: (hit, "wrong_town") for hit in others}
    rivals |= {hit.place: (hit, "later") for hit in near}
    rivals |= {hit.place: (hit, "slip") for hit in alike}
    kinds = {reason for _, reason in rivals.values()}
    if kinds == {"wrong_town"}:
        found = _wrong_town(reading, others)
        unlike = tuple((hit.place, 0.3, "slip") for hit in slips[:1])
        return found._replace(candidates=(*found.candidates, *unlike)[:MAX_CANDIDATES])
    if len(rivals) == 1:
        return _choose(reading, [hit for hit, _ in rivals.values()], 0.75 - penalty, *kinds)
    listed = [(place, 0.4, reason) for place, (_, reason) in reversed(rivals.items())]
    warnings = ("ambiguous", "wrong_town") if others else ("ambiguous",)
    first = rivals[listed[0][0]][0]
    return Found(first.place, "ambiguous", 0.4, "ambiguous", first.end, warnings, tuple(listed))


def _wrong_town(reading: Reading, others: Sequence[Hit]) -> Found:
    found = _choose(reading, others, 0.75 if reading.head.county_said else 0.65, "wrong_town")
    return found._replace(warnings=tuple(dict.fromkeys((*found.warnings, "wrong_town"))))


def _town_only(reading: Reading, towns: Sequence[Hit], penalty: float) -> Found:
    """No village was read; one that is named and not known makes the town less sure."""
    score = (0.97 if reading.head.county_said else 0.9) - penalty
    if _VILLAGE_WORD.match(reading.text, towns[0].end):
        score -= 0.2
    elif not _PLAIN_REST.match(reading.text, towns[0].end):
        score -= 0.1
    return _mark_town(_choose(reading, towns, score, "town"), towns)


def _later_spots(reading: Reading, start: int, towns: set[int] | None) -> list[Hit]:
    """The first full spot names behind some unknown words, within `towns` if given."""
    for position in range(start, min(start + _GAP, len(reading.text))):
        hits = [
            hit
            for hit in reading.spots_at(position)
            if hit.quality <= VARIANT and (towns is None or reading.index.town[hit.place] in towns)
        ]
        if hits:
            return reading.nearest_home(hits)
    return []


def _later_town(reading: Reading) -> Found | None:
    """A town behind a misspelt county or other words; a foreign county's word makes it doubtful."""
    start = reading.head.end
    for position in range(start + 1, min(start + 9, len(reading.text))):
        if any(hit.quality <= VARIANT for hit in reading.spots_at(position)):
            return None
        towns = [hit for hit in reading.towns_at(position) if hit.quality <= VARIANT]
        if towns:
            return _behind(reading, towns, reading.text[start:position])
    return None


def _behind(reading: Reading, towns: Sequence[Hit], gap: str) -> Found:
    if _COUNTY_WORD.search(gap) and not reading.head.county_said:
        names = [reading.index.names[county] for county in reading.counties() if county >= 0]
        if not any(prefix_cost(name, gap)[0] <= 1.0 for name in names):
            found = _inside(reading, towns, 0.45)
            return found._replace(warnings=(*found.warnings, "outside"))
    return _inside(reading, towns, 0.08)


def _unclear_town(reading: Reading) -> Found | None:
    """A misspelt town: believed for a village of its own, or when the county was said."""
    towns = reading.town_slips_at(reading.head.end)
    towns = [town for town in towns if town.cost - towns[0].cost < TIE]
    for town in towns:
        for end in (town.end, town.end + 1, town.end - 1):
            own = [hit for hit in reading.spots_at(end) if reading.index.town[hit.place] == town.place]
            if own and own[0].end > town.end:
                return _choose(reading, own, _base(reading) - 0.08 - 0.06 * town.cost, "town_slip")
    if not towns or len(towns) > 1 or not reading.head.county_said:
        return None
    if _later_spots(reading, towns[0].end, None):
        return None
    return _inside(reading, towns, 0.12 + 0.1 * towns[0].cost)


def _no_town(reading: Reading) -> Found:
    """Only the county, or nothing, stands above: a spot further on, or a slip within the county."""
    start = reading.head.end
    later = _later_spots(reading, start + 1, None)
    if later:
        gap = reading.text[start : later[0].start]
        unknown_town = bool(_TOWN_WORD.search(gap))
        score = _without_town(reading) - (0.15 if unknown_town else 0.1)
        found = _choose(reading, later, score, "later")
        return found._replace(warnings=(*found.warnings, "wrong_town")) if unknown_town else found
    spots = [spot for county in reading.counties() for spot in reading.index.spots_of_county.get(county, ())]
    slips = reading.slips_at(start, spots, 0.9) if _may_name_village(reading) else []
    if slips and not _too_many(slips):
        return _choose(reading, slips, _without_town(reading) - 0.15 - 0.35 * slips[0].cost, "slip")
    return _county_only(reading)


def _may_name_village(reading: Reading) -> bool:
    """A road with its number, or nothing, is no misspelt village; without any head too much would fit."""
    rest = reading.text[reading.head.end :]
    return len(rest) >= 2 and not _ROAD_FIRST.match(rest)


def _county_only(reading: Reading) -> Found:
    counties = sorted(reading.head.counties or ())
    if not reading.head.county_said or not counties:
        return Found(-1, "none", 0.0, "unknown", len(reading.text))
    score = 0.95 if not _VILLAGE_WORD.match(reading.text, reading.head.end) else 0.7
    hits = [Hit(county, 0, reading.head.end, NAME) for county in counties]
    return _choose(reading, hits, score, "county")


def _deeper(reading: Reading, found: Found) -> Found:
    """Within a village: the natural village, market or compound that is named behind it."""
    index = reading.index
    if (
        found.place < 0
        or found.level == "ambiguous"
        or index.rank[found.place] != VILLAGE
        or not index.has_below
    ):
        return found
    for position in range(found.end, len(reading.text)):
        inner = [
            hit
            for hit in reading.spots_at(position)
            if index.rank[hit.place] > VILLAGE and index.village[hit.place] == found.place
        ]
        if inner:
            return found._replace(place=inner[0].place, end=inner[0].end)
    return found
