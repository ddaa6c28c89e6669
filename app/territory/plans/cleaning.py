"""A whole plan cleaned: proposals with what would be left, applied step by step, undone one by one or all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import as_worker
from app.errors import BadInput, Conflict, NotFound
from app.models import Plan, PlanStep
from app.spatial.topology import Fault, MendStep, Wanted, clean_layer
from app.territory.editing import landing, undoing
from app.territory.editing.borders import area_of
from app.territory.editing.desk import Desk, Patch, find_sight
from app.territory.editing.options import NewNames, prepare_option
from app.territory.editing.wishes import Prepared
from app.territory.plans.checking import check_plan, find_plan_faults, read_options
from app.territory.plans.findings import summarise_findings
from app.territory.plans.listing import GridSet, lock_plan, require_editable
from app.territory.plans.reasons import tell_reason
from app.territory.plans.repairing import Forecast
from app.territory.plans.telling import tell_finding

MOST_STEPS = 400
"""One call takes so many steps; what is left is told, and the next call goes on."""
_DEFAULT_KINDS = ("invalid", "outside", "overlap", "gap", "sliver")
_EXTRA_KINDS = ("duplicate", "nested")


@dataclass(frozen=True, slots=True)
class CleanWanted:
    """What to clean: kinds of fault (doubled and nested grids only when named), no wider or larger than so.

    `stop` ends at the first step that is refused; otherwise the steps that do not rest on it go on.
    """

    kinds: tuple[str, ...] = _DEFAULT_KINDS
    max_width_m: float | None = None
    max_area_m2: float | None = None
    stop: bool = False

    def as_wanted(self, plan: Plan) -> Wanted:
        """The same for the kernel. Raises BadInput `unknown_kind`."""
        unknown = [kind for kind in self.kinds if kind not in (*_DEFAULT_KINDS, *_EXTRA_KINDS)]
        if unknown:
            raise BadInput(
                "unknown_kind",
                zh=f"没有这种可清理的问题：{unknown[0][:24]}",
                en=f"there is no kind of fault {unknown[0][:24]!r} to clean",
            )
        overlay = plan.market_rule == "overlay"
        return Wanted(self.kinds, self.max_width_m, self.max_area_m2, overlay=overlay)


@dataclass(frozen=True)
class CleanStep:
    """One proposal of a clean: the fault, what is done about it and why, ready to land after those before."""

    fault: dict[str, Any]
    key: str
    title: tuple[str, str]
    why: tuple[str, str]
    prepared: Prepared
    rows: frozenset[int]

    def as_json(self) -> dict[str, Any]:
        """The step as JSON-ready values, without its shapes."""
        area = sum(area_of(shape) for _, _, shape in self.prepared.moves)
        return {
            "finding": self.fault,
            "key": self.key,
            "title_zh": self.title[0],
            "title_en": self.title[1],
            "why_zh": self.why[0],
            "why_en": self.why[1],
            "area_m2": round(area, 1),
            "grid_ids": self.prepared.grid_ids,
        }


@dataclass(frozen=True)
class Cleaning:
    """A whole clean: the steps in order, the faults left to people and why, and the forecast."""

    steps: tuple[CleanStep, ...]
    left: tuple[dict[str, Any], ...]
    forecast: Forecast
    landed: tuple[landing.Landed, ...] = field(default=())


def propose_clean(session: Session, plan: Plan, wanted: CleanWanted) -> Cleaning:
    """What a clean of a draft would do; nothing is changed. Locked grids, and those of others, stay.

    Raises Conflict `plan_closed`, BadInput `unknown_kind`.
    """
    sight = find_sight(session, plan)
    with as_worker(session):
        lock_plan(session, plan)
        require_editable(plan)
        desk = Desk(session, plan, sight)
        return _propose(desk, wanted)


def _propose(desk: Desk, wanted: CleanWanted) -> Cleaning:
    plan = desk.plan
    patch = desk.load_all()
    faults = find_plan_faults(plan, GridSet(patch.rows, patch.shapes), frame=desk.frame)
    mending = clean_layer(
        patch.shapes,
        frame=desk.frame,
        kinds=[row["kind"] for row in patch.rows],
        locked=desk.fixed(patch),
        options=read_options(plan),
        faults=faults,
        wanted=wanted.as_wanted(plan),
    )
    steps, cut = mending.steps[:MOST_STEPS], mending.steps[MOST_STEPS:]
    shown = _Walk(desk, patch)
    proposals = tuple(shown.take(step) for step in steps)
    left = [
        {**_tell_fault(one.fault, patch), "why_zh": one.reason_zh, "why_en": one.reason_en}
        for one in mending.left
    ]
    left += [
        {
            **_tell_fault(step.fault, patch),
            "why_zh": "本次步数已满，请再清理一次",
            "why_en": "clean once more",
        }
        for step in cut
    ]
    told = tuple(one for one in left if desk.sight.grids is None or desk.sight.grids & set(one["grid_ids"]))
    return Cleaning(proposals, told, _forecast(desk, patch, faults, shown.shapes))


class _Walk:
    """The layer as the steps so far would leave it, each step turned into what would land."""

    def __init__(self, desk: Desk, patch: Patch) -> None:
        self.desk, self.patch = desk, patch
        self.shapes = patch.shapes.copy()
        self.rows = [dict(row) for row in patch.rows]

    def take(self, step: MendStep) -> CleanStep:
        """The next step on the ground as it is by then."""
        fault = _tell_fault(step.fault, self.patch)
        option = step.option
        title = (f"清理：{fault['zh']} → {option.title_zh}", f"clean: {fault['en']} → {option.title_en}")
        now = Patch(self.rows, self.shapes)
        prepared = replace(prepare_option(self.desk, now, option, title=title, new=NewNames()), act="clean")
        for row, shape in step.changes.items():
            self.shapes[row] = shape if shape is not None else shapely.Polygon()
        for row, ids in enumerate(now.ids):
            if ids in prepared.facts:
                self.rows[row] |= prepared.facts[ids]
        why = tell_reason(option, self.rows)
        names = (option.title_zh, option.title_en)
        return CleanStep(fault, option.key, names, why, prepared, frozenset(step.changes))


def _tell_fault(fault: Fault, patch: Patch) -> dict[str, Any]:
    members = [patch.rows[row] for row in fault.members if row < len(patch.rows)]
    facts: dict[str, Any] = {
        "kind": fault.kind,
        "codes": [row["code"] for row in members],
        "names": [row["name"] for row in members],
        "area_m2": round(fault.area_m2, 2),
        "width_m": round(fault.width_m, 3),
    }
    zh, en = tell_finding({**facts, "customers": 0, "detail": {"of": fault.of, "reason": fault.reason}})
    bbox = None if fault.geom.is_empty else list(fault.geom.bounds)
    return {**facts, "grid_ids": [row["id"] for row in members], "bbox": bbox, "zh": zh, "en": en}


def _forecast(desk: Desk, patch: Patch, faults: Sequence[Fault], after: np.ndarray) -> Forecast:
    rows = [k for k, shape in enumerate(after) if not (shape.is_empty and not patch.shapes[k].is_empty)]
    kept = GridSet([patch.rows[k] for k in rows], after[rows])
    found = find_plan_faults(desk.plan, kept, frame=desk.frame)
    before_ground = shapely.buffer(shapely.union_all(np.array([f.geom for f in faults], dtype=object)), 3e-7)
    adds = sum(not shapely.covered_by(fault.geom, before_ground) for fault in found)
    before, now = _count(desk, faults, patch.ids), _count(desk, found, kept.column("id"))
    return Forecast(before, now, adds)


def _count(desk: Desk, faults: Sequence[Fault], ids: Sequence[int]) -> dict[str, int]:
    """Faults by kind; of a branch head's clean those of his own ground."""
    mine = [one for one in faults if any(desk.sight.holds(ids[row]) for row in one.members if row < len(ids))]
    return dict(sorted(Counter(one.kind for one in (faults if desk.sight.grids is None else mine)).items()))


