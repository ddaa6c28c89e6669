"""Rings that came without a word of which is a hole: what lies inside an odd number of others is one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

Ring = Sequence[Sequence[float]]
_FEWEST_POINTS = 3


def join_rings(rings: Sequence[Ring]) -> Any:
    """The area that rings of (x, y) bound, closed or not: a Polygon, or a MultiPolygon of several.

    Raises ValueError or a ShapelyError when a ring has fewer than three points or a point is none.
    """
    drawn = [[(float(point[0]), float(point[1])) for point in ring] for ring in rings]
    if not drawn or min(len(set(ring)) for ring in drawn) < _FEWEST_POINTS:
        raise ValueError("a ring has at least three points")
    alone = np.array([shapely.Polygon(ring) for ring in drawn], dtype=object)
    if len(alone) == 1:
        return alone[0]
    holes, outer = _sort(alone)
    areas = [
        shapely.Polygon(drawn[at], [drawn[hole] for hole in holes.get(int(at), [])])
        for at in np.flatnonzero(outer)
    ]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)


def _sort(alone: Any) -> tuple[dict[int, list[int]], Any]:
    """Return (the holes of each outer ring, (n,) whether a ring is an outer one)."""
    size = shapely.area(alone)
    inner, around = shapely.STRtree(alone).query(shapely.point_on_surface(alone), predicate="within")
    real = size[around] > size[inner]
    inner, around = inner[real], around[real]
    outer = np.bincount(inner, minlength=len(alone)) % 2 == 0
    owned = ~outer[inner] & outer[around]
    inner, around = inner[owned], around[owned]
    order = np.lexsort((size[around], inner))  # the smallest ring around each hole comes first
    hole, first = np.unique(inner[order], return_index=True)
    holes: dict[int, list[int]] = {}
    for one, other in zip(hole.tolist(), around[order][first].tolist(), strict=True):
        holes.setdefault(other, []).append(one)
    return holes, outer
