"""The 360 card of one customer: place, ground and holder, household, products, visits, links, sources.

Every part is what the viewer may see of it, masked; the audit names everybody who is named on it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access import Vault
from app.customers.households.showing import find_household
from app.customers.intake.values import veil
from app.customers.linked import list_links
from app.customers.listing import find_customer, no_customer
from app.db import fetch_all, fetch_one

VISITS = 10


def show_customer_card(session: Session, customer_id: int, *, vault: Vault) -> dict[str, Any]:
    """One customer whole, masked and audited. Raises NotFound out of sight."""
    shown = find_customer(session, customer_id, vault=vault)
    row = fetch_one(session, "maps/find_customer_card", customer_id=customer_id)
    if row is None:
        raise no_customer()
    household = find_household(session, row["household_id"]) if row["household_id"] else None
    return {
        **shown,
        "place": _tell_place(row),
        "grid": shown["grid"] if row["grid_id"] else None,
        "assigned_by": row["assigned_by"],
        "reason": row["reason"],
        "holders": _list_holders(session, row["grid_id"]),
        "branch": _name(row, "branch"),
        "booking_branch": {"id": row["booking_id"], "name": row["booking_name"]}
        if row["booking_id"]
        else None,
        "household": household,
        "products": _list_products(row),
        "visits": _list_visits(session, customer_id),
        "links": list_links(session, customer_id)["links"],
        "source": {
            "code": row["source_code"],
            "name": row["source_name"] or row["source_code"],
            "name_en": row["source_name_en"] or row["source_name"] or row["source_code"],
            "key": veil(row["source_key"])[:64],
        },
    }


def _tell_place(row: Mapping[str, Any]) -> dict[str, Any]:
    """How sure the place is, its point (EPSG:4326, degrees) or None, and the village it lies in."""
    village = {"id": row["village_id"], "name": row["village"], "town": row["town"]}
    point = [row["lon"], row["lat"]] if row["lon"] is not None else None
    return {
        "rung": row["rung"],
        "method": row["method"],
        "accuracy_m": row["accuracy_m"],
        "point": point,
        "village": village if row["village_id"] else None,
    }


def _name(row: Mapping[str, Any], what: str) -> dict[str, Any] | None:
    named = {key: row[f"{what}_{key}"] for key in ("id", "code", "name")}
    return named if named["id"] else None


def _list_holders(session: Session, grid_id: int | None) -> dict[str, Any]:
    """Who holds the customer's grid today, by duty."""
    rows = [] if grid_id is None else fetch_all(session, "maps/list_card_people", grid_id=grid_id)
    keys = ("id", "code", "name", "phone")
    return {row["role"]: {key: row[key] for key in keys} for row in rows}


def _list_visits(session: Session, customer_id: int) -> list[dict[str, Any]]:
    rows = fetch_all(session, "maps/list_customer_visits", customer_id=customer_id, limit=VISITS)
    return [{**row, "visited_at": row["visited_at"].isoformat()} for row in rows]


def _list_products(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the source says he holds, in yuan; what no source says is no product."""
    pairs = (("deposit", row["deposit_yuan"]), ("loan", row["loan_yuan"]))
    return [{"product": name, "yuan": float(yuan)} for name, yuan in pairs if yuan is not None]
