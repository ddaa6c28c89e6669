"""A raster over polygons: most cells lie wholly inside one polygon and answer at once.

A cell's number is -1 (no polygon), p (wholly inside polygon p and no other near), or `count + k` where k is
the place of its list of candidates: polygons whose border runs through the cell and polygons that hold it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from app.spatial.slabs import INSIDE, Floats, Ints, Shapes, Slabs, expand
from app.spatial.topology.edges import Edges

_PAD = 1e-6
"""Share of a cell by which an edge is thickened, far above the rounding of the cell arithmetic."""


@dataclass(frozen=True)
class Raster:
    """`cell` (rows x columns, flat) holds the numbers; list k is `candidate[first[k]:first[k + 1]]`,
    ascending; `sure` says that the candidate holds the whole cell.
    """

    west: float
    south: float
    per_degree: float
    rows: int
    columns: int
    cell: npt.NDArray[np.int32]
    first: Ints
    candidate: npt.NDArray[np.int32]
    sure: npt.NDArray[np.bool_]

    def number(self, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        """The number of the cell under each point, -1 off the raster and for NaN."""
        column = np.floor((x - self.west) * self.per_degree)
        row = np.floor((y - self.south) * self.per_degree)
        on = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        place = np.where(on, row * self.columns + column, 0).astype(np.int64)
        return (
            np.where(on, self.cell[place], np.int32(-1)) if len(self.cell) else np.full(len(x), -1, np.int32)
        )


@dataclass(frozen=True)
class _Cells:
    """Cells of polygons: `place` in the raster, `polygon`, `sure` (holds it) or not (border)."""

    place: Ints
    polygon: Ints


def build_raster(polygons: Shapes, edges: Edges, slabs: Slabs, *, cells: int) -> Raster:
    """Lay a raster of about `cells` squares over polygons (n,) in degrees."""
    west, south, east, north = shapely.total_bounds(polygons) if len(polygons) else [np.nan] * 4
    if not east > west:
        return _no_raster()
    size = np.sqrt((east - west) * (north - south) / cells)
    west, south = west - size / 2, south - size / 2
    shape = (int((north - south) / size) + 2, int((east - west) / size) + 2)
    border = _border_cells(edges, (west, south, 1.0 / size), shape[1])
    inner = _inner_cells(border, slabs, (west, south, size), shape[1])
    return _number(border, inner, (west, south, 1.0 / size), shape, len(polygons))


def _no_raster() -> Raster:
    none = np.empty(0, dtype=np.int32)
    return Raster(0.0, 0.0, 1.0, 0, 0, none, np.zeros(1, np.int64), none, np.empty(0, dtype=bool))


def _border_cells(edges: Edges, grid: tuple[float, float, float], columns: int) -> _Cells:
    """Every cell an edge passes, a little thickened; each (polygon, cell) once, in that order."""
    ends = (np.stack([edges.start, edges.end]) - grid[:2]) * grid[2]
    upward = ends[0, :, 1] <= ends[1, :, 1]
    low, high = np.where(upward[:, None], ends[0], ends[1]), np.where(upward[:, None], ends[1], ends[0])
    first, last = np.floor(low[:, 1] - _PAD).astype(np.int64), np.floor(high[:, 1] + _PAD).astype(np.int64)
    row = expand(first, last - first + 1)
    edge = np.repeat(np.arange(len(low)), last - first + 1)
    left, right = _columns_in_row(low[edge], high[edge], row)
    place = expand(row * columns + left, right - left + 1)
    owner = np.repeat(edges.owner[edge], right - left + 1)
    key = np.sort(owner << np.int64(40) | place)
    key = key[_opens(key)]
    return _Cells(key & np.int64(2**40 - 1), key >> np.int64(40))


def _opens(key: Ints) -> npt.NDArray[np.bool_]:
    """Where a sorted key differs from the one before.

    `np.unique` without an index hashes instead of sorting since numpy 2.3: forty times slower on such keys.
    """
    opens = np.ones(len(key), dtype=bool)
    opens[1:] = key[1:] != key[:-1]
    return opens


def _columns_in_row(low: Floats, high: Floats, row: Ints) -> tuple[Ints, Ints]:
    """The first and last column an upward edge touches within a row (all in cells)."""
    rise, run = high[:, 1] - low[:, 1], high[:, 0] - low[:, 0]
    slope = np.divide(run, rise, out=np.zeros_like(run), where=rise > 0)
    bottom = np.maximum(row - _PAD, low[:, 1]) - low[:, 1]
    top = np.minimum(row + 1 + _PAD, high[:, 1]) - low[:, 1]
    x0, x1 = low[:, 0] + slope * bottom, low[:, 0] + slope * top
    flat = rise <= 2 * _PAD
    x0, x1 = np.where(flat, low[:, 0], x0), np.where(flat, high[:, 0], x1)
    left, right = np.minimum(x0, x1) - _PAD, np.maximum(x0, x1) + _PAD
    return np.floor(left).astype(np.int64), np.floor(right).astype(np.int64)


@dataclass(frozen=True)
class _Runs:
    """Runs of cells wholly inside a polygon."""

    start: Ints
    length: Ints
    polygon: Ints


def _inner_cells(border: _Cells, slabs: Slabs, grid: tuple[float, float, float], columns: int) -> _Runs:
    """The runs between border cells of one polygon in one row, where their first cell's middle is inside."""
    place, polygon = border.place, border.polygon
    row = place // columns
    same = (polygon[1:] == polygon[:-1]) & (row[1:] == row[:-1]) & (place[1:] - place[:-1] > 1)
    at = np.flatnonzero(same)
    start, length, owner = place[at] + 1, place[at + 1] - place[at] - 1, polygon[at]
    x = np.asarray(grid[0] + (start % columns + 0.5) * grid[2], dtype=np.float64)
    y = np.asarray(grid[1] + (start // columns + 0.5) * grid[2], dtype=np.float64)
    held = slabs.side(x, y, owner) == INSIDE
    return _Runs(start[held], length[held], owner[held])


def _number(
    border: _Cells, inner: _Runs, grid: tuple[float, float, float], shape: tuple[int, int], count: int
) -> Raster:
    cell = np.full(shape[0] * shape[1], -1, dtype=np.int32)
    place = expand(inner.start, inner.length)
    polygon = np.repeat(inner.polygon, inner.length)
    cell[place] = polygon
    listed = np.bincount(place, minlength=len(cell)) > 1
    listed[border.place] = True
    shared = listed[place]
    key = np.concatenate(
        [
            border.place << np.int64(24) | border.polygon << np.int64(1),
            place[shared] << np.int64(24) | polygon[shared] << np.int64(1) | 1,
        ]
    )
    key.sort()
    first = np.flatnonzero(_opens(key >> np.int64(24)))
    cell[key[first] >> np.int64(24)] = count + np.arange(len(first))
    candidate = (key >> np.int64(1) & np.int64(2**23 - 1)).astype(np.int32)
    lists = np.append(first, len(key)).astype(np.int64)
    return Raster(grid[0], grid[1], grid[2], *shape, cell, lists, candidate, (key & 1).astype(bool))
