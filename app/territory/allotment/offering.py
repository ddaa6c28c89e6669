"""Grids are offered: by head office to a branch, by a branch to its people; a batch goes as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person, record
from app.clock import today
from app.db import Viewer, as_worker, fetch_all, fetch_value, run_statement
from app.errors import BadInput, Conflict, NotAllowed
from app.models import Branch, Plan, Staff
from app.territory.allotment.choosing import Choice, choose_grids, refuse_grids, require_open
from app.territory.allotment.people import Reason, find_unfit, list_house, list_own_branches
from app.territory.allotment.states import ROLES, STEPS
from app.territory.organisation import find_branch, find_staff
from app.territory.plans.listing import lock_plan

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """Grids for a branch (`step` branch, `to` its code) or a person (`step` manager, `to` his number).

    `valid_from` is the first day of the duty, today when None; `role` is primary unless a person is to be
    backup, liaison or terminal administrator.
    """

    step: str
    to: str
    grids: Choice
    role: str = "primary"
    valid_from: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    branch: Branch
    person: Staff | None
    day: date
    own: list[int] | None
    house: frozenset[int]


def offer_grids(session: Session, plan: Plan, offer: Offer, *, by: Person | None) -> dict[str, Any]:
    """Offer grids of a draft or of the plan in force: {batch, offered, grids, to}; all of them or none.

    Head office offers to branches, and to people; a branch head his own branches' grids to his own people.
    Raises Conflict `cannot_offer` with a reason for each grid that cannot be offered (offered already: to
    whom and when), `unfit` for a person who cannot take the role, `plan_closed`; NotAllowed `not_yours`;
    NotFound for what is out of the viewer's sight.
    """
    _check(offer, by)
    require_open(plan)
    day = offer.valid_from or today()
    rows = choose_grids(session, plan, offer.grids, by=by)
    target = _find_target(session, offer, day, by=by)
    with as_worker(session):
        lock_plan(session, plan)
        require_open(plan)
        rows = list_offerable(session, [row["id"] for row in rows])
        refused = list(_list_refused(rows, plan, offer, target))
        if refused:
            raise refuse_grids("cannot_offer", refused)
        batch = _store(session, plan, offer, rows=rows, target=target)
    detail = {"batch": batch, "step": offer.step, "role": offer.role, "grids": len(rows)}
    record(session, "offer_grids", subject=f"{plan.code} → {offer.to}", detail=detail)
    return {
        "plan": plan.code,
        "batch": batch,
        "offered": len(rows),
        "grids": [row["code"] for row in rows],
        "step": offer.step,
        "role": offer.role,
        "to": {"code": offer.to, "name": (target.person or target.branch).name},
        "valid_from": day.isoformat(),
    }


def list_offerable(session: Session, grid_ids: list[int]) -> list[Row]:
    """These grids with their branch, their open offers and who holds them, in order of code."""
    return fetch_all(session, "territory/list_offerable", grid_ids=grid_ids)


def _check(offer: Offer, by: Person | None) -> None:
    if offer.step not in STEPS or offer.role not in ROLES:
        raise BadInput(
            "bad_step",
            zh="分配步骤应为 branch 或 manager，责任类型应为主责、协办、村级联络员或终端管理员",
            en=f"step is one of {', '.join(STEPS)}, role one of {', '.join(ROLES)}",
        )
    if offer.step == "branch" and offer.role != "primary":
        raise BadInput(
            "role_of_branch", zh="分配给支行时不分责任类型", en="a branch takes grids whole, in no role"
        )
    if offer.step == "branch" and by is not None and by.role != "head":
        raise NotAllowed(
            "not_yours", zh="只有总行可以把网格分给支行", en="only head office offers to branches"
        )


def _find_target(session: Session, offer: Offer, day: date, *, by: Person | None) -> _Target:
    own = list_own_branches(session, by)
    if offer.step == "branch":
        branch = find_branch(session, offer.to)
        return _Target(branch, None, day, own, frozenset(list_house(session, branch.id)))
    person = find_staff(session, offer.to)
    branch = session.get_one(Branch, person.branch_id)
    if own is not None and person.branch_id not in own:
        raise NotAllowed("not_yours", zh="此人不属于您的支行", en="this person is of another branch")
    with as_worker(session):
        unfit = find_unfit(session, person, offer.role, day)
    if unfit is not None:
        raise Conflict("unfit", zh=unfit.zh, en=unfit.en, reason=unfit.as_json())
    return _Target(branch, person, day, own, frozenset(list_house(session, branch.id)))


def _list_refused(rows: list[Row], plan: Plan, offer: Offer, target: _Target) -> Iterator[tuple[Row, Reason]]:
    ask = _refuse_branch if offer.step == "branch" else _refuse_person
    for row in rows:
        why = ask(row, offer, target) or _refuse_day(row, plan, offer, target)
        if why is not None:
            yield row, why


def _refuse_branch(row: Row, offer: Offer, target: _Target) -> Reason | None:
    waiting = next(iter(row["offers"]), None)
    if waiting is not None:
        return tell_waiting(waiting)
    if row["branch_id"] == target.branch.id and row["allotted"] in ("in_branch", "held"):
        return Reason(
            "theirs_already", f"已在 {target.branch.name}", f"{target.branch.name} has it already", {}
        )
    return None


def _refuse_person(row: Row, offer: Offer, target: _Target) -> Reason | None:
    assert target.person is not None
    waiting = next((o for o in row["offers"] if o["step"] == "branch" or o["role"] == offer.role), None)
    if waiting is not None:
        return tell_waiting(waiting)
    if row["branch_id"] is None:
        return Reason("no_branch", "尚未分给任何支行", "no branch has it yet: offer it to a branch first", {})
    if target.own is not None and row["branch_id"] not in target.own:
        return Reason("not_yours", "不是您支行的网格", "this grid is not of your branch", {})
    if not (row["branch_id"] == target.person.branch_id or row["branch_id"] in target.house) and (
        target.person.branch_id not in row["house"]
    ):
        facts = {"branch": row["branch_code"]}
        return Reason("other_branch", "此人不属于该网格的支行", "the person is of another branch", facts)
    held = next((h for h in row["holders"] if h["role"] == offer.role), None)
    if held is not None and held["staff_id"] == target.person.id and held["open"]:
        name = target.person.name
        return Reason("holds_already", f"{name} 已担任此责任", f"{name} holds it already", {})
    return None


def _refuse_day(row: Row, plan: Plan, offer: Offer, target: _Target) -> Reason | None:
    """A branch of the plan in force changes today at the latest: what lies ahead is the next plan's."""
    if plan.status != "in_force":
        return None
    begins = plan.valid.lower if plan.valid is not None else None
    if begins is not None and target.day < begins:
        return Reason(
            "before_plan", f"规划自 {begins} 起生效", f"the plan is in force from {begins}", {"from": begins}
        )
    ends = plan.valid.upper if plan.valid is not None else None
    if ends is not None and target.day >= ends:
        return Reason("after_plan", f"规划于 {ends} 结束", f"the plan ends on {ends}", {"to": ends})
    if offer.step == "branch" and target.day > today():
        return Reason(
            "ahead",
            "生效中的规划不能预约更换支行，请用新草案",
            "a branch of the plan in force cannot be changed ahead of its day: make a draft",
            {},
        )
    return None


