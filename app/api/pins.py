"""What a phone asks for before it pins: the viewer's customers, one of them, and the ground to draw."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers import pins
from app.maps.phone import list_pin_ground

router = APIRouter(prefix="/api/v1/placement", tags=["placement 定位"], responses=PROBLEMS)
Places = Annotated[Asked, allowed("place_customers")]
ROW: dict[str, Any] = {
    "id": 18,
    "name": "沈**",
    "kind": "person",
    "standing": "existing",
    "address": "常乐镇颐生村***",
    "rung": 5,
    "placed_by": "exact",
    "doubt": "contradiction",
    "grid": {"id": 5, "code": "HM-CL-017", "name": "颐生村"},
}
POINT = {"accuracy_m": 8.0, "lon": 121.2105, "lat": 31.9512, "grid_lon": 121.21, "grid_lat": 31.95}


class PinRow(BaseModel):
    """A customer in the list: masked, with what is open about his place."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})
    id: int
    name: str
    kind: str
    standing: str
    address: str | None
    rung: int
    placed_by: str
    doubt: str | None
    grid: dict[str, Any] | None


class PinPage(BaseModel):
    """A page of customers, the mark of the next one, and on the first page how many are open."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "customers": [ROW],
                "next": "doubt.18",
                "counts": {"total": 1863, "doubtful": 12, "unpointed": 640},
            }
        }
    )
    customers: list[PinRow]
    next: str | None
    counts: dict[str, int] | None


class PinShown(PinRow):
    """One customer with the point where he stands today (EPSG:4326) and the middle of his grid."""

    model_config = ConfigDict(json_schema_extra={"example": ROW | POINT})
    accuracy_m: float | None
    lon: float | None
    lat: float | None
    grid_lon: float | None
    grid_lat: float | None


class PinGround(BaseModel):
    """GeoJSON (EPSG:4326): the viewer's grids, and the villages round them with `grid_id` null."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"type": "FeatureCollection", "features": []}}, extra="forbid"
    )
    type: str
    features: list[dict[str, Any]] = Field(description="Outlines to about 3 m")


@router.get("/mine", response_model=PinPage)
def list_mine(
    asked: Places,
    q: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str | None, Query(pattern=r"^(doubt|blank|known)\.\d{1,18}$")] = None,
) -> dict[str, Any]:
    """The viewer's customers, those whose place is open first; `q` is how the name begins."""
    return pins.list_pins(asked.session, q, after=after)


@router.get("/mine/{customer_id}", response_model=PinShown)
def show_mine(customer_id: int, asked: Places) -> dict[str, Any]:
    """One customer in sight and where he stands today."""
    return pins.find_pin(asked.session, customer_id)


@router.get("/ground", response_model=PinGround)
def show_ground(asked: Places) -> dict[str, Any]:
    """The viewer's own ground as outlines: the phone draws it without asking again."""
    return list_pin_ground(asked.session)
