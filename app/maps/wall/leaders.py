"""Texts that stand outside their ground on a leader: names of tiny grids, numbers, callouts of faults."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.maps.wall.drawing import Box
from app.maps.wall.rooms import Room

_ANGLES = np.deg2rad(np.arange(0, 360, 15))
_AIR_MM = 0.5
_AIR = np.array([-_AIR_MM, -_AIR_MM, _AIR_MM, _AIR_MM])
_BATCH = 48


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a text found room: its box and the end of its leader (at the ground it speaks of)."""

    box: Box
    foot: tuple[float, float]
    head: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: the window, boxes that are taken, ground that must stay clear, how far to go, and the
    boxes no leader may cross (all that are taken, unless said otherwise)."""

    window: Box
    taken: Sequence[Box]
    clear_of: BaseGeometry | None = None
    farthest_mm: float = 45.0
    uncrossed: Sequence[Box] | None = None


def find_spot(foot: tuple[float, float], size: tuple[float, float], *, search: Search) -> Spot | None:
    """The nearest free box of `size` (mm) round a point whose leader crosses no other text."""
    wide, high = size
    reach = np.arange(max(wide, high) / 2 + 2, search.farthest_mm, 1.5)
    radius, angle = (grid.ravel() for grid in np.meshgrid(reach, _ANGLES, indexing="ij"))
    x, y = foot[0] + radius * np.cos(angle), foot[1] + radius * np.sin(angle) * 0.8
    boxes = np.column_stack([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2])
    around = (*boxes.min(axis=0)[:2].tolist(), *boxes.max(axis=0)[2:].tolist())
    taken = _within(np.asarray(search.taken, dtype=np.float64), around)
    free = _inside(boxes, search.window) & ~_touches(boxes, taken)
    if search.clear_of is not None and free.any():
        free[free] = ~shapely.intersects(search.clear_of, shapely.box(*boxes[free].T))
    crossed = (
        taken if search.uncrossed is None else np.asarray(search.uncrossed, dtype=np.float64).reshape(-1, 4)
    )
    return _first_clear(foot, boxes[free], crossed=crossed)


def _first_clear(
    foot: tuple[float, float], boxes: NDArray[np.float64], *, crossed: NDArray[np.float64]
) -> Spot | None:
    """The first of the boxes that a straight leader reaches without crossing any of `crossed`."""
    tree = shapely.STRtree(shapely.box(*(crossed + _AIR).T))
    for start in range(0, len(boxes), _BATCH):
        batch = boxes[start : start + _BATCH]
        heads = np.clip(np.array(foot), batch[:, :2], batch[:, 2:])
        ways = shapely.linestrings(np.stack([np.broadcast_to(foot, heads.shape), heads], axis=1))
        clear = np.ones(len(batch), dtype=np.bool_)
        clear[tree.query(ways, predicate="intersects")[0]] = False
        if clear.any():
            place = int(np.argmax(clear))
            left, top, right, bottom = batch[place].tolist()
            return Spot((left, top, right, bottom), foot, (float(heads[place][0]), float(heads[place][1])))
    return None


def find_corner(size: tuple[float, float], *, search: Search, corners: str = "tr tl br bl") -> Box | None:
    """A free box of `size` in a corner of the window, in the order asked for, or None."""
    x0, y0, x1, y1 = search.window
    for corner in corners.split():
        left = x1 - size[0] - 3 if corner[1] == "r" else x0 + 3
        top = y0 + 3 if corner[0] == "t" else y1 - size[1] - 3
        box = (left, top, left + size[0], top + size[1])
        free = search.clear_of is None or not search.clear_of.intersects(shapely.box(*box))
        if free and not len(_within(np.asarray(search.taken, dtype=np.float64), box)):
            return box
    return None


def find_open_box(aspect: float, sizes: Sequence[float], *, search: Search) -> Box | None:
    """The widest box (width from `sizes`, height = width / aspect) in open ground, nearest to a corner."""
    window = shapely.box(*search.window).buffer(-3, join_style="mitre")
    room = Room(shapely.difference(window, search.clear_of) if search.clear_of is not None else window)
    room.block(search.taken)
    x0, y0, x1, y1 = search.window
    for wide in sorted(sizes, reverse=True):
        boxes = room.list_boxes(wide, wide / aspect)
        if len(boxes):
            edge = np.minimum(boxes[:, 0] - x0, x1 - boxes[:, 2]) + np.minimum(
                boxes[:, 1] - y0, y1 - boxes[:, 3]
            )
            left, top, right, bottom = boxes[int(np.argmin(edge))].tolist()
            return left, top, right, bottom
    return None


def _inside(boxes: NDArray[np.float64], window: Box) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = window
    fits = (boxes[:, 0] > x0 + 1) & (boxes[:, 1] > y0 + 1) & (boxes[:, 2] < x1 - 1) & (boxes[:, 3] < y1 - 1)
    return np.asarray(fits)


def _within(taken: NDArray[np.float64], around: tuple[float, ...]) -> NDArray[np.float64]:
    """Those of the boxes (n, 4) that come near a box."""
    if not len(taken):
        return np.zeros((0, 4))
    x0, y0, x1, y1 = around
    near = (taken[:, 0] < x1 + _AIR_MM) & (taken[:, 2] > x0 - _AIR_MM)
    return np.asarray(taken[near & (taken[:, 1] < y1 + _AIR_MM) & (taken[:, 3] > y0 - _AIR_MM)])


def _touches(boxes: NDArray[np.float64], taken: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each box (n, 4) whether it comes within the air of any that is taken (m, 4)."""
    hit = np.zeros(len(boxes), dtype=np.bool_)
    tree = shapely.STRtree(shapely.box(*(taken + _AIR).T))
    hit[tree.query(shapely.box(*boxes.T))[0]] = True
    return hit
