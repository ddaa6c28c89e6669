"""The bill of a change of ground: exactly who moves, from whom to whom, and who nobody can tell."""

from datetime import date
from typing import Any

import pytest
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import assign_customers
from app.customers.bills import bill_moves
from app.models import Branch, Grid, Plan, Staff
from app.territory.plans import PlanDraft, give_duty, new_plan
from tests.conftest import DemoBank
from tests.customers.drawn_bank import Who, enforce, put, settle
from tests.ground import Ground, lay


@pytest.fixture
def ground() -> Ground:
    """Villages A, B, C and a market D over A."""
    return lay("AABB\nAACC", ".D..\n....")


@pytest.fixture
def bank(work: Session, ground: Ground) -> Session:
    """The drawn ground in force, A and B held by two managers, five customers, and a draft `V2` of it."""
    plan = enforce(work, settle(work, ground, kinds={"D": "market"}))
    branch = Branch(code="101", name="城中支行", kind="branch")
    work.add(branch)
    work.flush()
    work.add_all(
        Staff(code=code, name=f"经理{code}", kind="manager", branch_id=branch.id) for code in ("M1", "M2")
    )
    work.flush()
    for code, manager in (("A", "M1"), ("B", "M2")):
        give_duty(work, grid_of(work, plan, code), manager, valid_from=date(2026, 1, 1))
    ids = put(
        work,
        Who("west", ground.point(1, 0), household="H1", tier="strategic"),
        Who("wife", ground.point(1, 0.1), household="H1", standing="prospect"),
        Who("middle", ground.point(1, 1), household="H2"),
        Who("market", ground.point(0, 1)),
        Who("village", unit="A", rung=5, household="H3", tier="key"),
    )
    work.execute(
        text("UPDATE customer SET deposit_yuan = 1000.5, loan_yuan = 200 WHERE id = ANY(:ids)"),
        {"ids": list(ids.values())},
    )
    assign_customers(work)
    new_plan(work, PlanDraft("V2", "草案", from_plan="V1"))
    return work


def grid_of(session: Session, plan: Plan, code: str) -> Grid:
    return session.query(Grid).filter_by(plan_id=plan.id, code=code).one()


def bill(session: Session, *moves: tuple[str | None, str | None, BaseGeometry]) -> dict[str, Any]:
    """The bill of moves between grids of the draft, by their codes."""
    plan = session.query(Plan).filter_by(code="V2").one()
    ids = {code: grid_of(session, plan, code).id for move in moves for code in move[:2] if code}
    return bill_moves(
        session, plan, [(ids.get(a or ""), ids.get(b or ""), shape) for a, b, shape in moves]
    ).as_json()


def test_who_has_a_point_in_the_ground_moves_with_his_household_and_balances(
    bank: Session, ground: Ground
) -> None:
    billed = bill(bank, ("A", "B", ground.square(1, 0)))
    assert (billed["customers"], billed["existing"], billed["prospects"], billed["households"]) == (
        2,
        1,
        1,
        1,
    )
    assert (billed["deposit_yuan"], billed["loan_yuan"]) == (2001.0, 400.0)
    assert billed["key_clients"] == [{"name": "王****", "tier": "strategic"}]
    assert billed["managers"] == [
        {"from_code": "M1", "from": "经理M1", "to_code": "M2", "to": "经理M2", "customers": 2}
    ]
    assert billed["letters"] == 2
    assert billed["unplaced"] == 1, "of who is known by his village only, nobody can say whether he moves"
    assert billed["area_m2"] == pytest.approx(10_500, rel=0.02)


def test_who_is_known_by_his_village_only_moves_when_all_of_it_moves(bank: Session, ground: Ground) -> None:
    billed = bill(bank, ("A", "B", ground["A"]))
    assert (billed["by_unit"], billed["unplaced"], billed["key_count"]) == (1, 0, 2)
    pieces = [ground.square(0, 0), ground.square(1, 0), ground.square(0, 1), ground.square(1, 1)]
    assert bill(bank, *(("A", "B", piece) for piece in pieces))["by_unit"] == 1, "in four pieces as in one"
    split = bill(bank, *(("A", to, piece) for to, piece in zip("BBCC", pieces, strict=True)))
    assert (split["by_unit"], split["unplaced"]) == (0, 1)


def test_ground_that_goes_twice_moves_its_people_once(bank: Session, ground: Ground) -> None:
    """Two grids of the plan to come overlap there."""
    both = bill(bank, ("A", "B", ground["A"]), ("A", "C", ground["A"]))
    once = bill(bank, ("A", "B", ground["A"]))
    assert (both["customers"], both["households"]) == (once["customers"], once["households"]) == (4, 3)
    twice = bill(bank, ("A", "B", ground.square(1, 0)), ("A", "C", ground.square(1, 0)))
    assert twice["customers"] == 2


def test_on_contested_ground_he_moves_who_stands_with_the_loser(bank: Session, ground: Ground) -> None:
    """The market lies over A: who is the market's already does not move when A gives that ground up."""
    assert bill(bank, ("A", "D", ground.square(0, 1)))["customers"] == 0
    assert bill(bank, ("D", "A", ground.square(0, 1)))["customers"] == 1


def test_a_point_on_the_edge_of_two_pieces_is_counted_once(bank: Session, ground: Ground) -> None:
    put(bank, Who("edge", ground.point(1, 0.5)))
    assign_customers(bank)
    both = bill(bank, ("A", "B", ground.square(1, 0)), ("A", "C", ground.square(1, 1)))
    assert both["customers"] == 4


def test_ground_of_nobody_and_ground_without_people_have_a_bill_too(bank: Session, ground: Ground) -> None:
    empty = bill(bank, ("B", None, ground.square(0, 3)))
    assert (empty["customers"], empty["deposit_yuan"], empty["letters"]) == (0, 0.0, 1)
    assert empty["managers"] == [
        {"from_code": "M2", "from": "经理M2", "to_code": None, "to": None, "customers": 0}
    ]
    assert bill(bank)["customers"] == 0


def test_the_key_clients_named_stand_in_the_audit(bank: Session, ground: Ground) -> None:
    bill(bank, ("A", "B", ground.square(1, 0)))
    seen = bank.execute(text("SELECT subject, customer_ids FROM audit WHERE action = 'see_bill'")).one()
    west = bank.execute(text("SELECT id FROM customer WHERE source_key = 'west'")).scalar_one()
    assert tuple(seen) == ("V2", [west])


def test_a_viewer_s_bill_holds_only_whom_he_sees(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(demo_bank.viewer("head")) as session:
        plan = session.query(Plan).filter_by(code="V1").one()
        moves = [
            (grid.id, None, to_shape(grid.geom)) for grid in session.query(Grid).filter_by(plan_id=plan.id)
        ]
    bills = {}
    for role in ("head", "branch_head", "manager", "analyst"):
        with demo_bank.database.transaction(demo_bank.viewer(role)) as session:
            bills[role] = bill_moves(session, plan, moves)
            session.rollback()
    head, branch, manager = (bills[role].customers for role in ("head", "branch_head", "manager"))
    assert head is not None
    assert branch is not None
    assert manager is not None
    assert head > branch > manager > 0
    assert bills["analyst"].customers is None
    assert bills["analyst"].key_clients == []
