"""After any work the counts of grids, villages, towns, branches and the run are those of a recount."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.customers.assignment import assign_customers
from app.customers.chosen import Point
from app.customers.counting import keep_counts
from app.customers.counts import list_counts
from app.customers.decisions import Decision, pin_customer
from app.customers.moving import follow_plan
from app.customers.reassigning import reassign_customers
from app.customers.recounting import check_counts, recount
from app.customers.reversal import undo_run
from app.customers.served import note_visit
from app.customers.undoing import undo_batch
from app.errors import Conflict, NotFound
from tests.customers.drawn_bank import Who, put
from tests.customers.moved_bank import draw, edit, letters, people, stands
from tests.ground import lay

PLACE = lay("A")
WORK = ("come", "pin", "take back", "visit", "vanish", "return", "change", "move", "undo", "whole")
LEVELS = {
    "grid": "g.code",
    "town": "g.town_code",
    "branch": "(SELECT b.code FROM branch b WHERE b.id = g.branch_id)",
}
COUNTED = """SELECT {of} AS code, count(*) AS customers,
    count(*) FILTER (WHERE c.standing = 'existing') AS existing,
    count(*) FILTER (WHERE c.standing = 'existing'
        AND c.last_visit_on >= date_trunc('month', current_date)) AS visited
FROM customer c JOIN assignment a ON a.customer_id = c.id JOIN grid g ON g.id = a.grid_id
WHERE c.gone_at IS NULL GROUP BY 1 ORDER BY 1"""


class Bank:
    """A bank in which anything may happen; `ids` are its customers."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.rng, self.number = session, np.random.default_rng(seed), 0
        rows = letters(self.rng)
        for plan in ("V1", "V2", "V3"):
            draw(session, plan, lay("\n".join(rows)))
            rows = edit(self.rng, rows)
        session.execute(text("INSERT INTO branch (code, name) VALUES ('B1', '一'), ('B2', '二')"))
        split = """UPDATE grid SET town_code = 'T' || (ascii(code) % 2),
            branch_id = (SELECT id FROM branch WHERE code = 'B' || (1 + ascii(code) % 2))"""
        session.execute(text(split))
        self.ids: list[int] = []
        self.batches: list[int] = []
        self.runs: list[int] = [int(assign_customers(session, plan_code="V1")["run"])]
        self.come()

    def come(self) -> None:
        """Some customers land: rows, placements and grids, in one go."""
        last = int(self.session.scalar(text("SELECT nextval('customer_id_seq')")) or 0)
        who = people(self.rng, 8, first=self.number)
        self.number += 8
        with keep_counts(self.session, range(last, last + 10)):
            ids = list(put(self.session, *who).values())
            reassign_customers(self.session, ids)
        self.ids += ids

    def pick(self) -> int:
        return int(self.rng.choice(self.ids))

    def pin(self) -> None:
        x, y = self.rng.uniform(-0.5, 6), self.rng.uniform(-0.5, 6)
        point = Point(*PLACE.point(y, x), confirm_outside=True)
        self.batches.append(pin_customer(self.session, self.pick(), Decision("pin", point=point))["batch"])

    def take_back(self) -> None:
        if self.batches:
            # Who is gone since, or was decided anew, cannot be taken back.
            with suppress(Conflict, NotFound):
                undo_batch(self.session, self.batches.pop(int(self.rng.integers(len(self.batches)))))

    def visit(self) -> None:
        note_visit(self.session, self.pick(), today() - timedelta(int(self.rng.integers(0, 50))))

    def vanish(self) -> None:
        self._mark("UPDATE customer SET gone_at = now() WHERE id = :id")

    def return_(self) -> None:
        self._mark("UPDATE customer SET gone_at = NULL WHERE id = :id")

    def change(self) -> None:
        self._mark("""UPDATE customer SET tier = 'key', filed = NOT filed, household_no = 'H' || id % 5,
            standing = CASE standing WHEN 'existing' THEN 'prospect' ELSE 'existing' END WHERE id = :id""")

    def _mark(self, statement: str) -> None:
        who = self.pick()
        with keep_counts(self.session, [who]):
            self.session.execute(text(statement), {"id": who})
            reassign_customers(self.session, [who])

    def move(self) -> None:
        plan = str(self.rng.choice(["V1", "V2", "V3"]))
        self.runs.append(int(follow_plan(self.session, plan_code=plan)["run"]))

    def undo(self) -> None:
        with suppress(Conflict):
            self.runs.append(int(undo_run(self.session, self.runs[-1])["run"]))

    def whole(self) -> None:
        self.runs.append(int(assign_customers(self.session, plan_code="V2")["run"]))


