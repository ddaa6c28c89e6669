"""Customers follow the ground: a border moved, a grid split or merged, another plan in force.

Only who stands on changed ground is looked at, and only who stands otherwise now is written, with a row in
`assignment_move` that says how he stood. Afterwards every row is what a whole run would have made of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.assignment import (
    Rows,
    assign_customers,
    close_run,
    open_run,
    place_part,
    take_turn,
)
from app.customers.changed_ground import (
    EDGE_REACH_M,
    Boxes,
    Difference,
    compare_grounds,
    find_doubled,
    find_gaps,
    read_difference,
)
from app.customers.counting import change_totals, count_places, differ, tally_facts
from app.customers.grounds import Ground, Ints, lay_ground, read_ground
from app.customers.outcome import METHODS, REASONS
from app.customers.reassigning import reassign_customers
from app.db import ask_driver, fetch_all, fetch_one
from app.errors import Conflict

Row = dict[str, Any]
CHUNK = 20_000
# Where more customers, and a larger share of all, stand on changed ground, a whole run is cheaper.
MANY, MANY_SHARE = 100_000, 0.3
STANDING = np.dtype(
    [
        ("id", "<i8"),
        ("rung", "<i2"),
        ("x", "<f8"),
        ("y", "<f8"),
        ("unit", "<i8"),
        ("old_key", "<i8"),
        ("old_run", "<i8"),
        ("old_method", "<i1"),
        ("old_reason", "<i1"),
    ]
)
_FACTS = itemgetter("id", "rung", "x", "y", "unit", "old_key", "old_run")


@dataclass(frozen=True)
class Step:
    """From which plan's grids to which: how customers are about to move."""

    before_plan: int
    plan_id: int
    plan_code: str
    ground_version: int
    kind: str = "changed"
    undoes: int | None = None


@dataclass(frozen=True)
class Stand:
    """How some customers stand next: arrays of one length."""

    rows: Rows
    run: Ints
    key: Ints
    method: NDArray[np.int8]
    reason: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.rows)


def move_ground(session: Session, before: Ground, after: Ground) -> Row:
    """Let customers follow from one ground to the next, both in hand: the run's number, totals and `moved`.

    `before` is the ground of the run that stands. Raises Conflict when no run stands.
    """
    take_turn(session)
    run = require_run(session)
    difference = _compare(session, before, after)
    step = Step(before.plan_id, after.plan_id, after.plan_code, after.ground_version)
    return _move(session, run, step, _Asked(difference, lambda boxes: after))


def follow_plan(session: Session, *, plan_code: str | None = None, keys: Sequence[int] | None = None) -> Row:
    """Let customers follow from the plan in which they stand to the one in force (or a named one).

    Where no run stands, or nobody can tell what changed, or nearly everybody moves, it is a whole run. Who
    came in without a grid gets one. `keys` are those of the grids that differ, from who knows them: the
    plans are not compared then. Raises Conflict when no plan is in force. Returns as `assign_customers`;
    when nothing changed, the run that stands.
    """
    take_turn(session)
    run = _find_next_step(session, plan_code)
    if run["id"] is None or run["run_version"] != run["ground_version"] or run["unfollowed"]:
        return assign_customers(session, plan_code=plan_code)
    waiting: list[Row] = []
    if run["newcomers"]:
        waiting = fetch_all(session, "customers/list_without_row", most=MANY + 1)
    if len(waiting) > MANY:
        return assign_customers(session, plan_code=plan_code)
    told = {"run": run["id"], "plan": run["next_code"], "moved": 0, **_totals(run)}
    if run["plan_id"] != run["next_id"]:
        before, plan = _name_plans(run)
        asked = ask_between(session, before, plan, keys=keys)
        if asked.difference.customers > max(MANY, MANY_SHARE * run["total"]):
            return assign_customers(session, plan_code=plan_code)
        step = Step(before["id"], plan["id"], plan["code"], plan["ground_version"])
        told = _move(session, run, step, asked)
    if waiting:
        reassign_customers(session, [row["id"] for row in waiting])
        told |= _totals(require_run(session))
    return told


@dataclass(frozen=True)
class _Asked:
    """What changed, and the ground after it about some boxes."""

    difference: Difference
    near: Callable[[Boxes], Ground]


def ask_between(session: Session, before: Row, after: Row, *, keys: Sequence[int] | None = None) -> _Asked:
    """What changed between two stored plans (rows of `customers/find_plan`)."""
    if _rules(before) != _rules(after):
        # Other rules may move whoever stands under two grids: both grounds are needed whole.
        grounds = [read_ground(session, plan_code=plan["code"]) for plan in (before, after)]
        return _Asked(_compare(session, *grounds), lambda boxes: grounds[1])
    difference = read_difference(session, before["id"], after["id"], keys=keys)

    def near(boxes: Boxes) -> Ground:
        west, south, east, north = boxes.T.tolist()
        sides = {"west": west, "south": south, "east": east, "north": north}
        rows = ask_driver(
            session, "customers/read_grids_near", plan_id=after["id"], units=difference.units, **sides
        )
        return lay_ground(after, rows)

    return _Asked(difference, near)


def _compare(session: Session, before: Ground, after: Ground) -> Difference:
    difference = compare_grounds(session, before, after)
    if before.rules == after.rules:
        return difference
    doubled = [find_doubled(ground) for ground in (before, after)]
    return replace(difference, pieces=np.concatenate([difference.pieces, *doubled]))


def _rules(plan: Row) -> tuple[str, list[str]]:
    return plan["market_rule"], list(plan["precedence"] or ())


def _find_next_step(session: Session, code: str | None) -> Row:
    found = ask_driver(session, "customers/find_next_step", code=code)
    if not found:
        raise Conflict(
            "no_plan", zh="还没有生效的网格规划，不能归格", en="no plan is in force, nothing to assign to"
        )
    return found[0]


