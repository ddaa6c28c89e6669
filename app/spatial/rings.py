"""Polygons as plain arrays: every vertex once, the rings that hold it, the edges between."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Rings:
    """The vertices `xy` (n, 2) of polygons, ring by ring, part by part.

    Ring r has the vertices `first_vertex[r]` to `first_vertex[r + 1]`, part q the rings `first_ring[q]` on
    (its shell first), polygon p the parts `first_part[p]` on; missing and empty polygons have none.
    """

    xy: Floats
    first_vertex: Words
    first_ring: Words
    first_part: Words

    def __len__(self) -> int:
        return len(self.first_part) - 1

    def vertices(self) -> Words:
        """Where the vertices of each polygon begin, and after the last where all end: shape (n + 1,)."""
        return self.first_vertex[self.first_ring[self.first_part]]

    def edges(self) -> tuple[Words, Ints]:
        """Every edge of some length as the vertex it starts at, and where those of each polygon begin."""
        real = (self.xy[1:] != self.xy[:-1]).any(axis=1) if len(self.xy) else np.empty(0, dtype=bool)
        ends = self.first_vertex[1:-1] - 1  # from a ring's last vertex no edge leads to the next ring
        real[ends[ends >= 0]] = False
        edge = np.flatnonzero(real).astype(np.int32)
        return edge, np.searchsorted(edge, self.vertices()).astype(np.int64)

    def bounds(self) -> Floats:
        """West, south, east, north of each polygon (n, 4); NaN where it has no ground."""
        first = self.vertices()
        box = np.full((len(self), 4), np.nan)
        held = np.flatnonzero(first[1:] > first[:-1])
        if len(held):
            box[held, :2] = np.minimum.reduceat(self.xy, first[held], axis=0)
            box[held, 2:] = np.maximum.reduceat(self.xy, first[held], axis=0)
        return box

    def shapes(self) -> Shapes:
        """The polygons as geometries: one part a Polygon, several a MultiPolygon, none an empty Polygon."""
        parts = np.asarray(
            shapely.from_ragged_array(
                shapely.GeometryType.POLYGON, self.xy, (self.first_vertex, self.first_ring)
            )
        )
        many = np.diff(self.first_part)
        shapes = np.full(len(self), shapely.Polygon(), dtype=object)
        shapes[many == 1] = parts[self.first_part[:-1][many == 1]]
        for row in np.flatnonzero(many > 1).tolist():
            shapes[row] = shapely.MultiPolygon(
                parts[self.first_part[row] : self.first_part[row + 1]].tolist()
            )
        return shapes


def read_rings(polygons: Shapes) -> Rings:
    """The rings of polygons and multipolygons; of other geometries, and of parts without end, none."""
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    sound = shapely.get_type_id(parts) == int(shapely.GeometryType.POLYGON)
    sound &= np.isfinite(shapely.bounds(parts)).all(axis=1)  # an empty part's bounds are NaN
    if not sound.all():
        parts, polygon = parts[sound], polygon[sound]
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if not np.isfinite(xy).all():
        lost = part[ring[~np.isfinite(xy).all(axis=1)]]
        keep = ~np.isin(np.arange(len(parts)), lost)
        return read_rings(_gather(parts[keep], polygon[keep], len(polygons)))
    return Rings(
        np.ascontiguousarray(xy, dtype=np.float64),
        _starts(ring, len(rings)),
        _starts(part, len(parts)),
        _starts(polygon, len(polygons)),
    )


def _gather(parts: Shapes, polygon: Ints, count: int) -> Shapes:
    """The polygons made of some parts."""
    shapes = np.full(count, None, dtype=object)
    for row in np.unique(polygon).tolist():
        shapes[row] = shapely.MultiPolygon(parts[polygon == row].tolist())
    return shapes


def _starts(of: Ints, count: int) -> Words:
    """Where the members of each of `count` owners begin in a sorted list of owners."""
    first = np.zeros(count + 1, dtype=np.int32)
    np.cumsum(np.bincount(of, minlength=count), out=first[1:])
    return first
