"""Which polygon holds this point? Exact on borders, the lowest row wins, the same answer on every path.

A raster answers for cells wholly inside one polygon; in cells a border runs through, each candidate's edges
are tested in numpy with an error bound, and the few points within it are answered by GEOS.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.raster import Raster, build_raster
from app.spatial.slabs import INSIDE, OUTSIDE, Floats, Ints, Shapes, Slabs, build_slabs, expand
from app.spatial.topology.edges import as_shapes, ring_edges
from app.spatial.topology.measures import metres_per_degree

Rows = npt.NDArray[np.int32]
NONE = np.int32(-1)
_BATCH = 1 << 17
_CELLS_A_POLYGON, _LEAST_CELLS, _MOST_CELLS = 300, 1 << 18, 1 << 22


class Locator:
    """An index over polygons (EPSG:4326); build it once for a boundary version and keep it.

    Reading is safe from many threads. It can be pickled.
    """

    def __init__(self, polygons: Sequence[BaseGeometry] | Shapes) -> None:
        self.polygons = as_shapes(polygons)
        cells = min(max(_CELLS_A_POLYGON * len(self.polygons), _LEAST_CELLS), _MOST_CELLS)
        edges = ring_edges(self.polygons)
        self._slabs: Slabs = build_slabs(self.polygons, edges)
        self._raster: Raster = build_raster(self.polygons, edges, self._slabs, cells=cells)
        self._tree = shapely.STRtree(self.polygons)

    def __len__(self) -> int:
        return len(self.polygons)

    def locate(self, x: Any, y: Any) -> Rows:
        """The lowest row whose polygon covers each point, its border included; -1 where none does.

        `x`, `y` are longitudes and latitudes in degrees, arrays (n,) or single numbers; NaN gives -1.
        """
        return self._by_batch(self._locate, x, y)

    def second(self, x: Any, y: Any) -> Rows:
        """The lowest other row whose *interior* holds a located point; -1 where the answer is not contested.

        A point on the common border of two neighbours is no contest: no other interior holds it.
        """
        return self._by_batch(self._second, x, y)

    def contested(self, x: Any, y: Any) -> npt.NDArray[np.bool_]:
        """Whether a second polygon's interior holds the point."""
        return np.asarray(self.second(x, y) != NONE)

    def nearest(self, x: Any, y: Any, max_distance_m: float) -> tuple[Rows, Floats]:
        """The nearest polygon within a distance and how far its border is: rows (n,) and metres (n,).

        A located point has its own row and 0; where nothing is near enough, -1 and NaN. Of equal distances
        the lowest row wins. Distances are true within 0.1 % up to some kilometres.
        """
        xs, ys = _points(x, y)
        row = self.locate(xs, ys)
        distance = np.where(row != NONE, 0.0, np.nan)
        lost = np.flatnonzero((row == NONE) & np.isfinite(xs) & np.isfinite(ys))
        for part in np.array_split(lost, len(lost) // 20_000 + 1):
            row[part], distance[part] = self._nearest(xs[part], ys[part], max_distance_m)
        return row, distance

    def _by_batch(self, answer: Any, x: Any, y: Any) -> Rows:
        xs, ys = _points(x, y)
        rows = np.empty(len(xs), dtype=np.int32)
        for start in range(0, len(xs), _BATCH):
            part = slice(start, start + _BATCH)
            rows[part] = answer(xs[part], ys[part])
        return rows

    def _locate(self, x: Floats, y: Floats) -> Rows:
        rows = self._raster.number(x, y)
        point = np.flatnonzero(rows >= len(self))
        at, end = self._list_of(rows[point])
        rows[point] = NONE
        while len(point):
            hit = self._side(x[point], y[point], at) != OUTSIDE
            rows[point[hit]] = self._raster.candidate[at[hit]]
            more = ~hit & (at + 1 < end)
            point, at, end = point[more], at[more] + 1, end[more]
        return rows

    def _second(self, x: Floats, y: Floats) -> Rows:
        number = self._raster.number(x, y)
        point = np.flatnonzero(number >= len(self))
        start, end = self._list_of(number[point])
        rows = np.full(len(x), NONE, dtype=np.int32)
        if not len(point):
            return rows
        at = expand(start, end - start)
        of = np.repeat(point, end - start)
        side = self._side(x[of], y[of], at)
        candidate, opens = self._raster.candidate[at], np.cumsum(end - start) - (end - start)
        first = np.minimum.reduceat(np.where(side != OUTSIDE, candidate, len(self)), opens)
        other = (side == INSIDE) & (candidate != np.repeat(first, end - start))
        second = np.minimum.reduceat(np.where(other, candidate, len(self)), opens)
        rows[point] = np.where(second < len(self), second, NONE)
        return rows

    def _list_of(self, number: Rows) -> tuple[Ints, Ints]:
        k = number - len(self)
        return self._raster.first[k], self._raster.first[k + 1]

    def _side(self, x: Floats, y: Floats, at: Ints) -> npt.NDArray[np.int8]:
        """The side of each point to the candidate at a place of the raster's lists."""
        side = np.full(len(at), INSIDE, dtype=np.int8)
        test = np.flatnonzero(~self._raster.sure[at])
        polygon = self._raster.candidate[at[test]].astype(np.int64)
        side[test] = self._slabs.side(x[test], y[test], polygon)
        return side

    def _nearest(self, x: Floats, y: Floats, max_distance_m: float) -> tuple[Rows, Floats]:
        scale = metres_per_degree(y)
        reach = max_distance_m / scale * 1.001
        boxes = shapely.box(x - reach[:, 0], y - reach[:, 1], x + reach[:, 0], y + reach[:, 1])
        point, polygon = self._tree.query(boxes)
        gap = self._slabs.gap_m(np.stack([x, y], axis=1)[point], polygon, scale[point], reach[point, 1])
        order = np.lexsort((polygon, gap, point))
        best = order[np.unique(point[order], return_index=True)[1]]
        best = best[gap[best] <= max_distance_m]
        row, distance = np.full(len(x), NONE, dtype=np.int32), np.full(len(x), np.nan)
        row[point[best]], distance[point[best]] = polygon[best], gap[best]
        return row, distance


def _points(x: Any, y: Any) -> tuple[Floats, Floats]:
    return np.atleast_1d(np.asarray(x, dtype=np.float64)), np.atleast_1d(np.asarray(y, dtype=np.float64))
