"""A draft under many hands: random sequences of acts against a plain model, and eight writers at once.

`GETU_PLAN_SEQUENCES` and `GETU_WRITES` say how much is tried (4 and 64 in the suite, 2,000 by hand).
"""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import from_shape
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from shapely.geometry import mapping
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.db import Database
from app.db.connection import WORKER
from app.errors import BadInput, Conflict, GetuError
from app.models import Grid, Plan, Unit
from app.spatial.crs import area_m2
from app.territory import editing, plans
from app.territory.editing import Wish
from app.territory.plans import PlanDraft
from app.territory.shapes import to_areas
from tests.ground import lay
from tests.territory.conftest import SINCE, Lay

SEQUENCES = int(os.environ.get("GETU_PLAN_SEQUENCES", "2"))
WRITES = int(os.environ.get("GETU_WRITES", "64"))
WRITERS = 8
GROUND = lay("AABB\nAABB\nCCDD\nCCDD")
RANDOM = np.random.default_rng(7)
POINTS = np.array(
    [
        shapely.Point(GROUND.point(row + a, column + b))
        for row in range(4)
        for column in range(4)
        for a, b in RANDOM.uniform(-0.48, 0.48, (4, 2))
    ],
    dtype=object,
)
PLACE = st.tuples(st.floats(-0.9, 3.9), st.floats(-0.9, 3.9))


def load(session: Session, plan: Plan) -> tuple[list[dict[str, Any]], Any]:
    """The grids of a plan with their shapes."""
    grids = plans.listing.load_grids(session, plan)
    return grids.rows, grids.shapes


def owners(shapes: Any, rows: list[dict[str, Any]]) -> list[str]:
    """Whose each sample point is, by code; several, or nobody, are told as such."""
    point, row = shapely.STRtree(shapes).query(POINTS, predicate="intersects")
    held: list[list[str]] = [[] for _ in POINTS]
    for p, r in zip(point.tolist(), row.tolist(), strict=True):
        held[p].append(rows[r]["code"])
    return ["+".join(sorted(names)) or "nobody" for names in held]


