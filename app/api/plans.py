"""Plans by API: drafts of every kind, side by side; renamed, checked, deleted. Their life: `plan_life`."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.session import Asked, allowed
from app.jobs import create_job, defer_job, find_job, show_job
from app.territory import plans

router = APIRouter(prefix="/api/v1/plans", tags=["plans 规划"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Plans = Annotated[Asked, allowed("plan_ground")]
Text = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]
GridKind = Literal["village", "community", "street", "district", "market", "park"]


class Group(BaseModel):
    """A grid of several units: whole codes, `320614101*` (all that begin so) or `A..B` (from A to B)."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "G1", "name": "南片", "unit_codes": ["320684107*"]}}
    )
    code: str = Field(min_length=1, max_length=40, pattern=r"^[^\x00]*$")
    name: Text = ""
    unit_codes: list[Text] = Field(min_length=1, max_length=20_000)


class CodeRange(BaseModel):
    """Units by their codes: those that begin with `prefix`, those from `from` to `to`, or both."""

    model_config = ConfigDict(json_schema_extra={"example": {"prefix": "320684107"}})
    prefix: Text = ""
    first: Text = Field(default="", alias="from")
    last: Text = Field(default="", alias="to")


class NewPlan(BaseModel):
    """What a new draft is made of: a copy of a plan (`in_force`: today's), nothing (`empty`), or units: all
    of them, those of some imports or of a code range; one by one (rule `village`), by town, branch, kind or
    code prefix, or in groups."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "V4",
                "name": "合并两村",
                "market_rule": "overlay",
                "precedence": ["market", "district", "park"],
                "groups": [{"code": "G1", "name": "南片", "unit_codes": ["320684107204", "320684107205"]}],
            }
        }
    )
    code: str = Field(pattern=r"^[A-Za-z0-9_-]{1,24}$")
    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")
    market_rule: Literal["cut", "overlay"] = "cut"
    precedence: list[GridKind] = Field(default_factory=list, max_length=6)
    from_plan: Text | None = None
    import_ids: list[Annotated[int, Field(ge=1, lt=2**63)]] = Field(default_factory=list, max_length=1000)
    groups: list[Group] = Field(default_factory=list, max_length=20_000)
    code_range: CodeRange | None = None
    rule: Literal["village", "town", "branch", "kind", "prefix"] = "village"
    empty: bool = False
    frame_code: Text | None = None
    on: date | None = Field(default=None, description="units valid on this day; today when not given")


class PlanShown(BaseModel):
    """A plan with its state: draft, checked, certified, approved, scheduled, in_force or retired (`status`
    is what is stored, `state` what it is today); `report` says what became of the units of a new draft."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "V1",
                "name": "2026 年网格规划",
                "status": "in_force",
                "state": "in_force",
                "market_rule": "cut",
                "precedence": [],
                "valid_from": "2026-01-01",
                "valid_to": "2027-01-01",
                "base_plan": "V0",
                "ground_version": 1,
                "checked_version": 1,
                "checked_at": "2025-12-01T09:00:00+08:00",
                "certificate_no": "V1-1-0123ABCD",
                "created_at": "2025-11-20T09:00:00+08:00",
                "published_at": "2025-12-03T09:00:00+08:00",
                "created_by": 1,
                "certified_by": 3,
                "approved_by": 2,
                "created_by_name": "总行网格办",
                "certified_by_name": "总行数据组",
                "approved_by_name": "总行复核",
                "step_no": 0,
                "counts": {"grids": {"total": 308, "village": 230}},
                "report": {"left_out": []},
            }
        }
    )
    code: str
    name: str
    status: str
    state: str
    market_rule: str
    precedence: list[str]
    valid_from: date | None
    valid_to: date | None
    base_plan: str | None
    ground_version: int
    checked_version: int | None
    checked_at: datetime | None
    certificate_no: str | None
    step_no: int
    created_at: datetime
    published_at: datetime | None
    created_by: int | None
    created_by_name: str | None
    certified_by: int | None
    certified_by_name: str | None
    approved_by: int | None
    approved_by_name: str | None
    counts: dict[str, Any]
    report: dict[str, Any] | None = None
    assigning: int | None = Field(default=None, description="the job that assigns customers to its grids")


