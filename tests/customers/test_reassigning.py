"""After any row of decisions and take-backs the run's counts are those of a full recount."""

import threading
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.customers import reassigning
from app.customers.assignment import LOCK, assign_customers
from app.customers.chosen import Point
from app.customers.decisions import Decision, decide_case, pin_customer
from app.customers.reassigning import reassign_customers
from app.customers.undoing import undo_batch
from app.db import Database
from app.db.connection import WORKER
from app.errors import Conflict, NotReady
from tests.customers.drawn_bank import Who, answers, enforce, put, settle
from tests.customers.test_decisions import doubt
from tests.ground import Ground, lay

GROUND = lay("AABB\nAACC", ".D..\n....", "....\n.EE.")
VILLAGES = "ABCE"
STANDS = {
    "rows": """SELECT a.customer_id, g.code, a.rung, a.method, a.reason, a.standing, a.tier, a.geom::text
        FROM assignment a LEFT JOIN grid g ON g.id = a.grid_id ORDER BY 1""",
    "grids": """SELECT g.code, existing, prospects, rungs, located_existing, strategic, key, filed, visited,
        covered_households FROM grid_count n JOIN grid g ON g.id = n.grid_id ORDER BY 1""",
    "run": """SELECT total, assigned, contested, outside, unlocated, by_method, unassigned
        FROM assignment_run WHERE current""",
}


@pytest.fixture
def bank(work: Session) -> Session:
    enforce(work, settle(work, GROUND, kinds={"D": "market"}))
    return work


