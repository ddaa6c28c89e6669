"""The job table: making, claiming, fencing, finishing. One row is one long story."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Viewer, fetch_one, run_statement
from app.errors import Conflict, GetuError, NotFound
from app.models import Job


class Fenced(Conflict):
    """Another attempt has taken this job over; what this one did last is rolled back."""

    def __init__(self) -> None:
        super().__init__("fenced", zh="任务已由另一进程接手", en="another attempt has taken this job over")


class Cancelled(Conflict):
    """A person asked to stop; everything of the current chunk is rolled back."""

    def __init__(self) -> None:
        super().__init__("cancelled", zh="任务已按要求取消", en="the job was cancelled on request")


def create_job(session: Session, kind: str, args: dict[str, Any]) -> int:
    """A waiting job in the viewer's name, or the unfinished one of the same kind and args."""
    viewer = session.info["viewer"]
    assert isinstance(viewer, Viewer)
    same = fetch_one(session, "jobs/find_unfinished", kind=kind, args=json.dumps(args, sort_keys=True))
    if same is not None:
        return int(same["id"])
    job = Job(kind=kind, args=args, created_by=viewer.user_id)
    session.add(job)
    session.flush()
    return job.id


def find_job(session: Session, job_id: int) -> Job:
    """The job, if the viewer may see it. Raises NotFound."""
    job = session.scalar(select(Job).where(Job.id == job_id))
    if job is None:
        raise NotFound("no_job", zh="没有这个任务", en="no such job in your sight")
    return job


def find_live_job(session: Session, import_id: int) -> int | None:
    """The job that waits or runs for an import, as far as the viewer sees jobs."""
    row = fetch_one(session, "jobs/find_live_job", import_id=import_id)
    return None if row is None else int(row["id"])


def list_jobs(session: Session, *, limit: int = 50) -> list[dict[str, Any]]:
    """The newest jobs in the viewer's sight."""
    return [show_job(job) for job in session.scalars(select(Job).order_by(Job.id.desc()).limit(limit))]


def show_job(job: Job) -> dict[str, Any]:
    """A job as pages and callers see it: its state, its progress, its outcome."""
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        **tell_pace(job),
        "attempt": job.attempt,
        "import_id": job.args.get("import_id"),
        "result": job.result,
        "error": job.error,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
    }


def tell_pace(job: Job) -> dict[str, int | None]:
    """How many a second this attempt has done, and in how many seconds it will be over; None when unknown."""
    pace = job.checkpoint.get("pace") or {}
    seconds = (datetime.now(UTC).timestamp() - pace["since"]) if pace else 0.0
    done = job.done - pace.get("from", 0)
    if job.status != "running" or job.attempt != pace.get("attempt") or seconds < 1 or done <= 0:
        return {"per_s": None, "seconds_left": None}
    rate = done / seconds
    left = max(job.total - job.done, 0)
    return {"per_s": round(rate), "seconds_left": round(left / rate) if job.total else None}


def ask_cancel(session: Session, job_id: int) -> None:
    """Ask a job to stop at its next chunk. Raises NotFound, or Conflict when it is already over."""
    if find_job(session, job_id).status not in ("waiting", "running"):
        raise Conflict("job_over", zh="任务已经结束", en="the job is already over")
    session.execute(update(Job).where(Job.id == job_id).values(cancel_asked=True))


def claim_job(session: Session, job_id: int) -> Job | None:
    """Begin the next attempt; None when the job is already over."""
    row = fetch_one(session, "jobs/claim_job", job_id=job_id)
    return None if row is None else session.get_one(Job, job_id, populate_existing=True)


def fence(session: Session, job_id: int, attempt: int) -> None:
    """Lock the job's row for this transaction; raises Fenced or Cancelled."""
    row = fetch_one(session, "jobs/lock_job", job_id=job_id)
    if row is None or row["attempt"] != attempt or row["status"] != "running":
        raise Fenced
    if row["cancel_asked"]:
        raise Cancelled


def save_progress(session: Session, job_id: int, marks: dict[str, Any]) -> None:
    """Write stage, done, total or checkpoint of the job; they land with the transaction's chunk."""
    session.execute(update(Job).where(Job.id == job_id).values(**marks))


def tell_progress(session: Session, job_id: int, attempt: int, marks: dict[str, Any]) -> None:
    """Show progress in a transaction of its own, while the work's own is open. Raises as `fence` does."""
    fence(session, job_id, attempt)
    save_progress(session, job_id, marks)


def finish_job(session: Session, job_id: int, result: dict[str, Any]) -> None:
    """The job is done."""
    run_statement(
        session, "jobs/finish_job", job_id=job_id, status="done", result=json.dumps(result), error=None
    )


def fail_job(session: Session, job_id: int, error: GetuError) -> None:
    """The job ended without its result: cancelled, or failed with a reason for people."""
    status = "cancelled" if isinstance(error, Cancelled) else "failed"
    told = json.dumps({"code": error.code, "zh": error.zh, "en": error.en, **error.facts}, default=str)
    run_statement(session, "jobs/finish_job", job_id=job_id, status=status, result=None, error=told)
