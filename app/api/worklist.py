"""The placement desk reads here: the funnel, the cases that wait, one case, the ground around it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers import worklist, worklist_case

router = APIRouter(prefix="/api/v1/placement", tags=["placement 定位"], responses=PROBLEMS)
Places = Annotated[Asked, allowed("place_customers")]
Kind = Literal["ambiguous", "outside", "low_score", "contradiction"]
State = Literal["open", "later", "decided"]
Limit = Annotated[int, Query(ge=1, le=worklist.PAGE)]
BranchCode = Annotated[str | None, Query(max_length=64, description="a branch's code")]
Degrees = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
# Wider than a county is: a picture of more villages than that says nothing.
WIDEST_DEGREES = 1.5


@router.get("/funnel")
def count_funnel(asked: Places, branch: BranchCode = None) -> dict[str, Any]:
    """Imported → readable → village known → located → point, each with its denominator, and what waits."""
    return worklist.count_funnel(asked.session, branch=branch)


@router.get("/cases")
def list_cases(
    asked: Places,
    kind: Kind | None = None,
    state: State = "open",
    town: Annotated[str | None, Query(max_length=32, description="a town's code; - for unknown")] = None,
    q: Annotated[str | None, Query(max_length=80)] = None,
    after: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Cases in sight, the likeliest first: names masked, addresses down to the village."""
    filters = {"kind": kind, "state": state, "town": town, "q": q}
    return worklist.list_cases(asked.session, filters, after=after, limit=limit)


@router.get("/customers")
def list_placed(
    asked: Places,
    step: Annotated[str, Query(max_length=32, description="imported, readable … or rung_0 … rung_6")],
    branch: BranchCode = None,
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """The customers behind a figure of the funnel, in order of id, masked."""
    return worklist.list_placed(asked.session, step, branch=branch, after=after, limit=limit)


@router.get("/cases/{customer_id}")
def show_case(customer_id: int, asked: Places) -> dict[str, Any]:
    """One customer with the full address (audited), candidates, source point and ground (EPSG:4326)."""
    return worklist_case.find_case(asked.session, customer_id)


@router.get("/places")
def list_places(
    asked: Places,
    q: Annotated[str | None, Query(max_length=40, pattern=r"^[^\x00]*$")] = None,
    code: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")] = None,
) -> dict[str, Any]:
    """Places by name or code, shaped as candidates: what was not offered may be meant all the same."""
    return {"places": worklist_case.list_places(asked.session, q=q, code=code)}


@router.get("/outlines")
def list_outlines(
    asked: Places, west: Degrees, south: Degrees, east: Degrees, north: Degrees
) -> dict[str, Any]:
    """The villages in a rectangle (EPSG:4326), for a map that is moved; nothing for more than a county."""
    wide = not (0 < east - west <= WIDEST_DEGREES and 0 < north - south <= WIDEST_DEGREES)
    boxes = [] if wide else [worklist_case.Box(west, south, east, north)]
    return {"outlines": worklist_case.list_outlines(asked.session, boxes, limit=400)}
