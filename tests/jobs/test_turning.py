"""A plan begins on its day by itself: the plan before it retires, and customers follow to its grids."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.customers.accountability import tell_of_customer
from app.customers.assignment import assign_customers
from app.customers.chosen import Point
from app.customers.counts import list_counts
from app.customers.decisions import Decision, pin_customer
from app.customers.moving import follow_plan
from app.customers.reversal import undo_run
from app.customers.undoing import undo_batch
from app.db import fetch_one
from app.jobs.turning import turn_plans
from app.models import Grid, Job, Plan
from app.territory import plans
from app.territory.accountability import Moment
from tests.customers.drawn_bank import Who, enforce, put, settle
from tests.ground import lay
from tests.marketing.test_visits import make_manager

TODAY = today()


@pytest.fixture
def turning(work: Session) -> tuple[Plan, Plan]:
    """V1 in force with a customer in it; V2, whose first day was put to come, then made today."""
    ground = lay("AABB")
    first = enforce(work, settle(work, ground))
    put(work, Who("a", ground.point(0, 0)))
    assign_customers(work)
    second = plans.new_plan(work, plans.PlanDraft("V2", "二", from_plan="V1"))
    plans.check_plan(work, second)
    plans.certify(work, second)
    plans.publish(work, second, valid_from=TODAY + timedelta(3), user_id=None)
    return first, second


def let_days_pass(work: Session) -> None:
    """Three days later, as far as dates of plans go."""
    for code, span in (
        ("V1", "daterange('2026-01-01', current_date)"),
        ("V2", "daterange(current_date, NULL)"),
    ):
        work.execute(text(f"UPDATE plan SET valid = {span} WHERE code = :code"), {"code": code})
    work.expire_all()


def test_before_its_day_nothing_turns(work: Session, turning: tuple[Plan, Plan]) -> None:
    assert turn_plans(work) is None
    assert fetch_one(work, "customers/find_stale_run") is None
    assert turning[0].status == "in_force"


def test_on_its_day_customers_are_assigned_to_its_grids_once(
    work: Session, turning: tuple[Plan, Plan]
) -> None:
    let_days_pass(work)
    assert plans.find_plan_on(work) is turning[1]
    assert fetch_one(work, "customers/find_stale_run") is not None
    job = turn_plans(work)
    assert job is not None
    assert work.get_one(Job, job).kind == "assign"
    assert work.scalar(text("SELECT status FROM plan WHERE code = 'V1'")) == "retired"
    assert turn_plans(work) is None, "it is on its way already"
    work.get_one(Job, job).status = "done"
    assign_customers(work)
    assert turn_plans(work) is None
    grids = "SELECT p.code FROM assignment a JOIN grid g ON g.id = a.grid_id JOIN plan p ON p.id = g.plan_id"
    assert work.scalars(text(grids)).all() == ["V2"]


def test_a_turn_that_somebody_took_back_stays_taken_back(work: Session, turning: tuple[Plan, Plan]) -> None:
    before = work.execute(text("SELECT * FROM assignment_row")).all()
    let_days_pass(work)
    run = follow_plan(work)["run"]
    assert turn_plans(work) is None
    undo_run(work, run)
    assert work.execute(text("SELECT * FROM assignment_row")).all() == before
    assert turn_plans(work) is None
    assert fetch_one(work, "customers/find_stale_run") is not None, "customers stand on other ground"


@pytest.mark.parametrize("taken_back", [False, True])
def test_who_holds_a_grid_today_sees_its_customers_before_they_follow_and_after_they_were_taken_back(
    work: Session, turning: tuple[Plan, Plan], taken_back: bool
) -> None:
    let_days_pass(work)
    manager = make_manager(work, turning[1].id)
    if taken_back:
        undo_run(work, follow_plan(work)["run"])
    seen = """SELECT g.plan_id, g.code, n.existing FROM assignment a JOIN customer c ON c.id = a.customer_id
        JOIN grid g ON g.id = a.grid_id JOIN grid_count n ON n.grid_id = g.id"""
    held = [(turning[1].id, "A", 1)]
    assert work.execute(text(seen)).all() == held
    [customer] = work.scalars(text("SELECT id FROM customer")).all()
    told = tell_of_customer(work, customer, moment=Moment(TODAY)).as_json()
    assert (told["grid"]["code"], told["plan"]["code"]) == ("A", "V2")
    assert "assignment" in {why["code"] for why in told["why"]}
    assert [row["existing"] for row in list_counts(work, "grid")["counts"]] == [1, 0]
    there = Decision("pin", point=Point(*lay("AABB").point(0, 2)))
    pinned = pin_customer(work, customer, there)
    assert (pinned["grid"]["code"], pinned["moved_from"]["code"]) == ("B", "A")
    assert work.get_one(Grid, pinned["grid"]["id"]).plan_id == turning[1].id
    undo_batch(work, pinned["batch"])
    work.execute(text("SET LOCAL ROLE getu_scoped"))
    work.execute(text("SELECT set_config('getu.user_id', :id, true)"), {"id": str(manager.user_id)})
    assert work.execute(text(seen)).all() == held


def test_a_turn_that_failed_is_not_tried_again_within_the_hour(
    work: Session, turning: tuple[Plan, Plan]
) -> None:
    let_days_pass(work)
    # What somebody asked for by hand and mistyped is no turn.
    work.add(Job(kind="assign", args={"plan": "NONE"}, status="failed"))
    job = turn_plans(work)
    assert job is not None
    work.get_one(Job, job).status = "failed"
    work.flush()
    assert turn_plans(work) is None
    work.execute(text("UPDATE job SET created_at = now() - interval '2 hours'"))
    assert turn_plans(work) is not None
