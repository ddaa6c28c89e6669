"""Alarms before it is too late: grids without a primary, primaries who are away, people in two branches."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.db import as_worker, fetch_all
from app.errors import BadInput
from app.models import Plan
from app.territory.allotment.people import list_absences
from app.territory.plans.timelines import Span, Timeline, in_order, list_free

Row = dict[str, Any]
WHYS: dict[str, tuple[str, str]] = {
    "never": ("从未指定主责人", "never had a primary"),
    "leave": ("休假无人接替", "on leave without a substitute"),
    "departure": ("离岗后无人接任", "left without a successor"),
    "ended": ("主责已到期，无人接任", "the duty ended without a successor"),
    "later": ("主责人尚未到任", "its primary begins later"),
}


def list_vacancies(session: Session, plan: Plan, *, on: date | None = None, days: int = 1) -> Row:
    """{plan, on, until, vacant, absent, across_branches} of a plan in sight, over [on, on + days).

    `vacant`: grids and the days on which nobody is primary, with why and who was last. `absent`: grids whose
    primary of the day has left or is on leave. `across_branches`: people primary in more than one branch, or
    in a branch that is not their own. Raises BadInput for days beyond the calendar.
    """
    day = on or today()
    try:
        until = day + timedelta(days=days)
    except OverflowError:
        raise BadInput("bad_date", zh="日期超出范围", en="a day beyond the calendar") from None
    rows = fetch_all(session, "territory/list_plan_primaries", plan_id=plan.id)
    grids: dict[int, Row] = {}
    for row in rows:
        grid = grids.setdefault(row["grid_id"], {**row, "spans": []})
        if row["staff_id"] is not None:
            begins = row["begins"] or date.min
            grid["spans"].append(Span(row["staff_id"], begins, row["ends"], row["reason"]))
    people = {row["staff_id"]: row for row in rows if row["staff_id"] is not None}
    with as_worker(session):
        away = list_absences(session, sorted(people), date.min, None)
    found = list(grids.values())
    return {
        "plan": plan.code,
        "on": day.isoformat(),
        "until": until.isoformat(),
        "vacant": [one for grid in found for one in _list_vacant(grid, people, away, (day, until))],
        "absent": [one for grid in found for one in _list_absent(grid, people, away, (day, until))],
        "across_branches": _list_across(found, people, (day, until)),
    }


def _show_grid(grid: Row) -> Row:
    keys = ("grid_id", "grid_code", "grid_name", "branch_code", "branch_name")
    return {key: grid[key] for key in keys}


def _show_person(people: dict[int, Row], staff_id: int | None) -> Row | None:
    if staff_id is None:
        return None
    return {"code": people[staff_id]["staff_code"], "name": people[staff_id]["staff_name"]}


def _list_vacant(grid: Row, people: dict[int, Row], away: list[Row], days: tuple[date, date]) -> list[Row]:
    timeline: Timeline = in_order(grid["spans"])
    vacant = []
    for begins, ends in list_free(timeline, *days):
        last = max((s for s in timeline if s.begins < begins), key=lambda s: s.begins, default=None)
        why = _tell_why(timeline, last, begins, away)
        zh, en = WHYS[why]
        who = _show_person(people, last.staff_id if last else None)
        days_told = {"from": begins.isoformat(), "to": ends.isoformat()}
        vacant.append({**_show_grid(grid), **days_told, "why": why, "why_zh": zh, "why_en": en, "last": who})
    return vacant


def _tell_why(timeline: Timeline, last: Span | None, begins: date, away: list[Row]) -> str:
    if not timeline:
        return "never"
    if last is None:
        return "later"
    for row in away:
        meets = row["begins"] <= begins and (row["ends"] is None or begins < row["ends"])
        if row["staff_id"] == last.staff_id and meets:
            return str(row["kind"])
    return "ended"


def _list_absent(grid: Row, people: dict[int, Row], away: list[Row], days: tuple[date, date]) -> list[Row]:
    """Where the primary of these days is not there on them."""
    found = []
    for span in grid["spans"]:
        if not span.meets(*days):
            continue
        who = _show_person(people, span.staff_id)
        missing = [
            row
            for row in away
            if row["staff_id"] == span.staff_id
            and span.meets(max(row["begins"], days[0]), row["ends"] and min(row["ends"], days[1]))
            and row["begins"] < days[1]
            and (row["ends"] is None or row["ends"] > days[0])
        ]
        if missing or not people[span.staff_id]["active"]:
            why = missing[0]["kind"] if missing else "inactive"
            found.append({**_show_grid(grid), "staff": who, "why": why})
    return found


def _list_across(grids: list[Row], people: dict[int, Row], days: tuple[date, date]) -> list[Row]:
    branches: dict[int, dict[str | None, list[str]]] = {}
    for grid in grids:
        for span in grid["spans"]:
            if span.meets(*days):
                held = branches.setdefault(span.staff_id, {})
                held.setdefault(grid["branch_code"], []).append(grid["grid_code"])
    found = []
    for staff_id, held in branches.items():
        own = people[staff_id]["staff_branch"]
        if len(held) > 1 or (held.keys() - {own, None}):
            rows = [
                {"branch": code, "grids": sorted(set(codes))} for code, codes in sorted(held.items(), key=str)
            ]
            found.append({"staff": _show_person(people, staff_id), "own_branch": own, "branches": rows})
    return sorted(found, key=lambda row: row["staff"]["code"] or "")
