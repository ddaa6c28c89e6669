"""An edit of the kernel held against what its editor may change."""

from app.spatial.editing import Edit
from app.territory.editing.borders import require_outer_border, require_unlocked
from app.territory.editing.desk import Desk, Patch


def require_bounds(desk: Desk, patch: Patch, edit: Edit) -> None:
    """Raise Conflict `locked` or `outer_border` where an act reaches beyond what its editor may change."""
    changed = [row for row in edit.changes if row not in edit.stitched]
    require_unlocked(patch.rows[row] for row in changed)
    if desk.sight.grids is None:
        return
    foreign = [patch.rows[row] for row in changed if not desk.sight.holds(patch.ids[row])]
    after = [shape for row in changed if (shape := edit.changes[row]) is not None]
    require_outer_border(foreign, [patch.shapes[row] for row in changed], [*after, *edit.added])
