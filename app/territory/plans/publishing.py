"""A plan comes into force: certified, approved by a second person, on a date, and the former one ends.

A plan begins and ends by its dates. Nobody presses a button on the day; `tell_state` says how far it is.
"""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_value, run_statement
from app.errors import Conflict
from app.models import Plan, PlanStep
from app.territory.plans.certificate import verify
from app.territory.plans.listing import lock_plan, tell_state


def approve(session: Session, plan: Plan, *, user_id: int | None) -> Plan:
    """Approve a certified plan; from here on its ground cannot be changed.

    Raises Conflict `no_certificate`, `certificate_stale` when the ground has another version than the one
    certified, `certificate_broken` when it is no longer what was certified, `two_people` when the approver
    is who made the draft, certified it or changed its ground last (what was done at the console, by no
    user, may be approved by anybody), `plan_closed` for a plan that is in force or retired.
    """
    lock_plan(session, plan)
    if plan.status == "approved":
        return plan
    if plan.status not in ("draft", "checked"):
        raise Conflict(
            "plan_closed", zh=f"规划 {plan.code} 已生效或停用", en=f"plan {plan.code} is past approval"
        )
    require_true_certificate(session, plan)
    _require_second_person(session, plan, user_id)
    plan.status = "approved"
    plan.approved_by = user_id
    session.flush()
    return plan


def publish(session: Session, plan: Plan, *, valid_from: date, user_id: int | None) -> Plan:
    """Bring a plan into force from a day on (today, past or to come); the plan before it ends the day before.

    A plan not yet approved is approved by this same act, under the same rules. The certificate is verified
    again at this moment, the hash measured anew. Duties of the former plan's grids end with it. Raises as
    `approve`, and `too_early` when the former plan began on that day or later.
    """
    approve(session, plan, user_id=user_id)
    require_true_certificate(session, plan)
    at = fetch_value(session, "territory/tell_moment")
    for other in _list_in_force(session, valid_from):
        _end(session, other, valid_from, at=at)
    session.flush()
    plan.status = "in_force"
    plan.valid = Range(valid_from, None)
    plan.published_at = at
    session.flush()
    return plan


def withdraw(session: Session, plan: Plan) -> Plan:
    """Take an approval back: the plan may be changed again, and its certificate stands while it is true.

    A plan whose first day is still to come is taken back with it: the plan before it goes on as it would
    have, its duties too. Raises Conflict `not_approved`, `already_begun`, `followed` when a later plan
    begins after it.
    """
    lock_plan(session, plan)
    state = tell_state(plan)
    if state in ("in_force", "retired"):
        raise Conflict(
            "already_begun",
            zh=f"规划 {plan.code} 已经生效，不能撤回；请编制新规划",
            en=f"plan {plan.code} has begun and cannot be withdrawn; make a new one",
        )
    if state not in ("approved", "scheduled"):
        raise Conflict(
            "not_approved", zh=f"规划 {plan.code} 尚未批准", en=f"plan {plan.code} is not approved yet"
        )
    if state == "scheduled":
        _take_back(session, plan)
    plan.status, plan.approved_by = "checked", None
    session.flush()
    return plan


def retire_ended(session: Session) -> int:
    """Write down that plans whose last day is over are retired; returns how many. Nothing waits for it."""
    return int(run_statement(session, "territory/retire_ended", on=today()).rowcount)


def require_true_certificate(session: Session, plan: Plan) -> None:
    """Raise Conflict unless the plan's certificate is of this version of its ground and true of it now."""
    verified = verify(session, plan)
    if plan.certificate is not None and plan.certificate.get("ground_version") != plan.ground_version:
        raise Conflict(
            "certificate_stale",
            zh="出具证明后边界有过变化，请重新检查并出具证明",
            en="the ground has changed since the certificate; check and certify it again",
        )
    if not verified["valid"]:
        raise Conflict(
            "certificate_broken",
            zh="边界与证明不符，请重新检查并出具证明",
            en="the ground is not what was certified",
            differences=verified["differences"],
        )


def _require_second_person(session: Session, plan: Plan, user_id: int | None) -> None:
    if user_id is None:
        return
    last = session.scalar(
        select(PlanStep.user_id).where(PlanStep.plan_id == plan.id).order_by(PlanStep.number.desc()).limit(1)
    )
    own = {
        "made": (plan.created_by, "草案编制人", "who made the draft"),
        "certified": (plan.certified_by, "出具证明的人", "who certified it"),
        "changed": (last, "最后修改边界的人", "who changed its ground last"),
    }
    for act, (person, zh, en) in own.items():
        if person == user_id:
            raise Conflict(
                "two_people",
                zh=f"批准人不能是{zh}，须由第二人批准",
                en=f"{en} cannot approve it; a second person must",
                act=act,
            )


def _list_in_force(session: Session, valid_from: date) -> list[Plan]:
    query = select(Plan).where(
        Plan.status.in_(("in_force", "retired")), Plan.valid.overlaps(Range(valid_from, None))
    )
    return list(session.scalars(query))


def _end(session: Session, plan: Plan, on: date, *, at: datetime) -> None:
    """End a plan on a day. It retires when that day has come; until then it stays in force."""
    begins = plan.valid.lower if plan.valid is not None else None
    if begins is None or begins >= on:
        raise Conflict(
            "too_early",
            zh=f"规划 {plan.code} 从 {begins} 起生效，新规划的生效日期须晚于该日",
            en=f"plan {plan.code} is in force from {begins}; the new one must start later",
        )
    plan.valid = Range(begins, on)
    plan.status = "retired" if on <= today() else "in_force"
    run_statement(session, "territory/end_plan_duties", plan_id=plan.id, on=on, at=at)


def _take_back(session: Session, plan: Plan) -> None:
    """The plan that ended for this one goes on, and so do its duties as far as nobody changed them since."""
    assert plan.valid is not None
    begins, ends = plan.valid.lower, plan.valid.upper
    if ends is not None:
        raise Conflict(
            "followed",
            zh=f"规划 {plan.code} 之后已有新规划，请先撤回新规划",
            en=f"a later plan follows {plan.code}; withdraw that one first",
        )
    query = select(Plan).where(Plan.status.in_(("in_force", "retired")), Plan.id != plan.id)
    former = next((other for other in session.scalars(query) if _ends_on(other, begins)), None)
    plan.valid, plan.status = None, "approved"
    at = plan.published_at or datetime.now(UTC)
    plan.published_at = None
    session.flush()
    if former is not None and former.valid is not None:
        former.valid, former.status = Range(former.valid.lower, None), "in_force"
        run_statement(session, "territory/reopen_plan_duties", plan_id=former.id, on=begins, at=at)
        session.flush()


def _ends_on(plan: Plan, day: date | None) -> bool:
    return plan.valid is not None and plan.valid.upper == day
