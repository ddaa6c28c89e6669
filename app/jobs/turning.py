"""A plan begins by its date and nobody presses a button: people move, and customers follow to its grids."""

from sqlalchemy.orm import Session

from app.db import fetch_one
from app.jobs.ledger import create_job
from app.jobs.queue import defer_job
from app.territory import plans
from app.territory.allotment import settle_changes


def turn_plans(session: Session) -> int | None:
    """Retire plans that have ended, let changes of people come true, and start an assignment where customers
    stand in another plan's grids than that of today: of those on changed ground. Returns its job, None when
    everything stands as it should, a job is on its way, or somebody took this very turn back by hand."""
    plans.retire_ended(session)
    settle_changes(session)
    if fetch_one(session, "jobs/find_turned_plan") is None:
        return None
    job_id = create_job(session, "assign", {"changed": True})
    defer_job(session, job_id)
    return job_id
