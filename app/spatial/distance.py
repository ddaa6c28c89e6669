"""How far a point is from the borders of polygons, in metres on the ground."""

import numpy as np
import shapely
from pyproj import Geod

from app.spatial.index import Index
from app.spatial.rings import Floats, Ints, Rings
from app.spatial.slabs import Slabs, expand
from app.spatial.topology.measures import metres_per_degree

_GEOD = Geod(ellps="WGS84")
_PAIRS_AT_ONCE = 1 << 20


def box_tree(index: Index) -> shapely.STRtree:
    """A tree of the polygons' boxes; polygons without ground are in it nowhere."""
    boxes = np.full(len(index), None, dtype=object)
    held = np.isfinite(index.bounds).all(axis=1)
    boxes[held] = shapely.box(*index.bounds[held].T)
    return shapely.STRtree(boxes)


def nearest_within(
    index: Index, tree: shapely.STRtree, points: Floats, max_distance_m: float
) -> tuple[Ints, Floats]:
    """The polygon whose border is nearest to each point (n, 2), and metres: -1 and NaN beyond a distance."""
    scale = metres_per_degree(points[:, 1])
    reach = max_distance_m / scale * 1.001
    point, polygon = tree.query(shapely.box(*(points - reach).T, *(points + reach).T))
    gap = _gap_m(index.slabs, (points[point], scale[point], reach[point, 1]), polygon)
    order = np.lexsort((polygon, gap, point))
    best = order[np.unique(point[order], return_index=True)[1]]
    best = best[gap[best] <= max_distance_m]
    row, distance = np.full(len(points), -1), np.full(len(points), np.nan)
    row[point[best]], distance[point[best]] = polygon[best], gap[best]
    return row, distance


def border_distance_m(index: Index, points: Floats, polygon: Ints) -> Floats:
    """Metres from each point (n, 2) to the nearest border of one polygon, of holes too: geodesic to its foot.

    NaN for a point that is not finite and a polygon that is -1 or has no ground.
    """
    distance = np.full(len(points), np.nan)
    vertices = index.rings.vertices().astype(np.int64)
    size = np.where(polygon >= 0, vertices[polygon + 1] - vertices[polygon], 0)
    asked = np.flatnonzero((size > 0) & np.isfinite(points).all(axis=1))
    cuts = np.flatnonzero(np.diff(np.cumsum(size[asked]) // _PAIRS_AT_ONCE)) + 1
    for part in np.split(asked, cuts):
        if len(part):
            first = vertices[polygon[part]]
            foot = _foot(index.rings, points[part], first, size[part])
            distance[part] = _GEOD.inv(*points[part].T, *foot.T)[2]
    return distance


def _foot(rings: Rings, points: Floats, first: Ints, size: Ints) -> Floats:
    """The place on a border nearest to each point, on a plane about the point."""
    of = np.repeat(np.arange(len(points)), size)
    vertex = expand(first, size)
    if not len(vertex):
        return points
    opening = rings.first_vertex[np.searchsorted(rings.first_vertex, vertex + 1)]
    last = opening == vertex + 1  # no edge leads from one ring to the next
    following = np.where(last, vertex, vertex + 1)
    here, metres = points[of], metres_per_degree(points[:, 1])[of]
    a, b = (rings.xy[vertex] - here) * metres, (rings.xy[following] - here) * metres
    foot = _nearest_on(a, b)
    opens = np.cumsum(size) - size
    far = np.hypot(foot[:, 0], foot[:, 1])
    least = np.minimum.reduceat(far, opens)
    hit = np.flatnonzero(far == np.repeat(least, size))
    hit = hit[np.unique(of[hit], return_index=True)[1]]
    return np.asarray(points + foot[hit] / metres[hit])


def _gap_m(slabs: Slabs, near: tuple[Floats, Floats, Floats], polygon: Ints) -> Floats:
    """Metres from points (n, 2) to the border of their polygon, infinite beyond a reach north or south.

    `near` holds the points, metres a degree (n, 2) and the reach in degrees (n,).
    """
    points, scale, reach = near
    first, last = _slabs_within(slabs, points[:, 1], polygon, reach)
    start = slabs.first_edge[first].astype(np.int64)
    count = np.where(last >= first, slabs.first_edge[last + 1] - start, 0)
    of = np.repeat(np.arange(len(points)), count)
    vertex = slabs.edge[expand(start, count)]
    here, metres = points[of], scale[of]
    foot = _nearest_on((slabs.xy[vertex] - here) * metres, (slabs.xy[vertex + 1] - here) * metres)
    gap = np.full(len(points), np.inf)
    np.minimum.at(gap, of, np.hypot(foot[:, 0], foot[:, 1]))
    return gap


def _slabs_within(slabs: Slabs, y: Floats, polygon: Ints, reach: Floats) -> tuple[Ints, Ints]:
    first, end = (slabs.first_slab[polygon + more].astype(np.int64) for more in (0, 1))
    up, per_degree = y - slabs.south[polygon], slabs.per_degree[polygon]
    low = np.floor((up - reach) * per_degree).clip(0, 2**31).astype(np.int64)
    high = np.floor((up + reach) * per_degree).clip(-1, 2**31).astype(np.int64)
    return np.minimum(first + low, end - 1), np.minimum(first + high, end - 1)


def _nearest_on(a: Floats, b: Floats) -> Floats:
    """The place nearest to the origin on segments from `a` to `b`, all (n, 2)."""
    run = b - a
    square = (run * run).sum(axis=1)
    share = np.divide(-(a * run).sum(axis=1), square, out=np.zeros(len(a)), where=square > 0)
    return np.asarray(a + np.clip(share, 0.0, 1.0)[:, None] * run)
