"""Customers follow the ground: who stands on changed ground is written, and all stand as by a whole run."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers import moving
from app.customers.assignment import assign_customers, read_ground
from app.customers.chosen import Point
from app.customers.decisions import Decision, pin_customer
from app.customers.moving import follow_plan, move_ground
from app.customers.recounting import check_counts
from app.customers.reversal import undo_run
from app.errors import Conflict, NotFound
from tests.customers.drawn_bank import Who, answers, put
from tests.customers.moved_bank import draw, edit, letters, people, stands, without_runs
from tests.ground import lay

METRE = 0.001 / 94.6


def moves(session: Session, run: int) -> list[tuple[Any, ...]]:
    query = """SELECT c.source_key, f.code, t.code
        FROM assignment_move m JOIN customer c ON c.id = m.customer_id
        LEFT JOIN grid_key f ON f.id = m.from_key LEFT JOIN grid_key t ON t.id = m.to_key
        WHERE m.run_id = :run ORDER BY 1"""
    return [tuple(row) for row in session.execute(text(query), {"run": run})]


@pytest.mark.parametrize("seed", range(12))
def test_after_random_edits_everybody_stands_as_by_a_whole_run_and_undo_gives_back_every_byte(
    work: Session, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    first = letters(rng)
    second = edit(rng, first)
    above = ["".join(rng.choice(list("M....."), 6)) for _ in range(6)]
    sides: list[dict[str, Any]] = [{"kinds": {"M": "market"}}, {"kinds": {"M": "market"}}]
    if seed % 3 == 1:
        sides[1]["rule"] = "cut"
    if seed % 3 == 2:
        sides[1] |= {"precedence": ["village", "market"], "units": {"A": ["A", "B"], "B": []}}
    for code, rows, side in zip(("V1", "V2"), (first, second), sides, strict=True):
        draw(work, code, lay("\n".join(rows), "\n".join(above)), **side)
    put(work, *people(rng, 160))
    assign_customers(work, plan_code="V1")
    before = stands(work)
    told = follow_plan(work, plan_code="V2")
    followed = stands(work)
    whole = assign_customers(work, plan_code="V2")
    assert whole["moved"] == 0
    assert stands(work) == followed
    assert check_counts(work)["same"]
    undo_run(work, whole["run"])
    assert stands(work) == followed
    undo_run(work, told["run"])
    assert stands(work) == before
    assert told["moved"] > 0


@pytest.mark.parametrize("seed", range(100, 104))
def test_grounds_in_hand_move_the_same_customers_as_stored_plans(work: Session, seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = letters(rng)
    draw(work, "V1", lay("\n".join(first)))
    draw(work, "V2", lay("\n".join(edit(rng, first))), units={"A": ["A", "Z"]})
    put(work, *people(rng, 120))
    run = assign_customers(work, plan_code="V1")["run"]
    grounds = [read_ground(work, plan_code=code) for code in ("V1", "V2")]
    told = move_ground(work, *grounds)
    in_hand = without_runs(stands(work))
    undo_run(work, told["run"])
    assert follow_plan(work, plan_code="V2")["moved"] == told["moved"]
    assert without_runs(stands(work)) == in_hand
    assert run != told["run"]


def test_a_border_that_grows_and_shrinks_moves_those_between_and_nobody_else(work: Session) -> None:
    draw(work, "V1", lay("AABB\nAABB\nCCDD"))
    draw(work, "V2", lay("AAAB\nABBB\nCCDD"))
    place = lay("A")
    put(
        work,
        Who("gained", place.point(0, 2)),
        Who("lost", place.point(1, 1)),
        Who("stays", place.point(0, 0)),
        Who("far", place.point(2, 3)),
        Who("town", rung=6),
    )
    first = assign_customers(work, plan_code="V1")["run"]
    told = follow_plan(work, plan_code="V2")
    assert moves(work, told["run"]) == [("gained", "B", "A"), ("lost", "A", "B")]
    assert {key: row[0] for key, row in answers(work).items()} == {
        "gained": "A", "lost": "B", "stays": "A", "far": "D", "town": None,
    }  # fmt: skip
    untouched = "SELECT count(*) FROM assignment_row WHERE run_id = :run"
    assert work.scalar(text(untouched), {"run": first}) == 3


def test_far_neighbours_in_the_box_of_a_long_border_keep_their_grid(work: Session) -> None:
    """The bent border of A has a box that reaches over B, C and D, whose own ground is the same."""
    draw(work, "V1", lay("AAAAA\nABBBA\nABCBA\nABBBA\nAAAAD"))
    wider = lay("AAAAA\nABBBA\nABCBA\nABBBA\nAAAAD")
    grown = wider["A"].buffer(20 * METRE, join_style="mitre")
    draw(work, "V2", wider.with_shape("A", grown), rule="overlay")
    place = lay("A")
    put(work, Who("b", place.point(1, 2)), Who("c", place.point(2, 2)), Who("d", place.point(4, 4)))
    assign_customers(work, plan_code="V1")
    follow_plan(work, plan_code="V2")
    assert {key: row[:2] for key, row in answers(work).items()} == {
        "b": ("B", "inside"), "c": ("C", "inside"), "d": ("D", "inside"),
    }  # fmt: skip


def test_only_customers_of_changed_ground_are_read(work: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(work, "V1", lay("AABB" + "C" * 20))
    draw(work, "V2", lay("AAAB" + "C" * 20))
    place = lay("A")
    put(work, *[Who(f"k{column}", place.point(0, column)) for column in range(24)])
    assign_customers(work, plan_code="V1")
    read: list[int] = []
    judge = moving.judge
    monkeypatch.setattr(moving, "judge", lambda rows, ground: read.append(len(rows)) or judge(rows, ground))
    assert follow_plan(work, plan_code="V2")["moved"] == 1
    assert read == [1]


def test_a_split_and_a_merge_move_by_point_and_by_village(work: Session) -> None:
    draw(work, "V1", lay("AABB"), units={"A": ["A1", "A2"]})
    draw(work, "V2", lay("XYBB"), units={"X": ["A1"], "Y": ["A2"]})
    draw(work, "V3", lay("XXXX"), units={"X": ["A1", "A2", "B"]})
    place = lay("A")
    put(
        work,
        Who("west", place.point(0, 0)),
        Who("east", place.point(0, 1)),
        Who("of A2", rung=5, unit="A2"),
        Who("of B", rung=5, unit="B"),
    )
    assign_customers(work, plan_code="V1")
    assert moves(work, follow_plan(work, plan_code="V2")["run"]) == [
        ("east", "A", "Y"), ("of A2", "A", "Y"), ("west", "A", "X"),
    ]  # fmt: skip
    assert moves(work, follow_plan(work, plan_code="V3")["run"]) == [
        ("east", "Y", "X"), ("of A2", "Y", "X"), ("of B", "B", "X"),
    ]  # fmt: skip


def test_a_moved_border_takes_those_in_the_gap_beside_it_along(work: Session) -> None:
    """Nobody's ground lies between A and B; who stood there by A's edge stands by B's when B comes nearer."""
    draw(work, "V1", lay("A...B"))
    draw(work, "V2", lay("A..BB"))
    place = lay("A")
    gap = place.point(0, 1.6)
    put(work, Who("near", gap, rung=4), Who("out", place.point(0, 2), rung=1), Who("sure", gap, rung=2))
    assign_customers(work, plan_code="V1")
    assert answers(work)["near"][:2] == ("A", "edge")
    told = follow_plan(work, plan_code="V2")
    assert moves(work, told["run"]) == [("near", "A", "B")]
    assert answers(work)["out"][:2] == (None, "outside")


