"""Who was responsible for a customer on any date: where he is known to live against the plan of the date."""

from typing import Any

from sqlalchemy.orm import Session

from app.access import mask_party, record
from app.customers.listing import no_customer
from app.db import fetch_all, fetch_one
from app.models import Plan
from app.territory.accountability import (
    Accountability,
    Moment,
    tell_nobody,
    tell_of_grid_id,
    tell_of_point,
    tell_plan,
)
from app.territory.responsibility import find_plan_known

Row = dict[str, Any]
_TODAY = {
    "code": "placement_of_today",
    "zh": "按现在所知的住址判断：客户何时搬迁没有记录",
    "en": "judged by where he is known to live now: no source says when he moved",
}
_BY_HAND = {
    "code": "placement_steps",
    "zh": "住址取当时所知：只追溯人工定位与撤销，导入带来的变化不追溯",
    "en": "his place as known then follows decisions by hand; what later files changed is not traced back",
}


def tell_of_customer(session: Session, customer_id: int, *, moment: Moment) -> Accountability:
    """Who is responsible for a customer in the viewer's sight; the audit names him.

    In the plan that customers are assigned to, his assignment answers; in any other his point, else his unit,
    and the limits say so. Raises NotFound `no_customer`.
    """
    row = fetch_one(session, "customers/find_standing", customer_id=customer_id)
    if row is None:
        raise no_customer()
    record(session, "ask_responsible", subject=moment.on.isoformat(), customer_ids=[customer_id])
    asked = {"customer": customer_id, "name": mask_party(row["name"], row["kind"])}
    placed, limits = _find_place(session, row, moment)
    plan = find_plan_known(session, moment.on, moment.known_at)
    answer = _answer(session, row, placed, plan=plan, moment=moment)
    answer.asked = asked
    answer.limits = [*limits, *answer.limits]
    return answer


def _find_place(session: Session, row: Row, moment: Moment) -> tuple[Row | None, list[Row]]:
    """Where he was placed as known then; None when that is where he is placed today."""
    if moment.known_at is None:
        return None, [_TODAY]
    then = fetch_one(session, "customers/find_placed_then", customer_id=row["id"], known_at=moment.known_at)
    return then, [_BY_HAND]


def _answer(
    session: Session, row: Row, placed: Row | None, *, plan: Plan | None, moment: Moment
) -> Accountability:
    place = placed or row
    if plan is None:
        return tell_nobody(session, moment, {}, "no_plan", None)
    if placed is None and plan.id == row["plan_id"] and row["grid_id"] is not None:
        how = {"code": "assignment", "zh": "按归格结果", "en": f"by his assignment ({row['method']})"}
        return tell_of_grid_id(session, plan, row["grid_id"], moment=moment, asked={}, how=how)
    if place["lon"] is not None:
        return tell_of_point(session, place["lon"], place["lat"], moment=moment)
    units = (
        fetch_all(session, "customers/find_unit_grids", plan_id=plan.id, unit=place["unit_code"])
        if place["unit_code"]
        else []
    )
    if not units:
        return _tell_unassigned(row, plan, moment)
    how = {
        "code": "unit",
        "zh": f"按所在单元 {place['unit_code']}",
        "en": f"by his unit {place['unit_code']}",
    }
    answer = tell_of_grid_id(session, plan, units[0]["id"], moment=moment, asked={}, how=how)
    answer.place = "contested" if len(units) > 1 else answer.place
    answer.contested_with = units[1:]
    return answer


def _tell_unassigned(row: Row, plan: Plan, moment: Moment) -> Accountability:
    reason = row["reason"] or "unlocated"
    why = {
        "code": reason,
        "zh": "没有足以归格的住址",
        "en": f"no place that a grid could be told by ({reason})",
    }
    return Accountability(moment, {}, "unassigned", plan=tell_plan(plan), why=[why])
