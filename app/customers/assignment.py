"""Assignment 归格: every customer gets a grid of the plan in force, or a reason why not.

Order of rules: point inside one grid, or inside several of which the plan's market rule says which one
keeps the ground → contested (two grids; the kind that stands first wins, flagged) → within the edge
tolerance of the nearest grid (its width from the placement rung) → by unit (sure of the village, no point)
→ outside or unlocated with a reason. assigned + contested + outside + unlocated = total, or the run does
not exist (the database checks it).

A run never updates a million rows: it is built aside by COPY of whole arrays and swapped in.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.outcome import (
    CONTESTED,
    EDGE,
    INSIDE,
    METHODS,
    OUTSIDE,
    REASONS,
    STANDINGS,
    TIERS,
    UNIT,
    UNLOCATED,
    Batch,
    Outcome,
    count_grids,
    count_run,
)
from app.customers.placing import EDGE_M
from app.db import copy_in, fetch_all, fetch_one, fetch_value, run_statement
from app.db.arrays import Column, copy_in_blocks, copy_out_array
from app.errors import Conflict
from app.spatial.locate import Locator
from app.territory.plans.precedence import complete_precedence, settles

COLUMNS = ("run_id", "customer_id", "grid_key", "rung", "method", "reason", "standing", "tier", "geom")
LOCK = 7236703

FACTS = """p.rung,
    (CASE c.standing WHEN 'existing' THEN 0 ELSE 1 END)::int2,
    (CASE c.tier WHEN 'regular' THEN 0 WHEN 'key' THEN 1 ELSE 2 END)::int2,
    (c.filed::int + CASE WHEN c.last_visit_on >= date_trunc('month', current_date) THEN 2 ELSE 0 END)::int2,
    coalesce(hashtextextended(c.household_no, 0), 0)"""
# Our own constant text; nothing of a user reaches it.
LOCATED = f"""SELECT p.customer_id, {FACTS}, ST_X(p.geom), ST_Y(p.geom)
FROM placement p JOIN customer c ON c.id = p.customer_id WHERE p.geom IS NOT NULL"""  # noqa: S608
UNLOCATED_ROWS = f"""SELECT p.customer_id, {FACTS}, coalesce(hashtextextended(p.unit_code, 0), 0)
FROM placement p JOIN customer c ON c.id = p.customer_id WHERE p.geom IS NULL"""  # noqa: S608
FIELDS = [
    ("id", "int8"),
    ("rung", "int2"),
    ("standing", "int2"),
    ("tier", "int2"),
    ("served", "int2"),
    ("household", "int8"),
]
BEFORE = "SELECT customer_id, coalesce(grid_key, 0) FROM assignment_row"
# Block k of customers holds the ids from k times this on.
BLOCK = 1_000_000_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """The grids of one plan, ready to be asked: ids in order of precedence, their index, their units.

    `kind` numbers the kind of each grid; `settled[a, b]` says whether the plan's market rule decides between
    two kinds, so that ground under both is no dispute.
    """

    plan_id: int
    plan_code: str
    ground_version: int
    grid_ids: Ints
    grid_keys: Ints
    locator: Locator
    units: dict[int, int]
    divided: frozenset[int]
    kind: NDArray[np.intp]
    settled: NDArray[np.bool_]


def read_ground(session: Session, *, plan_code: str | None = None) -> Ground:
    """The grids of the plan in force today, or of a named plan. Raises Conflict when there is none."""
    plan = fetch_one(session, "customers/find_plan", code=plan_code)
    if plan is None:
        raise Conflict(
            "no_plan", zh="还没有生效的网格规划，不能归格", en="no plan is in force, nothing to assign to"
        )
    rows = fetch_all(session, "customers/read_grids", plan_id=plan["id"])
    order = complete_precedence(plan["precedence"])
    rank = {kind: place for place, kind in enumerate(order)}
    rows = sorted(rows, key=lambda row: (rank.get(row["kind"], len(rank)), row["code"]))
    units: dict[int, int] = {}
    divided: set[int] = set()
    for position, row in enumerate(rows):
        for unit in row["unit_keys"] or ():
            (divided.add(unit) if unit in units else units.__setitem__(unit, position))
    shapes = shapely.from_wkb(np.array([bytes(row["wkb"]) for row in rows], dtype=object))
    return Ground(
        plan_id=plan["id"],
        plan_code=plan["code"],
        ground_version=plan["ground_version"],
        grid_ids=np.array([row["id"] for row in rows], dtype=np.int64),
        grid_keys=np.array([row["key_id"] for row in rows], dtype=np.int64),
        locator=Locator(shapes),
        units=units,
        divided=frozenset(divided),
        kind=np.array([rank.get(row["kind"], len(rank)) for row in rows], dtype=np.intp),
        settled=np.array(
            [[settles(plan["market_rule"], a, b) for b in (*order, "")] for a in (*order, "")], dtype=bool
        ),
    )


def locate_customers(ground: Ground, x: NDArray[Any], y: NDArray[Any], rung: NDArray[Any]) -> Outcome:
    """The rules for customers with a point: lon/lat (n,), placement rungs (n,)."""
    grid = ground.locator.locate(x, y).astype(np.int32)
    method = np.full(len(grid), INSIDE, dtype=np.int8)
    inside = np.flatnonzero(grid >= 0)
    second = ground.locator.second(x[inside], y[inside])
    both = np.flatnonzero(second >= 0)
    disputed = ~ground.settled[ground.kind[grid[inside[both]]], ground.kind[second[both]]]
    method[inside[both[disputed]]] = CONTESTED
    for step, width_m in EDGE_M.items():
        near = np.flatnonzero((grid < 0) & (rung == step))
        if len(near):
            found, _ = ground.locator.nearest(x[near], y[near], width_m)
            grid[near] = found
            method[near[found >= 0]] = EDGE
    lost = grid < 0
    method[lost] = OUTSIDE
    return Outcome(grid, method, lost.astype(np.int8) * REASONS.index("outside_every_grid"))


def place_by_unit(ground: Ground, unit: Ints, rung: NDArray[Any]) -> Outcome:
    """The rules for customers without a point: unit keys (n,), 0 for none, and rungs (n,)."""
    keys, back = np.unique(unit, return_inverse=True)
    position = np.array(
        [-1 if k in ground.divided else ground.units.get(int(k), -1) for k in keys], dtype=np.int32
    )
    grid = position[back] if len(keys) else np.empty(0, dtype=np.int32)
    divided = np.isin(unit, np.array(sorted(ground.divided), dtype=np.int64))
    reason = np.select(
        [grid >= 0, divided, unit != 0, rung == 6],
        [0, REASONS.index("unit_divided"), REASONS.index("unit_without_grid"), REASONS.index("town_only")],
        REASONS.index("no_place"),
    ).astype(np.int8)
    method = np.where(grid >= 0, UNIT, UNLOCATED).astype(np.int8)
    return Outcome(grid, method, reason)


def take_turn(session: Session) -> None:
    """Wait for whatever moves customers (a run, a landing, a decision by hand); the next waits for this one.

    Taken before any row of theirs is written: who took rows first would wait for ever.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def assign_customers(
    session: Session,
    *,
    plan_code: str | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Give every customer a grid of the plan in force: one run, swapped in whole. Returns its counts.

    Raises Conflict when no plan is in force. All in the caller's transaction: readers see the run before
    or this one.
    """
    tell = on_progress or (lambda stage, done, total: None)
    take_turn(session)
    ground = read_ground(session, plan_code=plan_code)
    run = int(
        fetch_value(
            session, "customers/open_run", plan_id=ground.plan_id, ground_version=ground.ground_version
        )
    )
    tell("read", 0, 0)
    batches = [_assign_located(session, ground), _assign_unlocated(session, ground)]
    total = sum(len(batch) for batch in batches)
    tell("write", 0, total)
    for block in fetch_all(session, "customers/list_blocks"):
        _write_block(
            session, [batch.of_block(block["id"], BLOCK) for batch in batches], ground, run, block["id"]
        )
    moved = _write_moves(session, batches, ground, run)
    tell("swap", total, total)
    session.execute(text("SELECT getu_adopt_assignment(:run)"), {"run": run})
    counts = count_run(batches)
    _close_run(session, run, counts, batches=batches, ground=ground)
    return {"run": run, "plan": ground.plan_code, "moved": moved, **counts}


def _write_block(session: Session, batches: list[Batch], ground: Ground, run: int, block: int) -> None:
    """The assignments of one block of customers into their table aside."""
    opened = session.execute(
        text("SELECT getu_open_assignment(:run, :block)"), {"run": run, "block": block}
    ).scalar()
    copy_in_blocks(session, str(opened), COLUMNS, _blocks(batches, ground, run))


def count_held(session: Session, ground: Ground) -> Ints:
    """How many customers an assignment would give each grid (n,) now; nothing is written."""
    batches = [_assign_located(session, ground), _assign_unlocated(session, ground)]
    position = np.concatenate([batch.outcome.grid for batch in batches])
    return np.bincount(position[position >= 0], minlength=len(ground.grid_ids))


def _close_run(
    session: Session, run: int, counts: dict[str, Any], *, batches: list[Batch], ground: Ground
) -> None:
    """The run becomes the current one and the grids' counts are taken from it."""
    words = {key: json.dumps(counts[key]) for key in ("by_method", "unassigned")}
    run_statement(session, "customers/retire_run")
    run_statement(session, "customers/close_run", run_id=run, **{**counts, **words})
    run_statement(session, "customers/clear_counts")
    _write_counts(session, count_grids(batches, len(ground.grid_ids)), ground)


def _write_counts(session: Session, counts: dict[str, NDArray[np.int64]], ground: Ground) -> None:
    """One row a grid that holds anybody, in place of the run before's."""
    names = [name for name in counts if name != "rungs"]
    columns = ("grid_key", *names, "rungs", "visited_month")
    held = np.flatnonzero(counts["existing"] + counts["prospects"])
    month = fetch_value(session, "customers/find_month")
    rows = (
        (
            int(ground.grid_keys[i]),
            *(int(counts[name][i]) for name in names),
            counts["rungs"][i].tolist(),
            month,
        )
        for i in held
    )
    types = ("int8", *("int4" for _ in names), "int8[]", "date")
    copy_in(session, "grid_count_row", columns, rows, types=types)


def _assign_located(session: Session, ground: Ground) -> Batch:
    rows = copy_out_array(session, LOCATED, [*FIELDS, ("x", "float8"), ("y", "float8")])
    outcome = locate_customers(ground, rows["x"], rows["y"], rows["rung"])
    return Batch(rows, np.column_stack([rows["x"], rows["y"]]), outcome)


def _assign_unlocated(session: Session, ground: Ground) -> Batch:
    rows = copy_out_array(session, UNLOCATED_ROWS, [*FIELDS, ("unit", "int8")])
    return Batch(rows, None, place_by_unit(ground, rows["unit"], rows["rung"]))


def _blocks(batches: list[Batch], ground: Ground, run: int) -> Iterator[tuple[int, list[Column]]]:
    """COPY blocks, one for each combination of words and NULLs: the rows of a block have one width."""
    for batch in batches:
        out = batch.outcome
        has_grid = (out.grid >= 0).astype(np.int64)
        # 64 bits throughout: in the columns' own 8 bits the products would wrap and mix groups.
        key = out.method.astype(np.int64)
        for part, size in (
            (out.reason, 16),
            (batch.facts["standing"], 4),
            (batch.facts["tier"], 4),
            (has_grid, 2),
        ):
            key = key * size + part
        for value in np.unique(key):
            rows = np.flatnonzero(key == value)
            yield len(rows), _block(batch, rows, ground, run)


def _block(batch: Batch, rows: Ints, ground: Ground, run: int) -> list[Column]:
    first, out = rows[0], batch.outcome
    grid = Column("int8", ground.grid_keys[out.grid[rows]]) if out.grid[first] >= 0 else Column("null")
    reason = REASONS[int(out.reason[first])]
    return [
        Column("int8", run),
        Column("int8", batch.facts["id"][rows]),
        grid,
        Column("int2", batch.facts["rung"][rows]),
        Column("text", METHODS[int(out.method[first])]),
        Column("text", reason) if reason else Column("null"),
        Column("text", STANDINGS[int(batch.facts["standing"][first])]),
        Column("text", TIERS[int(batch.facts["tier"][first])]),
        Column("null") if batch.xy is None else Column("point", batch.xy[rows]),
    ]


def _write_moves(session: Session, batches: list[Batch], ground: Ground, run: int) -> int:
    """Who stands in another grid than in the run before, by the grids' lasting keys."""
    before = copy_out_array(session, BEFORE, [("id", "int8"), ("grid", "int8")])
    if not len(before):
        return 0
    ids = {row["key_id"]: row["id"] for row in fetch_all(session, "customers/list_grid_keys")}
    customer = np.concatenate([batch.facts["id"] for batch in batches])
    position = np.concatenate([batch.outcome.grid for batch in batches])
    now = np.where(position >= 0, ground.grid_keys[position], 0)
    order = np.argsort(before["id"])
    at = np.searchsorted(before["id"][order], customer)
    known = (at < len(before)) & (before["id"][order][np.minimum(at, len(before) - 1)] == customer)
    old = np.where(known, before["grid"][order][np.minimum(at, len(before) - 1)], -1)
    changed = np.flatnonzero(known & (old != now))
    here = dict(zip(ground.grid_keys.tolist(), ground.grid_ids.tolist(), strict=True))
    moves = [
        (run, who, ids.get(left), here.get(entered), left or None, entered or None)
        for who, left, entered in zip(
            customer[changed].tolist(), old[changed].tolist(), now[changed].tolist(), strict=True
        )
    ]
    columns = ("run_id", "customer_id", "from_grid_id", "to_grid_id", "from_key", "to_key")
    copy_in(session, "assignment_move", columns, moves, types=("int8",) * 6)
    return len(moves)
