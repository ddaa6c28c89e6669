"""What stands beside the map: the figures strip, lists of grids, a card, findings, the search box."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_party
from app.customers import coverage
from app.customers.outcome import LADDER
from app.db import fetch_all, fetch_one
from app.errors import NotFound
from app.maps.ground import NOTICES, find_data_version, find_ground


def summarise(session: Session) -> dict[str, Any]:
    """The figures strip for the viewer: plan, grids by kind, coverage with denominators, findings."""
    ground = find_ground(session)
    kinds = {
        row["kind"]: int(row["grids"])
        for row in fetch_all(session, "maps/count_kinds", plan_id=ground.plan_id)
    }
    people = fetch_one(session, "maps/count_people", plan_id=ground.plan_id) or {}
    found = fetch_all(session, "maps/count_open_findings", plan_id=ground.faults_plan_id, notices=NOTICES)
    run = fetch_one(session, "maps/find_run") or {}
    return {
        "plan": {
            "code": ground.code,
            "name": ground.name,
            "status": ground.status,
            "valid_from": ground.valid_from.isoformat() if ground.valid_from else None,
            "certificate_no": ground.certificate_no,
            "synthetic": ground.synthetic,
        },
        "data_date": run["finished_at"].date().isoformat() if run.get("finished_at") else None,
        "grids": {"total": sum(kinds.values()), **kinds},
        **coverage.count_coverage(session),
        "findings": {"plan": ground.faults_code, **{row["kind"]: int(row["findings"]) for row in found}},
        "managers": int(people.get("managers") or 0),
        "branches": int(people.get("branches") or 0),
        "data_version": find_data_version(session, ground),
    }


def list_grids(
    session: Session, *, branch: str | None = None, manager: str | None = None
) -> list[dict[str, Any]]:
    """The grids of the drawn plan in sight with holder and counts, in order of code."""
    ground = find_ground(session)
    rows = fetch_all(session, "maps/list_grid_rows", plan_id=ground.plan_id, branch=branch, manager=manager)
    return [_show_row(row) for row in rows]


def _show_row(row: dict[str, Any]) -> dict[str, Any]:
    manager = {"code": row["manager_code"], "name": row["manager_name"], "phone": row["manager_phone"]}
    keys = (
        "id",
        "code",
        "name",
        "kind",
        "town_name",
        "households",
        "existing",
        "prospects",
        "strategic",
        "key",
    )
    return {
        **{key: row[key] for key in keys},
        "area_km2": round(row["area_m2"] / 1e6, 3),
        "branch": {"code": row["branch_code"], "name": row["branch_name"], "branch_type": row["branch_type"]},
        "manager": manager if row["manager_code"] else None,
        "liaison": row["liaison_name"],
    }


def show_grid(session: Session, grid_id: int) -> dict[str, Any]:
    """One grid's card: its people, its counts with rungs, its key clients. Raises NotFound out of sight."""
    row = fetch_one(session, "maps/find_card", grid_id=grid_id)
    if row is None:
        raise NotFound("no_grid", zh="没有这个网格，或不在您的范围内", en="no such grid in your sight")
    people = fetch_all(session, "maps/list_card_people", grid_id=grid_id)
    clients = []
    if session.info["viewer"].db_role != "getu_ground":
        clients = [_show_client(c) for c in fetch_all(session, "maps/list_card_clients", grid_id=grid_id)]
    held = dict.fromkeys(("primary", "backup", "liaison", "terminal_administrator"))
    held.update({p["role"]: {key: p[key] for key in ("id", "code", "name", "phone")} for p in people})
    counts = ("existing", "prospects", "strategic", "key", "filed", "visited", "covered_households")
    return {
        **{
            key: row[key]
            for key in ("id", "code", "name", "kind", "level", "households", "synthetic", "version")
        },
        "town": row["town_name"],
        "units": row["unit_codes"],
        "area_km2": round(row["area_m2"] / 1e6, 3),
        "plan": {"code": row["plan_code"], "status": row["plan_status"]},
        "branch": {key: row[f"branch_{key}"] for key in ("id", "code", "name")}
        | {"branch_type": row["branch_type"]},
        "manager": held["primary"],
        "backup": held["backup"],
        "liaison": held["liaison"],
        "terminal_administrator": held["terminal_administrator"],
        **{key: row[key] for key in counts},
        "rungs": {str(rung): count for rung, count in zip(LADDER, row["rungs"], strict=True)},
        "anchor": [row["lon"], row["lat"]],
        "bbox": [row["west"], row["south"], row["east"], row["north"]],
        "key_clients": clients,
    }


def _show_client(row: dict[str, Any]) -> dict[str, Any]:
    loan = row["loan_yuan"]
    return {
        "id": row["id"],
        "name": mask_party(row["name"], row["kind"]),
        "tier": row["tier"],
        "lead_level": row["lead_level"],
        "loan_yuan": float(loan) if loan is not None else None,
        "lon": row["lon"],
        "lat": row["lat"],
    }


def list_findings(session: Session, *, plan: str | None = None) -> dict[str, Any]:
    """The findings of a plan (the one drawn over the map, when none is named) in sight."""
    code = plan or find_ground(session).faults_code
    rows = fetch_all(session, "maps/list_finding_rows", plan=code, notices=NOTICES)
    for row in rows:
        row["bbox"] = [row.pop(side) for side in ("west", "south", "east", "north")]
        row["found_at"] = row["found_at"].isoformat()
    return {"plan": code, "findings": rows}
