"""The counts as people read them: grids, towns, branches and villages, within the viewer's sight."""

from typing import Any, Literal, get_args

from sqlalchemy.orm import Session

from app.customers.outcome import LADDER
from app.customers.steps import viewer_of
from app.db import fetch_all, fetch_value

Level = Literal["grid", "village", "branch", "town"]
LEVELS: tuple[Level, ...] = get_args(Level)


def list_counts(session: Session, level: Level) -> dict[str, Any]:
    """Customers of each grid, village, town or branch in sight: by standing, rung and tier, filed, visited.

    `unassigned` are those of no grid, whom only the viewer of the whole bank sees (None for all others).
    Households are counted grid by grid: one in two grids is covered in both. A scoped viewer's villages hold
    his own customers.
    """
    whole = viewer_of(session).db_role != "getu_scoped"
    if level == "village":
        statement = "customers/list_village_counts" if whole else "customers/count_villages_in_sight"
        rows = fetch_all(session, statement)
    else:
        rows = fetch_all(session, "customers/list_counts", level=level)
    unassigned = fetch_value(session, "customers/find_unassigned") if whole else None
    return {"by": level, "counts": [_show(row) for row in rows], "unassigned": unassigned}


def _show(row: dict[str, Any]) -> dict[str, Any]:
    rungs = {str(rung): int(count) for rung, count in zip(LADDER, row["rungs"], strict=True)}
    facts = {key: value for key, value in row.items() if key != "rungs" and value is not None}
    numbers = {key: int(value) for key, value in facts.items() if key not in ("code", "name")}
    return {"code": row["code"], "name": row["name"], **numbers, "rungs": rungs}
