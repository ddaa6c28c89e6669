"""Where a box of text fits inside a polygon: the polygon as a raster, asked for every position at once.

A summed-area table answers "is this w x h box wholly inside?" for all positions in one subtraction; the
answer is then proved on the exact polygon, because a spike may pass between two cell centres.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.maps.wall.drawing import Box

_MOST_CELLS = 128
_SMALLEST_CELL_MM = 0.2


class Room:
    """The free ground of one polygon on paper; boxes can be taken out of it."""

    def __init__(self, geom: BaseGeometry) -> None:
        self.geom = geom
        x0, y0, x1, y1 = geom.bounds
        self.cell_mm = max(_SMALLEST_CELL_MM, (x1 - x0) / _MOST_CELLS, (y1 - y0) / _MOST_CELLS)
        self.x0, self.y0 = x0, y0
        shape = (int((y1 - y0) / self.cell_mm) + 1, int((x1 - x0) / self.cell_mm) + 1)
        self._mask = _rasterise(geom, (x0, y0), cell_mm=self.cell_mm, shape=shape)
        self._sums: NDArray[np.int64] | None = None
        shapely.prepare(geom)

    def block(self, boxes: Sequence[Box]) -> None:
        """Take boxes out of the room."""
        for x0, y0, x1, y1 in boxes:
            left, right = self._column(x0), self._column(x1) + 1
            top, bottom = self._row(y0), self._row(y1) + 1
            if right > 0 and bottom > 0:
                self._mask[max(top, 0) : bottom, max(left, 0) : right] = 0
                self._sums = None

    def fits(self, wide: float, high: float) -> bool:
        """Whether a box of that size fits somewhere, by the raster alone."""
        return bool(self._positions(wide, high).any())

    def find(self, wide: float, high: float) -> tuple[float, float] | None:
        """The most central place (x, y of the box centre) where the box is exactly inside, or None."""
        inside = self._positions(wide, high)
        if not inside.any():
            return None
        calm, pad = inside, self.cell_mm
        while (roomier := self._positions(wide + 2 * pad, high + 2 * pad)).any():
            calm, pad = _shifted(roomier, inside.shape), pad * 1.5
        for x, y in self._centres(calm, inside, wide=wide, high=high):
            if self.geom.covers(shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)):
                return x, y
        return None

    def list_boxes(self, wide: float, high: float) -> NDArray[np.float64]:
        """Every place of a box by the raster alone: rows of x0, y0, x1, y1."""
        spots = np.argwhere(self._positions(wide, high))
        corner = np.array([self.x0, self.y0]) + spots[:, ::-1] * self.cell_mm
        return np.hstack([corner, corner + np.array([wide, high])])

    def _centres(
        self, calm: NDArray[np.bool_], inside: NDArray[np.bool_], *, wide: float, high: float
    ) -> list[tuple[float, float]]:
        centre = np.argwhere(calm).mean(axis=0)
        ranked = [_nearest(places, centre) for places in (np.argwhere(calm), np.argwhere(inside))]
        spots = np.vstack([ranked[0][:12], ranked[1][:: max(1, len(ranked[1]) // 12)]])
        down, right = self._cells(high), self._cells(wide)
        xs = self.x0 + (spots[:, 1] + right / 2) * self.cell_mm
        ys = self.y0 + (spots[:, 0] + down / 2) * self.cell_mm
        return list(zip(xs.tolist(), ys.tolist(), strict=True))

    def _positions(self, wide: float, high: float) -> NDArray[np.bool_]:
        """For every cell: whether the box whose upper left corner it is lies inside."""
        down, right = self._cells(high), self._cells(wide)
        if self._sums is None:
            padded = np.pad(self._mask, ((1, 0), (1, 0)))
            self._sums = padded.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
        sums = self._sums
        if down >= sums.shape[0] or right >= sums.shape[1]:
            return np.zeros((1, 1), dtype=np.bool_)
        held = sums[down:, right:] - sums[:-down, right:] - sums[down:, :-right] + sums[:-down, :-right]
        return np.asarray(held == down * right)

    def _cells(self, length: float) -> int:
        return int(np.ceil(length / self.cell_mm)) + 1

    def _column(self, x: float) -> int:
        return int(np.floor((x - self.x0) / self.cell_mm))

    def _row(self, y: float) -> int:
        return int(np.floor((y - self.y0) / self.cell_mm))


def _nearest(places: NDArray[np.int64], centre: NDArray[np.float64]) -> NDArray[np.int64]:
    return places[np.argsort(((places - centre) ** 2).sum(axis=1), kind="stable")]


def _shifted(roomier: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Positions of the padded box, told as positions of the box itself (the pad is half the difference)."""
    calm = np.zeros(shape, dtype=np.bool_)
    down, right = (shape[0] - roomier.shape[0]) // 2, (shape[1] - roomier.shape[1]) // 2
    calm[down : down + roomier.shape[0], right : right + roomier.shape[1]] = roomier
    return calm


def _rasterise(
    geom: BaseGeometry, origin: tuple[float, float], *, cell_mm: float, shape: tuple[int, int]
) -> NDArray[np.int8]:
    """1 where a cell's centre is inside, by scan lines: each edge toggles the cells right of it."""
    starts, ends = _segments(geom)
    rows_a = np.ceil((np.minimum(starts[:, 1], ends[:, 1]) - origin[1]) / cell_mm - 0.5).astype(np.int64)
    rows_b = np.ceil((np.maximum(starts[:, 1], ends[:, 1]) - origin[1]) / cell_mm - 0.5).astype(np.int64)
    rows_a, rows_b = np.clip(rows_a, 0, shape[0]), np.clip(rows_b, 0, shape[0])
    counts = rows_b - rows_a
    edge = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + rows_a[edge]
    y = origin[1] + (row + 0.5) * cell_mm
    share = (y - starts[edge, 1]) / (ends[edge, 1] - starts[edge, 1])
    x = starts[edge, 0] + share * (ends[edge, 0] - starts[edge, 0])
    column = np.clip(np.ceil((x - origin[0]) / cell_mm - 0.5), 0, shape[1]).astype(np.int64)
    toggles = np.bincount(row * (shape[1] + 1) + column, minlength=shape[0] * (shape[1] + 1))
    crossings = toggles.reshape(shape[0], shape[1] + 1).cumsum(axis=1)[:, : shape[1]]
    return np.asarray(crossings % 2, dtype=np.int8)


def _segments(geom: BaseGeometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rings = shapely.get_rings(shapely.get_parts(geom))
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return coords[:-1][same], coords[1:][same]
