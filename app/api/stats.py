"""Figures with their denominators: enrolment, the register by village, prospects of a grid."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers import counts, enrolment, prospects

router = APIRouter(prefix="/api/v1", tags=["stats 统计"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]


@router.get("/stats/enrolment")
def count_enrolment(asked: Sees, level: Literal["village", "town", "branch"] = "village") -> dict[str, Any]:
    """The into-grid rate of each village, town or branch in sight, and the pool without a grid by reason."""
    return enrolment.count_enrolment(asked.session, level)


@router.get("/stats/roster")
def count_roster(asked: Sees, level: Literal["village", "natural_village"] = "village") -> dict[str, Any]:
    """Households and persons of the register by village or natural village, and how many are placed."""
    return enrolment.count_roster(asked.session, level)


@router.get("/stats/counts")
def list_counts(asked: Sees, by: counts.Level = "grid") -> dict[str, Any]:
    """Customers of each grid, village, town or branch in sight, by standing, rung, tier and service."""
    return counts.list_counts(asked.session, by)


@router.get("/grids/{grid_id}/prospects")
def list_prospects(
    grid_id: int,
    asked: Sees,
    near_m: Annotated[float, Query(gt=0, le=2000, allow_inf_nan=False)] = prospects.NEAR_M,
    limit: Annotated[int, Query(ge=1, le=prospects.PAGE)] = 50,
) -> dict[str, Any]:
    """Prospects of a grid with the reasons to call on them, the best first, and who is to call."""
    return prospects.list_prospects(asked.session, grid_id, near_m=near_m, limit=limit)
