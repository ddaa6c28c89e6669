"""A plan comes into force: certified, approved by a second person, on a date, and the former one retires."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.db import run_statement
from app.errors import Conflict
from app.models import Plan
from app.territory.plans.certificate import verify
from app.territory.plans.listing import lock_plan


def approve(session: Session, plan: Plan, *, user_id: int | None) -> Plan:
    """Approve a certified plan; from here on its ground cannot be changed.

    Raises Conflict `no_certificate`, `certificate_broken` when the ground is no longer what was certified,
    or `two_people` when the approver is who made the draft (a draft made at the console, by no user, may
    be approved by anybody).
    """
    lock_plan(session, plan)
    if plan.status == "approved":
        return plan
    if plan.status not in ("draft", "checked"):
        raise Conflict(
            "plan_closed", zh=f"规划 {plan.code} 已生效或停用", en=f"plan {plan.code} is past approval"
        )
    if not verify(session, plan)["valid"]:
        raise Conflict(
            "certificate_broken",
            zh="边界与证明不符，请重新检查并出具证明",
            en="the ground is not what was certified",
        )
    if plan.created_by is not None and plan.created_by == user_id:
        raise Conflict(
            "two_people",
            zh="批准人不能是草案编制人，须由第二人批准",
            en="who made the draft cannot approve it",
        )
    plan.status = "approved"
    plan.approved_by = user_id
    session.flush()
    return plan


def publish(session: Session, plan: Plan, *, valid_from: date, user_id: int | None) -> Plan:
    """Bring a plan into force from a day on; the plan before it ends the day before.

    A plan not yet approved is approved by this same act, so `user_id` must not be who made the draft. Duties
    of the former plan's grids end with it. Raises Conflict `no_certificate`, `certificate_broken`,
    `two_people`, or `too_early` when the former plan began on that day or later.
    """
    approve(session, plan, user_id=user_id)
    former = _list_in_force(session, valid_from)
    for other in former:
        _end(session, other, valid_from)
    session.flush()
    plan.status = "in_force"
    plan.valid = Range(valid_from, None)
    plan.published_at = datetime.now(UTC)
    session.flush()
    return plan


def _list_in_force(session: Session, valid_from: date) -> list[Plan]:
    query = select(Plan).where(
        Plan.status.in_(("in_force", "retired")), Plan.valid.overlaps(Range(valid_from, None))
    )
    return list(session.scalars(query))


def _end(session: Session, plan: Plan, on: date) -> None:
    """End a plan on a day. It retires when that day has come; until then it stays in force."""
    begins = plan.valid.lower if plan.valid is not None else None
    if begins is None or begins >= on:
        raise Conflict(
            "too_early",
            zh=f"规划 {plan.code} 从 {begins} 起生效，新规划的生效日期须晚于该日",
            en=f"plan {plan.code} is in force from {begins}; the new one must start later",
        )
    plan.valid = Range(begins, on)
    plan.status = "retired" if on <= date.today() else "in_force"
    run_statement(session, "territory/end_plan_duties", plan_id=plan.id, on=on)