@pytest.mark.parametrize("seed", range(3))
def test_random_work_leaves_the_counts_of_a_recount(work: Session, seed: int) -> None:
    bank = Bank(work, seed)
    for _ in range(40):
        name = str(bank.rng.choice(WORK, p=[0.2, 0.15, 0.1, 0.15, 0.1, 0.05, 0.1, 0.08, 0.05, 0.02]))
        getattr(bank, {"take back": "take_back", "return": "return_"}.get(name, name))()
    checked = check_counts(work)
    assert checked["same"], checked
    for level, of in LEVELS.items():
        counted = {row.code: tuple(row)[1:] for row in work.execute(text(COUNTED.format(of=of)))}
        kept = {
            row["code"]: (row["customers"], row["existing"], row["visited"])
            for row in list_counts(work, level)["counts"]  # type: ignore[arg-type]
            if row["customers"]
        }
        assert kept == counted
    before = stands(work)
    assert recount(work)["same"]
    assert stands(work) == before


def test_a_recount_says_what_differs_and_mends_it(work: Session) -> None:
    bank = Bank(work, 9)
    bank.visit()
    true = stands(work)
    work.execute(text("UPDATE grid_count_row SET existing = existing + 1"))
    work.execute(
        text("DELETE FROM village_count WHERE unit_code = (SELECT min(unit_code) FROM village_count)")
    )
    work.execute(text("UPDATE assignment_run SET outside = outside + 1, total = total + 1 WHERE current"))
    found = recount(work)
    assert not found["same"]
    assert found["villages"][0]["kept"] is None
    assert all(row["kept"]["existing"] == row["counted"]["existing"] + 1 for row in found["grids"])
    assert found["run"]["kept"]["total"] == found["run"]["counted"]["total"] + 1
    assert stands(work) == true


def test_last_months_visits_are_none_of_this_one(work: Session) -> None:
    bank = Bank(work, 4)
    for _ in range(5):
        bank.come()
    query = """SELECT c.id FROM assignment_row a JOIN customer c ON c.id = a.customer_id
        WHERE a.grid_key IS NOT NULL AND c.standing = 'existing' LIMIT 1"""
    who = int(work.scalar(text(query)) or 0)
    assert note_visit(work, who, today())
    assert not note_visit(work, who, today() - timedelta(1)), "an older visit is no news"
    visited = "SELECT sum(visited) FROM grid_count"
    assert work.scalar(text(visited)) == 1
    work.execute(text("UPDATE grid_count_row SET visited_month = visited_month - interval '1 month'"))
    work.execute(text("UPDATE village_count SET visited_month = visited_month - interval '1 month'"))
    work.execute(text("UPDATE customer SET last_visit_on = last_visit_on - 40"))
    assert work.scalar(text(visited)) == 0
    assert check_counts(work)["same"]
    note_visit(work, who, today())
    assert work.scalar(text(visited)) == 1
    assert check_counts(work)["same"]


def test_a_household_in_one_grid_is_covered_once_and_until_its_last_customer_goes(work: Session) -> None:
    draw(work, "V1", lay("AB"))
    ids = put(work, *[Who(f"k{i}", PLACE.point(0, 0), household="H1") for i in range(2)])
    assign_customers(work, plan_code="V1")
    covered: list[Any] = []
    for key in ("k0", "k1"):
        covered.append(work.scalar(text("SELECT sum(covered_households) FROM grid_count")))
        with keep_counts(work, [ids[key]]):
            work.execute(text("UPDATE customer SET gone_at = now() WHERE id = :id"), {"id": ids[key]})
            reassign_customers(work, [ids[key]])
    assert covered == [1, 1]
    assert work.scalar(text("SELECT count(*) FROM grid_count_row")) == 0
    assert check_counts(work)["same"]