class PlanChange(BaseModel):
    """A draft's new name, thresholds (null: the usual ones) or precedence (empty: the usual one)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "2027 年网格规划（二稿）", "min_width_m": 0.1, "min_area_m2": 2.0}
        }
    )
    name: str | None = Field(default=None, min_length=1, max_length=80, pattern=r"^[^\x00]*$")
    min_width_m: float | None = None
    min_area_m2: float | None = None
    precedence: list[GridKind] | None = Field(default=None, max_length=6)


def show_plan(asked: Asked, code: str, **more: Any) -> dict[str, Any]:
    """A plan as JSON."""
    plan = plans.find_plan(asked.session, code)
    return {**plans.tell_plan(asked.session, plan), "counts": plans.count_plan(asked.session, plan), **more}


@router.get("")
def list_all(asked: Sees) -> dict[str, Any]:
    """All plans, newest first."""
    return {"plans": plans.list_plans(asked.session)}


@router.post("", status_code=201, response_model=PlanShown)
def create(new: NewPlan, asked: Plans) -> Any:
    """Make a draft. Units that nobody knows or that two groups name are told in `report`, not refused."""
    facts = new.model_dump(exclude={"groups", "code_range", "import_ids", "precedence"})
    reach = new.code_range
    draft = plans.PlanDraft(
        **facts,
        import_ids=tuple(new.import_ids),
        precedence=tuple(new.precedence),
        groups=tuple(plans.UnitGroup(one.code, one.name, tuple(one.unit_codes)) for one in new.groups),
        code_range=None if reach is None else plans.CodeRange(reach.prefix, reach.first, reach.last),
    )
    _, report = plans.draft_plan(asked.session, draft, user_id=asked.person.user_id)
    record(asked.session, "new_plan", subject=new.code)
    return show_plan(asked, new.code, report=report.as_json())


@router.get("/{code}", response_model=PlanShown)
def show_one(code: str, asked: Sees) -> Any:
    """One plan; `in_force` stands for the plan in force today."""
    return show_plan(asked, code)


@router.patch("/{code}", response_model=PlanShown)
def change(code: str, wanted: PlanChange, asked: Plans) -> Any:
    """Give a draft another name, other thresholds (what is too small to be a finding) or another precedence
    of kinds. Only what is sent changes; 409 for a plan that is approved."""
    plan = plans.find_plan(asked.session, code)
    told = wanted.model_dump(exclude_unset=True)
    if told.get("name") is not None:
        plans.rename_plan(asked.session, plan, told["name"])
        record(asked.session, "rename_plan", subject=code, detail={"name": told["name"]})
    limits = {key: told[key] for key in ("min_width_m", "min_area_m2") if key in told}
    if limits:
        plans.state_thresholds(asked.session, plan, **limits)
    if told.get("precedence") is not None:
        plans.state_precedence(asked.session, plan, told["precedence"])
    if set(told) - {"name"}:
        record(asked.session, "change_plan", subject=code, detail=told)
    return show_plan(asked, code)


@router.delete("/{code}")
def delete(code: str, asked: Plans) -> dict[str, Any]:
    """Delete a draft with all that was made in it; 409 for a plan that is approved, in force or retired."""
    plan = plans.find_plan(asked.session, code)
    grids = plans.count_plan(asked.session, plan)["grids"]["total"]
    plans.delete_plan(asked.session, plan)
    record(asked.session, "delete_plan", subject=code, detail={"name": plan.name, "grids": grids})
    return {"deleted": code, "grids": grids}


@router.post("/{code}/check", status_code=202, response_model=JobShown)
def check(code: str, asked: Plans) -> Any:
    """Check the plan's ground against its frame: overlaps, gaps, slivers, nested, duplicates, outside."""
    plans.find_plan(asked.session, code)
    job_id = create_job(asked.session, "check_plan", {"plan": code})
    defer_job(asked.session, job_id)
    return show_job(find_job(asked.session, job_id))
