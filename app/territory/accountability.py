"""Who was responsible for a point or a grid on any date, as far as it was known on another, and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from app.clock import BANK_TIME
from app.db import fetch_all, fetch_one
from app.errors import BadInput, NotFound
from app.models import Plan
from app.territory.plans.duties import ROLES
from app.territory.responsibility import PLACE_SENTENCES, find_grid, find_plan_known

Row = dict[str, Any]
_PLACES: dict[str, tuple[str, str]] = {
    **PLACE_SENTENCES,
    "not_known": ("截至该时点，尚不知道有此日期的网格规划", "as known then, there was no plan for that date"),
    "unassigned": ("客户没有归入任何网格", "the customer stands in no grid"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that is asked about, and the moment up to which knowledge counts (None: all we know now)."""

    on: date
    known_at: datetime | None = None


def read_moment(text: str | None) -> datetime | None:
    """A moment of knowledge: a date (its whole day counts, Chinese time) or a timestamp. Raises BadInput."""
    if text is None or not text.strip():
        return None
    # A plus sign that came unescaped through an address is a blank.
    plain = re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip()) if "T" in text else text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", plain):
            return datetime.combine(date.fromisoformat(plain), time.max, BANK_TIME)
        found = datetime.fromisoformat(plain)
    except (ValueError, OverflowError):
        raise BadInput(
            "bad_date",
            zh=f"时间应为 2026-11-21 或 2026-11-21T10:20:00+08:00 的形式：{text[:40]}",
            en=f"neither a date nor a timestamp: {text[:40]}",
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=BANK_TIME)


@dataclass
class Accountability:
    """The answer: how the thing asked about lies, whose ground it is, who holds it in which role, and why."""

    moment: Moment
    asked: Row
    place: str
    plan: Row | None = None
    grid: Row | None = None
    branch: Row | None = None
    people: Mapping[str, Row | None] = field(default_factory=dict)
    why: list[Row] = field(default_factory=list)
    limits: list[Row] = field(default_factory=list)
    contested_with: list[Row] = field(default_factory=list)
    edge_distance_m: float | None = None

    def as_json(self) -> Row:
        """The answer as JSON-ready values, in the shape of `GET /responsible`."""
        zh, en = _PLACES[self.place]
        known = self.moment.known_at
        return {
            "asked": self.asked,
            "on": self.moment.on.isoformat(),
            "known_at": None if known is None else known.isoformat(),
            "place": self.place,
            "message_zh": zh,
            "message_en": en,
            "plan": self.plan,
            "grid": self.grid,
            "branch": self.branch,
            **{role: self.people.get(role) for role in ROLES},
            "why": self.why,
            "limits": self.limits,
            "contested_with": self.contested_with,
            "edge_distance_m": self.edge_distance_m,
        }


def tell_of_point(session: Session, lon: float, lat: float, *, moment: Moment) -> Accountability:
    """Who is responsible for a point (EPSG:4326 degrees). Raises BadInput `bad_point`."""
    asked = {"lon": lon, "lat": lat}
    found = find_grid(session, lon, lat, on=moment.on, known_at=moment.known_at)
    plan = find_plan_known(session, moment.on, moment.known_at)
    if plan is None or found.grid is None:
        return tell_nobody(session, moment, asked, found.place, plan)
    how = _why(
        "point", f"点位落在网格 {found.grid['code']} 内", f"the point lies in grid {found.grid['code']}"
    )
    answer = tell_of_grid_id(session, plan, found.grid["id"], moment=moment, asked=asked, how=how)
    answer.place = found.place
    answer.contested_with = found.contested_with
    answer.edge_distance_m = found.edge_distance_m
    return answer


