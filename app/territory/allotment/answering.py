"""Offers are answered: accepted, returned with a reason, withdrawn by who made them; all or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person, record
from app.db import as_worker, fetch_all, run_statement
from app.errors import BadInput, NotAllowed, NotFound
from app.models import Plan, Staff
from app.territory.allotment.choosing import refuse_grids, require_open
from app.territory.allotment.offering import user_of
from app.territory.allotment.people import Reason, find_unfit, list_own_branches
from app.territory.allotment.states import OFFER_STATES
from app.territory.plans.colouring import colour_grids
from app.territory.plans.listing import lock_plan
from app.territory.plans.timelines import Key, Span, Timeline, load_timelines, put, take_out, write_timelines

Row = dict[str, Any]
ANSWERS = {"accept": "accepted", "return": "returned", "withdraw": "withdrawn"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`accept`, `return` (with a reason) or `withdraw`: offers by `ids`, or all open ones of a `batch`."""

    answer: str
    ids: tuple[int, ...] = ()
    batch: int | None = None
    reason: str | None = None


def answer_offers(session: Session, plan: Plan, answer: Answer, *, by: Person | None) -> dict[str, Any]:
    """Answer offers of a plan: {answer, answered, ids, grids}; a batch lands whole or not at all.

    A branch accepts into its pool; accepting an offer to a person gives the duty from its day on, the
    former holder hands over and all that was recorded stays readable. Returned and withdrawn, everything
    stands as it stood before. A manager answers his own offers, a branch head those to his branches and for
    his own people, head office all. Raises Conflict `cannot_answer` with who answered and when for each offer
    that is open no more (or whose person or branch changed meanwhile), `plan_closed`; NotAllowed
    `not_your_offer`; NotFound `no_allotment`; BadInput `no_reason`.
    """
    _check(answer)
    rows = _find_offers(session, plan, answer)
    _require_own(session, rows, answer, by=by)
    with as_worker(session):
        lock_plan(session, plan)
        require_open(plan)
        rows = fetch_all(session, "territory/list_answerable", ids=[row["id"] for row in rows])
        ends = plan.valid.upper if plan.valid is not None else None
        refused = list(_list_refused(session, rows, answer, ends))
        if refused:
            raise refuse_grids("cannot_answer", refused)
        _keep(session, rows, answer)
        if answer.answer == "accept":
            _give(session, plan, rows)
    detail = {"answer": answer.answer, "ids": [row["id"] for row in rows], "reason": answer.reason}
    record(session, "answer_offers", subject=plan.code, detail=detail)
    return {
        "plan": plan.code,
        "answer": answer.answer,
        "state": ANSWERS[answer.answer],
        "answered": len(rows),
        "ids": [row["id"] for row in rows],
        "grids": [row["code"] for row in rows],
    }


def _check(answer: Answer) -> None:
    if answer.answer not in ANSWERS:
        raise BadInput(
            "bad_answer", zh="答复应为接收、退回或撤回", en=f"an answer is one of {', '.join(ANSWERS)}"
        )
    if answer.answer == "return" and not (answer.reason or "").strip():
        raise BadInput("no_reason", zh="退回时请写明理由", en="give the reason for which you return them")
    if bool(answer.ids) == (answer.batch is not None):
        raise BadInput(
            "no_offers", zh="请选择要答复的分配：编号或批次", en="name offers by ids, or one batch"
        )


def _find_offers(session: Session, plan: Plan, answer: Answer) -> list[Row]:
    """The offers in the viewer's sight; of a batch the open ones, or all of it when none is open any more."""
    rows = fetch_all(
        session,
        "territory/find_offers",
        plan_id=plan.id,
        ids=sorted(set(answer.ids)),
        batch=answer.batch,
    )
    missing = sorted(set(answer.ids) - {row["id"] for row in rows})
    if missing or not rows:
        raise NotFound(
            "no_allotment",
            zh="没有这些分配，或不在您的范围内",
            en="no such offers in your sight",
            ids=missing,
        )
    still_open = [row for row in rows if row["state"] == "offered"]
    return still_open if answer.batch is not None and still_open else rows


def may_answer(row: Row, by: Person | None, own: Sequence[int] | None) -> bool:
    """Whether somebody answers this offer: it was made to his branch, to himself, or to one of his people."""
    return own is None or row["branch_id"] in own or (by is not None and _is_his(row, by))


def may_withdraw(row: Row, by: Person | None, own: Sequence[int] | None) -> bool:
    """Whether somebody takes this offer back: head office any, a branch head those to his people."""
    return own is None or (row["step"] == "manager" and row["branch_id"] in own)


