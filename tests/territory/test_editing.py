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
    done = editing.edit_plan(
        work, plan, Wish("split", ids_of(work, plan)["A"], drawing=line(FOUR, (-1, 0), (3, 1)))
    )
    after = shapes_of(work, plan)
    assert sorted(after) == ["A", "A-2", "B", "C", "D"]
    assert after["A"].union(after["A-2"]).equals(before["A"])
    grids = {g.code: g for g in work.query(Grid).filter_by(plan_id=plan.id).populate_existing()}
    assert grids["A"].households + grids["A-2"].households == 100
    held = snapshot_grids(work, [grids["A-2"].id])[grids["A-2"].id]
    assert held is not None
    assert len(held["duty"]) == 1
    assert done.after.counts == {}


def test_merged_grids_keep_every_outer_corner_and_undo_brings_ids_and_duties_back(
    work: Session, plan: Plan
) -> None:
    ids = ids_of(work, plan)
    plans.give_duty(work, work.get_one(Grid, ids["B"]), "M2", valid_from=date(2026, 1, 1))
    before = states_of(work, plan)
    done = editing.edit_plan(work, plan, Wish("merge", ids["A"], grid_ids=(ids["A"], ids["B"])))
    assert done.removed == (ids["B"],)
    grids = {g.code: g for g in work.query(Grid).filter_by(plan_id=plan.id).populate_existing()}
    assert sorted(grids) == ["A", "C", "D"]
    assert (grids["A"].households, sorted(grids["A"].unit_codes)) == (200, ["A", "B"])
    undone = editing.undo_step(work, plan, done.step.number)
    assert states_of(work, plan) == before
    assert undone.after.counts == {}
    with pytest.raises(Conflict, match="undone_already"):
        editing.undo_step(work, plan, done.step.number)


def test_grids_that_only_meet_in_a_corner_are_not_merged_unless_told(work: Session, plan: Plan) -> None:
    ids = ids_of(work, plan)
    with pytest.raises(BadInput, match="not_side_by_side"):
        editing.edit_plan(work, plan, Wish("merge", ids["A"], grid_ids=(ids["A"], ids["D"])))
    editing.edit_plan(work, plan, Wish("merge", ids["A"], grid_ids=(ids["A"], ids["D"]), apart=True))
    assert sorted(shapes_of(work, plan)) == ["A", "B", "C"]


def test_a_shared_border_moves_once_and_third_grids_get_its_ends(work: Session, plan: Plan) -> None:
    before = shapes_of(work, plan)
    ids = ids_of(work, plan)
    bent = line(FOUR, (-0.5, 1.1), (0.5, 1.9), (1.5, 1.3))
    done = editing.edit_plan(work, plan, Wish("move_edge", ids["A"], ids["B"], drawing=bent, snap_m=0))
    after = shapes_of(work, plan)
    assert after["A"].union(after["B"]).symmetric_difference(before["A"].union(before["B"])).area < 1e-16
    corner = FOUR.point(1.5, 1.3)
    for code in "ABC":
        assert min(shapely.Point(xy).distance(shapely.Point(corner)) for xy in corners(after[code])) < 1e-7
    assert set(corners(before["C"])) <= set(corners(after["C"]))
    assert after["D"].equals_exact(before["D"], 0)
    assert sum(done.step.detail["moves"][k]["area_m2"] for k in range(2)) > 0


def corners(shape: shapely.Geometry) -> list[tuple[float, float]]:
    return [(x, y) for x, y in shapely.get_coordinates(shape).tolist()]


def test_neighbours_follow_a_reshape_and_what_is_given_up_is_theirs(work: Session, plan: Plan) -> None:
    before, ids = shapes_of(work, plan), ids_of(work, plan)
    places = [(-0.5, -0.5), (-0.5, 1.0), (1.0, 1.0), (1.0, -0.5)]
    drawn = dict(mapping(shapely.Polygon([FOUR.point(*place) for place in places])))
    editing.edit_plan(work, plan, Wish("reshape", ids["A"], drawing=drawn, snap_m=0))
    after = shapes_of(work, plan)
    assert after["A"].area < before["A"].area
    assert sum(one.area for one in after.values()) == pytest.approx(sum(b.area for b in before.values()))
    assert plans.list_findings(work, plan) == []


