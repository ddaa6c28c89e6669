"""Links 同一人: which rows, of one source or of several, are one person, how we know and how surely.

The same identity card (1.0); the same telephone and name (0.9); the same name in the same house of the same
village (0.7). Two cards that differ forbid a link. A link is a pair of rows, never a merge; it is computed by
sets for those who came or changed, and it goes when the facts that made it go.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_value, run_statement

CONFIDENCES = {"id_card": 1.0, "phone_name": 0.9, "name_place": 0.7}
# What more rows than this share is a placeholder: nobody's telephone, a market's one address.
CROWD = 20
# So many customers are linked by one statement.
STRIDE = 200_000
Ids = Sequence[int] | NDArray[np.int64]


def list_crowd(session: Session, ids: Ids) -> NDArray[np.int64]:
    """Who shares with these customers what too many share: asked before they change, for `link_customers`."""
    found = [_list_crowd(session, part) for part in _cut(ids)]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))


def link_customers(session: Session, ids: Ids, *, crowd: Ids = ()) -> None:
    """Find the links of customers who came, changed or went, with each other and with everybody.

    `crowd` are those of `list_crowd` before: a crowd that has become small enough is linked. In the worker's
    hand.
    """
    for part in _cut(np.union1d(np.asarray(ids, dtype=np.int64), np.asarray(crowd, dtype=np.int64))):
        mine = np.union1d(part, _list_crowd(session, part))
        run_statement(session, "customers/intake/link_customers", ids=mine.tolist(), crowd=CROWD)


def _list_crowd(session: Session, part: NDArray[np.int64]) -> NDArray[np.int64]:
    found = fetch_value(session, "customers/intake/list_crowd", ids=part.tolist(), crowd=CROWD)
    return np.array(found or [], dtype=np.int64)


def _cut(ids: Ids) -> Iterator[NDArray[np.int64]]:
    whole = np.asarray(ids, dtype=np.int64)
    yield from (whole[start : start + STRIDE] for start in range(0, len(whole), STRIDE))


def find_company(session: Session, low: int, high: int) -> list[int]:
    """Who of a block (ids from `low` on, below `high`) may have a link with somebody outside it."""
    return list(fetch_value(session, "customers/intake/list_company", low=low, high=high) or [])


def count_links(session: Session, import_id: int) -> dict[str, int]:
    """How many links of each kind the customers have whose rows this import wrote last."""
    rows = fetch_all(session, "customers/intake/count_links_of_import", import_id=import_id)
    return {**dict.fromkeys(CONFIDENCES, 0), **{row["how"]: int(row["links"]) for row in rows}}
