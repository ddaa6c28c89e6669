"""Single customers are assigned anew at once, by the kernel of the whole run, within the run that stands.

Afterwards the run's totals, its moves and the counts of every grid are those that a full recount would give.
"""

import json
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.customers.assignment import Ground, locate_customers, place_by_unit, read_ground, take_turn
from app.customers.outcome import LADDER, METHODS, REASONS
from app.db import fetch_all, fetch_one, run_statement
from app.errors import NotReady

WAIT_MS = 15_000
# Which total of the run a method counts into.
TOTALS = {"contested": "contested", "outside": "outside", "unlocated": "unlocated"}
KEPT_GROUNDS = 4
_grounds: "OrderedDict[tuple[str, int, int], Ground]" = OrderedDict()
Row = dict[str, Any]


@dataclass(frozen=True)
class Move:
    """Where a customer stood in the run and where he stands now; None is no grid."""

    from_grid_id: int | None
    to_grid_id: int | None


def hold_assignment(session: Session) -> None:
    """Wait for a run in the making and keep the next one waiting until this transaction ends.

    Comes first in a transaction: a run swaps the table of assignments, and whoever had read it before waiting
    here would wait for ever. Raises NotReady when the run takes too long.
    """
    session.execute(text("SELECT set_config('lock_timeout', :ms, true)"), {"ms": str(WAIT_MS)})
    try:
        take_turn(session)
    except OperationalError as error:
        raise NotReady(
            "assigning", zh="正在整体归格，请稍后再试", en="customers are being assigned; try again soon"
        ) from error


def reassign_customers(session: Session, ids: Sequence[int]) -> dict[int, Move]:
    """Give these customers their grid anew; {} when no run stands. In the worker's hand, under the lock."""
    run = fetch_one(session, "customers/find_current_run")
    if run is None or not ids:
        return {}
    rows = fetch_all(session, "customers/read_assignable", run_id=run["id"], ids=list(ids))
    answers = _assign(_keep_ground(session, run), rows)
    run_statement(session, "customers/write_assignments", run_id=run["id"], rows=json.dumps(answers))
    moves = {
        row["customer_id"]: Move(row["grid_id"], answer["grid_id"])
        for row, answer in zip(rows, answers, strict=True)
    }
    _write_moves(
        session, run["id"], {row["customer_id"]: moves[row["customer_id"]] for row in rows if row["known"]}
    )
    _recount(session, run, rows, answers)
    return moves


def _keep_ground(session: Session, run: Row) -> Ground:
    """The ground of the run's plan, indexed once for each version of it."""
    key = (str(session.get_bind()), run["plan_id"], run["ground_version"])
    ground = _grounds.get(key) or read_ground(session, plan_code=run["plan_code"])
    _grounds[key] = ground
    _grounds.move_to_end(key)
    while len(_grounds) > KEPT_GROUNDS:
        _grounds.popitem(last=False)
    return ground


def _assign(ground: Ground, rows: Sequence[Row]) -> list[Row]:
    """Grid, method and reason of each row, by the rules of the whole run."""
    located = np.array([row["lon"] is not None for row in rows], dtype=bool)
    rung = np.array([row["rung"] for row in rows], dtype=np.int16)
    xy = np.array([(row["lon"] or 0.0, row["lat"] or 0.0) for row in rows], dtype=np.float64).reshape(-1, 2)
    unit = np.array([row["unit"] for row in rows], dtype=np.int64)
    grid = np.full(len(rows), -1, dtype=np.int32)
    method, reason = np.zeros(len(rows), dtype=np.int8), np.zeros(len(rows), dtype=np.int8)
    for chosen, answer in (
        (located, locate_customers(ground, xy[located, 0], xy[located, 1], rung[located])),
        (~located, place_by_unit(ground, unit[~located], rung[~located])),
    ):
        grid[chosen], method[chosen], reason[chosen] = answer.grid, answer.method, answer.reason
    return [
        {
            "customer_id": row["customer_id"],
            "grid_id": int(ground.grid_ids[grid[i]]) if grid[i] >= 0 else None,
            "method": METHODS[method[i]],
            "reason": REASONS[reason[i]] or None,
        }
        for i, row in enumerate(rows)
    ]


def _write_moves(session: Session, run_id: int, moves: dict[int, Move]) -> None:
    changed = {key: move for key, move in moves.items() if move.from_grid_id != move.to_grid_id}
    if changed:
        rows = [{"customer_id": key, **vars(move)} for key, move in changed.items()]
        run_statement(session, "customers/write_moves", run_id=run_id, rows=json.dumps(rows))
        run_statement(session, "customers/drop_idle_moves", run_id=run_id, ids=list(changed))


def _recount(session: Session, run: Row, rows: Sequence[Row], answers: Sequence[Row]) -> None:
    """The grids touched are counted again; the run's totals lose the old rows and gain the new."""
    grids = {row["grid_id"] for row in (*rows, *answers)} - {None}
    if grids:
        run_statement(session, "customers/forget_counts", grids=sorted(grids))
        run_statement(session, "customers/recount_grids", run_id=run["id"], grids=sorted(grids))
    lost: Counter[str] = Counter(run["by_method"])
    none = Counter(_flat(run["unassigned"]))
    for row, answer in zip(rows, answers, strict=True):
        if row["known"]:
            lost[row["method"]] -= 1
            if row["grid_id"] is None:
                none.subtract(_facts(row["old_standing"], row["old_rung"], located=row["old_located"]))
        lost[answer["method"]] += 1
        if answer["grid_id"] is None:
            none.update(_facts(row["standing"], row["rung"], located=row["lon"] is not None))
    _write_totals(session, run, {name: lost[name] for name in METHODS}, none)


def _facts(standing: str, rung: int, *, located: bool) -> list[str]:
    """What a customer of no grid counts into."""
    existing = standing == "existing"
    facts = ["existing" if existing else "prospects", f"rung {rung}"]
    return [*facts, "located_existing"] if existing and located else facts


def _flat(unassigned: Row) -> dict[str, int]:
    rungs = {f"rung {rung}": count for rung, count in zip(LADDER, unassigned["rungs"], strict=True)}
    return {**{key: count for key, count in unassigned.items() if key != "rungs"}, **rungs}


def _write_totals(session: Session, run: Row, by_method: dict[str, int], none: "Counter[str]") -> None:
    totals = Counter(dict.fromkeys(("assigned", "contested", "outside", "unlocated"), 0))
    for method, count in by_method.items():
        totals[TOTALS.get(method, "assigned")] += count
    unassigned = {key: none[key] for key in ("existing", "prospects", "located_existing")}
    run_statement(
        session,
        "customers/recount_run",
        run_id=run["id"],
        total=sum(by_method.values()),
        by_method=json.dumps(by_method),
        unassigned=json.dumps({**unassigned, "rungs": [none[f"rung {rung}"] for rung in LADDER]}),
        **totals,
    )
