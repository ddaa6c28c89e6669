"""Taking back: a batch of decisions by hand is undone whole, or not at all."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import record
from app.customers import corrections, counting, decisions, reassigning, steps
from app.customers.steps import Act, Change
from app.db import as_worker, fetch_all
from app.errors import Conflict, NotFound

Row = dict[str, Any]


def undo_batch(session: Session, batch: int) -> dict[str, Any]:
    """Placements and cases stand as before this batch, what it taught holds no more; whom it concerned.

    One's own batches, head office any. Raises NotFound for another's and for one about a customer who is in
    the viewer's sight neither before nor after, Conflict when it is taken back already or a customer has
    changed since.
    """
    reassigning.hold_assignment(session)
    with as_worker(session):
        rows = _read_batch(session, batch)
    ids = [row["customer_id"] for row in rows]
    seen = steps.list_seen(session, ids)
    with as_worker(session):
        told, prefixes = _undo(session, rows)
    # A decision may have taken a customer out of its maker's sight: then undoing brings him back into it.
    if set(ids) - seen - steps.list_seen(session, ids):
        raise _no_batch()
    record(session, "undo_placement", customer_ids=told["customers"], detail={"batch": batch})
    _weigh(session, prefixes)
    return told


def _read_batch(session: Session, batch: int) -> list[Row]:
    """The batch's steps. Raises NotFound when it is none of the viewer's."""
    viewer = steps.viewer_of(session)
    rows = fetch_all(session, "customers/list_batch", batch=batch)
    if not rows or (viewer.db_role != "getu_head" and rows[0]["user_id"] != viewer.user_id):
        raise _no_batch()
    if any(row["undone"] for row in rows) or rows[0]["action"] == "undo":
        raise Conflict("undone", zh="这次操作已经撤销", en="it has been taken back already")
    for row in rows:
        if row["later_at"] is not None:
            steps.refuse_decided(row["later_by"], row["later_at"])
    return rows


def _no_batch() -> NotFound:
    return NotFound("no_batch", zh="没有这次操作，或不是您做的", en="no such batch of yours")


def _undo(session: Session, rows: list[Row]) -> tuple[dict[str, Any], set[str]]:
    """Write the states before, keep that as steps of their own; what is told, and the prefixes unlearned or
    learned again. In the worker's hand."""
    ids = [row["customer_id"] for row in rows]
    standings = steps.lock_standings(session, ids)
    for row in rows:
        standing = standings.get(row["customer_id"])
        if standing is None or not steps.same_state(standing.state, row["after"]):
            raise Conflict(
                "changed_since",
                zh="之后的导入或定位已改变这位客户，不能撤销",
                en="an import or a run has changed this customer since; it cannot be taken back",
            )
    with counting.keep_counts(session, ids):
        steps.write_states(session, {row["customer_id"]: row["before"] for row in rows})
        moves = reassigning.reassign_customers(session, ids)
    revived = [number for row in rows for number in row["after"].get("ended", ())]
    prefixes = corrections.untake(session, [row["id"] for row in rows], revived)
    numbers = steps.number_steps(session, len(rows))
    told = {
        "batch": numbers[0],
        "steps": len(rows),
        "customers": ids,
        **decisions.tell(session, rows[0]["before"], moves.get(ids[0])),
    }
    changes = [Change(row["customer_id"], row["after"], row["before"], row["id"]) for row in rows]
    steps.add_steps(session, changes, Act("undo", steps.viewer_of(session).user_id), numbers=numbers)
    return told, prefixes


def _weigh(session: Session, prefixes: set[str]) -> None:
    """The forms of these prefixes are weighed anew as teachings stand now."""
    if not prefixes:
        return
    tell_alias = decisions.alias_of(session)
    with as_worker(session):
        for prefix in sorted(prefixes):
            corrections.weigh_alias(session, prefix, tell_alias)
