"""Taking an assignment run back: who still stands as it left him gets his former row, byte for byte.

Whoever came in or was decided by hand since stands, where the ground differs, as the ground before has it.
Ground itself is not taken back: the plan in force stays in force, and only people start the next run.
"""

from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.access import record
from app.customers import counting
from app.customers.assignment import take_turn
from app.customers.moving import (
    Stand,
    Step,
    as_standing,
    ask_between,
    judge,
    read_touched,
    require_run,
    write_step,
)
from app.customers.outcome import METHODS, REASONS
from app.db import fetch_all, fetch_one, run_statement
from app.errors import Conflict, NotFound

Row = dict[str, Any]


def undo_run(session: Session, run_id: int) -> Row:
    """Take a run back by one of kind `undo`: its number, totals, and `moved`. In the worker's hand.

    Raises NotFound `no_run`; Conflict `undone` when it is taken back already, `nothing_before` for the first
    run and for a load (its import is taken back instead), `later_run` when another run has moved customers
    since, `ground_changed` when the ground it stood on is no longer there to be asked.
    """
    take_turn(session)
    run, target = require_undoable(session, run_id)
    before = _find_run(session, target["before_id"])
    found = fetch_all(session, "customers/list_restorable", run_id=run_id)
    restored = [row for row in found if row["from_run_id"] is not None]
    run = _drop(session, run, [row["id"] for row in found if row["from_run_id"] is None])
    stand = _join(_restore(restored), _judge_others(session, target, before, found, current=run))
    step = Step(
        target["plan_id"], before["plan_id"], before["plan_code"], before["run_version"], "undo", run_id
    )
    record(session, "undo_assignment", subject=f"run {run_id}", customer_ids=stand.rows["id"].tolist())
    return write_step(session, run, step, stand)


def require_undoable(session: Session, run_id: int) -> tuple[Row, Row]:
    """The run that stands and the one to be taken back. Raises as `undo_run` but for `ground_changed`."""
    target = _find_run(session, run_id)
    run = require_run(session)
    _refuse(session, target, run)
    return run, target


def _find_run(session: Session, run_id: int) -> Row:
    run = fetch_one(session, "customers/find_run", run_id=run_id)
    if run is None:
        raise NotFound("no_run", zh=f"没有第 {run_id} 次归格", en=f"there is no assignment run {run_id}")
    return run


def _refuse(session: Session, target: Row, current: Row) -> None:
    if target["undone_by"] is not None:
        raise Conflict("undone", zh="这次归格已经撤销", en="this run has been taken back already")
    if target["before_id"] is None or target["kind"] == "load":
        raise Conflict(
            "nothing_before",
            zh="首次归格与导入时的归格不能撤销",
            en="the first run and the run of a load have nothing to go back to",
        )
    at = _find_run(session, current["id"])
    while at["id"] != target["id"]:
        if at["kind"] == "undo":
            at = _find_run(session, _find_run(session, at["undoes"])["before_id"])
        elif at["kind"] == "load" and at["before_id"] is not None:
            at = _find_run(session, at["before_id"])
        else:
            raise Conflict(
                "later_run",
                zh="之后又有归格，请先撤销后一次",
                en="a later run has moved customers; take that one back first",
                run=at["id"],
            )


def _restore(rows: list[Row]) -> Stand:
    standing = as_standing(rows)
    order = {row["id"]: row for row in rows}
    told = [order[who] for who in standing["id"].tolist()]
    return Stand(
        standing,
        np.array([row["from_run_id"] for row in told], dtype=np.int64),
        np.array([row["from_key"] for row in told], dtype=np.int64),
        np.array([METHODS.index(row["from_method"]) for row in told], dtype=np.int8),
        np.array([REASONS.index(row["from_reason"] or "") for row in told], dtype=np.int8),
    )


def _drop(session: Session, run: Row, ids: list[int]) -> Row:
    """Who had no row before has none again; the totals of the run that stands, without them."""
    if not ids:
        return run
    tally = counting.tally_customers(session, ids)
    counting.count_places(session, tally, _still_living(tally), ids=ids)
    run_statement(session, "customers/drop_assignments", ids=ids)
    return {**run, **counting.change_totals(run, counting.differ(tally.methods, {}))}


def _still_living(tally: counting.Tally) -> counting.Tally:
    """The same customers without a grid: their villages still hold them."""
    at = counting.ADDS.index("assigned")
    villages = {code: np.where(np.arange(len(adds)) == at, 0, adds) for code, adds in tally.villages.items()}
    return counting.Tally(villages=villages)


def _judge_others(
    session: Session, target: Row, before: Row, kept: list[Row], *, current: Row
) -> Stand | None:
    """Who is on ground that differs and was not put back: he came in, or was decided anew, since the run."""
    if current["id"] == target["id"] and not current["reassigned"]:
        return None
    if (target["plan_id"], target["run_version"]) == (before["plan_id"], before["run_version"]):
        return None
    plans = [fetch_one(session, "customers/find_plan", code=run["plan_code"]) for run in (target, before)]
    if (
        plans[0] is None
        or plans[1] is None
        or any(run["run_version"] != run["ground_version"] for run in (target, before))
    ):
        raise Conflict(
            "ground_changed",
            zh="当时的网格已经改过，无法撤销；请重新归格",
            en="the ground of that run has been changed since; assign anew instead",
        )
    rows, ground = read_touched(session, ask_between(session, plans[0], plans[1]))
    others = rows[~np.isin(rows["id"], [row["id"] for row in kept])]
    return judge(others, ground)


def _join(one: Stand, other: Stand | None) -> Stand:
    if other is None or not len(other):
        return one
    return Stand(*(np.concatenate([getattr(one, f), getattr(other, f)]) for f in Stand.__dataclass_fields__))
