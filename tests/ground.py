"""Ground drawn in letters, so that a test shows what it speaks about.

    ground = lay("AABB\\n"
                 "A..B")

A letter is a grid, `.` is a gap (ground of the frame without a grid), a space lies outside the frame.
Each further argument is a layer above the first: a letter there lies *over* what is drawn below, so an
overlap of A and B is `lay("AAB", ".B.")`. The first row is the northern one. Cells are squares of
0.001 degree (about 95 m x 111 m) near 121.2 E 31.9 N; every corner of a cell is a vertex of its grid
unless `sparse=True`, which keeps only true corners and so makes T-junctions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

WEST, NORTH, CELL = 121.2, 31.9, 0.001
Cell = tuple[int, int]


@dataclass(frozen=True)
class Ground:
    """A drawn layer: `polygons[i]` is the grid called `names[i]` (alphabetical); `frame` holds them all."""

    names: tuple[str, ...]
    polygons: npt.NDArray[np.object_]
    frame: BaseGeometry
    cell: float
    west: float
    north: float

    def index(self, name: str) -> int:
        """The row of one grid."""
        return self.names.index(name)

    def __getitem__(self, name: str) -> BaseGeometry:
        shape: BaseGeometry = self.polygons[self.index(name)]
        return shape

    def members(self, *names: str) -> tuple[int, ...]:
        """The rows of several grids, in the order asked."""
        return tuple(self.index(name) for name in names)

    def square(self, row: int, column: int) -> BaseGeometry:
        """The cell at a row (0 is the northern one) and a column (0 is the western one)."""
        return _square((row, column), self)

    def point(self, row: float, column: float) -> tuple[float, float]:
        """Longitude and latitude of the middle of a cell; halves reach its edges and corners."""
        west, north = self.west + (column + 0.5) * self.cell, self.north - (row + 0.5) * self.cell
        return round(west, 9), round(north, 9)

    def without(self, *names: str) -> "Ground":
        """The same frame with some grids taken away."""
        keep = [i for i, name in enumerate(self.names) if name not in names]
        names_left = tuple(self.names[i] for i in keep)
        return Ground(names_left, self.polygons[keep], self.frame, self.cell, self.west, self.north)

    def with_shape(self, name: str, shape: BaseGeometry) -> "Ground":
        """The same ground with one grid drawn anew."""
        polygons = self.polygons.copy()
        polygons[self.index(name)] = shape
        return Ground(self.names, polygons, self.frame, self.cell, self.west, self.north)


def lay(
    *layers: str, cell: float = CELL, sparse: bool = False, west: float = WEST, north: float = NORTH
) -> Ground:
    """Turn drawings into polygons (EPSG:4326); see the head of this module for the signs."""
    cells = _read(layers)
    names = tuple(sorted(name for name in cells if name != "."))
    place = Ground(names, np.empty(0, dtype=object), shapely.Polygon(), cell, west, north)
    frame = _join([c for group in cells.values() for c in group], place, sparse)
    polygons = np.array([_join(cells[name], place, sparse) for name in names], dtype=object)
    return Ground(names, polygons, frame, cell, west, north)


def _read(layers: tuple[str, ...]) -> dict[str, list[Cell]]:
    cells: dict[str, list[Cell]] = {}
    for depth, layer in enumerate(layers):
        for row, line in enumerate(layer.strip("\n").split("\n")):
            for column, name in enumerate(line):
                if name != " " and (depth == 0 or name != "."):
                    cells.setdefault(name, []).append((row, column))
    return cells


def _join(cells: list[Cell], place: Ground, sparse: bool) -> BaseGeometry:
    joined = shapely.union_all([_square(c, place) for c in set(cells)])
    shape: BaseGeometry = shapely.transform(joined, lambda xy: np.round(xy, 9))
    return shapely.simplify(shape, 0.0) if sparse else shape


def _square(cell: Cell, place: Any) -> BaseGeometry:
    row, column = cell
    x0, x1 = (round(place.west + k * place.cell, 9) for k in (column, column + 1))
    y0, y1 = (round(place.north - k * place.cell, 9) for k in (row + 1, row))
    return shapely.box(x0, y0, x1, y1)
