"""An edit of the kernel held against what its editor may change."""

from app.spatial.editing import Edit
from app.territory.editing.borders import require_unlocked
from app.territory.editing.desk import Desk, Patch


def require_bounds(desk: Desk, patch: Patch, edit: Edit) -> None:
    """Raise Conflict `locked` or `outer_border` where an act reaches beyond what its editor may change."""
    changed = {row: shape for row, shape in edit.changes.items() if row not in edit.stitched}
    require_unlocked(patch.rows[row] for row in changed)
    desk.require_outer(patch, {patch.ids[row]: shape for row, shape in changed.items()}, edit.added)
