"""The ledger of a draft: one row an act, with the grids and what hangs on them before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.db import as_worker, fetch_all
from app.models import Plan, PlanStep

State = dict[str, Any]
"""All columns of a grid as JSON, shapes as EWKB in hex; under `PARTS` the rows that hang on it."""
PARTS = ("duty", "allotment", "grid_post", "grid_target")
UNSTABLE = ("version", "colour_no")
"""Columns that say nothing about whether somebody has changed a grid since."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Grids before and after an act, by id; None where there was, or is, no such grid."""

    before: Mapping[int, State | None]
    after: Mapping[int, State | None]


def snapshot_grids(session: Session, grid_ids: Iterable[int]) -> dict[int, State | None]:
    """Grids as they stand, by id; None for one that is not there."""
    ids = sorted(set(grid_ids))
    rows = fetch_all(session, "territory/snapshot_grids", ids=ids) if ids else []
    found: dict[int, State | None] = dict.fromkeys(ids)
    found.update({row["id"]: row["state"] for row in rows})
    return found


@dataclass(frozen=True, slots=True)
class Entry:
    """What a ledger row says besides the grids: act, sentences, who, and which step (id) it undoes."""

    act: str
    title_zh: str
    title_en: str
    user_id: int | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    undoes: int | None = None


def write_step(session: Session, plan: Plan, entry: Entry, snapshots: Snapshots) -> PlanStep:
    """Write the next row of a plan's ledger; numbers follow each other without a gap."""
    plan.step_no += 1
    step = PlanStep(
        plan_id=plan.id,
        number=plan.step_no,
        act=entry.act,
        title_zh=entry.title_zh,
        title_en=entry.title_en,
        detail=dict(entry.detail),
        grid_ids=sorted({*snapshots.before, *snapshots.after}),
        before={str(grid_id): state for grid_id, state in snapshots.before.items()},
        after={str(grid_id): state for grid_id, state in snapshots.after.items()},
        ground_version=plan.ground_version,
        user_id=entry.user_id,
        undoes=entry.undoes,
    )
    session.add(step)
    session.flush()
    return step


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as it is listed. `undone` says whether its change stands no longer, `can_undo` whether nobody
    has changed its grids since (as far as the ledger knows)."""

    number: int
    act: str
    title_zh: str
    title_en: str
    at: datetime
    by: str
    undone: bool
    can_undo: bool
    undoes: int | None
    grid_ids: Sequence[int]
    detail: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The step as JSON-ready values."""
        facts = {key: getattr(self, key) for key in self.__slots__}
        return {
            **facts,
            "at": self.at.isoformat(),
            "grid_ids": list(self.grid_ids),
            "detail": dict(self.detail),
        }


def list_steps(session: Session, plan: Plan, *, limit: int = 50) -> list[StepRow]:
    """The steps of a plan in the viewer's sight, the newest first."""
    rows = fetch_all(session, "territory/list_steps", plan_id=plan.id)
    void = find_void(rows)
    names = name_users(session, {row["user_id"] for row in rows[:limit]})
    shown, touched = [], set[int]()
    for row in rows[:limit]:
        free = row["undone_by"] is None and not touched.intersection(row["grid_ids"])
        if row["number"] not in void:
            touched.update(row["grid_ids"])
        shown.append(
            StepRow(
                number=row["number"],
                act=row["act"],
                title_zh=row["title_zh"],
                title_en=row["title_en"],
                at=row["at"],
                by=names.get(row["user_id"], ""),
                undone=row["number"] in void and row["undoes"] is None,
                can_undo=free,
                undoes=row["undoes_number"],
                grid_ids=row["grid_ids"],
                detail=row["detail"],
            )
        )
    return shown


def find_void(rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Numbers of steps whose change stands no longer: undone, or an undo that was itself undone.

    `rows` are all steps, the newest first.
    """
    void: set[int] = set()
    for row in rows:
        if row["undoes_number"] is not None and row["number"] not in void:
            void |= {row["number"], row["undoes_number"]}
    return void


def name_users(session: Session, ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names of users by id: who changed what is told to whoever may change it too."""
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    with as_worker(session):
        return {row["id"]: row["name"] for row in fetch_all(session, "territory/name_users", ids=wanted)}
