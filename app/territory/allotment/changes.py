"""Changes of people as they are asked for, kept and shown: leave, departure, a branch that joins another."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.access import Person
from app.db import as_worker, fetch_all
from app.errors import BadInput, Conflict, NotFound
from app.models import AppUser, Branch, Plan, Staff, StaffingChange
from app.territory.allotment.offering import user_of

Row = dict[str, Any]
KINDS: dict[str, tuple[str, str]] = {
    "leave": ("休假与接替", "leave with a replacement"),
    "departure": ("离岗", "leaves for good"),
    "branch_merge": ("支行合并", "a branch joins another"),
}
STATES: dict[str, tuple[str, str]] = {
    "draft": ("待办理", "prepared"),
    "applied": ("已办理", "applied"),
    "undone": ("已撤销", "undone"),
    "cancelled": ("已取消", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A change that is wanted. `valid_to` is the first day back (None: not known yet; only for a leave).

    `choices` say who takes a grid (code → staff number), over the proposal; None or "" leaves it vacant.
    """

    kind: str
    valid_from: date
    staff: str | None = None
    branch: str | None = None
    into: str | None = None
    valid_to: date | None = None
    choices: dict[str, str | None] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change worked out and not yet kept: whom it concerns, grid by grid, and who moves with a branch."""

    ask: Ask
    branch: Branch
    lines: list[Row]
    person: Staff | None = None
    into: Branch | None = None
    people: list[Row] = field(default_factory=list)


def check_ask(ask: Ask) -> None:
    """Raise BadInput unless the parts of a change fit its kind."""
    wanted = {"leave": ask.staff, "departure": ask.staff, "branch_merge": ask.branch and ask.into}
    if ask.kind not in KINDS:
        raise BadInput("bad_kind", zh="不认识的人员变动类型", en=f"a kind is one of {', '.join(KINDS)}")
    if not wanted[ask.kind]:
        raise BadInput(
            "incomplete",
            zh="请给出人员工号，或合并的两个机构号",
            en="name the person, or the branch and the one it joins",
        )
    if ask.valid_to is not None and (ask.kind != "leave" or ask.valid_to <= ask.valid_from):
        raise BadInput(
            "bad_days",
            zh="返岗日须晚于开始日；只有休假有返岗日",
            en="the first day back comes after the first day away, and only a leave has one",
        )


def keep_change(session: Session, made: Prepared, *, bill: Row) -> StaffingChange:
    """Keep a change with its lines and its bill, to be applied, or cancelled."""
    ask = made.ask
    change = StaffingChange(
        kind=ask.kind,
        staff_id=None if made.person is None else made.person.id,
        branch_id=made.branch.id,
        into_branch_id=None if made.into is None else made.into.id,
        valid=Range(ask.valid_from, ask.valid_to),
        choices=dict(ask.choices),
        bill={"lines": [_dump(line) for line in made.lines], "people": made.people, "bill": bill},
        reason=ask.reason,
        created_by=user_of(session),
    )
    with as_worker(session):
        session.add(change)
        session.flush()
        session.refresh(change)
    return change


def _dump(line: Row) -> Row:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in line.items()}


def find_change(session: Session, change_id: int) -> StaffingChange:
    """A change in the viewer's sight; NotFound `no_change` otherwise."""
    change = session.scalars(select(StaffingChange).where(StaffingChange.id == change_id)).first()
    if change is None:
        raise NotFound(
            "no_change", zh=f"没有人员变动 {change_id}", en=f"there is no staffing change {change_id}"
        )
    return change


def list_beyond(session: Session, grid_ids: Iterable[int]) -> set[int]:
    """Which of these grids there are beyond the viewer's sight."""
    ids = sorted(set(grid_ids))
    seen = {row["id"] for row in fetch_all(session, "territory/list_held_in_sight", grid_ids=ids)}
    with as_worker(session):
        there = {row["id"] for row in fetch_all(session, "territory/list_held_in_sight", grid_ids=ids)}
    return there - seen


def require_sight(session: Session, lines: Iterable[Mapping[str, Any]]) -> None:
    """Raise Conflict `beyond_your_ground` unless the viewer sees all the ground of a change (its lines)."""
    beyond = list_beyond(session, (line["grid_id"] for line in lines))
    if beyond:
        raise Conflict(
            "beyond_your_ground",
            zh="此人还负责其他支行的网格，请由总行办理",
            en="this person holds grids of another branch too; head office makes this change",
            grids=len(beyond),
        )


def lock_change(session: Session, change: StaffingChange, *states: str) -> None:
    """Wait for whoever else has this change in hand; Conflict `change_closed` unless in a state given."""
    session.refresh(change, with_for_update=True)
    if change.state in states:
        return
    zh, en = STATES[change.state]
    who = session.get(AppUser, change.applied_by) if change.applied_by is not None else None
    raise Conflict(
        "change_closed",
        zh=f"该人员变动{zh}",
        en=f"this change is {en} already",
        state=change.state,
        by=who.name if who is not None else None,
        at=change.applied_at,
    )


