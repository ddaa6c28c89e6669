"""What a viewer's tiles are drawn from: his rights, the ground, the state of the data. Known for a second.

A page of 30 tiles asks these questions once. Who changes something sees it at once all the same: the page's
next tile addresses carry the new state (`?v=`), and another state than the known one is asked for again.
"""

import threading
import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.db import Database, Viewer
from app.maps.ground import NOTICES, Ground, find_data_version, find_ground, find_scope, refuse_no_plan

KNOWN_FOR_S = 1.0
MOST_KNOWN = 10_000
MOST_PAST = 20


@dataclass(frozen=True)
class Sight:
    """Whose tiles may be shared (`scope`), which plan is drawn, and of which state of the data."""

    scope: str
    ground: Ground
    version: str


def find_sight(session: Session) -> Sight:
    """The sight of a session's viewer. Raises NotFound where the bank has no plan yet."""
    ground = find_ground(session)
    return Sight(find_scope(session), ground, find_data_version(session, ground))


def look_sight(database: Database, viewer: Viewer) -> Sight:
    """The sight of a viewer, in two quick looks. Raises NotFound where the bank has no plan yet."""
    row, scope = database.look(viewer, [("maps/find_ground", {"notices": NOTICES}), ("maps/find_scope", {})])
    if row is None or scope is None:
        raise refuse_no_plan()
    ground = Ground(**row)
    asked = {"plan_id": ground.plan_id, "faults_plan_id": ground.faults_plan_id}
    (version,) = database.look(viewer, [("maps/find_data_version", asked)])
    assert version is not None
    return Sight(str(scope["scope"]), ground, str(version["data_version"]))


@dataclass(frozen=True)
class Known:
    """A sight, how long it is known, and the states of pages that were asked for and are past."""

    sight: Sight
    until: float
    past: frozenset[str]


class Sights:
    """The sights of a database's viewers, each for a second."""

    def __init__(self, known_for_s: float = KNOWN_FOR_S) -> None:
        self.known_for_s = known_for_s
        self._known: dict[Viewer, Known] = {}
        self._lock = threading.Lock()

    def find(self, viewer: Viewer, *, version: str = "") -> Sight | None:
        """The viewer's sight where it is known; not, where a page speaks of a state that may be newer."""
        known = self._known.get(viewer)
        if known is None or known.until < time.monotonic():
            return None
        return known.sight if version in ("", known.sight.version) or version in known.past else None

    def keep(self, viewer: Viewer, sight: Sight, *, version: str = "") -> Sight:
        """Know a sight for a second; `version` is the state that was asked for, if it is another."""
        with self._lock:
            before = self._known.get(viewer)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            same = before is not None and before.sight == sight and len(before.past) < MOST_PAST
            past = before.past if before is not None and same else frozenset()
            self._known[viewer] = Known(sight, time.monotonic() + self.known_for_s, past | {version})
        return sight
