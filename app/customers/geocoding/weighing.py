"""Weighing what was read: one place where a reading stands alone, all of them where it does not."""

from collections.abc import Sequence
from typing import NamedTuple

from app.customers.geocoding.index import CORE, FORMER, LOOSE, NAME, VARIANT
from app.customers.geocoding.likeness import OTHER, SWAP
from app.customers.geocoding.reading import TIE, Hit, Reading

MAX_CANDIDATES = 5
_METHODS = {NAME: "exact", FORMER: "former_name", VARIANT: "suffix", CORE: "short_name", LOOSE: "short_name"}
_METHOD_NOISE = {
    "slip": "slip",
    "town_slip": "slip",
    "short_name": "short_name",
    "former_name": "old_name",
    "later": "later",
    "unknown": "unknown",
}
PENALTY = {NAME: 0.0, FORMER: 0.04, VARIANT: 0.06, CORE: 0.05, LOOSE: 0.14}


class Found(NamedTuple):
    """The outcome: a place by number (-1 none), how sure, why, and what else it may be."""

    place: int
    level: str
    score: float
    method: str
    end: int
    warnings: tuple[str, ...] = ()
    candidates: tuple[tuple[int, float, str], ...] = ()
    noise: tuple[str, ...] = ()


def with_town(reading: Reading) -> float:
    """How sure an exact village in an exact town is, by what was said above it."""
    return 0.99 if reading.head.county_said else 0.96


def without_town(reading: Reading) -> float:
    """The score of a village found although no town was named: surer the more of the head was said."""
    if reading.head.county_said:
        return 0.93
    return 0.86 if reading.head.region_said or reading.home >= 0 else 0.82


def choose(hits: Sequence[Hit], score: float, method: str, *, rivals: bool = False) -> Found:
    """One place where the best reading stands alone; all of them, and none chosen, where it does not.

    `rivals`: a namesake of the other kind (环南社区, 环南村) stands elsewhere; it is believed less.
    """
    best = hits[0]
    equals = [hit for hit in hits if _rivals(best, hit)]
    others = [hit for hit in hits if hit not in equals]
    score -= PENALTY[best.quality]
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


def too_many(slips: Sequence[Hit]) -> bool:
    """A slip that fits more places than a person would look at says nothing."""
    return sum(_rivals(slips[0], hit) for hit in slips) > MAX_CANDIDATES


def contested(
    reading: Reading, slips: Sequence[Hit], near: Sequence[Hit], others: Sequence[Hit], *, penalty: float
) -> Found:
    """No exact spot of the town: a slip in it, its spot behind a stray character, or another town's spot.

    One of them alone is taken; a slight slip outdoes a stray character, and an exact name elsewhere a
    slip without any likeness. What is left over is handed back as equals.
    """
    cost = slips[0].cost if slips else OTHER
    if slips and not others and (cost <= SWAP or not near):
        return choose(slips, 0.9 - penalty - 0.3 * cost, "slip")
    alike = [hit for hit in slips if hit.cost - cost < TIE] if cost < OTHER or near else []
    rivals = {hit.place: (hit, "wrong_town") for hit in others}
    rivals |= {hit.place: (hit, "later") for hit in near}
    rivals |= {hit.place: (hit, "slip") for hit in alike}
    kinds = {reason for _, reason in rivals.values()}
    if kinds == {"wrong_town"}:
        found = wrong_town(reading, others)
        unlike = tuple((hit.place, 0.3, "slip") for hit in slips[:1])
        return found._replace(candidates=(*found.candidates, *unlike)[:MAX_CANDIDATES])
    if len(rivals) == 1:
        return choose([hit for hit, _ in rivals.values()], 0.75 - penalty, *kinds)
    listed = [(place, 0.4, reason) for place, (_, reason) in reversed(rivals.items())]
    warnings = ("ambiguous", "wrong_town") if others else ("ambiguous",)
    first = rivals[listed[0][0]][0]
    return Found(first.place, "ambiguous", 0.4, "ambiguous", first.end, warnings, tuple(listed))


def wrong_town(reading: Reading, others: Sequence[Hit]) -> Found:
    """The village found outside the town that was named, with the warning that says so."""
    found = choose(others, 0.75 if reading.head.county_said else 0.65, "wrong_town")
    return found._replace(warnings=tuple(dict.fromkeys((*found.warnings, "wrong_town"))))


def name_noise(reading: Reading, found: Found | None) -> tuple[str, ...]:
    """What was wrong with the place as it was written, from `NOISES`; `found` None: it lies elsewhere."""
    head = reading.head
    noise = ["firm"] if reading.skipped else []
    if "province" not in head.said:
        noise.append("missing_province")
    if not head.county_said:
        noise.append("missing_county")
    if not reading.town_said and found is not None and found.level != "none":
        noise.append("missing_town")
    if head.slip:
        noise.append("slip")
    if found is None:
        return (*noise, "outside")
    if kind := _METHOD_NOISE.get(found.method):
        noise.append(kind)
    return tuple(dict.fromkeys((*noise, *found.warnings))) if noise or found.warnings else ()
