"""The story of an assignment: over all customers, over those of changed ground, or one taken back."""

from typing import Any

from sqlalchemy.orm import Session

from app.customers import assignment, moving, reversal
from app.errors import Conflict
from app.jobs.running import Running
from app.territory import plans


def assign_all(run: Running) -> dict[str, Any]:
    """args: plan; changed (only who stands on changed ground); undo (the number of a run to take back).

    One assignment run: over all customers unless told otherwise. Raises Conflict `not_in_force` for a plan
    that is not: its differences tell who would move, and nobody is put into grids that no one holds.
    """
    plan, undo = run.args.get("plan"), run.args.get("undo")
    with run.step() as session:
        if plan:
            _require_in_force(session, plan)
        if undo is not None:
            counts = reversal.undo_run(session, int(undo))
        elif run.args.get("changed"):
            counts = moving.follow_plan(session)
        else:
            counts = assignment.assign_customers(
                session,
                on_progress=lambda stage, done, total: run.tell(stage, done, total),
            )
        run.mark("assigned", counts["total"], counts["total"])
    return counts


def _require_in_force(session: Session, code: str) -> None:
    standing = plans.find_plan_on(session)
    if plans.find_plan(session, code) is not standing:
        raise Conflict(
            "not_in_force",
            zh=f"规划 {code} 今天没有生效，不能归入；要看按它谁会换网格，请用 getu plan diff",
            en=f"plan {code} is not in force today; to see who would move by it, ask getu plan diff",
        )
