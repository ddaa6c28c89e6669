"""A whole layer mended as an ordered list of proposals: each ends a fault, and none makes one.

Rounds: every fault gets the option recommended for it, on the ground as the steps before leave it; then the
layer is checked, and steps near which something new turned up are taken back and tried another way. Nested
and doubled grids, missing grids and whatever is locked are left to people, with the reason.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.case import Case
from app.spatial.topology.check import DEFAULT_OPTIONS, find_faults
from app.spatial.topology.edges import Shapes, as_shapes
from app.spatial.topology.evidence import Ground, remember_unfit, weigh_borders
from app.spatial.topology.faults import Fault, FaultOptions
from app.spatial.topology.judging import judge_steps
from app.spatial.topology.layer import EMPTY, prepare
from app.spatial.topology.option import Move, Option, lie_over
from app.spatial.topology.repair import is_grid_sized, recommended_options, takes_most

_MOST_ROUNDS = 40

LEFT_REASONS: Mapping[str, tuple[str, str]] = {
    "listed": (
        "重复和套叠只列出，由人决定",
        "doubled and nested grids are only listed, for people to decide",
    ),
    "empty": ("图形为空：请补画或删除", "the shape is empty: draw it or remove the grid"),
    "not_asked": ("不在本次清理范围内", "not among the kinds that were asked for"),
    "too_large": ("超过本次设定的宽度或面积", "wider or larger than what was asked for"),
    "missing": (
        "似乎缺少整个网格：请新建网格或指定归属",
        "a whole grid seems to be missing: make one, or give it away",
    ),
    "locked": ("只能改动已锁定的网格", "only locked grids could be changed"),
    "takes_most": (
        "会使某个网格失去一半以上的面积，请人工决定",
        "a grid would lose more than half of itself",
    ),
    "splits": ("会把某个网格切成几块，请人工决定", "a grid would be cut into parts"),
    "adds": ("每种修复都会带来新的问题", "every repair would make another fault"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which faults to mend: `kinds` of fault, and no wider or larger than the limits.

    duplicate and nested are mended only when asked for by name: the later of two doubles is removed, the
    inner grid cut out of the outer, or with `overlay` left lying over it.
    """

    kinds: Collection[str] = ("invalid", "outside", "overlap", "gap", "sliver")
    max_width_m: float | None = None
    max_area_m2: float | None = None
    overlay: bool = False

    def refuses(self, fault: Fault) -> str:
        """Why a fault is not to be mended, as a key of `LEFT_REASONS`; empty if it is."""
        if fault.kind not in self.kinds:
            return "listed" if fault.kind in ("duplicate", "nested") else "not_asked"
        if fault.kind == "invalid":
            return "empty" if fault.geom.is_empty else ""
        wide = self.max_width_m is not None and fault.width_m > self.max_width_m
        large = self.max_area_m2 is not None and fault.area_m2 > self.max_area_m2
        return "too_large" if wide or large else ""


@dataclass(frozen=True, slots=True)
class MendStep:
    """One proposal: the fault as it stood when its turn came, and the option that ends it."""

    fault: Fault
    option: Option

    @property
    def changes(self) -> Mapping[int, BaseGeometry | None]:
        """Rows and the shapes they get, on top of the steps before."""
        return self.option.changes

    @property
    def moved_m2(self) -> Mapping[int, float]:
        """Square metres each row gains or loses."""
        return self.option.moved_m2

    @property
    def moves(self) -> tuple[Move, ...]:
        """From whom to whom ground goes."""
        return self.option.moves


class Left(NamedTuple):
    """A fault that is left to people, and why."""

    fault: Fault
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class LayerMending:
    """The proposals in their order, the faults before and after all of them, and what is left and why."""

    steps: tuple[MendStep, ...]
    left: tuple[Left, ...]
    before: tuple[Fault, ...]

    def changes(self) -> dict[int, BaseGeometry | None]:
        """Rows that change, with their last shapes (None: removed)."""
        last: dict[int, BaseGeometry | None] = {}
        for step in self.steps:
            last.update(step.changes)
        return last

    def apply_to(self, polygons: Sequence[BaseGeometry | None] | Shapes) -> Shapes:
        """The layer with all steps taken; rows without a step keep their own object."""
        after = as_shapes(polygons).copy()
        for row, shape in self.changes().items():
            after[row] = shape
        return after


def clean_layer(
    polygons: Sequence[BaseGeometry] | Shapes,
    *,
    frame: BaseGeometry | None = None,
    kinds: Sequence[str] | None = None,
    locked: Collection[int] = frozenset(),
    options: FaultOptions = DEFAULT_OPTIONS,
    faults: Sequence[Fault] | None = None,
    wanted: Wanted = Wanted(),
) -> LayerMending:
    """Proposals that mend a layer (EPSG:4326), in order; nothing is changed. The same layer gives the same
    answer, and a layer with all steps taken gives none.

    No step adds faults, changes a `locked` row, cuts a grid into parts or takes most of one. Gaps open to the
    outside are told against the `frame` only. `faults`: those of the layer, if known (all of them).
    """
    shapes = as_shapes(polygons)
    bench = _Bench(shapes, _Rules(frame, kinds, frozenset(locked), options, wanted))
    before = bench.find_faults() if faults is None else list(faults)
    steps: list[MendStep] = []
    left: list[Left] = []
    now = before
    for _ in range(_MOST_ROUNDS):
        taken, after, left = bench.run_round(now)
        if not taken and bench.may_split:
            break
        bench.may_split = not taken
        steps, now = [*steps, *taken], after
    return LayerMending(tuple(steps), tuple(left), tuple(before))


