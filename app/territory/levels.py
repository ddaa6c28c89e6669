"""Level 1 and level 2 of a plan: the bank's and each branch's ground, joined of the grids of level 3.

They are never stored, so they cannot be stale: they are joined when somebody asks, and kept in memory for the
very state of the ground (its version, whose each grid is, and which grids the viewer sees).
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_value
from app.errors import BadInput
from app.models import Plan
from app.spatial.crs import area_m2
from app.spatial.topology import dissolve
from app.territory.plans.covering import own_ground
from app.territory.plans.listing import GridSet, load_grids

LEVELS = (1, 2)
NO_BRANCH = ""
KEPT = 8


@dataclass(frozen=True)
class Ground:
    """The ground of a branch (level 2) or of the bank (level 1); `geom` is EPSG:4326, `grids` how many it is
    joined of. `code` and `name` are the branch's (both empty for grids of no branch) or the plan's."""

    level: int
    code: str
    name: str
    grids: int
    area_m2: float
    geom: BaseGeometry


_kept: "OrderedDict[tuple[Any, ...], list[Ground]]" = OrderedDict()
_keeping = Lock()


def list_level(session: Session, plan: Plan, level: int) -> list[Ground]:
    """The ground of level 1 (one row) or level 2 (a row a branch, in order of code) of a plan, in sight.

    Neighbours keep every vertex of their common border. Where grids lie over each other the ground counts
    for the one that stands first in the plan's precedence, so the areas of a level sum to the ground that is
    covered, once. Raises BadInput `unknown_plan_level`.
    """
    if level not in LEVELS:
        raise BadInput("unknown_plan_level", zh="网格层级应为 1 或 2", en="the derived levels are 1 and 2")
    mark = fetch_value(session, "territory/mark_branches", plan_id=plan.id)
    key = (str(session.get_bind()), plan.id, plan.ground_version, plan.market_rule, mark, level)
    with _keeping:
        found = _kept.get(key)
    if found is None:
        found = _join(plan, load_grids(session, plan), level)
    with _keeping:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _join(plan: Plan, grids: GridSet, level: int) -> list[Ground]:
    if not grids.rows:
        return []
    shapes = own_ground(plan, grids)
    held = np.flatnonzero(~shapely.is_empty(shapes)).tolist()
    codes = [row["branch_code"] or NO_BRANCH if level == 2 else plan.code for row in grids.rows]
    names = {plan.code: plan.name} if level == 1 else {}
    names |= {row["branch_code"]: row["branch_name"] for row in grids.rows} if level == 2 else {}
    joined = dissolve(shapes[held], [codes[row] for row in held])
    areas = area_m2(np.array(list(joined.values()), dtype=object)).tolist()
    return sorted(
        (
            Ground(level, code, str(names.get(code) or ""), codes.count(code), area, geom)
            for (code, geom), area in zip(joined.items(), areas, strict=True)
        ),
        key=lambda one: (one.code == NO_BRANCH, one.code),
    )
