"""A boundary import taken back: its units go, and those it had ended stand again as they did."""

from sqlalchemy.orm import Session

from app.db import run_statement
from app.territory.boundaries.runs import check_may_undo, find_run


def undo_import(session: Session, import_id: int) -> int:
    """Take the units of an import away and let those it had ended stand again; returns how many went.

    Grids that plans made of them stay as they are. Raises NotFound, Conflict `not_imported`, and Conflict
    `not_newest` when a later import has ended units of this one.
    """
    run = find_run(session, import_id)
    check_may_undo(session, run)
    gone = run_statement(session, "territory/remove_units", import_id=import_id).rowcount
    replaced = run.report.get("replaced", [])
    run_statement(
        session,
        "territory/restore_units",
        unit_ids=[unit_id for unit_id, _ in replaced],
        begins=[begins for _, begins in replaced],
    )
    run.status = "undone"
    session.flush()
    return int(gone)
