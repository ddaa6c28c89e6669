"""One search: from the head of a text down to the smallest place that it names."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.customers.geocoding.index import CORE, FORMER, NAME, VARIANT, VILLAGE, Index
from app.customers.geocoding.likeness import SWAP, prefix_cost
from app.customers.geocoding.reading import TIE, Hit, Reading
from app.customers.geocoding.weighing import (
    PENALTY,
    Found,
    choose,
    contested,
    name_noise,
    too_many,
    with_town,
    without_town,
)

# Behind these a name may begin: the end of a place, of a figure, or a word such as 原, 下属, 政府.
_BORDERS = frozenset(
    "0123456789号组室幢弄楼队院园镇乡道区县市旗盟村路街巷场团原老属辖内的府委处办旁边侧口上)"
)
_MOST_SPOTS = 5000  # a slip is looked for among no more places than a few counties have
_STRAY = 2  # so few characters before a name are rather a slip than a word
_GAP = 16  # how far a village may stand behind words that nobody knows
_TOWN_WORD = re.compile(r"(?:镇|乡|街道|开发区|园区|产业园|工业园|农场|度假区)$")
_COUNTY_WORD = re.compile(r"[县市区旗]$")
_VILLAGE_WORD = re.compile(
    r"[^路街巷]{1,10}?(?:村(?!民)|社区|居委会|生活区|管理区)|[^\d]{2,7}?(?:街道|[镇乡])"
)
_GROUP_NEXT = re.compile(r"第?(?:\d+|[一二三四五六七八九十]+)(?:组|队|村民)")
_PLAIN_REST = re.compile(
    r"$|\d|集镇|镇区|街上|[^\d]{0,8}(?:市场|(?:[路街道巷城园苑庭里府湾]|广场|小区|公寓|新村)"
    r"(?:\d|$|[^\d]{2,6}\d+(?:幢|号楼|栋)))"
)
_BARE = re.compile(r"(?:村民?委员?会|居民?委员?会|社区(?:居委会)?|本?村|村部)(?:\d|$)")
_ROAD_FIRST = re.compile(r"[^\d村]{0,8}(?:路|街|大道|巷|弄)(?:\d|$)")


def search(text: str, index: Index, home: int) -> Found:
    """Find the place of a normalised text; `home` is the number of the bank's county or -1."""
    reading = Reading(text, index, home)
    if reading.head.outside:
        return Found(-1, "none", 0.0, "outside", len(text), ("outside",), noise=name_noise(reading, None))
    found = _deeper(reading, _find_common_village(reading, _below_head(reading)))
    head, warnings, score = reading.head, found.warnings, found.score
    if head.old_name and "old_name" not in warnings:
        warnings = (*warnings, "old_name")
    if head.conflict or head.slip:
        score -= 0.2 * head.conflict + 0.12 * head.slip
    noise = name_noise(reading, found._replace(warnings=warnings) if head.old_name else found)
    return Found(
        found.place,
        found.level,
        max(score, 0.0),
        found.method,
        found.end + reading.skipped,
        warnings,
        found.candidates,
        noise,
    )


def town_end(text: str, index: Index, home: int) -> int:
    """Where the part above the village ends: behind the town that was read, else behind the county."""
    reading = Reading(text, index, home)
    start = reading.head.end
    towns = reading.towns_at(start) or reading.town_slips_at(start)
    return (towns[0].end if towns else start) + reading.skipped


def _below_head(reading: Reading) -> Found:
    start = reading.head.end
    spots = reading.nearest_home(reading.spots_at(start))
    towns = reading.towns_at(start)
    if towns and not _outdoes(reading, spots, towns[0]):
        return _inside(reading, towns, 0.0)
    if spots:
        spots, rivals = _village_first(reading, spots)
        namesakes = any(hit.end == spots[0].end and hit.quality == VARIANT for hit in spots[1:])
        rivals = rivals or (namesakes and spots[0].quality == NAME)
        return choose(spots, without_town(reading), "", rivals=rivals)
    return _later_town(reading) or _unclear_town(reading) or _no_town(reading)


