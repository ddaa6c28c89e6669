"""Who borders whom, and many grids joined into few along the borders they share."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Ints, Match, Shapes, as_shapes, match, ring_edges
from app.spatial.topology.layer import EMPTY, prepare
from app.spatial.topology.measures import metres_per_degree

Key = TypeVar("Key", bound=Hashable)
Pairs = npt.NDArray[np.int64]

_TOUCH = 2e-7
"""Degrees (2 cm): borders this close to each other are one border."""


def neighbours(
    polygons: Sequence[BaseGeometry] | Shapes, *, distance_m: float = 0.0
) -> list[tuple[int, int]]:
    """Pairs (a < b) of polygons (EPSG:4326) that share a stretch of border or overlap, sorted.

    Touching in a single point does not count. With `distance_m` also pairs no farther apart than that,
    corner to corner included.
    """
    layer = prepare(as_shapes(polygons), np.arange(len(polygons)), None)
    edges = ring_edges(layer.shapes)
    matched = match(edges)
    found = [_sharing_edges(edges.owner, matched), _sharing_parts(layer.shapes, layer.loose.owner)]
    if distance_m > 0:
        found.append(_near(layer.shapes, distance_m))
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    return [(int(a), int(b)) for a, b in pairs[pairs[:, 0] != pairs[:, 1]]]


def _sharing_edges(owner: Ints, matched: Match) -> Pairs:
    group = np.zeros(len(owner), dtype=np.int64)
    group[matched.first] = 1
    group = np.cumsum(group)
    owner = owner[matched.order]
    found, lag = [np.empty((0, 2), dtype=np.int64)], 1
    while lag < len(group) and (same := group[lag:] == group[:-lag]).any():
        found.append(np.stack([owner[:-lag][same], owner[lag:][same]], axis=1))
        lag += 1
    return np.concatenate(found)


def _sharing_parts(shapes: Shapes, loose_owner: Ints) -> Pairs:
    """Pairs among polygons with unmatched edges whose borders run along each other or cross."""
    rows = np.unique(loose_owner)
    some = shapes[rows]
    a, b = shapely.STRtree(some).query(some, predicate="dwithin", distance=_TOUCH)
    a, b = a[a < b], b[a < b]
    strip = shapely.area(shapely.intersection(shapely.buffer(some[a], _TOUCH), some[b]))
    along = strip > 20 * _TOUCH**2
    return np.stack([rows[a[along]], rows[b[along]]], axis=1)


def _near(shapes: Shapes, distance_m: float) -> Pairs:
    middle = shapely.total_bounds(shapes)[[1, 3]].mean()
    scale = metres_per_degree(np.array([middle]))[0]
    flat = shapely.transform(shapes, lambda xy: xy * scale)
    a, b = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=distance_m)
    return np.stack([a[a < b], b[a < b]], axis=1)


def dissolve(
    polygons: Sequence[BaseGeometry] | Shapes, keys: Sequence[Key | None]
) -> dict[Key, BaseGeometry]:
    """Join the polygons (EPSG:4326) of each key; every vertex of a border between two keys stays on both.

    `keys` (n,) may be any hashable values; polygons with the key None are left out. Order of first sight.
    """
    layer = prepare(as_shapes(polygons), np.arange(len(polygons)), None)
    groups: dict[Key, list[int]] = {}
    for row, key in enumerate(keys):
        if key is not None:
            groups.setdefault(key, []).append(row)
    return {key: _join(layer.shapes[rows]) for key, rows in groups.items()}


def _join(shapes: Shapes) -> BaseGeometry:
    """Join along equal edges, which is fast and exact; where grids overlap they are overlaid."""
    try:
        joined = shapely.coverage_union_all(shapes)
    except shapely.GEOSException:
        joined = EMPTY
    whole = shapely.area(shapes).sum()
    if not (abs(shapely.area(joined) - whole) <= 1e-12 * whole and shapely.is_valid(joined)):
        joined = shapely.union_all(shapes)
    parts = [part for part in shapely.get_parts(joined) if part.geom_type in ("Polygon", "MultiPolygon")]
    one: BaseGeometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return one
