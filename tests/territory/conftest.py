"""Ground drawn in letters becomes units and plans of the test's own database."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.models import Branch, Grid, Plan, Staff, Unit
from app.spatial.crs import area_m2
from app.territory.plans import PlanDraft, new_plan
from app.territory.shapes import to_areas
from tests.ground import Ground

SINCE = date(2026, 1, 1)
Settle = Callable[..., None]
Lay = Callable[..., Plan]


@pytest.fixture
def settle(work: Session) -> Settle:
    """Store a drawn ground as units: letters are villages unless `kinds` says otherwise, with its frame."""

    def store(
        ground: Ground, *, kinds: Mapping[str, str] | None = None, towns: Mapping[str, str] | None = None
    ) -> None:
        rows = [("frame", "frame", ground.frame)]
        rows += [(name, (kinds or {}).get(name, "village"), ground[name]) for name in ground.names]
        for code, kind, shape in rows:
            area = to_areas(np.array([shape], dtype=object))
            unit = Unit(
                code=code,
                code_source="test",
                kind=kind,
                name=f"{code}村",
                geom=from_shape(area[0], srid=4326),
                area_m2=float(area_m2(area)[0]),
                town_code=(towns or {}).get(code),
                town_name=(towns or {}).get(code),
                valid=Range(SINCE, None),
            )
            work.add(unit)
        work.flush()

    return store


@pytest.fixture
def lay_plan(work: Session, settle: Settle) -> Lay:
    """A draft plan made of a drawn ground."""

    def make(
        ground: Ground, *, kinds: Mapping[str, str] | None = None, code: str = "V1", rule: str = "cut"
    ) -> Plan:
        settle(ground, kinds=kinds)
        return new_plan(work, PlanDraft(code, f"规划{code}", market_rule=rule))

    return make


@pytest.fixture
def people(work: Session) -> dict[str, Staff]:
    """A branch with three managers and a liaison, by number."""
    branch = Branch(code="101", name="城中支行", kind="branch", branch_type="urban")
    work.add(branch)
    work.flush()
    kinds = {"M1": "manager", "M2": "manager", "M3": "manager", "L1": "liaison"}
    staff = {c: Staff(code=c, name=f"经理{c}", kind=k, branch_id=branch.id) for c, k in kinds.items()}
    work.add_all(staff.values())
    work.flush()
    return staff


def shapes_of(work: Session, plan: Plan) -> dict[str, shapely.Geometry]:
    """The grids of a plan by code."""
    grids = work.query(Grid).filter_by(plan_id=plan.id).populate_existing()
    return {grid.code: to_shape(grid.geom) for grid in grids}
