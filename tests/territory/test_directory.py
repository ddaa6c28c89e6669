"""The planning directory, the counts of a plan, and larger ground joined out of grids."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models import Branch, Plan, Staff
from app.territory import plans
from app.territory.directory import list_directory
from app.territory.levels import list_level
from app.territory.organisation import import_branches, import_staff
from app.territory.outlines import find_frame, list_towns
from app.territory.plans import PlanDraft
from app.territory.plans.duties import find_grid_by_code
from app.territory.plans.timelines import load_timelines
from app.territory.responsibility import list_history
from tests.ground import lay
from tests.territory.conftest import Settle

GROUND = lay("AABB\nCCDD")
TOWNS = {"A": "301", "B": "302", "C": "301", "D": "302"}
BRANCHES = (
    "机构号,机构名称,支行类型,乡镇代码,经度,纬度\n101,城中支行,城市,301,121.2,31.9\n102,乡下支行,农村,302,,\n"
)
STAFF = (
    "工号,姓名,岗位,所属机构号,联系电话\n"
    "M1,张三,客户经理,101,13800000001\nM2,李四,客户经理,102,\nL1,王五,村级联络员,101,\n"
)
DUTIES = (
    "网格编号,单元代码,网格名称,机构号,客户经理工号,协办工号,"
    "联络员编号,生效日期\n"
    "HM-A-001,A,甲格,101,M1,M2,L1,2026-01-01\n"
    "HM-B-001,B,乙格,,M2,,,2026/1/1\n"
)


@pytest.fixture
def staffed(work: Session, settle: Settle, tmp_path: Path) -> Plan:
    """A plan of two towns whose branches, people and duties came from the bank's spreadsheets."""
    settle(GROUND, towns=TOWNS)
    for name, content in {"b": BRANCHES, "s": STAFF, "d": DUTIES}.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="gb18030")
    import_branches(work, tmp_path / "b.csv")
    import_staff(work, tmp_path / "s.csv")
    plan = plans.new_plan(work, PlanDraft("V1", "规划"))
    assert plans.import_duties(work, tmp_path / "d.csv", plan).imported == 2
    return plan


def test_the_directory_lists_every_grid_in_administrative_order(work: Session, staffed: Plan) -> None:
    rows = list_directory(work, plan=staffed)
    assert [(r.number, r.code, r.town_code, r.branch_name) for r in rows] == [
        (1, "HM-A-001", "301", "城中支行"),
        (2, "C", "301", "城中支行"),
        (3, "HM-B-001", "302", "乡下支行"),
        (4, "D", "302", "乡下支行"),
    ]
    first = rows[0]
    assert (first.name, first.unit_codes) == ("甲格", ("A",))
    assert (first.manager, first.manager_phone, first.backup, first.liaison) == (
        "张三",
        "13800000001",
        "李四",
        "王五",
    )
    assert rows[1].manager is None
    assert [row.code for row in list_directory(work, plan=staffed, branch="102")] == ["HM-B-001", "D"]


def test_the_counts_of_a_plan_agree_with_its_directory(work: Session, staffed: Plan) -> None:
    counts = plans.count_plan(work, staffed)
    rows = list_directory(work, plan=staffed)
    assert counts["grids"] == {"total": len(rows), "village": 4}
    assert (counts["managers"], counts["branches"], counts["vacant"]) == (2, 2, 2)
    assert counts["area_km2"] == pytest.approx(sum(row.area_km2 for row in rows), abs=1e-3)


def test_towns_and_branches_are_their_grids_joined_without_seams(work: Session, staffed: Plan) -> None:
    towns = {town.code: town for town in list_towns(work, staffed)}
    assert towns["301"].geom.equals(GROUND["A"].union(GROUND["C"]))
    assert {b.code: b.grids for b in list_level(work, staffed, 2)} == {"101": 2, "102": 2}
    assert list_level(work, staffed, 1)[0].geom.equals(GROUND.frame)
    assert find_frame(work).equals(find_frame(work, staffed))


def test_loading_the_same_duties_twice_changes_nothing(work: Session, staffed: Plan, tmp_path: Path) -> None:
    before = list_directory(work, plan=staffed)
    report = plans.import_duties(work, tmp_path / "d.csv", staffed)
    assert (report.imported, report.rejected) == (2, [])
    assert list_directory(work, plan=staffed) == before


