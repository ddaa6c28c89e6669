"""A layer made ready to be checked: snapped, mended where broken, with its frame and its index."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Edges, Flags, Ints, Shapes, as_shapes, match, ring_edges, snap
from app.spatial.topology.welding import weld

EMPTY = shapely.Polygon()
_POLYGONAL = (3, 6)


@dataclass(frozen=True)
class Layer:
    """Sound shapes in one row order; `rows` are their places in the caller's array."""

    shapes: Shapes
    rows: Ints
    broken: Flags
    frame: BaseGeometry | None

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Bounding box index of the shapes."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def loose(self) -> Edges:
        """Edges across which the number of covers changes; the frame's belong to owner `len(shapes)`."""
        edges = ring_edges(self.shapes)
        if self.frame is not None:
            edges = _join(edges, _reversed(ring_edges(as_shapes([self.frame])), len(self.shapes)))
        matched = match(edges)
        return weld(edges.take(matched.unmatched()), matched.walks(edges))


def prepare(polygons: Shapes, rows: Ints, frame: BaseGeometry | None) -> Layer:
    """Snap the polygons of `rows` to the storage grid and mend the broken ones (flagged in `broken`)."""
    given = polygons[rows]
    absent = shapely.is_missing(given)
    given[absent] = EMPTY
    shapes = snap(given)
    doubtful = ~shapely.is_valid(shapes) | ~np.isin(shapely.get_type_id(shapes), _POLYGONAL)
    broken = shapely.is_empty(shapes) & ~absent
    broken[doubtful] |= ~shapely.is_valid(given[doubtful]) | shapely.is_empty(ground_of(given[doubtful]))
    if doubtful.any():
        shapes = shapes.copy()
        shapes[doubtful] = ground_of(shapes[doubtful])
    return Layer(shapes, rows, broken, None if frame is None else _sound(frame))


def ground_of(shapes: Sequence[BaseGeometry] | Shapes) -> Shapes:
    """The polygonal part of each shape, made valid; nothing but lines and points gives an empty polygon."""
    ground = [_polygonal(shape) for shape in shapely.make_valid(as_shapes(shapes))]
    return as_shapes(ground)


def _polygonal(shape: BaseGeometry | None) -> BaseGeometry:
    if shape is None or shapely.get_type_id(shape) in _POLYGONAL:
        return EMPTY if shape is None else shape
    parts = [p for p in shapely.get_parts(shape) if shapely.get_type_id(p) in _POLYGONAL]
    return shapely.union_all(parts) if parts else EMPTY


def _sound(frame: BaseGeometry) -> BaseGeometry:
    shape = snap(as_shapes([frame]))
    sound: BaseGeometry = shape[0] if shapely.is_valid(shape[0]) else ground_of(shape)[0]
    shapely.prepare(sound)
    return sound


def _reversed(edges: Edges, owner: int) -> Edges:
    return Edges(edges.end, edges.start, np.full(len(edges), owner))


def _join(a: Edges, b: Edges) -> Edges:
    return Edges(
        np.concatenate([a.start, b.start]),
        np.concatenate([a.end, b.end]),
        np.concatenate([a.owner, b.owner]),
    )
