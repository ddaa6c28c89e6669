"""Repairs of a draft's ground: options with moves, reason, forecast; one applied is a step of the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import as_worker
from app.errors import BadInput, Conflict
from app.models import Finding, Plan
from app.spatial.topology import Fault, Option, repair_options
from app.spatial.topology.edges import Shapes

# landing imports plans, so it is looked up when it is called.
from app.territory.editing import landing
from app.territory.editing.desk import Desk, Patch, Row, find_sight
from app.territory.editing.options import NewNames, describe, prepare_option
from app.territory.editing.versions import require_versions
from app.territory.editing.wishes import GroundMove, Prepared
from app.territory.ground import find_check
from app.territory.plans.checking import find_plan_faults
from app.territory.plans.findings import PlanCheck, allow_finding, find_finding, summarise_findings
from app.territory.plans.listing import GridSet, lock_plan, require_editable, touch_ground
from app.territory.plans.reasons import tell_reason
from app.territory.plans.telling import tell_finding


@dataclass(frozen=True, slots=True)
class Forecast:
    """The plan's findings of the ground by kind before and after; `adds` is how many would be new."""

    before: dict[str, int]
    after: dict[str, int]
    adds: int

    def as_json(self) -> dict[str, Any]:
        """The forecast as JSON-ready values; `ok` when fewer would be left and none added."""
        fewer = sum(self.after.values()) < sum(self.before.values())
        return {"before": self.before, "after": self.after, "adds": self.adds, "ok": fewer and not self.adds}