def test_nothing_changed_makes_no_run(work: Session) -> None:
    draw(work, "V1", lay("AB"))
    put(work, Who("a", lay("A").point(0, 0)))
    run = assign_customers(work, plan_code="V1")["run"]
    assert follow_plan(work, plan_code="V1") | {"by_method": 0, "unassigned": 0} == {
        "run": run, "plan": "V1", "moved": 0, "total": 1, "assigned": 1, "contested": 0, "outside": 0,
        "unlocated": 0, "by_method": 0, "unassigned": 0,
    }  # fmt: skip


def test_a_plan_edited_since_its_run_is_assigned_whole(work: Session) -> None:
    draw(work, "V1", lay("AB"))
    put(work, Who("a", lay("A").point(0, 0)))
    assign_customers(work, plan_code="V1")
    work.execute(text("UPDATE grid SET geom = ST_Translate(geom, 1, 0) WHERE code = 'A'"))
    work.execute(text("UPDATE plan SET ground_version = ground_version + 1"))
    told = follow_plan(work, plan_code="V1")
    assert told["moved"] == 1
    assert work.scalar(text("SELECT kind FROM assignment_run WHERE current")) == "whole"


def test_undo_leaves_who_was_pinned_since_where_he_was_pinned(work: Session) -> None:
    draw(work, "V1", lay("AABB"))
    draw(work, "V2", lay("AAAB"))
    place = lay("A")
    ids = put(
        work, Who("pinned", place.point(0, 2)), Who("other", place.point(0, 2)), Who("b", place.point(0, 3))
    )
    assign_customers(work, plan_code="V1")
    before = dict(answers(work))
    run = follow_plan(work, plan_code="V2")["run"]
    pin_customer(work, ids["pinned"], Decision("pin", point=Point(*place.point(0, 0), confirm_outside=True)))
    pin_customer(work, ids["b"], Decision("pin", point=Point(*place.point(0, 2), confirm_outside=True)))
    assert answers(work)["b"][0] == "A"
    undo_run(work, run)
    assert {key: row[0] for key, row in answers(work).items()} == {"pinned": "A", "other": "B", "b": "B"}
    assert answers(work)["other"] == before["other"]
    assert check_counts(work)["same"]


