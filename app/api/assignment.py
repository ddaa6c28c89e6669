"""Give every customer a grid: start a run, see which there were and who moved, take one back."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from app.access import record
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.lists import give_list
from app.api.session import Asked, allowed
from app.customers import reversal, run_list
from app.customers.list_file import write_list
from app.db import as_worker
from app.jobs import create_job, defer_job, find_job, show_job

router = APIRouter(prefix="/api/v1", tags=["assignment 归格"], responses=PROBLEMS)
Assigns = Annotated[Asked, allowed("assign_customers")]
Sees = Annotated[Asked, allowed("see_customers")]
Exports = Annotated[Asked, allowed("export_customers")]
RunId = Annotated[int, Path(ge=0, le=run_list.NEWEST)]


RUN: dict[str, Any] = {
    "id": 9,
    "kind": "changed",
    "plan": "V2",
    "ground_version": 1,
    "current": True,
    "before_id": 8,
    "undoes": 4,
    "undone_by": 12,
    "started_at": "2026-11-22T02:10:00+00:00",
    "finished_at": "2026-11-22T02:10:01+00:00",
    "total": 50000,
    "assigned": 47012,
    "contested": 18,
    "outside": 1204,
    "unlocated": 1766,
    "moved": 31,
}


class AssignOptions(BaseModel):
    """Which plan to assign to (it must be in force today; that one when not named), and whether only
    who stands on changed ground is looked at."""

    model_config = ConfigDict(json_schema_extra={"example": {"plan": "V1", "changed": False}})
    plan: str | None = None
    changed: bool = False


class RunShown(BaseModel):
    """An assignment run; `moved` are those of whom the viewer may know; who does not see all gets no sums."""

    model_config = ConfigDict(json_schema_extra={"example": RUN})
    id: int
    kind: Literal["whole", "changed", "load", "undo"]
    plan: str
    ground_version: int
    current: bool
    before_id: int | None
    undoes: int | None
    undone_by: int | None
    started_at: Any
    finished_at: Any
    total: int | None
    assigned: int | None
    contested: int | None
    outside: int | None
    unlocated: int | None
    moved: int


@router.post("/assign", status_code=202, response_model=JobShown)
def start(options: AssignOptions, asked: Assigns) -> Any:
    """Start an assignment run; its result counts assigned + contested + outside + unlocated = total."""
    args: dict[str, Any] = {"plan": options.plan} if options.plan else {}
    return _defer(asked, {**args, **({"changed": True} if options.changed else {})})


@router.get("/assignment-runs", response_model=list[RunShown])
def list_runs(
    asked: Sees,
    before: Annotated[int, Query(ge=0, le=run_list.NEWEST)] = run_list.NEWEST,
    limit: Annotated[int, Query(ge=1, le=run_list.PAGE)] = 50,
) -> Any:
    """Assignment runs, the newest first."""
    return run_list.list_runs(asked.session, before=before, limit=limit)


@router.get("/assignment-runs/{run_id}/moves")
def list_moves(
    run_id: RunId,
    asked: Sees,
    after: Annotated[int, Query(ge=-run_list.NEWEST, le=run_list.NEWEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=run_list.PAGE)] = 100,
) -> dict[str, Any]:
    """Who stands in another grid since a run, from which to which: masked, in sight, audited."""
    return run_list.list_moves(asked.session, run_id, after=after, limit=limit)


@router.get("/assignment-runs/{run_id}/moves.csv", response_class=Response)
def export_moves(run_id: RunId, asked: Exports) -> Response:
    """The same as a CSV file, whole (masked; UTF-8 with mark, as Excel wants it); audited."""
    told = run_list.list_moves(asked.session, run_id, limit=run_list.MOST)
    return give_list(write_list(told["moves"], run_list.MOVED, "csv"), f"moves-{run_id}.csv")


@router.post("/assignment-runs/{run_id}/undo", status_code=202, response_model=JobShown)
def undo(run_id: RunId, asked: Assigns) -> Any:
    """Take a run back: who still stands as it left him gets his former row. 409 where it cannot be."""
    with as_worker(asked.session):
        reversal.require_undoable(asked.session, run_id)
    return _defer(asked, {"undo": run_id})


def _defer(asked: Asked, args: dict[str, Any]) -> Any:
    job_id = create_job(asked.session, "assign", args)
    defer_job(asked.session, job_id)
    record(asked.session, "assign", detail={"job": job_id, **args})
    return show_job(find_job(asked.session, job_id))