@dataclass(frozen=True)
class Proposal:
    """One way to end a finding. `changes` maps grid ids to their new shapes (EPSG:4326, None: removed),
    `moved_m2` grid codes to the square metres each gains (+) or loses (-), `moves` says from whom to whom by
    grid id; `also` are other keys that would come out the same. `prepared` is what lands when it is applied
    (None: the finding is let stand)."""

    key: str
    title_zh: str
    title_en: str
    changes: Mapping[int, BaseGeometry | None]
    moved_m2: Mapping[str, float]
    also: tuple[str, ...] = ()
    why: tuple[str, str] = ("", "")
    recommended: bool = False
    touches_locked: bool = False
    moves: tuple[GroundMove, ...] = ()
    codes: Mapping[int, str] = field(default_factory=dict)
    forecast: Forecast | None = None
    prepared: Prepared | None = None

    def as_json(self) -> dict[str, Any]:
        """The proposal as JSON-ready values, without its shapes."""
        return {
            "key": self.key,
            "also": list(self.also),
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "why_zh": self.why[0],
            "why_en": self.why[1],
            "recommended": self.recommended,
            "touches_locked": self.touches_locked,
            "moved_m2": {code: round(area, 1) for code, area in self.moved_m2.items()},
            "moves": [describe(move, self.codes) for move in self.moves],
            "removed": [grid_id for grid_id, shape in self.changes.items() if shape is None],
            "forecast": None if self.forecast is None else self.forecast.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did: the option, the findings before and after, and its step (None: let stand)."""

    proposal: Proposal
    before: PlanCheck
    after: PlanCheck
    landed: "landing.Landed | None" = None

    def as_json(self) -> dict[str, Any]:
        """The repair as JSON-ready values."""
        return {part: getattr(self, part).as_json() for part in ("proposal", "before", "after")}


def repair_proposals(session: Session, finding_id: int, *, new: NewNames = NewNames()) -> list[Proposal]:
    """The ways to end a finding, the likeliest first; nothing is changed.

    `new` names the grid that an option would add. Raises NotFound, Conflict `finding_gone` when the ground
    has changed since the check.
    """
    finding = find_finding(session, finding_id)
    plan = session.get_one(Plan, finding.plan_id)
    sight = find_sight(session, plan)
    with as_worker(session):
        return Bench(Desk(session, plan, sight), finding).list_proposals(new)


class Bench:
    """A finding on the ground around it, as that is now."""

    def __init__(self, desk: Desk, finding: Finding) -> None:
        self.desk, self.plan, self.finding = desk, desk.plan, finding
        self.patch, self.frame = _load_around(desk, finding)
        self.kinds = [row["kind"] for row in self.patch.rows]
        self.faults = self._find_faults(self.patch.shapes)
        self.fault = self._find_fault()

    def _find_faults(self, shapes: Shapes) -> list[Fault]:
        return find_plan_faults(self.plan, GridSet(self.patch.rows, shapes), frame=self.frame)

    def _find_fault(self) -> Fault:
        """The fault the finding was written from, found again in today's ground."""
        shape, wanted = to_shape(self.finding.geom), set(self.finding.grid_ids)
        same = [
            fault
            for fault in self.faults
            if fault.kind == self.finding.kind
            and {self.patch.ids[row] for row in fault.members} == wanted
            and (fault.geom.intersects(shape) or shape.is_empty)
        ]
        if not same:
            raise Conflict(
                "finding_gone", zh="边界已变化，请重新检查", en="the ground has changed; check it again"
            )
        return max(same, key=lambda fault: float(fault.geom.intersection(shape).area))

    def list_proposals(self, new: NewNames) -> list[Proposal]:
        """All options of the fault as proposals; one that only lets it stand where that is allowed."""
        options = repair_options(
            self.patch.shapes,
            self.fault,
            kinds=self.kinds,
            frame=self.frame,
            faults=self.faults,
            locked=self.desk.fixed(self.patch),
            overlay=self.plan.market_rule == "overlay",
        )
        allowed = find_check(self.finding.kind).severity != "must_fix"
        return [self._propose(one, new) for one in options if allowed or not one.keeps]

    def _propose(self, option: Option, new: NewNames) -> Proposal:
        ids, codes = self.patch.ids, {row["id"]: row["code"] for row in self.patch.rows}
        what = tell_finding({**_facts(self.finding), "customers": 0})
        title = (f"修复：{what[0]} → {option.title_zh}", f"repair: {what[1]} → {option.title_en}")
        prepared = prepare_option(self.desk, self.patch, option, title=title, new=new)
        return Proposal(
            option.key,
            option.title_zh,
            option.title_en,
            {ids[row]: shape for row, shape in option.changes.items()},
            {codes[ids[row]]: area for row, area in option.moved_m2.items() if row < len(ids)},
            tuple(option.also),
            tell_reason(option, self.patch.rows),
            option.recommended,
            option.touches_locked,
            prepared.moves,
            codes,
            None if option.keeps else self._forecast(option),
            None if option.keeps else prepared,
        )

    def _forecast(self, option: Option) -> Forecast:
        after = self.patch.shapes.copy()
        for row, shape in option.changes.items():
            after[row] = shape
        rows = [
            *self.patch.rows,
            *({"id": -1, "code": "", "name": "", "kind": "village"} for _ in option.added),
        ]
        shapes = np.array([*after, *option.added], dtype=object)
        found = find_plan_faults(self.plan, GridSet(rows, shapes), frame=self.frame)
        counts = summarise_findings(self.desk.session, self.plan).counts
        gone, come = (Counter(fault.kind for fault in faults) for faults in (self.faults, found))
        total = {kind: counts.get(kind, 0) - gone[kind] + come[kind] for kind in {*counts, *come}}
        return Forecast(
            counts,
            {kind: count for kind, count in sorted(total.items()) if count > 0},
            self._count_new(found),
        )

    def _count_new(self, found: Sequence[Fault]) -> int:
        before = shapely.union_all(np.array([fault.geom for fault in self.faults], dtype=object))
        ground = shapely.buffer(before, 3e-7)
        return sum(not shapely.covered_by(fault.geom, ground) for fault in found)


def _facts(finding: Finding) -> Row:
    keys = ("kind", "codes", "names", "area_m2", "width_m", "detail")
    return {key: getattr(finding, key) for key in keys}


def _load_around(desk: Desk, finding: Finding) -> tuple[Patch, BaseGeometry]:
    """The grids of a finding and all around, with the frame cut to the box they were looked for in."""
    shape = to_shape(finding.geom)
    patch = desk.load_any(finding.grid_ids, None if shape.is_empty else shape)
    west, south, east, north = patch.box
    window = shapely.box(west, south, east, north)
    return patch, shapely.intersection(desk.frame, window)


def apply_repair(session: Session, finding_id: int, key: str, *, new: NewNames = NewNames()) -> Repair:
    """Apply one proposal to a draft as a step of its ledger, and check the changed ground again.

    A repair that adds a finding, or after which as many are left as before, is undone and refused (Conflict
    `repair_adds`). Raises BadInput `no_such_option`, Conflict `plan_closed`, `locked`, `outer_border`,
    `changed_meanwhile`.
    """
    plan, proposal = prepare_repair(session, finding_id, key, versions={}, new=new)
    return land_repair(session, plan, finding_id, proposal, user_id=None)


def prepare_repair(
    session: Session,
    finding_id: int,
    key: str,
    *,
    versions: Mapping[int, int],
    new: NewNames = NewNames(),
) -> tuple[Plan, Proposal]:
    """The proposal of a key on the ground as it is now; the plan is locked from here to the end."""
    finding = find_finding(session, finding_id)
    plan = session.get_one(Plan, finding.plan_id)
    sight = find_sight(session, plan)
    with as_worker(session):
        lock_plan(session, plan)
        require_editable(plan)
        require_versions(session, plan, versions, sight=sight)
    options = repair_proposals(session, finding_id, new=new)
    proposal = next((option for option in options if key in (option.key, *option.also)), None)
    if proposal is None:
        raise BadInput("no_such_option", zh=f"没有这个修复方案：{key[:64]}", en=f"no such option: {key[:64]}")
    return plan, proposal


def land_repair(
    session: Session, plan: Plan, finding_id: int, proposal: Proposal, *, user_id: int | None
) -> Repair:
    """Let a prepared proposal land, or let its finding stand when that is what it proposes."""
    if proposal.prepared is None and not proposal.changes:
        before = summarise_findings(session, plan)
        with as_worker(session):
            allow_finding(session, finding_id, reason=proposal.why[0], user_id=user_id)
        return Repair(proposal, before, summarise_findings(session, plan))
    return apply_proposal(session, plan, proposal, user_id=user_id)


def apply_proposal(session: Session, plan: Plan, proposal: Proposal, *, user_id: int | None = None) -> Repair:
    """Change a draft's ground as a proposal says and check again; undone and refused if it did not help."""
    sight = find_sight(session, plan)
    with session.begin_nested(), as_worker(session):
        lock_plan(session, plan)
        require_editable(plan)
        prepared = proposal.prepared or Prepared(
            "repair", proposal.title_zh, proposal.title_en, dict(proposal.changes)
        )
        Desk(session, plan, sight).require_mine(prepared)
        done = landing.land(session, plan, prepared, user_id=user_id, rule="better")
    return Repair(replace(proposal, prepared=prepared), done.before, done.after, done)


def change_ground(session: Session, plan: Plan, changes: Mapping[int, BaseGeometry | None]) -> None:
    """Give grids of a draft new shapes (EPSG:4326) or take them away; its certificate falls with that.

    For code that draws a ground of its own: nothing is checked, and no step is written.
    """
    require_editable(plan)
    landing.write_shapes(session, changes)
    touch_ground(session, plan)
