"""The outlines of a plan's grids by API: one light layer for boards and lists, cut to the viewer's sight."""

from typing import Annotated, Any

from fastapi import APIRouter

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.maps.plans_page import list_outlines

router = APIRouter(prefix="/api/v1/plans", tags=["plans 规划"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]


@router.get("/{code}/outlines")
def show_outlines(code: str, asked: Sees) -> dict[str, Any]:
    """All level 3 grids in sight as GeoJSON (outlines to about 20 m), with holder and state of allotment."""
    return list_outlines(asked.session, code)
