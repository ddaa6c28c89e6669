"""Visits 走访: append-only reports of who was met, where the reporter stood, and what came of it.

A visit carries a key made by the reporter's device: the same report sent twice (a phone with two bars
of signal) is stored once.
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
from app.errors import BadInput, NotFound

OUTCOMES = {"met": "见到", "absent": "不在", "refused": "婉拒", "signed": "签约"}
# Nobody was met where nobody was at home.
MET = ("met", "refused", "signed")
# A report may come late (no signal), but not from the future; clocks differ by some minutes.
CLOCK_SLACK = timedelta(minutes=10)


@dataclass(frozen=True)
class VisitReport:
    """One visit as it is reported; lon/lat in EPSG:4326, accuracy in metres, `visited_at` with time zone."""

    client_key: str
    customer_id: int
    outcome: str
    visited_at: datetime
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


def report_visit(session: Session, person: Person, report: VisitReport) -> dict[str, Any]:
    """Store a visit to a customer in the viewer's sight; the same `client_key` again changes nothing.

    Who was met has been visited: his last visit and this month's counts follow. Raises BadInput for an
    impossible report, NotFound for a customer out of sight, NotReady while customers are being assigned.
    """
    _check(report)
    hold_assignment(session)
    grid_id = fetch_value(session, "marketing/find_grid_of_customer", customer_id=report.customer_id)
    if grid_id is None:
        raise NotFound(
            "no_customer", zh="没有这位客户，或不在您的网格内", en="no such customer in your grids"
        )
    row = fetch_one(
        session,
        "marketing/add_visit",
        client_key=f"{person.user_id}:{report.client_key}",
        customer_id=report.customer_id,
        grid_id=grid_id,
        staff_id=person.staff_id,
        visited_at=report.visited_at,
        outcome=report.outcome,
        note=report.note.strip()[:500] or None,
        lon=report.lon,
        lat=report.lat,
        accuracy_m=report.accuracy_m,
    )
    if row is not None and report.outcome in MET:
        with as_worker(session):
            note_visit(session, report.customer_id, row["day"])
    record(session, "report_visit", customer_ids=[report.customer_id])
    return {"grid_id": grid_id, "stored": row is not None}


def _check(report: VisitReport) -> None:
    if report.outcome not in OUTCOMES:
        words = "、".join(f"{key}（{zh}）" for key, zh in OUTCOMES.items())
        raise BadInput(
            "bad_outcome", zh=f"走访结果应为：{words}", en=f"outcome is one of {', '.join(OUTCOMES)}"
        )
    if report.visited_at.tzinfo is None or report.visited_at > datetime.now(UTC) + CLOCK_SLACK:
        raise BadInput(
            "bad_time",
            zh="走访时间不能晚于现在，且须带时区",
            en="visited_at lies in the future or has no zone",
        )
    position = (report.lon, report.lat)
    if any(p is not None for p in position):
        good = all(p is not None and math.isfinite(p) for p in position)
        if not good or not (-180 <= (report.lon or 0) <= 180 and -90 <= (report.lat or 0) <= 90):
            raise BadInput(
                "bad_position", zh="定位坐标不完整或超出范围", en="the position is incomplete or impossible"
            )


def list_visits(session: Session, grid_id: int, *, limit: int = 50) -> Sequence[dict[str, Any]]:
    """The latest visits in a grid in sight, newest first."""
    return fetch_all(session, "marketing/list_visits", grid_id=grid_id, limit=limit)


def count_visits(session: Session, *, since: datetime) -> dict[int, dict[str, int]]:
    """Visits since a moment by grid: how many, how many customers, how many met or signed."""
    rows = fetch_all(session, "marketing/count_visits", since=since)
    return {row["grid_id"]: {k: int(row[k]) for k in ("visits", "customers", "met")} for row in rows}
