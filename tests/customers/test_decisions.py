"""Decisions by hand on drawn ground: each does what it says, whole, and can be taken back byte for byte."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import assign_customers
from app.customers.chosen import Point
from app.customers.decisions import Decision, decide_case, pin_customer
from app.customers.undoing import undo_batch
from app.errors import BadInput, Conflict, NeedsAnswer, NotFound
from tests.customers.drawn_bank import Who, answers, enforce, put, settle
from tests.ground import Ground, lay

CASE = """INSERT INTO placement_case (customer_id, kind, score, prefix, town_code, answer, detail)
VALUES (:id, :kind, :score, :prefix, NULL, '{"candidates": []}', CAST(:detail AS jsonb))"""
TABLES = {
    "placement": "SELECT *, ST_AsEWKB(geom) FROM placement ORDER BY customer_id",
    "placement_case": "SELECT * FROM placement_case ORDER BY customer_id",
    "assignment": "SELECT * FROM assignment ORDER BY customer_id",
    "grid_count": "SELECT * FROM grid_count ORDER BY grid_id",
    "run": """SELECT id, current, total, assigned, contested, outside, unlocated, by_method, unassigned
        FROM assignment_run ORDER BY id""",
    "corrections": "SELECT prefix, place_code, customer_id FROM place_correction WHERE ended_at IS NULL ORDER BY id",
    "aliases": "SELECT * FROM place_alias ORDER BY id",
    "moves": "SELECT run_id, customer_id, from_grid_id, to_grid_id FROM assignment_move ORDER BY 1, 2",
}


@pytest.fixture
def ground() -> Ground:
    """Villages A, B and C; D is a market over A."""
    return lay("AABB\nAACC", ".D..\n....")


@pytest.fixture
def bank(work: Session, ground: Ground) -> Session:
    enforce(work, settle(work, ground, kinds={"D": "market"}))
    return work


def doubt(session: Session, customer_id: int, kind: str = "ambiguous", **facts: Any) -> None:
    """Open a case about a customer."""
    given = {"score": 0.5, "prefix": "老街", "detail": {}, **facts}
    session.execute(
        text(CASE), {**given, "id": customer_id, "kind": kind, "detail": json.dumps(given["detail"])}
    )


def look(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a decision may touch, byte for byte."""
    return {name: [tuple(row) for row in session.execute(text(query))] for name, query in TABLES.items()}


def placement(session: Session, customer_id: int) -> dict[str, Any]:
    row = session.execute(text("SELECT * FROM placement WHERE customer_id = :id"), {"id": customer_id})
    return dict(row.mappings().one())


def test_a_chosen_village_places_and_assigns_the_customer_at_once(bank: Session) -> None:
    ids = put(bank, Who("k", rung=0), Who("other", rung=5, unit="A"))
    doubt(bank, ids["k"])
    assign_customers(bank)
    told = decide_case(bank, ids["k"], Decision("choose", code="B"))
    assert (told["steps"], told["customers"], told["grid"]["code"], told["moved_from"]) == (
        1,
        [ids["k"]],
        "B",
        None,
    )
    assert told["placement"]["unit_name"] == "B村"
    kept = placement(bank, ids["k"])
    assert (kept["rung"], kept["method"], kept["score"], kept["unit_code"]) == (5, "choose", 1.0, "B")
    assert answers(bank)["k"] == ("B", "unit", None)
    assert bank.scalar(text("SELECT state FROM placement_case")) == "decided"


def test_everything_is_as_before_when_a_decision_is_taken_back(bank: Session, ground: Ground) -> None:
    ids = put(bank, Who("k", ground.point(0, 3), household="H"), Who("l", rung=0), Who("m", rung=6))
    for key, kind in (("k", "contradiction"), ("l", "ambiguous"), ("m", "low_score")):
        doubt(bank, ids[key], kind)
    assign_customers(bank)
    before = look(bank)
    for decision in (
        Decision("choose", code="C"),
        Decision("choose", code="A", same=True),
        Decision("pin", point=Point(*ground.point(1, 3))),
        Decision("outside", same=True),
        Decision("unclear", note="电话不通📞"),
        Decision("later"),
    ):
        told = decide_case(bank, ids["k"], decision)
        assert look(bank) != before
        undone = undo_batch(bank, told["batch"])
        assert look(bank) == before, decision
        assert undone["customers"] == told["customers"]