def _is_his(row: Row, by: Person) -> bool:
    return by.role == "manager" and row["staff_id"] is not None and row["staff_id"] == by.staff_id


def _require_own(session: Session, rows: list[Row], answer: Answer, *, by: Person | None) -> None:
    own = list_own_branches(session, by)
    may = may_withdraw if answer.answer == "withdraw" else may_answer
    others = [row["code"] for row in rows if not may(row, by, own)]
    if others:
        raise NotAllowed(
            "not_your_offer",
            zh=f"这些网格的分配不由您答复：{'、'.join(others[:10])}",
            en=f"these offers are not yours to answer: {', '.join(others[:10])}",
            grids=others,
        )


def _list_refused(
    session: Session, rows: list[Row], answer: Answer, ends: date | None
) -> Iterator[tuple[Row, Reason]]:
    unfit: dict[tuple[Any, ...], Reason | None] = {}
    for row in rows:
        if row["state"] != "offered":
            yield row, _tell_answered(row)
        elif answer.answer == "accept" and row["grid_branch_id"] != row["former_branch_id"]:
            facts = {"branch": row["grid_branch_code"]}
            yield row, Reason("branch_changed", "该网格的支行已变更", "its branch has changed since", facts)
        elif answer.answer == "accept" and ends is not None and row["valid_from"] >= ends:
            yield row, Reason("after_plan", f"规划于 {ends} 结束", f"the plan ends on {ends}", {"to": ends})
        elif answer.answer == "accept" and row["step"] == "manager":
            key = (row["staff_id"], row["role"], row["valid_from"])
            if key not in unfit:
                person = session.get_one(Staff, row["staff_id"])
                unfit[key] = find_unfit(session, person, row["role"], row["valid_from"])
            if (why := unfit[key]) is not None:
                yield row, why


def _tell_answered(row: Row) -> Reason:
    zh, en = OFFER_STATES[row["state"]]
    at = f"{row['answered_at']:%Y-%m-%d %H:%M}"
    by = row["answered_name"]
    facts = {"state": row["state"], "by": by, "at": row["answered_at"], "allotment": row["id"]}
    return Reason(
        "answered_already", f"{by or '控制台'} 已于 {at} 答复：{zh}", f"{en} at {at} already", facts
    )


def _keep(session: Session, rows: list[Row], answer: Answer) -> None:
    run_statement(
        session,
        "territory/keep_answers",
        ids=[row["id"] for row in rows],
        state=ANSWERS[answer.answer],
        reason=answer.reason,
        user_id=user_of(session),
    )
    primary = [row["grid_id"] for row in rows if row["role"] == "primary"]
    if answer.answer != "accept":
        run_statement(session, "territory/restore_allotted", grid_ids=primary)


def _give(session: Session, plan: Plan, rows: list[Row]) -> None:
    """What is accepted comes true: grids join the branch, duties begin on their day."""
    into_branch = [row for row in rows if row["step"] == "branch"]
    if into_branch:
        run_statement(
            session,
            "territory/give_to_branches",
            grid_ids=[row["grid_id"] for row in into_branch],
            branch_ids=[row["branch_id"] for row in into_branch],
        )
    to_people = [row for row in rows if row["step"] == "manager"]
    if not to_people:
        return
    before = load_timelines(session, [row["grid_id"] for row in to_people])
    after: dict[Key, Timeline] = {}
    ends = plan.valid.upper if plan.valid is not None else None
    for row in to_people:
        after |= _take_over(before | after, row, ends)
    write_timelines(session, before, after)
    primary = [row["grid_id"] for row in to_people if row["role"] == "primary"]
    if primary:
        run_statement(session, "territory/mark_allotted", grid_ids=primary, state="held")
        colour_grids(session, plan)


def _take_over(stood: dict[Key, Timeline], row: Row, ends: date | None) -> dict[Key, Timeline]:
    """The grid's timelines once this offer is accepted: who becomes primary is no longer his own backup.

    A duty ends with its plan, where that has an end already.
    """
    span = Span(row["staff_id"], row["valid_from"], ends, row["reason"])
    key: Key = (row["grid_id"], row["role"])
    changed = {key: put(stood.get(key, ()), span)}
    beside: Key = (row["grid_id"], "backup")
    if row["role"] == "primary" and any(s.staff_id == span.staff_id for s in stood.get(beside, ())):
        others = tuple(s for s in stood[beside] if s.staff_id != span.staff_id)
        own = tuple(s for s in stood[beside] if s.staff_id == span.staff_id)
        changed[beside] = tuple(sorted((*others, *take_out(own, span.begins, ends)), key=lambda s: s.begins))
    return changed
