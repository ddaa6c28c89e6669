"""Units become grids: parts of one unit joined, markets and parks cut out of the villages they lie in."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.spatial.topology import OVERLAY_KINDS, area_m2
from app.territory.shapes import Shapes, to_areas

BASE_KINDS = ("village", "community", "street")
SNAP_DEGREES = 1e-7
"""Storage keeps coordinates to 1e-7 degree, about 1 cm; cuts are made on that grid."""
WHOLE_M2 = 1.0
"""Two shapes that share less ground than this lie side by side."""


def snap_shapes(shapes: Shapes) -> Shapes:
    """The same shapes with coordinates rounded to the storage grid, made sound where rounding folded them."""
    snapped = shapely.transform(shapes, lambda xy: np.round(xy, 7))
    folded = ~shapely.is_valid(snapped)
    snapped[folded] = shapely.set_precision(shapes[folded], SNAP_DEGREES)
    return np.asarray(snapped, dtype=object)


def join_parts(codes: Sequence[str], shapes: Shapes) -> list[list[int]]:
    """Rows that make one grid: rows of one code that lie apart are its parts (an exclave).

    Rows of one code that lie on top of each other stay two grids, so that the check can show the fault.
    """
    groups: dict[str, list[list[int]]] = {}
    for row, code in enumerate(codes):
        mine = groups.setdefault(code, [])
        home = next((group for group in mine if _apart(shapes[row], shapes[group])), None)
        if home is None:
            mine.append([row])
        else:
            home.append(row)
    return sorted((group for mine in groups.values() for group in mine), key=lambda group: group[0])


def _apart(shape: BaseGeometry, others: Shapes) -> bool:
    return bool(area_m2(shapely.intersection(others, shape)).max() < WHOLE_M2)


def cut_markets(shapes: Shapes, kinds: Sequence[str], *, precedence: Sequence[str] = ()) -> Shapes:
    """Cut every market, district and park out of the ground below it; of two of them the kind that comes
    first in `precedence` keeps, and of two of one kind (or without a precedence) the smaller one.

    `shapes` (n,) are EPSG:4326 polygons on the storage grid. A market that crosses the border of two villages
    gets the crossing points as vertices of its own, so that all three share them exactly.
    """
    upper = [row for row, kind in enumerate(kinds) if kind in OVERLAY_KINDS]
    rank = {kind: place for place, kind in enumerate(precedence)}
    upper.sort(
        key=lambda row: (rank.get(kinds[row], 0 if not rank else len(rank)), shapely.area(shapes[row]))
    )
    cut = shapes.copy()
    for place, knife in enumerate(upper):
        larger = [row for row, kind in enumerate(kinds) if kind in BASE_KINDS] + upper[place + 1 :]
        _cut_one(cut, knife, np.array(larger, dtype=np.intp))
    return to_areas(np.array([_polygonal(shape) for shape in cut], dtype=object))


def _cut_one(shapes: Shapes, knife: int, below: NDArray[np.intp]) -> None:
    edge = shapes[knife]
    met = below[shapely.intersects(shapes[below], edge)]
    pieces = []
    for row in met.tolist():
        piece = shapely.intersection(shapes[row], edge, grid_size=SNAP_DEGREES)
        if piece.area > 0:
            pieces.append(_polygonal(piece))
            shapes[row] = shapely.difference(shapes[row], edge, grid_size=SNAP_DEGREES)
    if len(pieces) > 1:
        beyond = shapely.difference(edge, shapely.union_all(pieces), grid_size=SNAP_DEGREES)
        shapes[knife] = shapely.union_all([*pieces, _polygonal(beyond)], grid_size=SNAP_DEGREES)


def _polygonal(shape: BaseGeometry) -> BaseGeometry:
    parts = [p for p in shapely.get_parts(shape) if shapely.get_type_id(p) == shapely.GeometryType.POLYGON]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
