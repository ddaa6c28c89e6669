"""Links between rows that are one person: of a customer, and of all whom an import brought."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from app.access import record, require
from app.api.boundaries import find_import
from app.api.errors import PROBLEMS
from app.api.lists import give_list
from app.api.session import Asked, allowed
from app.customers import linked
from app.customers.list_file import Columns, write_list

router = APIRouter(prefix="/api/v1", tags=["customers 客户"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]
Imports = Annotated[Asked, allowed("import_customers")]
ROW: dict[str, Any] = {
    "id": 18,
    "source": "crm",
    "key": "C100000017",
    "name": "沈**",
    "kind": "person",
    "standing": "prospect",
    "address": "常乐镇颐生村***",
    "grid": "HM-CL-017",
}
WHY: dict[str, Any] = {
    "how": "phone_name",
    "how_zh": "电话与名称相同",
    "confidence": 0.9,
    "found_at": "2026-11-22T02:10:00+00:00",
}
COLUMNS: Columns = (
    ("依据", "how_zh"),
    ("置信度", "confidence"),
    *((f"{word}{name}", f"{side}.{key}") for side, word in (("customer", ""), ("other", "另一"))
      for name, key in (("客户编号", "id"), ("来源", "source"), ("客户号", "key"), ("名称", "name"),
                        ("类型", "kind"), ("地址", "address"), ("网格", "grid"))),
)  # fmt: skip
# A file of links is looked through by people: more than this is asked for page by page.
MOST = 50_000


class LinkedRow(BaseModel):
    """A row of a source, masked."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})
    id: int
    source: str
    key: str
    name: str
    kind: str
    standing: str
    address: str | None
    grid: str | None


class Link(BaseModel):
    """Why two rows are one person, how surely (0 to 1), and the other row."""

    model_config = ConfigDict(json_schema_extra={"example": {**WHY, "customer": ROW}})
    how: str
    how_zh: str
    confidence: float
    found_at: str
    customer: LinkedRow


class Pair(Link):
    """A link with both its rows."""

    model_config = ConfigDict(json_schema_extra={"example": {**WHY, "customer": ROW, "other": ROW}})
    other: LinkedRow


class CustomerLinks(BaseModel):
    """The links of one customer, the surest first."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"customer_id": 52, "links": [{**WHY, "customer": ROW}]}}
    )
    customer_id: int
    links: list[Link]


class ImportLinks(BaseModel):
    """A page of an import's links, and where the next one starts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"import_id": 7, "links": [{**WHY, "customer": ROW, "other": ROW}], "next": 50}
        }
    )
    import_id: int
    links: list[Pair]
    next: int | None


@router.get("/customers/{customer_id}/links", response_model=CustomerLinks)
def links_of_customer(customer_id: int, asked: Sees) -> Any:
    """Rows that are the same person as this customer, where both are in sight; audited."""
    return linked.list_links(asked.session, customer_id)


@router.get("/imports/{import_id}/links", response_model=ImportLinks)
def links_of_import(
    import_id: int,
    asked: Imports,
    after: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """Links of the customers whose rows this import wrote last, the surest first; audited."""
    _find(asked, import_id)
    return linked.list_import_links(asked.session, import_id, after=after, limit=limit)


@router.get("/imports/{import_id}/links.csv", response_class=Response)
def export_links_of_import(import_id: int, asked: Imports) -> Response:
    """The same as a CSV file (masked; at most 50,000 links); audited."""
    require(asked.person, "export_customers")
    _find(asked, import_id)
    found = linked.list_import_links(asked.session, import_id, limit=MOST)
    record(asked.session, "export_links", subject=f"import {import_id}")
    return give_list(write_list(found["links"], COLUMNS, "csv"), f"import-{import_id}-links.csv")


def _find(asked: Asked, import_id: int) -> None:
    """Raises NotFound when there is no such import in the viewer's sight."""
    find_import(asked, import_id)
