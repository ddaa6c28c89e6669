"""Which side of a polygon's border a point is on: exact, for a million (point, polygon) pairs at once.

Each polygon's edges are sorted into horizontal slabs of its own, about two edges high, so a pair looks at a
handful of edges whatever the length of the border. The sign of each edge test carries an error bound
(Shewchuk's filter); pairs within it are answered by GEOS's exact predicates.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from app.spatial.topology.edges import Edges

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OUTSIDE, BORDER, INSIDE = 0, 1, 2
_EDGES_A_SLAB = 2.0
_ERROR_BOUND = 4.0e-16
"""Just above (3 + 16 eps) eps: a larger determinant has a sure sign."""


@dataclass(frozen=True)
class Slabs:
    """Edges of polygons by slab. Polygon p has slabs `first_slab[p]` to `first_slab[p + 1]`, slab s has
    the edges `first_edge[s]` to `first_edge[s + 1]`, each four numbers x1 y1 x2 y2 of a row of `edge`.
    """

    polygons: Shapes
    south: Floats
    per_degree: Floats
    first_slab: Ints
    first_edge: Ints
    edge: Floats

    def side(self, x: Floats, y: Floats, polygon: Ints) -> npt.NDArray[np.int8]:
        """OUTSIDE, BORDER or INSIDE for each pair of a point (degrees) and a polygon: shape (n,)."""
        slab = self._slab(y, polygon)
        within = np.flatnonzero(slab >= 0)
        side = np.zeros(len(x), dtype=np.int8)
        side[within] = self._cast(x[within], y[within], slab[within])
        unsure = np.flatnonzero(side < 0)
        if len(unsure):
            side[unsure] = _exact_side(x[unsure], y[unsure], self.polygons[polygon[unsure]])
        return side

    def gap_m(self, points: Floats, polygon: Ints, scale: Floats, reach: Floats) -> Floats:
        """Metres from each point (n, 2) to the border of its polygon, infinite beyond `reach` degrees north
        or south; `scale` (n, 2) are metres a degree.
        """
        first, last = self._slabs_within(points[:, 1], polygon, reach)
        start, end = self.first_edge[first], self.first_edge[last + 1]
        count = np.where(last >= first, end - start, 0)
        of = np.repeat(np.arange(len(points)), count)
        edge = self.edge[expand(start, count)]
        here, metres = points[of], scale[of]
        gap = np.full(len(points), np.inf)
        np.minimum.at(gap, of, _distance((edge[:, :2] - here) * metres, (edge[:, 2:] - here) * metres))
        return gap

    def _slabs_within(self, y: Floats, polygon: Ints, reach: Floats) -> tuple[Ints, Ints]:
        first, end = self.first_slab[polygon], self.first_slab[polygon + 1]
        low = np.floor((y - reach - self.south[polygon]) * self.per_degree[polygon]).astype(np.int64)
        high = np.floor((y + reach - self.south[polygon]) * self.per_degree[polygon]).astype(np.int64)
        return first + np.maximum(low, 0), np.minimum(first + high, end - 1)

    def _slab(self, y: Floats, polygon: Ints) -> Ints:
        """The slab a height lies in, -1 above or below the polygon."""
        up = np.floor((y - self.south[polygon]) * self.per_degree[polygon])
        first, count = self.first_slab[polygon], self.first_slab[polygon + 1] - self.first_slab[polygon]
        return np.where((up >= 0) & (up < count), first + up, -1).astype(np.int64)

    def _cast(self, x: Floats, y: Floats, slab: Ints) -> npt.NDArray[np.int8]:
        """Count the edges a ray to the east crosses; -1 where a sign is unsure."""
        start = self.first_edge[slab]
        count = self.first_edge[slab + 1] - start
        point = np.repeat(np.arange(len(x)), count)
        edge = expand(start, count)
        crosses, unsure = _test(x[point], y[point], self.edge[edge])
        odd = np.bincount(point[crosses], minlength=len(x)) & 1
        side = np.where(odd == 1, INSIDE, OUTSIDE).astype(np.int8)
        side[point[unsure]] = -1
        return side


def _test(px: Floats, py: Floats, edge: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    x1, y1, x2, y2 = edge.T
    left, right = (x1 - px) * (y2 - py), (x2 - px) * (y1 - py)
    turn = left - right
    close = np.abs(turn) <= _ERROR_BOUND * (np.abs(left) + np.abs(right))
    above1, above2 = y1 > py, y2 > py
    crosses = (above1 != above2) & ((turn > 0) == above2)
    close &= (np.minimum(x1, x2) <= px) & (px <= np.maximum(x1, x2))
    close &= (np.minimum(y1, y2) <= py) & (py <= np.maximum(y1, y2))
    return crosses, close


def _distance(a: Floats, b: Floats) -> Floats:
    """Distance of the origin from segments a-b, all (n, 2)."""
    run = b - a
    square = (run * run).sum(axis=1)
    share = np.divide(-(a * run).sum(axis=1), square, out=np.zeros(len(a)), where=square > 0)
    foot = a + np.clip(share, 0.0, 1.0)[:, None] * run
    return np.asarray(np.hypot(foot[:, 0], foot[:, 1]))


def _exact_side(x: Floats, y: Floats, polygons: Shapes) -> npt.NDArray[np.int8]:
    points = shapely.points(x, y)
    touched = shapely.intersects(polygons, points).astype(np.int8)
    return touched + shapely.contains(polygons, points)


def build_slabs(polygons: Shapes, edges: Edges) -> Slabs:
    """Sort the `edges` of `polygons` (n,) into slabs; missing and empty polygons have none."""
    owner = edges.owner
    low, high = np.minimum(edges.start, edges.end)[:, 1], np.maximum(edges.start, edges.end)[:, 1]
    south, north = shapely.bounds(polygons)[:, [1, 3]].T
    slabs = np.ceil(np.bincount(owner, minlength=len(polygons)) / _EDGES_A_SLAB).astype(np.int64)
    per_degree = np.zeros(len(polygons))
    np.divide(slabs - 1e-6, north - south, out=per_degree, where=north > south)
    first_slab = starts(slabs)
    lowest = np.floor((low - south[owner]) * per_degree[owner]).astype(np.int64)
    highest = np.floor((high - south[owner]) * per_degree[owner]).astype(np.int64)
    slab = expand(first_slab[owner] + lowest, highest - lowest + 1)
    order = np.argsort(slab, kind="stable")
    row = np.repeat(np.arange(len(owner)), highest - lowest + 1)[order]
    edge = np.concatenate([edges.start, edges.end], axis=1)[row]
    first_edge = starts(np.bincount(slab, minlength=int(first_slab[-1])))
    return Slabs(polygons, np.nan_to_num(south), per_degree, first_slab, first_edge, edge)


def starts(count: Ints) -> Ints:
    """Where runs of given lengths begin, and after the last where all end: shape (n + 1,)."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count, dtype=np.int64)])


def expand(start: Ints, count: Ints) -> Ints:
    """The runs start, start + 1, ... of given lengths, one after another."""
    total = int(count.sum())
    ends = np.cumsum(count)
    return np.asarray(np.arange(total) + np.repeat(start - (ends - count), count))
