"""A manager's day: his grids and figures, whom he is to call on, what he reported."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.marketing import day

router = APIRouter(prefix="/api/v1/day", tags=["day 我的一天"], responses=PROBLEMS)
Reports = Annotated[Asked, allowed("report_visits")]
GRID: dict[str, Any] = {
    "id": 5, "code": "HM-CL-017", "name": "颐生村", "role": "primary",
    "existing": 214, "filed": 190, "visited": 31, "key_clients": 4,
    "lon": 121.21, "lat": 31.95, "reach_m": 640,
}  # fmt: skip
DUE: dict[str, Any] = {
    "id": 18, "name": "沈小明", "masked": "沈**", "kind": "person", "tier": "key", "filed": True,
    "last_visit_on": "2026-07-14", "overdue_days": 41,
    "grid": {"id": 5, "code": "HM-CL-017", "name": "颐生村"},
    "lon": 121.2105, "lat": 31.9512, "distance_m": 320, "pointed": True,
}  # fmt: skip
VISIT: dict[str, Any] = {
    "id": 7, "customer_id": 18, "name": "沈**", "grid_name": "颐生村",
    "visited_at": "2026-11-21T10:20:00+08:00",
    "entered_at": "2026-11-21T10:21:00+08:00",
    "kind": "visit", "outcome": "met", "note": "有扩种意向",
    "inside_grid": True, "clock_off_s": 0, "late": False, "photos": [3],
}  # fmt: skip


class DayGrid(BaseModel):
    """A grid that the asker holds today, with this month's figures."""

    model_config = ConfigDict(json_schema_extra={"example": GRID})
    id: int
    code: str
    name: str
    role: str
    existing: int
    filed: int
    visited: int
    key_clients: int
    lon: float | None
    lat: float | None
    reach_m: int = Field(description="radius of a circle as large as the grid, metres")


class Day(BaseModel):
    """The asker's own grids, his month and his tasks."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "day": "2026-11-21",
                "plan": "V3",
                "grids": [GRID],
                "month": {"visited": 31, "filed": 190, "existing": 214},
                "tasks": {"problems": 2, "late_problems": 1, "offers": 0},
                "due_after_days": {"strategic": 30, "key": 90, "regular": 365},
            }
        }
    )
    day: date
    plan: str | None
    grids: list[DayGrid]
    month: dict[str, int]
    tasks: dict[str, int]
    due_after_days: dict[str, int]


class DueRow(BaseModel):
    """Somebody to call on; `overdue_days` is empty for who was never met."""

    model_config = ConfigDict(json_schema_extra={"example": DUE})
    id: int
    name: str
    masked: str
    kind: str
    tier: str
    filed: bool
    last_visit_on: date | None
    overdue_days: int | None
    grid: dict[str, Any]
    lon: float | None
    lat: float | None
    distance_m: int | None
    pointed: bool


class DueList(BaseModel):
    """The first of those who are due, beside how many there are."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"total": 96, "total_key": 4, "customers": [DUE]}}
    )
    total: int
    total_key: int
    customers: list[DueRow]


class Stand(BaseModel):
    """Where the asker stands (EPSG:4326), or nothing; in the body, so that no log of addresses keeps it."""

    model_config = ConfigDict(json_schema_extra={"example": {"lon": 121.21, "lat": 31.95}})
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)


class OwnVisit(BaseModel):
    """A visit that the asker reported: when he was there, when it was entered, what came of it."""

    model_config = ConfigDict(json_schema_extra={"example": VISIT})
    id: int
    customer_id: int | None
    name: str | None
    grid_name: str
    visited_at: datetime
    entered_at: datetime
    kind: str
    outcome: str
    note: str | None
    inside_grid: bool | None
    clock_off_s: int | None
    late: bool
    photos: list[int]


@router.get("", response_model=Day)
def show(asked: Reports) -> dict[str, Any]:
    """The asker's own grids with this month's figures, and what waits for him."""
    return day.show_day(asked.session, asked.person)


@router.post("/due", response_model=DueList)
def list_due(stand: Stand, asked: Reports) -> dict[str, Any]:
    """Whom the asker is to call on: strategic and key customers first, then who is nearest to him."""
    here = day.Here(stand.lon, stand.lat) if stand.lon is not None and stand.lat is not None else None
    return day.list_due(asked.session, asked.person, here)


@router.get("/visits", response_model=list[OwnVisit])
def list_visits(asked: Reports, limit: Annotated[int, Query(ge=1, le=100)] = 30) -> list[dict[str, Any]]:
    """The latest visits that the asker reported, newest first."""
    return day.list_own_visits(asked.session, asked.person, limit=limit)
