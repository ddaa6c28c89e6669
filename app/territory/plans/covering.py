"""Ground under several grids counted once: each grid's own part of it, and how much all of them cover."""

from collections.abc import Sequence
from typing import Any

import shapely

from app.models import Plan
from app.spatial.crs import area_m2
from app.territory.plans.cutting import SNAP_DEGREES
from app.territory.plans.listing import GridSet
from app.territory.plans.precedence import read_precedence
from app.territory.shapes import Shapes


def own_ground(plan: Plan, grids: GridSet) -> Shapes:
    """The shapes of grids (n,), each without ground that another grid keeps which stands before it.

    Under the overlay rule a village loses its markets here, or a market its villages, as the precedence says;
    grids that do not share ground stay as they are.
    """
    order = read_precedence(plan)
    rank = {kind: place for place, kind in enumerate(order)}
    stand = [(rank.get(row["kind"], len(rank)), row["code"], row["id"]) for row in grids.rows]
    shapes = grids.shapes.copy()
    for row, above in _find_above(grids.shapes, stand).items():
        cover = shapely.union_all(grids.shapes[above])
        shapes[row] = shapely.difference(grids.shapes[row], cover, grid_size=SNAP_DEGREES)
    return shapes


def measure_covered(plan: Plan, grids: GridSet) -> float:
    """The square metres that grids cover, ground under several of them counted once."""
    return float(area_m2(own_ground(plan, grids)).sum()) if grids.rows else 0.0


def _find_above(shapes: Shapes, stand: Sequence[tuple[Any, ...]]) -> dict[int, list[int]]:
    """For each row that shares ground with rows that stand before it, these rows."""
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    apart = shapely.touches(shapes[a], shapes[b])
    above: dict[int, list[int]] = {}
    for one, other in zip(a[~apart].tolist(), b[~apart].tolist(), strict=True):
        first, second = (one, other) if stand[one] < stand[other] else (other, one)
        above.setdefault(second, []).append(first)
    return above
