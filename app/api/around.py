"""Around 周边: rings of an outlet or a point, nearest outlets, rings shared out, catchments.

Distances are metres on the ground (ellipsoid). Customers are those of the viewer's sight, masked; every
look at them and every file is audited.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from app.access import require
from app.api.errors import PROBLEMS
from app.api.lists import Filtered, give_list
from app.api.session import Asked, allowed
from app.customers import around
from app.customers.filters import Filters
from app.customers.list_file import AROUND, CATCHMENTS, SHARED, FileKind, write_list

router = APIRouter(prefix="/api/v1", tags=["around 周边"], responses=PROBLEMS)
Ground = Annotated[Asked, allowed("see_ground")]
Sees = Annotated[Asked, allowed("see_customers")]
Exports = Annotated[Asked, allowed("export_customers")]
Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]
Codes = Annotated[list[Annotated[str, Query(max_length=32)]] | None, Query(max_length=1000)]
# A radius that is none is told by the room, in both languages and with its bounds.
BOUNDS: dict[str, Any] = {"minimum": 1, "maximum": around.MOST_M}
Radius = Annotated[float, Query(description="metres on the ground", json_schema_extra=BOUNDS)]
Cut = Annotated[float | None, Query(description="metres; uncut when left out", json_schema_extra=BOUNDS)]
Mark = Annotated[str | None, Query(max_length=40, description="`next` of the page before")]
OUTLET: dict[str, Any] = {
    "code": "B017",
    "name": "常乐支行",
    "kind": "branch",
    "branch_type": "rural",
    "lon": 121.3361,
    "lat": 31.9042,
}
FOUND: dict[str, Any] = {
    "id": 18,
    "name": "常乐镇惠民超市",
    "kind": "merchant",
    "standing": "existing",
    "tier": "regular",
    "address": "常乐镇颐生村***",
    "rung": 2,
    "distance_m": 412.7,
    "lon": 121.3318,
    "lat": 31.9049,
    "filed": True,
    "last_visit_on": "2026-11-03",
    "grid": {"id": 5, "code": "HM-CL-017", "name": "颐生村"},
}
COUNTS: dict[str, Any] = {
    "kind": {"merchant": 61},
    "tier": {"regular": 60, "key": 1},
    "standing": {"existing": 48, "prospect": 13},
    "rung": {"2": 61},
}
RING: dict[str, Any] = {
    "lon": 121.3361,
    "lat": 31.9042,
    "radius_m": 1000,
    "outlet": OUTLET,
    "nearest_only": False,
}
Counted = Annotated[
    list[around.Beside] | None,
    Query(max_length=2, description="counted too, on the first page: costs more than the page itself"),
]


class RingPage(BaseModel):
    """Customers within a ring, nearest first; counts come with the first page, by `kind` and `without_point`
    where asked.

    `without_point` have no point of their own, but a village that reaches into the ring: they may live in it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ring": RING,
                "customers": [FOUND],
                "next": "412700-18",
                "total": 61,
                "counts": COUNTS,
                "without_point": 4,
            }
        }
    )
    ring: dict[str, Any]
    customers: list[dict[str, Any]]
    next: str | None
    total: int
    counts: dict[str, dict[str, int]] | None
    without_point: int | None


class NearestOutlets(BaseModel):
    """The outlets nearest to a point, nearest first; of a tie the lowest code."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "point": {"lon": 121.33, "lat": 31.9, "rung": 2},
                "outlets": [{**OUTLET, "distance_m": 742.31}],
            }
        }
    )
    point: dict[str, Any]
    outlets: list[dict[str, Any]]


class Shared(BaseModel):
    """Rings of outlets shared out: `in_ring` stand in a ring at all, `kept` are nearest to its outlet.

    The sum of `kept` is `total`; `in_several` stand in more than one ring and are kept by one.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "radius_m": 1000,
                "outlets": [{**OUTLET, "in_ring": 74, "kept": 61, "counts": COUNTS}],
                "total": 61,
                "in_several": 13,
                "counts": COUNTS,
            }
        }
    )
    radius_m: float
    outlets: list[dict[str, Any]]
    total: int
    in_several: int
    counts: dict[str, dict[str, int]]


CATCHMENT: dict[str, Any] = {
    "code": "B017",
    "name": "常乐支行",
    "lon": 121.3361,
    "lat": 31.9042,
    "villages": 12,
    "households": 9341,
    "residents": 24110,
    "area_km2": 48.2,
    "village_codes": ["320614102208"],
    "customers": {"existing": 18230, "prospects": 2110},
}


class CatchmentList(BaseModel):
    """Catchments in order of code; `rest` is what is too far or nobody's, `total` the sum of all.

    By distance only customers with a point can be counted; `without_point` are the others in sight.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "by": "village",
                "radius_m": 3000,
                "catchments": [CATCHMENT],
                "rest": {key: CATCHMENT[key] for key in ("villages", "area_km2", "village_codes")},
                "divided": [],
                "without_point": {"existing": 9120, "prospects": 1004},
                "total": {
                    key: CATCHMENT[key] for key in ("households", "residents", "area_km2", "customers")
                },
            }
        }
    )
    by: around.By
    radius_m: float | None
    catchments: list[dict[str, Any]]
    rest: dict[str, Any]
    divided: list[str]
    without_point: dict[str, int] | None
    total: dict[str, Any]


@dataclass
class MiddleAsked:
    """Where a ring has its middle: an outlet's code, or a point in degrees of its own datum."""

    outlet: Annotated[str | None, Query(max_length=32)] = None
    lon: Annotated[float | None, Query()] = None
    lat: Annotated[float | None, Query()] = None
    datum: Datum = "cgcs2000"


