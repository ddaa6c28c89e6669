"""Acts on a draft's ground: what they change, what they refuse, and how they are undone to the last byte."""

from datetime import date
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy.orm import Session

from app.errors import BadInput, Conflict, NotFound
from app.models import Grid, Plan, Staff
from app.territory import editing, plans
from app.territory.editing import Wish
from app.territory.editing.ledger import snapshot_grids
from tests.ground import Ground, lay
from tests.territory.conftest import Lay, shapes_of

FOUR = lay("AABB\nAABB\nCCDD\nCCDD", sparse=True)


def ids_of(work: Session, plan: Plan) -> dict[str, int]:
    """The grid ids of a plan by code."""
    return {grid.code: grid.id for grid in work.query(Grid).filter_by(plan_id=plan.id).populate_existing()}


def states_of(work: Session, plan: Plan) -> dict[int, Any]:
    """Every grid of a plan as the ledger would write it, without what each act changes by itself."""
    states = snapshot_grids(work, ids_of(work, plan).values())
    return {one: {k: v for k, v in (state or {}).items() if k != "version"} for one, state in states.items()}


def line(ground: Ground, *places: tuple[float, float]) -> dict[str, Any]:
    """A line through the middles of cells (row, column), as GeoJSON."""
    return dict(mapping(shapely.LineString([ground.point(*place) for place in places])))


def square(ground: Ground, row: float, column: float, *, half_m: float = 40.0) -> dict[str, Any]:
    """A square about the middle of a cell, as GeoJSON."""
    return dict(mapping(shapely.Point(ground.point(row, column)).buffer(half_m / 1e5, cap_style="square")))


@pytest.fixture
def plan(work: Session, lay_plan: Lay, people: dict[str, Staff]) -> Plan:
    """Four grids, checked; A is held by M1, with 100 households each."""
    made = lay_plan(FOUR)
    for grid in work.query(Grid).filter_by(plan_id=made.id):
        grid.households = 100
        grid.branch_id = people["M1"].branch_id
        if grid.code == "A":
            plans.give_duty(work, grid, "M1", valid_from=date(2026, 1, 1))
    work.flush()
    assert plans.check_plan(work, made).counts == {}
    return made


def test_a_grid_is_split_and_both_parts_keep_holder_and_households(work: Session, plan: Plan) -> None:
    before = shapes_of(work, plan)
    done = editing.edit_plan(work, plan, Wish("split", ids_of(work, plan)["A"], drawing=line(FOUR, (-1, 0), (3, 1))))
    after = shapes_of(work, plan)
    assert sorted(after) == ["A", "A-2", "B", "C", "D"]
    assert after["A"].union(after["A-2"]).equals(before["A"])
    grids = {g.code: g for g in work.query(Grid).filter_by(plan_id=plan.id).populate_existing()}
    assert grids["A"].households + grids["A-2"].households == 100
    held = snapshot_grids(work, [grids["A-2"].id])[grids["A-2"].id]
    assert held is not None
    assert len(held["duty"]) == 1
    assert done.after.counts == {}
