"""Which ground a map shows: the plan in force, the faults over it, and the version of all it is made from."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_one, fetch_value
from app.errors import NotFound
from app.territory.plans.findings import NOTICE_KINDS

# Notices are about grids, not about ground: no map shows them as faults.
NOTICES = list(NOTICE_KINDS)


@dataclass(frozen=True)
class Ground:
    """The drawn plan (in force today, else the newest) and the plan whose faults lie over it."""

    plan_id: int
    code: str
    name: str
    status: str
    synthetic: bool
    certificate_no: str | None
    valid_from: date | None
    faults_plan_id: int
    faults_code: str
    faults_status: str
    west: float
    south: float
    east: float
    north: float

    @property
    def asked(self) -> dict[str, Any]:
        """What statements about this ground ask with: both plans, and what is no fault."""
        return {"plan_id": self.plan_id, "faults_plan_id": self.faults_plan_id, "notices": NOTICES}

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the frame in degrees."""
        return (self.west, self.south, self.east, self.north)


def find_ground(session: Session) -> Ground:
    """The ground drawn today. Raises NotFound where the bank has no plan yet."""
    row = fetch_one(session, "maps/find_ground", notices=NOTICES)
    if row is None:
        raise refuse_no_plan()
    return Ground(**row)


def refuse_no_plan() -> NotFound:
    """The error of a bank without any plan."""
    return NotFound(
        "no_plan", zh="还没有网格规划，先导入边界", en="there is no plan yet; import boundaries first"
    )


def find_data_version(session: Session, ground: Ground) -> str:
    """A short text that changes with whatever the layers are drawn from in the viewer's sight."""
    version = fetch_value(
        session, "maps/find_data_version", plan_id=ground.plan_id, faults_plan_id=ground.faults_plan_id
    )
    return str(version)


def find_scope(session: Session) -> str:
    """What the viewer may see, as a key: viewers with the same rights share cached tiles."""
    return str(fetch_value(session, "maps/find_scope"))
