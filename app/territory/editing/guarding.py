"""What an act must not do: touch locked ground, or ground and outer borders of others."""

from collections.abc import Iterable, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import Conflict
from app.spatial.editing import Edit
from app.spatial.topology.edges import as_shapes
from app.territory.editing.desk import Desk, Patch, Row, area_of

_SAME_M2 = 0.5


def require_unlocked(rows: Iterable[Row]) -> None:
    """Raise Conflict `locked` when one of these grids is locked."""
    locked = [row for row in rows if row["locked"]]
    if locked:
        names = "、".join(f"{row['code']} {row['name']}" for row in locked[:5])
        raise Conflict(
            "locked",
            zh=f"{names} 已锁定，不能改动；请先解锁，或改画范围",
            en=f"{', '.join(row['code'] for row in locked[:5])} is locked; unlock it first",
            grids=[{"id": row["id"], "code": row["code"], "name": row["name"]} for row in locked],
        )


def require_bounds(desk: Desk, patch: Patch, edit: Edit) -> None:
    """Raise Conflict `locked` or `outer_border` where an act reaches beyond what its editor may change."""
    changed = [row for row in edit.changes if row not in edit.stitched]
    require_unlocked(patch.rows[row] for row in changed)
    if desk.sight.grids is None:
        return
    foreign = [patch.rows[row] for row in changed if not desk.sight.holds(patch.ids[row])]
    if foreign:
        raise _outer_border(foreign)
    before = [patch.shapes[row] for row in changed]
    after = [shape for row in changed if (shape := edit.changes[row]) is not None]
    if _differ(before, [*after, *edit.added]):
        raise _outer_border([])


def _differ(before: Sequence[BaseGeometry], after: Sequence[BaseGeometry]) -> bool:
    one, two = (shapely.union_all(as_shapes(list(shapes)), grid_size=1e-7) for shapes in (before, after))
    moved = shapely.symmetric_difference(one, two)
    return not moved.is_empty and area_of(moved) > _SAME_M2


def _outer_border(foreign: Sequence[Row]) -> Conflict:
    names = "、".join(f"{row['code']} {row['name']}" for row in foreign[:5])
    return Conflict(
        "outer_border",
        zh="这样会改变本支行辖区的外边界" + (f"（涉及 {names}）" if names else "") + "；请由总行调整",
        en="this would change the outer border of your branch's ground; head office may do that",
        grids=[{"id": row["id"], "code": row["code"], "name": row["name"]} for row in foreign],
    )
