"""Visits 走访: append-only reports of who was met, where the reporter stood, and what came of it.

A visit carries a key made by the reporter's device: the same report sent twice (a phone with two bars
of signal) is stored once. It is told by the phone's clock; a phone that says what its clock shows while it
sends (`sent_at`) has a wrong clock put right, and both times are kept.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person, record
from app.customers.reassigning import hold_assignment
from app.customers.served import note_visit
from app.db import as_worker, fetch_all, fetch_one, fetch_value
from app.errors import BadInput, Conflict, NotFound

OUTCOMES = {"met": "见到", "absent": "不在", "refused": "婉拒", "signed": "签约"}
# What is said of a grid as a whole, where nobody in particular was called on.
OF_GRID = "done"
KINDS = {
    "visit": "上门走访",
    "phone": "电话联系",
    "follow": "贷后回访",
    "sweep": "扫楼扫街",
    "talk": "宣讲座谈",
}
# Nobody was met where nobody was at home.
MET = ("met", "refused", "signed")
# A report may come late (no signal), but not from the future; clocks differ by some minutes.
CLOCK_SLACK = timedelta(minutes=10)
# Entered later than this after the visit, a report counts as late 逾时登记.
LATE_AFTER = timedelta(hours=24)
# Told so long ago, it is no memory any more: a clock that fell back to its first day.
OLDEST = timedelta(days=400)


@dataclass(frozen=True)
class VisitReport:
    """One visit as it is reported; lon/lat in EPSG:4326, accuracy in metres, times with time zone.

    Of a customer, or, with `grid_id` and outcome `done`, of a grid as a whole. `visited_at` and `sent_at` are
    by the reporter's own clock.
    """

    client_key: str
    outcome: str
    visited_at: datetime
    customer_id: int | None = None
    grid_id: int | None = None
    kind: str = "visit"
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    sent_at: datetime | None = None


def report_visit(session: Session, person: Person, report: VisitReport) -> dict[str, Any]:
    """Store a visit in the viewer's sight; the same `client_key` again changes nothing.

    Who was met has been visited: his last visit and this month's counts follow. Raises BadInput for an
    impossible report, NotFound for a customer or grid out of sight, NotReady while customers are
    being assigned.
    """
    now = datetime.now(UTC)
    _check(report)
    off = _measure_clock(report, now)
    visited_at = report.visited_at + off
    _check_time(visited_at, now)
    hold_assignment(session)
    grid_id = _find_grid(session, report)
    row = fetch_one(
        session,
        "marketing/add_visit",
        client_key=key_of(person, report.client_key),
        customer_id=report.customer_id,
        grid_id=grid_id,
        staff_id=person.staff_id,
        visited_at=visited_at,
        phone_at=report.visited_at if report.sent_at is not None else None,
        clock_off_s=round(off.total_seconds()) if report.sent_at is not None else None,
        kind=report.kind,
        outcome=report.outcome,
        note=report.note.strip()[:500] or None,
        lon=report.lon,
        lat=report.lat,
        accuracy_m=report.accuracy_m,
    )
    if row is not None and report.customer_id is not None and report.outcome in MET:
        with as_worker(session):
            note_visit(session, report.customer_id, row["day"])
    record(session, "report_visit", customer_ids=[report.customer_id] if report.customer_id else [])
    found = fetch_one(session, "marketing/find_visit", client_key=key_of(person, report.client_key))
    if found is None:
        raise Conflict(
            "visit_elsewhere",
            zh="同一条登记已在别处保存，现在不在您的范围内",
            en="this report is stored already and lies out of your sight now",
        )
    return {**found, "stored": row is not None, "late": found["late_s"] > LATE_AFTER.total_seconds()}


def key_of(person: Person, client_key: str) -> str:
    """The key under which somebody's report is stored: keys of two people never meet."""
    return f"{person.user_id}:{client_key}"


def _find_grid(session: Session, report: VisitReport) -> int:
    if report.customer_id is None:
        found = fetch_value(session, "marketing/find_own_grid", grid_id=report.grid_id)
        if found is None:
            raise NotFound("no_grid", zh="没有这个网格，或不在您的范围内", en="no such grid in your sight")
        return int(found)
    found = fetch_value(session, "marketing/find_grid_of_customer", customer_id=report.customer_id)
    if found is None:
        raise NotFound(
            "no_customer", zh="没有这位客户，或不在您的网格内", en="no such customer in your grids"
        )
    return int(found)


def _measure_clock(report: VisitReport, now: datetime) -> timedelta:
    """How far the reporter's clock was behind when he sent; a few minutes are no fault of his."""
    if report.sent_at is None:
        return timedelta(0)
    if report.sent_at.tzinfo is None or report.sent_at < report.visited_at - CLOCK_SLACK:
        raise _bad_time()
    off = now - report.sent_at
    return off if abs(off) > CLOCK_SLACK else timedelta(0)


def _check(report: VisitReport) -> None:
    if report.kind not in KINDS:
        words = "、".join(f"{key}（{zh}）" for key, zh in KINDS.items())
        raise BadInput("bad_kind", zh=f"走访方式应为：{words}", en=f"kind is one of {', '.join(KINDS)}")
    if (report.customer_id is None) == (report.grid_id is None):
        raise BadInput(
            "bad_subject",
            zh="一条登记要么是一位客户，要么是一个网格",
            en="name a customer or a grid, one of them",
        )
    outcomes = OUTCOMES if report.customer_id is not None else {OF_GRID: "已完成"}
    if report.outcome not in outcomes:
        words = "、".join(f"{key}（{zh}）" for key, zh in outcomes.items())
        raise BadInput(
            "bad_outcome", zh=f"走访结果应为：{words}", en=f"outcome is one of {', '.join(outcomes)}"
        )
    if report.visited_at.tzinfo is None:
        raise _bad_time()
    _check_position(report)


def _check_time(visited_at: datetime, now: datetime) -> None:
    if not now - OLDEST < visited_at <= now + CLOCK_SLACK:
        raise _bad_time()


def _bad_time() -> BadInput:
    return BadInput(
        "bad_time",
        zh="走访时间不能晚于现在，也不能早于 400 天前，且须带时区；请核对手机时间",
        en="visited_at lies in the future or over 400 days back, or has no zone; check the phone's clock",
    )


def _check_position(report: VisitReport) -> None:
    position = (report.lon, report.lat)
    if any(p is not None for p in position):
        good = all(p is not None and math.isfinite(p) for p in position)
        if not good or not (-180 <= (report.lon or 0) <= 180 and -90 <= (report.lat or 0) <= 90):
            raise BadInput(
                "bad_position", zh="定位坐标不完整或超出范围", en="the position is incomplete or impossible"
            )


def list_visits(session: Session, grid_id: int, *, limit: int = 50) -> Sequence[dict[str, Any]]:
    """The latest visits in a grid in sight, newest first, with their kind, lateness and photographs."""
    return fetch_all(session, "marketing/list_visits", grid_id=grid_id, limit=limit)


def count_visits(session: Session, *, since: datetime) -> dict[int, dict[str, int]]:
    """Visits since a moment by grid: how many, how many customers, how many met or signed."""
    rows = fetch_all(session, "marketing/count_visits", since=since)
    return {row["grid_id"]: {k: int(row[k]) for k in ("visits", "customers", "met")} for row in rows}
