"""Single customers are assigned anew at once, by the kernel of the whole run, within the run that stands.

Afterwards the run's totals, its moves and the counts of every grid are those that a full recount would give.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.customers.assignment import take_turn
from app.customers.counting import keep_counts
from app.customers.grounds import Ground, locate_customers, place_by_unit, read_ground
from app.customers.outcome import METHODS, REASONS
from app.db import fetch_all, fetch_one, run_statement
from app.errors import NotReady

WAIT_MS = 15_000
CHUNK = 20_000
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
    """Give these customers their grid anew; {} when no run stands. In the worker's hand, under the lock.

    Who is gone (`customer.gone_at`) stands in no grid any more. Counts follow; a caller that changes where
    they live in the same breath wraps both in `keep_counts`.
    """
    run = fetch_one(session, "customers/find_current_run")
    if run is None or not ids:
        return {}
    moves: dict[int, Move] = {}
    with keep_counts(session, ids):
        for start in range(0, len(ids), CHUNK):
            moves |= _reassign(session, run, list(ids[start : start + CHUNK]))
    run_statement(session, "customers/mark_reassigned", run_id=run["id"])
    return moves


def _reassign(session: Session, run: Row, ids: list[int]) -> dict[int, Move]:
    found = fetch_all(session, "customers/read_assignable", ids=ids)
    gone = [row for row in found if row["gone"]]
    rows = [row for row in found if not row["gone"]]
    answers = _assign(_keep_ground(session, run), rows)
    if gone:
        run_statement(session, "customers/drop_assignments", ids=[row["customer_id"] for row in gone])
    written = fetch_all(session, "customers/write_assignments", run_id=run["id"], rows=json.dumps(answers))
    anew = [row["customer_id"] for row in (*written, *gone)]
    run_statement(session, "customers/mark_anew", run_id=run["id"], ids=anew)
    moves = {
        row["customer_id"]: Move(row["grid_id"], answer["grid_id"])
        for row, answer in zip(rows, answers, strict=True)
    } | {row["customer_id"]: Move(row["grid_id"], None) for row in gone}
    known = {row["customer_id"] for row in found if row["known"]}
    _write_moves(session, run["id"], {key: move for key, move in moves.items() if key in known})
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
