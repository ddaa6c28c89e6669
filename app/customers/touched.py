"""Whom the findings of a plan touch: customers within a fault, customers of a grid, grids where nobody lives.

Ground does not know customers; who checks a plan for people calls this afterwards, as the worker.
"""

from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from app.customers.assignment import count_held, read_ground
from app.db import fetch_all, fetch_value, run_statement
from app.models import Plan
from app.territory.plans import read_precedence
from app.territory.plans.findings import GROUND_KINDS, NOTICE_KINDS
from app.territory.plans.noticing import replace_notices


def tell_customers(session: Session, plan: Plan) -> None:
    """Write beside every finding of a plan whom it touches, and note the grids where nobody lives.

    A grid of a plan holds those that an assignment under this plan would give it (by point and precedence,
    else by village), so a draft is told about its own grids. A bank without customers has no empty grids.
    """
    run_statement(session, "customers/count_in_findings", plan_id=plan.id, kinds=list(GROUND_KINDS), ids=None)
    ground = read_ground(session, plan_code=plan.code)
    held = dict(zip(ground.grid_ids.tolist(), count_held(session, ground).tolist(), strict=True))
    _note(session, plan, held, grid_ids=None)


def tell_customers_again(
    session: Session, plan: Plan, *, finding_ids: Sequence[int], grid_ids: Sequence[int]
) -> None:
    """The same after an edit: for findings that are new, and for grids that have changed (EPSG:4326).

    `finding_ids` are `PlanCheck.new`, `grid_ids` the edited grids that still are.
    """
    run_statement(
        session,
        "customers/count_in_findings",
        plan_id=plan.id,
        kinds=list(GROUND_KINDS),
        ids=list(finding_ids),
    )
    rows = fetch_all(
        session,
        "customers/count_in_grids",
        plan_id=plan.id,
        grid_ids=list(grid_ids),
        precedence=read_precedence(plan),
    )
    held = {row["grid_id"]: int(row["customers"]) for row in rows}
    _note(session, plan, held, grid_ids=list(grid_ids))


def _note(session: Session, plan: Plan, held: dict[int, int], *, grid_ids: list[int] | None) -> None:
    known = bool(fetch_value(session, "customers/has_customers"))
    empty = [grid_id for grid_id, customers in held.items() if known and not customers]
    found = [{"grid_id": grid_id, "kind": "no_customers", "detail": {}} for grid_id in empty]
    replace_notices(session, plan, found, kinds=("no_customers",), grid_ids=grid_ids)
    run_statement(
        session,
        "customers/count_of_notices",
        plan_id=plan.id,
        kinds=list(NOTICE_KINDS),
        grid_ids=list(held),
        customers=[int(np.int32(count)) for count in held.values()],
    )
