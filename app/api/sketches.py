"""A plan as it is drawn on the desk: a sketch of all its ground, units to build from, points in a finding."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.maps import ground_desk

router = APIRouter(prefix="/api/v1/plans", tags=["plans 规划"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
SeesCustomers = Annotated[Asked, allowed("see_customers")]
Degrees = Annotated[float, Query(ge=-180, le=180)]


@router.get("/{code}/sketch")
def show_sketch(code: str, asked: Sees) -> dict[str, Any]:
    """All level 3 grids in sight with outlines to about 30 m, their holders, and the frame."""
    return ground_desk.sketch_plan(asked.session, code)


@router.get("/{code}/units")
def list_units(
    code: str, asked: Sees, west: Degrees, south: Degrees, east: Degrees, north: Degrees
) -> dict[str, Any]:
    """Units in force in a box of the plan: a grid is put together from them."""
    return {"plan": code, "units": ground_desk.list_units(asked.session, (west, south, east, north))}


@router.get("/{code}/findings/{finding_id}/points")
def list_points(code: str, finding_id: int, asked: SeesCustomers) -> dict[str, Any]:
    """Customers in and around a finding as points without names; `inside` tells who lives in it. Recorded."""
    points = ground_desk.list_points(asked.session, code, finding_id)
    inside = [row["customer_id"] for row in points if row["inside"]]
    record(asked.session, "see_finding_points", subject=f"{code}/{finding_id}", customer_ids=inside)
    shown = ("lon", "lat", "standing", "tier", "inside")
    return {
        "plan": code,
        "finding": finding_id,
        "points": [{key: row[key] for key in shown} for row in points],
    }
