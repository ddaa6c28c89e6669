"""Editing a draft's ground: acts that land as steps of a ledger, each of which can be undone."""

from app.territory.editing.landing import Landed
from app.territory.editing.ledger import StepRow, list_steps
from app.territory.editing.showing import show_grids
from app.territory.editing.verbs import edit_plan, land_edit, prepare_edit, undo_step
from app.territory.editing.versions import require_versions
from app.territory.editing.wishes import ACT_NAMES, Prepared, Wish

__all__ = [
    "ACT_NAMES",
    "Landed",
    "Prepared",
    "StepRow",
    "Wish",
    "edit_plan",
    "land_edit",
    "list_steps",
    "prepare_edit",
    "require_versions",
    "show_grids",
    "undo_step",
]
