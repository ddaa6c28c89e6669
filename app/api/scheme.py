"""The scheme of responsibility by API: lights, letters, contact branches, checklists, posts, problems."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.errors import NotFound
from app.models import Grid
from app.territory import plans, scheme

router = APIRouter(prefix="/api/v1/scheme", tags=["scheme 责任体系"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]
Reads = Annotated[Asked, allowed("see_ground")]
Divides = Annotated[Asked, allowed("divide_ground")]
Plans = Annotated[Asked, allowed("plan_ground")]
Reports = Annotated[Asked, allowed("report_visits")]
PlanCode = Annotated[str, Query(max_length=32, description="the plan in force when none is named")]


class Letters(BaseModel):
    """Who has signed his responsibility letter, and when."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"plan": "V1", "staff": ["M0101"], "signed_on": "2026-01-05"}}
    )
    plan: str | None = None
    staff: list[str] = Field(min_length=1, max_length=3000)
    signed_on: date


class Contact(BaseModel):
    """Who at head office looks after a branch from a day on; nobody when `staff` is empty."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"branch": "B017", "staff": "D001", "valid_from": "2026-01-01"}}
    )
    branch: str = Field(max_length=32)
    staff: str | None = Field(default=None, max_length=32)
    valid_from: date | None = None


class Rule(BaseModel):
    """A line of a checklist."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"zh": "走访村两委", "en": "Meet the committee", "every": "month"}}
    )
    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(default="", max_length=200)
    every: Literal["day", "week", "month", "quarter", "year", "once"]


class Rules(BaseModel):
    """The checklist of a kind of grid, in order."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"rules": [{"zh": "走访村两委", "en": "", "every": "month"}]}}
    )
    rules: list[Rule] = Field(max_length=40)


class Posts(BaseModel):
    """Who is named by hand; an empty value gives the post back to the rule."""

    model_config = ConfigDict(json_schema_extra={"example": {"posts": {"does": "M0101"}}})
    posts: dict[str, str | None]


class Found(BaseModel):
    """A problem found in a grid."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "grid_id": 5,
                "title": "联络员空缺",
                "detail": "原联络员已离任",
                "due_on": "2026-12-31",
                "lon": 121.27,
                "lat": 31.94,
                "staff": "M0101",
            }
        }
    )
    grid_id: int
    title: str = Field(min_length=1, max_length=120)
    detail: str = Field(default="", max_length=1000)
    due_on: date
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    staff: str | None = Field(default=None, max_length=32)


class Answered(BaseModel):
    """What is said of a problem: put right (with how), seen to be so, or not after all."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": "done", "note": "已补聘联络员"}})
    answer: Literal["done", "close", "reopen"]
    note: str | None = Field(default=None, max_length=1000)


@router.get("/lights")
def list_lights(asked: Sees, plan: PlanCode = plans.IN_FORCE) -> dict[str, Any]:
    """How far each grid in sight has come: ground sound, somebody holds it, letter signed."""
    return scheme.list_lights(asked.session, plans.find_plan(asked.session, plan))


@router.post("/letters")
def sign_letters(letters: Letters, asked: Divides) -> dict[str, Any]:
    """Note that people have signed their responsibility letters."""
    plan = plans.find_plan(asked.session, letters.plan)
    noted = scheme.sign_letters(
        asked.session, plan, letters.staff, signed_on=letters.signed_on, user_id=asked.person.user_id
    )
    record(asked.session, "sign_letters", subject=plan.code, detail={"staff": letters.staff})
    return {"plan": plan.code, "signed": noted}


@router.get("/contacts")
def list_contacts(asked: Reads, on: date | None = None) -> dict[str, Any]:
    """Who at head office looks after which branch."""
    return {"contacts": scheme.list_contacts(asked.session, on=on)}


@router.put("/contacts")
def set_contact(contact: Contact, asked: Plans) -> dict[str, Any]:
    """Pair a branch with a person of head office from a day on, or end the pairing."""
    scheme.set_contact(asked.session, contact.branch, contact.staff, valid_from=contact.valid_from)
    record(asked.session, "set_contact", subject=contact.branch, detail={"staff": contact.staff})
    return {"contacts": scheme.list_contacts(asked.session, on=contact.valid_from)}


@router.get("/rules")
def list_rules(asked: Reads, kind: Annotated[str | None, Query(max_length=24)] = None) -> dict[str, Any]:
    """The duty checklists by kind of grid."""
    return {"rules": scheme.list_rules(asked.session, kind=kind)}


@router.put("/rules/{kind}")
def set_rules(kind: str, rules: Rules, asked: Plans) -> dict[str, Any]:
    """Write the checklist of a kind of grid anew."""
    written = scheme.set_rules(asked.session, kind, [rule.model_dump() for rule in rules.rules])
    record(asked.session, "set_rules", subject=kind)
    return {"rules": written}


@router.get("/grids/{grid_id}")
def show_grid(grid_id: int, asked: Sees) -> dict[str, Any]:
    """A grid's four posts, its checklist and its problems."""
    grid = find_grid(asked, grid_id)
    problems = [row for row in scheme.list_problems(asked.session) if row["grid_id"] == grid_id]
    return {
        "grid": {"id": grid.id, "code": grid.code, "name": grid.name, "kind": grid.kind},
        "posts": scheme.list_posts_of(asked.session, [grid_id])[grid_id],
        "rules": scheme.list_rules(asked.session, kind=grid.kind),
        "problems": problems,
    }


def find_grid(asked: Asked, grid_id: int) -> Grid:
    """The grid, NotFound out of sight."""
    grid = asked.session.get(Grid, grid_id)
    if grid is None:
        raise NotFound("no_grid", zh="没有这个网格，或不在您的范围内", en="no such grid in your sight")
    return grid


@router.put("/grids/{grid_id}/posts")
def set_posts(grid_id: int, posts: Posts, asked: Divides) -> dict[str, Any]:
    """Name people for a grid's posts by hand."""
    named = scheme.set_posts(asked.session, grid_id, posts.posts)
    record(asked.session, "set_posts", subject=str(grid_id), detail=dict(posts.posts))
    return {"posts": named}


@router.get("/problems")
def list_problems(
    asked: Sees,
    state: Literal["open", "done", "closed"] | None = None,
    overdue: bool = False,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> dict[str, Any]:
    """Problems in sight, what is due first on top."""
    return {"problems": scheme.list_problems(asked.session, state=state, overdue=overdue, limit=limit)}


@router.post("/problems", status_code=201)
def open_problem(found: Found, asked: Reports) -> dict[str, Any]:
    """Write down a problem with the day it is due."""
    new = scheme.NewProblem(**found.model_dump())
    problem_id = scheme.open_problem(asked.session, new, user_id=asked.person.user_id)
    record(asked.session, "open_problem", subject=str(problem_id))
    return {"id": problem_id, "state": "open"}


@router.post("/problems/{problem_id}/answer")
def answer_problem(problem_id: int, answered: Answered, asked: Reports) -> dict[str, Any]:
    """Say that a problem is put right, or that it is seen to be so."""
    state = scheme.answer_problem(
        asked.session, problem_id, answered.answer, note=answered.note, user_id=asked.person.user_id
    )
    record(asked.session, "answer_problem", subject=str(problem_id), detail={"answer": answered.answer})
    return {"id": problem_id, "state": state}
