"""A layer drawn small: simplified as one, so that neighbours keep one border, and nothing vanishes.

    levels = Levels(shapes, metres_a_pixel)      # shapes in a flat projection, in metres
    level = levels.find(9)                       # shapes and borders as they are drawn at zoom 9

Each zoom is made of the next nearer one: a border that is gone stays gone, and making all costs little more
than making the first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from app.spatial.topology.edges import Ints, Shapes, match, ring_edges

# Of a pixel: what a border may move by without anybody seeing it.
MOVE_PX = 0.5
# Below so many square pixels a shape is looked at closely; below one it is drawn as a square of its middle.
SMALL_PX2 = 16.0
# A tile's unit is an eighth of a pixel: what is thinner everywhere has no ground on it.
UNIT_PX = 0.125


@dataclass(frozen=True, slots=True)
class Borders:
    """Lines between two shapes: rows of both, `other` is -1 where nobody is on the far side."""

    lines: Shapes
    one: Ints
    other: Ints


@dataclass(frozen=True, slots=True)
class Level:
    """A layer at a zoom: `drawn` are the shapes with squares for what is too small to be seen."""

    shapes: Shapes
    drawn: Shapes
    borders: Borders


class Levels:
    """The levels of a layer of polygons, made when asked for. `pixel_m(z)` is the size of a pixel."""

    def __init__(self, shapes: Shapes, pixel_m: Callable[[int], float], *, full: int) -> None:
        self._pixel_m, self._full = pixel_m, full
        self._made: dict[int, Level] = {}
        self._shapes = shapes

    def find(self, z: int) -> Level:
        """The level of a zoom; from `full` on it is the layer itself."""
        z = min(z, self._full)
        if z not in self._made:
            if z == self._full:
                self._made[z] = Level(self._shapes, self._shapes, find_borders(self._shapes))
            else:
                self._made[z] = coarsen(self.find(z + 1).shapes, self._pixel_m(z))
        return self._made[z]


def coarsen(shapes: Shapes, pixel_m: float) -> Level:
    """A layer simplified as a coverage; a shape of less than a pixel is drawn as a square of two by two."""
    simple = shapes
    if len(shapes):
        simple = np.asarray(shapely.coverage_simplify(shapes, MOVE_PX * pixel_m))
        simple = np.where(shapely.is_empty(simple), shapes, simple)
    return Level(simple, enlarge(simple, pixel_m), find_borders(simple))


def enlarge(shapes: Shapes, pixel_m: float) -> Shapes:
    """The shapes (n,), those too small or too thin to be seen replaced by a square around their middle."""
    area = shapely.area(shapes)
    some = np.flatnonzero(area < SMALL_PX2 * pixel_m**2)
    thin = shapely.is_empty(shapely.set_precision(shapes[some], UNIT_PX * pixel_m))
    lost = some[(area[some] < pixel_m**2) | thin]
    drawn = shapes.copy()
    x, y = shapely.get_coordinates(shapely.point_on_surface(shapes[lost])).T
    drawn[lost] = shapely.box(x - pixel_m, y - pixel_m, x + pixel_m, y + pixel_m)
    return drawn


def find_borders(shapes: Shapes) -> Borders:
    """Each stretch of border once, with who lies on both its sides."""
    edges = ring_edges(shapes)
    if not len(edges):
        return Borders(np.empty(0, dtype=object), np.empty(0, np.int64), np.empty(0, np.int64))
    matched = match(edges)
    size = np.diff(np.append(matched.first, len(matched.order)))
    first = matched.order[matched.first]
    one, other = edges.owner[first], np.full(len(first), -1, dtype=np.int64)
    shared = size > 1
    other[shared] = edges.owner[matched.order[matched.first[shared] + 1]]
    low = np.where(shared, np.minimum(one, other), one)
    high = np.where(shared, np.maximum(one, other), -1)
    pairs, group = np.unique(np.stack([low, high], axis=1), axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    strokes = edges.take(first[order]).lines()
    lines = shapely.line_merge(shapely.multilinestrings(strokes, indices=group.ravel()[order]))
    return Borders(np.asarray(lines), pairs[:, 0], pairs[:, 1])
