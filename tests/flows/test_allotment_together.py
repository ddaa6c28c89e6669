"""Several people offer, accept, return, withdraw the same grids at once: nothing is lost or lands twice."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
from geoalchemy2.shape import from_shape
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from app.db import Database
from app.db.connection import WORKER
from app.errors import GetuError
from app.models import Branch, Staff, Unit
from app.territory.allotment import Answer, Choice, Offer, answer_offers, offer_grids
from app.territory.plans import PlanDraft, find_plan, new_plan
from app.territory.shapes import to_areas
from tests.ground import lay

GRIDS = "ABCD"
WRITERS, ACTS = 4, 30


@pytest.fixture
def bank(fresh: Database) -> Database:
    """A draft of four grids, two branches with two managers each."""
    ground = lay("AABBCCDD")
    with fresh.transaction(WORKER) as session:
        for code, shape in [("frame", ground.frame), *((name, ground[name]) for name in ground.names)]:
            area = to_areas(np.array([shape], dtype=object))[0]
            kind = "frame" if code == "frame" else "village"
            session.add(
                Unit(
                    code=code, code_source="test", kind=kind, name=code, geom=from_shape(area, srid=4326),
                    area_m2=1.0, valid=Range(date(2026, 1, 1), None),
                )
            )  # fmt: skip
        branches = {code: Branch(code=code, name=code, kind="branch") for code in ("1", "2")}
        session.add_all(branches.values())
        session.flush()
        for code in ("M11", "M12", "M21", "M22"):
            session.add(Staff(code=code, name=code, kind="manager", branch_id=branches[code[1]].id))
        session.flush()
        new_plan(session, PlanDraft("V1", "规划"))
    return fresh


def act(bank: Database, writer: int) -> Counter[str]:
    """One writer's acts at random, each its own transaction; how they ended."""
    dice, ends = random.Random(writer), Counter[str]()
    for _ in range(ACTS):
        try:
            with bank.transaction(WORKER) as session:
                plan = find_plan(session, "V1")
                if dice.random() < 0.5:
                    to = dice.choice(["1", "2", "M11", "M12", "M21", "M22"])
                    codes = tuple(dice.sample(GRIDS, dice.randint(1, 2)))
                    step = "branch" if len(to) == 1 else "manager"
                    offer_grids(session, plan, Offer(step, to, Choice(codes)), by=None)
                else:
                    said = dice.choice(["accept", "accept", "return", "withdraw"])
                    batch = (
                        session.scalar(text("SELECT max(batch) FROM allotment WHERE state = 'offered'")) or 1
                    )
                    answer_offers(session, plan, Answer(said, batch=batch, reason="x"), by=None)
            ends["done"] += 1
        except GetuError as refused:
            ends[refused.code] += 1
    return ends


def test_many_at_once_end_as_some_order_of_them_would(bank: Database) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        ends = sum(pool.map(lambda writer: act(bank, writer), range(WRITERS)), Counter[str]())
    assert ends.keys() <= {"done", "cannot_offer", "cannot_answer", "no_allotment"}
    assert ends.total() == WRITERS * ACTS
    assert 5 < ends["done"] < WRITERS * ACTS - 5, ends
    with bank.transaction(WORKER) as session:

        def ask(query: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in session.execute(text(query))]

        # A grid's branch is who accepted it last, and its holder today who accepted last of its people.
        last = """SELECT DISTINCT ON (grid_id) grid_id, {} FROM allotment
            WHERE state = 'accepted' AND step = '{}' ORDER BY grid_id, answered_at DESC"""
        assert ask(last.format("branch_id", "branch")) == ask(
            "SELECT id, branch_id FROM grid WHERE branch_id > 0 ORDER BY 1"
        )
        held = """SELECT grid_id, staff_id FROM duty WHERE upper_inf(recorded)
            AND valid @> current_date ORDER BY 1"""
        assert ask(last.format("staff_id", "manager")) == ask(held)
        waiting = (
            "SELECT grid_id, count(*) FROM allotment WHERE state = 'offered' GROUP BY 1 HAVING count(*) > 1"
        )
        assert ask(waiting) == []
        marks = """SELECT g.code, g.allotted, a.step FROM grid g
            LEFT JOIN allotment a ON a.grid_id = g.id AND a.state = 'offered'
            WHERE (a.step = 'branch') <> (g.allotted = 'offered_branch')
                OR (a.step = 'manager') <> (g.allotted = 'offered_manager')
                OR (a.id IS NULL AND g.allotted LIKE 'offered%')"""
        assert ask(marks) == []
        halves = """SELECT batch FROM allotment WHERE state <> 'offered' GROUP BY batch
            HAVING count(DISTINCT (state, answered_by)) > 1"""
        assert ask(halves) == []
