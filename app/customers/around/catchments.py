"""Catchments 服务范围: which ground and whose customers are nearest to an outlet, or are held by a branch.

Three ways: `distance` (all ground nearer to this outlet than to any other), `village` (each village whole,
with the outlet nearest to its point), `branch` (each village whole, with the branch that holds its grids
today).
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.customers.around.candidates import read_people
from app.customers.around.outlets import list_outlets, points_of
from app.customers.around.rings import check_radius
from app.customers.filters import EVERYBODY
from app.db import fetch_all
from app.errors import BadInput, Conflict
from app.spatial.catchments import draw_cells
from app.spatial.crs import area_m2
from app.spatial.nearest import RIM_M, find_nearest
from app.spatial.topology import dissolve
from app.territory.outlines import find_frame
from app.territory.plans.listing import find_plan_on
from app.territory.shapes import from_wkb

By = Literal["distance", "village", "branch"]
WAYS: tuple[By, ...] = get_args(By)
EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Catchment:
    """The ground of an outlet or a branch: `area` is EPSG:4326 where it was drawn; None stands for nobody's
    ground.

    `customers` are those of the viewer's sight: of `distance` those with a point on this ground, else those
    of its villages; None when they were not asked for.
    """

    code: str | None
    name: str | None
    villages: list[str] = field(default_factory=list)
    households: int = 0
    residents: int = 0
    area_m2: float = 0.0
    lon: float | None = None
    lat: float | None = None
    customers: dict[str, int] | None = None
    area: BaseGeometry | None = None

    def told(self) -> dict[str, Any]:
        """As an answer shows it."""
        named = {"code": self.code, "name": self.name, "lon": self.lon, "lat": self.lat}
        sums = {"villages": len(self.villages), "households": self.households, "residents": self.residents}
        ground = {"area_km2": round(self.area_m2 / 1e6, 4), "village_codes": self.villages}
        return {**named, **sums, **ground, "customers": self.customers}


@dataclass(frozen=True)
class Catchments:
    """All catchments of one way, in order of code, and what is left: villages or ground that nobody is
    near to.

    `without_point` are the customers in sight whom `distance` cannot count, for they have no point.
    """

    by: By
    radius_m: float | None
    rows: list[Catchment]
    rest: Catchment
    divided: list[str]
    without_point: dict[str, int] | None = None

    def told(self) -> dict[str, Any]:
        """As an answer shows it: `total` is the sum of the rows and the rest."""
        every = [*self.rows, self.rest]
        total: dict[str, Any] = {
            name: sum(getattr(row, name) for row in every) for name in ("households", "residents")
        }
        total["villages"] = sum(len(row.villages) for row in every)
        total["area_km2"] = round(sum(row.area_m2 for row in every) / 1e6, 4)
        counted = [row.customers for row in every if row.customers is not None]
        total["customers"] = _add(counted) if counted else None
        return {
            "by": self.by,
            "radius_m": self.radius_m,
            "catchments": [row.told() for row in self.rows],
            "rest": self.rest.told(),
            "divided": self.divided,
            "without_point": self.without_point,
            "total": total,
        }

    def lines(self) -> Rows:
        """As a file has them: the rows, what is left, and the sum."""
        told = self.told()
        rest = {**told["rest"], "code": "", "name": "其余"}
        return [*told["catchments"], rest, {**told["total"], "code": "", "name": "合计"}]

    def features(self) -> dict[str, Any]:
        """The drawn ones as a GeoJSON FeatureCollection in EPSG:4326, seven decimals."""
        drawn = [(row, row.area) for row in self.rows if row.area is not None and not row.area.is_empty]
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": row.code,
                    "properties": row.told(),
                    "geometry": _as_geojson(area),
                }
                for row, area in drawn
            ],
        }


def draw_catchments(
    session: Session, by: By, *, radius_m: float | None = None, drawn: bool = True, counted: bool = True
) -> Catchments:
    """The catchments of all outlets (`distance`, `village`) or of the branches that hold ground (`branch`).

    `radius_m` cuts them: ground, or villages by their point, farther than that belong to the rest. `drawn`
    makes the polygons, `counted` counts customers in the viewer's sight. A village of several branches goes
    with the one that holds most of it and stands in `divided`. Raises Conflict without outlets or villages,
    BadInput for a radius that is none, or where branches should be cut by one.
    """
    if radius_m is not None:
        check_radius(radius_m)
    if radius_m is not None and by == "branch":
        raise BadInput(
            "radius_by_branch",
            zh="按支行划分（branch）时没有半径；请改用 village 或 distance",
            en="by branch nothing is cut at a radius; use village or distance",
        )
    villages = fetch_all(session, "customers/around/list_villages", drawn=drawn and by != "distance")
    if by == "branch":
        found = _by_branch(villages)
    else:
        found = _by_outlet(session, by, villages, radius_m)
        if by == "distance":
            return _measure_ground(session, found, drawn=drawn, counted=counted)
    if counted:
        found = _count_villagers(session, found)
    return _draw_villages(found, villages) if drawn else found


def _by_branch(villages: Rows) -> Catchments:
    """Each village with the branch in sight that holds most of it."""
    names = {row["branch_code"]: row["branch_name"] for row in villages if row["branch_code"]}
    rows = [Catchment(code, names[code]) for code in sorted(names)]
    keeper = [None if row["branch_code"] is None else row["branch_code"] for row in villages]
    divided = [row["code"] for row in villages if row["branches"] > 1]
    return _gather(Catchments("branch", None, rows, Catchment(None, None), divided), villages, keeper)


def _by_outlet(session: Session, by: By, villages: Rows, radius_m: float | None) -> Catchments:
    """Each village with the outlet nearest to its point, no farther than the radius."""
    outlets = list_outlets(session)
    if not outlets:
        raise Conflict("no_outlets", zh="还没有带坐标的网点", en="no outlet has a point yet")
    x, y = (np.array([row[side] for row in villages], float) for side in ("lon", "lat"))
    nearest, metres = find_nearest(x, y, *points_of(outlets))
    most_m = np.inf if radius_m is None else radius_m + RIM_M
    keeper = [
        outlets[row].code if away_m <= most_m else None for row, away_m in zip(nearest, metres, strict=True)
    ]
    rows = [Catchment(one.code, one.name, lon=one.lon, lat=one.lat) for one in outlets]
    return _gather(Catchments(by, radius_m, rows, Catchment(None, None), []), villages, keeper)


def _gather(found: Catchments, villages: Rows, keeper: list[str | None]) -> Catchments:
    """Add up each one's villages."""
    held: dict[str | None, Rows] = {}
    for row, code in zip(villages, keeper, strict=True):
        held.setdefault(code, []).append(row)

    def add(one: Catchment) -> Catchment:
        mine = held.get(one.code, [])
        return replace(
            one,
            villages=[row["code"] for row in mine],
            households=sum(row["households"] or 0 for row in mine),
            residents=sum(row["residents"] or 0 for row in mine),
            area_m2=float(sum(row["area_m2"] for row in mine)),
        )

    return replace(found, rows=[add(one) for one in found.rows], rest=add(found.rest))


