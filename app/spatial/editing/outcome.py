"""What an act on the ground comes to: new shapes of grids, grids added and emptied, ground that moved."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.editing.sheet import Owners, Sheet
from app.spatial.editing.stitching import stitch
from app.spatial.topology import Move
from app.spatial.topology.edges import Shapes


@dataclass(frozen=True, slots=True)
class Edit:
    """New shapes (EPSG:4326) by row (None: nothing is left of it), shapes of new rows (numbered on from the
    last row), and ground that moved from row to row.

    Rows of `stitched` only got vertices of a new border set into theirs. `gap` is ground that the act left
    without a grid, `clipped` drawn ground that lay outside the frame and was not taken.
    """

    changes: Mapping[int, BaseGeometry | None]
    added: tuple[BaseGeometry, ...] = ()
    moves: tuple[Move, ...] = ()
    stitched: frozenset[int] = frozenset()
    gap: BaseGeometry | None = field(default=None)
    clipped: BaseGeometry | None = field(default=None)

    @property
    def emptied(self) -> tuple[int, ...]:
        """Rows of which nothing is left."""
        return tuple(row for row, shape in self.changes.items() if shape is None)


def conclude(shapes: Shapes, sheet: Sheet, after: Sequence[Owners], *, fixed: Collection[int] = ()) -> Edit:
    """The outcome of giving each face of a sheet new owners; rows from `len(shapes)` on are new ones.

    A row whose faces stay keeps its very bytes, unless a new border ends on its own (then it is stitched;
    rows of `fixed` never are).
    """
    differs = [k for k, held in enumerate(after) if held != sheet.owners[k]]
    touched = sorted({row for k in differs for row in sheet.owners[k] ^ after[k]})
    faces_of: dict[int, list[int]] = {row: [] for row in touched}
    for k, held in enumerate(after):
        for row in held:
            if row in faces_of:
                faces_of[row].append(k)
    joined = {row: sheet.join(faces_of[row]) for row in touched}
    changes = {row: shape for row, shape in joined.items() if row < len(shapes)}
    added = tuple(shape for row, shape in joined.items() if row >= len(shapes) and shape is not None)
    stitched = stitch(shapes, changes, added, fixed=fixed)
    gap = sheet.join(k for k in differs if sheet.owners[k] and not after[k])
    return Edit({**changes, **stitched}, added, _moves(sheet, after, differs), frozenset(stitched), gap)


def _moves(sheet: Sheet, after: Sequence[Owners], differs: Sequence[int]) -> tuple[Move, ...]:
    grouped: dict[tuple[int | None, int | None], list[int]] = {}
    for k in differs:
        for pair in _who_to_whom(sheet.owners[k], after[k]):
            grouped.setdefault(pair, []).append(k)
    moves = [(pair, sheet.join(faces)) for pair, faces in grouped.items()]
    return tuple(Move(a, b, shape) for (a, b), shape in moves if shape is not None)


def _who_to_whom(before: Owners, after: Owners) -> list[tuple[int | None, int | None]]:
    lost, gained = sorted(before - after), sorted(after - before)
    if lost and gained:
        return [(a, b) for a in lost for b in gained]
    if lost:
        heir = min(after) if after else None
        return [(a, heir) for a in lost]
    return [(None, b) for b in gained]


def rows_over(shapes: Shapes, ground: BaseGeometry) -> list[int]:
    """Rows that share ground, not just a border, with some ground."""
    boxes = shapely.bounds(shapes)
    west, south, east, north = ground.bounds
    near = np.flatnonzero(
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    )
    shapely.prepare(ground)
    meets = near[shapely.intersects(ground, shapes[near]) & ~shapely.touches(ground, shapes[near])]
    return [int(row) for row in meets]
