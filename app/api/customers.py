"""Customers by grid and one by one: masked, cut to the viewer's grids, every look audited."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.lists import Filtered, give_list
from app.api.session import Asked, allowed
from app.customers import listing
from app.customers.filters import Filters
from app.customers.list_file import OF_GRID, FileKind, write_list
from app.marketing import visits

router = APIRouter(prefix="/api/v1", tags=["customers 客户"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]
Exports = Annotated[Asked, allowed("export_customers")]
Reveals = Annotated[Asked, allowed("reveal_customers")]
ONE: dict[str, Any] = {
    "id": 18,
    "name": "沈**",
    "kind": "person",
    "standing": "existing",
    "tier": "key",
    "lead_level": "branch",
    "booking_branch_code": "B017",
    "phone": "199****0123",
    "id_card": "320684**********1X",
    "address": "常乐镇颐生村***",
    "rung": 2,
    "score": 1.0,
    "placed_by": "source",
    "filed": True,
    "last_visit_on": "2026-11-03",
    "grid": {"id": 5, "code": "HM-CL-017", "name": "颐生村"},
}


class CustomerShown(BaseModel):
    """A customer as he may be shown."""

    model_config = ConfigDict(json_schema_extra={"example": ONE})
    id: int
    name: str
    kind: str
    standing: str
    tier: str
    lead_level: str | None
    booking_branch_code: str | None
    phone: str | None
    id_card: str | None
    address: str | None
    rung: int
    score: float
    placed_by: str
    filed: bool
    last_visit_on: str | None
    grid: dict[str, Any]


class CustomerPage(BaseModel):
    """A page of customers, where the next one starts, and how many there are in all."""

    model_config = ConfigDict(json_schema_extra={"example": {"customers": [ONE], "next": 18, "total": 214}})
    customers: list[CustomerShown]
    next: int | None
    total: int


class Revealed(BaseModel):
    """The clear values of one customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 18,
                "name": "沈小明",
                "phone": "19900000123",
                "id_card": "320684199001011230",
                "address": "常乐镇颐生村3组12号",
            }
        }
    )
    id: int
    name: str
    phone: str | None
    id_card: str | None
    address: str | None


class Reason(BaseModel):
    """Why a clear value is asked for; kept in the audit."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "电话预约走访"}})
    reason: str = Field(min_length=2, max_length=200)


@router.get("/grids/{grid_id}/customers", response_model=CustomerPage)
def list_of_grid(
    grid_id: int,
    asked: Sees,
    filters: Filtered,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Customers of a grid in sight, a page at a time."""
    return listing.list_customers(
        asked.session, grid_id, vault=asked.service.vault, filters=filters, after=after, limit=limit
    )


@router.get("/grids/{grid_id}/customers.csv", response_class=Response)
def export_of_grid(grid_id: int, asked: Exports, filters: Filtered) -> Response:
    """All customers of a grid as a CSV file (masked; UTF-8 with mark, as Excel wants it); audited."""
    return _export_grid(asked, grid_id, filters, "csv")


@router.get("/grids/{grid_id}/customers.xlsx", response_class=Response)
def export_workbook_of_grid(grid_id: int, asked: Exports, filters: Filtered) -> Response:
    """All customers of a grid as a workbook (masked; no cell a formula); audited."""
    return _export_grid(asked, grid_id, filters, "xlsx")


def _export_grid(asked: Asked, grid_id: int, filters: Filters, kind: FileKind) -> Response:
    rows = listing.export_customers(asked.session, grid_id, vault=asked.service.vault, filters=filters)
    return give_list(write_list(rows, OF_GRID, kind), f"grid-{grid_id}.{kind}")


@router.get("/customers/{customer_id}", response_model=CustomerShown)
def show_one(customer_id: int, asked: Sees) -> Any:
    """One customer in sight, masked."""
    return listing.find_customer(asked.session, customer_id, vault=asked.service.vault)


@router.post("/customers/{customer_id}/reveal", response_model=Revealed)
def reveal(customer_id: int, reason: Reason, asked: Reveals) -> Any:
    """The clear phone, ID number and address of one customer; the audit keeps who asked and why."""
    return listing.reveal_customer(
        asked.session, customer_id, vault=asked.service.vault, reason=reason.reason
    )


@router.get("/grids/{grid_id}/visits")
def visits_of_grid(
    grid_id: int, asked: Sees, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[dict[str, Any]]:
    """The latest visits in a grid in sight."""
    listing.require_grid(asked.session, grid_id)
    rows = visits.list_visits(asked.session, grid_id, limit=limit)
    record(
        asked.session,
        "list_visits",
        subject=f"grid {grid_id}",
        customer_ids=[row["customer_id"] for row in rows],
    )
    return [dict(row) for row in rows]
