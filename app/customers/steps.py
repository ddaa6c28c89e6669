"""Steps of placing by hand: how a customer stood before and after, so that it can be taken back.

A state is a dict of the placement's columns (`geom` as EWKB in hex) with the whole case under `case`, None
where there is none. All writing is done in the worker's hand (`app.db.as_worker`), after the viewer's own
SELECT.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access import record
from app.customers.placing import COLUMNS
from app.db import Viewer, fetch_all, run_statement
from app.errors import Conflict

State = dict[str, Any]
MOST_STEPS = 200


@dataclass(frozen=True)
class Standing:
    """How one customer stands now; `lon`/`lat` (EPSG:4326) are those of his placement, if it has a point."""

    customer_id: int
    state: State
    lon: float | None
    lat: float | None

    @property
    def case(self) -> dict[str, Any] | None:
        """His case, open or not."""
        case: dict[str, Any] | None = self.state["case"]
        return case


@dataclass(frozen=True)
class Change:
    """One customer's state before and after a decision."""

    customer_id: int
    before: State
    after: State
    undoes: int | None = None


@dataclass(frozen=True)
class Act:
    """What all steps of a batch have in common."""

    action: str
    user_id: int | None
    note: str | None = None
    accuracy_m: float | None = None
    client_key: str | None = None


def viewer_of(session: Session) -> Viewer:
    """Who looks through this transaction."""
    viewer = session.info["viewer"]
    assert isinstance(viewer, Viewer)
    return viewer


def lock_standings(session: Session, ids: Sequence[int]) -> dict[int, Standing]:
    """How these customers stand, by id; nobody else changes their placements until the transaction ends."""
    rows = fetch_all(session, "customers/read_states", ids=list(ids))
    return {
        row["customer_id"]: Standing(row["customer_id"], dict(row["stands"]), row["lon"], row["lat"])
        for row in rows
    }


def list_seen(session: Session, ids: Sequence[int]) -> set[int]:
    """Which of these customers are in the viewer's sight. In the viewer's own hand."""
    return {row["id"] for row in fetch_all(session, "customers/list_seen", customer_ids=list(ids))}


def write_states(session: Session, states: Mapping[int, State]) -> None:
    """Placements and cases stand as these states say."""
    placements = [{"customer_id": key, **_placement(state)} for key, state in states.items()]
    cases = [state["case"] for state in states.values() if state["case"] is not None]
    gone = [key for key, state in states.items() if state["case"] is None]
    run_statement(session, "customers/write_placements", rows=json.dumps(placements))
    if cases:
        run_statement(session, "customers/write_cases", rows=json.dumps(cases))
    if gone:
        run_statement(session, "customers/drop_cases", ids=gone)


def _placement(state: State) -> State:
    return {key: state[key] for key in COLUMNS}


def same_state(one: State, other: State) -> bool:
    """Whether two states are one, whatever else a step keeps beside them."""
    return _placement(one) == _placement(other) and one["case"] == other["case"]


def number_steps(session: Session, steps: int) -> list[int]:
    """Numbers for new steps; the first is that of their batch."""
    return [int(row["nextval"]) for row in fetch_all(session, "customers/number_steps", steps=steps)]


def add_steps(session: Session, changes: Sequence[Change], act: Act, *, numbers: Sequence[int]) -> None:
    """Keep these changes under these numbers. The key of the device that sent them stands in the first."""
    rows = [
        {
            "id": number,
            "customer_id": change.customer_id,
            "user_id": act.user_id,
            "action": act.action,
            "batch": numbers[0],
            "before": change.before,
            "after": change.after,
            "accuracy_m": act.accuracy_m,
            "note": act.note,
            "undoes": change.undoes,
            "client_key": act.client_key if number == numbers[0] else None,
        }
        for number, change in zip(numbers, changes, strict=True)
    ]
    run_statement(session, "customers/add_steps", rows=json.dumps(rows))


def list_steps(session: Session, *, customer_id: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """What was decided by hand in the viewer's sight, the newest first; `undone` says what was taken back.

    Notes are free words about customers: an audit row names whose were read.
    """
    rows = fetch_all(
        session, "customers/list_steps", customer_id=customer_id, limit=min(max(limit, 1), MOST_STEPS)
    )
    shown = sorted({row["customer_id"] for row in rows})
    record(session, "list_placement_steps", customer_ids=shown)
    return [{**row, "at": row["at"].isoformat()} for row in rows]


def refuse_decided(by_whom: str | None, at: Any) -> None:
    """Raises Conflict: somebody else was quicker, here is who and when."""
    name = by_whom or "—"
    raise Conflict(
        "decided_meanwhile",
        zh=f"{name} 已在 {at:%Y-%m-%d %H:%M} 作出决定",
        en=f"{name} decided it at {at:%Y-%m-%d %H:%M}",
        by=by_whom,
        at=at.isoformat(),
    )
