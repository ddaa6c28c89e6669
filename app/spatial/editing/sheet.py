"""A few grids laid on one sheet with the lines drawn on it: faces, whose each is, and what it becomes.

All borders of the grids in question and all drawn lines are noded together on the storage grid (snap
rounding), so that every border is one chain of edges for both of its sides. An act then only says whose a
face becomes; grids are the union of their faces. So no act leaves a gap or an overlap it does not mean.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Edges, Flags, Floats, Ints, Shapes, as_shapes, match, ring_edges, snap

GRID = 1e-7
"""Degrees: coordinates are stored on this grid, about 1 cm."""
_NEAR = 1.0e-7
"""Degrees: an edge bent by rounding stays this close to the line that it comes from."""
Owners = frozenset[int]
NOBODY: Owners = frozenset()


@dataclass(frozen=True)
class Sheet:
    """Faces (m,) of the noded lines; `owners[k]` are the rows that hold face k."""

    rows: Ints
    faces: Shapes
    owners: tuple[Owners, ...]

    @cached_property
    def points(self) -> Shapes:
        """A point inside each face."""
        return np.asarray(shapely.point_on_surface(self.faces))

    @cached_property
    def areas(self) -> Floats:
        """Square degrees of each face: to compare with each other, not to show."""
        return np.asarray(shapely.area(self.faces))

    def within(self, ground: BaseGeometry) -> Flags:
        """Which faces lie in some ground."""
        shapely.prepare(ground)
        return np.asarray(shapely.intersects(ground, self.points))

    def held_by(self, row: int) -> Flags:
        """Which faces a grid holds."""
        return np.array([row in held for held in self.owners], dtype=bool)

    @cached_property
    def sides(self) -> "Sides":
        """Which faces lie side by side, along which edges."""
        return find_sides(self.faces)

    def join(self, faces: Iterable[int]) -> BaseGeometry | None:
        """The ground of some faces as one shape; None when there is none."""
        return join_faces(self.faces[np.fromiter(faces, dtype=np.int64)])


@dataclass(frozen=True, slots=True)
class Sides:
    """Shared edges: faces `a` and `b` (k,) of each, its middle and its length in degrees."""

    a: Ints
    b: Ints
    middle: Shapes
    length: Floats

    def along(self, lines: BaseGeometry) -> Flags:
        """Which edges run along some lines."""
        if lines.is_empty:
            return np.zeros(len(self.a), dtype=bool)
        shapely.prepare(lines)
        return np.asarray(shapely.dwithin(lines, self.middle, _NEAR))

    def groups(self, count: int, open_: Flags) -> Ints:
        """Faces reached from one another over edges that are `open_`, as the number of the group of each."""
        group = np.arange(count)
        for a, b in zip(self.a[open_].tolist(), self.b[open_].tolist(), strict=True):
            if group[a] != group[b]:
                group[group == group[b]] = group[a]
        return group


def lay_sheet(shapes: Shapes, rows: Sequence[int], lines: Sequence[BaseGeometry]) -> Sheet:
    """Node the borders of some rows of a layer and drawn lines (EPSG:4326, polygons give their borders)."""
    picked = snap(shapes[list(rows)])
    drawn = snap(as_shapes(lines))
    linework = np.concatenate([_lines_of(picked), _lines_of(drawn)])
    noded = shapely.get_parts(shapely.union_all(linework, grid_size=GRID))
    faces = np.asarray(shapely.get_parts(shapely.polygonize(snap(noded))))
    points = shapely.point_on_surface(faces)
    row, face = shapely.STRtree(points).query(picked, predicate="intersects")
    held: list[set[int]] = [set() for _ in faces]
    names = list(rows)
    for r, f in zip(row.tolist(), face.tolist(), strict=True):
        held[f].add(int(names[r]))
    return Sheet(np.asarray(names, dtype=np.int64), faces, tuple(frozenset(one) for one in held))


def _lines_of(shapes: Shapes) -> Shapes:
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))
    lines = shapes.copy()
    lines[areas] = shapely.boundary(shapes[areas])
    return np.asarray(lines)


def find_sides(faces: Shapes) -> Sides:
    """The edges that two faces share."""
    edges = ring_edges(faces)
    if not len(edges):
        return Sides(edges.owner, edges.owner, np.empty(0, dtype=object), np.empty(0))
    found = match(edges)
    size = np.diff(np.append(found.first, len(found.order)))
    first = found.first[size == 2]
    one, two = found.order[first], found.order[first + 1]
    middle = shapely.points((edges.start[one] + edges.end[one]) / 2.0)
    length = np.hypot(*(edges.end[one] - edges.start[one]).T)
    return Sides(edges.owner[one], edges.owner[two], np.asarray(middle), length)


def join_faces(faces: Shapes) -> BaseGeometry | None:
    """Faces of one sheet as one shape: shared edges vanish, every other vertex stays."""
    if not len(faces):
        return None
    joined = shapely.coverage_union_all(faces)
    parts = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return None
    one = snap(as_shapes([parts[0] if len(parts) == 1 else shapely.multipolygons(parts)]))[0]
    return one if shapely.is_valid(one) else _sound(faces)


def _sound(faces: Shapes) -> BaseGeometry | None:
    joined = shapely.union_all(faces, grid_size=GRID)
    parts = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    return None if not parts else snap(as_shapes([shapely.multipolygons(parts)]))[0]


def edge_lines(shape: BaseGeometry, window: BaseGeometry) -> list[BaseGeometry]:
    """The whole edges of a shape's border that come near the box of a window: lines of two points."""
    edges: Edges = ring_edges(snap(as_shapes([shape])))
    west, south, east, north = window.bounds
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    near = (high[:, 0] >= west) & (low[:, 0] <= east) & (high[:, 1] >= south) & (low[:, 1] <= north)
    return list(edges.take(near).lines()) if near.any() else []
