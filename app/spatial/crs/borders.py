"""Border lines as straight pieces in metres of a plane, sampled evenly, and laid over each other.

Two drawings of the same ground share borders. Which shift brings them together is found by vote: every
sampled point of one names all shifts that would put it on a line of the other; the shared borders agree on
one shift, everything else scatters. No search can get stuck, and lines that have no partner only add noise.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
REACH_M = 2000.0
BIN_M = 20.0
_PAIRS = 400_000
_PIECE_M, _LONGEST_M = 1_000.0, 50_000.0
_MIDDLE = int(REACH_M // BIN_M)
_DEGREE_M = 111_320.0


@dataclass(frozen=True)
class Plane:
    """A flat picture of the ground around a point: metres east and north of it, true to 1 % over 100 km."""

    lon: float
    lat: float

    def flatten(self, lon: Numbers, lat: Numbers) -> Numbers:
        """Degrees of storage as (n, 2) metres."""
        squeeze = np.cos(np.radians(self.lat))
        return np.column_stack([(lon - self.lon) * squeeze, lat - self.lat]) * _DEGREE_M

    def lift(self, xy: Numbers) -> tuple[Numbers, Numbers]:
        """Metres (n, 2) as degrees of storage; the inverse of `flatten`."""
        squeeze = np.cos(np.radians(self.lat))
        return self.lon + xy[:, 0] / _DEGREE_M / squeeze, self.lat + xy[:, 1] / _DEGREE_M


def list_edges(geoms: NDArray[Any]) -> Numbers:
    """The straight pieces (m, 4: x0, y0, x1, y1) of all rings and lines of an object array of shapes."""
    parts = shapely.get_parts(np.asarray(geoms, object))
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    kinds = shapely.get_type_id(parts)
    lines = np.r_[shapely.get_rings(parts[kinds == 3]), parts[(kinds == 1) | (kinds == 2)]]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    edges = np.column_stack([xy[:-1], xy[1:]])[line[1:] == line[:-1]]
    return cast("Numbers", edges[np.isfinite(edges).all(axis=1)])


def outer_edges(edges: Numbers) -> Numbers:
    """Those edges that no second shape shares: the outline of a coverage; compared to 1 cm of metres."""
    ends = np.rint(edges * 100).astype(np.int64).reshape(-1, 2, 2)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[turned] = ends[turned][:, ::-1]
    _, place, count = np.unique(ends.reshape(-1, 4), axis=0, return_inverse=True, return_counts=True)
    return cast("Numbers", edges[count[place.ravel()] == 1])


def sample(edges: Numbers, count: int) -> Numbers:
    """At most `count` points (k, 2), evenly spaced along all the edges."""
    length = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    ends = np.cumsum(length)
    if not len(ends) or ends[-1] <= 0:
        return np.empty((0, 2))
    at = (np.arange(count) + 0.5) * ends[-1] / count
    edge = np.minimum(np.searchsorted(ends, at), len(edges) - 1)
    along = 1 - (ends[edge] - at) / np.maximum(length[edge], 1e-9)
    return cast("Numbers", edges[edge, :2] + (edges[edge, 2:] - edges[edge, :2]) * along[:, None])


def split(edges: Numbers) -> Numbers:
    """The edges cut into pieces of at most 1 km, so that a long one is only looked at where it is near.

    What is longer than any border (rows of two zones read as one) is left out.
    """
    length = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    edges, length = edges[length < _LONGEST_M], length[length < _LONGEST_M]
    pieces = np.maximum(np.ceil(length / _PIECE_M), 1).astype(np.intp)
    edge = np.repeat(np.arange(len(edges)), pieces)
    number = np.arange(len(edge)) - (np.cumsum(pieces) - pieces)[edge]
    way = (edges[:, 2:] - edges[:, :2])[edge] / pieces[edge, None]
    start = edges[edge, :2] + way * number[:, None]
    return np.hstack([start, start + way])


class Lines:
    """Border lines (or points, as edges of no length) of a drawing, ready to be asked for the nearest."""

    def __init__(self, edges: Numbers) -> None:
        self.edges = split(edges)
        self.dots = bool(len(edges)) and bool((self.edges[:, :2] == self.edges[:, 2:]).all())
        self._tree = shapely.STRtree(
            np.atleast_1d(np.asarray(shapely.linestrings(self.edges.reshape(-1, 2, 2))))
        )

    def distances(self, points: Numbers) -> Numbers:
        """How far each point (n, 2) lies from the nearest line, in metres; infinite when there is none."""
        out = np.full(len(points), np.inf)
        if len(self.edges) and len(points):
            (asked, _), metres = self._tree.query_nearest(
                shapely.points(points), return_distance=True, all_matches=False
            )
            out[asked] = metres
        return out

    def blur(self, votes: Numbers, bins: int) -> Numbers:
        """The votes within `bins` bins of each shift, so that what is drawn a little differently agrees."""
        sums = _window_sums(_window_sums(votes, bins).T, bins).T
        return sums if self.dots else sums / bins

    def pull(self, points: Numbers) -> tuple[float, float]:
        """The shift (east, north in metres) by which `points` lie off their nearest lines, by least squares.

        A line only pulls across itself, so a stretch of straight border says nothing of a shift along it.
        """
        asked, edge = self._tree.query_nearest(shapely.points(points), all_matches=False)
        if self.dots:
            off = np.median(points[asked] - self.edges[edge, :2], axis=0)
            return float(off[0]), float(off[1])
        start, way = self.edges[edge, :2], self.edges[edge, 2:] - self.edges[edge, :2]
        length = np.maximum((way**2).sum(axis=1), 1e-12)
        along = np.clip(((points[asked] - start) * way).sum(axis=1) / length, 0, 1)
        off = points[asked] - start - way * along[:, None]
        across = np.column_stack([-way[:, 1], way[:, 0]]) / np.sqrt(length)[:, None]
        shift, *_ = np.linalg.lstsq(across, (across * off).sum(axis=1), rcond=1e-3)
        return float(shift[0]), float(shift[1])

    def vote(self, points: Numbers) -> Numbers:
        """For each shift (north, east) in bins of 20 m the share of `points` it would put on a line.

        The shift says how far the points lie off the lines. A vote of 1 in a bin means every point agrees.
        """
        asked, edge = self._tree.query(shapely.points(points), predicate="dwithin", distance=REACH_M)
        every = max(int(np.ceil(len(asked) / _PAIRS)), 1)
        some = asked % every == 0
        votes = _count(points[asked[some]], self.edges[edge[some]])
        return votes / max(len(points) / every, 1.0)


def _window_sums(votes: Numbers, width: int) -> Numbers:
    """Sums over `width` neighbours along the second axis, the middle one being each place's own."""
    before = width // 2
    total = np.pad(votes, ((0, 0), (before + 1, width - 1 - before))).cumsum(axis=1)
    return cast("Numbers", total[:, width:] - total[:, :-width])


