"""Pieces about as wide as the least width that counts, drawn again from the shapes as they were given.

Snapping moves a border by up to 8 mm, welding by 2 cm: too much to tell 5.1 cm from 4.9 cm. So a piece near
the limit is looked at once more, in the given coordinates, before it is told or let go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Flags, Ints, Shapes, as_shapes
from app.spatial.topology.faults import (
    FaultOptions,
    Pieces,
    join_pieces,
    measure_pieces,
    wide_pieces,
    wide_spots,
)
from app.spatial.topology.layer import Layer

_SNAPPED_M = 0.016
_WELDED_M = 0.045
"""Metres by which the width of a piece may be wrong when two borders were snapped, or also welded."""
_LEAST_M = 0.002
"""What is narrower is never looked at again."""
_BESIDE = 4e-7
"""Degrees (4 cm) round a piece within which its true border lies."""


@dataclass(frozen=True)
class Redraw:
    """How ground of some kind is drawn from the given shapes: of each piece the grids (places in the layer)
    that hold all of it, whether it lies in the frame (+1), beyond it (-1) or either (0), and whether it is
    nobody's.
    """

    holders: Sequence[Sequence[int]]
    frame: int = 0
    nobodys: bool = False

    def draw(self, layer: Layer, near: Shapes, pieces: Ints) -> list[BaseGeometry]:
        """The ground of some pieces near each (n,)."""
        reach = self._reach_frame(layer, near)
        drawn = zip(near, pieces.tolist(), reach.tolist(), strict=True)
        return [self._draw_one(layer, ground, k, at_frame) for ground, k, at_frame in drawn]

    def _reach_frame(self, layer: Layer, near: Shapes) -> Flags:
        """Which pieces must be cut at the frame; most lie well inside."""
        if not self.frame or layer.frame is None:
            return np.zeros(len(near), dtype=bool)
        return np.asarray(~shapely.contains_properly(layer.frame, near)) | (self.frame < 0)

    def _draw_one(self, layer: Layer, ground: BaseGeometry, k: int, at_frame: bool) -> BaseGeometry:
        if at_frame and layer.given_frame is not None:
            cut = shapely.intersection if self.frame > 0 else shapely.difference
            ground = cut(ground, layer.given_frame)
        for row in self.holders[k]:
            ground = shapely.intersection(ground, layer.given[row])
        if self.nobodys:
            # One by one: taken from a union that has hair cracks, GEOS may leave all of the ground.
            for row in layer.tree.query(ground).tolist():
                ground = shapely.difference(ground, layer.given[row])
        return ground


def weigh_pieces(layer: Layer, shapes: Shapes, redraw: Redraw, options: FaultOptions) -> Pieces:
    """The polygons of `shapes` (n,) that reach width and area, those near the limit drawn again."""
    margin = _WELDED_M if len(layer.welded.corners) else _SNAPPED_M
    if not layer.moved:
        return wide_pieces(shapes, options)
    pieces = measure_pieces(shapes)
    wide = pieces.width_m >= options.min_width_m + margin
    sure = pieces.take(wide & (pieces.area_m2 >= options.min_area_m2))
    thin = pieces.take(~wide)
    _, near = wide_spots(thin, max(options.min_width_m - margin, _LEAST_M))
    return join_pieces(sure, _draw_again(layer, thin.take(near), redraw, options))


def _draw_again(layer: Layer, pieces: Pieces, redraw: Redraw, options: FaultOptions) -> Pieces:
    near = shapely.buffer(pieces.shape, _BESIDE, quad_segs=2)
    drawn = redraw.draw(layer, near, pieces.row)
    found = wide_pieces(as_shapes(drawn), options)
    found = replace(found, row=pieces.row[found.row])
    return found.take(_first_seen(found.shape))


def _first_seen(shapes: Shapes) -> Flags:
    """Two pieces side by side may be drawn as the same ground: which shapes do not repeat an earlier one."""
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    again = shapely.area(shapely.intersection(shapes[a], shapes[b])) > 0.5 * shapely.area(shapes[b])
    first = np.ones(len(shapes), dtype=bool)
    first[b[again]] = False
    return first