def _village_first(reading: Reading, spots: list[Hit]) -> tuple[list[Hit], bool]:
    """A village before a natural village of its name; whether one of them lies in another village."""
    rank, village = reading.index.rank, reading.index.village
    equals = [hit for hit in spots if (hit.end, hit.quality) == (spots[0].end, spots[0].quality)]
    villages = [hit for hit in equals if rank[hit.place] == VILLAGE]
    if len(equals) < 2 or len(villages) != 1:
        return spots, False
    rest = [hit for hit in spots if hit not in equals]
    return [*villages, *rest], any(village[hit.place] != villages[0].place for hit in equals)


def _find_common_village(reading: Reading, found: Found) -> Found:
    """Two natural villages of one name within one village: the village is sure, which of them is not."""
    if found.level != "ambiguous" or len(found.candidates) < 2:
        return found
    above = {reading.index.village[place] for place, _, _ in found.candidates}
    if len(above) > 1 or -1 in above:
        return found
    return found._replace(place=above.pop(), level="", score=0.85, method=found.candidates[0][2])


def _outdoes(reading: Reading, spots: Sequence[Hit], town: Hit) -> bool:
    """Whether a village read where a town was read too is meant: the longer one, or 环本农场 before 6队."""
    if not spots or spots[0].end < town.end:
        return False
    if spots[0].quality == VARIANT and any(
        hit.end == spots[0].end and hit.quality == NAME for hit in _own_at(reading, town.end, town.place)
    ):
        return False  # 高勒嘎查 of the town 查干, not the community 查干高勒社区
    if spots[0].end == town.end:
        if town.quality == CORE and any(
            hit.quality <= VARIANT for hit in _own_at(reading, town.end, town.place)
        ):
            return False  # 大孟村梁原店村: the first is 大孟村镇
        return spots[0].quality < town.quality or bool(_GROUP_NEXT.match(reading.text, town.end))
    return spots[0].quality < CORE


def _own_at(reading: Reading, start: int, town: int) -> list[Hit]:
    return [hit for hit in reading.spots_at(start) if reading.index.town[hit.place] == town]


def _inside(reading: Reading, towns: Sequence[Hit], penalty: float) -> Found:
    """The town is known: its own spots first, then one a little further, then a slip, then another town's."""
    start, index = towns[0].end, reading.index
    reading.town_said = True
    wanted = {town.place for town in towns}
    here = reading.spots_at(start)
    own = [hit for hit in here if index.town[hit.place] in wanted]
    penalty += PENALTY[towns[0].quality] / 2
    if own:
        own, rivals = _village_first(reading, own)
        return _mark_town(choose(own, with_town(reading) - penalty, "", rivals=rivals), towns)
    slips = reading.town_spots_like(start, wanted)
    slips = [] if too_many(slips) else slips
    later = _best(_later_spots(reading, start + 1, wanted))
    near = [hit for hit in later if hit.start - start <= _STRAY]
    others = [hit for hit in here if hit.quality <= VARIANT]
    if later and not near and not (slips and slips[0].cost <= SWAP):
        return _mark_town(choose(later, with_town(reading) - penalty - 0.12, "later"), towns)
    if slips or near or others:
        return _mark_town(contested(reading, slips, near, others, penalty=penalty), towns)
    return _town_only(reading, towns, penalty)


def _mark_town(found: Found, towns: Sequence[Hit]) -> Found:
    if towns[0].quality != FORMER:
        return found
    return found._replace(warnings=tuple(dict.fromkeys((*found.warnings, "old_name"))))


def _town_only(reading: Reading, towns: Sequence[Hit], penalty: float) -> Found:
    """No village was read; one that is named and not known makes the town less sure."""
    score = (0.97 if reading.head.county_said else 0.9) - penalty - _unread(reading, towns[0].end)
    return _mark_town(choose(towns, score, "town"), towns)


def _unread(reading: Reading, end: int) -> float:
    """What an unread rest costs: most when it names a village, nothing when it is a road or an estate."""
    if _VILLAGE_WORD.match(reading.text, end):
        return 0.2
    return 0.0 if _PLAIN_REST.match(reading.text, end) else 0.1


def _best(hits: list[Hit]) -> list[Hit]:
    """Of hits at one position those read as well as the best: 东升社区 is not 东升村."""
    return [hit for hit in hits if (hit.end, hit.quality) == (hits[0].end, hits[0].quality)]


