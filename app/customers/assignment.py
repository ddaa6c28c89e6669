"""Assignment 归格 of the whole bank: every customer gets a grid of the plan in force, or a reason why not.

assigned + contested + outside + unlocated = total, or the run does not exist (the database checks it). A run
streams through the bank part by part: one part is read and written while the next is located, and memory is
that of two parts whatever the size of the bank. Each block is built aside by COPY of whole arrays, and all
are swapped in at once. Who stands as before keeps the number of the run that decided it; who does not is in
`assignment_move`, with all that is needed to put his row back.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.counting import change_totals
from app.customers.grounds import Ground, Ints, lay_ground, locate_customers, place_by_unit, read_ground
from app.customers.outcome import METHODS, REASONS, STANDINGS, TIERS, Outcome
from app.customers.parts import Part, list_parts, read_part
from app.customers.run_counts import RunCounts
from app.db import ask_driver, copy_in, fetch_all, fetch_value
from app.db.arrays import Column, copy_in_blocks

__all__ = [
    "LOCK",
    "Ground",
    "assign_customers",
    "count_held",
    "lay_ground",
    "locate_customers",
    "place_by_unit",
    "place_part",
    "read_ground",
    "take_turn",
]

LOCK = 7236703
COLUMNS = ("run_id", "customer_id", "grid_key", "rung", "method", "reason", "standing", "tier", "geom")
MOVES = (
    ("run_id", "int8"),
    ("customer_id", "int8"),
    ("from_grid_id", "int8"),
    ("to_grid_id", "int8"),
    ("from_key", "int8"),
    ("to_key", "int8"),
    ("from_run_id", "int8"),
    ("from_method", "text"),
    ("from_reason", "text"),
)
Rows = NDArray[np.void]
Tell = Callable[[str, int, int], None]


def take_turn(session: Session) -> None:
    """Wait for whatever moves customers (a run, a landing, a decision by hand); the next waits for this one.

    Taken before any row of theirs is written: who took rows first would wait for ever.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def place_part(ground: Ground, rows: Rows) -> Outcome:
    """The rules for customers of a part, with a point or without."""
    grid = np.full(len(rows), -1, dtype=np.int32)
    method, reason = np.zeros(len(rows), dtype=np.int8), np.zeros(len(rows), dtype=np.int8)
    located = np.isfinite(rows["x"])
    here, nowhere = np.flatnonzero(located), np.flatnonzero(~located)
    for at, answer in (
        (here, locate_customers(ground, rows["x"][here], rows["y"][here], rows["rung"][here])),
        (nowhere, place_by_unit(ground, rows["unit"][nowhere], rows["rung"][nowhere])),
    ):
        grid[at], method[at], reason[at] = answer.grid, answer.method, answer.reason
    return Outcome(grid, method, reason)


def assign_customers(
    session: Session, *, plan_code: str | None = None, on_progress: Tell | None = None
) -> dict[str, Any]:
    """Give every customer a grid of the plan in force: one run, swapped in whole. Returns its counts.

    Raises Conflict when no plan is in force. All in the caller's transaction: readers see the run before
    or this one.
    """
    tell = on_progress or (lambda stage, done, total: None)
    take_turn(session)
    tell("read", 0, 0)
    ground = read_ground(session, plan_code=plan_code)
    run = open_run(session, ground.plan_id, ground.ground_version, kind="whole")
    counts = RunCounts(ground)
    writing = _Writing(session, ground, run)
    total = int(fetch_value(session, "customers/count_all"))
    for part, rows, outcome in _place_all(session, ground):
        writing.write(part, rows, outcome)
        counts.add(session, part, rows, outcome)
        tell("write", counts.customers, total)
    tell("swap", total, total)
    session.execute(text("SELECT getu_adopt_assignment(:run)"), {"run": run})
    totals = change_totals({"by_method": {}, "unassigned": {}}, counts.tally.methods)
    close_run(session, run, totals)
    counts.write(session)
    return {"run": run, "plan": ground.plan_code, "moved": writing.moved, **totals}


def _place_all(session: Session, ground: Ground) -> Iterator[tuple[Part, Rows, Outcome]]:
    """Each part with its outcome: while one is located beside, the next is read and the last one written."""
    parts = list(list_parts(session))
    with ThreadPoolExecutor(1) as beside:
        waiting = None
        for part in parts:
            rows = read_part(session, part)
            placed = (part, rows, beside.submit(place_part, ground, rows))
            if waiting is not None:
                yield waiting[0], waiting[1], waiting[2].result()
            waiting = placed
        if waiting is not None:
            yield waiting[0], waiting[1], waiting[2].result()


def open_run(
    session: Session, plan_id: int, ground_version: int, *, kind: str, undoes: int | None = None
) -> int:
    """A new run (whole, changed, load, undo) after the one that stands, not yet current; its number."""
    return int(
        ask_driver(
            session,
            "customers/open_run",
            plan_id=plan_id,
            ground_version=ground_version,
            kind=kind,
            undoes=undoes,
        )[0]["id"]
    )


