"""Which polygon holds this point? Exact on borders, the lowest row wins, the same answer on every path.

A raster answers for cells wholly inside one polygon; in cells a border runs through, each candidate's edges
are tested with an error bound, and the few points within it are decided by exact arithmetic. Compiled where
set-up found a C compiler (native.py), else in numpy.
"""

import ctypes
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.cover import NONE, Rows, find_lowest, find_second
from app.spatial.distance import border_distance_m, box_tree, nearest_within
from app.spatial.index import Index, build_index, in_threads, threads_for
from app.spatial.native import NativeIndex, kernel
from app.spatial.rings import Floats, Shapes
from app.spatial.topology.edges import as_shapes

_UNSURE = np.int32(-2)
_BATCH = 1 << 17
_POINTS_A_THREAD = 1 << 16
Answer = Callable[[Index, Floats, Floats], Rows]


class Locator:
    """An index over polygons (EPSG:4326); build it once for a boundary version and keep it.

    Reading is safe from many threads. It can be pickled.
    """

    _addresses: NativeIndex | None = None

    def __init__(self, polygons: Sequence[BaseGeometry] | Shapes) -> None:
        shapes = as_shapes(polygons)
        self._index = build_index(shapes)
        self._shapes: Shapes | None = shapes
        self._tree: shapely.STRtree | None = None

    def __len__(self) -> int:
        return len(self._index)

    def __getstate__(self) -> dict[str, Any]:
        return {"_index": self._index, "_shapes": None, "_tree": None}

    @classmethod
    def of_index(cls, index: Index) -> Self:
        """A locator over an index made before."""
        locator = cls.__new__(cls)
        locator._index, locator._shapes, locator._tree = index, None, None
        return locator

    @property
    def polygons(self) -> Shapes:
        """The polygons (n,); made of the index's vertices where it did not come with them."""
        if self._shapes is None:
            self._shapes = self._index.rings.shapes()
        return self._shapes

    @property
    def nbytes(self) -> int:
        """Bytes of the index in memory."""
        return self._index.nbytes

    def locate(self, x: Any, y: Any) -> Rows:
        """The lowest row whose polygon covers each point, its border included; -1 where none does.

        `x`, `y` are longitudes and latitudes in degrees, arrays (n,) or single numbers; NaN gives -1.
        Many points are shared out over the processors.
        """
        return self._answer("getu_locate", find_lowest, *_points(x, y))

    def second(self, x: Any, y: Any) -> Rows:
        """The lowest other row whose *interior* holds a located point; -1 where the answer is not contested.

        A point on the common border of two neighbours is no contest: no other interior holds it.
        """
        return self._answer("getu_second", find_second, *_points(x, y))

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
        tree = self._boxes() if len(lost) else None
        for part in np.array_split(lost, len(lost) // 20_000 + 1):
            if tree is not None:
                points = np.stack([xs[part], ys[part]], axis=1)
                row[part], distance[part] = nearest_within(self._index, tree, points, max_distance_m)
        return row, distance

    def distance_to_border_m(self, x: Any, y: Any, row: Any) -> Floats:
        """Metres from each point, inside or out, to the nearest border of the polygon of its row: (n,).

        Borders of holes count. On the ellipsoid, true within 0.1 % up to some ten kilometres. NaN where the
        point is not finite, the row is -1 or its polygon is empty.
        """
        xs, ys = _points(x, y)
        rows = np.broadcast_to(np.asarray(row, dtype=np.int64), xs.shape)
        if ((rows < -1) | (rows >= len(self))).any():
            raise IndexError(f"a row is not one of {len(self)} polygons")
        return border_distance_m(self._index, np.stack([xs, ys], axis=1), rows)

    def _boxes(self) -> shapely.STRtree:
        if self._tree is None:
            self._tree = box_tree(self._index)
        return self._tree

    def _answer(self, verb: str, plain: Answer, x: Floats, y: Floats) -> Rows:
        rows = np.empty(len(x), dtype=np.int32)
        library = kernel()
        if library is None:
            for start in range(0, len(x), _BATCH):
                part = slice(start, start + _BATCH)
                rows[part] = plain(self._index, x[part], y[part])
            return rows
        if self._addresses is None:
            self._addresses = self._index.native()
        native, ask = ctypes.byref(self._addresses), getattr(library, verb)
        threads = threads_for(len(x), least=_POINTS_A_THREAD) if len(x) > _POINTS_A_THREAD else 1
        cuts = [len(x) * share // threads for share in range(threads + 1)]

        def work(part: slice) -> int:
            mine = x[part], y[part], rows[part]
            return int(ask(native, *(a.ctypes.data for a in mine[:2]), len(mine[0]), mine[2].ctypes.data))

        if sum(in_threads(work, [slice(*cut) for cut in pairwise(cuts)])):
            open_ = np.flatnonzero(rows == _UNSURE)
            rows[open_] = plain(self._index, x[open_], y[open_])
        return rows


def _points(x: Any, y: Any) -> tuple[Floats, Floats]:
    xs, ys = (np.ascontiguousarray(np.atleast_1d(np.asarray(v, dtype=np.float64))) for v in (x, y))
    if xs.shape != ys.shape or xs.ndim != 1:
        raise ValueError(f"x and y are rows of as many points, not {xs.shape} and {ys.shape}")
    return xs, ys
