"""The story of an assignment: over all customers, over those of changed ground, or one taken back."""

from typing import Any

from app.customers import assignment, moving, reversal
from app.jobs.running import Running


def assign_all(run: Running) -> dict[str, Any]:
    """args: plan; changed (only who stands on changed ground); undo (the number of a run to take back).

    One assignment run: over all customers unless told otherwise.
    """
    plan, undo = run.args.get("plan"), run.args.get("undo")
    with run.step() as session:
        if undo is not None:
            counts = reversal.undo_run(session, int(undo))
        elif run.args.get("changed"):
            counts = moving.follow_plan(session, plan_code=plan)
        else:
            counts = assignment.assign_customers(
                session,
                plan_code=plan,
                on_progress=lambda stage, done, total: run.tell(stage, done, total),
            )
        run.mark("assigned", counts["total"], counts["total"])
    return counts
