"""Vertices that an act sets on a border are set into the other side too, so that both sides walk one chain.

A crossing rounded to the storage grid lies up to 7 mm off the edge it was cut from. Without its twin on the
other side the two borders part by that much: not a fault that counts, but not the same border either.
"""

from collections.abc import Collection, Mapping
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Edges, Floats, Shapes, as_shapes, ring_edges, snap

_BESIDE = 0.8e-7
"""Degrees: half the diagonal of a cell of the storage grid, and a little."""
Corner = tuple[float, float]
Chains = dict[tuple[Corner, Corner], list[Corner]]


def stitch(
    shapes: Shapes,
    changes: Mapping[int, BaseGeometry | None],
    added: Collection[BaseGeometry],
    *,
    fixed: Collection[int],
) -> dict[int, BaseGeometry]:
    """The other rows of a layer (n,) with the vertices that new borders set on theirs.

    `changes` and `added` are the new shapes of an act; rows of `fixed` are left as they are.
    """
    kept = [shape for shape in changes.values() if shape is not None]
    fresh = ring_edges(as_shapes([*kept, *added]))
    new = _differ(fresh, ring_edges(snap(shapes[list(changes)]))) if changes else fresh
    if not len(new):
        return {}
    others = _near_rows(shapes, new, leave={*changes, *fixed})
    points = np.unique(np.concatenate([new.start, new.end]), axis=0)
    stitched: dict[int, BaseGeometry] = {}
    for row in others:
        chains = _find_chains(snap(shapes[[row]]), new, points)
        shape = insert_vertices(snap(shapes[[row]])[0], chains) if chains else None
        if shape is not None and shapely.is_valid(shape):
            stitched[row] = shape
    return stitched


def _keys(edges: Edges) -> list[tuple[Corner, ...]]:
    pairs = zip(map(tuple, edges.start.tolist()), map(tuple, edges.end.tolist()), strict=True)
    return [(a, b) if a < b else (b, a) for a, b in pairs]


def _differ(edges: Edges, others: Edges) -> Edges:
    known = set(_keys(others))
    return edges.take(np.array([key not in known for key in _keys(edges)], dtype=bool))


def _near_rows(shapes: Shapes, new: Edges, *, leave: Collection[int]) -> list[int]:
    boxes = shapely.bounds(shapes)
    west, south, east, north = shapely.total_bounds(new.lines())
    near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    return [int(row) for row in np.flatnonzero(near) if int(row) not in leave]


def _find_chains(shape: Shapes, new: Edges, points: Floats) -> Chains:
    edges = ring_edges(shape)
    lines = edges.lines()
    middles = shapely.points((new.start + new.end) / 2.0)
    touched = np.unique(shapely.STRtree(lines).query(middles, predicate="dwithin", distance=_BESIDE)[1])
    if not len(touched):
        return {}
    edge, point = shapely.STRtree(np.asarray(shapely.points(points))).query(
        lines[touched], predicate="dwithin", distance=_BESIDE
    )
    chains: Chains = {}
    for at, which in zip(touched[edge].tolist(), point.tolist(), strict=True):
        ends = (tuple(edges.start[at].tolist()), tuple(edges.end[at].tolist()))
        corner = tuple(points[which].tolist())
        if corner not in ends:
            chains.setdefault(ends, []).append(corner)
    return {ends: _in_order(ends, corners) for ends, corners in chains.items()}


def _in_order(ends: tuple[Corner, Corner], corners: list[Corner]) -> list[Corner]:
    (x0, y0), (x1, y1) = ends
    return sorted(corners, key=lambda c: (c[0] - x0) * (x1 - x0) + (c[1] - y0) * (y1 - y0))


def insert_vertices(shape: BaseGeometry, chains: Chains) -> BaseGeometry:
    """A polygon or multipolygon with corners set into some of its edges; all other vertices stay."""
    parts = []
    for part in shapely.get_parts(shape):
        rings = [_insert(ring, chains) for ring in shapely.get_rings(part)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    one: BaseGeometry = parts[0] if shape.geom_type == "Polygon" else shapely.multipolygons(parts)
    return one


def _insert(ring: BaseGeometry, chains: Chains) -> list[Corner]:
    corners: list[Corner] = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
    walked = corners[:1]
    for a, b in pairwise(corners):
        walked += chains.get((a, b)) or list(reversed(chains.get((b, a), [])))
        walked.append(b)
    return walked