def _count(points: Numbers, edges: Numbers) -> Numbers:
    """How many points name each shift: every edge is walked in steps of a bin."""
    length = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    steps = np.maximum(np.ceil(length / BIN_M).astype(np.intp), 1)
    pair = np.repeat(np.arange(len(edges)), steps)
    first = np.cumsum(steps) - steps
    along = ((np.arange(len(pair)) - first[pair] + 0.5) / steps[pair])[:, None]
    weight = np.where(length[pair] > 0, np.minimum(length[pair] / steps[pair] / BIN_M, 1.0), 1.0)
    off = points[pair] - edges[pair, :2] - (edges[pair, 2:] - edges[pair, :2]) * along
    cell = np.rint(off / BIN_M).astype(np.intp) + _MIDDLE
    inside = ((cell >= 0) & (cell <= 2 * _MIDDLE)).all(axis=1)
    size = 2 * _MIDDLE + 1
    flat = np.bincount(cell[inside, 1] * size + cell[inside, 0], weight[inside], minlength=size * size)
    return flat.reshape(size, size).astype(np.float64)


def best_near(votes: Numbers, east_m: float, north_m: float, *, within_m: float) -> float:
    """The highest vote for a shift not farther than `within_m` from this one."""
    steps = (np.arange(len(votes)) - _MIDDLE) * BIN_M
    near = np.hypot(steps[None, :] - east_m, steps[:, None] - north_m) <= within_m
    return float(votes[near].max(initial=0.0))


def peak(votes: Numbers) -> tuple[float, float]:
    """The shift (east, north in metres) with the most votes."""
    row, column = np.unravel_index(int(votes.argmax()), votes.shape)
    return (int(column) - _MIDDLE) * BIN_M, (int(row) - _MIDDLE) * BIN_M
