"""One grid becomes several along a line, several become one."""

from collections.abc import Collection, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import BadInput
from app.spatial.editing.outcome import Edit, conclude
from app.spatial.editing.sheet import Owners, Sheet, lay_sheet
from app.spatial.topology import area_m2, neighbours
from app.spatial.topology.edges import Ints, Shapes, as_shapes

CRUMB_M2 = 1.0
"""A piece smaller than this is no part of its own: the line ran along the border there."""


def split(shapes: Shapes, row: int, line: BaseGeometry, *, fixed: Collection[int] = ()) -> Edit:
    """Cut a grid of a layer (n,) by a line (EPSG:4326) wherever the line crosses it.

    Every piece cut off becomes a row of its own, the larger first; the largest stays the grid itself, with
    the parts that the line does not reach. Raises BadInput `line_does_not_cut`.
    """
    sheet = lay_sheet(shapes, [row], [line])
    piece = _pieces(sheet, sheet.held_by(row), shapes[row])
    order = sorted(set(piece[piece >= 0].tolist()), key=lambda p: -float(sheet.areas[piece == p].sum()))
    if len(order) < 2:
        raise BadInput(
            "line_does_not_cut",
            zh="这条线没有把网格分成两块：请从边界外画起，穿过网格，到另一侧边界外结束",
            en="this line does not cut the grid: start outside its border, cross it, and end outside again",
        )
    number = {p: row if k == 0 else len(shapes) + k - 1 for k, p in enumerate(order)}
    after = [
        frozenset({number[p]}) if p >= 0 else held
        for p, held in zip(piece.tolist(), sheet.owners, strict=True)
    ]
    return conclude(shapes, sheet, after, fixed=fixed)


def _pieces(sheet: Sheet, mine: np.ndarray, shape: BaseGeometry) -> Ints:
    """The piece of each face, -1 for nobody's; parts that the line does not cut go with the largest."""
    piece = np.where(mine, np.arange(len(sheet.faces)), -1)
    part = _part_of(sheet, shape)
    cut = [p for p in set(part[mine].tolist()) if (mine & (part == p)).sum() > 1]
    in_cut = mine & np.isin(part, cut)
    if not in_cut.any():
        piece[mine] = 0
        return piece
    _sweep_crumbs(sheet, piece, in_cut)
    best = max(
        set(piece[in_cut].tolist()), key=lambda p: (float(sheet.areas[in_cut & (piece == p)].sum()), -p)
    )
    piece[mine & ~in_cut] = best
    return piece


def _part_of(sheet: Sheet, shape: BaseGeometry) -> Ints:
    part = np.full(len(sheet.faces), -1, dtype=np.int64)
    one, face = shapely.STRtree(sheet.points).query(shapely.get_parts(shape), predicate="intersects")
    part[face] = one
    return part


def _sweep_crumbs(sheet: Sheet, piece: Ints, in_cut: np.ndarray) -> None:
    sides = sheet.sides
    for crumb in np.flatnonzero(in_cut & (area_m2(sheet.faces) < CRUMB_M2)).tolist():
        beside = np.concatenate([sides.b[sides.a == crumb], sides.a[sides.b == crumb]])
        length = np.concatenate([sides.length[sides.a == crumb], sides.length[sides.b == crumb]])
        good = in_cut[beside] & (piece[beside] != piece[crumb])
        if good.any():
            piece[piece == piece[crumb]] = piece[beside[good][int(np.argmax(length[good]))]]


def merge(
    shapes: Shapes, rows: Sequence[int], keep: int, *, apart: bool = False, fixed: Collection[int] = ()
) -> Edit:
    """Several grids of a layer (n,) as one, which is row `keep`; the borders between them vanish.

    Every vertex on the outer border stays. Raises BadInput `too_few` for less than two grids,
    `not_side_by_side` when they share no border, unless `apart` allows that.
    """
    several = sorted(set(rows))
    if len(several) < 2 or keep not in several:
        raise BadInput(
            "too_few",
            zh="合并至少需要两个网格，且保留的网格须在其中",
            en="merging takes two grids or more, and the one to keep among them",
        )
    if not apart and not _connected(shapes[several]):
        raise BadInput(
            "not_side_by_side",
            zh="所选网格没有共同边界，合并后会成为飞地；确需合并请允许飞地",
            en="these grids share no border: joined they would lie apart; allow that if it is meant",
        )
    sheet = lay_sheet(shapes, several, [])
    whole: Owners = frozenset({keep})
    return conclude(shapes, sheet, [whole if held else held for held in sheet.owners], fixed=fixed)


def _connected(shapes: Shapes) -> bool:
    group = np.arange(len(shapes))
    for a, b in neighbours(as_shapes(shapes)):
        group[group == group[b]] = group[a]
    return len(np.unique(group)) == 1
