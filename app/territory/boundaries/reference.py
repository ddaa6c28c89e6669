"""The ground a new boundary file is compared with: what the bank has stored, or a frame file at hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_one
from app.spatial import crs
from app.territory.shapes import from_wkb

_AROUND_DEGREE = 0.03
_VILLAGES = 400


@dataclass(frozen=True)
class KnownGround:
    """Ground already known: its lon/lat `box`, and `near(box)`, which fetches its borders around one.

    Without `near` there are no borders to compare with: roads and points share none with villages.
    """

    box: crs.Box
    near: Callable[[crs.Box], crs.Reference] | None


def find_known_ground(session: Session) -> KnownGround | None:
    """The ground stored in the bank, None when there is none."""
    row = fetch_one(session, "territory/find_known_ground")
    if row is None or row["west"] is None:
        return None
    box = (row["west"], row["south"], row["east"], row["north"])
    return KnownGround(box, lambda place: _fetch(session, box, place))


def take_ground(shapes: Iterable[Any]) -> KnownGround:
    """Shapes at hand (EPSG:4326), a frame file for one, as known ground."""
    reference = crs.Reference.of(list(shapes))
    return KnownGround(reference.box, lambda place: reference)


def _fetch(session: Session, box: crs.Box, place: crs.Box) -> crs.Reference:
    """Stored borders and houses around a place. Of many villages a fixed sample is enough to tell a shift."""
    west, south, east, north = place
    around = {
        "west": west - _AROUND_DEGREE,
        "south": south - _AROUND_DEGREE,
        "east": east + _AROUND_DEGREE,
        "north": north + _AROUND_DEGREE,
    }
    borders = fetch_all(session, "territory/find_reference_borders", **around, villages=_VILLAGES)
    houses = fetch_all(session, "territory/find_reference_points", **around)
    points = np.array([(row["lon"], row["lat"]) for row in houses], np.float64).reshape(-1, 2)
    shapes = from_wkb(row["wkb"] for row in borders) if borders else np.empty(0, object)
    return crs.Reference.of(shapes, points=points, box=box)
