"""Sequences of acts on drawn ground against a plain model: whose is each sample point.

`GETU_SEQUENCES` says how many sequences of the pure kernel are tried (50 in the suite, 2,000 by hand).
"""

import os
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.errors import BadInput
from app.spatial import editing
from app.spatial.editing import Bounds, Edit
from app.spatial.topology import find_faults
from tests.ground import lay

SEQUENCES = int(os.environ.get("GETU_SEQUENCES", "20"))
DRAWN = "AABB..\nAABBCC\nADDDCC\nEEDDFF\nEEGGFF\nEEGGGF".replace(".", "B")
GROUND = lay(DRAWN)


def on_grid(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda xy: np.round(xy, 7))


STARTS = {sparse: on_grid(lay(DRAWN, sparse=sparse).polygons) for sparse in (False, True)}
"""With a corner at every cell, or only where a border turns (then borders meet in T-junctions)."""
FRAME = on_grid(GROUND.frame)
RANDOM = np.random.default_rng(5)
POINTS = np.array(
    [
        shapely.Point(GROUND.point(row + a, column + b))
        for row in range(6)
        for column in range(6)
        for a, b in RANDOM.uniform(-0.48, 0.48, (4, 2))
    ],
    dtype=object,
)
PLACE = st.tuples(st.floats(-0.9, 5.9), st.floats(-0.9, 5.9))
SURE = 3e-7
"""A point this close to a drawn line may fall to either side by rounding."""


