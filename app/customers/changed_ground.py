"""What of the ground is different: strips between two states of the grids, and places that changed hands.

Boxes cover all of it and a little more: whoever lies in them is asked anew by the exact kernel, so that
a box too many costs a look and never an answer. Lon/lat (EPSG:4326) throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.customers.grounds import Ground
from app.customers.placing import EDGE_M
from app.db import ask_driver, fetch_all
from app.spatial.topology.measures import metres_per_degree

Shapes = NDArray[np.object_]
Boxes = NDArray[np.float64]
# Rounding of the overlay is far below this; a point on a border is inside the box of what lies beside it.
SKIN_DEGREES = 1e-8
# How far beyond changed ground an edge tolerance reaches, and how far its nearest grid may be.
EDGE_REACH_M = max(EDGE_M.values()) * 1.01
# Cells along a strip of the middle size, and along the longest.
CELLS, MOST_CELLS = 8, 32
FULL_SHARE = 0.3


@dataclass(frozen=True)
class Difference:
    """Ground (polygons) that belongs to another grid by now or may, and official places that changed hands.

    `customers` is about how many stand in the grids that differ; `grids` how many of these there are.
    """

    pieces: Shapes
    units: list[str] = field(default_factory=list)
    customers: int = 0
    grids: int = 0

    def reach(self, metres: float) -> Boxes:
        """One box (n, 4) a piece, wider by so much on every side."""
        return widen(np.array(shapely.bounds(self.pieces)).reshape(-1, 4), metres)

    def boxes(self) -> Boxes:
        """Boxes (n, 4) of west, south, east, north that cover the pieces closely."""
        return cover(self.pieces) + np.array([-1, -1, 1, 1]) * SKIN_DEGREES


def read_difference(
    session: Session, before_plan: int, after_plan: int, *, keys: Sequence[int] | None = None
) -> Difference:
    """What differs between the grids (of these keys only, where given) of two plans of the same rules."""
    plans = {"before_id": before_plan, "after_id": after_plan}
    known = None if keys is None else list(keys)
    rows = ask_driver(session, "customers/list_changed_grids", keys=known, **plans)
    before = _shapes([row["before_wkb"] for row in rows])
    after = _shapes([row["after_wkb"] for row in rows])
    other_kind = np.array([row["other_kind"] for row in rows], dtype=bool)
    units: set[str] = set()
    for row in rows:
        units.update(set(row["before_units"]) ^ set(row["after_units"]))
    return Difference(
        find_pieces(before, after, whole=other_kind),
        sorted(units),
        sum(row["customers"] for row in rows),
        len(rows),
    )


def compare_grounds(session: Session, before: Ground, after: Ground) -> Difference:
    """What differs between two grounds in hand that follow the same rules."""
    keys = np.union1d(before.grid_keys, after.grid_keys)
    old, new = _align(before, keys), _align(after, keys)
    kinds = [np.append(side.kind, -1)[_places(side, keys)] for side in (before, after)]
    other_kind = kinds[0] != kinds[1]
    moved = np.flatnonzero(other_kind | ~shapely.equals_exact(old, new))
    moved = moved[~(shapely.is_missing(old[moved]) & shapely.is_missing(new[moved]))]
    held = [_holders(side) for side in (before, after)]
    unit_keys = [unit for unit in {*held[0], *held[1]} if held[0].get(unit) != held[1].get(unit)]
    units: list[str] = []
    if unit_keys:
        plans = {"plan_ids": [before.plan_id, after.plan_id]}
        rows = fetch_all(session, "customers/list_unit_codes", keys=unit_keys, **plans)
        units = [row["code"] for row in rows]
    pieces = find_pieces(old[moved], new[moved], whole=other_kind[moved])
    return Difference(pieces, units, grids=len(moved))


def find_pieces(before: Shapes, after: Shapes, *, whole: NDArray[np.bool_]) -> Shapes:
    """Ground that a grid has lost or gained; all of both sides where `whole` (another kind, new, gone)."""
    pieces = [_fill(side) for side in (before[whole], after[whole])]
    pieces.append(_differ(_fill(before[~whole]), _fill(after[~whole])))
    parts = shapely.get_parts(np.concatenate(pieces))
    return np.asarray(parts[~shapely.is_empty(parts)])


def _differ(old: Shapes, new: Shapes) -> Shapes:
    try:
        return np.asarray(shapely.symmetric_difference(old, new), dtype=object)
    except shapely.errors.GEOSException:
        # Ground too frayed for the overlay: all of both sides is asked.
        return np.concatenate([old, new])


def _fill(shapes: Shapes) -> Shapes:
    """No grid is no ground."""
    filled = shapes.copy()
    filled[shapely.is_missing(shapes)] = shapely.Polygon()
    return filled


def find_doubled(ground: Ground) -> Shapes:
    """Ground under two grids: what other rules may give to another of them."""
    shapes = ground.locator.polygons
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = np.flatnonzero(left < right)
    left, right = left[pairs], right[pairs]
    both = shapely.relate_pattern(shapes[left], shapes[right], "T********")
    common = shapely.get_parts(shapely.intersection(shapes[left[both]], shapes[right[both]]))
    return np.asarray(common[shapely.get_dimensions(common) == 2])


def cover(pieces: Shapes) -> Boxes:
    """Boxes (n, 4) over the pieces, few and close: every box is a search in the index of every block.

    A piece that fills its bounds is one box. Strips are covered by the cells of a lattice common to all of a
    size, so that ground which one grid lost and another gained is asked once; cells side by side are one box.
    """
    bounds = np.asarray(shapely.bounds(pieces), dtype=np.float64).reshape(-1, 4)
    size = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    room = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
    full = (shapely.area(pieces) >= FULL_SHARE * room) | (size == 0)
    found = [bounds[full]]
    strips, sizes = np.asarray(pieces)[~full], size[~full]
    if len(strips):
        # A power of two: strips of about a size meet in one lattice. A single long one has larger cells.
        wanted = np.maximum(np.median(sizes) / CELLS, sizes / MOST_CELLS)
        levels = np.exp2(np.ceil(np.log2(wanted)))
        found += [_cover_strips(strips[levels == cell], cell) for cell in np.unique(levels).tolist()]
    return np.concatenate(found)


def _cover_strips(strips: Shapes, cell: float) -> Boxes:
    """The cells of a lattice that strips meet, joined along each line."""
    cells = np.unique(np.concatenate([_find_cells(strip, cell) for strip in strips]), axis=0)
    begins = np.ones(len(cells), dtype=bool)
    begins[1:] = (np.diff(cells, axis=0) != (0, 1)).any(axis=1)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(cells)) - 1
    line, west, east = cells[first, 0], cells[first, 1], cells[last, 1] + 1
    return np.column_stack([west, line, east, line + 1]) * cell


def _find_cells(strip: BaseGeometry, cell: float) -> NDArray[np.int64]:
    """Line and column (n, 2) of the cells that a strip meets."""
    west, south, east, north = np.floor(np.array(strip.bounds) / cell).astype(np.int64).tolist()
    line, column = np.mgrid[south : north + 1, west : east + 1].reshape(2, -1)
    shapely.prepare(strip)
    boxes = shapely.box(column * cell, line * cell, (column + 1) * cell, (line + 1) * cell)
    met = shapely.intersects(strip, boxes)
    return np.column_stack([line[met], column[met]])


def widen(boxes: Boxes, metres: float) -> Boxes:
    """The boxes, larger on every side."""
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    reach = metres / metres_per_degree(middle)
    return boxes + np.column_stack([-reach[:, 0], -reach[:, 1], reach[:, 0], reach[:, 1]])


def find_gaps(zones: Boxes, grids: Shapes) -> Boxes:
    """Boxes of the ground within these that no grid covers: there an edge tolerance may end elsewhere."""
    zone = shapely.union_all(shapely.box(*zones.T))
    near = grids[shapely.intersects(grids, zone)]
    if shapely.covers(near, zone).any():
        return np.empty((0, 4))
    left = shapely.difference(zone, shapely.union_all(shapely.intersection(near, zone)))
    parts = shapely.get_parts(left)
    return (
        np.array(shapely.bounds(parts[~shapely.is_empty(parts)])).reshape(-1, 4)
        + np.array([-1, -1, 1, 1]) * SKIN_DEGREES
    )


def _shapes(wkbs: Sequence[Any]) -> Shapes:
    values = [None if wkb is None else bytes(wkb) for wkb in wkbs]
    return np.asarray(shapely.from_wkb(np.array(values, dtype=object)), dtype=object)


def _places(ground: Ground, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where in the ground each key stands, -1 for nowhere."""
    at = {key: place for place, key in enumerate(ground.grid_keys.tolist())}
    return np.array([at.get(key, -1) for key in keys.tolist()], dtype=np.int64)


def _align(ground: Ground, keys: NDArray[np.int64]) -> Shapes:
    return np.append(ground.locator.polygons, np.array([None], dtype=object))[_places(ground, keys)]


def _holders(ground: Ground) -> dict[int, int]:
    """By unit the key of its grid, 0 where several divide it."""
    keys = ground.grid_keys.tolist()
    return {unit: 0 if unit in ground.divided else keys[place] for unit, place in ground.units.items()}
