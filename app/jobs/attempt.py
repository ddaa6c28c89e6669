"""Making an attempt at a job, in a worker or in the command line's own process."""

from typing import Any

import structlog

from app.db import Database
from app.db.connection import WORKER
from app.errors import GetuError, NotReady
from app.jobs.ledger import Fenced, claim_job, create_job, fail_job, fence, find_job, finish_job, show_job
from app.jobs.running import Running, Teller
from app.jobs.stories import find_story
from app.settings import Settings

log = structlog.get_logger()


def run_job(
    database: Database, settings: Settings, job_id: int, *, tell: Teller | None = None
) -> dict[str, Any]:
    """Make one attempt at a job, from its checkpoint; returns the job as shown. Errors end in its row."""
    with database.transaction(WORKER) as session:
        job = claim_job(session, job_id)
        if job is None:
            return show_job(find_job(session, job_id))
    running = Running(job.id, job.attempt, job.args, job.checkpoint, job.created_by, database, settings)
    running.tell = tell or running.tell
    try:
        result = find_story(job.kind).find_teller()(running)
        with database.transaction(WORKER) as session:
            fence(session, job_id, job.attempt)
            finish_job(session, job_id, result)
    except Fenced:
        log.warning("job_fenced", job=job_id, attempt=job.attempt)
    except NotReady:
        # The database went away: nothing of this chunk landed; the queue tries again from the checkpoint.
        raise
    except GetuError as error:
        _end_badly(database, job_id, error)
    except Exception as error:
        log.exception("job_failed", job=job_id, kind=job.kind)
        _end_badly(database, job_id, _unexpected(error))
        raise
    with database.transaction(WORKER) as session:
        return show_job(find_job(session, job_id))


def _end_badly(database: Database, job_id: int, error: GetuError) -> None:
    with database.transaction(WORKER) as session:
        fail_job(session, job_id, error)


def _unexpected(error: Exception) -> GetuError:
    """A bug, told without its text: that stays in the log."""
    return GetuError(
        "unexpected",
        zh="任务因程序错误停止，已记录日志，数据未受影响",
        en="the job stopped on a program error; see the log. Nothing half-landed",
        kind=type(error).__name__,
    )


def run_now(
    database: Database, settings: Settings, kind: str, args: dict[str, Any], *, tell: Teller | None = None
) -> dict[str, Any]:
    """Make or find a job and run it in this process (the command line), from where a killed run left off."""
    with database.transaction(WORKER) as session:
        job_id = create_job(session, kind, args)
    return run_job(database, settings, job_id, tell=tell)
