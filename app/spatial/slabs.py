"""Which side of a polygon's border a point is on: exact, for a million (point, polygon) pairs at once.

Each polygon's edges are sorted into horizontal slabs of its own, about two edges high, so a pair looks at a
handful of edges whatever the length of the border. The sign of each edge test carries an error bound
(Shewchuk's filter); pairs within it are decided by exact arithmetic.

kernel.c does the same in compiled code, in the same order of operations.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.spatial.exact import turn_sign
from app.spatial.rings import Floats, Ints, Rings, Words

Sides = npt.NDArray[np.int8]

OUTSIDE, BORDER, INSIDE = 0, 1, 2
_EDGES_A_SLAB = 2.0
_ERROR_BOUND = 4.0e-16
"""Just above (3 + 16 eps) eps: a larger determinant has a sure sign."""


@dataclass(frozen=True)
class Slabs:
    """Edges of polygons by slab. Polygon p has slabs `first_slab[p]` to `first_slab[p + 1]`, slab s has
    the edges `first_edge[s]` to `first_edge[s + 1]`: each the place in `xy` it starts at.
    """

    xy: Floats
    south: Floats
    per_degree: Floats
    first_slab: Words
    first_edge: Words
    edge: Words

    def side(self, x: Floats, y: Floats, polygon: Ints) -> Sides:
        """OUTSIDE, BORDER or INSIDE for each pair of a point (degrees) and a polygon: shape (n,)."""
        slab = self._slab(y, polygon)
        within = np.flatnonzero(slab >= 0)
        side = np.zeros(len(x), dtype=np.int8)
        side[within] = self._cast(x[within], y[within], slab[within])
        return side

    def _slab(self, y: Floats, polygon: Ints) -> Ints:
        """The slab a height lies in, -1 above or below the polygon."""
        with np.errstate(invalid="ignore"):
            up = np.floor((y - self.south[polygon]) * self.per_degree[polygon])
            first, count = self.first_slab[polygon], np.diff(self.first_slab)[polygon]
            on = (up >= 0) & (up < count)
        return np.where(on, first + np.where(on, up, 0), -1).astype(np.int64)

    def _cast(self, x: Floats, y: Floats, slab: Ints) -> Sides:
        """Count the edges a ray to the east crosses."""
        start = self.first_edge[slab].astype(np.int64)
        count = self.first_edge[slab + 1] - start
        point = np.repeat(np.arange(len(x)), count)
        vertex = self.edge[expand(start, count)]
        crosses, touches = _test(x[point], y[point], self.xy[vertex], self.xy[vertex + 1])
        side = (np.bincount(point[crosses], minlength=len(x)) & 1).astype(np.int8) * np.int8(INSIDE)
        side[point[touches]] = BORDER
        return side


def _test(px: Floats, py: Floats, a: Floats, b: Floats) -> tuple[npt.NDArray[np.bool_], ...]:
    """Whether a ray to the east crosses the edge from `a` to `b`, and whether the point is on it."""
    (x1, y1), (x2, y2) = a.T, b.T
    above1, above2 = y1 > py, y2 > py
    spans = above1 != above2
    west, east = (px < x1) & (px < x2), (px > x1) & (px > x2)
    touches = ((x1 == px) & (y1 == py)) | ((x2 == px) & (y2 == py))
    touches |= (y1 == py) & (y2 == py) & ~west & ~east
    left, right = (x1 - px) * (y2 - py), (x2 - px) * (y1 - py)
    turn = left - right
    tested = spans & ~west & ~east & ~touches
    unsure = np.flatnonzero(tested & (np.abs(turn) <= _ERROR_BOUND * (np.abs(left) + np.abs(right))))
    if len(unsure):
        turn[unsure] = turn_sign(a[unsure], b[unsure], np.stack([px[unsure], py[unsure]], axis=1))
        touches[unsure[turn[unsure] == 0]] = True
    return (spans & west) | (tested & ((turn > 0) == above2)), touches


def frame_slabs(bounds: Floats, first: Ints) -> tuple[Floats, Floats, Words]:
    """South and slabs a degree of each polygon, and where its slabs begin, from its box and its edges."""
    slabs = np.ceil(np.diff(first) / _EDGES_A_SLAB).astype(np.int64)
    south, north = bounds[:, 1], bounds[:, 3]
    per_degree = np.zeros(len(bounds))
    np.divide(slabs - 1e-6, north - south, out=per_degree, where=north > south)
    return np.nan_to_num(south), per_degree, starts(slabs).astype(np.int32)


def build_slabs(rings: Rings, edges: tuple[Words, Ints], bounds: Floats) -> Slabs:
    """Sort the edges of polygons into slabs."""
    edge, first = edges
    south, per_degree, first_slab = frame_slabs(bounds, first)
    owner = np.repeat(np.arange(len(rings)), np.diff(first))
    y1, y2 = rings.xy[edge, 1], rings.xy[edge + 1, 1]
    lowest = np.floor((np.minimum(y1, y2) - south[owner]) * per_degree[owner]).astype(np.int64)
    highest = np.floor((np.maximum(y1, y2) - south[owner]) * per_degree[owner]).astype(np.int64)
    slab = expand(first_slab[owner] + lowest, highest - lowest + 1)
    order = np.argsort(slab, kind="stable")
    many = np.bincount(slab, minlength=int(first_slab[-1]))
    sorted_edges = np.repeat(edge, highest - lowest + 1)[order]
    return Slabs(rings.xy, south, per_degree, first_slab, starts(many).astype(np.int32), sorted_edges)


def starts(count: Ints) -> Ints:
    """Where runs of given lengths begin, and after the last where all end: shape (n + 1,)."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count, dtype=np.int64)])


def expand(start: Ints, count: Ints) -> Ints:
    """The runs start, start + 1, ... of given lengths, one after another."""
    total = int(count.sum())
    ends = np.cumsum(count)
    return np.asarray(np.arange(total) + np.repeat(start - (ends - count), count))
