"""One fault with the sound shapes of its members: what each way of sharing its ground would leave."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import as_shapes
from app.spatial.topology.evidence import NEAR, Evidence
from app.spatial.topology.faults import Fault
from app.spatial.topology.layer import EMPTY
from app.spatial.topology.measures import lay_flat, metres_per_degree
from app.spatial.topology.option import CUTTING_KINDS, KIND_PRIORITY, Move, Option, Reason

_GRID = 1e-7
_CRUMB_M2, _CRUMB_M = 0.5, 0.05
"""Parts smaller or narrower than what counts as a fault go along with the ground they were cut off with."""


class Case:
    """A fault, its members' shapes before (row -> EPSG:4326), their kinds, and what their borders show."""

    def __init__(
        self,
        fault: Fault,
        before: Mapping[int, BaseGeometry],
        kinds: Sequence[str] | None,
        evidence: Evidence,
        frame: BaseGeometry | None = None,
    ) -> None:
        self.fault, self.before, self.evidence, self.frame = fault, before, evidence, frame
        self.ground = fault.geom
        self.kinds = {row: kinds[row] for row in fault.members} if kinds is not None else {}

    def on(self, before: Mapping[int, BaseGeometry]) -> "Case":
        """The same fault and evidence with the members' shapes of another moment."""
        later = Case(self.fault, before, None, self.evidence, self.frame)
        later.kinds = self.kinds
        return later

    @cached_property
    def m2_per_degree2(self) -> float:
        """Square metres of one square degree where the fault lies."""
        _, south, _, north = self.ground.bounds
        return float(metres_per_degree(np.array([(south + north) / 2.0]))[0].prod())

    def edge_m(self, row: int) -> float:
        """How many metres the border of what a member holds besides the ground runs along it."""
        own = shapely.difference(self.before[row], self.ground)
        along = shapely.intersection(self.ground.boundary, shapely.buffer(own, NEAR))
        return float(lay_flat(as_shapes([along])).length_m()[0])

    def rank(self, row: int) -> int:
        """The place of a member's kind in `KIND_PRIORITY`."""
        kind = self.kinds.get(row, "")
        return KIND_PRIORITY.index(kind) if kind in KIND_PRIORITY else len(KIND_PRIORITY)

    def owners(self) -> list[int]:
        """The members by how likely the ground is theirs: a cutting kind first, then by the evidence.

        Equal doubt: the member that the ground shares more border with, then the first row.
        """
        sign = -1.0 if self.fault.of == "gap" else 1.0

        def order(row: int) -> tuple[bool, float, float, int]:
            signs = self.evidence.get(row)
            doubt, line_m = (signs.doubt, signs.line_m) if signs else (0.0, 0.0)
            return not self._cuts(row), sign * float(f"{doubt:.4g}"), sign * float(f"{line_m:.4g}"), row

        return sorted(self.fault.members, key=order)

    def cutting(self) -> bool:
        """Whether kind alone decides an overlap: one member is of a cutting kind, another is not."""
        return len({self._cuts(row) for row in self.fault.members}) > 1

    def _cuts(self, row: int) -> bool:
        return self.fault.of == "overlap" and self.kinds.get(row, "") in CUTTING_KINDS

    def give(self, key: str, winner: int, reason: Reason | None = None) -> Option:
        """All of the ground to one member, none of it to the others."""
        return self.share(key, {winner: self.ground}, reason)

    def share(self, key: str, pieces: Mapping[int, BaseGeometry], reason: Reason | None = None) -> Option:
        """Each member without the ground, but with its own piece of it."""
        gains = dict(pieces)
        after: dict[int, BaseGeometry | None] = {}
        losers = self.before if self.fault.of == "overlap" else {}
        for row in [row for row in losers if row not in pieces]:
            after[row], crumbs = _split_off(self.before[row], self.ground)
            for crumb in crumbs:
                nearest = min(pieces, key=lambda winner: shapely.distance(self.before[winner], crumb))
                gains[nearest] = shapely.union(gains[nearest], crumb)
        for row, piece in gains.items():
            after[row] = self._with_piece(row, piece, whole=piece is self.ground)
        return self.outcome(key, after, moves=self._moves(pieces), reason=reason)

    def _with_piece(self, row: int, piece: BaseGeometry, *, whole: bool) -> BaseGeometry:
        """A member with a piece of the ground and nothing else of it; one who has all of it stays as is."""
        if whole and self.fault.of == "overlap":
            return self.before[row]
        grown = plus(self.before[row], piece)
        return grown if whole else minus(grown, minus(self.ground, piece))

    def _moves(self, pieces: Mapping[int, BaseGeometry]) -> tuple[Move, ...]:
        if self.fault.of == "gap":
            return tuple(Move(None, row, piece) for row, piece in pieces.items())
        return tuple(
            Move(loser, row, piece)
            for row, piece in pieces.items()
            for loser in self.fault.members
            if loser != row
        )

    def outcome(
        self,
        key: str,
        after: Mapping[int, BaseGeometry | None],
        *,
        moves: tuple[Move, ...] = (),
        reason: Reason | None = None,
    ) -> Option:
        """An option from the shapes it leaves; shapes that stay as they are do not count as changes."""
        changes = {
            row: shape if shape is not None and not shape.is_empty else None
            for row, shape in sorted(after.items())
            if shape is None or _differ(shape, self.before[row])
        }
        moved = {
            row: ((shape.area if shape else 0.0) - self.before[row].area) * self.m2_per_degree2
            for row, shape in changes.items()
        }
        return Option(key, changes, moved, moves=moves, reason=reason)


def _differ(a: BaseGeometry, b: BaseGeometry) -> bool:
    """Whether two shapes are not the same ground; areas tell most pairs apart, and cost less."""
    return abs(a.area - b.area) > 1e-13 or not shapely.equals(a, b)


def plus(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """Both together, on the storage grid."""
    return _polygons_of(shapely.union(a, b, grid_size=_GRID))


def minus(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    """The first without the second, on the storage grid."""
    return _polygons_of(shapely.difference(a, b, grid_size=_GRID))


def _split_off(shape: BaseGeometry, ground: BaseGeometry) -> tuple[BaseGeometry, list[BaseGeometry]]:
    """A shape without some ground, and the crumbs that cutting left of it."""
    rest = minus(shape, ground)
    parts = shapely.get_parts(rest)
    if len(parts) < 2:
        return rest, []
    planes = lay_flat(parts)
    crumb = (planes.area_m2() < _CRUMB_M2) | (planes.width_m() < _CRUMB_M)
    return _polygons_of(shapely.union_all(parts[~crumb])), list(parts[crumb])


def _polygons_of(shape: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    if not parts:
        return EMPTY
    rounded = shapely.transform(shapely.multipolygons(parts), lambda xy: np.round(xy, 7))
    one: BaseGeometry = rounded.geoms[0] if len(parts) == 1 else rounded
    return one
