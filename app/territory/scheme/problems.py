"""Problems to put right (row A9): found in a grid, pinned on the map, due on a day, done, looked at again."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy.orm import Session

from app.clock import today
from app.db import as_worker, fetch_all
from app.errors import BadInput, Conflict, NotFound
from app.models import Problem
from app.territory.organisation import find_staff

Answer = Literal["done", "close", "reopen"]
# What each answer may follow, and where it leads.
_WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "done": (("open",), "done"),
    "close": (("done",), "closed"),
    "reopen": (("done", "closed"), "open"),
}


@dataclass(frozen=True, slots=True)
class NewProblem:
    """What was found: `lon`/`lat` (EPSG:4326) pin it, `staff` is whose it is to put right."""

    grid_id: int
    title: str
    due_on: date
    detail: str = ""
    lon: float | None = None
    lat: float | None = None
    staff: str | None = None


def list_problems(
    session: Session, *, state: str | None = None, overdue: bool = False, limit: int = 500
) -> list[dict[str, Any]]:
    """Problems in the viewer's sight, what is due first on top; `late` where the day has passed."""
    return fetch_all(
        session, "territory/scheme/list_problems", state=state, overdue=overdue, on=today(), limit=limit
    )


def open_problem(session: Session, new: NewProblem, *, user_id: int | None) -> int:
    """Write down a problem; returns its id.

    Raises NotFound for a grid out of sight or an unknown person, BadInput `past_due` for a day gone by,
    `no_title`, `half_a_point`.
    """
    if not fetch_all(session, "territory/scheme/find_grid", grid_id=new.grid_id):
        raise NotFound("no_grid", zh="没有这个网格，或不在您的范围内", en="no such grid in your sight")
    if not new.title.strip():
        raise BadInput("no_title", zh="请写明问题", en="say what is wrong")
    if new.due_on < today():
        raise BadInput("past_due", zh="整改期限不能早于今天", en="the day it is due has passed already")
    if (new.lon is None) != (new.lat is None):
        raise BadInput("half_a_point", zh="经度和纬度须同时给出", en="give both longitude and latitude")
    person = find_staff(session, new.staff) if new.staff is not None else None
    geom = None if new.lon is None or new.lat is None else from_shape(Point(new.lon, new.lat), srid=4326)
    problem = Problem(
        grid_id=new.grid_id,
        geom=geom,
        title=new.title.strip(),
        detail=new.detail.strip(),
        due_on=new.due_on,
        staff_id=person.id if person is not None else None,
        opened_by=user_id,
    )
    with as_worker(session):
        session.add(problem)
        session.flush()
        return problem.id


def answer_problem(
    session: Session, problem_id: int, answer: Answer, *, note: str | None, user_id: int | None
) -> str:
    """Say that a problem is put right (done), seen to be so (close), or is not (reopen); its new state.

    Who has put it right cannot be who sees that it is so. Raises NotFound, BadInput `no_note` for a done
    without a word of how, Conflict `wrong_state`, `two_people`.
    """
    problem = session.get(Problem, problem_id)
    if problem is None:
        raise NotFound("no_problem", zh="没有这个问题，或不在您的范围内", en="no such problem in your sight")
    with as_worker(session):
        session.refresh(problem, with_for_update=True)
        _move(problem, answer, note, user_id)
        session.flush()
        return problem.state


def _move(problem: Problem, answer: Answer, note: str | None, user_id: int | None) -> None:
    before, after = _WAYS[answer]
    if problem.state not in before:
        raise Conflict(
            "wrong_state",
            zh="该问题的状态已经变化，请刷新后再办",
            en=f"the problem is {problem.state} now; look again",
            state=problem.state,
        )
    now = datetime.now(UTC)
    if answer == "done":
        if not (note or "").strip():
            raise BadInput("no_note", zh="请写明如何整改", en="say how it was put right")
        problem.answer, problem.done_by, problem.done_at = note, user_id, now
    elif answer == "close":
        if user_id is not None and user_id == problem.done_by:
            raise Conflict(
                "two_people", zh="整改人不能自己销号", en="who put it right cannot close it himself"
            )
        problem.closed_by, problem.closed_at = user_id, now
    else:
        problem.closed_by = problem.closed_at = None
    problem.state = after
