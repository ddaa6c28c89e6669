"""Grids are allotted by API: offered to branches and people, answered, withdrawn, seen on a board."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.territory import plans
from app.territory.allotment import (
    Answer,
    Choice,
    Offer,
    answer_offers,
    count_board,
    list_allotments,
    offer_grids,
)

router = APIRouter(prefix="/api/v1/plans", tags=["allotment 网格分配"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Offers = Annotated[Asked, allowed("divide_ground")]
Answers = Annotated[Asked, allowed("answer_allotments")]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
Number = Annotated[int, Field(ge=1, lt=2**63)]
Words = Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$")]
Role = Literal["primary", "backup", "liaison", "terminal_administrator"]
OFFERED: dict[str, Any] = {
    "plan": "V2",
    "batch": 17,
    "offered": 2,
    "grids": ["HM-CL-017", "HM-CL-018"],
    "step": "manager",
    "role": "primary",
    "to": {"code": "M0101", "name": "陆志明"},
    "valid_from": "2026-12-01",
}
ANSWERED: dict[str, Any] = {
    "plan": "V2",
    "answer": "accept",
    "state": "accepted",
    "answered": 2,
    "ids": [41, 42],
    "grids": ["HM-CL-017", "HM-CL-018"],
}
OFFER: dict[str, Any] = {
    "id": 41,
    "batch": 17,
    "step": "manager",
    "role": "primary",
    "state": "offered",
    "state_zh": "待答复",
    "state_en": "waiting for an answer",
    "reason": None,
    "answer_reason": None,
    "grid": {
        "id": 5,
        "code": "HM-CL-017",
        "name": "颐生村",
        "kind": "village",
        "town": "常乐镇",
        "households": 642,
    },
    "allotted": "offered_manager",
    "branch": {"code": "B017", "name": "常乐支行"},
    "former_branch": {"code": "B017", "name": "常乐支行"},
    "staff": {"code": "M0101", "name": "陆志明"},
    "valid_from": "2026-12-01",
    "offered_by": "沈建华",
    "offered_at": "2026-11-22T10:20:00+08:00",
    "answered_by": None,
    "answered_at": None,
    "may_answer": True,
    "may_withdraw": False,
}
STATE: dict[str, Any] = {
    "key": "held",
    "zh": "已落实",
    "en": "held",
    "token": "brand",
    "ink": "#0b5c6b",
    "fill": "#e3f0f2",
    "sign": "●",
}
COUNTS: dict[str, int] = {
    "unallotted": 290,
    "offered_branch": 12,
    "in_branch": 4,
    "offered_manager": 2,
    "held": 0,
    "returned": 0,
}
BOARD: dict[str, Any] = {
    "plan": "V2",
    "status": "draft",
    "states": [STATE],
    "counts": COUNTS,
    "grids": 308,
    "pool": 6,
    "branches": [
        {
            "code": "B017",
            "name": "常乐支行",
            "branch_type": "rural",
            "grids": 14,
            "vacant": 1,
            "incoming": 3,
            "counts": COUNTS,
            "managers": [{"code": "M0101", "name": "陆志明", "grids": 3, "offered": 2, "counts": COUNTS}],
        }
    ],
}


class NewOffer(BaseModel):
    """Grids by code, or all of a town, of a branch, or all in sight; for a branch or for one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "step": "manager",
                "grids": ["HM-CL-017", "HM-CL-018"],
                "to": "M0101",
                "role": "primary",
                "valid_from": "2026-12-01",
            }
        }
    )
    step: Literal["branch", "manager"]
    to: Code
    grids: list[Code] = Field(default_factory=list, max_length=10_000)
    town: Code | None = None
    branch: Code | None = None
    all: bool = False
    role: Role = "primary"
    valid_from: date | None = None
    reason: Words = None