@dataclass
class _Round:
    """What one round has done: steps by fault, ground changed by row, why faults were passed over."""

    steps: dict[int, MendStep] = field(default_factory=dict)
    touched: dict[int, list[BaseGeometry]] = field(default_factory=dict)
    passed: dict[int, str] = field(default_factory=dict)

    def disturbed(self, fault: Fault) -> bool:
        """Whether ground of this fault has changed in this round, so that it must be looked at anew."""
        grounds = [ground for row in fault.members for ground in self.touched.get(row, [])]
        near = [ground for ground in grounds if shapely.intersects(ground, fault.geom)]
        return any(shapely.intersection(g, fault.geom).area > 1e-12 for g in near)


@dataclass(frozen=True, slots=True)
class _Rules:
    frame: BaseGeometry | None
    kinds: Sequence[str] | None
    locked: frozenset[int]
    options: FaultOptions
    wanted: Wanted


class _Bench:
    """The layer as the steps so far leave it: `polygons` as given, `sound` snapped and mended."""

    def __init__(self, polygons: Shapes, rules: _Rules) -> None:
        self.polygons, self.rules = polygons.copy(), rules
        self.rows = np.arange(len(polygons))
        self.sound = prepare(polygons, self.rows, None).shapes
        self.unfit: dict[int, float] = {}
        self.may_split = False
        self.chosen: dict[tuple[int, int], tuple[Case, Option | None, str]] = {}

    def find_faults(self) -> list[Fault]:
        """All faults of the layer as it stands."""
        rules = self.rules
        found = find_faults(self.polygons, frame=rules.frame, kinds=rules.kinds, options=rules.options)
        kinds = rules.kinds or ()
        return [lie_over(fault, kinds) for fault in found] if rules.wanted.overlay and kinds else found

    def run_round(self, faults: list[Fault]) -> tuple[list[MendStep], list[Fault], list[Left]]:
        """Steps that hold, the faults after them, and what was passed over; the layer moves on."""
        start_polygons, start_sound = self.polygons.copy(), self.sound.copy()
        cases = self._weigh(faults)
        tried: dict[int, int] = {}
        self.chosen = {}
        while True:
            turn = self._propose(faults, cases, tried)
            after = faults
            if turn.steps:
                after = self.find_faults()
            bad = judge_steps({k: step.fault for k, step in turn.steps.items()}, faults, after)
            if not bad:
                left = [Left(faults[k], *LEFT_REASONS[why]) for k, why in sorted(turn.passed.items())]
                return list(turn.steps.values()), after, left
            for k in bad:
                tried[k] = tried.get(k, 0) + 1
            self.polygons, self.sound = start_polygons.copy(), start_sound.copy()

    def _weigh(self, faults: list[Fault]) -> list[Case]:
        ground = Ground(self.sound, self.rows, self.rules.frame)
        cases = []
        for fault, evidence in zip(faults, weigh_borders(ground, faults), strict=True):
            evidence = remember_unfit(evidence, self.unfit)
            self.unfit |= {row: signs.unfit for row, signs in evidence.items()}
            cases.append(Case(fault, {}, self.rules.kinds, evidence, self.rules.frame))
        return cases

    def _propose(self, faults: list[Fault], cases: list[Case], tried: Mapping[int, int]) -> _Round:
        turn = _Round()
        for k in sorted(range(len(faults)), key=lambda k: (_ORDER.get(faults[k].of, 0), k)):
            fault = faults[k]
            if why := self.rules.wanted.refuses(fault):
                turn.passed[k] = why
            elif not turn.disturbed(fault):
                self._take(turn, k, cases[k], tried.get(k, 0))
        return turn

    def _take(self, turn: _Round, k: int, weighed: Case, skip: int) -> None:
        fault = weighed.fault
        case = weighed.on({row: self.sound[row] for row in fault.members})
        known, option, why = self.chosen.get((k, skip), (None, None, ""))
        if known is None or any(known.before[row] is not shape for row, shape in case.before.items()):
            option, why = (None, "missing") if is_grid_sized(case) else self._choose(case, skip)
            self.chosen[k, skip] = case, option, why
        if option is None:
            turn.passed[k] = why
            return
        self._change(option)
        turn.steps[k] = MendStep(fault, replace(option, recommended=True))
        for row in option.changes:
            turn.touched.setdefault(row, []).append(fault.geom)

    def _choose(self, case: Case, skip: int) -> tuple[Option | None, str]:
        """The best option nothing speaks against. One that cuts a grid into parts waits until no other step
        is left, because what holds the parts together may be another fault; then it is the last choice."""
        why, last = "adds" if case.fault.members else "missing", None
        for option in islice(recommended_options(case, overlay=self.rules.wanted.overlay), skip, None):
            why = self._objection(case, option)
            if why == "splits" and not self.may_split:
                return None, why
            if not why:
                return option, ""
            last = last or (option if why == "splits" else None)
        return last, why

    def _objection(self, case: Case, option: Option) -> str:
        if self.rules.locked & set(option.changes):
            return "locked"
        if takes_most(case, option):
            return "takes_most"
        if case.fault.of in ("overlap", "gap") and _splits(case, option):
            return "splits"
        return ""

    def _change(self, option: Option) -> None:
        for row, shape in option.changes.items():
            self.polygons[row] = shape
            self.sound[row] = EMPTY if shape is None else shape


_ORDER = {"invalid": 0, "outside": 1, "duplicate": 2, "nested": 3, "overlap": 4, "gap": 5}


def _splits(case: Case, option: Option) -> bool:
    rows = [row for row, shape in option.changes.items() if shape is not None]
    before = shapely.get_num_geometries(as_shapes([case.before[row] for row in rows]))
    after = shapely.get_num_geometries(as_shapes([option.changes[row] for row in rows]))
    return bool((after > before).any())
