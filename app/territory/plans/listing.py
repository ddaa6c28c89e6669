"""Which plans there are, which is in force on a date, and what one holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all, fetch_value
from app.errors import Conflict, NotFound
from app.models import AppUser, Plan
from app.spatial.topology import KIND_PRIORITY, OVERLAY_KINDS
from app.territory.shapes import Shapes, from_wkb

IN_FORCE = "in_force"
"""Said in place of a plan's code: the plan in force today."""


def find_plan(session: Session, code: str | None) -> Plan:
    """The plan of a code (`in_force` or none: the one in force today); NotFound when there is none."""
    if code in (None, IN_FORCE):
        plan = find_plan_on(session)
        if plan is None:
            raise NotFound("no_plan", zh="还没有生效的网格规划", en="no plan is in force yet")
        return plan
    plan = session.scalars(select(Plan).where(Plan.code == code)).first()
    if plan is None:
        raise NotFound("no_plan", zh=f"没有网格规划 {code}", en=f"there is no plan {code}")
    return plan


def find_plan_on(session: Session, on: date | None = None) -> Plan | None:
    """The plan in force on a date (today when none is named), None when there was none."""
    day = on or today()
    query = select(Plan).where(Plan.status.in_(("in_force", "retired")), Plan.valid.contains(day))
    return session.scalars(query).first()


def tell_state(plan: Plan, on: date | None = None) -> str:
    """How far a plan has come on a day (today): draft, checked, certified, approved, scheduled (its first day
    is still to come), in_force or retired. A plan begins and ends by its dates; nobody presses a button."""
    if plan.status in ("draft", "checked"):
        return "certified" if plan.certificate_no else plan.status
    if plan.status == "approved" or plan.valid is None:
        return plan.status
    day = on or today()
    begins, ends = plan.valid.lower, plan.valid.upper
    if begins is not None and day < begins:
        return "scheduled"
    return "retired" if ends is not None and day >= ends else "in_force"


def tell_plan(session: Session, plan: Plan) -> dict[str, Any]:
    """A plan's facts: code, name, status, state, rules, dates, versions, certificate number, and by number
    and name (as far as the viewer sees people) who made, certified and approved it."""
    keys = ("code", "name", "status", "market_rule", "ground_version", "checked_version", "checked_at")
    more = ("certificate_no", "step_no", "created_at", "published_at")
    acts = ("created_by", "certified_by", "approved_by")
    ids = {getattr(plan, act) for act in acts} - {None}
    people = session.execute(select(AppUser.id, AppUser.name).where(AppUser.id.in_(ids)))
    names = {person.id: person.name for person in people}
    base = None if plan.base_plan_id is None else session.get(Plan, plan.base_plan_id)
    return {
        **{key: getattr(plan, key) for key in (*keys, *more, *acts)},
        **{f"{act}_name": names.get(getattr(plan, act)) for act in acts},
        "state": tell_state(plan),
        "precedence": list(plan.precedence or ()),
        "valid_from": None if plan.valid is None else plan.valid.lower,
        "valid_to": None if plan.valid is None else plan.valid.upper,
        "base_plan": None if base is None else base.code,
    }


def list_plans(session: Session) -> list[dict[str, Any]]:
    """All plans, newest first: code, name, status, state (see `tell_state`), market_rule, precedence, dates,
    versions, certificate number, base plan, who made, certified and approved it, number of level 3 grids."""
    return fetch_all(session, "territory/list_plans")


def count_plan(session: Session, plan: Plan) -> dict[str, Any]:
    """What a plan holds: grids in all and by kind, managers, branches, vacant grids, area in km2 (ground
    that the overlay rule lays under another grid counted once)."""
    counts: dict[str, Any] = {
        "grids": {"total": 0},
        "managers": 0,
        "branches": 0,
        "vacant": 0,
        "area_km2": 0.0,
    }
    for row in fetch_all(session, "territory/count_plan", plan_id=plan.id):
        if row["kind"] is None:
            counts["grids"]["total"] = row["grids"]
            counts |= {k: row[k] for k in ("managers", "branches", "vacant", "area_km2")}
        else:
            counts["grids"][row["kind"]] = row["grids"]
    if plan.market_rule == "overlay":
        order = [*(plan.precedence or ()), *(kind for kind in KIND_PRIORITY if kind not in plan.precedence)]
        under = fetch_value(
            session,
            "territory/measure_overlaid",
            plan_id=plan.id,
            precedence=order,
            upper=list(OVERLAY_KINDS),
        )
        counts["area_km2"] -= float(under) / 1e6
    return counts


@dataclass(frozen=True)
class GridSet:
    """The level 3 grids of a plan in order of code: `rows[i]` are the facts of `shapes[i]` (EPSG:4326)."""

    rows: list[dict[str, Any]]
    shapes: Shapes

    def column(self, name: str) -> list[Any]:
        """One fact of every grid."""
        return [row[name] for row in self.rows]


def load_grids(session: Session, plan: Plan) -> GridSet:
    """All level 3 grids of a plan with their shapes and who holds them today as primary."""
    rows = fetch_all(session, "territory/load_grids", plan_id=plan.id)
    return GridSet(rows, from_wkb(row["wkb"] for row in rows))


def lock_plan(session: Session, plan: Plan) -> None:
    """Wait for whoever else is changing, checking or certifying this plan, and see it as he left it."""
    session.flush()
    session.refresh(plan, with_for_update=True)


def touch_ground(session: Session, plan: Plan) -> None:
    """Say that a plan's ground or codes have changed: it must be checked anew, its certificate falls."""
    plan.ground_version += 1
    plan.certificate = None
    plan.certificate_no = None
    session.flush()


def require_editable(plan: Plan) -> None:
    """Raise Conflict unless the plan may still be changed: what is approved or in force stands as it is."""
    if plan.status not in ("draft", "checked"):
        raise Conflict(
            "plan_closed",
            zh=f"网格规划 {plan.code} 已批准或生效，不能修改；请新建草案",
            en=f"plan {plan.code} is approved or in force; make a new draft from it",
        )
