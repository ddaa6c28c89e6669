"""What could be done about a fault: each option with the shapes and the square metres it would change.

Nothing is changed here. The caller shows the options with their bill, applies one, and checks again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Floats, Shapes, as_shapes
from app.spatial.topology.faults import Fault
from app.spatial.topology.layer import EMPTY, prepare
from app.spatial.topology.measures import area_m2, lay_flat

_GRID = 1e-7
_BESIDE = 3e-7
"""Degrees (3 cm): a border this close to a piece runs along it."""

KIND_PRIORITY = (
    "market",
    "district",
    "park",
    "compound",
    "community",
    "street",
    "natural_village",
    "village",
)
"""Which kind keeps ground that two claim, the first one first; kinds not listed come last."""

OPTION_LABELS: Mapping[str, tuple[str, str]] = {
    "give_to_longest_edge": ("归共边最长的网格", "give it to the longest shared edge"),
    "give_to_larger": ("归面积较大的网格", "give it to the larger grid"),
    "give_to_smaller": ("归面积较小的网格", "give it to the smaller grid"),
    "by_priority": ("按类型优先", "give it by priority of kind"),
    "cut_in_middle": ("沿中线划分", "cut it along the middle"),
    "cut_nested": ("从外层网格中切出", "cut the inner grid out of the outer"),
    "remove_nested": ("并入外层网格", "merge the inner grid into the outer"),
    "remove_duplicate": ("删除重复网格", "remove the repeated grid"),
    "cut_at_frame": ("沿辖区边界裁去", "cut it off at the frame"),
    "mend": ("修正图形", "mend the shape"),
    "remove_empty": ("删除空图形", "remove the empty shape"),
}


class Move(NamedTuple):
    """Ground (EPSG:4326) that leaves one row for another; None: it was nobody's, or becomes nobody's.

    A row that an option adds is numbered on from the last row of the layer.
    """

    from_row: int | None
    to_row: int | None
    geom: BaseGeometry

    @property
    def area_m2(self) -> float:
        """Square metres that move."""
        return float(area_m2(as_shapes([self.geom]))[0])


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the winner of an option wins, in figures: the winner's value of a rule against the next one's.

    `unit` is m, m2, degree, rank or share; `other_row` is None where nobody else was in question.
    """

    rule: str
    winner_row: int | None
    winner_value: float
    other_row: int | None
    other_value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way out. `changes` maps rows to their new shapes (None: removed), `moved_m2` to the square metres
    each gains (+) or loses (-), and `moves` says from whom to whom. `added` are shapes of new rows, numbered
    on from the last row of the layer. `also` are the keys of options with the same outcome. At most one
    option of a fault is `recommended`. Titles are for people, Chinese and English.
    """

    key: str
    changes: Mapping[int, BaseGeometry | None]
    moved_m2: Mapping[int, float]
    also: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    added: tuple[BaseGeometry, ...] = ()
    reason: Reason | None = None
    recommended: bool = False
    touches_locked: bool = False

    @property
    def title_zh(self) -> str:
        """What the option does, in Chinese."""
        return OPTION_LABELS[self.key][0]

    @property
    def title_en(self) -> str:
        """What the option does, in English."""
        return OPTION_LABELS[self.key][1]


def repair_options(
    polygons: Sequence[BaseGeometry] | Shapes,
    fault: Fault,
    *,
    kinds: Sequence[str] | None = None,
    frame: BaseGeometry | None = None,
) -> list[Option]:
    """The ways to end one fault, the likeliest first; options with the same outcome are told once.

    `polygons` (n,) and `frame` are EPSG:4326, `fault` comes from `find_faults` on them, `kinds` (n,) are the
    kinds for `by_priority`. A gap with nothing around it has no option: a grid is missing.
    """
    return _distinct(_OPTIONS[fault.of](_Case(as_shapes(polygons), fault, kinds, frame)))


class _Case:
    """A fault with its members' sound shapes."""

    def __init__(
        self, shapes: Shapes, fault: Fault, kinds: Sequence[str] | None, frame: BaseGeometry | None
    ) -> None:
        self.members = fault.members
        self.ground = fault.geom
        self.kinds = kinds
        layer = prepare(shapes, np.asarray(fault.members, dtype=np.int64), frame)
        self.frame = layer.frame
        self.before: dict[int, BaseGeometry] = dict(zip(fault.members, layer.shapes, strict=True))

    def area(self, row: int) -> float:
        return float(shapely.area(self.before[row]))

    def edge(self, row: int) -> float:
        """How many metres the border of what a member holds besides the ground runs along it."""
        own = shapely.difference(self.before[row], self.ground)
        along = shapely.intersection(self.ground.boundary, shapely.buffer(own, _BESIDE))
        return float(lay_flat(as_shapes([along])).length_m()[0])

    def rank(self, row: int) -> int:
        kind = self.kinds[row] if self.kinds is not None else ""
        return KIND_PRIORITY.index(kind) if kind in KIND_PRIORITY else len(KIND_PRIORITY)

    def give(self, key: str, winner: int) -> Option:
        """All of the ground to one member, none of it to the others."""
        return self.share(key, {winner: self.ground})

    def share(self, key: str, pieces: Mapping[int, BaseGeometry]) -> Option:
        """Each member without the ground, but with its own piece of it."""
        after: dict[int, BaseGeometry | None] = {}
        for row, shape in self.before.items():
            if row in pieces:
                rest = _minus(_plus(shape, pieces[row]), _minus(self.ground, pieces[row]))
            else:
                rest = _minus(shape, self.ground)
            after[row] = rest
        return self.bill(key, after)

    def bill(self, key: str, after: Mapping[int, BaseGeometry | None]) -> Option:
        """An option from the shapes it leaves; shapes that stay as they are do not count as changes."""
        changes = {
            row: shape if shape is not None and not shape.is_empty else None
            for row, shape in after.items()
            if shape is None or not shapely.equals(shape, self.before[row])
        }
        rows = list(changes)
        old = area_m2(as_shapes([self.before[row] for row in rows]))
        new = area_m2(as_shapes([changes[row] or EMPTY for row in rows]))
        return Option(key, changes, dict(zip(rows, (new - old).tolist(), strict=True)))


