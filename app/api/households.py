"""Households: found by the machine with a confidence, confirmed, split and taken back by people."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.session import Asked, allowed
from app.customers.households import deciding, showing, storing
from app.customers.listing import require_grid
from app.jobs import create_job, defer_job, find_job, show_job

router = APIRouter(prefix="/api/v1/households", tags=["households 家庭"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]
Places = Annotated[Asked, allowed("place_customers")]
Assigns = Annotated[Asked, allowed("assign_customers")]
MEMBER: dict[str, Any] = {
    "customer_id": 18,
    "name": "沈**",
    "standing": "existing",
    "tier": "regular",
    "source": {"code": "roster", "name": "整村授信名册"},
    "relation": "head",
    "relation_zh": "户主",
    "address": "悦来镇习正村***",
    "rung": 3,
    "placed_by": "exact",
    "state": "proposed",
    "confidence": 0.996,
    "reasons": [{"code": "same_house", "zh": "同一门牌", "en": "same house number"}],
    "grid": {"id": 5, "code": "HM-YL-009", "name": "习正村"},
}
HOUSEHOLD: dict[str, Any] = {
    "id": 7,
    "state": "proposed",
    "confidence": 0.996,
    "band": "sure",
    "village": "习正村",
    "town": "悦来镇",
    "head_customer_id": 18,
    "members": [MEMBER],
    "persons": 1,
    "hidden": 1,
}
PIN: dict[str, Any] = {"customer_id": 18, "lon": 121.21, "lat": 31.95, "customer_ids": [19]}
STEP: dict[str, Any] = {
    "id": 3,
    "action": "confirm",
    "who": "陆志明",
    "undoes": None,
    "undone": False,
    "at": "2026-11-21",
}


class MemberShown(BaseModel):
    """A member in the viewer's sight: masked, with how sure and why."""

    model_config = ConfigDict(json_schema_extra={"example": MEMBER})
    customer_id: int
    name: str
    standing: str
    tier: str
    source: dict[str, str]
    relation: str | None
    relation_zh: str | None
    address: str | None
    rung: int | None
    placed_by: str | None
    state: str
    confidence: float
    reasons: list[dict[str, str]]
    grid: dict[str, Any]


class HouseholdShown(BaseModel):
    """A household; `hidden` members stand in others' grids and are only counted."""

    model_config = ConfigDict(json_schema_extra={"example": HOUSEHOLD})
    id: int
    state: Literal["proposed", "confirmed"]
    confidence: float
    band: Literal["sure", "likely", "possible"]
    village: str | None
    town: str | None
    head_customer_id: int | None
    members: list[MemberShown]
    persons: int
    hidden: int


class HouseholdWhole(HouseholdShown):
    """A household with what was decided of it, and a pin of one member that others could take."""

    model_config = ConfigDict(json_schema_extra={"example": {**HOUSEHOLD, "pin_from": PIN, "steps": [STEP]}})
    pin_from: dict[str, Any] | None
    steps: list[dict[str, Any]]


class HouseholdPage(BaseModel):
    """A page of households, where the next one starts, and how many there are in all."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"households": [HOUSEHOLD], "next": 7, "total": 214}}
    )
    households: list[HouseholdShown]
    next: int | None
    total: int


class Confirmation(BaseModel):
    """The members as they were shown; another membership by now is a conflict."""

    model_config = ConfigDict(json_schema_extra={"example": {"customer_ids": [18, 19]}})
    customer_ids: list[int] | None = Field(default=None, max_length=100)


class Split(BaseModel):
    """Who does not live with the others."""

    model_config = ConfigDict(json_schema_extra={"example": {"customer_ids": [19]}})
    customer_ids: list[int] = Field(max_length=100)


class Decided(BaseModel):
    """The step that was kept, and the household as it stands; none when it ended."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"step": 3, "household": {**HOUSEHOLD, "pin_from": PIN, "steps": [STEP]}}
        }
    )
    step: int
    household: HouseholdWhole | None


@router.get("", response_model=HouseholdPage)
def list_all(
    asked: Sees,
    grid: int | None = None,
    state: Literal["proposed", "confirmed"] | None = None,
    band: Literal["sure", "likely", "possible"] | None = None,
    q: Annotated[str | None, Query(max_length=40)] = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Households in sight by grid, state, confidence (`band`) and the beginning of a member's name (`q`)."""
    if grid is not None:
        require_grid(asked.session, grid)
    filters = {"grid_id": grid, "state": state, "band": band, "q": q}
    return showing.list_households(asked.session, filters=filters, after=after, limit=limit)


@router.get("/summary")
def summarise(asked: Sees) -> dict[str, Any]:
    """Customers, placed, households and members in sight, by band and by reason."""
    return storing.count_households(asked.session)


@router.post("/runs", status_code=202, response_model=JobShown)
def start(asked: Assigns) -> Any:
    """Link the whole bank anew; what people confirmed and split stays."""
    job_id = create_job(asked.session, "link_households", {})
    defer_job(asked.session, job_id)
    record(asked.session, "link_households", detail={"job": job_id})
    return show_job(find_job(asked.session, job_id))


@router.get("/{household_id}", response_model=HouseholdWhole)
def show_one(household_id: int, asked: Sees) -> Any:
    """One household in sight: members, reasons, decisions, a pin to take over."""
    return showing.find_household(asked.session, household_id)


@router.post("/{household_id}/confirm", response_model=Decided)
def confirm(household_id: int, asked: Places, shown: Confirmation | None = None) -> Any:
    """The members in sight live together: no run parts them."""
    known = None if shown is None else shown.customer_ids
    return _tell(asked, deciding.confirm_household(asked.session, household_id, shown=known))


@router.post("/{household_id}/split", response_model=Decided)
def split(household_id: int, leaving: Split, asked: Places) -> Any:
    """The named members leave and are never linked to the others again."""
    return _tell(asked, deciding.split_household(asked.session, household_id, leaving.customer_ids))


@router.post("/{household_id}/undo", response_model=Decided)
def undo(household_id: int, asked: Places) -> Any:
    """The latest decision is taken back, byte for byte; one's own, head office any."""
    return _tell(asked, deciding.undo_household(asked.session, household_id))


def _tell(asked: Asked, done: dict[str, Any]) -> dict[str, Any]:
    """The step with the household as it stands now."""
    number = done["household_id"]
    household = None if number is None else showing.find_household(asked.session, number)
    return {"step": done["step"], "household": household}
