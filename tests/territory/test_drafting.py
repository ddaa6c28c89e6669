"""Drafts from units one by one, in groups, by code range and by rule, by hand, and from the plan in force."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import BadInput, Conflict, RefusedFile
from app.models import Branch, Grid, Plan
from app.territory import plans
from app.territory.plans import CodeRange, PlanDraft, UnitGroup
from app.territory.plans.grouping import read_code_range
from tests.ground import lay
from tests.territory.conftest import Lay, Settle, shapes_of

TOWNS = {"A": "320614101", "B": "320614101", "C": "320614102", "D": "320614102"}


def units_of(work: Session, plan: Plan) -> dict[str, list[str]]:
    """The units of each grid."""
    return {grid.code: grid.unit_codes for grid in work.query(Grid).filter_by(plan_id=plan.id)}


@pytest.fixture
def towns(work: Session, settle: Settle) -> None:
    """Four villages in two towns and a market in the first; the first town has one branch."""
    settle(
        lay("AABB\nAABB\nCCDD", "....\n.MM.\n...."), kinds={"M": "market"}, towns={**TOWNS, "M": "320614101"}
    )
    work.add(Branch(code="101", name="东支行", kind="branch", town_code="320614101"))
    work.flush()


@pytest.mark.usefixtures("towns")
@pytest.mark.parametrize(
    ("facts", "grids"),
    [
        ({}, {"A": ["A"], "B": ["B"], "C": ["C"], "D": ["D"], "M": ["M"]}),
        ({"rule": "town"}, {"320614101": ["A", "B"], "320614102": ["C", "D"], "M": ["M"]}),
        ({"rule": "branch"}, {"101": ["A", "B"], "C": ["C"], "D": ["D"], "M": ["M"]}),
        ({"rule": "kind"}, {"320614101-village": ["A", "B"], "320614102-village": ["C", "D"], "M": ["M"]}),
        ({"code_range": CodeRange(first="B", last="C")}, {"B": ["B"], "C": ["C"]}),
        ({"code_range": CodeRange(prefix="A")}, {"A": ["A"]}),
        (
            {"groups": (UnitGroup("G1", "南片", ("C", "D")), UnitGroup("G2", "", ("A..B",)))},
            {"G1": ["C", "D"], "G2": ["A", "B"], "M": ["M"]},
        ),
        ({"empty": True}, {}),
    ],
)
def test_units_become_grids_as_the_draft_says(
    work: Session, facts: dict[str, Any], grids: dict[str, list[str]]
) -> None:
    plan, _ = plans.draft_plan(work, PlanDraft("V1", "规划", **facts))
    assert units_of(work, plan) == grids


@pytest.mark.usefixtures("towns")
def test_a_grid_of_several_units_is_one_piece_without_seam_and_the_market_is_cut_out(work: Session) -> None:
    plan, report = plans.draft_plan(work, PlanDraft("V1", "规划", rule="town"))
    assert plans.check_plan(work, plan).counts == {}
    town = shapes_of(work, plan)["320614101"]
    assert (len(town.geoms), len(town.geoms[0].interiors)) == (1, 0), "the market reaches its edge"
    assert work.query(Grid).filter_by(plan_id=plan.id, code="320614101").one().branch_id is not None
    assert report.as_json()["units"] == 5


@pytest.mark.usefixtures("towns")
def test_units_unknown_or_named_twice_are_told_and_the_rest_stays_alone(work: Session) -> None:
    groups = (UnitGroup("G1", "一片", ("A", "X")), UnitGroup("G2", "二片", ("A", "B")))
    plan, report = plans.draft_plan(work, PlanDraft("V1", "规划", groups=groups))
    assert units_of(work, plan) == {"G1": ["A"], "G2": ["B"], "C": ["C"], "D": ["D"], "M": ["M"]}
    assert (report.unknown_units, report.twice) == (["X"], ["A"])
    assert (report.grouped, report.alone) == (2, 3)
    assert not report.clean


@pytest.mark.usefixtures("towns")
def test_where_a_town_has_no_single_branch_the_units_are_named(work: Session) -> None:
    _, report = plans.draft_plan(work, PlanDraft("V1", "规划", rule="branch"))
    assert report.no_branch == ["C", "D"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_groups_come_from_a_table_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "分组.csv"
    lines = "单元代码,网格编号,网格名称\nA,G1,南片\nB|C,G1,\nD,,无\nE..F,G2,北片\n"
    file.write_bytes(lines.encode(encoding))
    groups, rejected = plans.read_groups(file)
    assert groups == [UnitGroup("G1", "南片", ("A", "B", "C")), UnitGroup("G2", "北片", ("E..F",))]
    assert [(line.row, line.reason) for line in rejected] == [(4, "missing_cell")]


def test_a_table_without_grid_codes_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "groups.csv"
    file.write_text("单元代码,名字\nA,南片\n", encoding="utf-8")
    with pytest.raises(RefusedFile):
        plans.read_groups(file)


def test_a_code_range_holds_both_its_ends_and_what_begins_like_its_end() -> None:
    towns = read_code_range("320614101..320614103")
    inside = ["320614101001", "320614103999", "320614102"]
    assert [code for code in [*inside, "320614104001", "320614100"] if towns.holds(code)] == inside
    assert read_code_range("3206*") == CodeRange(prefix="3206") == read_code_range(" 3206 ")


@pytest.mark.usefixtures("towns")
def test_drafts_stand_side_by_side_and_are_renamed_and_deleted_alone(work: Session) -> None:
    first = plans.new_plan(work, PlanDraft("V1", "一"))
    second = plans.new_plan(work, PlanDraft("V2", "二", from_plan="V1"))
    assert (second.base_plan_id, units_of(work, second)) == (first.id, units_of(work, first))
    plans.rename_plan(work, second, " 三 ")
    assert [plan["name"] for plan in plans.list_plans(work)] == ["三", "一"]
    assert plans.list_plans(work)[0]["base_plan"] == "V1"
    plans.delete_plan(work, second)
    assert [plan["code"] for plan in plans.list_plans(work)] == ["V1"]
    with pytest.raises(BadInput, match="no_name"):
        plans.rename_plan(work, first, "  ")


@pytest.mark.usefixtures("towns")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"rule": "moon"}, "bad_rule"),
        ({"market_rule": "ignore"}, "bad_market_rule"),
        ({"precedence": ("market", "castle")}, "bad_precedence"),
        ({"code_range": CodeRange(prefix="9")}, "no_units"),
        ({"groups": (UnitGroup("G", "", ("X",)),)}, "no_units"),
        ({"import_ids": (999_999,)}, "no_units"),
    ],
)
def test_a_draft_of_nothing_or_by_an_unknown_rule_is_refused(
    work: Session, facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadInput, match=code):
        plans.new_plan(work, PlanDraft("V1", "规划", **facts))


def test_a_copy_of_the_plan_in_force_is_asked_for_by_that_word(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABB"))
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    plans.publish(work, plan, valid_from=today(), user_id=None)
    draft = plans.new_plan(work, PlanDraft("V2", "草案", from_plan="in_force"))
    assert draft.base_plan_id == plan.id
    with pytest.raises(Conflict, match="plan_closed"):
        plans.delete_plan(work, plan)
    with pytest.raises(Conflict, match="plan_exists"):
        plans.new_plan(work, PlanDraft("in_force", "草案"))


def test_of_two_markets_that_cross_the_one_that_the_precedence_names_first_keeps(
    work: Session, settle: Settle
) -> None:
    settle(
        lay("AAAA\nAAAA", ".MM.\n....", "..PP\n..PP"),
        kinds={"M": "market", "P": "park"},
    )
    first = plans.new_plan(work, PlanDraft("V1", "规划", precedence=("park", "market")))
    second = plans.new_plan(work, PlanDraft("V2", "规划", precedence=("market", "park")))
    cell = shapes_of(work, second)["M"].area / 2
    assert shapes_of(work, first)["M"].area == pytest.approx(cell)
    assert shapes_of(work, second)["P"].area == pytest.approx(3 * cell)
