"""What a filter means for a viewer: his grids of a branch or manager, and how many of each grid it leaves.

Counted once and kept for all tiles that show it: at a zoom where a tile holds a whole town, counting
a million customers again for each tile would be most of the work.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.db import Database, Viewer, fetch_one
from app.maps.filtering import CustomerFilter
from app.maps.ground import Ground

COUNT = "maps/count_cut"
MOST_KEPT = 500
Params = dict[str, Any]
Count = Literal["none", "all", "pointless"]
NOTHING: Params = {"cut_grids": [], "cut_existing": [], "cut_prospects": []}


class CutShelf:
    """Filters by what they were counted for, the newest kept."""

    def __init__(self, limit: int = MOST_KEPT) -> None:
        self.limit = limit
        self._kept: OrderedDict[Hashable, Params] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable, count: Callable[[], Params]) -> Params:
        """What is kept for a key, or what `count` says, kept from now on."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = count()
            with self._lock:
                self._kept[key] = kept
                while len(self._kept) > self.limit:
                    self._kept.popitem(last=False)
        return kept


def look_cut(
    database: Database, viewer: Viewer, ground: Ground, *, cut: CustomerFilter, count: Count
) -> Params:
    """A filter's parameters, and the totals of the grids that are to be counted.

    Raises BadInput for a branch or a manager that is not in sight.
    """
    questions = cut.ask_grids(ground)
    params = cut.tell_params(database.look(viewer, questions) if questions else [])
    if count == "none":
        return {**NOTHING, **params}
    (row,) = database.look(viewer, [(COUNT, narrow(params, count))])
    return {**params, **(row or {})}


def read_cut(session: Session, ground: Ground, *, cut: CustomerFilter, count: Count) -> Params:
    """The same in a session's transaction."""
    params = cut.params(session, ground)
    if count == "none":
        return {**NOTHING, **params}
    return {**params, **(fetch_one(session, COUNT, **narrow(params, count)) or {})}


def narrow(params: Params, count: Count) -> Params:
    """Who is counted: all of a filter, or those of them who have no point of their own."""
    return params if count == "all" else {**params, "pointed": False}