def clean_plan(session: Session, plan: Plan, wanted: CleanWanted, *, user_id: int | None = None) -> Cleaning:
    """Clean a draft step by step: each is a row of the ledger, checked again, refused when it adds a finding.

    A step that rests on ground of a refused one is not tried. All steps carry the number of the first one
    (`detail.clean`), so that all can be undone together. `forecast.after` is what is really left.
    """
    cleaning = propose_clean(session, plan, wanted)
    sight = find_sight(session, plan)
    before = summarise_findings(session, plan)
    landed: list[landing.Landed] = []
    done: list[CleanStep] = []
    left = list(cleaning.left)
    refused: set[int] = set()
    with session.begin_nested(), as_worker(session):
        if plan.checked_version != plan.ground_version:
            before = check_plan(session, plan)
        first, desk = plan.step_no + 1, Desk(session, plan, sight)
        for step in cleaning.steps:
            blocked = refused & step.rows
            outcome = "前一步未能执行" if blocked else _land(desk, step, first=first, user_id=user_id)
            if isinstance(outcome, landing.Landed):
                landed.append(outcome)
                done.append(step)
                continue
            refused |= step.rows
            left.append({**step.fault, "why_zh": outcome, "why_en": "this step would add a finding"})
            if wanted.stop:
                break
    after = summarise_findings(session, plan)
    return Cleaning(tuple(done), tuple(left), Forecast(before.counts, after.counts, 0), tuple(landed))


def _land(desk: Desk, step: CleanStep, *, first: int, user_id: int | None) -> "landing.Landed | str":
    """Land one step, or say why not; then all is as before it."""
    session, plan = desk.session, desk.plan
    prepared = replace(step.prepared, detail={**step.prepared.detail, "clean": first})
    try:
        with session.begin_nested(), as_worker(session):
            desk.require_mine(prepared)
            return landing.land(session, plan, prepared, user_id=user_id, rule="better")
    except Conflict as refusal:
        session.refresh(plan)
        return refusal.zh


def undo_clean(
    session: Session, plan: Plan, number: int, *, user_id: int | None = None
) -> list[landing.Landed]:
    """Undo all steps of the clean to which a step belongs, the last one first, in one transaction.

    Raises NotFound `no_step`, BadInput `no_clean`, Conflict `changed_since`.
    """
    sight = find_sight(session, plan)
    with session.begin_nested(), as_worker(session):
        lock_plan(session, plan)
        batch = undoing.find_step(session, plan, number).detail.get("clean")
        if batch is None:
            raise BadInput("no_clean", zh="这一步不属于整体清理", en="this step is not part of a clean")
        return [
            undoing.take_back(session, plan, one, user_id=user_id, sight=sight)
            for one in _list_batch(session, plan, batch)
        ]


def _list_batch(session: Session, plan: Plan, batch: int) -> list[int]:
    undone = select(PlanStep.undoes).where(PlanStep.plan_id == plan.id, PlanStep.undoes.is_not(None))
    query = (
        select(PlanStep.number, PlanStep.detail)
        .where(PlanStep.plan_id == plan.id, PlanStep.act == "clean", PlanStep.id.not_in(undone))
        .order_by(PlanStep.number.desc())
    )
    numbers = [number for number, detail in session.execute(query) if detail.get("clean") == batch]
    if not numbers:
        raise NotFound("no_step", zh="这次清理已全部撤销", en="all of this clean is undone")
    return numbers