def _name_plans(run: Row) -> tuple[Row, Row]:
    """The plan of the run that stands and the next, as rows of `customers/find_plan`."""
    names = ("market_rule", "precedence")
    before = {"id": run["plan_id"], "code": run["plan_code"], "ground_version": run["ground_version"]}
    after = {"id": run["next_id"], "code": run["next_code"], "ground_version": run["next_version"]}
    rules = {"market_rule": run["next_rule"], "precedence": run["next_precedence"]}
    return before | {name: run[name] for name in names}, after | rules


def require_run(session: Session) -> Row:
    """The run that stands. Raises Conflict `no_run`."""
    run = fetch_one(session, "customers/find_current_run")
    if run is None:
        raise Conflict("no_run", zh="还没有整体归格过", en="customers have never been assigned yet")
    return run


def _move(session: Session, run: Row, step: Step, asked: _Asked) -> Row:
    ask_driver(session, "customers/keep_plans")
    rows, ground = read_touched(session, asked)
    found = judge(rows, ground)
    return write_step(session, run, step, found)


def read_touched(session: Session, asked: _Asked) -> tuple[Rows, Ground]:
    """How customers of changed ground stand, and the ground that decides about them."""
    difference = asked.difference
    boxes = difference.boxes()
    ground = asked.near(difference.reach(2 * EDGE_REACH_M))
    found: list[Row] = []
    if len(boxes):
        gaps = find_gaps(difference.reach(EDGE_REACH_M), ground.locator.polygons)
        west, south, east, north = np.concatenate([boxes, gaps]).T.tolist()
        lonely = [False] * len(boxes) + [True] * len(gaps)
        sides = {"west": west, "south": south, "east": east, "north": north, "lonely": lonely}
        found += ask_driver(session, "customers/list_in_boxes", **sides)
    if difference.units:
        found += ask_driver(session, "customers/list_of_units", units=difference.units)
    return as_standing(found), ground


def as_standing(found: Sequence[Row]) -> Rows:
    """Rows of `list_in_boxes`, `list_of_units` or `list_standing` as one structured array, each once."""
    rows = np.array(
        [(*_FACTS(row), METHODS.index(row["method"]), REASONS.index(row["reason"] or "")) for row in found],
        dtype=STANDING,
    )
    return rows[np.unique(rows["id"], return_index=True)[1]]


def judge(rows: Rows, ground: Ground) -> Stand:
    """How those of these customers stand by this ground who stand otherwise now. Run 0 is the next."""
    outcome = place_part(ground, rows)
    key = np.append(ground.grid_keys, 0)[outcome.grid]
    other = np.flatnonzero(
        (key != rows["old_key"])
        | (outcome.method != rows["old_method"])
        | (outcome.reason != rows["old_reason"])
    )
    return Stand(
        rows[other],
        np.zeros(len(other), dtype=np.int64),
        key[other],
        outcome.method[other],
        outcome.reason[other],
    )


def write_step(session: Session, run: Row, step: Step, stand: Stand) -> Row:
    """A new run after `run` in which these customers stand otherwise: rows, moves, counts and totals."""
    new = open_run(session, step.plan_id, step.ground_version, kind=step.kind, undoes=step.undoes)
    ids = stand.rows["id"].tolist()
    methods: dict[str, Any] = {}
    for start in range(0, len(stand), CHUNK):
        part = slice(start, start + CHUNK)
        facts = ask_driver(session, "customers/read_facts", ids=ids[part])
        before = tally_facts(facts, _standing(stand.rows, part))
        after = tally_facts(facts, _standing_next(stand, part))
        _write(session, new, step, stand, part)
        count_places(session, before, after, ids=ids[part])
        for name, adds in differ(before.methods, after.methods).items():
            methods[name] = methods[name] + adds if name in methods else adds
    totals = change_totals(run, methods)
    close_run(session, new, totals)
    moved = int(np.sum(stand.key != stand.rows["old_key"]))
    return {"run": new, "plan": step.plan_code, "moved": moved, **totals}


def _standing(rows: Rows, part: slice) -> dict[int, tuple[int, str]]:
    names = ("id", "old_key", "old_method")
    columns = (rows[name][part].tolist() for name in names)
    return {who: (key, METHODS[method]) for who, key, method in zip(*columns, strict=True)}


def _standing_next(stand: Stand, part: slice) -> dict[int, tuple[int, str]]:
    columns = (stand.rows["id"][part], stand.key[part], stand.method[part])
    return {
        who: (key, METHODS[method])
        for who, key, method in zip(*(column.tolist() for column in columns), strict=True)
    }


def _write(session: Session, run: int, step: Step, stand: Stand, part: slice) -> None:
    rows, runs = stand.rows[part], stand.run[part]
    ask_driver(
        session,
        "customers/move_customers",
        run_id=run,
        before_plan=step.before_plan,
        after_plan=step.plan_id,
        ids=rows["id"].tolist(),
        run_ids=np.where(runs > 0, runs, run).tolist(),
        to_keys=[key or None for key in stand.key[part].tolist()],
        methods=[METHODS[number] for number in stand.method[part].tolist()],
        reasons=[REASONS[number] or None for number in stand.reason[part].tolist()],
        from_keys=[key or None for key in rows["old_key"].tolist()],
        from_runs=rows["old_run"].tolist(),
        from_methods=[METHODS[number] for number in rows["old_method"].tolist()],
        from_reasons=[REASONS[number] or None for number in rows["old_reason"].tolist()],
    )


def _totals(run: Row) -> Row:
    names = ("total", "assigned", "contested", "outside", "unlocated", "by_method", "unassigned")
    return {name: run[name] for name in names}
