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
    free = _inside(boxes, search.window) & ~_touches(boxes, search.taken)
    if search.clear_of is not None and free.any():
        free[free] = ~shapely.intersects(search.clear_of, shapely.box(*boxes[free].T))
    for place in np.flatnonzero(free):
        box = (float(boxes[place][0]), float(boxes[place][1]), float(boxes[place][2]), float(boxes[place][3]))
        head = _nearest_edge(box, foot)
        if not _crosses(foot, head, search.taken if search.uncrossed is None else search.uncrossed):
            return Spot(box, foot, head)
    return None


def find_corner(size: tuple[float, float], *, search: Search, corners: str = "tr tl br bl") -> Box | None:
    """A free box of `size` in a corner of the window, in the order asked for, or None."""
    x0, y0, x1, y1 = search.window
    for corner in corners.split():
        left = x1 - size[0] - 3 if corner[1] == "r" else x0 + 3
        top = y0 + 3 if corner[0] == "t" else y1 - size[1] - 3
        box = (left, top, left + size[0], top + size[1])
        free = search.clear_of is None or not search.clear_of.intersects(shapely.box(*box))
        if free and not _touches(np.array([box]), search.taken).any():
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


def _touches(boxes: NDArray[np.float64], taken: Sequence[Box]) -> NDArray[np.bool_]:
    if not len(taken):
        return np.zeros(len(boxes), dtype=np.bool_)
    other = np.asarray(taken, dtype=np.float64) + np.array([-_AIR_MM, -_AIR_MM, _AIR_MM, _AIR_MM])
    apart = (
        (boxes[:, None, 0] > other[None, :, 2])
        | (boxes[:, None, 2] < other[None, :, 0])
        | (boxes[:, None, 1] > other[None, :, 3])
        | (boxes[:, None, 3] < other[None, :, 1])
    )
    return np.asarray(~apart.all(axis=1))


def _nearest_edge(box: Box, point: tuple[float, float]) -> tuple[float, float]:
    return min(max(point[0], box[0]), box[2]), min(max(point[1], box[1]), box[3])


def _crosses(start: tuple[float, float], end: tuple[float, float], taken: Sequence[Box]) -> bool:
    steps = np.linspace(0, 1, 24)[:, None]
    points = np.array([start]) * (1 - steps) + np.array([end]) * steps
    return bool(_touches(np.hstack([points, points]), taken).any())
