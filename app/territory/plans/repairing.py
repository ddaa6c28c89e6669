"""Repairs of a draft's ground: options with their moves of ground, applied one by one and checked again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.errors import BadInput, Conflict
from app.models import Finding, Grid, Plan
from app.spatial.crs import area_m2
from app.spatial.topology import Fault, repair_options
from app.territory.plans.checking import (
    PlanCheck,
    check_plan,
    find_finding,
    find_plan_faults,
    summarise_findings,
)
from app.territory.plans.listing import GridSet, load_grids, lock_plan, require_editable, touch_ground
from app.territory.shapes import anchor_points, to_areas


@dataclass(frozen=True)
class Proposal:
    """One way to end a finding. `changes` maps grid ids to their new shapes (EPSG:4326, None: removed),
    `moved_m2` grid codes to the square metres each gains (+) or loses (-); `also` are other keys that
    would come out the same."""

    key: str
    title_zh: str
    title_en: str
    changes: Mapping[int, BaseGeometry | None]
    moved_m2: Mapping[str, float]
    also: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The proposal as JSON-ready values, without its shapes."""
        return {
            "key": self.key,
            "also": list(self.also),
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "moved_m2": {code: round(area, 1) for code, area in self.moved_m2.items()},
            "removed": [grid_id for grid_id, shape in self.changes.items() if shape is None],
        }


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did: the option, the grids it changed, and the check that followed."""

    proposal: Proposal
    before: PlanCheck
    after: PlanCheck

    def as_json(self) -> dict[str, Any]:
        """The repair as JSON-ready values."""
        return {part: getattr(self, part).as_json() for part in ("proposal", "before", "after")}


def repair_proposals(session: Session, finding_id: int) -> list[Proposal]:
    """The ways to end a finding, the likeliest first; nothing is changed.

    Raises NotFound, Conflict `finding_gone` when the ground has changed since the check.
    """
    finding = find_finding(session, finding_id)
    plan = session.get_one(Plan, finding.plan_id)
    grids = load_grids(session, plan)
    fault = _find_fault(plan, grids, finding)
    kinds = grids.column("kind")
    options = repair_options(grids.shapes, fault, kinds=kinds, frame=to_shape(plan.frame))
    ids, codes = grids.column("id"), grids.column("code")
    return [
        Proposal(
            option.key,
            option.title_zh,
            option.title_en,
            {ids[row]: shape for row, shape in option.changes.items()},
            {codes[row]: area for row, area in option.moved_m2.items()},
            tuple(option.also),
        )
        for option in options
    ]


def apply_repair(session: Session, finding_id: int, key: str) -> Repair:
    """Apply one proposal to a draft and check the plan again.

    A repair after which as many findings are left as before, or more, is undone and refused
    (Conflict `repair_adds`). Raises BadInput `no_such_option`, Conflict `plan_closed`.
    """
    finding = find_finding(session, finding_id)
    plan = session.get_one(Plan, finding.plan_id)
    require_editable(plan)
    proposal = next((p for p in repair_proposals(session, finding_id) if key in (p.key, *p.also)), None)
    if proposal is None:
        raise BadInput("no_such_option", zh=f"没有这个修复方案：{key}", en=f"no such option: {key}")
    return apply_proposal(session, plan, proposal)


def apply_proposal(session: Session, plan: Plan, proposal: Proposal) -> Repair:
    """Change a draft's ground as a proposal says and check again; undone and refused if it did not help."""
    lock_plan(session, plan)
    require_editable(plan)
    before = summarise_findings(session, plan)
    with session.begin_nested():
        change_ground(session, plan, proposal.changes)
        after = check_plan(session, plan)
        if _weight(after) >= _weight(before):
            raise Conflict(
                "repair_adds",
                zh="该修复没有减少问题，已撤销",
                en="this repair would not leave fewer findings; it was undone",
                before=before.counts,
                after=after.counts,
            )
    return Repair(proposal, before, after)


def change_ground(session: Session, plan: Plan, changes: Mapping[int, BaseGeometry | None]) -> None:
    """Give grids of a draft new shapes (EPSG:4326) or take them away; its certificate falls with that."""
    require_editable(plan)
    for grid_id, shape in changes.items():
        grid = session.get_one(Grid, grid_id)
        if shape is None:
            session.delete(grid)
            continue
        areas = to_areas(np.array([shape], dtype=object))
        grid.geom = from_shape(areas[0], srid=4326)
        grid.anchor = from_shape(anchor_points(areas)[0], srid=4326)
        grid.area_m2 = float(area_m2(areas)[0])
        grid.version += 1
    touch_ground(session, plan)


def _weight(check: PlanCheck) -> tuple[int, int]:
    """How bad a ground is: real faults first, slivers only between equals."""
    slivers = check.counts.get("sliver", 0)
    return sum(check.counts.values()) - slivers, slivers


def _find_fault(plan: Plan, grids: GridSet, finding: Finding) -> Fault:
    """The fault a finding was written from, found again in today's ground."""
    row_of = {grid_id: row for row, grid_id in enumerate(grids.column("id"))}
    members = tuple(row_of.get(grid_id, -1) for grid_id in finding.grid_ids)
    shape = to_shape(finding.geom)
    same = [
        fault
        for fault in find_plan_faults(plan, grids)
        if fault.kind == finding.kind and fault.members == members and fault.geom.intersects(shape)
    ]
    if not same:
        raise Conflict(
            "finding_gone", zh="边界已变化，请重新检查", en="the ground has changed; check it again"
        )
    return max(same, key=lambda fault: float(fault.geom.intersection(shape).area))
