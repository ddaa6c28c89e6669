"""Repairs by API: the ways to end a finding, each with bill and forecast; a whole plan cleaned; undone."""

import json
from collections.abc import Collection, Sequence
from typing import Annotated, Any

import shapely
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.edits import FEATURE, STEP, Divides, EditDone, Id, show_features, show_landed
from app.api.errors import PROBLEMS
from app.api.session import Asked
from app.customers.bills import bill_moves
from app.errors import Conflict
from app.models import Plan
from app.territory import plans
from app.territory.editing.options import NewNames
from app.territory.plans import cleaning
from app.territory.plans.repairing import Proposal, land_repair, prepare_repair

router = APIRouter(prefix="/api/v1/plans", tags=["repair 修复"], responses=PROBLEMS)
BILLED = 60
"""So many steps of a clean get a bill each; the clean as a whole always has one."""
BILL: Any = {"area_m2": 1840.5, "customers": 12, "letters": 1}
FORECAST: Any = {"before": {"gap": 2}, "after": {"gap": 1}, "adds": 0, "ok": True}
OPTION: Any = {
    "key": "give_to_longest_edge",
    "also": [],
    "title_zh": "归共边最长的网格",
    "title_en": "give it to the longest shared edge",
    "why_zh": "共享边界较长：1,840 米，对货隆村 1,210 米",
    "why_en": "shared border 1,840 m against 1,210 m of 货隆村",
    "recommended": True,
    "touches_locked": False,
    "moved_m2": {"HM-CL-017": 1840.5},
    "moves": [{"from_code": None, "to_code": "HM-CL-017", "area_m2": 1840.5}],
    "removed": [],
    "forecast": FORECAST,
    "bill": BILL,
    "changes": [{"grid_id": 912, "geometry": FEATURE["geometry"]}],
}
CLEAN_STEP: Any = {
    "finding": {
        "kind": "gap",
        "codes": ["HM-CL-017"],
        "names": ["颐生村"],
        "area_m2": 1840.5,
        "width_m": 3.1,
    },
    "key": "give_to_owner",
    "title_zh": "归原属网格（按边界痕迹）",
    "title_en": "give it to the grid it seems to come from",
    "area_m2": 1840.5,
    "bill": BILL,
}


class RepairChoice(BaseModel):
    """Which option to apply; code and name are for an option that makes a new grid."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"option": "give_to_longest_edge", "versions": {"912": 3}}}
    )
    option: str = Field(max_length=64)
    versions: dict[Id, int] = Field(default_factory=dict, max_length=2000)
    code: str | None = Field(default=None, max_length=64)
    name: str | None = Field(default=None, max_length=120)


class RepairOptions(BaseModel):
    """The ways to end a finding."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"plan": "V2", "finding": 31, "versions": {"912": 3}, "options": [OPTION]}
        }
    )
    plan: str
    finding: int
    versions: dict[int, int]
    options: list[dict[str, Any]]


class RepairDone(EditDone):
    """What a repair did; `step` is null where the finding was let stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "step": {**STEP, "act": "repair"},
                "dry_run": False,
                "grids": [FEATURE],
                "removed": [],
                "findings": {"before": {"gap": 2}, "after": {"gap": 1}, "new": [], "gone": []},
                "bill": BILL,
                "option": OPTION,
            }
        }
    )
    step: dict[str, Any] | None  # type: ignore[assignment]  # wider than an edit's: nothing may have changed
    option: dict[str, Any]


class CleanAsked(BaseModel):
    """What to clean: kinds (overlap, gap, sliver, outside, invalid; duplicate and nested only when named),
    no wider or larger than so; `stop` ends at the first refused step."""

    model_config = ConfigDict(json_schema_extra={"example": {"kinds": ["sliver"], "max_width_m": 2.0}})
    kinds: list[str] | None = Field(default=None, max_length=12)
    max_width_m: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    max_area_m2: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    stop: bool = False

    def as_wanted(self) -> cleaning.CleanWanted:
        """The same as the territory knows it."""
        usual = cleaning.CleanWanted()
        kinds = usual.kinds if self.kinds is None else tuple(self.kinds)
        return cleaning.CleanWanted(kinds, self.max_width_m, self.max_area_m2, self.stop)


class CleanDone(BaseModel):
    """What a clean did, or would do (`dry_run`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan": "V2",
                "dry_run": True,
                "steps": [CLEAN_STEP],
                "left": [{"kind": "nested", "codes": ["M1"], "why_zh": "重复和套叠只列出，由人决定"}],
                "forecast": FORECAST,
                "bill": BILL,
                "numbers": [],
            }
        }
    )
    plan: str
    dry_run: bool
    steps: list[dict[str, Any]]
    left: list[dict[str, Any]]
    forecast: dict[str, Any]
    bill: dict[str, Any]
    numbers: list[int]


@router.get("/{code}/findings/{finding_id}/repairs", response_model=RepairOptions)
def list_repairs(code: str, finding_id: int, asked: Divides) -> Any:
    """The ways to end a finding, the likeliest first, each with its bill and what would be left; nothing
    is changed."""
    plan = plans.find_plan(asked.session, code)
    plans.find_finding(asked.session, finding_id, plan=plan)
    options = plans.repair_proposals(asked.session, finding_id)
    ids = sorted({grid_id for one in options for grid_id in one.changes})
    features = show_features(asked, plan, ids=ids, counted=False)
    versions = {one["id"]: one["properties"]["version"] for one in features}
    shown = [_show_option(asked, plan, one, seen=versions.keys()) for one in options]
    return {"plan": code, "finding": finding_id, "versions": versions, "options": shown}


