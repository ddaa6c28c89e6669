"""Grids as the map shows them: the figures strip, lists, one card, findings, search."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.maps import cards, search

router = APIRouter(prefix="/api/v1", tags=["grids 网格"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
ROW: dict[str, Any] = {
    "id": 5,
    "code": "HM-CL-017",
    "name": "颐生村",
    "kind": "village",
    "town_name": "常乐镇",
    "households": 642,
    "existing": 1863,
    "prospects": 214,
    "strategic": 0,
    "key": 2,
    "area_km2": 3.214,
    "branch": {"code": "B017", "name": "常乐支行", "branch_type": "rural"},
    "manager": {"code": "M0101", "name": "陆志明", "phone": "19900000101"},
    "liaison": "吴春兰",
}


class GridRow(BaseModel):
    """A grid as it is listed."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})
    id: int
    code: str
    name: str
    kind: str
    town_name: str | None
    households: int | None
    existing: int
    prospects: int
    strategic: int
    key: int
    area_km2: float
    branch: dict[str, Any]
    manager: dict[str, Any] | None
    liaison: str | None


class GridList(BaseModel):
    """All grids in sight."""

    model_config = ConfigDict(json_schema_extra={"example": {"grids": [ROW]}})
    grids: list[GridRow]


HIT: dict[str, Any] = {"kind": "grid", "id": 5, "code": "HM-CL-017", "name": "颐生村", "detail": "常乐镇"}


class Hit(BaseModel):
    """Something the search box found."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": HIT})
    kind: str
    id: int
    code: str
    name: str
    detail: str


class Hits(BaseModel):
    """What the search box found."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [HIT]}})
    results: list[Hit]


@router.get("/summary")
def summary(asked: Sees) -> dict[str, Any]:
    """The figures strip of the viewer: every rate with its denominator."""
    return cards.summarise(asked.session)


@router.get("/grids", response_model=GridList)
def list_all(
    asked: Sees,
    branch: Annotated[str | None, Query(max_length=32)] = None,
    manager: Annotated[str | None, Query(max_length=32)] = None,
) -> Any:
    """The grids in sight, of one branch or manager if named."""
    return {"grids": cards.list_grids(asked.session, branch=branch, manager=manager)}


@router.get("/grids/{grid_id}")
def show_one(grid_id: int, asked: Sees) -> dict[str, Any]:
    """One grid's card."""
    return cards.show_grid(asked.session, grid_id)


@router.get("/findings")
def list_findings(asked: Sees, plan: Annotated[str | None, Query(max_length=32)] = None) -> dict[str, Any]:
    """The findings of a plan in sight; of the newest draft when none is named."""
    return cards.list_findings(asked.session, plan=plan)


@router.get("/search", response_model=Hits)
def find(asked: Sees, q: Annotated[str, Query(max_length=4000)], datum: search.Datum = "cgcs2000") -> Any:
    """Villages, grids, towns, managers, branches, outlets and customers in sight by name, former name, code,
    pinyin or its initials; customers by a telephone or its last four digits too; addresses; positions in
    degrees of `datum`, unless the query begins with another."""
    rights = asked.person.rights
    means = search.Means(
        asked.service.vault, datum, places="ask_places" in rights, customers="see_customers" in rights
    )
    return {"results": search.search(asked.session, q, means)}
