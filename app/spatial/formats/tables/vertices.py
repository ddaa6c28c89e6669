"""A table with a row for each corner (界址点, 拐点): the corners of one name make one area.

A table of places must never become areas: rows are joined only where each run of at least three rows repeats
its name or code, where nothing else differs within it but numbers of points, heights and lengths, and where
nearly all of the rings that come of it do not cross themselves.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from app.glossary import fold_heading
from app.spatial.formats.rings import join_rings
from app.spatial.notes import Note

_FEWEST_POINTS = 3
_SOUND_PART = 0.9
_OF_A_POINT = re.compile(
    r"点|序号|顺序|编号|高程|海拔|边长|距离|方位|坐标|备注|vertex|point|^(?:p|pt|pid|fid|oid|id|no|num|seq|idx|"
    r"index|order|sort|h|z|x|y|elev\w*|jzdh?)$"
)
_OF_A_RING = re.compile(r"圈|环|ring|^part")
_OF_A_PLACE = re.compile(r"地块|宗地|村|社区")
_POINT_NUMBER = re.compile(r"\s*[A-Za-z界拐点址]{0,4}[-_#]?\d*(?:\.\d+)?(?:[-_]\d+)?\s*")
Runs = tuple[int, ...]


@dataclass(frozen=True)
class Joined:
    """Areas made of corners: `shapes` with the place of the first row of each, and what to say of it."""

    shapes: list[Any]
    firsts: list[int]
    left_out: frozenset[str]
    note: Note


def join_corners(columns: dict[str, list[Any]], points: Sequence[tuple[float, float]]) -> Joined | None:
    """Areas from corners (n,) and the other columns of their table; None when it is no such table."""
    starts, group = _find_groups(columns, len(points))
    if group is None:
        return None
    varying = {name for name, cells in columns.items() if _varies(cells, starts, len(points))}
    rings = [name for name in varying if _OF_A_RING.search(fold_heading(name))]
    if not all(_numbers_points(name, columns[name]) for name in varying.difference(rings)):
        return None
    marks = [tuple(columns[name][at] for name in rings) for at in range(len(points))]
    areas = [_build(points, marks, slice(*ends)) for ends in pairwise((*starts, len(points)))]
    if any(area is None for area in areas) or shapely.is_valid(areas).mean() < _SOUND_PART:
        return None
    return Joined(areas, list(starts), frozenset(varying), _tell(group, len(areas)))


def _find_groups(columns: dict[str, list[Any]], count: int) -> tuple[Runs, str | None]:
    """The column whose value names the area of each row, the finest first, and where its runs start."""
    found: list[tuple[Runs, str]] = []
    for name, cells in columns.items():
        if _OF_A_RING.search(fold_heading(name)) or (_is_of_a_point(name) and not _OF_A_PLACE.search(name)):
            continue
        starts = _starts(cells)
        long = all(b - a >= _FEWEST_POINTS for a, b in pairwise((*starts, count)))
        if starts and long and len({str(cells[at]) for at in starts}) == len(starts):
            found.append((starts, name))
    return max(found, key=lambda pair: len(pair[0]), default=((), None))


def _starts(cells: list[Any]) -> Runs:
    """Where a value differs from the one above, which a blank repeats; () when the first is blank."""
    starts, above = list[int](), None
    for at, cell in enumerate(cells):
        if cell is not None and cell != above:
            starts.append(at)
            above = cell
    return tuple(starts) if starts and starts[0] == 0 else ()


def _varies(cells: list[Any], starts: Runs, count: int) -> bool:
    return any(
        any(cell not in (None, cells[a]) for cell in cells[a:b]) for a, b in pairwise((*starts, count))
    )


def _is_of_a_point(name: str) -> bool:
    return _OF_A_POINT.search(fold_heading(name)) is not None


def _numbers_points(name: str, cells: list[Any]) -> bool:
    """Whether a column may differ from corner to corner: J1, J2, a height, a remark; never a name."""
    if re.search(r"备注|说明", name):
        return True
    return _is_of_a_point(name) and all(
        _POINT_NUMBER.fullmatch(str(cell)) for cell in cells if cell is not None
    )


def _build(points: Sequence[tuple[float, float]], marks: list[Any], rows: slice) -> Any:
    try:
        return join_rings(list(_rings(points[rows], marks[rows])))
    except (ValueError, shapely.errors.ShapelyError):
        return None


def _rings(points: Sequence[tuple[float, float]], marks: list[Any]) -> Iterator[list[tuple[float, float]]]:
    """A new ring begins after a point that closes the one before, or where the ring's own number changes."""
    ring: list[tuple[float, float]] = []
    for at, point in enumerate(points):
        if ring and marks[at] != marks[at - 1]:
            yield ring
            ring = []
        ring.append(point)
        if len(ring) > _FEWEST_POINTS and point == ring[0]:
            yield ring
            ring = []
    if len(ring) > 1 or (ring and not np.array_equal(ring[0], points[0])):
        yield ring


def _tell(group: str, many: int) -> Note:
    return Note(
        "points_joined",
        f"表中每行是一个界址点，已按“{group}”逐点连成 {many} 个面；请在图上核对连线顺序",
        f"Each row is a corner; the corners were joined by {group!r} into {many} areas; check their order",
    )
