"""Links 同一人: which rows, of one source or of several, are one person, how we know and how surely.

The same identity card (1.0); the same telephone and name (0.9); the same name in the same house of the same
village (0.7). Two cards that differ forbid a link. A link is a pair of rows, never a merge; it is computed by
sets for those who came or changed, and it goes when the facts that made it go.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_value

CONFIDENCES = {"id_card": 1.0, "phone_name": 0.9, "name_place": 0.7}
# What more rows than this share is a placeholder: nobody's telephone, a market's one address.
CROWD = 20
# So many customers of a block are linked in one statement.
STRIDE = 1_000_000


def list_crowd(session: Session, ids: Sequence[int]) -> list[int]:
    """Who shares with these customers what too many share: asked before they change, for `link_customers`."""
    return _list_crowd(session, ids, 0, 0)


def link_customers(session: Session, ids: Sequence[int], *, crowd: Sequence[int] = ()) -> dict[str, int]:
    """Find the links of customers who came, changed or went; how many there are now of each kind.

    `crowd` are those of `list_crowd` before: a crowd that has become small enough is linked. In the worker's
    hand.
    """
    if not ids and not crowd:
        return dict.fromkeys(CONFIDENCES, 0)
    return _link(session, sorted({*ids, *crowd, *list_crowd(session, ids)}), 0, 0)


def link_range(session: Session, low: int, high: int) -> dict[str, int]:
    """The same for all new customers with an id from `low` on, below `high`: a block."""
    linked = bool(fetch_value(session, "customers/intake/has_links"))
    last = fetch_value(session, "customers/intake/find_last_of_range", low=low, high=high)
    high = low if last is None else int(last) + 1
    counts: Counter[str] = Counter(dict.fromkeys(CONFIDENCES, 0))
    for start in range(low, high, STRIDE):
        span = start, min(start + STRIDE, high)
        counts.update(_link(session, (), *span))
        # Who was linked before and stands in a crowd now; where nobody was, there is nobody to look for.
        crowd = _list_crowd(session, (), *span) if linked else []
        _link(session, crowd, 0, 0)
    return dict(counts)


def count_links(session: Session, import_id: int) -> dict[str, int]:
    """How many links of each kind the customers have whose rows this import wrote last."""
    rows = fetch_all(session, "customers/intake/count_links_of_import", import_id=import_id)
    return {**dict.fromkeys(CONFIDENCES, 0), **{row["how"]: int(row["links"]) for row in rows}}


def _link(session: Session, ids: Sequence[int], low: int, high: int) -> dict[str, int]:
    rows = fetch_all(
        session, "customers/intake/link_customers", ids=list(ids), low=low, high=high, crowd=CROWD
    )
    return {**dict.fromkeys(CONFIDENCES, 0), **{row["how"]: int(row["links"]) for row in rows}}


def _list_crowd(session: Session, ids: Sequence[int], low: int, high: int) -> list[int]:
    span = {"low": low, "high": high, "crowd": CROWD}
    return list(fetch_value(session, "customers/intake/list_crowd", ids=list(ids), **span) or [])
