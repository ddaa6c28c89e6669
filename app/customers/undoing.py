"""Taking back: a batch of decisions by hand is undone whole, or not at all."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import record
from app.customers import corrections, decisions, reassigning, steps
from app.customers.steps import Act, Change
from app.db import as_worker, fetch_all
from app.errors import Conflict, NotFound

Row = dict[str, Any]


def undo_batch(session: Session, batch: int) -> dict[str, Any]:
    """Placements and cases stand as before this batch, what it taught holds no more; whom it concerned.

    One's own batches, head office any. Raises NotFound for another's, Conflict when it is taken back already
    or a customer has changed since.
    """
    reassigning.hold_assignment(session)
    with as_worker(session):
        rows = _read_batch(session, batch)
        told = _undo(session, rows)
    record(session, "undo_placement", customer_ids=told["customers"], detail={"batch": batch})
    for row in rows:
        _weigh(session, row)
    return told


def _read_batch(session: Session, batch: int) -> list[Row]:
    """The batch's steps. Raises NotFound when it is none of the viewer's."""
    viewer = steps.viewer_of(session)
    rows = fetch_all(session, "customers/list_batch", batch=batch)
    if not rows or (viewer.db_role != "getu_head" and rows[0]["user_id"] != viewer.user_id):
        raise NotFound("no_batch", zh="没有这次操作，或不是您做的", en="no such batch of yours")
    if any(row["undone"] for row in rows) or rows[0]["action"] == "undo":
        raise Conflict("undone", zh="这次操作已经撤销", en="it has been taken back already")
    for row in rows:
        if row["later_at"] is not None:
            steps.refuse_decided(row["later_by"], row["later_at"])
    return rows


def _undo(session: Session, rows: list[Row]) -> dict[str, Any]:
    """Write the states before, keep that as steps of their own. In the worker's hand."""
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
    steps.write_states(session, {row["customer_id"]: row["before"] for row in rows})
    revived = [number for row in rows for number in row["after"].get("ended", ())]
    corrections.untake(session, [row["id"] for row in rows], revived)
    moves = reassigning.reassign_customers(session, ids)
    numbers = steps.number_steps(session, len(rows))
    told = {
        "batch": numbers[0],
        "steps": len(rows),
        "customers": ids,
        **decisions.tell(session, rows[0]["before"], moves.get(ids[0])),
    }
    changes = [Change(row["customer_id"], row["after"], row["before"], row["id"]) for row in rows]
    steps.add_steps(session, changes, Act("undo", steps.viewer_of(session).user_id), numbers=numbers)
    return told


def _weigh(session: Session, row: Row) -> None:
    """The form that a choice had proposed is weighed anew without it."""
    case = row["before"]["case"]
    if row["action"] != "choose" or case is None or not case["prefix"]:
        return
    tell_alias = decisions.alias_of(session)
    with as_worker(session):
        corrections.weigh_alias(session, case["prefix"], row["after"]["place_code"], tell_alias)
