"""Changes of people by API: leave with a replacement, a departure, a branch that joins another."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers.staffing_bill import preview_change
from app.territory.allotment import (
    Ask,
    apply_change,
    cancel_change,
    end_leave,
    find_change,
    list_changes,
    show_change,
    undo_change,
)

router = APIRouter(prefix="/api/v1/staffing-changes", tags=["staffing 人员变动"], responses=PROBLEMS)
Changes = Annotated[Asked, allowed("divide_ground")]
Number = Annotated[int, Path(ge=0, lt=2**63)]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
Taker = Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00]*$")]
LINE: dict[str, Any] = {
    "plan_code": "V1",
    "plan_status": "in_force",
    "grid_id": 5,
    "grid_code": "HM-CL-017",
    "grid_name": "颐生村",
    "town_name": "常乐镇",
    "role": "primary",
    "begins": "2026-12-01",
    "ends": "2026-12-11",
    "from": {"code": "M0101", "name": "陆志明"},
    "to": {"code": "M0102", "name": "沈建华"},
    "why": "backup",
    "why_zh": "协办人接替",
    "why_en": "the backup takes over",
    "customers": 2077,
    "candidates": [{"code": "M0102", "name": "沈建华", "why": "backup", "customers": 3121}],
}
BILL: dict[str, Any] = {
    "grids": 3,
    "customers": 6120,
    "existing": 5411,
    "prospects": 709,
    "households": 1788,
    "deposit_yuan": 81234567.0,
    "loan_yuan": 21234000.0,
    "key_clients": [{"name": "陈**", "tier": "key"}],
    "key_count": 9,
    "managers": [
        {
            "from_code": "M0101",
            "from": "陆志明",
            "to_code": "M0102",
            "to": "沈建华",
            "grids": 3,
            "customers": 6120,
        }
    ],
    "letters": 1,
    "vacant": 0,
}
CHANGE: dict[str, Any] = {
    "id": 7,
    "kind": "leave",
    "kind_zh": "休假与接替",
    "kind_en": "leave with a replacement",
    "state": "draft",
    "state_zh": "待办理",
    "state_en": "prepared",
    "stage": "prepared",
    "staff": {"code": "M0101", "name": "陆志明"},
    "branch": {"code": "B017", "name": "常乐支行"},
    "into": None,
    "valid_from": "2026-12-01",
    "valid_to": "2026-12-11",
    "reason": "年休假",
    "choices": {},
    "plan": None,
    "lines": [LINE],
    "people": [],
    "bill": BILL,
    "created_by": "周海峰",
    "created_at": "2026-11-22T10:20:00+08:00",
    "applied_by": None,
    "applied_at": None,
    "may": {"apply": True, "cancel": True, "undo": False, "back": False},
}


class NewChange(BaseModel):
    """A leave (`valid_to` is the first day back), a departure for good, or a branch that joins another.

    `choices` name who takes a grid, over the proposal; null leaves it vacant.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "leave",
                "staff": "M0101",
                "valid_from": "2026-12-01",
                "valid_to": "2026-12-11",
                "choices": {"HM-CL-017": "M0102"},
                "reason": "年休假",
            }
        }
    )
    kind: Literal["leave", "departure", "branch_merge"]
    staff: Code | None = None
    branch: Code | None = None
    into: Code | None = None
    valid_from: date
    valid_to: date | None = None
    choices: dict[Code, Taker] = Field(default_factory=dict, max_length=10_000)
    reason: Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")] = None


class DayBack(BaseModel):
    """The first day on which somebody is back."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-12-05"}})
    on: date


class ChangeShown(BaseModel):
    """A change of people: its days, grid by grid who hands over to whom and why, and its bill."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": CHANGE})
    id: int
    kind: str
    state: str
    stage: str
    staff: dict[str, str] | None = None
    branch: dict[str, str] | None = None
    into: dict[str, str] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    bill: dict[str, Any]
    may: dict[str, bool]


class ChangeList(BaseModel):
    """The changes of people in sight, without their lines."""

    model_config = ConfigDict(json_schema_extra={"example": {"changes": [CHANGE]}})
    changes: list[ChangeShown]


@router.post("", status_code=201, response_model=ChangeShown)
def prepare(new: NewChange, asked: Changes) -> Any:
    """Work out a change with its bill; no duty is changed until it is applied."""
    ask = Ask(
        new.kind,
        new.valid_from,
        staff=new.staff,
        branch=new.branch,
        into=new.into,
        valid_to=new.valid_to,
        choices=dict(new.choices),
        reason=new.reason,
    )
    return preview_change(asked.session, ask, by=asked.person)


@router.get("", response_model=ChangeList)
def list_all(asked: Changes, state: Literal["draft", "applied", "undone", "cancelled"] | None = None) -> Any:
    """The changes of people of one's branches, the newest first."""
    return {"changes": list_changes(asked.session, by=asked.person, state=state)}


@router.get("/{change_id}", response_model=ChangeShown)
def show_one(change_id: Number, asked: Changes) -> Any:
    """One change."""
    return show_change(asked.session, find_change(asked.session, change_id), by=asked.person)


@router.post("/{change_id}/apply", response_model=ChangeShown)
def apply(change_id: Number, asked: Changes) -> Any:
    """Apply it, all or nothing; a merge makes its draft plan, and applied again moves its people."""
    return apply_change(asked.session, change_id, by=asked.person)


@router.post("/{change_id}/undo", response_model=ChangeShown)
def undo(change_id: Number, asked: Changes) -> Any:
    """Take it back while nobody has changed the same duties since."""
    return undo_change(asked.session, change_id, by=asked.person)


@router.post("/{change_id}/cancel", response_model=ChangeShown)
def cancel(change_id: Number, asked: Changes) -> Any:
    """Put a prepared change aside."""
    return cancel_change(asked.session, change_id, by=asked.person)


@router.post("/{change_id}/back", response_model=ChangeShown)
def come_back(change_id: Number, back: DayBack, asked: Changes) -> Any:
    """Somebody is back from leave before the day that was planned."""
    return end_leave(asked.session, change_id, back.on, by=asked.person)