def _count_villagers(session: Session, found: Catchments) -> Catchments:
    """Customers in sight by village; those of no village stand with the rest."""
    counted = {row.pop("code"): row for row in fetch_all(session, "customers/around/count_villagers")}

    def add(one: Catchment, more: list[dict[str, int]]) -> Catchment:
        return replace(one, customers=_add([*(counted.pop(code, {}) for code in one.villages), *more]))

    rows = [add(one, []) for one in found.rows]
    rest = add(found.rest, [])
    return replace(
        found, rows=rows, rest=replace(rest, customers=_add([rest.customers or {}, *counted.values()]))
    )


def _add(counts: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(int(one.get(name, 0)) for one in counts) for name in ("existing", "prospects")}


def _draw_villages(found: Catchments, villages: Rows) -> Catchments:
    """Join the shapes of each one's villages."""
    keeper = {code: row.code for row in found.rows for code in row.villages}
    joined = dissolve(from_wkb(row["wkb"] for row in villages), [keeper.get(row["code"]) for row in villages])
    return replace(found, rows=[replace(row, area=joined.get(row.code or "")) for row in found.rows])


def _measure_ground(session: Session, found: Catchments, *, drawn: bool, counted: bool) -> Catchments:
    """Shares of the frame by distance with their true areas, and the customers whose points are nearest."""
    frame = find_frame(session, find_plan_on(session))
    if frame is None:
        raise Conflict("no_frame", zh="还没有导入辖区边界", en="no frame has been imported yet")
    x, y = np.array([[one.lon, one.lat] for one in found.rows], float).T
    cells = draw_cells(x, y, frame, radius_m=found.radius_m)
    areas = area_m2(cells)
    rows = [
        replace(one, area=cell if drawn else None, area_m2=float(area))
        for one, cell, area in zip(found.rows, cells, areas, strict=True)
    ]
    rest = replace(
        found.rest, area_m2=max(float(area_m2(np.array([frame], dtype=object))[0] - areas.sum()), 0.0)
    )
    measured = replace(found, rows=rows, rest=rest)
    return _count_nearest(session, measured, x, y) if counted else measured


def _count_nearest(
    session: Session, found: Catchments, x: NDArray[np.float64], y: NDArray[np.float64]
) -> Catchments:
    """Customers in sight with a point, each with the outlet nearest to him; who is too far, with the rest."""
    people = read_people(session, [EVERYWHERE], EVERYBODY)
    nearest, metres = find_nearest(people["x"], people["y"], x, y)
    far = metres > (np.inf if found.radius_m is None else found.radius_m + RIM_M)
    keeper = np.where(far, len(found.rows), nearest)
    existing, prospects = (
        np.bincount(keeper[people["standing"] == standing], minlength=len(found.rows) + 1).tolist()
        for standing in (0, 1)
    )
    counts = [{"existing": e, "prospects": p} for e, p in zip(existing, prospects, strict=True)]
    rows = [replace(one, customers=count) for one, count in zip(found.rows, counts[:-1], strict=True)]
    unplaced = dict(fetch_all(session, "customers/around/count_unplaced")[0])
    rest = replace(found.rest, customers=counts[-1])
    return replace(found, rows=rows, rest=rest, without_point=unplaced)


def _as_geojson(shape: BaseGeometry) -> dict[str, Any]:
    """A shape with seven decimals (a centimetre)."""
    told: dict[str, Any] = shapely.geometry.mapping(shapely.transform(shape, lambda xy: np.round(xy, 7)))
    return told
