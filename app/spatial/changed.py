"""What ground changed between two layers: boxes that hold all of it, and the exact test of a point."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.distance import border_gap_m
from app.spatial.rings import Floats, Ints, Rings, Shapes, read_rings
from app.spatial.slabs import BORDER, Slabs, build_slabs
from app.spatial.topology.edges import as_shapes
from app.spatial.topology.measures import metres_per_degree

_TILES = 24
"""Tiles across the longer side of a change: its boxes follow a slanting border."""


_MANY_ROWS = 40
"""Beyond so many changed rows each has one box: a new plan is asked as a whole."""


@dataclass(frozen=True)
class ChangedGround:
    """Ground whose relation to some polygon changed.

    `boxes` (m, 4) are west, south, east, north in degrees: every point `holds` says yes to lies in one.
    `rows` are the rows that changed. Without a change both are empty.
    """

    boxes: Floats
    rows: Ints
    _around: Floats
    _sides: tuple[Slabs, Slabs]
    _moved: Rings
    _margin_m: float

    def __bool__(self) -> bool:
        return len(self.rows) > 0

    def holds(self, x: Any, y: Any) -> npt.NDArray[np.bool_]:
        """Whether each point (n,) lies in changed ground: outside, on the border of or inside some row
        before and something else of these after; or within the margin of a border that moved.
        """
        xs, ys = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (x, y))
        held = np.zeros(len(xs), dtype=bool)
        for point, row in self._pairs(xs, ys):
            before, after = (slabs.side(xs[point], ys[point], row) for slabs in self._sides)
            held[point[before != after]] = True
        if self._margin_m > 0:
            rest = np.flatnonzero(~held & np.isfinite(xs) & np.isfinite(ys))
            points = np.stack([xs[rest], ys[rest]], axis=1)
            held[rest] = border_gap_m(self._moved, points) <= self._margin_m
        return held

    def _pairs(self, x: Floats, y: Floats) -> Iterator[tuple[Ints, Ints]]:
        """Points and changed rows in the box of whose moved border they lie."""
        if len(self.rows) > _MANY_ROWS:
            boxes = np.asarray(shapely.box(*self._around.T), dtype=object)
            point, row_of = shapely.STRtree(boxes).query(shapely.points(x, y))
            yield point, row_of
            return
        for row, (west, south, east, north) in enumerate(self._around.tolist()):
            point = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
            yield point, np.full(len(point), row, dtype=np.int64)


def changed_ground(
    before: Sequence[BaseGeometry] | Shapes, after: Sequence[BaseGeometry] | Shapes, *, margin_m: float = 0.0
) -> ChangedGround:
    """What ground differs between two layers (EPSG:4326) of the same rows, growth and loss alike.

    Row k of both is the same grid: None or empty where it was not yet there or is gone. A point outside the
    boxes has the same relation (outside, border, inside) to every row before and after, so whatever is
    decided by these relations alone stays as it was. With `margin_m` the boxes and the test also take in what
    is nearer than that to a border that moved: for decisions by distance. Raises ValueError for layers of
    different length.
    """
    old, new = as_shapes(before), as_shapes(after)
    if len(old) != len(new):
        raise ValueError(f"{len(old)} rows before and {len(new)} after")
    rows = _changed_rows(old, new)
    moved = _moved_edges(read_rings(old[rows]), read_rings(new[rows]))
    told = np.array([len(lines) > 0 for lines in moved], dtype=bool)  # turned or begun elsewhere is no change
    rows, moved = rows[told], [lines for lines in moved if len(lines)]
    rings = read_rings(old[rows]), read_rings(new[rows])
    sides = tuple(build_slabs(one, one.edges(), one.bounds()) for one in rings)
    around = np.array([_box(lines) for lines in moved]).reshape(-1, 4)
    boxes = around
    if len(rows) <= _MANY_ROWS:
        tiles = [_tile(lines, (sides[0], sides[1]), row) for row, lines in enumerate(moved)]
        boxes = np.concatenate([np.empty((0, 4)), *tiles])
    borders = _as_rings(np.concatenate([np.empty((0, 2, 2)), *moved]))
    return ChangedGround(_widen(boxes, margin_m), rows, around, (sides[0], sides[1]), borders, margin_m)


def _changed_rows(old: Shapes, new: Shapes) -> Ints:
    """The rows whose shapes differ in any coordinate."""
    empty = [shapely.is_missing(side) | shapely.is_empty(side) for side in (old, new)]
    same = shapely.equals_identical(old, new) | (empty[0] & empty[1])
    return np.asarray(np.flatnonzero(~same), dtype=np.int64)


def _moved_edges(old: Rings, new: Rings) -> list[Floats]:
    """By row the edges (n, 2, 2) only one of two borders has. What changed is bounded by them."""
    (old_ends, old_first), (new_ends, new_first) = _ends(old), _ends(new)
    moved = []
    for row in range(len(old)):
        both = np.concatenate(
            [old_ends[old_first[row] : old_first[row + 1]], new_ends[new_first[row] : new_first[row + 1]]]
        )
        order = np.lexsort(both.T)
        both = both[order]
        opens = np.flatnonzero(np.append(True, (both[1:] != both[:-1]).any(axis=1)))[: len(both)]
        many = np.diff(np.append(opens, len(both)))
        moved.append(both[opens[many != 2]].reshape(-1, 2, 2))
    return moved


def _ends(rings: Rings) -> tuple[Floats, Ints]:
    """Every edge from its lower corner to its higher (n, 4), and where those of each row begin."""
    edge, first = rings.edges()
    a, b = rings.xy[edge], rings.xy[edge + 1]
    swap = ((a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1])))[:, None]
    return np.concatenate([np.where(swap, b, a), np.where(swap, a, b)], axis=1), first


def _box(lines: Floats) -> Floats:
    return np.concatenate([lines.min(axis=(0, 1)), lines.max(axis=(0, 1))])


def _tile(lines: Floats, sides: tuple[Slabs, Slabs], row: int) -> Floats:
    """Boxes over all that changed: tiles a moved edge passes, and tiles between whose middle changed.

    In a tile that no moved edge passes both borders run alike, so it changed all over or nowhere, and its
    middle tells, unless it lies on a border: then the tile is taken.
    """
    west, south, east, north = _box(lines).tolist()
    size = max(max(east - west, north - south) / _TILES, 1e-9)
    columns, rows = int((east - west) / size) + 1, int((north - south) / size) + 1
    column, line = (grid.ravel() for grid in np.meshgrid(np.arange(columns), np.arange(rows)))
    x, y = west + column * size, south + line * size
    slack = max(size * 1e-6, 1e-12)
    tiles = np.stack([x - slack, y - slack, x + size + slack, y + size + slack], axis=1)
    held = np.zeros(len(tiles), dtype=bool)
    tree = shapely.STRtree(shapely.box(*tiles.T))
    held[tree.query(shapely.linestrings(lines), predicate="intersects")[1]] = True
    rest = np.flatnonzero(~held)
    of = np.full(len(rest), row, dtype=np.int64)
    before, after = (slabs.side(x[rest] + size / 2, y[rest] + size / 2, of) for slabs in sides)
    held[rest] = (before != after) | (before == BORDER)
    return _join(tiles, held.reshape(rows, columns))


def _join(tiles: Floats, held: npt.NDArray[np.bool_]) -> Floats:
    """Held tiles that lie side by side in a line as one box."""
    rows, columns = held.shape
    edge = np.zeros((rows, columns + 2), dtype=np.int8)
    edge[:, 1:-1] = held
    step = np.diff(edge, axis=1)
    line, first = np.nonzero(step == 1)
    last = np.nonzero(step == -1)[1] - 1
    a, b = tiles[line * columns + first], tiles[line * columns + last]
    return np.column_stack([a[:, :2], b[:, 2:]])


def _widen(boxes: Floats, margin_m: float) -> Floats:
    if not len(boxes) or margin_m <= 0:
        return boxes
    farthest = np.abs(boxes[:, [1, 3]]).max(axis=1)
    reach = margin_m * 1.002 / metres_per_degree(farthest)
    return np.concatenate([boxes[:, :2] - reach, boxes[:, 2:] + reach], axis=1)


def _as_rings(lines: Floats) -> Rings:
    """Single edges in the form of rings, as distances are asked of."""
    first = np.arange(0, 2 * len(lines) + 1, 2, dtype=np.int32)
    one = np.array([0, len(lines)], dtype=np.int32)
    return Rings(lines.reshape(-1, 2), first, one, np.array([0, 1], dtype=np.int32))
