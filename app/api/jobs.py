"""Long stories seen from outside: their state, their progress as it comes, and a way to stop them.

Progress is state, not a log: a reader gets a snapshot at once, then the latest whenever it changed.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from app.access import Person
from app.api.errors import PROBLEMS
from app.api.service import Service, service_of
from app.api.session import Asked, CurrentPerson, allowed
from app.jobs import ask_cancel, find_job, list_jobs, show_job

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs 任务"], responses=PROBLEMS)
Follows = Annotated[Asked, allowed("see_ground")]
LOOK_EVERY_S, PING_EVERY_S = 0.4, 15.0
OVER = ("done", "failed", "cancelled")


class JobShown(BaseModel):
    """A job's state and progress."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "kind": "import_customers",
                "status": "running",
                "stage": "place",
                "done": 40000,
                "total": 50000,
                "per_s": 11000,
                "seconds_left": 1,
                "attempt": 1,
                "import_id": None,
                "result": None,
                "error": None,
                "created_at": "2026-11-21T09:30:00+08:00",
                "finished_at": None,
            }
        }
    )
    id: int
    kind: str
    status: str
    stage: str
    done: int
    total: int
    per_s: int | None = None
    seconds_left: int | None = None
    attempt: int
    import_id: int | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    created_at: str
    finished_at: str | None = None


@router.get("", response_model=list[JobShown])
def list_all(asked: Follows) -> Any:
    """The newest jobs: head office sees all, others their own."""
    return list_jobs(asked.session)


@router.get("/{job_id}", response_model=JobShown)
def show_one(job_id: int, asked: Follows) -> Any:
    """One job."""
    return show_job(find_job(asked.session, job_id))


@router.post("/{job_id}/cancel", response_model=JobShown)
def cancel(job_id: int, asked: Follows) -> Any:
    """Ask a job to stop at its next chunk; what has not landed never will."""
    ask_cancel(asked.session, job_id)
    return show_job(find_job(asked.session, job_id))


@router.get("/{job_id}/events", response_class=StreamingResponse)
async def follow(job_id: int, request: Request, person: CurrentPerson) -> StreamingResponse:
    """The job as server-sent events: a snapshot at once, then each change, until it is over."""
    service = service_of(request)
    first = await run_in_threadpool(_look, service, person, job_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _events(request, service, person, first)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


def _look(service: Service, person: Person, job_id: int) -> dict[str, Any]:
    with service.database.transaction(person.viewer) as session:
        return show_job(find_job(session, job_id))


async def _events(
    request: Request, service: Service, person: Person, first: dict[str, Any]
) -> AsyncIterator[str]:
    """Latest wins: what a slow reader missed is not sent again."""
    shown, silent = first, 0.0
    yield _event(shown)
    while shown["status"] not in OVER and not await request.is_disconnected():
        await asyncio.sleep(LOOK_EVERY_S)
        silent += LOOK_EVERY_S
        now = await run_in_threadpool(_look, service, person, first["id"])
        if now != shown:
            shown, silent = now, 0.0
            yield _event(shown)
        elif silent >= PING_EVERY_S:
            silent = 0.0
            yield ": still here\n\n"


def _event(job: dict[str, Any]) -> str:
    return f"event: job\ndata: {json.dumps(job, ensure_ascii=False)}\n\n"
