"""Customers to be pinned on the spot: first those nobody can point at, then the others; masked and audited.

Reading only: the pin itself is a decision and stands with the decisions.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_address, mask_party, record
from app.customers.listing import escape_like, no_customer
from app.db import fetch_all, fetch_one

PAGE = 30
# The order of the list: an open question, no point of his own, a point.
STAGES = ("doubt", "blank", "known")
Row = Mapping[str, Any]


def list_pins(session: Session, query: str = "", *, after: str | None = None) -> dict[str, Any]:
    """A page of the customers in sight, those whose place is open first, masked; an audit row names them.

    `query` cuts to names that begin so; `after` is the `next` of the page before (a stage and an id).
    The first page without a query tells how many there are: `total`, `doubtful`, `unpointed`.
    """
    begins = f"{escape_like(query.strip())}%" if query.strip() else None
    first, past = ("doubt", 0) if after is None else _read_mark(after)
    rows: list[tuple[str, Row]] = []
    for stage in STAGES[STAGES.index(first) :]:
        wanted = PAGE - len(rows)
        if wanted:
            found = _read_stage(session, stage, after=past, begins=begins, limit=wanted)
            rows += [(stage, row) for row in found]
        past = 0
    record(session, "list_pins", customer_ids=[row["id"] for _, row in rows])
    mark = f"{rows[-1][0]}.{rows[-1][1]['id']}" if len(rows) == PAGE else None
    counts = _count(session) if after is None and begins is None else None
    return {"customers": [show_pin(row) for _, row in rows], "next": mark, "counts": counts}


def _read_mark(after: str) -> tuple[str, int]:
    stage, _, number = after.partition(".")
    return stage, int(number)


def _read_stage(
    session: Session, stage: str, *, after: int, begins: str | None, limit: int
) -> list[dict[str, Any]]:
    where = {"after": after, "begins": begins, "limit": limit}
    if stage == "doubt":
        return fetch_all(session, "customers/list_pins_in_doubt", **where)
    return fetch_all(session, "customers/list_pins", pointed=stage == "known", **where)


def _count(session: Session) -> dict[str, int]:
    row = fetch_one(session, "customers/count_pins") or {}
    return {key: int(value) for key, value in row.items()}


def find_pin(session: Session, customer_id: int) -> dict[str, Any]:
    """One customer with the point where he stands today (EPSG:4326, None where there is none); audited.

    Raises NotFound when the customer is not in the viewer's sight.
    """
    row = fetch_one(session, "customers/find_pin", customer_id=customer_id)
    if row is None:
        raise no_customer()
    record(session, "see_pin", customer_ids=[customer_id])
    facts = ("accuracy_m", "lon", "lat", "grid_lon", "grid_lat")
    return show_pin(row) | {key: row[key] for key in facts}


def show_pin(row: Row) -> dict[str, Any]:
    """A row as a list may show it."""
    grid = {"id": row["grid_id"], "code": row["grid_code"], "name": row["grid_name"]}
    return {
        "id": row["id"],
        "name": mask_party(row["name"], row["kind"]),
        "kind": row["kind"],
        "standing": row["standing"],
        "address": mask_address(row["address"], row["town_name"], row["village_name"]),
        "rung": row["rung"],
        "placed_by": row["placed_by"],
        "doubt": row["doubt"],
        "grid": grid if row["grid_id"] is not None else None,
    }
