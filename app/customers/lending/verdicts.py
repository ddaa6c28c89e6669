"""The answer itself: in, out, near the edge or unknown, and why; from a branch's ground and a subject."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import shapely

from app.customers.lending.grounds import BranchGround, PlanGround, UnitLies
from app.customers.lending.subjects import Subject

Said = Literal["in", "out", "edge", "unknown"]
BY_REASON: dict[str, Said] = {"lives_outside": "out", "elsewhere": "out"}
"""Reasons without a place that are an answer all the same; any other is unknown."""
BY_UNIT: dict[UnitLies, tuple[Said, str]] = {
    "inside": ("in", "unit_inside"),
    "outside": ("out", "unit_outside"),
    "divided": ("unknown", "unit_divided"),
    "unknown": ("unknown", "unit_without_ground"),
}


@dataclass(frozen=True)
class Verdict:
    """An answer with its reason; `side` says on which side of the border `distance_m` is measured.

    `row` is the plan's grid that holds the subject, `foot` the border's nearest point (EPSG:4326).
    """

    said: Said
    reason: str
    side: Literal["inside", "outside"] | None = None
    distance_m: float | None = None
    edge_m: float | None = None
    row: int | None = None
    foot: tuple[float, float] | None = None


def judge(
    ground: BranchGround | None, subject: Subject, *, missing: str, tell_unit: Callable[[str], UnitLies]
) -> Verdict:
    """The answer for a subject; without a ground it is unknown for the reason `missing`.

    `tell_unit` says how the whole of a village lies to the ground; asked only where there is no point.
    """
    if ground is None:
        return Verdict("unknown", missing, edge_m=subject.edge_m)
    if subject.reason is not None:
        return Verdict(BY_REASON.get(subject.reason, "unknown"), subject.reason)
    if subject.point is not None:
        return judge_point(ground, *subject.point, edge_m=subject.edge_m or 0.0)
    unit = subject.unit or ""
    said, reason = BY_UNIT[tell_unit(unit)]
    held = ground.plan.units.get(unit, ())
    return Verdict(said, reason, row=held[0] if len(held) == 1 else None)


def judge_point(ground: BranchGround, lon: float, lat: float, *, edge_m: float) -> Verdict:
    """The answer for a point (EPSG:4326) that may truly lie as far away as `edge_m`.

    Contested ground is unknown; then whoever is no farther from the border than `edge_m` is near the edge.
    """
    plan = ground.plan
    row = int(plan.locator.locate(lon, lat)[0])
    second = int(plan.locator.second(lon, lat)[0]) if row >= 0 else -1
    inside = row >= 0 and bool(ground.own[row])
    near = ground.border.find_nearest(lon, lat)
    metres = round(near.distance_m, 2) if near else None
    facts: dict[str, Any] = {
        "side": "inside" if inside else "outside",
        "distance_m": metres,
        "edge_m": edge_m,
        "row": row if row >= 0 else None,
        "foot": (round(near.lon, 7), round(near.lat, 7)) if near else None,
    }
    if second >= 0 and ground.contested(lon, lat, row):
        return Verdict("unknown", "contested", **facts)
    if metres is not None and metres <= edge_m:
        return Verdict("edge", "near_border", **facts)
    if inside:
        return Verdict("in", "inside", **facts)
    return Verdict("out", _why_out(plan, row, lon, lat), **facts)


def _why_out(plan: PlanGround, row: int, lon: float, lat: float) -> str:
    if row >= 0:
        return "other_branch"
    return "gap" if shapely.intersects_xy(plan.frame, lon, lat) else "outside_frame"
