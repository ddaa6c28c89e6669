"""Links 同一人: which rows, of one source or of several, are one person, how we know and how surely.

The same identity card (1.0); the same telephone and name (0.9); the same name in the same house of the same
village (0.7). Two cards that differ forbid a link. A link is a pair of rows, never a merge; it is computed by
sets for those who came or changed, and it goes when the facts that made it go.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_value

CONFIDENCES = {"id_card": 1.0, "phone_name": 0.9, "name_place": 0.7}
# What more rows than this share is a placeholder: nobody's telephone, a market's one address.
CROWD = 20
# So many customers of a block are linked in one statement.
STRIDE = 200_000


def list_crowd(session: Session, ids: Sequence[int]) -> list[int]:
    """Who shares with these customers what too many share: asked before they change, for `link_customers`."""
    if not ids:
        return []
    return list(fetch_value(session, "customers/intake/list_crowd", ids=list(ids), crowd=CROWD) or [])


def link_customers(session: Session, ids: Sequence[int], *, crowd: Sequence[int] = ()) -> dict[str, int]:
    """Find the links of customers who came, changed or went; how many there are now of each kind.

    `crowd` are those of `list_crowd` before: a crowd that has become small enough is linked. In the worker's
    hand.
    """
    if not ids and not crowd:
        return dict.fromkeys(CONFIDENCES, 0)
    return _link(session, sorted({*ids, *crowd, *list_crowd(session, ids)}))


def find_company(session: Session, low: int, high: int) -> list[int]:
    """Who of a block (ids from `low` on, below `high`) may have a link with somebody outside it."""
    return list(fetch_value(session, "customers/intake/list_company", low=low, high=high) or [])


def link_block(session: Session, ids: Sequence[int]) -> None:
    """The same for those new customers of a block who may share something, with each other or outside."""
    for start in range(0, len(ids), STRIDE):
        link_customers(session, ids[start : start + STRIDE])


def count_links(session: Session, import_id: int) -> dict[str, int]:
    """How many links of each kind the customers have whose rows this import wrote last."""
    rows = fetch_all(session, "customers/intake/count_links_of_import", import_id=import_id)
    return {**dict.fromkeys(CONFIDENCES, 0), **{row["how"]: int(row["links"]) for row in rows}}


def _link(session: Session, ids: Sequence[int]) -> dict[str, int]:
    rows = fetch_all(session, "customers/intake/link_customers", ids=list(ids), crowd=CROWD)
    return {**dict.fromkeys(CONFIDENCES, 0), **{row["how"]: int(row["links"]) for row in rows}}
