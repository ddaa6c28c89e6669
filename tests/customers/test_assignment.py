"""Assignment: each rule on drawn ground, counts that sum, moves that are told, one run at a time."""

import threading
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import today
from app.customers.assignment import LOCK, assign_customers
from app.customers.grounds import read_ground
from app.db import Database
from app.db.connection import WORKER
from app.errors import Conflict
from tests.customers.drawn_bank import Who, answers, enforce, put, settle
from tests.ground import Ground, lay

METRE = 0.001 / 94.6  # degrees of longitude at 31.9 N


@pytest.fixture
def ground() -> Ground:
    """Villages A, B, C; D a market over A, E a village over A and C; beyond lies nobody's ground."""
    return lay("AABB\nAACC", ".D..\n....", "....\n.EE.")


@pytest.fixture
def bank(work: Session, ground: Ground) -> Session:
    enforce(work, settle(work, ground, kinds={"D": "market"}))
    return work


def west_of(ground: Ground, metres: float) -> tuple[float, float]:
    """So many metres outside the western border, beside A."""
    return ground.west - metres * METRE, ground.north - 0.0005


def test_a_point_inside_one_grid_belongs_to_it(bank: Session, ground: Ground) -> None:
    put(bank, Who("a", ground.point(0, 0)), Who("b", ground.point(0, 3)))
    counts = assign_customers(bank)
    assert answers(bank) == {"a": ("A", "inside", None), "b": ("B", "inside", None)}
    assert (counts["total"], counts["assigned"], counts["contested"]) == (2, 2, 0)


def test_the_index_of_the_grids_is_kept_under_the_home_and_a_new_shape_has_another(
    bank: Session, ground: Ground, tmp_path: Path
) -> None:
    put(bank, Who("a", ground.point(0, 0)))
    bank.info["home"] = tmp_path
    assign_customers(bank)
    (kept,) = (tmp_path / "indexes").iterdir()
    inode = kept.stat().st_ino
    read_ground(bank)
    assert [file.stat().st_ino for file in (tmp_path / "indexes").iterdir()] == [inode]
    bank.execute(text("UPDATE grid SET geom = ST_Translate(geom, 0.01, 0)"))
    assert read_ground(bank).locator.locate(*ground.point(0, 0)).tolist() == [-1]
    assert len(list((tmp_path / "indexes").iterdir())) == 2


def test_an_overlaid_market_wins_over_its_village_and_of_two_villages_the_lower_code_is_flagged(
    bank: Session, ground: Ground
) -> None:
    put(bank, Who("market", ground.point(0, 1)), Who("ae", ground.point(1, 1)), Who("ce", ground.point(1, 2)))
    counts = assign_customers(bank)
    assert answers(bank) == {
        "market": ("D", "inside", None),
        "ae": ("A", "contested", None),
        "ce": ("C", "contested", None),
    }
    assert counts["contested"] == 2


def test_where_markets_are_cut_out_ground_under_two_grids_is_a_dispute(bank: Session, ground: Ground) -> None:
    bank.execute(text("UPDATE plan SET market_rule = 'cut'"))
    put(bank, Who("market", ground.point(0, 1)))
    assign_customers(bank)
    assert answers(bank) == {"market": ("D", "contested", None)}


def test_the_stated_precedence_of_the_plan_says_who_keeps_overlaid_ground(
    bank: Session, ground: Ground
) -> None:
    bank.execute(text("UPDATE plan SET precedence = '{village,market}'"))
    put(bank, Who("market", ground.point(0, 1)))
    counts = assign_customers(bank)
    assert answers(bank) == {"market": ("A", "inside", None)}
    assert counts["assigned"] == counts["total"] == 1


def test_a_point_on_a_common_border_belongs_to_one_grid_without_contest(
    bank: Session, ground: Ground
) -> None:
    put(bank, Who("border", (ground.west + 0.002, ground.north - 0.0005)))
    assign_customers(bank)
    assert answers(bank)["border"] == ("D", "inside", None)


