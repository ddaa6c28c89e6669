"""Two plans compared: grids new, gone, renamed and changed, and every piece of ground that changes hands."""

from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy.orm import Session

from app.models import Grid, Plan, Staff
from app.spatial.crs import area_m2
from app.territory import plans
from app.territory.plans import Difference
from app.territory.plans.repairing import change_ground
from tests.ground import Ground, lay
from tests.territory.conftest import Lay, Settle

Change = tuple[str, str, list[str]]


@pytest.fixture
def ground() -> Ground:
    return lay("AABB\nAACC")


def compare(work: Session, first: Plan, second: Plan) -> Difference:
    return plans.compare_plans(work, first, second)


def changes(found: Difference) -> list[Change]:
    return [(one.code, one.change, sorted(one.facts)) for one in found.changes]


def pieces(found: Difference) -> list[tuple[Any, ...]]:
    """(from, to, area in cells, why) of each piece, sorted."""
    cell = float(area_m2(np.array([lay("A")["A"]], dtype=object))[0])
    rows = [
        (p.before and p.before["code"], p.after and p.after["code"], round(p.area_m2 / cell, 1), p.why)
        for p in found.pieces
    ]
    return sorted(rows, key=str)


def redraw(work: Session, plan: Plan, **shapes: shapely.Geometry | None) -> None:
    ids = {grid.code: grid.id for grid in work.query(Grid).filter_by(plan_id=plan.id)}
    change_ground(work, plan, {ids[code]: shape for code, shape in shapes.items()})
    work.flush()
    work.expire_all()


def copy(work: Session, code: str = "V2") -> Plan:
    return plans.new_plan(work, plans.PlanDraft(code, "草案", from_plan="V1"))


def test_a_copy_differs_in_nothing(work: Session, lay_plan: Lay, ground: Ground) -> None:
    found = compare(work, lay_plan(ground), copy(work))
    assert (found.changes, found.pieces) == ([], [])
    assert found.totals["moved_m2"] == 0


def test_ground_that_goes_from_one_grid_to_another_is_one_piece(
    work: Session, lay_plan: Lay, ground: Ground
) -> None:
    first, second = lay_plan(ground), copy(work)
    redraw(
        work,
        second,
        A=ground["A"].difference(ground.square(1, 1)),
        C=ground["C"].union(ground.square(1, 1)),
    )
    found = compare(work, first, second)
    assert changes(found) == [("A", "changed", []), ("C", "changed", [])]
    assert pieces(found) == [("A", "C", 1.0, "ground")]
    assert pieces(compare(work, second, first)) == [("C", "A", 1.0, "ground")]
    assert found.totals == {
        "new": 0,
        "gone": 0,
        "changed": 2,
        "ground": 2,
        "hands": 0,
        "pieces": 1,
        "moved_m2": pytest.approx(found.pieces[0].area_m2, abs=0.1),
    }
    [feature] = found.as_features()["features"]
    assert feature["properties"]["from"]["code"] == "A"
    assert shapely.area(shapely.geometry.shape(feature["geometry"])) == pytest.approx(1e-6)


def test_ground_of_a_grid_taken_away_goes_to_those_who_get_it_and_the_rest_to_nobody(
    work: Session, lay_plan: Lay, ground: Ground
) -> None:
    first, second = lay_plan(ground), copy(work)
    redraw(work, second, A=None, C=ground["C"].union(ground.square(1, 1)))
    found = compare(work, first, second)
    assert changes(found) == [("A", "gone", []), ("C", "changed", [])]
    assert pieces(found) == [("A", "C", 1.0, "ground"), ("A", None, 3.0, "ground")]
    assert pieces(compare(work, second, first)) == [("C", "A", 1.0, "ground"), (None, "A", 3.0, "ground")]


def test_a_grid_of_another_code_on_the_same_ground_is_the_same_grid_renamed(
    work: Session, lay_plan: Lay, ground: Ground
) -> None:
    first, second = lay_plan(ground), copy(work)
    work.query(Grid).filter_by(plan_id=second.id, code="A").one().code = "X1"
    work.flush()
    found = compare(work, first, second)
    assert changes(found) == [("X1", "changed", ["code"])]
    assert found.changes[0].facts == {"code": ["A", "X1"]}
    assert found.pieces == []


def test_a_grid_in_other_hands_is_a_piece_with_all_its_ground(
    work: Session, lay_plan: Lay, ground: Ground, people: dict[str, Staff]
) -> None:
    first, second = lay_plan(ground), copy(work)
    grid = work.query(Grid).filter_by(plan_id=second.id, code="B").one()
    plans.give_duty(work, grid, "M2", valid_from=date(2026, 1, 1))
    found = compare(work, first, second)
    assert changes(found) == [("B", "changed", ["manager"])]
    assert pieces(found) == [("B", "B", 2.0, "hands")]
    assert found.pieces[0].as_json()["to"]["manager"] == people["M2"].name
    assert found.list_moves()[0][:2] == (found.changes[0].before_id, grid.id)


def test_who_holds_a_grid_beyond_a_viewers_sight_is_not_named(
    work: Session, lay_plan: Lay, ground: Ground, people: dict[str, Staff]
) -> None:
    first, second = lay_plan(ground), copy(work)
    old, new = (work.query(Grid).filter_by(plan_id=plan.id, code="B").one() for plan in (first, second))
    plans.give_duty(work, old, "M1", valid_from=date(2026, 1, 1))
    plans.give_duty(work, new, "M2", valid_from=date(2026, 1, 1), replace=True)
    whole = compare(work, first, second)
    names = [people["M1"].name, people["M2"].name]
    assert whole.in_sight({old.id, new.id}).changes[0].facts["manager"] == names
    assert whole.in_sight({old.id}).changes[0].facts["manager"] == [names[0], None]
    assert whole.in_sight({new.id}).changes[0].facts["manager"] == [None, names[1]]


def test_plans_of_different_units_are_matched_by_their_ground(work: Session, settle: Settle) -> None:
    settle(lay("AABB\nAABB"))
    one = plans.new_plan(work, plans.PlanDraft("V1", "一"))
    two = plans.new_plan(
        work, plans.PlanDraft("V2", "二", groups=(plans.UnitGroup("G", "全部", ("A", "B")),))
    )
    found = compare(work, one, two)
    assert changes(found) == [("A", "gone", []), ("B", "gone", []), ("G", "new", [])]
    assert pieces(found) == [("A", "G", 4.0, "ground"), ("B", "G", 4.0, "ground")]


def test_last_digits_of_a_border_are_no_piece(work: Session, lay_plan: Lay, ground: Ground) -> None:
    first, second = lay_plan(ground), copy(work)
    east = ground["A"].bounds[2]
    moved = shapely.transform(ground["A"], lambda xy: np.where(xy == east, xy + 1e-7, xy))
    redraw(work, second, A=moved)
    assert compare(work, first, second).pieces == []
