"""Customers as people see them: lists of a grid, one customer, search; always masked, always audited.

The viewer's own policies cut the rows; this room decides only what of a row is shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.access import Vault, mask_address, mask_id_card, mask_party, mask_phone, record
from app.customers.filters import EVERYBODY, Filters
from app.db import fetch_all, fetch_one, fetch_value
from app.errors import NotFound

PAGE = 200


def list_customers(
    session: Session,
    grid_id: int,
    *,
    vault: Vault,
    filters: Filters = EVERYBODY,
    after: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of a grid's customers, masked, with the total; an audit row names those shown.

    Raises NotFound when the grid is not in the viewer's sight.
    """
    where = filters.params()
    total = fetch_value(session, "customers/count_customers_of_grid", grid_id=grid_id, **where)
    require_grid(session, grid_id)
    rows = fetch_all(
        session,
        "customers/list_customers_of_grid",
        grid_id=grid_id,
        after=after,
        limit=min(limit, PAGE),
        **where,
    )
    ids = [row["id"] for row in rows]
    record(session, "list_customers", subject=f"grid {grid_id}", customer_ids=ids, detail=filters.told())
    shown = [show_customer(row, vault) for row in rows]
    more = rows[-1]["id"] if len(rows) == min(limit, PAGE) else None
    return {"customers": shown, "next": more, "total": int(total)}


def require_grid(session: Session, grid_id: int) -> None:
    """Raises NotFound when the grid is not in the viewer's sight, whether or not it exists."""
    if fetch_one(session, "customers/find_grid", grid_id=grid_id) is None:
        raise NotFound("no_grid", zh="没有这个网格，或不在您的范围内", en="no such grid in your sight")


def export_customers(
    session: Session, grid_id: int, *, vault: Vault, filters: Filters = EVERYBODY
) -> Iterator[dict[str, Any]]:
    """All customers of a grid and of these kinds, masked, for a file; one audit row names them all."""
    require_grid(session, grid_id)
    rows = fetch_all(
        session,
        "customers/list_customers_of_grid",
        grid_id=grid_id,
        after=0,
        limit=1_000_000,
        **filters.params(),
    )
    ids = [row["id"] for row in rows]
    record(session, "export_customers", subject=f"grid {grid_id}", customer_ids=ids, detail=filters.told())
    return (show_customer(row, vault) for row in rows)


def find_customer(session: Session, customer_id: int, *, vault: Vault) -> dict[str, Any]:
    """One customer on one page: place, grid, owner, service; masked and audited."""
    row = _find(session, customer_id)
    record(session, "see_customer", customer_ids=[customer_id])
    return show_customer(row, vault)


def reveal_customer(session: Session, customer_id: int, *, vault: Vault, reason: str) -> dict[str, Any]:
    """The clear phone, ID number and address of one customer; the audit keeps who asked and why."""
    row = _find(session, customer_id)
    record(session, "reveal_customer", customer_ids=[customer_id], detail={"reason": reason[:200]})
    return {
        "id": row["id"],
        "name": row["name"],
        "phone": _open(vault, "phone", row),
        "id_card": _open(vault, "id_card", row),
        "address": row["address"],
    }


def find_in_sight(session: Session, customer_id: int) -> None:
    """Raises NotFound when the customer is not there, gone, or not in the viewer's sight."""
    _find(session, customer_id)


def _find(session: Session, customer_id: int) -> Mapping[str, Any]:
    row = fetch_one(session, "customers/find_customer", customer_id=customer_id)
    if row is None:
        raise no_customer()
    return row


def no_customer() -> NotFound:
    """What is said of a customer who is not there or not in the viewer's sight: nobody hears which."""
    return NotFound("no_customer", zh="没有这位客户，或不在您的范围内", en="no such customer in your sight")


def escape_like(text: str) -> str:
    """A text in which LIKE reads every sign as itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def show_customer(row: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """A row as it may be shown: phone, ID number and the address below the village are masked."""
    return {
        "id": row["id"],
        "name": mask_party(row["name"], row["kind"]),
        "kind": row["kind"],
        "standing": row["standing"],
        "tier": row["tier"],
        "lead_level": row["lead_level"],
        "booking_branch_code": row["booking_branch_code"],
        "phone": mask_phone(_open(vault, "phone", row)),
        "id_card": mask_id_card(_open(vault, "id_card", row)),
        "address": mask_address(row["address"], row["town_name"], row["grid_name"]),
        "rung": row["rung"],
        "score": round(float(row["score"]), 3),
        "placed_by": row["placed_by"],
        "filed": row["filed"],
        "last_visit_on": row["last_visit_on"].isoformat() if row["last_visit_on"] else None,
        "grid": {"id": row["grid_id"], "code": row["grid_code"], "name": row["grid_name"]},
    }


def _open(vault: Vault, field: str, row: Mapping[str, Any]) -> str | None:
    sealed = row[f"{field}_enc"]
    return (
        None
        if sealed is None
        else vault.unseal(field, f"{row['source_code']}|{row['source_key']}", bytes(sealed))
    )
