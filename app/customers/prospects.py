"""Prospects worth a visit: who of a grid's prospects stands near to a customer, by blood or by door."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address, mask_party, record
from app.customers.listing import require_grid
from app.db import fetch_all, fetch_one

PAGE = 200
NEAR_M = 100.0
# Reason → its words; the first that hold stand first.
REASONS = {
    "key_kin": ("家里有重点客户", "lives with a key client"),
    "kin": ("家里有存量客户", "lives with a customer"),
    "next_door": ("附近有存量客户", "next door to a customer"),
    "in_roster": ("在户籍名册", "in the household register"),
    "no_account": ("尚未开户", "no account with the bank"),
}


def list_prospects(
    session: Session, grid_id: int, *, near_m: float = NEAR_M, limit: int = 50
) -> dict[str, Any]:
    """Prospects of a grid, those with the best reasons first, masked; the manager to call; an audit row.

    `near_m` is how many metres a neighbour may be away; only points of rung 1 to 3 are held side by side.
    Raises NotFound when the grid is not in the viewer's sight.
    """
    require_grid(session, grid_id)
    rows = fetch_all(
        session, "customers/list_prospects", grid_id=grid_id, near_m=near_m, limit=min(limit, PAGE)
    )
    record(session, "list_prospects", subject=f"grid {grid_id}", customer_ids=[row["id"] for row in rows])
    manager = fetch_one(session, "customers/find_nearest_manager", grid_id=grid_id)
    return {
        "prospects": [_show(row, near_m) for row in rows],
        "total": int(rows[0]["total"]) if rows else 0,
        "near_m": near_m,
        "manager": None if manager is None else _show_manager(manager),
    }


def _show(row: Mapping[str, Any], near_m: float) -> dict[str, Any]:
    away_m = row["next_door_m"]
    near = away_m is not None and away_m <= near_m
    holds = {
        "key_kin": row["key_kin"],
        "kin": row["kin"] and not row["key_kin"],
        "next_door": near,
        "in_roster": row["in_roster"],
        "no_account": True,
    }
    return {
        "id": row["id"],
        "name": mask_party(row["name"], row["kind"]),
        "kind": row["kind"],
        "address": mask_address(row["address"], row["town_name"], row["village_name"]),
        "rung": row["rung"],
        "next_door_m": round(away_m, 1) if near else None,
        "reasons": [{"code": code, "zh": zh, "en": en} for code, (zh, en) in REASONS.items() if holds[code]],
    }


def _show_manager(row: Mapping[str, Any]) -> dict[str, Any]:
    """The grid's own manager, or the nearest one where it has none."""
    return {
        "code": row["code"],
        "name": row["name"],
        "phone": row["phone"],
        "own": row["own"],
        "grid_name": row["grid_name"],
        "distance_m": round(row["distance_m"]),
    }