def close_change(session: Session, change: StaffingChange, state: str) -> None:
    """Put a change into its next state, by whom and when."""
    change.state = state
    change.applied_by = user_of(session)
    change.applied_at = datetime.now(UTC)
    session.flush()


def list_changes(session: Session, *, by: Person | None, state: str | None = None) -> list[Row]:
    """The changes of people in the viewer's sight, the newest first, without their lines."""
    rows = fetch_all(session, "territory/list_staffing_changes", state=state)
    found = [show_change(session, find_change(session, row["id"]), by=by) for row in rows]
    return [{key: value for key, value in one.items() if key not in ("lines", "people")} for one in found]


def show_change(session: Session, change: StaffingChange, *, by: Person | None) -> Row:
    """A change as JSON: kind, state, whom it concerns, days, lines (grid by grid), bill, what may be done.

    Where a part of it lies beyond the viewer's ground, he sees his own lines, no names in the bill, and may
    do nothing about it.
    """
    with as_worker(session):
        person = _name(session.get(Staff, change.staff_id) if change.staff_id else None)
        branch = _name(session.get(Branch, change.branch_id) if change.branch_id else None)
        into = _name(session.get(Branch, change.into_branch_id) if change.into_branch_id else None)
        plan = session.get(Plan, change.plan_id) if change.plan_id else None
        lines = _name_lines(session, change.bill["lines"])
        users = {user: session.get(AppUser, user) for user in (change.created_by, change.applied_by) if user}
    beyond = list_beyond(session, (line["grid_id"] for line in lines))
    bill = change.bill["bill"]
    kind, state = KINDS[change.kind], STATES[change.state]
    return {
        "id": change.id,
        "kind": change.kind,
        "kind_zh": kind[0],
        "kind_en": kind[1],
        "state": change.state,
        "state_zh": state[0],
        "state_en": state[1],
        "stage": tell_stage(change, plan),
        "staff": person,
        "branch": branch,
        "into": into,
        "valid_from": change.valid.lower.isoformat() if change.valid.lower else None,
        "valid_to": change.valid.upper.isoformat() if change.valid.upper else None,
        "reason": change.reason,
        "choices": change.choices,
        "plan": None if plan is None else plan.code,
        "lines": [line for line in lines if line["grid_id"] not in beyond],
        "people": change.bill["people"],
        "bill": {**bill, "key_clients": [], "managers": []} if beyond else bill,
        "created_by": _user_name(users, change.created_by),
        "created_at": change.created_at.isoformat(),
        "applied_by": _user_name(users, change.applied_by),
        "applied_at": change.applied_at.isoformat() if change.applied_at else None,
        "may": {act: may and not beyond for act, may in _tell_acts(change, plan, by).items()},
    }


def tell_stage(change: StaffingChange, plan: Plan | None) -> str:
    """How far it is: prepared, applied, undone, cancelled; of a merge: waiting_for_plan, people_to_move."""
    if change.kind != "branch_merge" or change.state != "applied":
        return "prepared" if change.state == "draft" else change.state
    if (change.before or {}).get("moved"):
        return "applied"
    return "people_to_move" if plan is not None and plan.status == "in_force" else "waiting_for_plan"


def _tell_acts(change: StaffingChange, plan: Plan | None, by: Person | None) -> dict[str, bool]:
    mine = change.kind != "branch_merge" or by is None or by.role == "head"
    stage = tell_stage(change, plan)
    return {
        "apply": mine and stage in ("prepared", "people_to_move"),
        "cancel": mine and stage == "prepared",
        "undo": mine and change.state == "applied" and stage in ("applied", "waiting_for_plan")
        and not (change.before or {}).get("moved"),
        "back": change.kind == "leave" and change.state == "applied",
    }  # fmt: skip


def _name(one: Staff | Branch | None) -> Row | None:
    return None if one is None else {"code": one.code, "name": one.name}


def _user_name(users: dict[int, AppUser | None], user_id: int | None) -> str | None:
    user = users.get(user_id) if user_id is not None else None
    return None if user is None else user.name


def _name_lines(session: Session, lines: Sequence[Row]) -> list[Row]:
    ids = sorted({line[key] for line in lines for key in ("from_id", "to_id") if line.get(key) is not None})
    names = {
        row["id"]: {"code": row["code"], "name": row["name"]}
        for row in fetch_all(session, "territory/name_staff", ids=ids)
    }
    hidden = ("from_id", "to_id", "plan_id", "branch_id")
    return [
        {
            **{key: value for key, value in line.items() if key not in hidden},
            "from": names.get(line["from_id"]),
            "to": names.get(line["to_id"]),
        }
        for line in lines
    ]