class Sequence(RuleBasedStateMachine):
    """Acts in any order; after each, every point belongs to exactly one grid, the one the model says."""

    def __init__(self) -> None:
        super().__init__()
        self.begin(False)

    @initialize(sparse=st.booleans())
    def begin(self, sparse: bool) -> None:
        self.sparse = sparse
        self.shapes: list[Any] = list(STARTS[sparse])
        self.owner = self.read()
        self.whole = float(shapely.area(STARTS[sparse]).sum())

    def layer(self) -> Any:
        return np.array([shapely.Polygon() if one is None else one for one in self.shapes], dtype=object)

    def alive(self) -> list[int]:
        return [row for row, one in enumerate(self.shapes) if one is not None]

    def read(self) -> np.ndarray:
        point, row = shapely.STRtree(self.layer()).query(POINTS, predicate="intersects")
        owner = np.full(len(POINTS), -1)
        owner[point] = row
        return owner

    def pick(self, number: int) -> int:
        alive = self.alive()
        return alive[number % len(alive)]

    def take(self, edit: Edit, ground: Any, may_be: dict[int, set[int]] | None, to: int | None) -> None:
        """Take an act's outcome: points in `ground` go to `to`, others stay, or go to one of `may_be`."""
        neighbours = {row: self.shapes[row] for row in edit.stitched}
        for row, shape in edit.changes.items():
            self.shapes[row] = shape
        self.shapes += list(edit.added)
        for row, old in neighbours.items():
            kept = {tuple(xy) for xy in shapely.get_coordinates(old).tolist()}
            assert kept <= {tuple(xy) for xy in shapely.get_coordinates(self.shapes[row]).tolist()}
        now, before = self.read(), self.owner
        sure = shapely.distance(shapely.boundary(ground) if ground.area else ground, POINTS) > SURE
        inside = np.asarray(shapely.contains(ground, POINTS)) if ground.area else np.zeros(len(POINTS), bool)
        for k in np.flatnonzero(sure).tolist():
            allowed = {before[k]} if may_be is None else may_be.get(before[k], {before[k]})
            assert now[k] in ({to} if to is not None and inside[k] else allowed), k
        self.owner = now

    @rule(number=st.integers(0, 99), a=PLACE, b=PLACE)
    def split(self, number: int, a: Any, b: Any) -> None:
        row = self.pick(number)
        if np.hypot(a[0] - b[0], a[1] - b[1]) < 0.01:
            return
        line = shapely.LineString(np.round([GROUND.point(*a), GROUND.point(*b)], 7))
        try:
            edit = editing.split(self.layer(), row, line)
        except BadInput:
            return
        new = {row, *range(len(self.shapes), len(self.shapes) + len(edit.added))}
        self.take(edit, line, {row: new}, None)

    @precondition(lambda self: len(self.alive()) > 3)
    @rule(numbers=st.lists(st.integers(0, 99), min_size=2, max_size=3))
    def merge(self, numbers: list[int]) -> None:
        rows = sorted({self.pick(number) for number in numbers})
        try:
            edit = editing.merge(self.layer(), rows, rows[-1])
        except BadInput:
            return
        self.take(edit, shapely.Point(0, 0), {row: {rows[-1]} for row in rows}, None)

    @rule(number=st.integers(0, 99), at=PLACE, size=st.floats(0.1, 1.2), sides=st.integers(1, 5))
    def give(self, number: int, at: Any, size: float, sides: int) -> None:
        row = self.pick(number)
        ground = self.ground(at, size, sides)
        try:
            edit = editing.give(self.layer(), ground, row, bounds=Bounds(FRAME))
        except BadInput:
            return
        self.take(edit, ground.intersection(FRAME), None, row)

    @rule(at=PLACE, size=st.floats(0.1, 0.9), sides=st.integers(1, 5))
    def draw(self, at: Any, size: float, sides: int) -> None:
        ground = self.ground(at, size, sides)
        try:
            edit = editing.draw(self.layer(), ground, "cut_others", bounds=Bounds(FRAME))
        except BadInput:
            return
        self.take(edit, ground.intersection(FRAME), None, len(self.shapes))

    @rule(number=st.integers(0, 99), at=PLACE, size=st.floats(0.1, 1.0), adds=st.booleans())
    def reshape(self, number: int, at: Any, size: float, adds: bool) -> None:
        row = self.pick(number)
        spot = self.ground(at, size, 4)
        drawn = self.shapes[row].union(spot) if adds else self.shapes[row].difference(spot)
        drawn = shapely.transform(drawn, lambda xy: np.round(xy, 7))
        if drawn.is_empty or not drawn.is_valid or drawn.geom_type not in ("Polygon", "MultiPolygon"):
            return
        edit = editing.reshape(self.layer(), row, drawn, bounds=Bounds(FRAME))
        if edit.gap is not None:
            # Nobody else borders what is given up: it is told, and a person decides.
            return
        given = {row: {row, *self.alive()}}
        self.take(edit, drawn.intersection(FRAME), given, row)

    @rule(numbers=st.tuples(st.integers(0, 99), st.integers(0, 99)), bend=st.floats(-0.4, 0.4))
    def move_edge(self, numbers: tuple[int, int], bend: float) -> None:
        row, other = (self.pick(number) for number in numbers)
        borders = [] if row == other else editing.shared_border(self.shapes[row], self.shapes[other])
        if not borders:
            return
        begin, end = (np.array(borders[0].coords[k]) for k in (0, -1))
        middle = (begin + end) / 2 + bend * np.array([-(end - begin)[1], (end - begin)[0]])
        line = shapely.LineString(np.round([begin, middle, end], 7))
        try:
            edit = editing.move_edge(self.layer(), row, other, line)
        except BadInput:
            return
        self.take(edit, line, {row: {row, other}, other: {row, other}}, None)

    def ground(self, at: Any, size: float, sides: int) -> Any:
        spot = shapely.Point(GROUND.point(*at)).buffer(size * 0.001, quad_segs=sides)
        return shapely.transform(spot, lambda xy: np.round(xy, 7))

    @invariant()
    def the_ground_is_whole(self) -> None:
        layer = self.layer()[self.alive()]
        assert shapely.is_valid(layer).all()
        assert (np.round(shapely.get_coordinates(layer), 7) == shapely.get_coordinates(layer)).all()
        assert float(shapely.area(layer).sum()) == pytest.approx(self.whole, abs=2e-11)

    def teardown(self) -> None:
        layer = self.layer()[self.alive()]
        assert find_faults(layer, frame=FRAME) == []
        assert self.sparse or shapely.coverage_is_valid(layer)


def test_sequences_of_acts_leave_no_overlap_no_gap_and_all_of_the_ground() -> None:
    run_state_machine_as_test(
        Sequence,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
