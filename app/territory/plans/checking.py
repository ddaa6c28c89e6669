"""A plan's ground checked against its frame: whole, or after an edit only where the ground has changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_all
from app.models import Plan
from app.spatial.topology import Fault, find_faults, lie_over
from app.territory.plans.findings import (
    GROUND_KINDS,
    PlanCheck,
    Wanted,
    allow_finding,
    disallow_finding,
    find_finding,
    list_findings,
    set_status,
    summarise_findings,
)
from app.territory.plans.listing import GridSet, load_grids, lock_plan
from app.territory.plans.noticing import note_grids
from app.territory.plans.storing import Flags, Look, Replaced, replace_faults
from app.territory.plans.thresholds import read_options
from app.territory.shapes import Shapes, from_wkb

__all__ = [
    "PlanCheck",
    "Wanted",
    "allow_finding",
    "check_plan",
    "disallow_finding",
    "find_finding",
    "find_plan_faults",
    "list_findings",
    "read_options",
    "recheck_plan",
    "summarise_findings",
]
_TOUCH = 5e-8
"""Degrees (5 mm), half a step of the storage grid: what is no farther apart touches."""
_SIDES = ("west", "south", "east", "north")
Box = tuple[float, float, float, float]


def check_plan(session: Session, plan: Plan) -> PlanCheck:
    """Check all grids of a plan against its frame and store what is wrong in place of the last findings.

    A finding that is found again keeps its number and state; what a person has allowed before (same kind,
    same grids) stays allowed. Notices about grids are written too, but for those that need customers (see
    `app.customers.touched`). A draft without anything to mend or to confirm becomes `checked`; one with
    faults becomes a draft again. Shapes are EPSG:4326.
    """
    lock_plan(session, plan)
    grids = load_grids(session, plan)
    look = Look(grids, find_plan_faults(plan, grids), _list_stored(session, plan, None))
    changes = [replace_faults(session, plan, look), note_grids(session, plan)]
    return _conclude(session, plan, changes)


def recheck_plan(
    session: Session,
    plan: Plan,
    *,
    before: Sequence[BaseGeometry] | Shapes,
    after: Sequence[BaseGeometry] | Shapes,
) -> PlanCheck:
    """Check only ground that an edit has changed; the stored findings are then those of a full check.

    `before` and `after` are the shapes (EPSG:4326) that the edited grids had and have, as they are stored
    now; give a grid's shape too when only its code, name, kind or branch has changed. Findings that touch
    none of this ground keep their numbers, states and customers. The edit has raised the plan's ground
    version once (`touch_ground`); where the findings were older than that, everything is checked.
    """
    lock_plan(session, plan)
    if plan.checked_version is None or plan.checked_version < plan.ground_version - 1:
        return check_plan(session, plan)
    changed = np.array([*before, *after], dtype=object)
    changed = changed[~(shapely.is_missing(changed) | shapely.is_empty(changed))]
    look = _look_near(session, plan, changed)
    touched = _touching(look.grids.shapes, changed)
    ids = [row["id"] for row, near in zip(look.grids.rows, touched, strict=True) if near]
    changes = [replace_faults(session, plan, look), note_grids(session, plan, grid_ids=ids)]
    return replace(_conclude(session, plan, changes), whole=False)


def find_plan_faults(plan: Plan, grids: GridSet, *, frame: BaseGeometry | None = None) -> list[Fault]:
    """The faults of a plan's grids against its frame; members are rows of `grids`.

    Under the overlay rule a market over several villages is nested in each of them: the plan wants it so.
    `frame` stands in for the plan's own where only a part of the ground is looked at.
    """
    kinds = grids.column("kind")
    ground = to_shape(plan.frame) if frame is None else frame
    faults = find_faults(grids.shapes, frame=ground, kinds=kinds, options=read_options(plan))
    return [lie_over(fault, kinds) if plan.market_rule == "overlay" else fault for fault in faults]


def _conclude(session: Session, plan: Plan, changes: Sequence[Replaced]) -> PlanCheck:
    plan.checked_version = plan.ground_version
    plan.checked_at = datetime.now(UTC)
    found = summarise_findings(session, plan)
    set_status(plan, found)
    session.flush()
    new = tuple(number for change in changes for number in change.new)
    return replace(found, new=new, gone=tuple(row for change in changes for row in change.gone))


def _look_near(session: Session, plan: Plan, changed: Shapes) -> Look:
    """The grids around changed ground with their faults and stored findings, and which of these touch it.

    Only grids and frame within a box are looked at. Where a fault runs up to the border of the box (a gap
    open to the outside, ground far beyond the frame), the box grows until it holds all of it.
    """
    frame = _sound_frame(plan)
    box = _grown(shapely.total_bounds(changed) if len(changed) else np.tile(frame.bounds[:2], 2), 0.05)
    while True:
        window = shapely.box(*box)
        grids = _load_near(session, plan, box)
        faults = find_plan_faults(plan, grids, frame=shapely.intersection(frame, window))
        shapes = np.array([fault.geom for fault in faults], dtype=object)
        hit = _touching(shapes, changed)
        at_edge = shapely.dwithin(shapes[hit], shapely.boundary(window), 1e-6).any()
        if not at_edge or shapely.contains_properly(window, shapely.box(*frame.bounds)):
            stored = _list_stored(session, plan, box)
            return Look(grids, faults, stored, hit, _stored_touching(stored, changed))
        box = _grown(np.array(box), 1.0)


def _sound_frame(plan: Plan) -> BaseGeometry:
    frame: BaseGeometry = to_shape(plan.frame)
    return frame if frame.is_valid else shapely.make_valid(frame)


def _grown(bounds: Any, share: float) -> Box:
    west, south, east, north = (float(value) for value in bounds)
    margin = max(east - west, north - south) * share + 1e-4
    return west - margin, south - margin, east + margin, north + margin


def _load_near(session: Session, plan: Plan, box: Box) -> GridSet:
    rows = fetch_all(
        session, "territory/load_checked_grids", plan_id=plan.id, **dict(zip(_SIDES, box, strict=True))
    )
    shapes = from_wkb(row["wkb"] for row in rows) if rows else np.empty(0, dtype=object)
    return GridSet(rows, shapes)


def _touching(shapes: Shapes, changed: Shapes) -> Flags:
    """Which shapes touch changed ground; a shape without any ground is always looked at anew."""
    touches = np.asarray(shapely.is_empty(shapes), dtype=bool)
    if len(changed) and len(shapes):
        touches[shapely.STRtree(shapes).query(changed, predicate="dwithin", distance=_TOUCH)[1]] = True
    return touches


def _list_stored(session: Session, plan: Plan, box: Box | None) -> list[dict[str, Any]]:
    sides = dict(zip(_SIDES, box or (None,) * 4, strict=True))
    return fetch_all(
        session, "territory/list_stored_findings", plan_id=plan.id, kinds=list(GROUND_KINDS), **sides
    )


def _stored_touching(stored: list[dict[str, Any]], changed: Shapes) -> Flags:
    """Which stored findings touch changed ground, or name a grid that is gone."""
    if not stored:
        return np.empty(0, dtype=bool)
    lost = np.array([row["lost"] for row in stored], dtype=bool)
    return np.asarray(_touching(from_wkb(row["wkb"] for row in stored), changed) | lost)
