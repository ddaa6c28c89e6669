"""A boundary import taken back: its units go, and those it had ended stand again as they did."""

from sqlalchemy.orm import Session

from app.db import fetch_value, run_statement
from app.errors import Conflict, NotFound
from app.models import ImportRun


def undo_import(session: Session, import_id: int) -> int:
    """Take the units of an import away and let those it had ended stand again; returns how many went.

    Grids that plans made of them stay as they are. Raises NotFound, Conflict `not_newest` when a later
    import has ended units of this one.
    """
    run = session.get(ImportRun, import_id)
    if run is None or run.kind != "boundaries" or run.status != "imported":
        raise NotFound("no_import", zh="没有这次导入", en="there is no such import")
    if fetch_value(session, "territory/count_ended_units", import_id=import_id):
        raise Conflict(
            "not_newest", zh="之后的导入已替换这些单元，请先撤销之后的导入", en="undo the later import first"
        )
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