@pytest.mark.parametrize(("rung", "width_m"), [(1, 5), (2, 30), (3, 100), (4, 300)])
def test_the_edge_is_as_wide_as_the_rung_is_unsure(
    bank: Session, ground: Ground, rung: int, width_m: float
) -> None:
    near, far = west_of(ground, width_m * 0.9), west_of(ground, width_m * 1.1)
    put(bank, Who("near", near, rung), Who("far", far, rung))
    assign_customers(bank)
    assert answers(bank) == {"near": ("A", "edge", None), "far": (None, "outside", "outside_every_grid")}


def test_without_a_point_the_unit_decides_and_every_refusal_has_its_reason(bank: Session) -> None:
    put(
        bank,
        Who("village", rung=5, unit="B"),
        Who("unknown", rung=5, unit="Z"),
        Who("town", rung=6),
        Who("nowhere", rung=0),
    )
    counts = assign_customers(bank)
    assert answers(bank) == {
        "village": ("B", "unit", None),
        "unknown": (None, "unlocated", "unit_without_grid"),
        "town": (None, "unlocated", "town_only"),
        "nowhere": (None, "unlocated", "no_place"),
    }
    assert (counts["assigned"], counts["unlocated"]) == (1, 3)


def test_a_unit_divided_among_two_grids_decides_nothing(bank: Session) -> None:
    bank.execute(text("UPDATE grid SET unit_codes = '{A,E}' WHERE code = 'E'"))
    put(bank, Who("divided", rung=5, unit="A"), Who("whole", rung=5, unit="E"))
    assign_customers(bank)
    assert answers(bank)["divided"] == (None, "unlocated", "unit_divided")
    assert answers(bank)["whole"] == ("E", "unit", None)


def test_an_empty_bank_is_assigned_without_complaint(bank: Session) -> None:
    counts = assign_customers(bank)
    assert (counts["total"], counts["assigned"], counts["moved"]) == (0, 0, 0)
    assert answers(bank) == {}


def test_without_a_plan_in_force_nothing_is_assigned(work: Session, ground: Ground) -> None:
    settle(work, ground)
    with pytest.raises(Conflict, match="no_plan"):
        assign_customers(work)
    assert assign_customers(work, plan_code="V1")["total"] == 0


def test_the_database_refuses_a_run_whose_counts_do_not_sum(bank: Session) -> None:
    run = assign_customers(bank)["run"]
    with pytest.raises(IntegrityError, match="counts_sum"):
        bank.execute(text("UPDATE assignment_run SET outside = outside + 1 WHERE id = :run"), {"run": run})


def test_a_moved_customer_is_told_and_an_unmoved_one_is_not(bank: Session, ground: Ground) -> None:
    ids = put(bank, Who("goes", ground.point(0, 2)), Who("stays", ground.point(1, 3)), Who("lost", rung=0))
    assign_customers(bank)
    shift = "UPDATE placement SET geom = ST_SetSRID(ST_MakePoint(:x, :y), 4326) WHERE customer_id = :id"
    x, y = ground.point(0, 0)
    bank.execute(text(shift), {"x": x, "y": y, "id": ids["goes"]})
    counts = assign_customers(bank)
    assert counts["moved"] == 1
    query = """SELECT m.customer_id, f.code, t.code FROM assignment_move m
        JOIN grid f ON f.id = m.from_grid_id JOIN grid t ON t.id = m.to_grid_id WHERE m.run_id = :run"""
    moves = bank.execute(text(query), {"run": counts["run"]}).all()
    assert [tuple(row) for row in moves] == [(ids["goes"], "B", "A")]


def test_a_new_border_moves_only_those_between_the_old_and_the_new(bank: Session, ground: Ground) -> None:
    ids = put(bank, *[Who(f"{r}{c}", ground.point(r, c)) for r in (0, 1) for c in (0, 3)])
    assign_customers(bank)
    wider = lay("AAAB\nAACB")
    for name in wider.names:
        shape = wider[name].wkt
        change = "UPDATE grid SET geom = ST_Multi(ST_GeomFromText(:shape, 4326)) WHERE code = :code"
        bank.execute(text(change), {"shape": shape, "code": name})
    counts = assign_customers(bank)
    query = "SELECT customer_id FROM assignment_move WHERE run_id = :run"
    assert list(bank.scalars(text(query), {"run": counts["run"]})) == [ids["13"]]
    assert answers(bank)["13"] == ("B", "inside", None)


