"""Grids of a draft as GeoJSON features for whoever looks or edits."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.models import Plan
from app.territory.editing.desk import find_sight

Box = tuple[float, float, float, float]


def show_grids(
    session: Session, plan: Plan, *, box: Box | None = None, ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Level 3 grids of a plan in the viewer's sight as features (EPSG:4326), of a box or of some ids.

    Properties: id, code, name, kind, branch, branch_code, manager, town, locked, version, colour_no,
    households, allotted, area_m2, units, editable.
    """
    west, south, east, north = box or (None, None, None, None)
    rows = fetch_all(
        session,
        "territory/show_grids",
        plan_id=plan.id,
        ids=None if ids is None else list(ids),
        **{"west": west, "south": south, "east": east, "north": north},
    )
    sight, open_ = find_sight(session, plan), plan.status in ("draft", "checked")
    return [_feature(row, open_ and not row["locked"] and sight.holds(row["id"])) for row in rows]


def _feature(row: dict[str, Any], editable: bool) -> dict[str, Any]:
    shape = json.loads(row.pop("shape"))
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": shape,
        "properties": {**row, "area_m2": round(row["area_m2"], 1), "editable": editable},
    }
