"""What a grid carries besides its ground - households, units - follows the ground; sums are kept."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.db import fetch_all
from app.spatial.topology import OVERLAY_KINDS, Move
from app.territory.editing.desk import Desk, Patch, area_of
from app.territory.plans.cutting import BASE_KINDS
from app.territory.shapes import from_wkb

_SHARE = 0.01
"""A unit of which a part holds less than this share is not that part's."""


def share_out(total: int | None, weights: Sequence[float]) -> list[int | None]:
    """A number split by weights into whole numbers of the same sum; None stays None."""
    whole = sum(weights)
    if total is None or whole <= 0:
        return [total, *([None] * (len(weights) - 1))]
    raw = [total * weight / whole for weight in weights]
    parts = [int(one) for one in raw]
    order = sorted(range(len(raw)), key=lambda k: (parts[k] - raw[k], k))
    for k in order[: total - sum(parts)]:
        parts[k] += 1
    return list(parts)


def find_units(
    desk: Desk, codes: Sequence[str] = (), lasso: BaseGeometry | None = None
) -> list[dict[str, Any]]:
    """Units of today by code, or with their inner point in drawn ground: code, name, households, shape."""
    rows = fetch_all(
        desk.session,
        "territory/list_ground_units",
        kinds=[*BASE_KINDS, *OVERLAY_KINDS],
        codes=list(codes),
        lasso=None if lasso is None else shapely.to_wkb(shapely.set_srid(lasso, 4326), include_srid=True),
    )
    shapes = from_wkb(row["wkb"] for row in rows)
    return [{**row, "shape": shape} for row, shape in zip(rows, shapes, strict=True)]


def split_units(desk: Desk, codes: Sequence[str], parts: Sequence[BaseGeometry]) -> list[list[str]]:
    """The units of each part of a grid: a unit that lies in several parts is in each of them."""
    if len(codes) <= 1:
        return [list(codes) for _ in parts]
    known = {row["code"]: row["shape"] for row in find_units(desk, codes)}
    return [[code for code in codes if _belongs(known.get(code), part)] for part in parts]


def _belongs(unit: BaseGeometry | None, part: BaseGeometry) -> bool:
    return unit is None or bool(shapely.intersection(unit, part).area > _SHARE * unit.area)


def move_households(patch: Patch, moves: Sequence[Move]) -> dict[int, int]:
    """Households by row after ground has moved between grids: each piece takes its share of the area.

    Rows from `len(patch.rows)` on are new grids. Ground given to nobody takes nobody along. Only rows whose
    number changes, and new ones, are told.
    """
    before = {place: row["households"] for place, row in enumerate(patch.rows)}
    after = dict(before)
    for move in moves:
        a, b = move.from_row, move.to_row
        if a is None or b is None or before[a] is None:
            continue
        share = min(1.0, move.area_m2 / area_of(patch.shapes[a]))
        moved = min(round(before[a] * share), after[a])
        after[a], after[b] = after[a] - moved, (after.get(b) or 0) + moved
    return {
        place: count for place, count in after.items() if count is not None and count != before.get(place)
    }


def move_units(patch: Patch, units: Sequence[dict[str, Any]], to: int) -> dict[int, dict[str, Any]]:
    """Facts by row when whole units go to one row: their codes and their households go along."""
    codes = [unit["code"] for unit in units]
    facts: dict[int, dict[str, Any]] = {}
    gained = 0
    for place, row in enumerate(patch.rows):
        going = [unit for unit in units if unit["code"] in row["unit_codes"]]
        if place == to or not going:
            continue
        stays = [code for code in row["unit_codes"] if code not in codes]
        leaves = sum(unit["households"] or 0 for unit in going) if stays else (row["households"] or 0)
        leaves = min(leaves, row["households"] or 0)
        gained += leaves
        facts[place] = {"unit_codes": stays}
        if row["households"] is not None:
            facts[place]["households"] = row["households"] - leaves
    mine = patch.rows[to]
    facts[to] = {"unit_codes": list(dict.fromkeys([*mine["unit_codes"], *codes]))}
    if gained:
        facts[to]["households"] = (mine["households"] or 0) + gained
    return facts


def join_shapes(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Several shapes as one ground on the storage grid."""
    whole: BaseGeometry = shapely.union_all(np.array(shapes, dtype=object), grid_size=1e-7)
    return whole
