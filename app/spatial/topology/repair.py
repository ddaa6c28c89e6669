"""What could be done about a fault: each option with the shapes and the square metres it would change.

Nothing is changed here. The caller shows the options with their bill, applies one, and checks again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.case import Case, minus
from app.spatial.topology.check import find_faults
from app.spatial.topology.edges import Ints, Shapes, as_shapes
from app.spatial.topology.evidence import Evidence, Ground, Signs, weigh_borders
from app.spatial.topology.faults import Fault
from app.spatial.topology.layer import EMPTY, prepare
from app.spatial.topology.measures import area_m2
from app.spatial.topology.middle import cut_in_middle
from app.spatial.topology.option import Move, Option, Reason

MOST_OPTIONS = 4
MOST_OWNERS = 2
"""How many of those around a fault are thought of as its owner when nobody is asked."""
_WIDE_M = 10.0
"""A gap at least this wide can be a grid of its own."""
_GRID_SIZED = 0.5
"""A compact gap of this share of the grids around it (median) looks like a missing grid."""
_MOST_LOST = 0.5
"""No option is recommended that takes more than this share of a grid."""
_KEEP_FIRST = ("give_to_owner", "by_priority", "new_grid", "cut_in_middle", "give_to_longest_edge")


@dataclass(frozen=True, slots=True)
class _Asked:
    locked: Collection[int]
    overlay: bool
    new_row: int


def repair_options(
    polygons: Sequence[BaseGeometry] | Shapes,
    fault: Fault,
    *,
    kinds: Sequence[str] | None = None,
    frame: BaseGeometry | None = None,
    faults: Sequence[Fault] | None = None,
    locked: Collection[int] = frozenset(),
    overlay: bool = False,
) -> list[Option]:
    """The ways to end one fault, the recommended first (a new grid, which wants a name, stands last); options
    with the same outcome are told once.

    `polygons` (n,) and `frame` are EPSG:4326, `fault` comes from `find_faults` on them, `kinds` (n,) are the
    kinds for `by_priority`. `faults`: all faults of the layer where they are known, else those of the
    members are looked up, because they tell whose border is wrong. Options that change `locked` rows are
    flagged and come later. With `overlay` a nested grid may lie over the outer one. A gap with nothing around
    it can only become a grid of its own.
    """
    shapes = as_shapes(polygons)
    evidence = _weigh(shapes, fault, frame, faults) if fault.of in ("overlap", "gap") else {}
    sound = prepare(shapes, np.asarray(fault.members, dtype=np.int64), None).shapes
    case = Case(fault, dict(zip(fault.members, sound, strict=True)), kinds, evidence, frame)
    return options_of(case, _Asked(locked, overlay, len(shapes)))


def options_of(case: Case, asked: _Asked) -> list[Option]:
    """The options of a case that is already weighed; see `repair_options`."""
    options = _few(_distinct(_OPTIONS[case.fault.of](case, asked)))
    flagged = [replace(o, touches_locked=bool(set(o.changes) & set(asked.locked))) for o in options]
    best = next((o for o in flagged if not o.touches_locked and not takes_most(case, o)), None)
    marked = [replace(o, recommended=o is best) for o in flagged]
    return sorted(marked, key=lambda o: (bool(o.added), not o.recommended, o.touches_locked))


def recommended_options(case: Case, *, overlay: bool = False) -> Iterator[Option]:
    """What to do without asking anybody, the best first: two owners by evidence for borders, else the first
    option; each is drawn when it is asked for."""
    if case.fault.of in ("overlap", "gap"):
        yield from (_give_to(case, row) for row in case.owners()[:MOST_OWNERS])
    else:
        yield from _OPTIONS[case.fault.of](case, _Asked(frozenset(), overlay, 0))[:1]


def takes_most(case: Case, option: Option) -> bool:
    """Whether an option for a fault of borders would take more than half of a grid."""
    if case.fault.of not in ("overlap", "gap", "outside"):
        return False
    return any(
        -moved > _MOST_LOST * case.before[row].area * case.m2_per_degree2
        for row, moved in option.moved_m2.items()
    )


def _weigh(
    shapes: Shapes, fault: Fault, frame: BaseGeometry | None, faults: Sequence[Fault] | None
) -> Evidence:
    """What the borders of a fault's members show, seen with all other faults of theirs."""
    members = np.asarray(fault.members, dtype=np.int64)
    if faults is None:
        faults = find_faults(shapes, frame=frame, changed=members.tolist())
    wanted = set(fault.members)
    beside = [f for f in faults if f is not fault and f.of in ("overlap", "gap") and wanted & set(f.members)]
    beside = [f for f in beside if not (f.members == fault.members and f.geom.equals(fault.geom))]
    all_members = {row for f in (fault, *beside) for row in f.members}
    rows = _rows_near(shapes, all_members, fault)
    ground = Ground(prepare(shapes, rows, None).shapes, rows, frame)
    return weigh_borders(ground, [fault, *beside])[0]


