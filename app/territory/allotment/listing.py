"""Offers as they are listed, and the board: how far each branch's grids are on their way."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import Person
from app.db import as_worker, fetch_all
from app.models import Plan
from app.territory.allotment.answering import may_answer, may_withdraw
from app.territory.allotment.people import list_own_branches
from app.territory.allotment.states import OFFER_STATES, STATES

Row = dict[str, Any]
_FACTS = ("id", "batch", "step", "role", "state", "reason", "answer_reason")


def list_allotments(
    session: Session, plan: Plan, *, by: Person | None, state: str | None = None, mine: bool = False
) -> list[Row]:
    """Offers of a plan in the viewer's sight, the newest first: the grid, from which branch to whom, in
    which role and from which day, the state with its words, who offered and answered it when and why, and
    whether the viewer may answer or withdraw it. `mine`: those that wait for the viewer's own answer (head
    office: that it made itself)."""
    own = list_own_branches(session, by)
    rows = fetch_all(session, "territory/list_allotments", plan_id=plan.id, state=state)
    names = _name_users(session, rows)
    shown = (_show(row, names, by=by, own=own) for row in rows)
    return [one for row, one in zip(rows, shown, strict=True) if not mine or _is_mine(row, by, own)]


def _name_users(session: Session, rows: list[Row]) -> dict[int, str]:
    """The names of who offered and answered: a viewer's own hand reads no user but himself."""
    users = sorted(
        {row[key] for row in rows for key in ("offered_by", "answered_by") if row[key] is not None}
    )
    if not users:
        return {}
    with as_worker(session):
        found = fetch_all(session, "territory/name_users", ids=users)
    return {row["id"]: row["name"] for row in found}


def _is_mine(row: Row, by: Person | None, own: list[int] | None) -> bool:
    if row["state"] != "offered":
        return False
    if by is None or by.role == "head":
        return bool(row["offered_by"] == (None if by is None else by.user_id))
    if by.role == "manager":
        return bool(row["step"] == "manager" and row["staff_id"] == by.staff_id)
    return row["step"] == "branch" and may_answer(row, by, own)


def _show(row: Row, names: dict[int, str], *, by: Person | None, own: list[int] | None) -> Row:
    zh, en = OFFER_STATES[row["state"]]
    waits = row["state"] == "offered"
    to_person = row["staff_id"] is not None
    return {
        **{key: row[key] for key in _FACTS},
        "state_zh": zh,
        "state_en": en,
        "grid": {key: row[f"grid_{key}"] for key in ("id", "code", "name", "kind", "town", "households")},
        "allotted": row["allotted"] or "unallotted",
        "branch": {"code": row["branch_code"], "name": row["branch_name"]},
        "former_branch": row["former_code"] and {"code": row["former_code"], "name": row["former_name"]},
        "staff": {"code": row["staff_code"], "name": row["staff_name"]} if to_person else None,
        "valid_from": row["valid_from"].isoformat(),
        "offered_by": names.get(row["offered_by"]),
        "offered_at": row["offered_at"].isoformat(),
        "answered_by": names.get(row["answered_by"]),
        "answered_at": row["answered_at"] and row["answered_at"].isoformat(),
        "may_answer": waits and may_answer(row, by, own),
        "may_withdraw": waits and may_withdraw(row, by, own),
    }


def count_board(session: Session, plan: Plan) -> Row:
    """The board of a plan: states with words and colours, counts by state in all, and by branch and holder.

    A grid stands under the branch it belongs to today (under none: head office's pool); `incoming` are grids
    offered to a branch and not answered. Cut by the viewer's sight.
    """
    branches: dict[str | None, Row] = {}
    for row in fetch_all(session, "territory/count_board", plan_id=plan.id):
        branch = branches.setdefault(row["branch_code"], _open_branch(row))
        _add(branch["counts"], row)
        branch["grids"] += row["grids"]
        branch["vacant"] += row["grids"] if row["staff_code"] is None else 0
        if row["staff_code"] is not None:
            holder = branch["people"].setdefault(row["staff_code"], _open_holder(row))
            _add(holder["counts"], row)
            holder["grids"] += row["grids"]
    for row in fetch_all(session, "territory/count_offers", plan_id=plan.id):
        branch = branches.setdefault(row["branch_code"], _open_branch(row))
        if row["step"] == "branch":
            branch["incoming"] += row["offers"]
        else:
            holder = branch["people"].setdefault(row["staff_code"], _open_holder(row))
            holder["offered"] += row["offers"]
    total = {state.key: sum(b["counts"][state.key] for b in branches.values()) for state in STATES}
    pool = branches.pop(None, None)
    for branch in branches.values():
        branch["managers"] = list(branch.pop("people").values())
    return {
        "plan": plan.code,
        "status": plan.status,
        "states": [state.as_json() for state in STATES],
        "counts": total,
        "grids": sum(total.values()),
        "pool": pool["grids"] if pool is not None else 0,
        "branches": list(branches.values()),
    }


def _open_branch(row: Row) -> Row:
    counts = dict.fromkeys((state.key for state in STATES), 0)
    return {
        "code": row["branch_code"],
        "name": row["branch_name"],
        "branch_type": row["branch_type"],
        "grids": 0,
        "vacant": 0,
        "incoming": 0,
        "counts": counts,
        "people": {},
    }


def _open_holder(row: Row) -> Row:
    counts = dict.fromkeys((state.key for state in STATES), 0)
    return {
        "code": row["staff_code"],
        "name": row["staff_name"],
        "grids": 0,
        "offered": 0,
        "counts": counts,
    }


def _add(counts: Row, row: Row) -> None:
    counts[row["allotted"] or "unallotted"] += row["grids"]
