"""A boundary import taken back: its units go, and those it had ended stand again as they did."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_value, run_statement
from app.territory.boundaries.runs import check_may_undo, find_run


@dataclass(frozen=True)
class Undone:
    """What an undo did: units gone, units standing again, and grids that had been made of the units gone."""

    import_id: int
    removed: int
    restored: int
    grids_kept: int

    def as_json(self) -> dict[str, Any]:
        """The outcome as JSON-ready values."""
        told = {"removed": self.removed, "restored": self.restored, "grids_kept": self.grids_kept}
        return {"import_id": self.import_id, "status": "undone", **told}


def undo_import(session: Session, import_id: int) -> Undone:
    """Take the units of an import away and let those it had ended be valid again, exactly as they were.

    Grids that plans made of them stay as they are: a plan holds its own ground and is changed by its own
    verbs alone; how many there are is told. Raises NotFound, Conflict `not_imported`, and Conflict
    `not_newest` when a later import has ended units of this one; one that is under way is waited for.
    """
    run_statement(session, "territory/lock_import", import_id=import_id)
    run_statement(session, "territory/lock_boundaries")
    run = find_run(session, import_id)
    session.refresh(run)
    check_may_undo(session, run)
    grids = fetch_value(session, "territory/count_unit_grids", import_id=import_id)
    gone = run_statement(session, "territory/remove_units", import_id=import_id).rowcount
    replaced = run.report.get("replaced", [])
    run_statement(
        session,
        "territory/restore_units",
        unit_ids=[unit_id for unit_id, _ in replaced],
        was=[_as_range(was) for _, was in replaced],
    )
    run.status = "undone"
    session.flush()
    return Undone(import_id, int(gone), len(replaced), int(grids))


def _as_range(was: str) -> str:
    """Imports of the version before kept the first day alone; such units had no end."""
    return was if was.startswith(("[", "(", "empty")) else f"[{was},)"