def read(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    return {name: [tuple(row) for row in session.execute(text(query))] for name, query in STANDS.items()}


def people(rng: np.random.Generator, count: int) -> list[Who]:
    """Customers of every kind, some with a point in, beside or far from the ground."""
    found = []
    for number in range(count):
        rung = int(rng.integers(0, 7))
        x, y = rng.uniform(-0.4, 4.4), rng.uniform(-0.4, 2.4)
        found.append(
            Who(
                f"k{number}",
                GROUND.point(y - 0.5, x - 0.5) if 1 <= rung <= 4 else None,
                rung,
                unit=str(rng.choice(list("ABCEZ"))) if rung == 5 else None,
                standing=str(rng.choice(["existing", "prospect"])),
                tier=str(rng.choice(["regular", "key", "strategic"])),
                household=f"H{number % 9}" if number % 4 else None,
                filed=bool(number % 2),
                visited=today() if number % 3 == 0 else None,
            )
        )
    return found


def choose_at_random(rng: np.random.Generator) -> Decision:
    action = str(rng.choice(["choose", "choose", "pin", "outside", "unclear", "later"]))
    x, y = rng.uniform(-0.5, 4.5), rng.uniform(-0.5, 2.5)
    point = Point(*GROUND.point(y - 0.5, x - 0.5))
    same = action in ("choose", "outside") and bool(rng.integers(0, 3) == 0)
    return Decision(action, str(rng.choice(list(VILLAGES))), point if action == "pin" else None, same=same)


@pytest.mark.parametrize("seed", range(2))
def test_any_decisions_and_take_backs_leave_the_counts_of_a_full_run(bank: Session, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = list(put(bank, *people(rng, 60)).values())
    for number, customer_id in enumerate(ids[:40]):
        doubt(bank, customer_id, prefix=f"街{number % 12}", score=float(rng.uniform()))
    assign_customers(bank)
    batches: list[int] = []
    for _ in range(25):
        if batches and rng.integers(0, 3) == 0:
            batch = batches.pop(int(rng.integers(0, len(batches))))
            # Whom somebody has decided anew since cannot be taken back: such a batch stays.
            with suppress(Conflict):
                undo_batch(bank, batch)
            continue
        decision, pinned = choose_at_random(rng), bool(rng.integers(0, 4) == 0)
        if pinned and decision.point:
            told = pin_customer(bank, int(rng.choice(ids)), decision)
        else:
            told = decide_case(bank, int(rng.choice(ids[:40])), decision)
        batches.append(told["batch"])
    kept = read(bank)
    counts = assign_customers(bank)
    assert read(bank) == kept
    assert counts["moved"] == 0


def test_a_customer_who_came_after_the_run_joins_it(bank: Session) -> None:
    put(bank, Who("old", rung=5, unit="A"))
    assign_customers(bank)
    ids = put(bank, Who("new", rung=0))
    reassign_customers(bank, [ids["new"]])
    kept = read(bank)
    assert kept["run"][0][0] == 2
    assign_customers(bank)
    assert read(bank) == kept


def test_who_moves_is_told_and_who_comes_back_has_not_moved(bank: Session) -> None:
    ids = put(bank, Who("k", GROUND.point(0, 3)), Who("stays", rung=5, unit="A"))
    assign_customers(bank)
    told = pin_customer(bank, ids["k"], Decision("pin", point=Point(*GROUND.point(1, 3))))
    query = """SELECT f.code, t.code FROM assignment_move m LEFT JOIN grid f ON f.id = m.from_grid_id
        LEFT JOIN grid t ON t.id = m.to_grid_id"""
    assert [tuple(row) for row in bank.execute(text(query))] == [("B", "C")]
    undo_batch(bank, told["batch"])
    assert bank.execute(text(query)).all() == []


def test_without_a_run_nobody_is_assigned(bank: Session) -> None:
    ids = put(bank, Who("k", rung=5, unit="A"))
    assert reassign_customers(bank, [ids["k"]]) == {}
    assert answers(bank) == {}


def test_new_borders_are_seen_by_the_next_decision(bank: Session) -> None:
    ids = put(bank, Who("k", GROUND.point(0, 3)))
    assign_customers(bank)
    reassign_customers(bank, [ids["k"]])
    assert answers(bank)["k"][0] == "B"
    bank.execute(text("UPDATE grid SET geom = ST_Translate(geom, 1, 0) WHERE code = 'B'"))
    bank.execute(text("UPDATE plan SET ground_version = ground_version + 1"))
    reassign_customers(bank, [ids["k"]])
    assert answers(bank)["k"] == (None, "outside", "outside_every_grid")


def test_the_tiles_know_that_a_customer_was_assigned_anew(bank: Session) -> None:
    ids = put(bank, Who("k", rung=5, unit="A"))
    assign_customers(bank)
    version = "SELECT concat(id, '.', reassigned) FROM assignment_run WHERE current"
    before = bank.scalar(text(version))
    pin_customer(bank, ids["k"], Decision("pin", point=Point(*GROUND.point(0, 3))))
    assert bank.scalar(text(version)) != before


@pytest.fixture
def settled(fresh: Database, ground: Ground) -> int:
    """A committed bank of one customer with a case; his number."""
    with fresh.transaction(WORKER) as session:
        enforce(session, settle(session, ground))
        customer_id = put(session, Who("k", rung=0))["k"]
        doubt(session, customer_id)
        assign_customers(session)
    return customer_id


@pytest.fixture
def ground() -> Ground:
    return GROUND


def test_a_decision_waits_for_a_run_in_the_making_and_neither_stops_the_other(
    fresh: Database, settled: int
) -> None:
    done: list[str] = []

    def decide() -> None:
        with fresh.transaction(WORKER) as session:
            told = decide_case(session, settled, Decision("choose", code="B"))
            done.append(told["grid"]["code"])

    other = threading.Thread(target=decide)
    with fresh.transaction(WORKER) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        other.start()
        other.join(0.5)
        assert done == []
        assign_customers(session)
    other.join(20)
    assert done == ["B"]
    with fresh.transaction(WORKER) as session:
        assert answers(session) == {"k": ("B", "unit", None)}


def test_a_decision_does_not_wait_for_ever(
    fresh: Database, settled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reassigning, "WAIT_MS", 100)
    with fresh.transaction(WORKER) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        with pytest.raises(NotReady, match="assigning"), fresh.transaction(WORKER) as second:
            decide_case(second, settled, Decision("choose", code="B"))


def test_a_decision_about_who_is_being_imported_is_asked_to_come_again(
    fresh: Database, settled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reassigning, "WAIT_MS", 100)
    with fresh.transaction(WORKER) as session:
        session.execute(text("UPDATE placement SET score = 1"))
        with pytest.raises(NotReady, match="busy"), fresh.transaction(WORKER) as second:
            decide_case(second, settled, Decision("choose", code="B"))


def test_of_two_who_decide_at_once_the_second_hears_of_the_first(fresh: Database, settled: int) -> None:
    heard: list[str] = []

    def decide(code: str) -> None:
        try:
            with fresh.transaction(WORKER) as session:
                session.info["viewer"] = type(WORKER)(WORKER.db_role, ord(code))
                decide_case(session, settled, Decision("choose", code=code))
                heard.append(code)
        except Conflict as error:
            heard.append(error.code)

    threads = [threading.Thread(target=decide, args=(code,)) for code in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(heard) == 2
    assert heard[1] == "decided_meanwhile"
    with fresh.transaction(WORKER) as session:
        assert answers(session)["k"][0] == heard[0]
        assert session.scalar(text("SELECT count(*) FROM placement_step")) == 1
