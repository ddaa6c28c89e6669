"""A visit is reported: once, from wherever the reporter stands."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.marketing import visits

router = APIRouter(prefix="/api/v1/visits", tags=["visits 走访"], responses=PROBLEMS)
Reports = Annotated[Asked, allowed("report_visits")]


class Visit(BaseModel):
    """A visit as a phone reports it; `client_key` is made by the phone, so that sending twice stores once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "client_key": "a1f3c9",
                "customer_id": 18,
                "outcome": "met",
                "visited_at": "2026-11-21T10:20:00+08:00",
                "note": "有扩种意向",
                "lon": 121.2731,
                "lat": 31.9408,
                "accuracy_m": 12.0,
            }
        }
    )
    client_key: str = Field(min_length=4, max_length=64)
    customer_id: int
    outcome: str = Field(max_length=16)
    visited_at: datetime
    note: str = Field(default="", max_length=500)
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000)


class Stored(BaseModel):
    """Where the visit was booked, and whether it was new."""

    model_config = ConfigDict(json_schema_extra={"example": {"grid_id": 5, "stored": True}})
    grid_id: int
    stored: bool


@router.post("", status_code=201, response_model=Stored)
def report(visit: Visit, asked: Reports) -> Any:
    """Report a visit to a customer in one's own grids."""
    return visits.report_visit(asked.session, asked.person, visits.VisitReport(**visit.model_dump()))
