"""The demo bank beside its plan: contact branches, targets of this month, signed letters, problems."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today
from app.customers import targets
from app.models import Branch, Grid, GridTarget, Plan, Staff
from app.territory import plans, scheme
from app.territory.scheme import NewProblem

# Every ninth manager has not signed yet: something is left to do on the page.
UNSIGNED_EVERY = 9
PROBLEMS = (
    ("联络员空缺", "原联络员已离任，待村委会推荐", 14),
    ("界牌缺失", "与邻村交界处界牌缺失，客户归属有争议", 7),
    ("收单设备停用", "市场内 3 台设备停用，待更换", 3),
)


def lay_scheme(session: Session, code: str, begins: date) -> dict[str, int]:
    """Once: who looks after each branch, what each grid is to reach this month, who has signed; how many."""
    plan = plans.find_plan(session, code)
    if session.scalar(select(GridTarget.id).limit(1)) is not None:
        return {}
    return {
        "contacts": _pair_branches(session, begins),
        "targets": _set_targets(session, plan),
        "letters": _sign_letters(session, plan, begins),
        "problems": _open_problems(session, plan),
    }


def _pair_branches(session: Session, begins: date) -> int:
    people = session.scalars(select(Staff.code).where(Staff.kind == "department").order_by(Staff.code)).all()
    branches = session.scalars(select(Branch.code).where(Branch.kind == "branch").order_by(Branch.code)).all()
    for at, branch in enumerate(branches):
        scheme.set_contact(session, branch, people[at % len(people)], valid_from=begins)
    return len(branches)


def _list_grids(session: Session, plan: Plan) -> list[Any]:
    query = select(Grid.id, Grid.code, Grid.households).where(Grid.plan_id == plan.id, Grid.level == 3)
    return list(session.execute(query.order_by(Grid.code)))


def _set_targets(session: Session, plan: Plan) -> int:
    month = today().isoformat()[:7]
    wanted = {
        (grid.code, measure): Decimal(max(5, (grid.households or 200) // share))
        for grid in _list_grids(session, plan)
        for measure, share in (("visited", 40), ("filed", 20))
    }
    return targets.set_targets(session, plan.id, month, wanted, user_id=None)


def _sign_letters(session: Session, plan: Plan, begins: date) -> int:
    lights = scheme.list_lights(session, plan)["grids"]
    managers = sorted({grid["manager_code"] for grid in lights if grid["manager_code"]})
    signed = [code for at, code in enumerate(managers) if at % UNSIGNED_EVERY]
    return scheme.sign_letters(session, plan, signed, signed_on=begins, user_id=None)


def _open_problems(session: Session, plan: Plan) -> int:
    grids = _list_grids(session, plan)
    for at, (title, detail, days) in enumerate(PROBLEMS):
        grid = grids[(at * 97) % len(grids)]
        due = today() + timedelta(days)
        scheme.open_problem(session, NewProblem(grid.id, title, due, detail=detail), user_id=None)
    return len(PROBLEMS)
