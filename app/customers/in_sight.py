"""Customers of some grids in sight at once: counted and listed by one question, so that both say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access import Vault, record
from app.customers.filters import EVERYBODY, Filters
from app.customers.listing import PAGE, show_customer
from app.db import fetch_all, fetch_one


@dataclass(frozen=True)
class Wanted:
    """Whose customers: grids (ids of the drawn plan), an official place's code or all, and what is asked."""

    grid_ids: Sequence[int]
    who: Filters = EVERYBODY
    unit_code: str | None = None
    subject: str = "map"

    def params(self) -> dict[str, Any]:
        """What both statements are asked with."""
        return {"grid_ids": list(self.grid_ids), "unit_code": self.unit_code, **self.who.params()}


def count_in_sight(session: Session, wanted: Wanted) -> dict[str, Any]:
    """`total`, existing, prospects, strategic, key, pointed and `rungs` (1 to 6, then 0) of the wanted."""
    row = fetch_one(session, "customers/count_customers_in_sight", **wanted.params())
    assert row is not None
    return dict(row)


def list_in_sight(
    session: Session, wanted: Wanted, *, vault: Vault, after: int = 0, limit: int = 50
) -> dict[str, Any]:
    """A page of the wanted in order of id, masked; an audit row names those shown."""
    most = min(limit, PAGE)
    rows = fetch_all(session, "customers/list_customers_in_sight", after=after, limit=most, **wanted.params())
    ids = [row["id"] for row in rows]
    record(session, "list_customers", subject=wanted.subject, customer_ids=ids, detail=wanted.who.told())
    shown = [show_customer(row, vault) for row in rows]
    return {"customers": shown, "next": ids[-1] if len(rows) == most else None}