def test_a_market_is_drawn_out_of_its_villages_and_may_not_swallow_one(work: Session, plan: Plan) -> None:
    wish = Wish("draw", drawing=square(FOUR, 1.5, 1.5), code="M1", name="集市", kind="market")
    editing.edit_plan(work, plan, wish)
    grids = {g.code: g for g in work.query(Grid).filter_by(plan_id=plan.id).populate_existing()}
    assert grids["M1"].kind == "market"
    assert sum(grid.households or 0 for grid in grids.values()) == 400
    with pytest.raises(Conflict, match="code_taken"):
        editing.edit_plan(work, plan, wish)
    whole = Wish("draw", drawing=square(FOUR, 0.5, 0.5, half_m=150), code="M2")
    with pytest.raises(BadInput, match="swallows_grid"):
        editing.edit_plan(work, plan, whole)


def test_units_are_given_by_lasso_with_their_households(work: Session, plan: Plan) -> None:
    ids = ids_of(work, plan)
    lasso = square(FOUR, 0.5, 2.5, half_m=60)
    done = editing.edit_plan(work, plan, Wish("give_units", ids["A"], drawing=lasso))
    assert done.removed == (ids["B"],)
    grid = work.get_one(Grid, ids["A"], populate_existing=True)
    assert (grid.households, grid.unit_codes) == (200, ["A", "B"])
    editing.undo_step(work, plan, done.step.number)
    assert ids_of(work, plan) == ids


def test_the_second_of_two_editors_hears_who_changed_what(work: Session, plan: Plan) -> None:
    ids = ids_of(work, plan)
    seen = {ids["A"]: work.get_one(Grid, ids["A"], populate_existing=True).version}
    editing.edit_plan(work, plan, Wish("rename", ids["A"], name="先到", versions=seen))
    with pytest.raises(Conflict, match="changed_meanwhile") as clash:
        editing.edit_plan(work, plan, Wish("rename", ids["A"], name="后到", versions=seen))
    told = clash.value.facts["changed"][0]
    assert (told["grid_id"], told["current"], told["step"]) == (ids["A"], seen[ids["A"]] + 1, 1)
    assert "先到" in told["title_zh"]
    assert work.get_one(Grid, ids["A"], populate_existing=True).name == "先到"


def test_a_step_is_undone_past_later_ones_that_touch_other_grids_only(work: Session, plan: Plan) -> None:
    ids, before = ids_of(work, plan), shapes_of(work, plan)
    first = editing.edit_plan(work, plan, Wish("rename", ids["A"], name="甲"))
    second = editing.edit_plan(work, plan, Wish("rename", ids["D"], name="丁"))
    third = editing.edit_plan(work, plan, Wish("rename", ids["A"], name="甲二"))
    with pytest.raises(Conflict, match="changed_since") as refused:
        editing.undo_step(work, plan, first.step.number)
    assert [one["number"] for one in refused.value.facts["steps"]] == [third.step.number]
    editing.undo_step(work, plan, third.step.number)
    editing.undo_step(work, plan, first.step.number)
    assert shapes_of(work, plan) == before
    assert [(s.number, s.undone, s.can_undo) for s in reversed(editing.list_steps(work, plan))] == [
        (first.step.number, True, False),
        (second.step.number, False, True),
        (third.step.number, True, False),
        (4, False, True),
        (5, False, True),
    ]


def test_an_edit_breaks_the_certificate_and_the_ground_is_checked_again(work: Session, plan: Plan) -> None:
    plans.certify(work, plan)
    ids = ids_of(work, plan)
    editing.edit_plan(work, plan, Wish("split", ids["A"], drawing=line(FOUR, (-1, 0), (3, 1))))
    assert plan.certificate is None
    assert plan.checked_version == plan.ground_version
    assert plan.status == "checked"


def test_nobody_edits_what_is_not_there(work: Session, plan: Plan) -> None:
    with pytest.raises(NotFound, match="no_grid"):
        editing.edit_plan(work, plan, Wish("rename", 2**40, name="x"))
    with pytest.raises(NotFound, match="no_step"):
        editing.undo_step(work, plan, 99)
