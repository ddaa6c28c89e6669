"""Households as people see them: members masked, reasons in words, members of others' grids only counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address, mask_name, record
from app.customers.households.evidence import BANDS, REASONS, find_band
from app.customers.households.houses import read_house
from app.customers.intake.relations import RELATIONS
from app.customers.listing import escape_like
from app.customers.placing import BY_HAND
from app.db import as_worker, fetch_all, fetch_one
from app.errors import NotFound

PAGE = 200
STEPS = 20


def list_households(
    session: Session, *, filters: Mapping[str, Any], after: int = 0, limit: int = 50
) -> dict[str, Any]:
    """A page of the households in the viewer's sight: `households`, `next`, `total`; audited.

    `filters` may hold grid_id, state, band and q (the beginning of a member's name).
    """
    least, below = _bounds(filters.get("band"))
    begins = (filters.get("q") or "").strip()
    rows = fetch_all(
        session,
        "customers/households/list_households",
        state=filters.get("state"),
        grid_id=filters.get("grid_id"),
        scoped=session.info["viewer"].db_role == "getu_scoped",
        begins=f"{escape_like(begins)}%" if begins else None,
        least=least,
        below=below,
        after=after,
        limit=min(limit, PAGE),
    )
    shown = _show_all(session, rows)
    customers = [member["customer_id"] for one in shown for member in one["members"]]
    record(session, "list_households", customer_ids=customers)
    more = rows[-1]["id"] if len(rows) == min(limit, PAGE) else None
    return {"households": shown, "next": more, "total": int(rows[0]["total"]) if rows else 0}


def find_household(session: Session, household_id: int) -> dict[str, Any]:
    """One household with members, reasons, decisions and `pin_from`; audited. Raises NotFound."""
    row = require_household(session, household_id)
    (shown,) = _show_all(session, [row])
    members = fetch_all(session, "customers/households/list_members", household_ids=[household_id])
    shown["pin_from"] = find_pin(members, row["village"]) if row["state"] == "confirmed" else None
    shown["steps"] = list_steps(session, household_id)
    record(
        session,
        "see_household",
        subject=f"household {household_id}",
        customer_ids=[member["customer_id"] for member in members],
    )
    return shown


def require_household(session: Session, household_id: int) -> dict[str, Any]:
    """The household's row. Raises NotFound when it is not in the viewer's sight, whether or not it exists."""
    row = fetch_one(session, "customers/households/find_household", household_id=household_id)
    if row is None:
        raise NotFound(
            "no_household", zh="没有这个家庭，或不在您的范围内", en="no such household in your sight"
        )
    return row


def list_steps(session: Session, household_id: int) -> list[dict[str, Any]]:
    """The latest decisions about a household: id, action, when, by whom, whether taken back.

    The caller has shown that the viewer sees the household.
    """
    with as_worker(session):
        rows = fetch_all(session, "customers/households/list_steps", household_id=household_id, limit=STEPS)
    keys = ("id", "action", "who", "undoes", "undone")
    return [{**{key: row[key] for key in keys}, "at": row["at"].isoformat()} for row in rows]


def _bounds(band: str | None) -> tuple[float, float]:
    """The confidences of a band, the upper bound out of it; all without one."""
    names = [name for name, _ in BANDS]
    if band not in names:
        return 0.0, 2.0
    at = names.index(band)
    return BANDS[at][1], (BANDS[at - 1][1] if at else 2.0)


def _show_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Households with their members of the viewer's sight and the number of the others."""
    ids = [row["id"] for row in rows]
    seen: dict[int, list[dict[str, Any]]] = {one: [] for one in ids}
    for member in fetch_all(session, "customers/households/list_members", household_ids=ids):
        seen[member["household_id"]].append(member)
    with as_worker(session):
        counted = fetch_all(session, "customers/households/count_members", household_ids=ids)
    totals = {row["household_id"]: int(row["members"]) for row in counted}
    return [_show(row, seen[row["id"]], totals.get(row["id"], 0)) for row in rows]


def _show(row: Mapping[str, Any], members: list[dict[str, Any]], total: int) -> dict[str, Any]:
    head = row["head_customer_id"]
    known = {member["customer_id"] for member in members}
    return {
        "id": row["id"],
        "state": row["state"],
        "confidence": round(float(row["confidence"]), 3),
        "band": find_band(float(row["confidence"])) or BANDS[-1][0],
        "village": row["village"],
        "town": row["town"],
        "head_customer_id": head if head in known else None,
        "members": [_show_member(member, row) for member in members],
        "persons": len({member["id_card_hash"] or member["customer_id"] for member in members}),
        "hidden": max(0, total - len(members)),
    }


def _show_member(member: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """A member as he may be shown: the name masked, the address below the village too."""
    relation = member["relation"]
    return {
        "customer_id": member["customer_id"],
        "name": mask_name(member["name"]),
        "standing": member["standing"],
        "tier": member["tier"],
        "source": {"code": member["source_code"], "name": member["source_name"]},
        "relation": relation,
        "relation_zh": RELATIONS[relation][0] if relation in RELATIONS else None,
        "address": mask_address(member["address"], row["town"], row["village"]),
        "rung": member["rung"],
        "placed_by": member["method"],
        "state": member["state"],
        "confidence": round(float(member["confidence"]), 3),
        "reasons": [show_reason(code) for code in sorted(member["reasons"], key=_rank)],
        "grid": {"id": member["grid_id"], "code": member["grid_code"], "name": member["grid_name"]},
    }


def _rank(code: str) -> int:
    """Reasons are told in the order of the rules: what weighs most first."""
    return list(REASONS).index(code) if code in REASONS else len(REASONS)


def show_reason(code: str) -> dict[str, str]:
    """A reason in Chinese and English."""
    known = REASONS.get(code)
    return {"code": code, "zh": known.zh if known else code, "en": known.en if known else code}


def find_pin(members: Sequence[Mapping[str, Any]], village: str | None) -> dict[str, Any] | None:
    """The pin that one member has by hand and others of the same dwelling have not: proposed, never set.

    Answers {customer_id, lon, lat (EPSG:4326), customer_ids}, None where there is nothing to propose.
    """
    names = (village, village.removesuffix("村")) if village else ()
    for pinned in members:
        if pinned["method"] != "pin" or pinned["lon"] is None:
            continue
        house = read_house(pinned["address"], names)
        others = [
            one["customer_id"]
            for one in members
            if one["method"] not in BY_HAND
            and house is not None
            and read_house(one["address"], names) == house
        ]
        if others:
            at = {"lon": pinned["lon"], "lat": pinned["lat"]}
            return {"customer_id": pinned["customer_id"], **at, "customer_ids": others}
    return None
