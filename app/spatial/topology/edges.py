"""Edges of polygons as arrays: snapped to the storage grid, hashed once, matched pairs taken away.

Every ring is turned so that its ground lies on the left. In a layer without fault each edge is then
walked once forth and once back; where the sum is not nil, the number of grids covering the ground
changes across that edge. All faults of a layer are therefore bounded by such unmatched edges.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.uint64]

SNAP_DIGITS = 7
"""Coordinates are kept to 1e-7 degree, about 1 cm."""
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges with their ground on the left: `start` and `end` are (n, 2) degrees, `owner` (n,)."""

    start: Floats
    end: Floats
    owner: Ints

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, rows: Any) -> "Edges":
        """The edges of some rows (a mask or an index array)."""
        return Edges(self.start[rows], self.end[rows], self.owner[rows])

    def lines(self) -> Shapes:
        """One two-point line an edge."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)))

    def chains(self) -> Shapes:
        """Few long lines: each edge once, those that follow one another in the row drawn in one stroke."""
        if not len(self):
            return np.empty(0, dtype=object)
        once = self.take(match(self).one_each())
        goes_on = np.zeros(len(once), dtype=bool)
        goes_on[1:] = (once.start[1:] == once.end[:-1]).all(axis=1)
        line = np.cumsum(~goes_on) - 1
        corners, of = np.empty((len(once) + line[-1] + 1, 2)), np.empty(len(once) + line[-1] + 1, np.int64)
        at = np.arange(len(once)) + line
        corners[at], corners[at + 1] = once.start, once.end
        of[at], of[at + 1] = line, line
        return np.asarray(shapely.linestrings(corners, indices=of))


def as_shapes(polygons: Any) -> Shapes:
    """Any sequence of geometries as an object array of shape (n,)."""
    if isinstance(polygons, np.ndarray) and polygons.dtype == object:
        return polygons
    items = list(polygons)
    shapes = np.empty(len(items), dtype=object)
    shapes[:] = items
    return shapes


def snap(shapes: Shapes) -> Shapes:
    """The same shapes with every coordinate rounded to 1e-7 degree (new objects; rings may touch)."""
    xy = shapely.get_coordinates(shapes)
    snapped = np.round(xy, SNAP_DIGITS)
    if np.array_equal(xy, snapped):
        return shapes
    return np.asarray(shapely.set_coordinates(shapes.copy(), snapped))


def ring_edges(polygons: Shapes) -> Edges:
    """All edges of polygons and multipolygons, ground on the left; `owner` is the row of the polygon."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    real = (ring_of[1:] == ring_of[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    start, end, ring = xy[:-1][real], xy[1:][real], ring_of[:-1][real]
    is_shell = np.ones(len(rings), dtype=bool)
    is_shell[1:] = ring_part[1:] != ring_part[:-1]
    back = (_turns_left(start, end, ring, len(rings)) != is_shell)[ring][:, None]
    owner = part_owner[ring_part][ring].astype(np.int64)
    return Edges(np.where(back, end, start), np.where(back, start, end), owner)


def _turns_left(start: Floats, end: Floats, ring: Ints, count: int) -> Flags:
    origin = start[0] if len(start) else 0.0
    (x0, y0), (x1, y1) = (start - origin).T, (end - origin).T
    return np.bincount(ring, weights=x0 * y1 - x1 * y0, minlength=count) > 0


@dataclass(frozen=True, slots=True)
class Match:
    """Edges grouped by the line they lie on: `order` sorts the edges, `first` opens each group in it."""

    order: Ints
    first: Ints
    net: Ints

    def one_each(self) -> Ints:
        """The first edge of every group, ascending."""
        firsts = np.minimum.reduceat(self.order, self.first) if len(self.first) else self.first
        return np.sort(firsts)

    def unmatched(self) -> Ints:
        """All edges of the groups whose walks forth and back do not cancel, ascending."""
        size = np.diff(np.append(self.first, len(self.order)))
        return np.sort(self.order[np.repeat(self.net != 0, size)])


def match(edges: Edges) -> Match:
    """Group equal edges whatever their direction and add up forth (+1) and back (-1)."""
    start, end = _vertex_keys(edges.start), _vertex_keys(edges.end)
    return match_keys(np.minimum(start, end), np.maximum(start, end), start < end)


def match_keys(low: Keys, high: Keys, forth: Flags) -> Match:
    """The same of edges told by the keys of their two corners, the lower one first, and their direction."""
    order = _grouping_order(low, high)
    low, high = low[order], high[order]
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    first = np.flatnonzero(opens)
    signs = np.where(forth, 1, -1)[order]
    return Match(order, first, np.add.reduceat(signs, first) if len(first) else signs)


def _grouping_order(low: Keys, high: Keys) -> Ints:
    """An order that puts equal pairs side by side: sorted by a mixed key, which costs one sort, not two.

    Two different pairs with one mixed key (odds of 1 in 10^7 for a million edges) could interleave, so a
    key that holds more than one pair sends the work to the slower exact sort.
    """
    mixed = (low * _MIX[0]) ^ ((high * _MIX[1]) >> np.uint64(7)) ^ (high * _MIX[1])
    order = np.argsort(mixed)
    same_key = mixed[order][1:] == mixed[order][:-1]
    same_pair = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1])
    if (same_key & ~same_pair).any():
        order = np.lexsort((high, low))
    return np.asarray(order, dtype=np.int64)


def _vertex_keys(xy: Floats) -> Keys:
    ticks = (np.rint(xy * 10.0**SNAP_DIGITS) + 1.8e9).astype(np.uint64)
    return np.asarray((ticks[:, 0] << np.uint64(32)) | ticks[:, 1])