class Draft(RuleBasedStateMachine):
    """Acts, locks, repairs, undos on one draft; the model remembers whose each point was after each step."""

    session: Session
    plan_id: int

    @initialize()
    def begin(self) -> None:
        self.nested = self.session.begin_nested()
        self.session.expire_all()
        self.plan = self.session.get_one(Plan, self.plan_id)
        rows, shapes = load(self.session, self.plan)
        self.now = owners(shapes, rows)
        self.locked: set[str] = set()
        self.after: list[list[str]] = []
        self.before: list[list[str]] = []
        self.households = sum(row["households"] for row in rows)
        self.area = float(shapely.area(shapes).sum())

    def act(self, wish: Wish) -> None:
        locked = {code: self.points_of(code) for code in self.locked}
        try:
            editing.edit_plan(self.session, self.plan, wish)
        except (BadInput, Conflict):
            return
        self.remember()
        assert {code: self.points_of(code) for code in self.locked} == locked, "what is locked stays"

    def remember(self) -> None:
        rows, shapes = load(self.session, self.plan)
        self.before.append(self.now)
        self.now = owners(shapes, rows)
        self.after.append(self.now)

    def points_of(self, code: str) -> set[int]:
        return {k for k, name in enumerate(self.now) if name == code}

    def pick(self, number: int) -> dict[str, Any]:
        rows, shapes = load(self.session, self.plan)
        return {**rows[number % len(rows)], "shape": shapes[number % len(rows)], "rows": rows}

    @rule(number=st.integers(0, 50), a=PLACE, b=PLACE)
    def split(self, number: int, a: Any, b: Any) -> None:
        line = {"type": "LineString", "coordinates": [GROUND.point(*a), GROUND.point(*b)]}
        self.act(Wish("split", self.pick(number)["id"], drawing=line, snap_m=2))

    @rule(number=st.integers(0, 50), other=st.integers(0, 50))
    def merge(self, number: int, other: int) -> None:
        ids = (self.pick(number)["id"], self.pick(other)["id"])
        self.act(Wish("merge", grid_ids=ids))

    @rule(number=st.integers(0, 50), at=PLACE, size=st.floats(0.2, 0.9), adds=st.booleans())
    def reshape(self, number: int, at: Any, size: float, adds: bool) -> None:
        grid = self.pick(number)
        spot = shapely.Point(GROUND.point(*at)).buffer(size * 0.001, quad_segs=3)
        drawn = grid["shape"].union(spot) if adds else grid["shape"].difference(spot)
        self.act(Wish("reshape", grid["id"], drawing=mapping(drawn), snap_m=0))

    @rule(number=st.integers(0, 50), at=PLACE, size=st.floats(0.2, 0.9))
    def draw(self, number: int, at: Any, size: float) -> None:
        spot = shapely.Point(GROUND.point(*at)).buffer(size * 0.001, quad_segs=3)
        self.act(Wish("draw", drawing=mapping(spot), code=f"N{number}", snap_m=1))

    @rule(number=st.integers(0, 50), lock=st.booleans())
    def allot(self, number: int, lock: bool) -> None:
        grid = self.pick(number)
        self.act(Wish("lock" if lock else "unlock", grid_ids=(grid["id"],)))
        fresh = next(row for row in self.pick(0)["rows"] if row["id"] == grid["id"])
        locked = self.session.get_one(Grid, fresh["id"], populate_existing=True).locked
        (self.locked.add if locked else self.locked.discard)(fresh["code"])

    @rule(number=st.integers(0, 50), option=st.integers(0, 3))
    def remove_and_repair(self, number: int, option: int) -> None:
        grid = self.pick(number)
        if grid["code"] in self.locked or len(grid["rows"]) < 3:
            return
        plan = self.plan
        editing.edit_plan(self.session, plan, Wish("remove", grid["id"], allow_faults=True))
        number = plan.step_no
        found = [one for one in plans.list_findings(self.session, plan) if one["kind"] == "gap"]
        assert found
        options = [one for one in plans.repair_proposals(self.session, found[0]["id"]) if one.changes]
        free = [one for one in options if not one.touches_locked]
        if free:
            plans.apply_repair(self.session, found[0]["id"], free[option % len(free)].key)
            editing.undo_step(self.session, plan, plan.step_no)
        editing.undo_step(self.session, plan, number)
        rows, shapes = load(self.session, plan)
        assert owners(shapes, rows) == self.now
        self.before.clear()
        self.after.clear()

    @rule()
    def undo_the_last(self) -> None:
        if not self.before:
            return
        step = self.plan.step_no
        editing.undo_step(self.session, self.plan, step)
        rows, shapes = load(self.session, self.plan)
        self.now = owners(shapes, rows)
        assert self.now == self.before.pop()
        self.after.pop()
        self.locked = {
            one.code
            for one in self.session.query(Grid).filter_by(plan_id=self.plan_id).populate_existing()
            if one.locked
        }
        self.before.clear()
        self.after.clear()

    @invariant()
    def all_of_the_ground_is_somebodys_once(self) -> None:
        if not hasattr(self, "plan"):
            return
        rows, shapes = load(self.session, self.plan)
        assert plans.summarise_findings(self.session, self.plan).counts == {}
        assert not [name for name in self.now if "+" in name or name == "nobody"]
        assert float(shapely.area(shapes).sum()) == pytest.approx(self.area, abs=2e-11)
        assert sum(row["households"] or 0 for row in rows) == self.households

    def teardown(self) -> None:
        if hasattr(self, "nested"):
            numbers = [step.number for step in editing.list_steps(self.session, self.plan, limit=1000)]
            assert numbers == list(range(len(numbers), 0, -1))
            self.session.rollback() if not self.nested.is_active else self.nested.rollback()


