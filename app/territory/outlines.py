"""Larger ground out of small: towns joined of grids, and the frame; branches and the bank are `levels`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_one
from app.models import Plan
from app.spatial.crs import area_m2
from app.spatial.topology import dissolve
from app.territory.plans.listing import GridSet, load_grids
from app.territory.shapes import from_wkb


@dataclass(frozen=True)
class Outline:
    """A larger piece of ground: `geom` is EPSG:4326, `grids` the number of level 3 grids it is made of."""

    code: str
    name: str
    geom: BaseGeometry
    area_m2: float
    grids: int


def list_towns(session: Session, plan: Plan) -> list[Outline]:
    """The towns of a plan by code, each the union of its grids; grids without a town are left out."""
    grids = load_grids(session, plan)
    return _join(grids, grids.column("town_code"), grids.column("town_name"))


def find_frame(session: Session, plan: Plan | None = None, *, on: date | None = None) -> BaseGeometry | None:
    """The frame (EPSG:4326): the plan's own, else the newest one imported; None when there is none."""
    if plan is not None:
        shape: BaseGeometry = to_shape(plan.frame)
        return shape
    row = fetch_one(session, "territory/find_frame", on=on or today(), code=None)
    return None if row is None else from_wkb([row["wkb"]])[0]


def _join(grids: GridSet, codes: Sequence[str | None], names: Sequence[Any]) -> list[Outline]:
    joined = dissolve(grids.shapes, codes)
    named = {code: name for code, name in zip(codes, names, strict=True) if code is not None}
    areas = area_m2(np.array(list(joined.values()), dtype=object)).tolist() if joined else []
    outlines = [
        Outline(code, str(named[code] or code), shape, area, codes.count(code))
        for (code, shape), area in zip(joined.items(), areas, strict=True)
    ]
    return sorted(outlines, key=lambda outline: outline.code)
