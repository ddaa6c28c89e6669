"""Where is this: an address to a place, a point to a grid and those who answer for it."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers import places
from app.maps import rollup
from app.territory import responsibility

router = APIRouter(prefix="/api/v1", tags=["places 地点"], responses=PROBLEMS)
Asks = Annotated[Asked, allowed("ask_places")]
Sees = Annotated[Asked, allowed("see_ground")]
MOST_ADDRESSES = 1000
ANSWER: dict[str, Any] = {
    "level": "village",
    "code": "320614102208",
    "name": "颐生村",
    "score": 0.97,
    "method": "exact",
    "candidates": [],
    "warnings": [],
    "lon": 121.21,
    "lat": 31.95,
    "group": "3",
    "house": "12",
    "building": "",
    "unit": "",
    "room": "",
}


class Addresses(BaseModel):
    """One address or many, as people type them."""

    model_config = ConfigDict(json_schema_extra={"example": {"addresses": ["海门区常乐镇颐生村3组12号"]}})
    address: str | None = Field(default=None, max_length=10_000)
    addresses: list[str | None] = Field(default_factory=list, max_length=MOST_ADDRESSES)


class AnswerShown(BaseModel):
    """The level the matcher is sure of; never a silent pick among equals: `ambiguous` lists them."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})
    level: str
    code: str
    name: str
    score: float
    method: str
    candidates: list[dict[str, Any]]
    warnings: list[str]
    lon: float | None
    lat: float | None
    group: str
    house: str
    building: str
    unit: str
    room: str


class Answers(BaseModel):
    """Answers in the order of the addresses."""

    model_config = ConfigDict(json_schema_extra={"example": {"answers": [ANSWER]}})
    answers: list[AnswerShown]


@router.post("/geocode", response_model=Answers)
def geocode(asked_for: Addresses, asked: Asks) -> Any:
    """Match addresses against the bank's own gazetteer; nothing leaves the bank."""
    given = ([asked_for.address] if asked_for.address is not None else []) + list(asked_for.addresses)
    answers = places.geocode(asked.session, given)
    record(asked.session, "geocode", detail={"addresses": len(given)})
    return {"answers": [places.show_answer(answer) for answer in answers]}


@router.get("/locate")
def locate(
    asked: Asks,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    on: date | None = None,
    known_at: datetime | None = None,
) -> dict[str, Any]:
    """Whose grid is this point (EPSG:4326) on a date: grid, plan, branch, manager, distance to the edge."""
    return responsibility.find_grid(asked.session, lon, lat, on=on, known_at=known_at).as_json()


@router.get("/rollup")
def roll_up(
    asked: Sees,
    level: Annotated[str, Query(description="province, city, county, town or village")] = "town",
    on: date | None = None,
) -> dict[str, Any]:
    """Villages, ground, households, grids and customers by administrative code at one of five levels; every
    level has the same total. Customers are those of the grids in sight."""
    return rollup.roll_up(asked.session, level, on=on)