def test_sequences_of_edits_repairs_locks_and_undos_keep_the_ground_whole(
    work: Session, lay_plan: Lay
) -> None:
    plan = lay_plan(GROUND)
    for grid in work.query(Grid).filter_by(plan_id=plan.id):
        grid.households = 100
    work.flush()
    plans.check_plan(work, plan)
    Draft.session, Draft.plan_id = work, plan.id
    run_state_machine_as_test(
        Draft,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=7,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def draw_plan(database: Database) -> tuple[str, float]:
    """A committed draft of 36 grids with 100 households each; its code, and its ground in square degrees."""
    ground = lay(
        "\n".join("".join(chr(65 + 6 * row + column) * 2 for column in range(6)) for row in range(6))
    )
    with database.transaction(WORKER) as session:
        for code, kind, shape in [
            ("frame", "frame", ground.frame),
            *((f"{ord(name)}", "village", ground[name]) for name in ground.names),
        ]:
            area = to_areas(np.array([shape], dtype=object))
            session.add(
                Unit(
                    code=code,
                    code_source="test",
                    kind=kind,
                    name=code,
                    geom=from_shape(area[0], srid=4326),
                    area_m2=float(area_m2(area)[0]),
                    households=100,
                    valid=Range(SINCE, None),
                )
            )
        session.flush()
        plan = plans.new_plan(session, PlanDraft("W", "八人"))
        assert plans.check_plan(session, plan).counts == {}
        return plan.code, float(shapely.area(plans.listing.load_grids(session, plan).shapes).sum())


def write(database: Database, code: str, seed: int, count: int) -> Counter[str]:
    """One writer: random acts, each in a transaction of its own; how each ended."""
    dice, ended = random.Random(seed), Counter[str]()
    for number in range(count):
        try:
            with database.transaction(WORKER) as session:
                ended[_write_once(session, plans.find_plan(session, code), dice, f"{seed}-{number}")] += 1
        except GetuError as refusal:
            ended[refusal.code] += 1
    return ended


def _write_once(session: Session, plan: Plan, dice: random.Random, name: str) -> str:
    rows, shapes = load(session, plan)
    k = dice.randrange(len(rows))
    grid, shape = rows[k], shapes[k]
    versions = {grid["id"]: grid["version"]}
    west, south, east, north = shape.bounds
    act = dice.choice(["split", "merge", "reshape", "draw", "undo", "rename"])
    spot = shapely.Point(dice.uniform(west, east), dice.uniform(south, north)).buffer(0.0004, quad_segs=2)
    if act == "split":
        at = dice.uniform(south, north)
        line = {"type": "LineString", "coordinates": [(west - 0.001, at), (east + 0.001, at + 0.0001)]}
        editing.edit_plan(session, plan, Wish("split", grid["id"], drawing=line, versions=versions, snap_m=1))
    elif act == "merge":
        beside = [other for other in range(len(rows)) if other != k and shapes[other].touches(shape)]
        ids = (grid["id"], rows[dice.choice(beside)]["id"])
        editing.edit_plan(session, plan, Wish("merge", grid_ids=ids, versions=versions))
    elif act == "reshape":
        wish = Wish("reshape", grid["id"], drawing=mapping(shape.union(spot)), versions=versions, snap_m=0)
        editing.edit_plan(session, plan, wish)
    elif act == "draw":
        editing.edit_plan(session, plan, Wish("draw", drawing=mapping(spot), code=f"N{name}", snap_m=1))
    elif act == "undo":
        steps = [step for step in editing.list_steps(session, plan, limit=30) if step.can_undo]
        if steps:
            editing.undo_step(session, plan, dice.choice(steps).number)
    else:
        editing.edit_plan(session, plan, Wish("rename", grid["id"], name=f"新{name}", versions=versions))
    return act


def test_eight_writers_at_once_leave_the_ground_whole_and_the_ledger_without_a_gap(fresh: Database) -> None:
    code, area = draw_plan(fresh)
    with ThreadPoolExecutor(WRITERS) as pool:
        jobs = [pool.submit(write, fresh, code, seed, WRITES // WRITERS) for seed in range(WRITERS)]
        ended = sum((job.result() for job in jobs), Counter[str]())
    print(dict(ended))
    with fresh.transaction(WORKER) as session:
        plan = plans.find_plan(session, code)
        rows, shapes = load(session, plan)
        stored = plans.summarise_findings(session, plan).counts
        numbers = session.execute(
            text("SELECT number FROM plan_step WHERE plan_id = :id ORDER BY number"), {"id": plan.id}
        )
        assert [row[0] for row in numbers] == list(range(1, plan.step_no + 1))
        assert plan.step_no >= WRITES // 4
        assert stored == plans.check_plan(session, plan).counts == {}
        assert float(shapely.area(shapes).sum()) == pytest.approx(area, abs=2e-11)
        assert shapely.coverage_is_valid(shapes)
        assert sum(row["households"] or 0 for row in rows) == 3600
    assert sum(ended.values()) == WRITES