def _later_spots(reading: Reading, start: int, towns: set[int] | None) -> list[Hit]:
    """The first full spot names behind some unknown words, within `towns` if given.

    The end of a longer name is none (后营村 is not 营村) but behind a stray character: 的习正村.
    """
    for position in sorted(p for p in reading.tokens if start <= p < start + _GAP):
        border = reading.text[position - 1] in _BORDERS
        hits = [
            hit
            for hit in reading.spots_at(position)
            if hit.quality <= VARIANT
            and (border or (position <= start + 1 and hit.end - position > 2))
            and (towns is None or reading.index.town[hit.place] in towns)
        ]
        if hits:
            return reading.nearest_home(hits)
    return []


def _later_town(reading: Reading) -> Found | None:
    """A town behind a misspelt county or other words; a foreign county's word makes it doubtful."""
    start = reading.head.end
    for position in sorted(p for p in reading.tokens if start < p < start + 9):
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
            own = _own_at(reading, end, town.place)
            if own and own[0].end > town.end:
                reading.town_said = True
                if end == town.end + 1 and (slips := _own_slips(reading, town)):
                    return contested(reading, slips, own, [], penalty=0.2)
                return choose(own, with_town(reading) - 0.08 - 0.06 * town.cost, "town_slip")
    if not towns or len(towns) > 1:
        return None
    if not reading.head.county_said:
        slips = _own_slips(reading, towns[0]) if reading.home >= 0 and not reading.head.region_said else []
        return contested(reading, slips, [], [], penalty=0.3) if slips else None
    if _later_spots(reading, towns[0].end, None):
        return None
    return _inside(reading, towns, 0.12 + 0.1 * towns[0].cost)


def _own_slips(reading: Reading, town: Hit) -> list[Hit]:
    slips = reading.town_spots_like(town.end, (town.place,))
    return [] if not slips or too_many(slips) else slips


def _no_town(reading: Reading) -> Found:
    """Only the county, or nothing, stands above: a spot further on, or a slip within the county."""
    start = reading.head.end
    later = _best(_later_spots(reading, start + 1, None))
    near = [hit for hit in later if hit.start - start <= _STRAY]
    if later and not near:
        unknown_town = bool(_TOWN_WORD.search(reading.text[start : later[0].start]))
        found = choose(later, without_town(reading) - (0.15 if unknown_town else 0.1), "later")
        return found._replace(warnings=(*found.warnings, "wrong_town")) if unknown_town else found
    spots = sum(len(reading.index.spots_of_county.get(county, ())) for county in reading.counties())
    slips = reading.county_spots_like(start) if _may_name_village(reading, spots) else []
    slips = [] if too_many(slips) else slips
    if slips or near:
        return contested(reading, slips, near, [], penalty=0.27 if reading.head.county_said else 0.34)
    return _other_county(reading) or _county_only(reading)


def _other_county(reading: Reading) -> Found | None:
    """Another of our counties has the town and the village that are named: never believed outright."""
    head = reading.head
    if not head.counties or not head.county_said:
        return None
    reading.head = replace(head, counties=None)
    towns = {hit.place: hit.end for hit in reading.towns_at(head.end)}
    own = [hit for end in set(towns.values()) for town in towns for hit in _own_at(reading, end, town)]
    reading.head = head
    if not own:
        return None
    found = choose(own, 0.55, "wrong_town")
    return found._replace(warnings=tuple(dict.fromkeys((*found.warnings, "wrong_town"))))


def _may_name_village(reading: Reading, spots: int) -> bool:
    """A road with its number, or nothing, is no misspelt village; among a whole province too much fits."""
    rest = reading.text[reading.head.end :]
    return len(rest) >= 2 and spots <= _MOST_SPOTS and not _ROAD_FIRST.match(rest) and not _BARE.match(rest)


def _county_only(reading: Reading) -> Found:
    counties = sorted(reading.head.counties or ())
    if not reading.head.county_said or not counties:
        return Found(-1, "none", 0.0, "unknown", len(reading.text))
    score = 0.95 - _unread(reading, reading.head.end)
    hits = [Hit(county, 0, reading.head.end, NAME) for county in counties]
    return choose(hits, score, "county")


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
