"""Give every customer a grid: start a run."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from app.access import record
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.session import Asked, allowed
from app.jobs import create_job, defer_job, find_job, show_job

router = APIRouter(prefix="/api/v1/assign", tags=["assignment 归格"], responses=PROBLEMS)
Assigns = Annotated[Asked, allowed("assign_customers")]


class AssignOptions(BaseModel):
    """Which plan to assign to; the one in force today when not named."""

    model_config = ConfigDict(json_schema_extra={"example": {"plan": "V1"}})
    plan: str | None = None


@router.post("", status_code=202, response_model=JobShown)
def start(options: AssignOptions, asked: Assigns) -> Any:
    """Start an assignment run; its result counts assigned + contested + outside + unlocated = total."""
    args = {"plan": options.plan} if options.plan else {}
    job_id = create_job(asked.session, "assign", args)
    defer_job(asked.session, job_id)
    record(asked.session, "assign", detail={"job": job_id})
    return show_job(find_job(asked.session, job_id))