def close_run(session: Session, run: int, totals: dict[str, Any]) -> None:
    """The run has these totals (`counting.change_totals`) and becomes the current one."""
    words = {key: json.dumps(totals[key]) for key in ("by_method", "unassigned")}
    ask_driver(session, "customers/close_run", run_id=run, **{**totals, **words})


def count_held(session: Session, ground: Ground) -> Ints:
    """How many customers an assignment would give each grid (n,) now; nothing is written."""
    held = np.zeros(len(ground.grid_ids), dtype=np.int64)
    for _, _, outcome in _place_all(session, ground):
        held += np.bincount(outcome.grid[outcome.grid >= 0], minlength=len(held))
    return held


class _Writing:
    """A whole run being written: tables aside, and who stands otherwise than before."""

    def __init__(self, session: Session, ground: Ground, run: int) -> None:
        self.session, self.ground, self.run, self.moved = session, ground, run, 0
        self._tables: dict[int, str] = {}
        found = fetch_all(session, "customers/list_grid_keys")
        self._ids_before = {row["key_id"]: row["id"] for row in found}
        self._ids = dict(zip(ground.grid_keys.tolist(), ground.grid_ids.tolist(), strict=True))
        self._first = not fetch_value(session, "customers/has_run")

    def write(self, part: Part, rows: Rows, outcome: Outcome) -> None:
        """A part into its block's table aside, and its moves."""
        keys = self._keys(outcome)
        changed = find_changed(rows, outcome, keys)
        runs = np.where(changed, self.run, rows["old_run"])
        table = self._open(part.block)
        copy_in_blocks(self.session, table, COLUMNS, _blocks(rows, outcome, keys, runs))
        if not self._first:
            told = np.flatnonzero(changed)
            copy_in(
                self.session,
                "assignment_move",
                [name for name, _ in MOVES],
                self._moves(rows[told], keys[told]),
                types=[kind for _, kind in MOVES],
            )
            self.moved += int(np.sum((rows["old_key"] >= 0) & (rows["old_key"] != keys)))

    def _keys(self, outcome: Outcome) -> Ints:
        return np.append(self.ground.grid_keys, 0)[outcome.grid]

    def _open(self, block: int) -> str:
        if block not in self._tables:
            opened = self.session.execute(
                text("SELECT getu_open_assignment(:run, :block)"), {"run": self.run, "block": block}
            ).scalar()
            self._tables[block] = str(opened)
        return self._tables[block]

    def _moves(self, rows: Rows, keys: Ints) -> Iterator[tuple[Any, ...]]:
        """Rows of `assignment_move`; who stood nowhere at all before has no run before."""
        fields = (rows[name].tolist() for name in ("id", "old_key", "old_run", "old_how"))
        for who, left, run, how, entered in zip(*fields, keys.tolist(), strict=True):
            ids = (self._ids_before.get(left), self._ids.get(entered))
            was = METHODS[how // 16], REASONS[how % 16] or None
            before = (run, *was) if left >= 0 else (None, None, None)
            yield (self.run, who, *ids, left if left > 0 else None, entered or None, *before)


def find_changed(rows: Rows, outcome: Outcome, keys: Ints) -> NDArray[np.bool_]:
    """Who stands otherwise than before (n,): another grid, method or reason, or other facts beside them."""
    how = outcome.method.astype(np.int16) * 16 + outcome.reason
    return np.asarray((rows["old_key"] != keys) | (rows["old_how"] != how) | ~rows["as_now"])


def _blocks(rows: Rows, outcome: Outcome, keys: Ints, runs: Ints) -> Iterator[tuple[int, list[Column]]]:
    """COPY blocks, one for each combination of words and NULLs: the rows of a block have one width."""
    located = np.isfinite(rows["x"]).astype(np.int64)
    # 64 bits throughout: in the columns' own 8 bits the products would wrap and mix groups.
    group = outcome.method.astype(np.int64)
    for fact, size in (
        (outcome.reason, 16),
        (rows["standing"], 4),
        (rows["tier"], 4),
        (keys != 0, 2),
        (located, 2),
    ):
        group = group * size + fact
    for value in np.unique(group):
        at = np.flatnonzero(group == value)
        yield len(at), _block(rows[at], _pick(outcome, at), keys[at], runs[at])


def _pick(outcome: Outcome, at: NDArray[np.intp]) -> Outcome:
    return Outcome(outcome.grid[at], outcome.method[at], outcome.reason[at])


def _block(rows: Rows, outcome: Outcome, keys: Ints, runs: Ints) -> list[Column]:
    reason = REASONS[int(outcome.reason[0])]
    located = bool(np.isfinite(rows["x"][0]))
    return [
        Column("int8", runs),
        Column("int8", rows["id"]),
        Column("int8", keys) if keys[0] else Column("null"),
        Column("int2", rows["rung"]),
        Column("text", METHODS[int(outcome.method[0])]),
        Column("text", reason) if reason else Column("null"),
        Column("text", STANDINGS[int(rows["standing"][0])]),
        Column("text", TIERS[int(rows["tier"][0])]),
        Column("point", np.column_stack([rows["x"], rows["y"]])) if located else Column("null"),
    ]
