"""A bank on drawn ground: letters are grids of a plan, customers are put where a test wants them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from geoalchemy2.shape import from_shape
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.models import Plan, Unit
from app.spatial.crs import area_m2
from app.territory.plans import PlanDraft, new_plan
from app.territory.shapes import to_areas
from tests.ground import Ground

SINCE = date(2026, 1, 1)
CUSTOMER = """
INSERT INTO customer (source_code, source_key, kind, standing, name, tier, household_no, filed, last_visit_on)
VALUES ('core', :key, 'person', :standing, :name, :tier, :household, :filed, :visited) RETURNING id"""
PLACEMENT = """
INSERT INTO placement (customer_id, rung, method, score, geom, unit_code)
VALUES (:id, :rung, 'test', 1, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :unit)"""
ANSWERS = """
SELECT c.source_key, g.code, a.method, a.reason
FROM assignment a JOIN customer c ON c.id = a.customer_id LEFT JOIN grid g ON g.id = a.grid_id"""


def settle(
    session: Session, ground: Ground, *, kinds: Mapping[str, str] | None = None, code: str = "V1"
) -> Plan:
    """Store the letters as units (villages unless `kinds` says otherwise) and draft a plan of them."""
    rows = [(f"frame{code}", "frame", ground.frame)]
    rows += [(name, (kinds or {}).get(name, "village"), ground[name]) for name in ground.names]
    for name, kind, shape in rows:
        area = to_areas(np.array([shape], dtype=object))
        unit = Unit(
            code=name, code_source="test", kind=kind, name=f"{name}村", geom=from_shape(area[0], srid=4326)
        )
        unit.area_m2, unit.valid = float(area_m2(area)[0]), Range(SINCE, None)
        session.add(unit)
    session.flush()
    session.execute(text("INSERT INTO source_system VALUES ('core', '核心', 1) ON CONFLICT DO NOTHING"))
    return new_plan(session, PlanDraft(code, code, market_rule="overlay", frame_code=f"frame{code}"))


def enforce(session: Session, plan: Plan) -> Plan:
    """Put a drawn plan in force from the first day on, as if it had been certified."""
    statement = """UPDATE plan SET status = 'in_force', valid = daterange(:since, NULL), certificate = '{}'
        WHERE id = :id"""
    session.execute(text(statement), {"since": SINCE, "id": plan.id})
    session.refresh(plan)
    return plan


@dataclass(frozen=True)
class Who:
    """A customer of a test."""

    key: str
    point: tuple[float, float] | None = None
    rung: int = 2
    unit: str | None = None
    standing: str = "existing"
    tier: str = "regular"
    household: str | None = None
    filed: bool = False
    visited: date | None = None


def put(session: Session, *people: Who) -> dict[str, int]:
    """Store customers with their placements; ids by key."""
    ids = {}
    for who in people:
        facts: dict[str, Any] = {
            "key": who.key,
            "standing": who.standing,
            "name": f"王{who.key}",
            "tier": who.tier,
        }
        facts |= {"household": who.household, "filed": who.filed, "visited": who.visited}
        ids[who.key] = int(session.execute(text(CUSTOMER), facts).scalar_one())
        lon, lat = who.point or (None, None)
        place = {"id": ids[who.key], "rung": who.rung, "lon": lon, "lat": lat, "unit": who.unit}
        session.execute(text(PLACEMENT), place)
    return ids


def answers(session: Session) -> dict[str, tuple[Any, ...]]:
    """Grid code, method and reason by customer key."""
    return {row[0]: tuple(row[1:]) for row in session.execute(text(ANSWERS))}
