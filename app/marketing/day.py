"""A manager's day 我的一天: his grids, whom he is to call on, what he did; cut to the grids that he holds.

Sight is wider than duty (a branch head sees his branch): a day is of the grids that somebody holds himself.
"""

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person, mask_party, record
from app.clock import today
from app.db import fetch_all, fetch_value
from app.errors import BadInput
from app.glossary import DUE_AFTER_DAYS

DUE_SHOWN = 60
Row = dict[str, Any]


@dataclass(frozen=True)
class Here:
    """Where the asker stands, EPSG:4326."""

    lon: float
    lat: float


def show_day(session: Session, person: Person) -> dict[str, Any]:
    """The grids that a person holds today with this month's figures, and what else waits for him.

    `month`: customers met this month ÷ customers, and filed ÷ customers; `tasks`: open problems of his grids
    (and those overdue), grids offered to him, all counted. Nobody without a duty has grids.
    """
    grids = _list_grids(session, person)
    existing, visited, filed = (sum(row[key] for row in grids) for key in ("existing", "visited", "filed"))
    tasks = fetch_all(
        session,
        "marketing/count_tasks",
        grids=[row["id"] for row in grids],
        staff_id=person.staff_id,
        on=today(),
    )[0]
    return {
        "day": today(),
        "plan": fetch_value(session, "marketing/find_day_plan"),
        "grids": grids,
        "month": {"visited": visited, "filed": filed, "existing": existing},
        "tasks": {key: int(value) for key, value in tasks.items()},
        "due_after_days": DUE_AFTER_DAYS,
    }


def _list_grids(session: Session, person: Person) -> list[Row]:
    return fetch_all(session, "marketing/list_day_grids", staff_id=person.staff_id)


def list_due(session: Session, person: Person, here: Here | None = None) -> dict[str, Any]:
    """Whom of his own grids a person is to call on: strategic and key customers first, then who is nearest.

    `here` orders by distance (metres; of the middle of the grid where a customer has no point), without it
    the order is by grid. Names stand in clear, for these are his own grids (`masked` is what may lie on a
    phone); an audit row names the customers. At most 60 rows beside `total`.
    """
    if here is not None and not (_good(here.lon, 180) and _good(here.lat, 90)):
        raise BadInput(
            "bad_position", zh="定位坐标不完整或超出范围", en="the position is incomplete or impossible"
        )
    grids = [row["id"] for row in _list_grids(session, person)]
    rows = fetch_all(
        session,
        "marketing/list_due",
        grids=grids,
        lon=None if here is None else here.lon,
        lat=None if here is None else here.lat,
        limit=DUE_SHOWN,
        **{f"{tier}_days": days for tier, days in DUE_AFTER_DAYS.items()},
    )
    record(session, "list_due", customer_ids=[row["id"] for row in rows])
    return {
        "total": int(rows[0]["total"]) if rows else 0,
        "total_key": int(rows[0]["total_key"]) if rows else 0,
        "customers": [_show(row) for row in rows],
    }


def _good(value: float, most: float) -> bool:
    return math.isfinite(value) and abs(value) <= most


def _show(row: Row) -> Row:
    pointed = row["lon"] is not None
    distance = row["distance_m"]
    return {
        "id": row["id"],
        "name": row["name"],
        "masked": mask_party(row["name"], row["kind"]),
        "kind": row["kind"],
        "tier": row["tier"],
        "filed": row["filed"],
        "last_visit_on": row["last_visit_on"],
        "overdue_days": None if row["due_on"] is None else (today() - row["due_on"]).days,
        "grid": {"id": row["grid_id"], "code": row["grid_code"], "name": row["grid_name"]},
        "lon": row["lon"],
        "lat": row["lat"],
        "distance_m": None if distance is None else round(distance),
        "pointed": pointed,
    }


def list_own_visits(session: Session, person: Person, *, limit: int = 30) -> list[Row]:
    """The latest visits that a person reported himself, newest first, names masked; audited."""
    rows = fetch_all(session, "marketing/list_own_visits", staff_id=person.staff_id, limit=limit)
    seen = [row["customer_id"] for row in rows if row["customer_id"] is not None]
    record(session, "list_own_visits", customer_ids=seen)
    for row in rows:
        party = row.pop("party")
        row["name"] = None if row["name"] is None else mask_party(row["name"], party)
    return rows