def _rows_near(shapes: Shapes, members: set[int], fault: Fault) -> Ints:
    """The members and all rows whose boxes meet the fault's or a member's."""
    some = np.array(sorted(members), dtype=np.int64)
    boxes = shapely.bounds(shapes)
    west, south, east, north = shapely.total_bounds([*shapes[list(fault.members)], fault.geom])
    meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    return np.asarray(np.union1d(some, np.flatnonzero(meets)), dtype=np.int64)


def _options_to_give(case: Case, asked: _Asked) -> list[Option]:
    """Gaps and overlaps: the ground goes to one of those around it, or is shared."""
    rows = list(case.fault.members)
    new = [_new_grid(case, asked)] if _may_be_grid(case) else []
    if not rows:
        return new
    give = [_give_to_owner(case), *_gives_by_size(case, rows)]
    if len({case.rank(row) for row in rows}) > 1:
        by_kind = _by(case, "by_priority", rows, ("kind", "rank", lambda row: -case.rank(row)))
        give.insert(0 if case.cutting() else 1, by_kind)
    shares = cut_in_middle(case.ground, case.before) if len(rows) > 1 else {}
    middle = [case.share("cut_in_middle", shares)] if len(shares) > 1 else []
    return [*new, *give, *middle] if is_grid_sized(case) else [*give, *middle, *new]


def _give_to_owner(case: Case) -> Option:
    return _give_to(case, case.owners()[0])


def _give_to(case: Case, winner: int) -> Option:
    others = [row for row in case.owners() if row != winner]
    return case.give("give_to_owner", winner, explain(case, winner, others[0]) if others else None)


def explain(case: Case, winner: int, other: int) -> Reason | None:
    """The sign that speaks loudest for the winner, in figures."""
    if winner not in case.evidence or other not in case.evidence:
        return None
    a, b = case.evidence[winner], case.evidence[other]
    strong, weak = (a, b) if case.fault.of == "gap" else (b, a)
    rule, unit, figure, weight = max(_SIGNS, key=lambda sign: sign[3](strong) / sign[3](weak))
    if weight(strong) <= 1.0001 * weight(weak):
        metres = [_rounded(case.edge_m(row)) for row in (winner, other)]
        return Reason("shared_edge", winner, metres[0], other, metres[1], "m")
    return Reason(rule, winner, figure(a), other, figure(b), unit)


_SIGNS: tuple[tuple[str, str, Callable[[Signs], float], Callable[[Signs], float]], ...] = (
    ("unfit", "share", lambda s: s.unfit, lambda s: s.unfit + 0.01),
    ("own_corners", "count", lambda s: float(s.own_corners), lambda s: 1.0 + s.own_corners),
    ("turning", "degree", lambda s: s.turning_degree, lambda s: 1.0 + s.bend),
    ("knots", "count", lambda s: float(s.knots), lambda s: 1.0 + s.knots),
)


def _gives_by_size(case: Case, rows: list[int]) -> list[Option]:
    metres = {row: float(area) for row, area in zip(rows, _areas_m2(case, rows), strict=True)}
    return [
        _by(case, "give_to_longest_edge", rows, ("shared_edge", "m", case.edge_m)),
        _by(case, "give_to_larger", rows, ("area", "m2", metres.__getitem__)),
        _by(case, "give_to_smaller", rows, ("area", "m2", lambda row: -metres[row])),
    ]


def _areas_m2(case: Case, rows: list[int]) -> list[float]:
    areas: list[float] = area_m2(as_shapes([case.before[row] for row in rows])).tolist()
    return areas


