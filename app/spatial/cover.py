"""Which polygons cover a point, in numpy: where nothing is compiled, and for what compiled code left open."""

import numpy as np
import numpy.typing as npt

from app.spatial.index import Index
from app.spatial.rings import Floats, Ints
from app.spatial.slabs import INSIDE, OUTSIDE, Sides, expand

Rows = npt.NDArray[np.int32]
NONE = np.int32(-1)


def find_lowest(index: Index, x: Floats, y: Floats) -> Rows:
    """The lowest polygon that covers each point (n,), its border included; -1 where none does."""
    raster = index.raster
    rows = raster.number(x, y)
    point = np.flatnonzero(rows >= len(index))
    at, end = _list_of(index, rows[point])
    rows[point] = NONE
    while len(point):
        hit = _side(index, x[point], y[point], at) != OUTSIDE
        rows[point[hit]] = raster.candidate[at[hit]] >> 1
        more = ~hit & (at + 1 < end)
        point, at, end = point[more], at[more] + 1, end[more]
    return rows


def find_second(index: Index, x: Floats, y: Floats) -> Rows:
    """The lowest polygon but the covering one whose interior holds each point (n,); -1 for none."""
    number = index.raster.number(x, y)
    point = np.flatnonzero(number >= len(index))
    start, end = _list_of(index, number[point])
    rows = np.full(len(x), NONE, dtype=np.int32)
    if not len(point):
        return rows
    at, none = expand(start, end - start), len(index)
    of = np.repeat(point, end - start)
    side = _side(index, x[of], y[of], at)
    candidate, opens = index.raster.candidate[at] >> 1, np.cumsum(end - start) - (end - start)
    first = np.minimum.reduceat(np.where(side != OUTSIDE, candidate, none), opens)
    other = (side == INSIDE) & (candidate != np.repeat(first, end - start))
    second = np.minimum.reduceat(np.where(other, candidate, none), opens)
    rows[point] = np.where(second < none, second, NONE)
    return rows


def _list_of(index: Index, number: Rows) -> tuple[Ints, Ints]:
    k, first = number - len(index), index.raster.first
    return first[k].astype(np.int64), first[k + 1].astype(np.int64)


def _side(index: Index, x: Floats, y: Floats, at: Ints) -> Sides:
    """The side of each point to the candidate at a place of the raster's lists."""
    side = np.full(len(at), INSIDE, dtype=np.int8)
    candidate = index.raster.candidate[at]
    test = np.flatnonzero(candidate & 1 == 0)
    side[test] = index.slabs.side(x[test], y[test], (candidate[test] >> 1).astype(np.int64))
    return side