def test_a_swap_leaves_one_partition_and_one_current_run(bank: Session, ground: Ground) -> None:
    put(bank, Who("a", ground.point(0, 0)))
    runs = [assign_customers(bank)["run"] for _ in range(3)]
    tables = bank.scalars(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'assignment_row'::regclass")
    )
    assert list(tables) == [f"assignment_row_b0_r{runs[-1]}"]
    left = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^assignment_row_b[0-9]+'"
    assert bank.scalar(text(left)) == 1
    assert list(bank.scalars(text("SELECT id FROM assignment_run WHERE current"))) == [runs[-1]]


def test_the_counts_of_the_grids_equal_a_full_recount(bank: Session, ground: Ground) -> None:
    rng = np.random.default_rng(7)
    people = []
    for i in range(400):
        rung = int(rng.integers(0, 7))
        x, y = rng.uniform(-0.2, 4.2), rng.uniform(-0.2, 2.2)
        point = ground.point(y - 0.5, x - 0.5) if 1 <= rung <= 4 else None
        people.append(
            Who(
                f"k{i}",
                point,
                rung,
                unit=str(rng.choice(list("ABCEZ"))) if rung == 5 else None,
                standing=str(rng.choice(["existing", "prospect"])),
                tier=str(rng.choice(["regular", "key", "strategic"])),
                household=f"H{i % 50}",
                filed=bool(i % 2),
                visited=today() if i % 3 == 0 else None,
            )
        )
    put(bank, *people)
    counts = assign_customers(bank)
    assert counts["total"] == 400
    assert sum(counts[key] for key in ("assigned", "contested", "outside", "unlocated")) == 400
    recount = text("""SELECT g.code, count(*) FILTER (WHERE c.standing = 'existing'),
            count(*) FILTER (WHERE c.standing = 'prospect'), count(*) FILTER (WHERE c.tier = 'key'),
            count(*) FILTER (WHERE c.filed AND c.standing = 'existing'),
            count(*) FILTER (WHERE c.last_visit_on = current_date AND c.standing = 'existing'),
            count(*) FILTER (WHERE p.geom IS NOT NULL AND c.standing = 'existing'),
            count(DISTINCT c.household_no) FILTER (WHERE c.standing = 'existing'),
            count(*) FILTER (WHERE p.rung = 0), count(*) FILTER (WHERE p.rung = 5)
        FROM assignment a JOIN customer c ON c.id = a.customer_id JOIN placement p ON p.customer_id = c.id
        JOIN grid g ON g.id = a.grid_id GROUP BY g.code ORDER BY g.code""")
    kept = text("""SELECT g.code, existing, prospects, key, filed, visited, located_existing,
        covered_households, rungs[7], rungs[5]
        FROM grid_count n JOIN grid g ON g.id = n.grid_id ORDER BY g.code""")
    assert bank.execute(kept).all() == bank.execute(recount).all()


def test_two_runs_at_once_follow_one_another(fresh: Database, ground: Ground) -> None:
    with fresh.transaction(WORKER) as session:
        enforce(session, settle(session, ground))
        put(session, Who("a", ground.point(0, 0)))
    done: list[int] = []

    def run() -> None:
        with fresh.transaction(WORKER) as session:
            done.append(assign_customers(session)["run"])

    other = threading.Thread(target=run)
    with fresh.transaction(WORKER) as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        other.start()
        other.join(0.5)
        assert done == []
        mine = assign_customers(session)["run"]
    other.join(20)
    assert done
    assert done[0] != mine
    with fresh.transaction(WORKER) as session:
        assert list(session.scalars(text("SELECT id FROM assignment_run WHERE current"))) == done
        assert answers(session) == {"a": ("A", "inside", None)}
