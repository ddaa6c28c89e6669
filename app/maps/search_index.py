"""What of the ground the search box finds for a viewer: read in his own transaction, kept until it changes.

The rows are those that the database lets this viewer read, so an index can hold nothing that he may not see;
viewers of the same sight share one. Customers are not kept here: see `app.customers.seeking`.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db import Viewer, as_worker, fetch_all, fetch_value
from app.maps.ground import Ground, find_ground, find_scope
from app.maps.search_names import EXACT, Names, fold

MOST_KEPT = 256
# Who types asks several times a second: what he may see is looked up once in it.
KNOWN_FOR_S = 1.0
MOST_KNOWN = 10_000


class GroundIndex:
    """Grids, villages, towns, managers, branches and outlets of one sight, by name and by code."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows
        self.grids = {row["key_id"]: row for row in rows if row["kind"] == "grid"}
        self.names = Names([(row["name"], row["code"] or "", *row["others"]) for row in rows])

    def find(self, query: str) -> list[tuple[int, Mapping[str, Any]]]:
        """`(rank, row)` of what answers to a folded query, best first."""
        return [(rank, self.rows[place]) for rank, place in self.names.find(query)]

    def holding(self, code: str, name: str) -> Mapping[str, Any] | None:
        """The village, town or grid of an official code, else the only one of exactly this name."""
        by_code = [row for row in self.rows if row["code"] == code or code in row["unit_codes"]]
        if by_code:
            return by_code[0]
        by_name = [row for rank, row in self.find(fold(name)) if rank == EXACT]
        return by_name[0] if len(by_name) == 1 else None


_kept: "OrderedDict[tuple[str, str, str], GroundIndex]" = OrderedDict()
_known: dict[tuple[str, Viewer], tuple[float, GroundIndex]] = {}
_lock = threading.Lock()


def find_index(session: Session) -> GroundIndex:
    """The index of the session's viewer, as rights and names stood a second ago or later.

    Raises NotFound where the bank has no plan yet.
    """
    who = (str(session.get_bind()), session.info["viewer"])
    until, index = _known.get(who, (0.0, None))
    if index is None or until < time.monotonic():
        index = _look(session, find_ground(session))
        with _lock:
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            _known[who] = (time.monotonic() + KNOWN_FOR_S, index)
    return index


def forget_indexes() -> None:
    """Know nothing: the next search looks again."""
    with _lock:
        _known.clear()


def _look(session: Session, ground: Ground) -> GroundIndex:
    # The same words for every viewer, and no wall to ask about each row that is counted.
    with as_worker(session):
        version = str(fetch_value(session, "maps/find_search_version", plan_id=ground.plan_id))
    key = (str(session.get_bind()), find_scope(session), version)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    # Two who ask at the same moment may both read: the same index, and nobody waits for another's.
    found = GroundIndex(fetch_all(session, "maps/search_ground", plan_id=ground.plan_id))
    with _lock:
        for old in [one for one in _kept if one[:2] == key[:2]]:
            del _kept[old]
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found
