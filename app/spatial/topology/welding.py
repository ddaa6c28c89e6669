"""Corners of unmatched edges that lie within two centimetres of each other become one.

Neighbours drawn from two roundings of one survey differ in the last digit at every tenth corner or so, and
each such corner leaves four unmatched edges. Welding lets these edges match after all, so that noise costs
next to nothing. A corner moves once and by two centimetres at most: less than any width that counts.
"""

import numpy as np
import numpy.typing as npt
import shapely

from app.spatial.topology.edges import Edges, Floats, Ints, match

_REACH = 2.1e-7
"""Degrees: two steps of the storage grid."""


def weld(edges: Edges, net: Ints) -> Edges:
    """The edges still unmatched once near corners are one; `net` (n,) is how often each is walked forth."""
    corners, place = _distinct_corners(np.concatenate([edges.start, edges.end]))
    leader = _find_leaders(corners)
    if (leader == np.arange(len(corners))).all():
        return edges
    start, end = corners[leader[place[: len(edges)]]], corners[leader[place[len(edges) :]]]
    real = (start != end).any(axis=1)
    welded = Edges(start, end, edges.owner).take(real)
    return welded.take(match(welded, weight=net[real]).unmatched())


def _distinct_corners(xy: Floats) -> tuple[Floats, Ints]:
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    opens = np.ones(len(xy), dtype=bool)
    opens[1:] = (xy[order][1:] != xy[order][:-1]).any(axis=1)
    place = np.empty(len(xy), dtype=np.int64)
    place[order] = np.cumsum(opens) - 1
    return xy[order][opens], place


def _find_leaders(corners: Floats) -> npt.NDArray[np.int64]:
    """For each corner the first one near it, provided that one leads itself; so no chain can creep on."""
    leader = np.arange(len(corners))
    points = np.asarray(shapely.points(corners))
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=_REACH)
    np.minimum.at(leader, a, b)
    settled = leader[leader] == leader
    return np.where(settled, leader, np.arange(len(corners)))
