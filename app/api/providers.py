"""Ask map services about customers without a village: for head office, when they are switched on."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.jobs import JobShown
from app.api.session import Asked, allowed
from app.jobs import create_job, defer_job, find_job, show_job
from app.jobs.providers import refuse_when_off

router = APIRouter(prefix="/api/v1/placement", tags=["placement 定位"], responses=PROBLEMS)
Asks = Annotated[Asked, allowed("assign_customers")]


class ServicesWanted(BaseModel):
    """How many addresses may leave the bank in this run; all that need it when not said."""

    model_config = ConfigDict(json_schema_extra={"example": {"limit": 500}}, extra="forbid")
    limit: int | None = Field(default=None, ge=0, le=10_000_000)


@router.post("/providers", status_code=202, response_model=JobShown)
def start_asking(wanted: ServicesWanted, asked: Asks) -> Any:
    """Ask the map services that the bank has switched on (GETU_GEOCODE_PROVIDERS); 422 when none is.

    Every address that leaves has a row in the audit, written before it leaves.
    """
    refuse_when_off(asked.service.settings)
    args = wanted.model_dump(exclude_none=True)
    job_id = create_job(asked.session, "ask_providers", args)
    defer_job(asked.session, job_id)
    record(asked.session, "ask_providers", detail={"job": job_id, **args})
    return show_job(find_job(asked.session, job_id))