def tell_waiting(offer: Row) -> Reason:
    """An offer that waits for its answer, as the reason why there can be no second one."""
    at = str(offer["at"])[:16].replace("T", " ")
    facts = {"allotment": offer["id"], "by": offer["by"], "at": offer["at"], "to": offer["to"]}
    by = offer["by"] or "控制台"
    return Reason(
        "offered_already",
        f"{by} 已于 {at} 分给 {offer['to']}，尚待答复",
        f"offered to {offer['to']} already at {at}, not answered yet",
        {**facts, "state": "offered"},
    )


def _store(session: Session, plan: Plan, offer: Offer, *, rows: list[Row], target: _Target) -> int:
    batch = int(fetch_value(session, "territory/number_batch"))
    run_statement(
        session,
        "territory/store_offers",
        plan_id=plan.id,
        batch=batch,
        step=offer.step,
        grid_ids=[row["id"] for row in rows],
        # An offer to a person lies within the grid's own branch.
        branch_ids=[target.branch.id if offer.step == "branch" else row["branch_id"] for row in rows],
        former_ids=[row["branch_id"] for row in rows],
        staff_id=None if target.person is None else target.person.id,
        role=offer.role,
        valid_from=target.day,
        reason=offer.reason,
        user_id=user_of(session),
    )
    if offer.role == "primary":
        state = "offered_branch" if offer.step == "branch" else "offered_manager"
        run_statement(session, "territory/mark_allotted", grid_ids=[row["id"] for row in rows], state=state)
    return batch


def user_of(session: Session) -> int | None:
    """The user who looks through this transaction; None at the console."""
    viewer = session.info["viewer"]
    assert isinstance(viewer, Viewer)
    return viewer.user_id