def _plus(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    return _polygons_of(shapely.union(a, b, grid_size=_GRID))


def _minus(a: BaseGeometry, b: BaseGeometry) -> BaseGeometry:
    return _polygons_of(shapely.difference(a, b, grid_size=_GRID))


def _polygons_of(shape: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rounded = shapely.transform(shapely.multipolygons(parts), lambda xy: np.round(xy, 7))
    one: BaseGeometry = rounded.geoms[0] if len(parts) == 1 else rounded
    return one


def _options_to_give(case: _Case) -> list[Option]:
    """Gaps and overlaps: the ground goes to one of those around it, or is shared."""
    rows = list(case.members)
    if not rows:
        return []
    options = [
        case.give("give_to_longest_edge", max(rows, key=lambda row: (case.edge(row), -row))),
        case.give("give_to_larger", max(rows, key=lambda row: (case.area(row), -row))),
        case.give("give_to_smaller", min(rows, key=lambda row: (case.area(row), row))),
    ]
    if case.kinds is not None and len({case.rank(row) for row in rows}) > 1:
        options.insert(0, case.give("by_priority", min(rows, key=lambda row: (case.rank(row), row))))
    shares = _shares(case) if len(rows) > 1 else {}
    return [*options, case.share("cut_in_middle", shares)] if len(shares) > 1 else options


def _shares(case: _Case) -> dict[int, BaseGeometry]:
    """The ground split so that each place goes to the nearest of those around it."""
    points, owner = _border_points(case)
    if not len(points):
        return {}
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=case.ground.envelope, ordered=True)
    )
    pieces = shapely.intersection(cells, case.ground)
    return {row: shapely.union_all(pieces[owner == row]) for row in np.unique(owner).tolist()}


def _border_points(case: _Case) -> tuple[Floats, Floats]:
    """Points along the ground's border and which member's own ground lies beyond each."""
    width = 2.0 * case.ground.area / case.ground.length
    spacing = max(width / 3.0, case.ground.length / 2000.0)
    line = shapely.segmentize(case.ground.boundary, spacing)
    points = np.unique(shapely.get_coordinates(line), axis=0)
    own = as_shapes([shapely.difference(shape, case.ground) for shape in case.before.values()])
    distance = shapely.distance(own[:, None], np.asarray(shapely.points(points))[None, :])
    nearest = distance.argmin(axis=0)
    along = distance.min(axis=0) <= _BESIDE
    alone = along & ((distance <= _BESIDE).sum(axis=0) == 1)
    return points[alone], np.asarray(case.members)[nearest[alone]]


def _options_for_nested(case: _Case) -> list[Option]:
    outer, inner = case.members
    cut = {outer: _minus(case.before[outer], case.before[inner]), inner: case.before[inner]}
    return [
        case.bill("cut_nested", cut),
        case.bill("remove_nested", {outer: case.before[outer], inner: None}),
    ]


def _options_for_duplicate(case: _Case) -> list[Option]:
    first, repeated = case.members
    gone = first if case.rank(first) > case.rank(repeated) else repeated
    return [case.bill("remove_duplicate", {gone: None})]


def _options_for_outside(case: _Case) -> list[Option]:
    (row,) = case.members
    return [case.bill("cut_at_frame", {row: _minus(case.before[row], case.ground)})]


def _options_for_invalid(case: _Case) -> list[Option]:
    (row,) = case.members
    shape = case.before[row]
    if shape.is_empty:
        return [Option("remove_empty", {row: None}, {row: 0.0})]
    return [Option("mend", {row: shape}, {row: 0.0})]


_OPTIONS: Mapping[str, Callable[[_Case], list[Option]]] = {
    "overlap": _options_to_give,
    "gap": _options_to_give,
    "nested": _options_for_nested,
    "duplicate": _options_for_duplicate,
    "outside": _options_for_outside,
    "invalid": _options_for_invalid,
}


def _distinct(options: list[Option]) -> list[Option]:
    """Options with the same outcome become one, which remembers the other keys."""
    kept: list[Option] = []
    for option in options:
        place = next((k for k, other in enumerate(kept) if _same(option, other)), None)
        if place is None:
            kept.append(option)
        else:
            kept[place] = replace(kept[place], also=(*kept[place].also, option.key))
    return kept


def _same(a: Option, b: Option) -> bool:
    if set(a.changes) != set(b.changes):
        return False
    return all(shapely.equals(a.changes[row] or EMPTY, b.changes[row] or EMPTY) for row in a.changes)
