"""Visits: a report lands once, only for customers in sight, never from the future."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access import Person
from app.access.signing_in import person_of
from app.customers.assignment import assign_customers
from app.db.connection import WORKER, Database
from app.errors import BadInput, NotFound
from app.marketing.visits import VisitReport, count_visits, list_visits, report_visit
from app.models import AppUser, Branch, Staff
from tests.customers.drawn_bank import Who, enforce, put, settle
from tests.ground import lay

GROUND = lay("AB")
NOW = datetime.now(UTC)


class Round:
    """A committed bank of two grids; the manager holds A, with a customer in each."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction(WORKER) as session:
            plan = enforce(session, settle(session, GROUND))
            self.ids = put(session, Who("mine", GROUND.point(0, 0)), Who("foreign", GROUND.point(0, 1)))
            self.person = make_manager(session, plan.id)
            assign_customers(session)

    def report(self, customer: str | None = "mine", **facts: Any) -> dict[str, Any]:
        """Report a visit as the manager."""
        report = {"client_key": "k1", "outcome": "met", "visited_at": NOW, **facts}
        if customer is not None:
            report["customer_id"] = self.ids[customer]
        with self.database.transaction(self.person.viewer) as session:
            return report_visit(session, self.person, VisitReport(**report))

    def grid(self, code: str) -> int:
        with self.database.transaction(WORKER) as session:
            return int(session.scalar(text("SELECT id FROM grid WHERE code = :code"), {"code": code}))

    def stored(self) -> list[tuple[Any, ...]]:
        with self.database.transaction(WORKER) as session:
            return [
                tuple(row) for row in session.execute(text("SELECT outcome, note FROM visit ORDER BY id"))
            ]


def make_manager(session: Session, plan_id: int) -> Person:
    """A manager with the primary duty of grid A, signed in."""
    branch = Branch(code="101", name="城中支行", kind="branch", branch_type="urban")
    session.add(branch)
    session.flush()
    staff = Staff(code="M1", name="经理", kind="manager", branch_id=branch.id)
    session.add(staff)
    session.flush()
    user = AppUser(login="m1", name="经理", role="manager", staff_id=staff.id)
    session.add(user)
    duty = """INSERT INTO duty (grid_id, staff_id, role, valid)
        SELECT id, :staff, 'primary', daterange('2026-01-01', NULL) FROM grid
        WHERE code = 'A' AND plan_id = :plan"""
    session.execute(text(duty), {"staff": staff.id, "plan": plan_id})
    session.flush()
    return person_of(user)


@pytest.fixture
def bank(fresh: Database) -> Round:
    return Round(fresh)


def test_a_report_sent_twice_is_one_visit(bank: Round) -> None:
    first = bank.report(note="  谈了贷款  ")
    again = bank.report(note="  谈了贷款  ")
    assert (first["stored"], again["stored"]) == (True, False)
    assert first["grid_id"] == again["grid_id"]
    assert bank.stored() == [("met", "谈了贷款")]
    assert bank.report(client_key="k2", outcome="absent")["stored"]
    assert len(bank.stored()) == 2


def test_a_customer_of_another_grid_is_not_there(bank: Round) -> None:
    with pytest.raises(NotFound, match="no_customer"):
        bank.report("foreign")
    assert bank.stored() == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"visited_at": NOW + timedelta(hours=1)}, "bad_time"),
        ({"visited_at": NOW.replace(tzinfo=None)}, "bad_time"),
        ({"visited_at": NOW - timedelta(days=800)}, "bad_time"),
        ({"sent_at": NOW - timedelta(hours=1)}, "bad_time"),
        ({"outcome": "danced"}, "bad_outcome"),
        ({"outcome": "done"}, "bad_outcome"),
        ({"kind": "dance"}, "bad_kind"),
        ({"grid_id": 1}, "bad_subject"),
        ({"lon": 121.2}, "bad_position"),
        ({"lon": float("nan"), "lat": 31.9}, "bad_position"),
        ({"lon": 200.0, "lat": 31.9}, "bad_position"),
    ],
)
def test_an_impossible_report_is_refused_and_stores_nothing(
    bank: Round, facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(BadInput, match=code):
        bank.report(**facts)
    assert bank.stored() == []


def test_a_clock_a_little_fast_and_a_late_report_are_taken_and_counted(bank: Round) -> None:
    grid = bank.report(visited_at=NOW + timedelta(minutes=5), lon=121.2005, lat=31.8995, accuracy_m=12.0)
    bank.report(client_key="late", visited_at=NOW - timedelta(days=40), outcome="refused")
    with bank.database.transaction(bank.person.viewer) as session:
        visits = list_visits(session, grid["grid_id"])
        counts = count_visits(session, since=NOW - timedelta(days=1))
    assert [visit["outcome"] for visit in visits] == ["met", "refused"]
    assert (visits[0]["lon"], visits[0]["accuracy_m"]) == (121.2005, 12.0)
    assert counts == {grid["grid_id"]: {"visits": 1, "customers": 1, "met": 1}}


def test_every_report_leaves_an_audit_row(bank: Round) -> None:
    bank.report()
    with bank.database.transaction(WORKER) as session:
        rows = session.execute(text("SELECT action, user_id, customer_ids FROM audit")).all()
    assert [tuple(row) for row in rows] == [("report_visit", bank.person.user_id, [bank.ids["mine"]])]


def test_a_grid_as_a_whole_is_reported_and_anothers_is_not_there(bank: Round) -> None:
    swept = bank.report(None, grid_id=bank.grid("A"), kind="sweep", outcome="done", note="沿街 40 户")
    assert (swept["grid_id"], swept["stored"]) == (bank.grid("A"), True)
    with pytest.raises(NotFound, match="no_grid"):
        bank.report(None, client_key="k2", grid_id=bank.grid("B"), kind="sweep", outcome="done")
    with pytest.raises(BadInput, match="bad_outcome"):
        bank.report(None, client_key="k3", grid_id=bank.grid("A"), outcome="met")


@pytest.mark.parametrize("years", [-1, 1])
def test_a_clock_a_year_off_is_put_right_and_both_times_are_kept(bank: Round, years: int) -> None:
    off = timedelta(days=365 * years)
    told = bank.report(visited_at=NOW - timedelta(hours=30) + off, sent_at=datetime.now(UTC) + off)
    assert abs(told["clock_off_s"] + off.total_seconds()) < 60
    assert told["late"]
    with bank.database.transaction(WORKER) as session:
        row = session.execute(text("SELECT visited_at, phone_at FROM visit")).one()
    assert abs(row.visited_at - (NOW - timedelta(hours=30))) < timedelta(minutes=1)
    assert row.phone_at == NOW - timedelta(hours=30) + off


@pytest.mark.parametrize(
    ("place", "inside"),
    [({"lon": 121.2005, "lat": 31.8995}, True), ({"lon": 122.5, "lat": 30.1}, False), ({}, None)],
)
def test_whether_the_reporter_stood_in_his_grid_is_kept(
    bank: Round, place: dict[str, float], inside: bool | None
) -> None:
    assert bank.report(**place)["inside_grid"] is inside
