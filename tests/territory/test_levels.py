"""Level 1 and 2 are joined of level 3: the same ground once, with borders that neighbours share."""

from collections.abc import Mapping

import numpy as np
import pytest
import shapely
from sqlalchemy.orm import Session

from app.errors import BadInput
from app.models import Branch, Grid, Plan
from app.spatial.crs import area_m2
from app.spatial.topology import find_faults
from app.territory import plans
from app.territory.levels import list_level
from app.territory.plans.covering import measure_covered
from app.territory.plans.listing import load_grids, touch_ground
from tests.conftest import DemoBank
from tests.ground import Ground, lay
from tests.territory.conftest import Lay

FIELDS = {
    "villages": (lay("AABBCC\nAABBCC\nDDDBEE"), {}),
    "a market over two villages": (lay("AABB\nAABB", "....\n.MM."), {"M": "market"}),
    "a market over a market": (lay("AAAA\nAAAA", ".MM.\n....", "..NN\n...."), {"M": "market", "N": "market"}),
    "a market in a park": (lay("AAAA\nAAAA", "PPP.\nPPP.", ".M..\n...."), {"M": "market", "P": "park"}),
    "a market beyond its village": (lay("AAB.\nAAB.", "..MM\n...."), {"M": "market"}),
}


def give_branches(work: Session, plan: Plan, letters: Mapping[str, str]) -> None:
    """Give each grid, by its letter, to a branch of that number; others stay without one."""
    codes = set(letters.values())
    branches = {code: Branch(code=code, name=f"{code}支行", kind="branch") for code in codes}
    work.add_all(branches.values())
    work.flush()
    for grid in work.query(Grid).filter_by(plan_id=plan.id):
        grid.branch_id = branches[letters[grid.code]].id if grid.code in letters else None
    work.flush()


def covered_m2(ground: Ground) -> float:
    return float(area_m2(np.array([shapely.union_all(ground.polygons)], dtype=object))[0])


@pytest.mark.parametrize("rule", ["cut", "overlay"])
@pytest.mark.parametrize("field", FIELDS)
def test_both_levels_cover_the_ground_of_level_three_once_whatever_the_market_rule(
    work: Session, lay_plan: Lay, field: str, rule: str
) -> None:
    ground, kinds = FIELDS[field]
    plan = lay_plan(ground, kinds=kinds, rule=rule)
    give_branches(work, plan, {"A": "1", "B": "2", "M": "3", "C": "1", "E": "2"})
    truth = covered_m2(ground)
    assert measure_covered(plan, load_grids(work, plan)) == pytest.approx(truth, rel=1e-6)
    assert plans.count_plan(work, plan)["area_km2"] == pytest.approx(truth / 1e6, rel=1e-3)
    bank, branches = list_level(work, plan, 1), list_level(work, plan, 2)
    assert [one.code for one in bank] == ["V1"]
    assert bank[0].area_m2 == pytest.approx(truth, rel=1e-6)
    assert sum(one.area_m2 for one in branches) == pytest.approx(truth, rel=1e-6)
    assert sum(one.grids for one in branches) == bank[0].grids == len(ground.names)
    shapes = np.array([one.geom for one in branches], dtype=object)
    assert find_faults(shapes, frame=shapely.union_all(ground.polygons)) == [], "no overlap, no gap"


def test_overlaid_ground_belongs_to_the_branch_of_the_kind_that_stands_first(
    work: Session, lay_plan: Lay
) -> None:
    ground = lay("AAAA\nAAAA", ".M..\n....")
    plan = lay_plan(ground, kinds={"M": "market"}, rule="overlay")
    give_branches(work, plan, {"A": "1", "M": "2"})
    cell = covered_m2(ground) / 8
    assert [round(one.area_m2 / cell) for one in list_level(work, plan, 2)] == [7, 1]
    plan.precedence = ["village", "market"]
    touch_ground(work, plan)
    assert [(one.code, round(one.area_m2 / cell)) for one in list_level(work, plan, 2)] == [("1", 8)]


def test_a_level_is_never_older_than_its_grids(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABB"))
    assert [(one.code, one.grids) for one in list_level(work, plan, 2)] == [("", 2)]
    give_branches(work, plan, {"A": "1"})
    assert [(one.code, one.grids) for one in list_level(work, plan, 2)] == [("1", 1), ("", 1)]
    work.delete(work.query(Grid).filter_by(plan_id=plan.id, code="B").one())
    touch_ground(work, plan)
    assert [(one.code, one.grids) for one in list_level(work, plan, 2)] == [("1", 1)]
    with pytest.raises(BadInput, match="unknown_plan_level"):
        list_level(work, plan, 3)


def test_the_demo_s_branches_share_every_vertex_of_their_borders_and_fill_the_frame(
    demo_bank: DemoBank,
) -> None:
    head = demo_bank.client("head")
    bank = head.get("/api/v1/plans/V1/levels/1").json()
    branches = head.get("/api/v1/plans/V1/levels/2").json()
    assert bank["grids"] == branches["grids"] == 310
    assert branches["area_km2"] == pytest.approx(bank["area_km2"], rel=1e-9)
    assert branches["area_km2"] == pytest.approx(
        head.get("/api/v1/plans/V1/certificate").json()["certificate"]["frame_km2"], rel=1e-6
    )
    shapes = [shapely.geometry.shape(one["geometry"]) for one in branches["features"]]
    assert find_faults(shapes) == []
    assert shapely.coverage_is_valid(np.array(shapes, dtype=object))
    mine = demo_bank.client("branch_head").get("/api/v1/plans/V1/levels/2").json()
    assert 0 < mine["grids"] < 310
    assert mine["area_km2"] < branches["area_km2"]
