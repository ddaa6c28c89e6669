"""What lies at a point: its grid and who answers for it, its village and town, the nearest outlet, and what
is so near that a slip of the device would change the answer."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_one
from app.errors import BadInput
from app.spatial import crs
from app.territory.plans.listing import find_plan_on
from app.territory.responsibility import Responsibility, find_grid

METRES_A_DEGREE = 110_500.0
NEAR_M = 50.0
MOST_NEAR_M = 2000.0
DATUMS = ("cgcs2000", "wgs84", "gcj02", "bd09")
_HINTS = {
    "swapped": ("经度与纬度可能写反了", "longitude and latitude may be swapped"),
    "null_island": ("经纬度为 0，多半是没有取到位置", "0, 0 is most likely no position at all"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A point in degrees of its own datum (`DATUMS`), the day it is asked for, and what counts as near."""

    lon: float
    lat: float
    datum: str = "cgcs2000"
    on: date | None = None
    known_at: datetime | None = None
    near_m: float = NEAR_M

    def __post_init__(self) -> None:
        """Raises BadInput `unknown_datum`."""
        if self.datum not in DATUMS:
            raise BadInput(
                "unknown_datum",
                zh=f"坐标系“{self.datum[:20]}”不认识，可用：{'、'.join(DATUMS)}",
                en=f"unknown datum {self.datum[:20]!r}; use one of {', '.join(DATUMS)}",
            )

    def require_somewhere(self) -> "Question":
        """Itself. Raises BadInput `null_island` for 0, 0, where nobody means to be."""
        if _is_null(self.lon, self.lat):
            zh, en = _HINTS["null_island"]
            raise BadInput("null_island", zh=zh, en=en)
        return self

    def to_storage(self) -> tuple[float, float]:
        """Longitude and latitude in EPSG:4326. Raises BadInput for numbers that are none, or swapped."""
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise self._refuse()
        if self.datum in ("cgcs2000", "wgs84"):
            return self.lon, self.lat
        x, y = crs.points_to_storage([self.lon], [self.lat], self.datum)
        return float(x[0]), float(y[0])

    def _refuse(self) -> BadInput:
        told = f"{self.lon}, {self.lat}"
        if -180 <= self.lat <= 180 and -90 <= self.lon <= 90:
            return BadInput(
                "swapped",
                zh=f"经度与纬度写反了：{told}，请改为 lon={self.lat} lat={self.lon}",
                en=f"longitude and latitude are swapped: {told}; ask for lon={self.lat} lat={self.lon}",
                lon=self.lat,
                lat=self.lon,
            )
        return BadInput("bad_point", zh=f"经纬度无效：{told}", en=f"no longitude and latitude: {told}")


def find_whereabouts(session: Session, asked: Question) -> dict[str, Any]:
    """All that lies at a point, in the shape of `GET /locate`: the answer of `find_grid` and beside it

    `point` (EPSG:4326), `unit` (the village or community that holds it), `town`, `nearest_outlet`
    (distance_m on the ground), `near` (other grids and villages within `near_m`, nearest first) and `hint`
    (swapped, null_island). Grids are those of the viewer; villages and outlets are public ground. A point at
    sea is an answer. Raises BadInput `bad_point` or `swapped` for numbers that are no point.
    """
    lon, lat = asked.to_storage()
    held = find_grid(session, lon, lat, on=asked.on, known_at=asked.known_at)
    where = _reach(lon, lat, max(asked.near_m, 0.0))
    units = fetch_all(session, "territory/list_near_units", on=held.on, **where)
    plan = find_plan_on(session, held.on)
    grids = [] if plan is None else fetch_all(session, "territory/list_near_grids", plan_id=plan.id, **where)
    found = {
        **held.as_json(),
        "point": {"lon": round(lon, 7), "lat": round(lat, 7)},
        **_tell_ground(units),
        "nearest_outlet": _tell(fetch_one(session, "territory/find_nearest_outlet", lon=lon, lat=lat)),
        "near_m": asked.near_m,
    }
    at = found["unit"] and found["unit"]["code"]
    near_units = [_tell(u) for u in units if u["kind"] != "town" and u["code"] != at]
    found["near"] = {"grids": [_tell(grid) for grid in grids], "units": near_units}
    return _give_hint(found, _find_hint(session, held, lon, lat))


def _reach(lon: float, lat: float, near_m: float) -> dict[str, float]:
    """The point with the half sides, in degrees, of a box that holds every place within `near_m`."""
    dy = near_m / METRES_A_DEGREE
    dx = min(dy / max(math.cos(math.radians(lat)), 0.01), 180.0)
    return {"lon": lon, "lat": lat, "near_m": near_m, "dx": dx, "dy": dy}


def _tell_ground(units: list[dict[str, Any]]) -> dict[str, Any]:
    """The village and the town that hold the point; without a town's own shape the village names its town."""
    here = [unit for unit in units if unit["distance_m"] == 0]
    unit = next((one for one in here if one["kind"] != "town"), None)
    town = next(({"code": one["code"], "name": one["name"]} for one in here if one["kind"] == "town"), None)
    if town is None and unit is not None and (unit["town_code"] or unit["town_name"]):
        town = {"code": unit["town_code"], "name": unit["town_name"]}
    told = {key: unit[key] for key in ("code", "name", "kind", "town_code", "town_name")} if unit else None
    return {"unit": told, "town": town}


def _tell(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {**row, "distance_m": round(float(row["distance_m"]), 1)}


def _find_hint(session: Session, held: Responsibility, lon: float, lat: float) -> str | None:
    """Why a point outside is so, where that can be told."""
    if held.place != "outside":
        return None
    if _is_null(lon, lat):
        return "null_island"
    if abs(lon) > 90:
        return None
    return "swapped" if find_grid(session, lat, lon, on=held.on).place != "outside" else None


def _is_null(lon: float, lat: float) -> bool:
    """Whether a device without a position would say so."""
    return abs(lon) < 1e-6 and abs(lat) < 1e-6


def _give_hint(found: dict[str, Any], hint: str | None) -> dict[str, Any]:
    zh, en = _HINTS.get(hint or "", ("", ""))
    if hint:
        found["message_zh"] += f"；{zh}"
        found["message_en"] += f"; {en}"
    return {**found, "hint": hint}