def test_a_line_that_names_nobody_is_left_out_and_the_others_stand(
    work: Session, staffed: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(
        "单元代码,网格编号,机构号,客户经理工号,生效日期\nZ,,,M1,\nC,HM-A-001,,,\nC,,999,,\nC,,,M9,\nC,,,M1,soon\nD,HM-D,,M1,\n",
        encoding="utf-8",
    )
    report = plans.import_duties(work, path, staffed, valid_from=date(2026, 2, 1))
    assert [(bad.row, bad.reason) for bad in report.rejected] == [
        (2, "unknown_grid"),
        (3, "code_taken"),
        (4, "unknown_branch"),
        (5, "unknown_staff"),
        (6, "bad_date"),
    ]
    assert [r.manager for r in list_directory(work, plan=staffed) if r.code == "HM-D"] == ["张三"]


def test_a_locked_grid_gets_people_from_a_table_and_keeps_its_name_and_branch(
    work: Session, staffed: Plan, tmp_path: Path
) -> None:
    grid = find_grid_by_code(work, staffed, "C")
    grid.locked = True
    work.flush()
    stood = (grid.code, grid.name, grid.branch_id)
    path = tmp_path / "locked.csv"
    path.write_text(
        "单元代码,网格编号,机构号,客户经理工号,生效日期\nC,NEW,,M1,\nC,,101,M1,\nC,,102,M1,\nC,,,M2,\n",
        encoding="utf-8",
    )
    report = plans.import_duties(work, path, staffed, valid_from=date(2026, 2, 1))
    refused = [bad.row for bad in report.rejected if bad.reason == "locked"]
    assert len(refused) == 2
    assert 2 in refused
    work.refresh(grid)
    assert (grid.code, grid.name, grid.branch_id) == stood
    assert load_timelines(work, [grid.id])[grid.id, "primary"]


def test_two_lines_that_name_two_primaries_for_one_day_are_a_finding(
    work: Session, staffed: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "two.csv"
    path.write_text(
        "单元代码,客户经理工号,生效日期\nC,M1,2026-02-01\nC,M2,2026-02-01\nC,M1,2026-02-01\nC,M2,2026-05-01\n",
        encoding="utf-8",
    )
    report = plans.import_duties(work, path, staffed)
    assert (report.imported, [(bad.row, bad.reason) for bad in report.rejected]) == (
        3,
        [(3, "two_primaries")],
    )
    assert "第 2 行" in report.rejected[0].message
    grid = find_grid_by_code(work, staffed, "C")
    spans = load_timelines(work, [grid.id])[grid.id, "primary"]
    assert [(str(s.begins), s.ends and str(s.ends)) for s in spans] == [
        ("2026-02-01", "2026-05-01"),
        ("2026-05-01", None),
    ]
    history = len(list_history(work, grid.id))
    assert plans.import_duties(work, path, staffed).imported == 3
    assert len(list_history(work, grid.id)) == history


def test_loading_branches_and_staff_twice_updates_by_code(
    work: Session, staffed: Plan, tmp_path: Path
) -> None:
    (tmp_path / "b.csv").write_text(BRANCHES.replace("城中支行", "城东支行"), encoding="utf-8")
    import_branches(work, tmp_path / "b.csv")
    import_staff(work, tmp_path / "s.csv")
    assert [b.name for b in work.query(Branch).order_by(Branch.code)] == ["城东支行", "乡下支行"]
    assert work.query(Staff).count() == 3


def test_bad_branch_and_staff_rows_are_listed(work: Session, tmp_path: Path) -> None:
    branches, staff = tmp_path / "b.csv", tmp_path / "s.csv"
    branches.write_text(
        "编号,名称,支行类型,上级机构\n1,总行,,\n2,支行,海边,\n3,南支行,农村,9\n4,,农村,1\n", encoding="utf-8"
    )
    staff.write_text(
        "工号,姓名,岗位,机构号\nS1,甲,客户经理,1\nS2,乙,客户经理,8\nS3,丙,船长,1\n", encoding="utf-8"
    )
    report = import_branches(work, branches)
    assert [(bad.row, bad.reason) for bad in report.rejected] == [
        (3, "bad_branch_type"),
        (5, "no_branch_name"),
        (4, "unknown_superior"),
    ]
    assert [(bad.row, bad.reason) for bad in import_staff(work, staff).rejected] == [
        (3, "unknown_branch"),
        (4, "bad_staff_kind"),
    ]


def test_new_grid_codes_take_a_certificate_away(work: Session, staffed: Plan, tmp_path: Path) -> None:
    plans.check_plan(work, staffed)
    plans.certify(work, staffed)
    path = tmp_path / "codes.csv"
    path.write_text("单元代码,网格编号\nC,HM-C-009\n", encoding="utf-8")
    plans.import_duties(work, path, staffed)
    assert staffed.certificate is None
    with pytest.raises(Conflict, match="not_checked"):
        plans.certify(work, staffed)
