"""What an act must not do: touch locked ground, or ground and outer borders of others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.errors import Conflict, NotAllowed
from app.spatial.crs import area_m2
from app.spatial.topology.edges import as_shapes

_SAME_M2 = 0.5
Facts = Mapping[str, Any]


def area_of(shape: BaseGeometry) -> float:
    """Square metres of one shape on the ellipsoid."""
    return float(area_m2(np.array([shape], dtype=object))[0])


def require_unlocked(rows: Iterable[Facts]) -> None:
    """Raise Conflict `locked` when one of these grids is locked."""
    locked = [row for row in rows if row["locked"]]
    if locked:
        names = "、".join(f"{row['code']} {row['name']}" for row in locked[:5])
        raise Conflict(
            "locked",
            zh=f"{names} 已锁定，不能改动；请先解锁，或改画范围",
            en=f"{', '.join(row['code'] for row in locked[:5])} is locked; unlock it first",
            grids=_tell(locked),
        )


def no_lock_right() -> NotAllowed:
    """Locks are not the editor's to change."""
    return NotAllowed(
        "right_missing", zh="锁定和解锁由总行进行", en="locks are set and taken off by head office"
    )


def require_outer_border(
    foreign: Sequence[Facts], before: Sequence[BaseGeometry], after: Sequence[BaseGeometry]
) -> None:
    """Raise Conflict `outer_border` when grids of others change, or the outer border round all of one's own
    around (`before` and `after`) is another; a hole between them may be filled."""
    if foreign or _differ(before, after):
        names = "、".join(f"{row['code']} {row['name']}" for row in foreign[:5])
        raise Conflict(
            "outer_border",
            zh="这样会改变本支行辖区的外边界" + (f"（涉及 {names}）" if names else "") + "；请由总行调整",
            en="this would change the outer border of your branch's ground; head office may do that",
            grids=_tell(foreign),
        )


def _differ(before: Sequence[BaseGeometry], after: Sequence[BaseGeometry]) -> bool:
    moved = shapely.symmetric_difference(_outline(before), _outline(after))
    return not moved.is_empty and area_of(moved) > _SAME_M2


def _outline(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """The ground of some grids with the holes between them filled."""
    joined = shapely.union_all(as_shapes(list(shapes)), grid_size=1e-7)
    parts = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    filled = [shapely.Polygon(shapely.get_exterior_ring(part)) for part in parts]
    return shapely.union_all(as_shapes(filled), grid_size=1e-7)


def _tell(rows: Sequence[Facts]) -> list[dict[str, Any]]:
    return [{"id": row["id"], "code": row["code"], "name": row["name"]} for row in rows]
