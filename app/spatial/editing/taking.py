"""Ground goes from grids to a grid: drawn anew, drawn otherwise, given unit by unit."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import BadInput
from app.spatial.editing.outcome import Edit, conclude, rows_over
from app.spatial.editing.sheet import NOBODY, Owners, Sheet, edge_lines, lay_sheet
from app.spatial.topology import Move
from app.spatial.topology.edges import Flags, Shapes

How = Literal["cut_others", "fill_gap", "as_drawn"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an act must respect: the frame (EPSG:4326, None: none known), rows that get no vertex (`fixed`),
    and, where not None, the only rows that ground is taken from (`sources`)."""

    frame: BaseGeometry | None = None
    fixed: frozenset[int] = frozenset()
    sources: frozenset[int] | None = None


FREE = Bounds()


def draw(shapes: Shapes, ground: BaseGeometry, how: How, *, bounds: Bounds = FREE) -> Edit:
    """A new grid on drawn ground (EPSG:4326): row `len(shapes)`.

    `cut_others` takes the ground from whoever has it, `fill_gap` takes only what is nobody's, `as_drawn`
    lies over everything. The first two take nothing outside the frame. Raises BadInput `nothing_to_take`.
    """
    if how == "as_drawn":
        return Edit({}, (ground,), (Move(None, len(shapes), ground),))
    sheet = _sheet_of(shapes, [], ground, bounds)
    taken = _takable(sheet, ground, bounds)
    if how == "fill_gap":
        taken &= np.array([not held for held in sheet.owners], dtype=bool)
    return _give(shapes, sheet, taken, to=len(shapes), ground=ground, bounds=bounds)


def give(shapes: Shapes, ground: BaseGeometry, to: int, *, bounds: Bounds = FREE) -> Edit:
    """Some ground (EPSG:4326) to one grid of a layer (n,), from whoever has it or from nobody.

    Raises BadInput `nothing_to_take` when the grid has all of it already.
    """
    sheet = _sheet_of(shapes, [to], ground, bounds)
    return _give(shapes, sheet, _takable(sheet, ground, bounds), to=to, ground=ground, bounds=bounds)


def reshape(
    shapes: Shapes, row: int, ground: BaseGeometry, *, follow: bool = True, bounds: Bounds = FREE
) -> Edit:
    """A grid as it is drawn anew (EPSG:4326), its neighbours following.

    Ground it takes is taken from its neighbours; ground it gives up goes to the neighbour with the longest
    border on it, else becomes a gap (`Edit.gap`). Without `follow` nobody else changes.
    """
    if not follow:
        return _as_drawn(shapes, row, ground)
    given_up = shapely.difference(shapes[row], ground)
    beside = _rows_beside(shapes, given_up) if not given_up.is_empty else []
    sheet = _sheet_of(shapes, [row, *beside], ground, bounds)
    mine, wanted = sheet.held_by(row), sheet.within(ground)
    after = list(sheet.owners)
    for k in np.flatnonzero(_takable(sheet, ground, bounds) & ~mine).tolist():
        after[k] = frozenset({row})
    _hand_on(sheet, after, mine & ~wanted, row)
    edit = conclude(shapes, sheet, after, fixed=bounds.fixed)
    return replace(edit, clipped=_clipped(ground, bounds))


def _as_drawn(shapes: Shapes, row: int, ground: BaseGeometry) -> Edit:
    sheet = lay_sheet(shapes, [row], [ground])
    after = [frozenset({row}) if one else NOBODY for one in sheet.within(ground).tolist()]
    return conclude(shapes, sheet, after, fixed=range(len(shapes)))


def _rows_beside(shapes: Shapes, ground: BaseGeometry) -> list[int]:
    return [int(row) for row in shapely.STRtree(shapes).query(ground, predicate="dwithin", distance=1e-7)]


def _hand_on(sheet: Sheet, after: list[Owners], given_up: Flags, row: int) -> None:
    """Ground given up goes, piece by piece, to whoever has the longest border on it."""
    sides = sheet.sides
    group = sheet.sides.groups(len(sheet.faces), given_up[sides.a] & given_up[sides.b])
    for name in np.unique(group[given_up]).tolist():
        faces = np.flatnonzero(given_up & (group == name))
        heir = _longest_beside(sheet, faces, row)
        for k in faces.tolist():
            others = sheet.owners[k] - {row}
            after[k] = others if others or heir is None else frozenset({heir})


def _longest_beside(sheet: Sheet, faces: np.ndarray, row: int) -> int | None:
    sides = sheet.sides
    length: dict[int, float] = {}
    for here, there in ((sides.a, sides.b), (sides.b, sides.a)):
        over = np.isin(here, faces) & ~np.isin(there, faces)
        for k, metres in zip(there[over].tolist(), sides.length[over].tolist(), strict=True):
            for held in sheet.owners[k] - {row}:
                length[held] = length.get(held, 0.0) + metres
    return max(length, key=lambda held: (length[held], -held)) if length else None


def _sheet_of(shapes: Shapes, rows: list[int], ground: BaseGeometry, bounds: Bounds) -> Sheet:
    lines = [ground]
    if bounds.frame is not None:
        lines += edge_lines(bounds.frame, ground)
    return lay_sheet(shapes, sorted({*rows, *rows_over(shapes, ground)}), lines)


def _takable(sheet: Sheet, ground: BaseGeometry, bounds: Bounds) -> Flags:
    """Faces of drawn ground that may be taken: within the frame, and from those it may be taken from."""
    inside = sheet.within(ground)
    if bounds.frame is not None:
        # Ground that somebody holds outside the frame is his fault, and goes with the rest.
        nobody = np.array([not held for held in sheet.owners], dtype=bool)
        inside &= ~nobody | sheet.within(bounds.frame)
    if bounds.sources is not None:
        sources = bounds.sources
        inside &= np.array([held <= sources for held in sheet.owners], dtype=bool)
    return inside


def _give(
    shapes: Shapes, sheet: Sheet, taken: Flags, *, to: int, ground: BaseGeometry, bounds: Bounds
) -> Edit:
    after = [frozenset({to}) if one else held for one, held in zip(taken.tolist(), sheet.owners, strict=True)]
    edit = conclude(shapes, sheet, after, fixed=bounds.fixed)
    if not edit.moves:
        raise BadInput(
            "nothing_to_take",
            zh="所画范围内没有可以划入的地块：请检查位置、辖区边界和处理方式",
            en="there is no ground to take there: check the place, the frame and how it is to be taken",
        )
    return replace(edit, clipped=_clipped(ground, bounds))


def _clipped(ground: BaseGeometry, bounds: Bounds) -> BaseGeometry | None:
    if bounds.frame is None:
        return None
    beyond = shapely.difference(ground, bounds.frame)
    return None if beyond.is_empty else beyond
