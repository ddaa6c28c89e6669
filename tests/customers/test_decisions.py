"""Decisions by hand on drawn ground: each does what it says, whole, and can be taken back byte for byte."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.customers.assignment import assign_customers
from app.customers.chosen import Point
from app.customers.decisions import Decision, decide_case, pin_customer
from app.customers.undoing import undo_batch
from app.errors import BadInput, Conflict, NeedsAnswer, NotFound
from app.spatial import crs
from tests.customers.drawn_bank import Who, answers, enforce, put, settle
from tests.ground import Ground, lay

CASE = """INSERT INTO placement_case (customer_id, kind, score, prefix, town_code, answer, detail)
VALUES (:id, :kind, :score, :prefix, NULL, '{"candidates": []}', CAST(:detail AS jsonb))"""
PLACE = """INSERT INTO place (code, code_source, level, kind, parent_code, name, geom)
VALUES (:code, 'test', :level, 'admin', :parent, :code, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"""
TABLES = {
    "placement": "SELECT *, ST_AsEWKB(geom) FROM placement ORDER BY customer_id",
    "placement_case": "SELECT * FROM placement_case ORDER BY customer_id",
    "assignment": "SELECT * FROM assignment ORDER BY customer_id",
    "grid_count": "SELECT * FROM grid_count ORDER BY grid_id",
    "run": """SELECT id, current, total, assigned, contested, outside, unlocated, by_method, unassigned
        FROM assignment_run ORDER BY id""",
    "corrections": "SELECT * FROM place_correction WHERE ended_at IS NULL ORDER BY id",
    "aliases": "SELECT * FROM place_alias ORDER BY id",
    "moves": "SELECT run_id, customer_id, from_grid_id, to_grid_id FROM assignment_move ORDER BY 1, 2",
}


GROUND = lay("AABB\nAACC", ".D..\n....")


@pytest.fixture
def ground() -> Ground:
    """Villages A, B and C; D is a market over A."""
    return GROUND


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


ALL = (
    Decision("choose", code="C"),
    Decision("choose", code="A", same=True),
    Decision("pin", point=Point(*GROUND.point(1, 3))),
    Decision("outside", same=True),
    Decision("unclear", note="电话不通📞"),
    Decision("later"),
)


@pytest.fixture
def street(bank: Session, ground: Ground) -> dict[str, int]:
    """Three customers of one written form, one of another, one without a doubt; all assigned."""
    ids = put(
        bank,
        Who("k", ground.point(0, 3), household="H"),
        Who("l", rung=0, tier="key"),
        Who("m", rung=6, standing="prospect"),
        Who("other", rung=0),
        Who("clear", rung=5, unit="A", household="H"),
    )
    for key, kind, prefix in (
        ("k", "contradiction", "老街"),
        ("l", "ambiguous", "老街"),
        ("m", "low_score", "老街"),
        ("other", "ambiguous", "新街"),
    ):
        doubt(bank, ids[key], kind, prefix=prefix)
    assign_customers(bank)
    return ids


@pytest.mark.parametrize("decision", ALL, ids=lambda one: f"{one.action}-{one.same}")
def test_everything_is_as_before_when_a_decision_is_taken_back(
    bank: Session, street: dict[str, int], decision: Decision
) -> None:
    before = look(bank)
    told = decide_case(bank, street["k"], decision)
    assert look(bank) != before
    undone = undo_batch(bank, told["batch"])
    assert look(bank) == before
    assert undone["customers"] == told["customers"]
    kept = bank.execute(text("SELECT action, undoes IS NOT NULL FROM placement_step ORDER BY id")).all()
    done = [(decision.action, False)] * told["steps"]
    assert [tuple(row) for row in kept] == done + [("undo", True)] * told["steps"]


def test_all_written_alike_are_decided_together_and_nobody_else(
    bank: Session, street: dict[str, int]
) -> None:
    told = decide_case(bank, street["l"], Decision("choose", code="B", same=True))
    assert (told["steps"], set(told["customers"])) == (3, {street[key] for key in "klm"})
    states = dict(bank.execute(text("SELECT customer_id, state FROM placement_case")).all())
    assert states == {street[key]: "decided" for key in "klm"} | {street["other"]: "open"}
    stands = answers(bank)
    assert stands["k"] == ("B", "inside", None)
    assert (stands["l"], stands["m"]) == (("B", "unit", None), ("B", "unit", None))
    assert stands["other"] == (None, "unlocated", "no_place")


def test_a_point_of_the_source_stays_within_the_chosen_village_and_goes_with_another(
    bank: Session, street: dict[str, int], ground: Ground
) -> None:
    decide_case(bank, street["k"], Decision("choose", code="B"))
    kept = placement(bank, street["k"])
    assert (kept["rung"], kept["method"], kept["unit_code"]) == (2, "choose", "B")
    assert kept["geom"] is not None
    far = put(bank, Who("far", (ground.west + 0.05, ground.north)))["far"]
    doubt(bank, far, "contradiction")
    decide_case(bank, far, Decision("choose", code="B"))
    kept = placement(bank, far)
    assert (kept["rung"], kept["geom"], kept["unit_code"]) == (5, None, "B")


def test_a_point_that_a_correction_had_set_aside_comes_back_with_its_village(
    bank: Session, ground: Ground
) -> None:
    lon, lat = ground.point(0, 3)
    ids = put(bank, Who("k", rung=5, unit="A"))
    source = {"lon": lon, "lat": lat, "datum": "gcj02", "accuracy_m": 20.0}
    doubt(bank, ids["k"], "contradiction", detail={"source": source, "set_aside": True})
    told = decide_case(bank, ids["k"], Decision("choose", code="B"))["placement"]
    assert (told["rung"], told["lon"], told["lat"], told["datum"]) == (2, lon, lat, "gcj02")


@pytest.mark.parametrize(
    ("level", "rung", "pointed"),
    [("town", 6, False), ("village", 5, False), ("natural_village", 4, True), ("group", 3, True)],
)
def test_a_chosen_place_gives_the_rung_that_it_is(
    bank: Session, ground: Ground, level: str, rung: int, pointed: bool
) -> None:
    lon, lat = ground.point(0, 3)
    code = {"town": "T", "village": "B"}.get(level, "P")
    for row in (("T", "town", None), ("B", "village", "T"), *([("P", level, "B")] if code == "P" else [])):
        facts = dict(zip(("code", "level", "parent"), row, strict=True))
        bank.execute(text(PLACE), {**facts, "lon": lon, "lat": lat})
    ids = put(bank, Who("k", rung=0))
    doubt(bank, ids["k"])
    told = decide_case(bank, ids["k"], Decision("choose", code=code))["placement"]
    assert (told["rung"], told["lon"] is not None) == (rung, pointed)
    assert told["unit_code"] == (None if level == "town" else "B")


@pytest.mark.parametrize("code", ["Z", "frameV1", "D", "", "村" * 60, "'; DROP TABLE place; --", None])
def test_a_code_that_is_no_village_is_refused(
    bank: Session, street: dict[str, int], code: str | None
) -> None:
    before = look(bank)
    with pytest.raises(BadInput, match=r"bad_place|incomplete"):
        decide_case(bank, street["k"], Decision("choose", code=code))
    assert look(bank) == before


def test_a_pin_is_stored_with_its_accuracy_in_its_village(bank: Session, ground: Ground) -> None:
    ids = put(bank, Who("k", rung=5, unit="A"))
    assign_customers(bank)
    lon, lat = ground.point(0, 3)
    decision = Decision("pin", point=Point(lon, lat, "wgs84", 12.5), note="在家门口🏠", client_key="phone-1")
    told = pin_customer(bank, ids["k"], decision)
    assert (told["grid"]["code"], told["moved_from"]["code"], told["next"]) == ("B", "A", None)
    kept = placement(bank, ids["k"])
    assert (kept["rung"], kept["method"], kept["accuracy_m"], kept["datum"]) == (1, "pin", 12.5, "wgs84")
    assert kept["unit_code"] == "B"
    step = bank.execute(text("SELECT accuracy_m, note FROM placement_step")).one()
    assert tuple(step) == (12.5, "在家门口🏠")
    assert bank.scalar(text("SELECT count(*) FROM placement_case")) == 0


def test_a_pin_of_a_shifted_map_is_put_back_where_it_belongs(bank: Session, ground: Ground) -> None:
    ids = put(bank, Who("k", rung=0))
    x, y = crs.points_from_storage(*map(np.atleast_1d, ground.point(0, 3)), "gcj02")
    told = pin_customer(bank, ids["k"], Decision("pin", point=Point(float(x[0]), float(y[0]), "gcj02")))
    shown = told["placement"]
    assert (shown["lon"], shown["lat"]) == pytest.approx(ground.point(0, 3), abs=2e-6)
    assert (shown["unit_code"], shown["datum"]) == ("B", "gcj02")


def test_a_key_sent_twice_is_answered_again_and_stored_once(bank: Session, street: dict[str, int]) -> None:
    decision = Decision("pin", point=Point(*GROUND.point(0, 0)), client_key="phone-1")
    first = pin_customer(bank, street["k"], decision)
    stored = look(bank)
    again = pin_customer(bank, street["k"], replace(decision, point=Point(*GROUND.point(0, 3))))
    assert again == first
    assert look(bank) == stored
    choice = Decision("choose", code="A", client_key="desk-1")
    assert decide_case(bank, street["l"], choice) == decide_case(bank, street["l"], choice)
    assert bank.scalar(text("SELECT count(*) FROM placement_step")) == 2


@pytest.mark.parametrize("lonlat", [(0.0, 0.0), (31.9, 89.0), (-121.0, -31.0), (125.5, 31.9)])
def test_a_point_that_nobody_of_this_bank_lives_at_is_refused(
    bank: Session, street: dict[str, int], lonlat: tuple[float, float]
) -> None:
    before = look(bank)
    with pytest.raises(BadInput, match="bad_point"):
        pin_customer(bank, street["k"], Decision("pin", point=Point(*lonlat, confirm_outside=True)))
    assert look(bank) == before


def test_a_point_outside_the_ground_is_asked_about_and_stands_when_confirmed(
    bank: Session, street: dict[str, int]
) -> None:
    away = Point(GROUND.west + 0.5, GROUND.north)
    with pytest.raises(NeedsAnswer, match="confirm_outside"):
        pin_customer(bank, street["k"], Decision("pin", point=away))
    told = pin_customer(bank, street["k"], Decision("pin", point=replace(away, confirm_outside=True)))
    assert (told["grid"], told["moved_from"]["code"]) == (None, "B")
    assert answers(bank)["k"] == (None, "outside", "outside_every_grid")


def test_a_customer_said_to_live_elsewhere_stands_nowhere(bank: Session, street: dict[str, int]) -> None:
    told = decide_case(bank, street["k"], Decision("outside"))
    assert (told["placement"]["rung"], told["placement"]["method"], told["grid"]) == (0, "outside", None)
    assert answers(bank)["k"] == (None, "unlocated", "no_place")


@pytest.mark.parametrize(("action", "state"), [("unclear", "decided"), ("later", "later")])
def test_a_case_nobody_can_decide_leaves_the_placement_as_it_is(
    bank: Session, street: dict[str, int], action: str, state: str
) -> None:
    before = placement(bank, street["k"])
    decide_case(bank, street["k"], Decision(action, note="问村会计"))
    assert placement(bank, street["k"]) == before
    kept = bank.scalar(text("SELECT state FROM placement_case WHERE customer_id = :id"), {"id": street["k"]})
    assert kept == state


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (Decision("explode"), "bad_action"),
        (Decision("choose"), "incomplete"),
        (Decision("pin"), "incomplete"),
        (Decision("pin", point=Point(*GROUND.point(0, 0)), same=True), "not_alike"),
        (Decision("later", same=True), "not_alike"),
    ],
)
def test_a_decision_that_is_none_is_refused(
    bank: Session, street: dict[str, int], decision: Decision, code: str
) -> None:
    with pytest.raises(BadInput, match=code):
        decide_case(bank, street["k"], decision)


def test_who_is_not_there_or_in_no_doubt_cannot_be_decided(bank: Session, street: dict[str, int]) -> None:
    with pytest.raises(NotFound, match="no_customer"):
        decide_case(bank, 10**15, Decision("later"))
    with pytest.raises(NotFound, match="no_case"):
        decide_case(bank, street["clear"], Decision("later"))


def test_the_next_case_is_the_next_of_its_kind_in_the_list(bank: Session) -> None:
    ids = put(bank, *[Who(key, rung=0) for key in "abcd"])
    for key, score in (("a", 0.9), ("b", 0.7), ("c", 0.7), ("d", 0.2)):
        doubt(bank, ids[key], score=score, prefix=key)
    told = [decide_case(bank, ids[key], Decision("unclear"))["next"] for key in "cbda"]
    assert told == [ids["b"], ids["d"], ids["a"], None]


def test_without_a_run_a_decision_assigns_nobody(bank: Session) -> None:
    ids = put(bank, Who("k", rung=0))
    doubt(bank, ids["k"])
    told = decide_case(bank, ids["k"], Decision("choose", code="B"))
    assert (told["grid"], told["moved_from"]) == (None, None)
    assert answers(bank) == {}


def test_a_batch_is_taken_back_once_and_only_while_nothing_has_changed_since(
    bank: Session, street: dict[str, int]
) -> None:
    first = decide_case(bank, street["k"], Decision("choose", code="A"))
    second = decide_case(bank, street["k"], Decision("choose", code="C"))
    with pytest.raises(Conflict, match="decided_meanwhile"):
        undo_batch(bank, first["batch"])
    undone = undo_batch(bank, second["batch"])
    with pytest.raises(Conflict, match="undone"):
        undo_batch(bank, second["batch"])
    with pytest.raises(Conflict, match="undone"):
        undo_batch(bank, undone["batch"])
    undo_batch(bank, first["batch"])
    with pytest.raises(NotFound, match="no_batch"):
        undo_batch(bank, 10**15)
    moved = decide_case(bank, street["k"], Decision("choose", code="A"))
    bank.execute(text("UPDATE placement SET score = 0.5 WHERE customer_id = :id"), {"id": street["k"]})
    with pytest.raises(Conflict, match="changed_since"):
        undo_batch(bank, moved["batch"])


def test_a_kept_step_cannot_be_changed_nor_taken_away(bank: Session, street: dict[str, int]) -> None:
    decide_case(bank, street["k"], Decision("unclear"))
    for statement in ("UPDATE placement_step SET note = 'x'", "DELETE FROM placement_step"):
        with pytest.raises(DBAPIError), bank.begin_nested():
            bank.execute(text(statement))