class NewAnswer(BaseModel):
    """Offers by number or one batch; returning them takes a reason."""

    model_config = ConfigDict(json_schema_extra={"example": {"ids": [41, 42], "answer": "accept"}})
    answer: Literal["accept", "return"]
    ids: list[Number] = Field(default_factory=list, max_length=10_000)
    batch: Number | None = None
    reason: Words = None


class Withdrawal(BaseModel):
    """Offers by number or one batch that are taken back."""

    model_config = ConfigDict(json_schema_extra={"example": {"batch": 17, "reason": "名单有误"}})
    ids: list[Number] = Field(default_factory=list, max_length=10_000)
    batch: Number | None = None
    reason: Words = None


class Offered(BaseModel):
    """A batch of offers as it was made."""

    model_config = ConfigDict(json_schema_extra={"example": OFFERED})
    plan: str
    batch: int
    offered: int
    grids: list[str]
    step: str
    role: str
    to: dict[str, str]
    valid_from: date


class Answered(BaseModel):
    """What was answered, all of it at once."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWERED})
    plan: str
    answer: str
    state: str
    answered: int
    ids: list[int]
    grids: list[str]


class OfferShown(BaseModel):
    """One offer with its answer."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": OFFER})
    id: int
    batch: int
    step: str
    role: str
    state: str
    grid: dict[str, Any]
    branch: dict[str, Any]
    staff: dict[str, Any] | None = None
    valid_from: date
    may_answer: bool
    may_withdraw: bool


class OfferList(BaseModel):
    """The offers of a plan in sight."""

    model_config = ConfigDict(json_schema_extra={"example": {"plan": "V2", "allotments": [OFFER]}})
    plan: str
    allotments: list[OfferShown]


class Board(BaseModel):
    """How far the grids of a plan are on their way, by branch and person; states with words and colours."""

    model_config = ConfigDict(json_schema_extra={"example": BOARD})
    plan: str
    status: str
    states: list[dict[str, str]]
    counts: dict[str, int]
    grids: int
    pool: int
    branches: list[dict[str, Any]]


@router.post("/{code}/allot", status_code=201, response_model=Offered)
def offer(code: str, new: NewOffer, asked: Offers) -> Any:
    """Offer grids; 409 with a reason for each grid that cannot be offered, and then none is."""
    plan = plans.find_plan(asked.session, code)
    grids = Choice(tuple(new.grids), new.town, new.branch, new.all)
    made = Offer(new.step, new.to, grids, role=new.role, valid_from=new.valid_from, reason=new.reason)
    return offer_grids(asked.session, plan, made, by=asked.person)


@router.post("/{code}/allotments/answer", response_model=Answered)
def answer(code: str, said: NewAnswer, asked: Answers) -> Any:
    """Accept or return offers; 409 with who answered and when where somebody has already."""
    plan = plans.find_plan(asked.session, code)
    given = Answer(said.answer, tuple(said.ids), said.batch, said.reason)
    return answer_offers(asked.session, plan, given, by=asked.person)


@router.post("/{code}/allotments/withdraw", response_model=Answered)
def withdraw(code: str, taken: Withdrawal, asked: Offers) -> Any:
    """Take back offers that nobody has answered."""
    plan = plans.find_plan(asked.session, code)
    given = Answer("withdraw", tuple(taken.ids), taken.batch, taken.reason)
    return answer_offers(asked.session, plan, given, by=asked.person)


@router.get("/{code}/allotments", response_model=OfferList)
def list_offers(
    code: str,
    asked: Sees,
    state: Literal["offered", "accepted", "returned", "withdrawn"] | None = None,
    mine: bool = False,
) -> Any:
    """Offers of a plan, the newest first; `mine`: those that wait for one's own answer."""
    plan = plans.find_plan(asked.session, code)
    found = list_allotments(asked.session, plan, by=asked.person, state=state, mine=mine)
    return {"plan": plan.code, "allotments": found}


@router.get("/{code}/allotment-board", response_model=Board)
def show_board(code: str, asked: Sees) -> Any:
    """Counts by state, branch and person."""
    return count_board(asked.session, plans.find_plan(asked.session, code))
