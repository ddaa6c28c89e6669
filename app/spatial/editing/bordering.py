"""The border between two grids is drawn anew, once for both: what one loses the other gains."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from shapely.geometry.base import BaseGeometry

from app.errors import BadInput
from app.spatial.editing.outcome import Edit, conclude
from app.spatial.editing.sheet import Sheet, lay_sheet
from app.spatial.topology.edges import Ints, Shapes, as_shapes, snap

_ON = 1.5e-7
"""Degrees: an end this close to a border stands on it."""
_OUT = 2e-7
"""Degrees: a line may leave the two grids by this much, two centimetres, by rounding."""


def shared_border(a: BaseGeometry, b: BaseGeometry) -> list[BaseGeometry]:
    """The stretches (lines, EPSG:4326) along which two grids border each other, the longest first."""
    sheet = lay_sheet(as_shapes([a, b]), [0, 1], [])
    sides = sheet.sides
    one, two = sheet.held_by(0), sheet.held_by(1)
    between = (one[sides.a] & two[sides.b]) | (two[sides.a] & one[sides.b])
    edges = _edges_between(sheet, between)
    if not len(edges):
        return []
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(edges)))
    return sorted(merged, key=lambda line: -float(line.length))


def _edges_between(sheet: Sheet, between: np.ndarray) -> Shapes:
    rings = shapely.get_rings(sheet.faces)
    xy, of = shapely.get_coordinates(rings, return_index=True)
    same = of[1:] == of[:-1]
    lines = np.asarray(shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1)))
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    wanted = sheet.sides.middle[between]
    if not len(wanted):
        return np.empty(0, dtype=object)
    found = shapely.STRtree(wanted).query(middles, predicate="dwithin", distance=1e-9)[0]
    keys = {tuple(sorted(map(tuple, shapely.get_coordinates(lines[k]).tolist()))): k for k in found.tolist()}
    return np.asarray(lines[list(keys.values())])


def move_edge(
    shapes: Shapes, row: int, other: int, line: BaseGeometry, *, fixed: Collection[int] = ()
) -> Edit:
    """The border between two grids of a layer (n,) runs along a new line (EPSG:4326) between its two ends.

    The ends stand on the old border (then only the stretch between them is replaced) or on the outer border
    of the two; elsewhere the old border stays. What one loses the other gains. Raises BadInput
    `not_side_by_side`, `ends_free`, `line_leaves`, `nothing_left`, `nothing_moves`.
    """
    if line.geom_type != "LineString":
        raise BadInput("bad_line", zh="新边界应是一条连续的线", en="the new border must be one line")
    borders = shared_border(shapes[row], shapes[other])
    if not borders:
        raise BadInput("not_side_by_side", zh="两个网格没有共同边界", en="the two grids share no border")
    drawn = snap(as_shapes([line]))[0]
    sheet = lay_sheet(shapes, [row, other], [drawn])
    _require_within(shapes[[row, other]], drawn)
    old = _Old(borders, snap(shapes[[row, other]]))
    standing = old.without_stretch(drawn)
    group = _parts(sheet, [drawn, *standing], row, other)
    owner = _who_keeps(sheet, group, row, other)
    after = [
        frozenset({owner[int(g)]}) if held & {row, other} else held
        for g, held in zip(group, sheet.owners, strict=True)
    ]
    edit = conclude(shapes, sheet, after, fixed=fixed)
    _require_a_move(edit, sheet, row=row, other=other)
    return edit


@dataclass(frozen=True)
class _Old:
    borders: list[BaseGeometry]
    pair: Shapes

    def without_stretch(self, line: BaseGeometry) -> list[BaseGeometry]:
        """What stays of the old border when a line takes the place of the stretch between its ends."""
        nearest = min(self.borders, key=lambda border: float(border.distance(line)))
        begin, end = sorted(self._place(nearest, p) for p in (line.coords[0], line.coords[-1]))
        rest = [_cut_out(nearest, 0.0, begin), _cut_out(nearest, end, float(nearest.length))]
        others = [border for border in self.borders if border is not nearest]
        return [piece for piece in [*rest, *others] if piece.length > 0]

    def _place(self, border: BaseGeometry, corner: Sequence[float]) -> float:
        """How far along the old border an end of the line stands; on the outer border it is at an end."""
        point = shapely.Point(corner)
        if border.distance(point) <= _ON:
            return float(border.project(point))
        if not shapely.dwithin(shapely.boundary(self.pair), point, _ON).any():
            raise BadInput(
                "ends_free",
                zh="新边界的两端须落在这两个网格的边界上",
                en="both ends of the new border must stand on the border of the two grids",
            )
        begin, end = shapely.get_point(border, [0, -1])
        return 0.0 if point.distance(begin) <= point.distance(end) else float(border.length)


def _cut_out(border: BaseGeometry, begin: float, end: float) -> BaseGeometry:
    assert isinstance(border, shapely.LineString)
    return shapely.ops.substring(border, begin, end)


def _require_within(pair: Shapes, line: BaseGeometry) -> None:
    both = shapely.union_all(snap(pair))
    if shapely.difference(line, shapely.buffer(both, _OUT)).length > 0:
        raise BadInput(
            "line_leaves",
            zh="新边界超出了这两个网格的范围；要动到第三个网格，请用“重画边界”",
            en="the new border leaves the two grids; to change a third one, reshape the grid instead",
        )


def _parts(sheet: Sheet, walls: list[BaseGeometry], row: int, other: int) -> Ints:
    """Faces of the two grids that no wall parts, as the number of the group of each."""
    mine = sheet.held_by(row) | sheet.held_by(other)
    sides = sheet.sides
    walled = sides.along(shapely.union_all(walls))
    return sides.groups(len(sheet.faces), ~walled & mine[sides.a] & mine[sides.b])


def _who_keeps(sheet: Sheet, group: Ints, row: int, other: int) -> dict[int, int]:
    """Each group goes to the one that has the larger share of its own ground in it."""
    one, two = sheet.held_by(row), sheet.held_by(other)
    whole = {row: sheet.areas[one].sum(), other: sheet.areas[two].sum()}
    owner: dict[int, int] = {}
    for name in np.unique(group).tolist():
        here = group == name
        share = {
            row: sheet.areas[here & one].sum() / whole[row],
            other: sheet.areas[here & two].sum() / whole[other],
        }
        owner[name] = row if share[row] >= share[other] else other
    return owner


def _require_a_move(edit: Edit, sheet: Sheet, *, row: int, other: int) -> None:
    if edit.emptied:
        raise BadInput(
            "nothing_left",
            zh="这样移动后有一个网格什么也不剩；要合并请用“合并”",
            en="one of the two would be left with nothing; to join them, merge them",
        )
    if not edit.moves:
        raise BadInput("nothing_moves", zh="边界没有变化", en="the border stays as it is")
