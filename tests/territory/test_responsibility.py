"""Who is responsible for a point, on which date, and as far as we knew when."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import BadInput, Conflict
from app.models import Plan, Staff
from app.territory import plans
from app.territory.plans import PlanDraft
from app.territory.plans.duties import find_grid_by_code
from app.territory.responsibility import find_grid, list_duties, list_history
from tests.ground import Ground, lay
from tests.territory.conftest import Settle

TODAY = today()
BEGIN = TODAY - timedelta(100)
GROUND = lay("AABB\nAABB\nAABB", "....\n.M..\n....")
SEA = (123.5, 31.5)


@pytest.fixture
def in_force(work: Session, settle: Settle, people: dict[str, Staff]) -> Plan:
    """Two villages and a market, held by M1, M2 and M3 since the plan began."""
    settle(GROUND, kinds={"M": "market"})
    plan = plans.new_plan(work, PlanDraft("V1", "规划"))
    for code, manager in {"A": "M1", "B": "M2", "M": "M3"}.items():
        plans.give_duty(work, find_grid_by_code(work, plan, code), manager, valid_from=BEGIN)
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    return plans.publish(work, plan, valid_from=BEGIN, user_id=None)


def point(name: str, ground: Ground = GROUND) -> tuple[float, float]:
    """A point inside a drawn grid that no other grid holds."""
    cells = {"A": (0, 0), "B": (0, 3), "M": (1, 1)}
    return ground.point(*cells[name])


def test_a_point_has_its_grid_its_plan_and_its_people(work: Session, in_force: Plan) -> None:
    answer = find_grid(work, *point("A")).as_json()
    assert (answer["place"], answer["grid"]["code"], answer["plan"]["code"]) == ("inside", "A", "V1")
    assert (answer["manager"]["code"], answer["backup"]) == ("M1", None)
    assert answer["edge_distance_m"] == pytest.approx(47, abs=2)


def test_the_market_answers_for_its_own_ground(work: Session, in_force: Plan) -> None:
    assert find_grid(work, *point("M")).people["primary"] == {"code": "M3", "name": "经理M3", "phone": None}


def test_a_point_at_sea_is_an_answer_not_an_error(work: Session, in_force: Plan) -> None:
    answer = find_grid(work, *SEA)
    assert (answer.place, answer.grid, answer.edge_distance_m) == ("outside", None, None)
    assert "辖区之外" in answer.as_json()["message_zh"]


def test_before_the_first_plan_nobody_is_responsible(work: Session, in_force: Plan) -> None:
    assert find_grid(work, *point("A"), on=BEGIN - timedelta(1)).place == "no_plan"


def test_numbers_that_are_no_place_are_refused(work: Session) -> None:
    with pytest.raises(BadInput, match="bad_point"):
        find_grid(work, 355000.0, 3530000.0)


def test_overlaid_ground_goes_by_the_precedence_of_the_plan_and_a_dispute_names_both(
    work: Session, settle: Settle, people: dict[str, Staff]
) -> None:
    settle(GROUND, kinds={"M": "market"})
    plan = plans.new_plan(work, PlanDraft("V1", "规划", market_rule="overlay"))
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    plans.publish(work, plan, valid_from=BEGIN, user_id=None)
    answer = find_grid(work, *point("M"))
    assert (answer.place, answer.grid and answer.grid["code"], answer.contested_with) == ("inside", "M", [])
    plan.precedence = ["village", "market"]
    answer = find_grid(work, *point("M"))
    assert (answer.place, answer.grid and answer.grid["code"]) == ("inside", "A")
    plan.market_rule, plan.precedence = "cut", []
    answer = find_grid(work, *point("M"))
    assert (answer.place, answer.grid and answer.grid["code"]) == ("contested", "M")
    assert [other["code"] for other in answer.contested_with] == ["A"]


def test_after_a_handover_each_date_has_its_own_manager(work: Session, in_force: Plan) -> None:
    grid = find_grid_by_code(work, in_force, "A")
    plans.give_duty(work, grid, "M2", valid_from=TODAY, replace=True)
    assert find_grid(work, *point("A"), on=TODAY).people["primary"]["name"] == "经理M2"
    assert find_grid(work, *point("A"), on=TODAY - timedelta(1)).people["primary"]["name"] == "经理M1"


def test_what_was_known_then_can_still_be_asked(work: Session, in_force: Plan) -> None:
    grid = find_grid_by_code(work, in_force, "A")
    before = work.execute(text("SELECT clock_timestamp()")).scalar()
    plans.give_duty(work, grid, "M2", valid_from=BEGIN, replace=True)
    day = TODAY - timedelta(50)
    assert find_grid(work, *point("A"), on=day).people["primary"]["code"] == "M2"
    assert find_grid(work, *point("A"), on=day, known_at=before).people["primary"]["code"] == "M1"
    assert [known["staff_code"] for known in list_history(work, grid.id)] == ["M2", "M1"]
    assert find_grid(work, *point("A"), on=day, known_at=datetime(2020, 1, 1, tzinfo=UTC)).people == {}


def test_a_second_primary_on_one_date_is_refused_in_words(work: Session, in_force: Plan) -> None:
    grid = find_grid_by_code(work, in_force, "A")
    with pytest.raises(Conflict, match="经理M1"):
        plans.give_duty(work, grid, "M2", valid_from=TODAY)


def test_backups_and_liaisons_stand_beside_the_primary(work: Session, in_force: Plan) -> None:
    grid = find_grid_by_code(work, in_force, "A")
    plans.give_duty(work, grid, "M2", role="backup", valid_from=BEGIN)
    plans.give_duty(work, grid, "L1", role="liaison", valid_from=BEGIN)
    duties = [d for d in list_duties(work, in_force) if d["grid_code"] == "A"]
    assert [(d["role"], d["staff_code"]) for d in duties] == [
        ("primary", "M1"),
        ("backup", "M2"),
        ("liaison", "L1"),
    ]


def test_a_new_plan_ends_the_duties_of_the_former_one(work: Session, in_force: Plan) -> None:
    plans.new_plan(work, PlanDraft("V2", "规划", from_plan="V1"))
    second = plans.find_plan(work, "V2")
    plans.check_plan(work, second)
    plans.certify(work, second)
    plans.publish(work, second, valid_from=TODAY, user_id=None)
    assert list_duties(work, in_force, on=TODAY) == []
    assert len(list_duties(work, in_force, on=TODAY - timedelta(1))) == 3
    answer = find_grid(work, *point("A")).as_json()
    assert (answer["plan"]["code"], answer["manager"]["code"]) == ("V2", "M1")
