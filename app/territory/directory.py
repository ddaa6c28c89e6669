"""The planning directory 规划目录: every grid of a plan with who holds it, in administrative order."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all
from app.models import Plan
from app.territory.plans.listing import find_plan_on


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """One grid of the directory; people are names, None where nobody holds it."""

    number: int
    code: str
    name: str
    kind: str
    town_code: str | None
    town_name: str | None
    unit_codes: tuple[str, ...]
    branch_code: str | None
    branch_name: str | None
    manager_code: str | None
    manager: str | None
    manager_phone: str | None
    backup: str | None
    liaison: str | None
    liaison_phone: str | None
    terminal_administrator: str | None
    area_km2: float
    households: int | None
    colour_no: int


def list_directory(
    session: Session, *, branch: str | None = None, plan: Plan | None = None, on: date | None = None
) -> list[DirectoryRow]:
    """The directory of a plan (the one in force when None) on a date, of one branch by code or of all.

    Order: town, then the units' official codes, numbered from 1. Empty when no plan is in force.
    """
    day = on or today()
    chosen = plan or find_plan_on(session, day)
    if chosen is None:
        return []
    rows = fetch_all(session, "territory/list_directory", plan_id=chosen.id, on=day, branch=branch)
    return [DirectoryRow(number=number, **_plain(row)) for number, row in enumerate(rows, start=1)]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "unit_codes": tuple(row["unit_codes"]), "area_km2": round(float(row["area_km2"]), 4)}