@dataclass
class RingAsked(MiddleAsked):
    """A ring as it is asked for; `nearest_only` leaves out whom another outlet is nearer to."""

    radius_m: Radius = around.RADIUS_M
    nearest_only: bool = False

    def open(self, asked: Asked) -> around.Ring:
        """The ring. Raises what `around.open_ring_at` raises."""
        middle = around.Middle(self.outlet, self.lon, self.lat, self.datum)
        radius_m, nearest_only = self.radius_m, self.nearest_only
        return around.open_ring_at(asked.session, middle, radius_m=radius_m, nearest_only=nearest_only)


Ringed = Annotated[RingAsked, Depends()]


@router.get("/around", response_model=RingPage)
def list_around(
    asked: Sees,
    ring: Ringed,
    filters: Filtered,
    after: Mark = None,
    limit: Annotated[int, Query(ge=1, le=around.PAGE)] = 50,
    beside: Counted = None,
) -> Any:
    """Customers in sight within `radius_m` metres of an outlet or a point, nearest first, a page at a
    time."""
    return around.list_around(
        asked.session, ring.open(asked), filters, after=after, limit=limit, beside=beside or ()
    )


@router.get("/around.csv", response_class=Response)
def export_csv(asked: Exports, ring: Ringed, filters: Filtered) -> Response:
    """All customers within a ring as a CSV file, masked; audited."""
    return _export(asked, ring.open(asked), filters, "csv")


@router.get("/around.xlsx", response_class=Response)
def export_workbook(asked: Exports, ring: Ringed, filters: Filtered) -> Response:
    """All customers within a ring as a workbook, masked; audited."""
    return _export(asked, ring.open(asked), filters, "xlsx")


def _export(asked: Asked, ring: around.Ring, filters: Filters, kind: FileKind) -> Response:
    rows, _ = around.export_around(asked.session, ring, filters)
    return give_list(write_list(rows, AROUND, kind), f"around.{kind}")


@router.get("/around/shares", response_model=Shared)
def share(asked: Sees, filters: Filtered, outlet: Codes = None, radius_m: Radius = around.RADIUS_M) -> Any:
    """The rings of these outlets (of all when none is named), each customer kept by the nearest of them."""
    return around.count_shares(asked.session, outlet, radius_m=radius_m, filters=filters)


@router.get("/around/shares.{form}", response_class=Response)
def export_shares(
    form: FileKind,
    asked: Exports,
    filters: Filtered,
    outlet: Codes = None,
    radius_m: Radius = around.RADIUS_M,
) -> Response:
    """Each customer of these rings once, with the outlet that keeps him, as CSV or XLSX, masked; audited."""
    shares = around.share_around(asked.session, outlet, radius_m=radius_m, filters=filters)
    rows = around.export_shares(asked.session, shares, filters)
    return give_list(write_list(rows, SHARED, form), f"rings.{form}")


@router.get("/nearest-outlets", response_model=NearestOutlets)
def list_nearest(
    asked: Ground,
    middle: Annotated[MiddleAsked, Depends()],
    customer: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 3,
) -> Any:
    """The outlets nearest to a customer in sight or to a point, with their distances."""
    if customer is not None:
        require(asked.person, "see_customers")
    wanted = around.Middle(middle.outlet, middle.lon, middle.lat, middle.datum, customer)
    lon, lat, rung = around.find_middle(asked.session, wanted)
    return {
        "point": {"lon": round(lon, 7), "lat": round(lat, 7), "rung": rung},
        "outlets": around.list_nearest(asked.session, lon, lat, limit=limit),
    }


@router.get("/catchments", response_model=CatchmentList)
def list_catchments(asked: Ground, by: around.By = "village", radius_m: Cut = None) -> Any:
    """Catchments of all outlets by distance or by village, or of branches by the grids they hold.

    Customers are counted for whoever may see customers, and only those of his sight.
    """
    found = around.draw_catchments(
        asked.session, by, radius_m=radius_m, drawn=False, counted="see_customers" in asked.person.rights
    )
    return found.told()


@router.get("/catchments.geojson")
def draw_catchments(asked: Ground, by: around.By = "village", radius_m: Cut = None) -> JSONResponse:
    """The same catchments as a GeoJSON FeatureCollection (EPSG:4326)."""
    found = around.draw_catchments(
        asked.session, by, radius_m=radius_m, counted="see_customers" in asked.person.rights
    )
    return JSONResponse(found.features(), media_type="application/geo+json")


@router.get("/catchments.{form}", response_class=Response)
def export_catchments(
    form: FileKind, asked: Ground, by: around.By = "village", radius_m: Cut = None
) -> Response:
    """The same catchments as CSV or XLSX, a line each, what is left and the sum last."""
    found = around.draw_catchments(
        asked.session, by, radius_m=radius_m, drawn=False, counted="see_customers" in asked.person.rights
    )
    return give_list(write_list(found.lines(), CATCHMENTS, form), f"catchments.{form}")
