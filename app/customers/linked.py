"""Who is linked to whom, as people see it: masked, audited, and only where both rows are in sight."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address, mask_party, record
from app.customers.intake.values import veil
from app.customers.listing import find_in_sight
from app.db import fetch_all

HOWS = {"id_card": "证件号码相同", "phone_name": "电话与名称相同", "name_place": "同村同址同名"}


def list_links(session: Session, customer_id: int) -> dict[str, Any]:
    """The rows that are the same person as this customer, surest first. Raises NotFound out of sight."""
    find_in_sight(session, customer_id)
    rows = fetch_all(session, "customers/list_links_of_customer", customer_id=customer_id)
    ids = [customer_id, *(row["id"] for row in rows)]
    record(session, "list_links", subject=f"customer {customer_id}", customer_ids=ids)
    return {"customer_id": customer_id, "links": [{**_why(row), "customer": _show(row)} for row in rows]}


def list_import_links(
    session: Session, import_id: int, *, after: int = 0, limit: int = 200
) -> dict[str, Any]:
    """Links of the customers whose rows this import wrote last, a page at a time.

    `after` counts links; `next` is where the next page starts, None at the end.
    """
    rows = fetch_all(session, "customers/list_links_of_import", import_id=import_id, after=after, limit=limit)
    ids = sorted({number for row in rows for number in (row["id"], row["other_id"])})
    record(session, "list_links", subject=f"import {import_id}", customer_ids=ids)
    shown = [{**_why(row), "customer": _show(row), "other": _show(_other(row))} for row in rows]
    return {"import_id": import_id, "links": shown, "next": after + limit if len(rows) == limit else None}


def _why(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "how": row["how"],
        "how_zh": HOWS[row["how"]],
        "confidence": row["confidence"],
        "found_at": row["found_at"].isoformat(),
    }


def _other(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("other_"): row[key] for key in row if key.startswith("other_")}


def _show(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a source as it may be shown beside another."""
    return {
        "id": row["id"],
        "source": row["source_code"],
        "key": veil(row["source_key"])[:64],
        "name": mask_party(row["name"], row["kind"]),
        "kind": row["kind"],
        "standing": row["standing"],
        "address": mask_address(row["address"], row["village"]),
        "grid": row["grid"],
    }
