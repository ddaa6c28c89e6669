"""Whose ground is this point, on which date, and as far as we knew when?"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.clock import today
from app.db import Viewer, fetch_all, fetch_one
from app.errors import BadInput
from app.models import Plan
from app.territory.plans.precedence import read_precedence, settles

Place = Literal["inside", "contested", "gap", "outside", "not_visible", "no_plan"]
PLACE_SENTENCES: dict[str, tuple[str, str]] = {
    "inside": ("在网格内", "inside a grid"),
    "contested": ("多个网格都包含此点", "more than one grid holds the point"),
    "gap": ("在辖区内，但没有网格（空白）", "in the frame, but no grid holds it (a gap)"),
    "outside": ("在辖区之外", "outside the frame"),
    "not_visible": ("在辖区内，但不在您的网格内", "in the frame, but in no grid of yours"),
    "no_plan": ("该日期没有生效的网格规划", "no plan was in force on that date"),
}


@dataclass(frozen=True, slots=True)
class Responsibility:
    """The answer for one point: `place` says how the point lies, `grid` is None unless a grid holds it.

    `people` are the primary, backup, liaison and terminal administrator on that date (None: vacant),
    `edge_distance_m` the way to the grid's own border, `contested_with` other grids that hold the point.
    """

    place: Place
    on: date
    known_at: datetime | None
    plan: dict[str, Any] | None
    grid: dict[str, Any] | None
    branch: dict[str, Any] | None
    people: dict[str, dict[str, Any] | None]
    contested_with: list[dict[str, Any]]
    edge_distance_m: float | None

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON-ready values, in the shape of `GET /locate`."""
        zh, en = PLACE_SENTENCES[self.place]
        return {
            "place": self.place,
            "message_zh": zh,
            "message_en": en,
            "on": self.on.isoformat(),
            "known_at": None if self.known_at is None else self.known_at.isoformat(),
            "plan": self.plan,
            "grid": self.grid,
            "branch": self.branch,
            "manager": self.people.get("primary"),
            "backup": self.people.get("backup"),
            "liaison": self.people.get("liaison"),
            "terminal_administrator": self.people.get("terminal_administrator"),
            "contested_with": self.contested_with,
            "edge_distance_m": self.edge_distance_m,
        }


def find_plan_known(session: Session, on: date, known_at: datetime | None = None) -> Plan | None:
    """The plan in force on a date as known at a moment (now when None): the last to have begun.

    None when there was none, or none that was known of yet.
    """
    row = fetch_one(session, "territory/find_plan_known", on=on, known_at=known_at)
    return None if row is None else session.get(Plan, row["id"])


def find_grid(
    session: Session, lon: float, lat: float, *, on: date | None = None, known_at: datetime | None = None
) -> Responsibility:
    """Whose grid holds a point (EPSG:4326 degrees) on a date (today when None), as known at a moment (now).

    Of several grids the kind that stands first in the plan's precedence has it (a market before a village,
    unless stated otherwise); the others are named, but for ground that the plan's own rule lays over. A point
    at sea is an answer (`outside`), not an error. Raises BadInput `bad_point` for numbers that are no
    longitude and latitude. Row-level security cuts what a manager sees: `not_visible`.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput(
            "bad_point", zh=f"经纬度无效：{lon}, {lat}", en=f"no longitude and latitude: {lon}, {lat}"
        )
    day = on or today()
    plan = find_plan_known(session, day, known_at)
    if plan is None:
        return Responsibility("no_plan", day, known_at, None, None, None, {}, [], None)
    where = {"plan_id": plan.id, "lon": lon, "lat": lat, "precedence": read_precedence(plan)}
    rows = fetch_all(session, "territory/find_grid", **where, on=day, known_at=known_at)
    held = [row for row in rows if row["id"] is not None]
    if not held:
        place = _tell_empty(session, in_frame=bool(rows[0]["in_frame"]))
        return Responsibility(place, day, known_at, _tell_plan(plan), None, None, {}, [], None)
    first = held[0]
    others = [row for row in held[1:] if not settles(plan.market_rule, first["kind"], row["kind"])]
    return Responsibility(
        "contested" if others else "inside",
        day,
        known_at,
        _tell_plan(plan),
        _tell_grid(first),
        None
        if first["branch_code"] is None
        else {
            "code": first["branch_code"],
            "name": first["branch_name"],
            "branch_type": first["branch_type"],
        },
        dict(first["people"] or {}),
        [_tell_grid(other) for other in others],
        round(float(first["edge_distance_m"]), 1),
    )


def _tell_empty(session: Session, *, in_frame: bool) -> Place:
    """Why no grid is there: a viewer with a part of the ground cannot tell a gap from another's grid."""
    if not in_frame:
        return "outside"
    viewer = session.info.get("viewer")
    return "not_visible" if isinstance(viewer, Viewer) and viewer.db_role == "getu_scoped" else "gap"


def _tell_plan(plan: Plan) -> dict[str, Any]:
    return {
        "code": plan.code,
        "name": plan.name,
        "certificate_no": plan.certificate_no,
        "synthetic": plan.synthetic,
    }


def _tell_grid(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("id", "code", "name", "kind", "town_code", "town_name")}


def list_duties(
    session: Session, plan: Plan, *, on: date | None = None, known_at: datetime | None = None
) -> list[dict[str, Any]]:
    """Who holds which grid of a plan on a date, as known at a moment: grid_code, grid_name, role, staff_code,
    name, phone, branch_code, valid_from, valid_to; in order of grid code and role."""
    return fetch_all(session, "territory/list_duties", plan_id=plan.id, on=on or today(), known_at=known_at)


def list_history(session: Session, grid_id: int) -> list[dict[str, Any]]:
    """All that was ever recorded of who holds a grid, the newest knowledge first: role, staff_code, name,
    valid_from, valid_to, known_from, known_to, reason."""
    return fetch_all(session, "territory/list_history", grid_id=grid_id)