def tell_of_grid(session: Session, code: str, *, moment: Moment) -> Accountability:
    """Who is responsible for a grid by its code in the plan of that date. Raises NotFound `no_grid`."""
    asked = {"grid": code}
    plan = find_plan_known(session, moment.on, moment.known_at)
    if plan is None:
        return tell_nobody(session, moment, asked, "no_plan", None)
    row = fetch_one(session, "territory/find_grid_of_code", plan_id=plan.id, code=code)
    if row is None:
        raise NotFound(
            "no_grid",
            zh=f"规划 {plan.code} 中没有网格 {code}，或不在您的范围内",
            en=f"plan {plan.code} of that date has no grid {code} in your sight",
            plan=plan.code,
        )
    how = _why(
        "code", f"网格 {code} 属于该日期的规划 {plan.code}", f"grid {code} of plan {plan.code}, in force then"
    )
    return tell_of_grid_id(session, plan, row["id"], moment=moment, asked=asked, how=how)


def tell_nobody(
    session: Session, moment: Moment, asked: Row, place: str, plan: Plan | None
) -> Accountability:
    """An answer without a grid; whether there was no plan, or none that was known of yet."""
    if plan is None and moment.known_at is not None and find_plan_known(session, moment.on) is not None:
        place = "not_known"
    return Accountability(moment, asked, place, plan=tell_plan(plan))


def tell_of_grid_id(
    session: Session, plan: Plan, grid_id: int, *, moment: Moment, asked: Row, how: Row
) -> Accountability:
    """Who holds a grid of a plan; `how` says how the thing asked about came to this grid."""
    row = fetch_one(session, "territory/tell_grid", grid_id=grid_id, on=moment.on, known_at=moment.known_at)
    if row is None:
        return Accountability(moment, asked, "not_visible", plan=tell_plan(plan))
    people: dict[str, Row | None] = dict.fromkeys(ROLES)
    for duty in fetch_all(
        session, "territory/list_grid_people", grid_id=grid_id, on=moment.on, known_at=moment.known_at
    ):
        people[duty["role"]] = people[duty["role"]] or _tell_person(duty)
    branch = {key: row[f"branch_{key}"] for key in ("code", "name", "type")} if row["branch_code"] else None
    return Accountability(
        moment,
        asked,
        "inside",
        plan=tell_plan(plan),
        grid={key: row[key] for key in ("id", "code", "name", "kind", "town_code", "town_name")},
        branch=branch,
        people=people,
        why=[_why_plan(plan), how, _why_person(people["primary"])],
    )


def tell_plan(plan: Plan | None) -> Row | None:
    """A plan by name, with its days in force and when it was published."""
    if plan is None:
        return None
    valid = plan.valid
    return {
        "code": plan.code,
        "name": plan.name,
        "certificate_no": plan.certificate_no,
        "synthetic": plan.synthetic,
        "valid_from": valid.lower.isoformat() if valid is not None and valid.lower else None,
        "valid_to": valid.upper.isoformat() if valid is not None and valid.upper else None,
        "published_at": plan.published_at.isoformat() if plan.published_at else None,
    }


def _tell_person(duty: Row) -> Row:
    """A holder; one of another branch whom the viewer may not see stays unnamed, and is not a vacancy."""
    hidden = duty["code"] is None
    return {
        "code": duty["code"],
        "name": "（其他支行人员）" if hidden else duty["name"],
        "phone": duty["phone"],
        "hidden": hidden,
        "valid_from": duty["valid_from"] and duty["valid_from"].isoformat(),
        "valid_to": duty["valid_to"] and duty["valid_to"].isoformat(),
        "known_from": duty["known_from"] and duty["known_from"].isoformat(),
        "reason": duty["reason"],
    }


def _why(code: str, zh: str, en: str) -> Row:
    return {"code": code, "zh": zh, "en": en}


def _why_plan(plan: Plan) -> Row:
    begins = plan.valid.lower if plan.valid is not None else None
    return _why("plan", f"规划 {plan.code} 自 {begins} 起生效", f"plan {plan.code} is in force from {begins}")


def _why_person(person: Row | None) -> Row:
    if person is None:
        return _why("vacant", "该日期没有主责人", "nobody was primary on that date")
    until = f" 至 {person['valid_to']}（不含）" if person["valid_to"] else ""
    to = f" up to {person['valid_to']}" if person["valid_to"] else ""
    return _why(
        "duty",
        f"{person['name']} 自 {person['valid_from']} 起主责{until}，记录于 {person['known_from'][:16]}",
        f"primary from {person['valid_from']}{to}, recorded at {person['known_from'][:16]}",
    )
