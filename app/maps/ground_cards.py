"""The cards of who holds ground: manager, branch, village; each number is the sum of the rows it opens."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import Vault
from app.customers.filters import EVERYBODY, Filters
from app.customers.in_sight import Wanted, count_in_sight, list_in_sight
from app.customers.outcome import LADDER
from app.db import fetch_all, fetch_one
from app.errors import BadInput, NotFound
from app.maps.filtering import CustomerFilter
from app.maps.ground import Ground, find_ground
from app.maps.sight import find_grids

SUMMED = ("existing", "prospects", "strategic", "key", "filed", "visited", "covered_households", "households")


def show_manager(session: Session, staff_id: int) -> dict[str, Any]:
    """A manager's card: his branch, the grids he holds in the viewer's sight, their sums. Raises NotFound."""
    row = fetch_one(session, "maps/find_staff_card", staff_id=staff_id)
    if row is None:
        raise NotFound("no_manager", zh="没有这位经理，或不在您的范围内", en="no such manager in your sight")
    ground = find_ground(session)
    grids = _list_grids(session, find_grids(session, CustomerFilter(manager=row["code"]), ground))
    backup = fetch_all(session, "maps/list_backup_grids", plan_id=ground.plan_id, staff_id=staff_id)
    return {
        **{key: row[key] for key in ("id", "code", "name", "kind", "phone", "active")},
        "branch": {key: row[f"branch_{key}"] for key in ("id", "code", "name")},
        "grids": [_show_grid(one) for one in grids],
        "backup_of": [dict(one) for one in backup],
        **_sum(grids),
    }


def show_branch(session: Session, branch_id: int) -> dict[str, Any]:
    """A branch's card with all below it: its managers and outlets, its sums. Raises NotFound out of sight."""
    row = fetch_one(session, "maps/find_branch_card", branch_id=branch_id)
    ground = find_ground(session)
    grids = [] if row is None else _list_grids(session, _find_branch_grids(session, row["code"], ground))
    if row is None or (not grids and session.info["viewer"].db_role == "getu_scoped"):
        raise NotFound("no_branch", zh="没有这个支行，或不在您的范围内", en="no such branch in your sight")
    parent = {"id": row["parent_id"], "name": row["parent_name"]} if row["parent_id"] else None
    return {
        **{key: row[key] for key in ("id", "code", "name", "kind", "branch_type", "address", "lon", "lat")},
        "parent": parent,
        "outlets": [dict(one) for one in fetch_all(session, "maps/list_branch_outlets", branch_id=branch_id)],
        "managers": _by_manager(grids),
        "grids": [_show_grid(one) for one in grids],
        **_sum(grids),
    }


def _find_branch_grids(session: Session, code: str, ground: Ground) -> Sequence[int]:
    """The grids in sight of a branch and all below it; none where nothing of it is in sight."""
    try:
        return find_grids(session, CustomerFilter(code), ground)
    except BadInput:
        return ()


def show_village(session: Session, unit_id: int) -> dict[str, Any]:
    """An official place's card: its grids in sight, and whom it houses of theirs. Raises NotFound."""
    row, ids = _find_village(session, unit_id)
    grids = _list_grids(session, ids)
    counted = None
    if session.info["viewer"].db_role != "getu_ground" and row["kind"] != "town":
        counted = count_in_sight(session, Wanted(ids, unit_code=row["code"]))
        counted["rungs"] = _name_rungs(counted["rungs"])
    keys = ("id", "code", "name", "official_name", "former_names", "kind", "year", "synthetic", "residents")
    return {
        **{key: row[key] for key in keys},
        "town": row["town_name"],
        "official_households": row["households"],
        "area_km2": round(row["area_m2"] / 1e6, 3),
        "bbox": [row[side] for side in ("west", "south", "east", "north")],
        "grids": [_show_grid(one) for one in grids],
        "customers": counted,
    }


def list_village(
    session: Session, unit_id: int, *, vault: Vault, who: Filters = EVERYBODY, page: tuple[int, int] = (0, 50)
) -> dict[str, Any]:
    """A page (`after`, `limit`) of the customers that a village's card counts, masked and audited."""
    row, ids = _find_village(session, unit_id)
    wanted = Wanted(ids, who, row["code"], f"village {row['code']}")
    found = list_in_sight(session, wanted, vault=vault, after=page[0], limit=page[1])
    return {**found, "total": count_in_sight(session, wanted)["total"]}


def _find_village(session: Session, unit_id: int) -> tuple[Mapping[str, Any], list[int]]:
    """The place and its grids in sight; to whom the bank's ground is cut, a place without any is none."""
    row = fetch_one(session, "maps/find_village_card", unit_id=unit_id)
    ids: list[int] = []
    if row is not None:
        plan_id = find_ground(session).plan_id
        rows = fetch_all(session, "maps/list_village_grids", unit_id=unit_id, plan_id=plan_id)
        ids = [one["id"] for one in rows]
    if row is None or (not ids and session.info["viewer"].db_role == "getu_scoped"):
        raise NotFound("no_village", zh="没有这个村，或不在您的范围内", en="no such village in your sight")
    return row, ids


def _list_grids(session: Session, ids: Sequence[int]) -> list[dict[str, Any]]:
    return fetch_all(session, "maps/list_ground_rows", grid_ids=list(ids))


def _show_grid(row: Mapping[str, Any]) -> dict[str, Any]:
    holder = {key: row[f"manager_{key}"] for key in ("id", "code", "name")}
    keys = ("id", "code", "name", "kind", "households", "existing", "prospects", "visited")
    return {
        **{key: row[key] for key in keys},
        "town": row["town_name"],
        "manager": holder if row["manager_id"] else None,
        "branch": {"id": row["branch_id"], "name": row["branch_name"]} if row["branch_id"] else None,
    }


def _by_manager(grids: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a manager in order of code; ground that nobody holds comes last, without one."""
    found: dict[Any, dict[str, Any]] = {}
    for row in grids:
        empty = {"id": row["manager_id"], "code": row["manager_code"], "name": row["manager_name"]}
        one = found.setdefault(
            row["manager_id"], {**empty, "grids": 0, "existing": 0, "prospects": 0, "visited": 0}
        )
        one["grids"] += 1
        for key in ("existing", "prospects", "visited"):
            one[key] += row[key]
    return sorted(found.values(), key=lambda one: (one["id"] is None, one["code"] or ""))


def _sum(grids: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums of the rows, `rungs` by name, and the box around them (None without any)."""
    sums: dict[str, Any] = {key: sum(int(row[key] or 0) for row in grids) for key in SUMMED}
    sums["rungs"] = _name_rungs([sum(row["rungs"][at] for row in grids) for at in range(len(LADDER))])
    sums["area_km2"] = round(sum(row["area_m2"] for row in grids) / 1e6, 3)
    lows = [min(row[side] for row in grids) for side in ("west", "south")] if grids else []
    highs = [max(row[side] for row in grids) for side in ("east", "north")] if grids else []
    return {**sums, "bbox": [*lows, *highs] or None}


def _name_rungs(counts: Sequence[int]) -> dict[str, int]:
    return {str(rung): int(count) for rung, count in zip(LADDER, counts, strict=True)}
