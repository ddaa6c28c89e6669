"""Plans by API: drafts, checks, repairs, certificates, into force, differences."""

import dataclasses
from datetime import date
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


class NewPlan(BaseModel):
    """What a new draft is made of: the imported units, or a copy of another plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "V2", "name": "2027 年网格规划", "market_rule": "cut", "from_plan": "V1"}
        }
    )
    code: str = Field(pattern=r"^[A-Za-z0-9_-]{1,24}$")
    name: str = Field(min_length=1, max_length=80)
    market_rule: Literal["cut", "overlay"] = "cut"
    from_plan: str | None = None
    import_ids: list[int] = Field(default_factory=list)


class PlanShown(BaseModel):
    """A plan with its state."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "V1",
                "name": "2026 年网格规划",
                "status": "in_force",
                "market_rule": "cut",
                "ground_version": 1,
                "checked_version": 1,
                "certificate_no": "V1-20260101-0123abcd",
                "counts": {"grids": {"total": 308, "village": 230}},
            }
        }
    )
    code: str
    name: str
    status: str
    market_rule: str
    ground_version: int
    checked_version: int | None
    certificate_no: str | None
    counts: dict[str, Any]


class Publication(BaseModel):
    """From which day the plan is in force."""

    model_config = ConfigDict(json_schema_extra={"example": {"valid_from": "2027-01-01"}})
    valid_from: date


class RepairChoice(BaseModel):
    """Which proposal to apply."""

    model_config = ConfigDict(json_schema_extra={"example": {"option": "give_to_longest_edge"}})
    option: str = Field(max_length=64)


def show_plan(asked: Asked, code: str) -> dict[str, Any]:
    """A plan as JSON."""
    plan = plans.find_plan(asked.session, code)
    keys = ("code", "name", "status", "market_rule", "ground_version", "checked_version", "certificate_no")
    return {**{key: getattr(plan, key) for key in keys}, "counts": plans.count_plan(asked.session, plan)}


@router.get("")
def list_all(asked: Sees) -> dict[str, Any]:
    """All plans, newest first."""
    return {"plans": plans.list_plans(asked.session)}


@router.post("", status_code=201, response_model=PlanShown)
def create(new: NewPlan, asked: Plans) -> Any:
    """Make a draft."""
    draft = plans.PlanDraft(
        code=new.code,
        name=new.name,
        market_rule=new.market_rule,
        from_plan=new.from_plan,
        import_ids=tuple(new.import_ids),
    )
    plans.new_plan(asked.session, draft, user_id=asked.person.user_id)
    record(asked.session, "new_plan", subject=new.code)
    return show_plan(asked, new.code)


@router.get("/{code}", response_model=PlanShown)
def show_one(code: str, asked: Sees) -> Any:
    """One plan."""
    return show_plan(asked, code)


@router.post("/{code}/check", status_code=202, response_model=JobShown)
def check(code: str, asked: Plans) -> Any:
    """Check the plan's ground against its frame: overlaps, gaps, slivers, nested, duplicates, outside."""
    plans.find_plan(asked.session, code)
    job_id = create_job(asked.session, "check_plan", {"plan": code})
    defer_job(asked.session, job_id)
    return show_job(find_job(asked.session, job_id))


@router.get("/{code}/diff/{other}")
def diff(code: str, other: str, asked: Sees) -> dict[str, Any]:
    """What differs from this plan to another, grid by grid."""
    changes = plans.diff(
        asked.session, plans.find_plan(asked.session, code), plans.find_plan(asked.session, other)
    )
    return {"before": code, "after": other, "changes": [dataclasses.asdict(change) for change in changes]}


@router.get("/{code}/findings/{finding_id}/repairs")
def list_repairs(code: str, finding_id: int, asked: Plans) -> dict[str, Any]:
    """The ways to end a finding; nothing is changed."""
    proposals = plans.repair_proposals(asked.session, finding_id)
    return {"plan": code, "finding": finding_id, "options": [proposal.as_json() for proposal in proposals]}


@router.post("/{code}/findings/{finding_id}/repairs")
def repair(code: str, finding_id: int, choice: RepairChoice, asked: Plans) -> dict[str, Any]:
    """Apply one proposal to a draft; checked again, refused when findings are not fewer."""
    done = plans.apply_repair(asked.session, finding_id, choice.option)
    record(asked.session, "repair", subject=code, detail={"finding": finding_id, "option": choice.option})
    shown = {"before": done.before.as_json(), "after": done.after.as_json()}
    return {"plan": code, "option": done.proposal.as_json(), **shown}


@router.post("/{code}/findings/{finding_id}/allow")
def allow(code: str, finding_id: int, asked: Plans) -> dict[str, Any]:
    """Allow a finding that waits for a person's word (a market inside its village)."""
    finding = plans.allow_finding(asked.session, finding_id)
    record(asked.session, "allow_finding", subject=code, detail={"finding": finding_id})
    return {"plan": code, "finding": finding.id, "state": finding.state}


@router.post("/{code}/certificate")
def certify(code: str, asked: Plans) -> dict[str, Any]:
    """Issue the coverage certificate; 409 with the findings that are left."""
    certificate = plans.certify(asked.session, plans.find_plan(asked.session, code))
    record(asked.session, "certify", subject=code)
    return certificate


@router.get("/{code}/certificate")
def verify(code: str, asked: Sees) -> dict[str, Any]:
    """The certificate, and whether the ground is still what it says (for a viewer of all the ground)."""
    plan = plans.find_plan(asked.session, code)
    if asked.person.viewer.db_role == "getu_scoped":
        return {"certificate": plan.certificate, "valid": None}
    return {"certificate": plan.certificate, **plans.verify(asked.session, plan)}


@router.post("/{code}/approve", response_model=PlanShown)
def approve(code: str, asked: Plans) -> Any:
    """Approve a certified plan; not by who made the draft."""
    plans.approve(asked.session, plans.find_plan(asked.session, code), user_id=asked.person.user_id)
    record(asked.session, "approve_plan", subject=code)
    return show_plan(asked, code)


@router.post("/{code}/publish", response_model=PlanShown)
def publish(code: str, publication: Publication, asked: Plans) -> Any:
    """Bring a certified plan into force from a day on; the former plan ends the day before."""
    plan = plans.find_plan(asked.session, code)
    plans.publish(asked.session, plan, valid_from=publication.valid_from, user_id=asked.person.user_id)
    record(
        asked.session, "publish_plan", subject=code, detail={"valid_from": publication.valid_from.isoformat()}
    )
    return show_plan(asked, code)
