"""A branch joins another: a draft with its grids under the other, and its people once that is in force."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Person
from app.clock import today
from app.db import as_worker, fetch_all, run_statement
from app.errors import BadInput, Conflict, NotAllowed
from app.models import Branch, Plan, StaffingChange
from app.territory.allotment.changes import Ask, Prepared, close_change, lock_change, tell_stage
from app.territory.allotment.offering import user_of
from app.territory.organisation import find_branch
from app.territory.plans.drafting import PlanDraft, new_plan
from app.territory.plans.listing import find_plan_on, lock_plan


def prepare_merge(session: Session, ask: Ask, *, by: Person | None) -> Prepared:
    """A merge worked out: the grids of the branch in the plan in force, and who would move with them."""
    _require_head(by)
    branch, into = find_branch(session, str(ask.branch)), find_branch(session, str(ask.into))
    if branch.id == into.id:
        raise BadInput("same_branch", zh="请选择另一个支行", en="a branch cannot join itself")
    plan = find_plan_on(session, ask.valid_from)
    if plan is None:
        raise Conflict("no_plan", zh="该日期没有生效的网格规划", en="no plan is in force on that date")
    rows = fetch_all(
        session,
        "territory/list_branch_lines",
        plan_id=plan.id,
        branch_id=branch.id,
        on=ask.valid_from,
    )
    told = {
        "role": "primary",
        "why": "branch",
        "why_zh": "网格转入合并后的支行",
        "why_en": "joins the branch",
    }
    lines = [
        {**row, **told, "to_id": row["from_id"], "begins": ask.valid_from, "ends": None, "candidates": []}
        for row in rows
    ]
    people = fetch_all(session, "territory/list_staff_of", branch_id=branch.id)
    return Prepared(ask, branch, lines, into=into, people=people)


def apply_merge(session: Session, change: StaffingChange, *, by: Person | None) -> None:
    """First a draft of the plan in force with the grids under the other branch; once in force, people move.

    Raises Conflict `plan_not_in_force` while the draft is on its way through check, certificate and approval.
    """
    _require_head(by)
    with as_worker(session):
        lock_change(session, change, "draft", "applied")
    if change.state == "draft":
        _make_draft(session, change)
        with as_worker(session):
            close_change(session, change, "applied")
        return
    with as_worker(session):
        plan = session.get(Plan, change.plan_id) if change.plan_id else None
        if tell_stage(change, plan) == "applied":
            lock_change(session, change, "draft")
        begins = plan.valid.lower if plan is not None and plan.valid is not None else None
        if not _has_begun(plan):
            raise Conflict(
                "plan_not_in_force",
                zh=f"规划 {plan.code if plan else ''} 尚未生效，人员暂不调动",
                en="the plan of this merge is not in force yet; its people stay where they are",
                plan=plan and plan.code,
                valid_from=begins,
            )
        _move_people(session, change)


def _make_draft(session: Session, change: StaffingChange) -> None:
    plan = find_plan_on(session, change.valid.lower)
    if plan is None:
        raise Conflict("no_plan", zh="该日期没有生效的网格规划", en="no plan is in force on that date")
    with as_worker(session):
        branch = session.get_one(Branch, change.branch_id)
        into = session.get_one(Branch, change.into_branch_id)
    code = f"M{change.id}-{plan.code}"[:24]
    draft = PlanDraft(code, f"{branch.name}并入{into.name}", from_plan=plan.code)
    made = new_plan(session, draft, user_id=user_of(session))
    with as_worker(session):
        run_statement(
            session,
            "territory/move_branch_grids",
            plan_id=made.id,
            branch_id=branch.id,
            into_id=into.id,
        )
        change.plan_id = made.id
        change.before = {"version": made.ground_version}


def settle_merges(session: Session) -> int:
    """Move the people of merges whose plan has come into force; returns how many. In the house's hand."""
    waiting = select(StaffingChange).where(
        StaffingChange.kind == "branch_merge",
        StaffingChange.state == "applied",
        StaffingChange.plan_id.is_not(None),
        StaffingChange.before["moved"].is_(None),
    )
    moved = 0
    for change in session.scalars(waiting.with_for_update(skip_locked=True)).all():
        plan = session.get_one(Plan, change.plan_id)
        if _has_begun(plan):
            _move_people(session, change)
            moved += 1
    return moved


def _has_begun(plan: Plan | None) -> bool:
    """Whether a plan is in force today; its last day does not matter, a later one takes its place."""
    if plan is None or plan.status not in ("in_force", "retired") or plan.valid is None:
        return False
    return plan.valid.lower is not None and plan.valid.lower <= today()


def _move_people(session: Session, change: StaffingChange) -> None:
    people = [row["id"] for row in change.bill["people"]]
    run_statement(
        session,
        "territory/move_staff",
        staff_ids=people,
        branch_id=change.branch_id,
        into_id=change.into_branch_id,
    )
    change.before = {**(change.before or {}), "moved": people}
    close_change(session, change, "applied")


def undo_merge(session: Session, change: StaffingChange, *, by: Person | None) -> None:
    """The draft goes again, while nobody has worked on it. Raises Conflict `changed_since`."""
    _require_head(by)
    with as_worker(session):
        lock_change(session, change, "applied")
        plan = session.get(Plan, change.plan_id) if change.plan_id else None
        if plan is not None:
            lock_plan(session, plan)
            version = (change.before or {}).get("version")
            if plan.status not in ("draft", "checked") or plan.step_no or plan.ground_version != version:
                raise Conflict(
                    "changed_since",
                    zh=f"草案 {plan.code} 已有改动或已批准，不能撤销",
                    en=f"plan {plan.code} has been worked on or approved since",
                    plan=plan.code,
                    status=plan.status,
                )
            # The change outlives its draft.
            change.plan_id = None
            session.flush()
            session.delete(plan)
        close_change(session, change, "undone")


def _require_head(by: Person | None) -> None:
    if by is not None and by.role != "head":
        raise NotAllowed("not_yours", zh="支行合并由总行办理", en="head office merges branches")
