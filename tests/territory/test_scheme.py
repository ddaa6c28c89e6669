"""Posts, contact branches, checklists, letters and problems beside a plan."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import BadInput, Conflict, GetuError, NotFound
from app.models import Branch, Grid, Plan, Staff
from app.territory import plans, scheme
from app.territory.plans.duties import find_grid_by_code
from app.territory.scheme import NewProblem
from tests.ground import lay
from tests.territory.conftest import Lay

TODAY = today()
YESTERDAY, TOMORROW = TODAY - timedelta(1), TODAY + timedelta(1)


@pytest.fixture
def plan(work: Session, lay_plan: Lay, people: dict[str, Staff]) -> Plan:
    """Two villages of the branch 101: A is held by M1, B by nobody; head office has two departments."""
    drawn = lay_plan(lay("AABB"))
    branch = work.query(Branch).filter_by(code="101").one()
    house = Branch(code="000", name="总行", kind="head_office")
    work.add(house)
    work.flush()
    for code, kind, at in (
        ("H1", "branch_head", branch),
        ("D1", "department", house),
        ("D2", "department", house),
    ):
        work.add(Staff(code=code, name=f"人{code}", kind=kind, branch_id=at.id))
    work.query(Grid).filter_by(plan_id=drawn.id).update({"branch_id": branch.id})
    work.flush()
    plans.give_duty(work, find_grid_by_code(work, drawn, "A"), "M1", valid_from=YESTERDAY)
    return drawn


def grid_id(work: Session, plan: Plan, code: str) -> int:
    return find_grid_by_code(work, plan, code).id


def test_the_four_posts_follow_from_the_organisation(work: Session, plan: Plan) -> None:
    scheme.set_contact(work, "101", "D1", valid_from=YESTERDAY)
    a, b = grid_id(work, plan, "A"), grid_id(work, plan, "B")
    posts = scheme.list_posts_of(work, [a, b])
    assert {post: who["code"] for post, who in posts[a].items()} == {
        "manages": "H1", "answers": "M1", "does": "M1", "supervises": "D1",
    }  # fmt: skip
    assert (posts[b]["answers"], posts[b]["manages"]["code"]) == (None, "H1")


def test_a_post_named_by_hand_stands_until_it_is_given_back(work: Session, plan: Plan) -> None:
    a = grid_id(work, plan, "A")
    named = scheme.set_posts(work, a, {"does": "L1", "supervises": "D2"})
    assert (named["does"]["code"], named["does"]["by_hand"]) == ("L1", True)
    assert (named["supervises"]["code"], named["answers"]["code"]) == ("D2", "M1")
    assert scheme.set_posts(work, a, {"does": None})["does"] == {
        "code": "M1",
        "name": "经理M1",
        "by_hand": False,
    }
    with pytest.raises(BadInput, match="bad_post"):
        scheme.set_posts(work, a, {"king": "M1"})
    with pytest.raises(NotFound, match="no_staff"):
        scheme.set_posts(work, a, {"does": "X9"})


def test_a_branch_has_one_contact_on_any_date_and_the_former_days_keep_theirs(
    work: Session, plan: Plan
) -> None:
    scheme.set_contact(work, "101", "D1", valid_from=YESTERDAY)
    scheme.set_contact(work, "101", "D1", valid_from=TODAY)
    scheme.set_contact(work, "101", "D2", valid_from=TOMORROW)

    def on(day: date) -> str | None:
        return next(
            row["staff_code"] for row in scheme.list_contacts(work, on=day) if row["branch_code"] == "101"
        )

    days = (YESTERDAY - timedelta(1), YESTERDAY, TODAY, TOMORROW)
    assert [on(day) for day in days] == [None, "D1", "D1", "D2"]
    with pytest.raises(Conflict, match="later_contact"):
        scheme.set_contact(work, "101", "D1", valid_from=TODAY)
    with pytest.raises(BadInput, match="not_a_department"):
        scheme.set_contact(work, "101", "M1")
    scheme.set_contact(work, "101", None, valid_from=TOMORROW + timedelta(1))
    assert on(TOMORROW + timedelta(1)) is None


def test_a_table_of_contacts_leaves_out_what_it_cannot_use(work: Session, plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("机构号,工号,开始日期\n101,D1,2026-01-01\n101,M1,\n999,D1,\n101,,\n", encoding="gb18030")
    report = scheme.import_contacts(work, path)
    assert report.imported == 1
    assert [(bad.row, bad.reason) for bad in report.rejected] == [
        (3, "not_a_department"), (4, "no_branch"), (5, "empty_cell"),
    ]  # fmt: skip
    assert scheme.import_contacts(work, path).imported == 1


def test_a_grid_is_green_when_drawn_held_and_signed(work: Session, plan: Plan) -> None:
    def lights() -> dict[str, str]:
        return {grid["code"]: grid["light"] for grid in scheme.list_lights(work, plan)["grids"]}

    assert lights() == {"A": "amber", "B": "red"}
    assert scheme.sign_letters(work, plan, ["M1"], signed_on=TODAY, user_id=None) == 1
    assert scheme.sign_letters(work, plan, ["M1", "M1"], signed_on=YESTERDAY, user_id=None) == 1
    assert lights() == {"A": "green", "B": "red"}
    work.execute(
        text("""INSERT INTO finding (plan_id, kind, severity, grid_ids, geom, area_m2, width_m)
            SELECT plan_id, 'overlap', 'must_fix', ARRAY[id], geom, 1, 1 FROM grid WHERE id = :id"""),
        {"id": grid_id(work, plan, "A")},
    )
    assert lights() == {"A": "red", "B": "red"}
    with pytest.raises(BadInput, match="not_yet"):
        scheme.sign_letters(work, plan, ["M1"], signed_on=TOMORROW, user_id=None)
    with pytest.raises(NotFound, match="X9"):
        scheme.sign_letters(work, plan, ["M1", "X9"], signed_on=TODAY, user_id=None)


def test_a_checklist_is_written_anew_as_a_whole(work: Session) -> None:
    assert [rule["number"] for rule in scheme.list_rules(work, kind="village")] == [1, 2, 3]
    written = scheme.set_rules(
        work, "village", [{"zh": " 走访 ", "every": "week"}, {"zh": "核对", "every": "month"}]
    )
    assert [(rule["number"], rule["zh"], rule["every_zh"]) for rule in written] == [
        (1, "走访", "每周"),
        (2, "核对", "每月"),
    ]
    with pytest.raises(BadInput) as caught:
        scheme.set_rules(work, "village", [{"zh": "走访", "every": "week"}, {"zh": "", "every": "week"}])
    assert caught.value.facts["number"] == 2
    assert len(scheme.list_rules(work, kind="village")) == 2
    with pytest.raises(BadInput, match="bad_kind"):
        scheme.set_rules(work, "castle", [])


def test_a_problem_is_put_right_by_one_and_closed_by_another(work: Session, plan: Plan) -> None:
    a = grid_id(work, plan, "A")
    problem = scheme.open_problem(
        work, NewProblem(a, "联络员空缺", TODAY, lon=121.2, lat=31.9, staff="M1"), user_id=1
    )
    (row,) = scheme.list_problems(work, state="open")
    assert (row["id"], row["grid_code"], row["staff"], row["late"], row["pinned"]) == (
        problem,
        "A",
        "经理M1",
        False,
        True,
    )
    refused: list[tuple[str, str | None, int, str]] = [
        ("close", None, 2, "wrong_state"), ("done", " ", 2, "no_note"),
    ]  # fmt: skip
    for answer, note, user, code in refused:
        with pytest.raises(GetuError, match=code):
            scheme.answer_problem(work, problem, answer, note=note, user_id=user)  # type: ignore[arg-type]
    assert scheme.answer_problem(work, problem, "done", note="已补聘", user_id=2) == "done"
    with pytest.raises(Conflict, match="two_people"):
        scheme.answer_problem(work, problem, "close", note=None, user_id=2)
    assert scheme.answer_problem(work, problem, "close", note=None, user_id=1) == "closed"
    assert scheme.answer_problem(work, problem, "reopen", note=None, user_id=1) == "open"


def test_a_problem_whose_day_has_passed_is_late(work: Session, plan: Plan) -> None:
    a = grid_id(work, plan, "A")
    problem = scheme.open_problem(work, NewProblem(a, "界牌缺失", TODAY), user_id=None)
    work.execute(text("UPDATE problem SET due_on = due_on - 1"))
    assert [row["id"] for row in scheme.list_problems(work, overdue=True)] == [problem]
    for new, code in (
        (NewProblem(a, "x", YESTERDAY), "past_due"),
        (NewProblem(a, " ", TODAY), "no_title"),
        (NewProblem(a, "x", TODAY, lon=121.2), "half_a_point"),
        (NewProblem(-1, "x", TODAY), "no_grid"),
    ):
        with pytest.raises(GetuError, match=code):
            scheme.open_problem(work, new, user_id=None)