def _by(case: Case, key: str, rows: list[int], rule: tuple[str, str, Callable[[int], float]]) -> Option:
    """The ground to the row with the highest value of a rule; equal ones: the first row."""
    name, unit, value = rule
    ranked = sorted((-_rounded(value(row)), row) for row in rows)
    (best, winner), (next_best, other) = ranked[0], [*ranked, (0.0, None)][1]
    return case.give(key, winner, Reason(name, winner, abs(best), other, abs(next_best), unit))


def _rounded(value: float) -> float:
    """Five digits: what differs less is equal, whatever the latitude did to the last digits."""
    return float(f"{value:.5g}")


def _may_be_grid(case: Case) -> bool:
    return case.fault.of == "gap" and (case.fault.width_m >= _WIDE_M or not case.fault.members)


def is_grid_sized(case: Case) -> bool:
    """Whether a gap is as large as a grid, so that one seems to be missing rather than a border wrong."""
    if case.fault.of != "gap" or not _may_be_grid(case):
        return False
    rows = list(case.fault.members)
    compact = case.fault.width_m**2 >= 0.02 * case.fault.area_m2
    return not rows or (
        compact and case.fault.area_m2 >= _GRID_SIZED * float(np.median(_areas_m2(case, rows)))
    )


def _new_grid(case: Case, asked: _Asked) -> Option:
    moves = (Move(None, asked.new_row, case.ground),)
    return Option("new_grid", {}, {}, moves=moves, added=(case.ground,))


def _options_for_nested(case: Case, asked: _Asked) -> list[Option]:
    outer, inner = case.fault.members
    if shapely.is_empty(rest := minus(case.before[outer], case.before[inner])):
        return [*_removals(case), case.outcome("keep_both", {})]
    cut = case.outcome("cut_nested", {outer: rest}, moves=(Move(outer, inner, case.ground),))
    merged = (Move(inner, outer, case.before[inner]),)
    remove = case.outcome("remove_nested", {inner: None}, moves=merged)
    over = [case.outcome("lie_over", {})] if asked.overlay else []
    return [*over, cut, remove]


def _options_for_duplicate(case: Case, asked: _Asked) -> list[Option]:
    return _removals(case)


def _removals(case: Case) -> list[Option]:
    """The later goes, unless its kind comes first; or the other."""
    first, repeated = case.fault.members
    gone, kept = (first, repeated) if case.rank(first) > case.rank(repeated) else (repeated, first)
    return [
        case.outcome("remove_duplicate", {gone: None}, moves=(Move(gone, kept, case.before[gone]),)),
        case.outcome("remove_other", {kept: None}, moves=(Move(kept, gone, case.before[kept]),)),
    ]


def _options_for_outside(case: Case, asked: _Asked) -> list[Option]:
    (row,) = case.fault.members
    beyond = case.ground if case.frame is None else shapely.difference(case.ground, case.frame)
    cut = minus(case.before[row], beyond)
    return [
        case.outcome("cut_at_frame", {row: cut}, moves=(Move(row, None, beyond),)),
        case.outcome("keep_outside", {}),
    ]


def _options_for_invalid(case: Case, asked: _Asked) -> list[Option]:
    (row,) = case.fault.members
    shape = case.before[row]
    if shape.is_empty:
        return [Option("remove_empty", {row: None}, {row: 0.0})]
    return [Option("mend", {row: shape}, {row: 0.0})]


_OPTIONS: Mapping[str, Callable[[Case, _Asked], list[Option]]] = {
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


def _few(options: list[Option]) -> list[Option]:
    """No more than people can weigh: the first, then those that differ most from it."""
    if len(options) <= MOST_OPTIONS:
        return options
    rank = {key: place for place, key in enumerate(_KEEP_FIRST)}
    wanted = sorted(options[1:], key=lambda o: min(rank.get(key, len(rank)) for key in (o.key, *o.also)))
    kept = [options[0], *wanted[: MOST_OPTIONS - 1]]
    return [option for option in options if option in kept]


def _same(a: Option, b: Option) -> bool:
    if set(a.changes) != set(b.changes) or len(a.added) != len(b.added):
        return False
    return all(shapely.equals(a.changes[row] or EMPTY, b.changes[row] or EMPTY) for row in a.changes)