def _show_option(asked: Asked, plan: Plan, option: Proposal, *, seen: Collection[int]) -> dict[str, Any]:
    """An option as JSON; of grids out of sight no shape is told."""
    added = [] if option.prepared is None else [new.shape for new in option.prepared.added]
    changes: list[tuple[int | None, Any]] = [one for one in option.changes.items() if one[0] in seen]
    changes += [(None, shape) for shape in added]
    return {
        **option.as_json(),
        "bill": bill_moves(asked.session, plan, option.moves).as_json(),
        "changes": [{"grid_id": grid_id, "geometry": _as_geojson(shape)} for grid_id, shape in changes],
    }


def _as_geojson(shape: Any) -> Any:
    return None if shape is None else json.loads(shapely.to_geojson(shape))


@router.post("/{code}/findings/{finding_id}/repairs", response_model=RepairDone)
def repair(code: str, finding_id: int, choice: RepairChoice, asked: Divides) -> Any:
    """Apply one option as a step of the ledger; refused when it would add a finding or end none."""
    plan = plans.find_plan(asked.session, code)
    plans.find_finding(asked.session, finding_id, plan=plan)
    try:
        _, proposal = prepare_repair(
            asked.session,
            finding_id,
            choice.option,
            versions=choice.versions,
            new=NewNames(choice.code, choice.name),
        )
    except Conflict as clash:
        if clash.code == "changed_meanwhile":
            clash.facts["grids"] = show_features(asked, plan, ids=clash.facts["grid_ids"])
        raise
    bill = bill_moves(asked.session, plan, proposal.moves).as_json()
    before = plans.summarise_findings(asked.session, plan)
    done = land_repair(asked.session, plan, finding_id, proposal, user_id=asked.person.user_id)
    record(asked.session, "repair", subject=code, detail={"finding": finding_id, "option": proposal.key})
    if done.landed is not None:
        shown = show_landed(asked, plan, done.landed, before=before)
    else:
        counts = {"before": before.counts, "after": done.after.counts, "new": [], "gone": []}
        shown = {"step": None, "grids": [], "removed": [], "findings": counts}
    return {**shown, "bill": bill, "dry_run": False, "option": proposal.as_json()}


@router.post("/{code}/clean", response_model=CleanDone)
def clean(code: str, wanted: CleanAsked, asked: Divides, dry_run: bool = False) -> Any:
    """A whole plan cleaned by a list of repairs; with `dry_run` only proposed. Locked grids stay."""
    plan = plans.find_plan(asked.session, code)
    proposed = cleaning.propose_clean(asked.session, plan, wanted.as_wanted())
    moves = [move for step in proposed.steps for move in step.prepared.moves]
    bill = bill_moves(asked.session, plan, moves).as_json()
    if dry_run:
        return _show_clean(plan, proposed, bill, bills=_bill_steps(asked, plan, proposed.steps), dry_run=True)
    done = cleaning.clean_plan(asked.session, plan, wanted.as_wanted(), user_id=asked.person.user_id)
    numbers = [one.step.number for one in done.landed]
    record(asked.session, "clean_plan", subject=code, detail={"steps": numbers[:100], "count": len(numbers)})
    return _show_clean(plan, done, bill, bills=[], dry_run=False)


def _bill_steps(asked: Asked, plan: Plan, steps: Sequence[cleaning.CleanStep]) -> list[dict[str, Any]]:
    return [bill_moves(asked.session, plan, step.prepared.moves).as_json() for step in steps[:BILLED]]


def _show_clean(
    plan: Plan, done: cleaning.Cleaning, bill: dict[str, Any], *, bills: list[dict[str, Any]], dry_run: bool
) -> dict[str, Any]:
    steps = [step.as_json() for step in done.steps]
    for shown, one in zip(steps, bills, strict=False):
        shown["bill"] = one
    numbers = [one.step.number for one in done.landed]
    for shown, number in zip(steps, numbers, strict=False):
        shown["number"] = number
    return {
        "plan": plan.code,
        "dry_run": dry_run,
        "steps": steps,
        "left": list(done.left),
        "forecast": done.forecast.as_json(),
        "bill": bill,
        "numbers": numbers,
    }


@router.post("/{code}/clean/{number}/undo", response_model=CleanDone)
def undo_clean(code: str, number: Annotated[int, Field(le=2**31 - 1)], asked: Divides) -> Any:
    """Undo all steps of the clean to which a step belongs, the last one first."""
    plan = plans.find_plan(asked.session, code)
    before = plans.summarise_findings(asked.session, plan).counts
    undone = cleaning.undo_clean(asked.session, plan, number, user_id=asked.person.user_id)
    numbers = [one.step.number for one in undone]
    record(asked.session, "undo_clean", subject=code, detail={"steps": numbers[:100]})
    after = plans.summarise_findings(asked.session, plan).counts
    forecast = {"before": before, "after": after, "adds": 0, "ok": True}
    steps = [{"number": one.step.number, "title_zh": one.step.title_zh} for one in undone]
    return {
        "plan": code,
        "dry_run": False,
        "steps": steps,
        "left": [],
        "forecast": forecast,
        "bill": {},
        "numbers": numbers,
    }
