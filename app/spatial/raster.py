"""A raster over polygons: most cells lie wholly inside one polygon and answer at once.

A cell's number is -1 (no polygon), p (wholly inside polygon p and no other near), or `count + k` where k is
the place of its list of candidates: polygons whose border runs through the cell and polygons that hold it.

kernel.c does the same in compiled code, in the same order of operations.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.spatial.rings import Floats, Ints, Words
from app.spatial.slabs import INSIDE, Slabs, expand

PAD = 1e-6
"""Share of a cell by which an edge is thickened, far above the rounding of the cell arithmetic."""
_LEAST_SIZE = 1e-6
"""Degrees a cell is wide at least (10 cm): below it the rounding of degrees would come near the padding."""


@dataclass(frozen=True)
class Frame:
    """Where the cells lie: cell (row, column) reaches from `west + column / per_degree` on, in degrees."""

    west: float
    south: float
    per_degree: float
    rows: int
    columns: int

    def number(self, x: Floats, y: Floats, cell: Words) -> Words:
        """The number of the cell under each point, -1 off the raster and for NaN."""
        if not len(cell):
            return np.full(len(x), -1, dtype=np.int32)
        with np.errstate(invalid="ignore", over="ignore"):
            column = np.floor((x - self.west) * self.per_degree)
            row = np.floor((y - self.south) * self.per_degree)
        on = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        place = np.where(on, row, 0) * self.columns + np.where(on, column, 0)
        return np.where(on, cell[place.astype(np.int64)], np.int32(-1))


@dataclass(frozen=True)
class Raster:
    """`cell` (rows x columns, flat) holds the numbers; list k is `candidate[first[k]:first[k + 1]]`,
    ascending: twice the polygon, and one more where it holds the whole cell.
    """

    frame: Frame
    cell: Words
    first: Words
    candidate: Words

    def number(self, x: Floats, y: Floats) -> Words:
        """The number of the cell under each point, -1 off the raster and for NaN."""
        return self.frame.number(x, y, self.cell)


@dataclass(frozen=True)
class _Cells:
    """Border cells: `place` in the raster and `polygon`, sorted by polygon and place, each once."""

    place: Ints
    polygon: Ints


@dataclass(frozen=True)
class _Runs:
    """Runs of cells wholly inside a polygon."""

    start: Ints
    length: Ints
    polygon: Ints


def lay_frame(bounds: Floats, *, cells: int) -> Frame | None:
    """A frame of about `cells` squares round boxes (n, 4) in degrees; None where there is no ground."""
    held = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(held):
        return None
    west, south = held[:, :2].min(axis=0).tolist()
    east, north = held[:, 2:].max(axis=0).tolist()
    size = max(float(np.sqrt((east - west) * (north - south) / cells)), _LEAST_SIZE)
    west, south = west - size / 2, south - size / 2
    shape = int((north - south) / size) + 2, int((east - west) / size) + 2
    return Frame(west, south, 1.0 / size, *shape)


def no_raster() -> Raster:
    """The raster of no ground."""
    none = np.empty(0, dtype=np.int32)
    return Raster(Frame(0.0, 0.0, 1.0, 0, 0), none, np.zeros(1, dtype=np.int32), none)


def build_raster(frame: Frame, slabs: Slabs, edges: tuple[Words, Ints]) -> Raster:
    """Number the cells under polygons whose edges and slabs are known."""
    border = _border_cells(frame, slabs.xy, edges)
    inner = _inner_cells(frame, border, slabs)
    return _number(frame, border, inner, len(slabs.south))


def _border_cells(frame: Frame, xy: Floats, edges: tuple[Words, Ints]) -> _Cells:
    """Every cell an edge passes, a little thickened; each (polygon, cell) once, in that order."""
    edge, first_edge = edges
    of = np.repeat(np.arange(len(first_edge) - 1), np.diff(first_edge))
    ends = (np.stack([xy[edge], xy[edge + 1]]) - [frame.west, frame.south]) * frame.per_degree
    upward = ends[0, :, 1] <= ends[1, :, 1]
    low, high = np.where(upward[:, None], ends[0], ends[1]), np.where(upward[:, None], ends[1], ends[0])
    first, last = np.floor(low[:, 1] - PAD).astype(np.int64), np.floor(high[:, 1] + PAD).astype(np.int64)
    row = expand(first, last - first + 1)
    part = np.repeat(np.arange(len(low)), last - first + 1)
    left, right = _columns_in_row(low[part], high[part], row)
    place = expand(row * frame.columns + left, right - left + 1)
    owner = np.repeat(of[part], right - left + 1)
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
    bottom = np.maximum(row - PAD, low[:, 1]) - low[:, 1]
    top = np.minimum(row + 1 + PAD, high[:, 1]) - low[:, 1]
    x0, x1 = low[:, 0] + slope * bottom, low[:, 0] + slope * top
    flat = rise <= 2 * PAD
    x0, x1 = np.where(flat, low[:, 0], x0), np.where(flat, high[:, 0], x1)
    left, right = np.minimum(x0, x1) - PAD, np.maximum(x0, x1) + PAD
    return np.floor(left).astype(np.int64), np.floor(right).astype(np.int64)


def _inner_cells(frame: Frame, border: _Cells, slabs: Slabs) -> _Runs:
    """The runs between border cells of one polygon in one row, where their first cell's middle is inside."""
    place, polygon = border.place, border.polygon
    row = place // frame.columns
    same = (polygon[1:] == polygon[:-1]) & (row[1:] == row[:-1]) & (place[1:] - place[:-1] > 1)
    at = np.flatnonzero(same)
    start, length, owner = place[at] + 1, place[at + 1] - place[at] - 1, polygon[at]
    size = 1.0 / frame.per_degree
    x = np.asarray(frame.west + (start % frame.columns + 0.5) * size, dtype=np.float64)
    y = np.asarray(frame.south + (start // frame.columns + 0.5) * size, dtype=np.float64)
    held = slabs.side(x, y, owner) == INSIDE
    return _Runs(start[held], length[held], owner[held])


def _number(frame: Frame, border: _Cells, inner: _Runs, count: int) -> Raster:
    cell = np.full(frame.rows * frame.columns, -1, dtype=np.int32)
    place = expand(inner.start, inner.length)
    polygon = np.repeat(inner.polygon, inner.length)
    cell[place] = polygon
    listed = np.bincount(place, minlength=len(cell)) > 1
    listed[border.place] = True
    shared = listed[place]
    key = np.concatenate(
        [
            border.place << np.int64(32) | border.polygon << np.int64(1),
            place[shared] << np.int64(32) | polygon[shared] << np.int64(1) | 1,
        ]
    )
    key.sort()
    first = np.flatnonzero(_opens(key >> np.int64(32)))
    cell[key[first] >> np.int64(32)] = count + np.arange(len(first))
    candidate = (key & np.int64(2**32 - 1)).astype(np.int32)
    return Raster(frame, cell, np.append(first, len(key)).astype(np.int32), candidate)