def test_what_cannot_be_taken_back_is_refused(work: Session) -> None:
    draw(work, "V1", lay("AB"))
    draw(work, "V2", lay("BA"))
    put(work, Who("a", lay("A").point(0, 0)))
    first = assign_customers(work, plan_code="V1")["run"]
    second = follow_plan(work, plan_code="V2")["run"]
    third = follow_plan(work, plan_code="V1")["run"]
    for run, code in ((first, "nothing_before"), (second, "later_run")):
        with pytest.raises(Conflict, match=code):
            undo_run(work, run)
    with pytest.raises(NotFound, match="no_run"):
        undo_run(work, 0)
    undo_run(work, third)
    with pytest.raises(Conflict, match="undone"):
        undo_run(work, third)
    undo_run(work, second)
    assert answers(work)["a"][0] == "A"


def test_an_undo_can_itself_be_undone(work: Session) -> None:
    draw(work, "V1", lay("AB"))
    draw(work, "V2", lay("BA"))
    put(work, Who("a", lay("A").point(0, 0)), Who("b", lay("A").point(0, 1)))
    assign_customers(work, plan_code="V1")
    second = follow_plan(work, plan_code="V2")["run"]
    moved = stands(work)
    undone = undo_run(work, second)["run"]
    undo_run(work, undone)
    assert stands(work) == moved


def test_who_came_in_without_a_grid_gets_one_on_the_way(work: Session) -> None:
    draw(work, "V1", lay("AB"))
    draw(work, "V2", lay("BA"))
    put(work, Who("a", lay("A").point(0, 0)))
    assign_customers(work, plan_code="V1")
    put(work, Who("late", lay("A").point(0, 1)))
    assert follow_plan(work, plan_code="V2")["total"] == 2
    assert {key: row[0] for key, row in answers(work).items()} == {"a": "B", "late": "A"}
