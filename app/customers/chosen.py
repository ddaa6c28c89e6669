"""Placements that a person says: a place chosen from the gazetteer, a point pinned, somewhere else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.customers.placing import FARTHEST_DEGREES, ewkb
from app.customers.steps import Standing, State
from app.db import fetch_all, fetch_one, fetch_value
from app.errors import BadInput, NeedsAnswer
from app.spatial import crs

# A source's point so far outside the chosen village is a point of that village all the same.
NEAR_M = 500.0
NOWHERE: State = {
    "rung": 0,
    "score": 1.0,
    "geom": None,
    "place_code": None,
    "unit_code": None,
    "accuracy_m": None,
    "datum": None,
}
OUTSIDE: State = {**NOWHERE, "method": "outside"}
# Rung and accuracy of a chosen place whose own point is known.
POINTED = {"house": (3, 100.0), "group": (3, 100.0), "natural_village": (4, 300.0)}
LEVELS = ("town", "village", *POINTED)


@dataclass(frozen=True)
class Point:
    """A point as it was said: lon/lat in `datum`, and how exact the device was in metres."""

    lon: float
    lat: float
    datum: str = "cgcs2000"
    accuracy_m: float | None = None
    confirm_outside: bool = False

    def to_storage(self) -> tuple[float, float]:
        """Lon and lat in EPSG:4326 as stored. Raises BadInput for numbers that are no lon and lat."""
        if not (-180 <= self.lon <= 180 and -90 <= self.lat <= 90):
            raise bad_point()
        if self.datum in ("cgcs2000", "wgs84"):
            return self.lon, self.lat
        lon, lat = crs.points_to_storage(np.array([self.lon]), np.array([self.lat]), self.datum)
        return float(lon[0]), float(lat[0])


def bad_point() -> BadInput:
    """What is said of a point that cannot be a customer's."""
    return BadInput(
        "bad_point",
        zh="这个点远在本行辖区之外，请检查经纬度与坐标系",
        en="the point lies far outside the bank's ground; check its order and datum",
    )


def place_pinned(session: Session, point: Point) -> State:
    """The placement of a pin. Raises BadInput `bad_point`, and NeedsAnswer for a point outside the ground."""
    lon, lat = point.to_storage()
    found = fetch_one(session, "customers/find_unit_at", lon=lon, lat=lat) or {}
    if not found.get("on_ground"):
        _refuse_far(lon, lat, found)
        if not point.confirm_outside:
            raise NeedsAnswer(
                "confirm_outside",
                zh="这个点在本行辖区之外，确认客户确实住在那里吗？",
                en="the point lies outside the bank's ground; does the customer live there?",
                questions=[{"code": "confirm_outside", "options": [True]}],
            )
    return {
        "rung": 1,
        "method": "pin",
        "score": 1.0,
        "geom": ewkb(lon, lat).hex(),
        "place_code": None,
        "unit_code": found.get("unit_code"),
        "accuracy_m": point.accuracy_m,
        "datum": point.datum,
    }


def _refuse_far(lon: float, lat: float, box: dict[str, Any]) -> None:
    """Raises BadInput for a point where no customer of this bank lives; without ground, outside China."""
    known, slack = box.get("west") is not None, FARTHEST_DEGREES
    sides = [box[side] for side in ("west", "south", "east", "north")] if known else [73.0, 3.0, 136.0, 54.0]
    west, south, east, north = sides
    slack = slack if known else 0.0
    if not (west - slack <= lon <= east + slack and south - slack <= lat <= north + slack):
        raise bad_point()


def place_chosen(session: Session, held: Sequence[Standing], code: str) -> dict[int, State]:
    """Placements at a chosen place, by customer: its village, and a source's own point where that fits.

    Raises BadInput for a code that is no town, village or place below.
    """
    place = fetch_one(session, "customers/find_chosen", code=code)
    if place is None or place["level"] not in LEVELS:
        raise BadInput(
            "bad_place",
            zh=f"地名表里没有代码为“{code[:20]}”的镇、村或更细的地点",
            en=f"no town, village or smaller place has the code {code[:20]!r}",
        )
    chosen = _at_place(place)
    points = {one.customer_id: point for one in held if (point := _point_of(one)) is not None}
    fitting = _find_fitting(session, points, place["village_code"])
    return {
        one.customer_id: chosen | _at_point(points[one.customer_id])
        if one.customer_id in fitting
        else dict(chosen)
        for one in held
    }


def _at_place(place: dict[str, Any]) -> State:
    state = {
        **NOWHERE,
        "method": "choose",
        "rung": 6 if place["level"] == "town" else 5,
        "place_code": place["code"],
        "unit_code": place["village_code"],
    }
    if place["level"] in POINTED and place["lon"] is not None:
        rung, accuracy_m = POINTED[place["level"]]
        point = {"lon": place["lon"], "lat": place["lat"], "accuracy_m": accuracy_m, "datum": "cgcs2000"}
        return state | _at_point(point) | {"rung": rung}
    return state


def _at_point(point: dict[str, Any]) -> State:
    geom = ewkb(point["lon"], point["lat"]).hex()
    return {"rung": 2, "geom": geom, "accuracy_m": point["accuracy_m"], "datum": point["datum"]}


def _point_of(standing: Standing) -> dict[str, Any] | None:
    """The point that a source sent: it stands in the placement, or in the case that set it aside."""
    if standing.state["rung"] == 2 and standing.lon is not None:
        facts = {key: standing.state[key] for key in ("accuracy_m", "datum")}
        return {"lon": standing.lon, "lat": standing.lat, **facts}
    return ((standing.case or {}).get("detail") or {}).get("source")


def _find_fitting(session: Session, points: dict[int, dict[str, Any]], village: str | None) -> set[int]:
    """Whose point lies in the village or near it; in a village that nobody has drawn each of them."""
    if not points or not village:
        return set()
    rows = [{"customer_id": key, "lon": point["lon"], "lat": point["lat"]} for key, point in points.items()]
    found = fetch_all(session, "customers/measure_points", rows=json.dumps(rows), code=village)
    far = {row["customer_id"] for row in found if row["distance_m"] > NEAR_M}
    return set(points) - far


def show_placement(session: Session, state: State) -> dict[str, Any]:
    """A placement as a page shows it: lon/lat in EPSG:4326, its village by name."""
    point = None if state["geom"] is None else _read_point(state["geom"])
    code = state["unit_code"]
    return {
        "rung": state["rung"],
        "method": state["method"],
        "score": state["score"],
        "place_code": state["place_code"],
        "unit_code": code,
        "unit_name": fetch_value(session, "customers/find_unit_name", code=code) if code else None,
        "lon": point and point[0],
        "lat": point and point[1],
        "accuracy_m": state["accuracy_m"],
        "datum": state["datum"],
    }


def _read_point(geom: str) -> tuple[float, float]:
    """Lon and lat of EWKB in hex, as `ewkb` writes it."""
    lon, lat = np.frombuffer(bytes.fromhex(geom)[9:], dtype="<f8")
    return float(lon), float(lat)
