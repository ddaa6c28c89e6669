"""Coverage figures equal plain SQL over the rows, for head office and for whoever sees less."""

from typing import Any

import pytest
from sqlalchemy import text

from app.customers.coverage import count_coverage, list_coverage
from app.db.connection import WORKER
from tests.conftest import DemoBank

PLAIN = """
SELECT count(*) FILTER (WHERE a.standing = 'existing') AS existing,
    count(*) FILTER (WHERE a.standing = 'prospect') AS prospects,
    count(*) FILTER (WHERE a.grid_id IS NOT NULL) AS enrolled,
    count(*) FILTER (WHERE a.geom IS NOT NULL AND a.standing = 'existing') AS located,
    count(*) FILTER (WHERE a.grid_id IS NOT NULL AND c.filed AND a.standing = 'existing') AS filed,
    count(*) FILTER (WHERE a.grid_id IS NOT NULL AND a.standing = 'existing'
        AND c.last_visit_on >= date_trunc('month', current_date)) AS visited,
    count(DISTINCT (a.grid_id, c.household_no)) FILTER (WHERE a.grid_id IS NOT NULL
        AND a.standing = 'existing' AND c.household_no IS NOT NULL) AS households
FROM assignment a JOIN customer c ON c.id = a.customer_id
WHERE CAST(:grids AS bigint[]) IS NULL OR a.grid_id = ANY (:grids)"""
RUNGS = """
SELECT rung, count(*) AS number FROM assignment
WHERE CAST(:grids AS bigint[]) IS NULL OR grid_id = ANY (:grids) GROUP BY rung"""


def count_plainly(bank: DemoBank, grids: list[int] | None) -> tuple[Any, dict[int, int]]:
    """The same figures from the rows themselves."""
    with bank.database.transaction(WORKER) as session:
        figures = session.execute(text(PLAIN), {"grids": grids}).one()
        rungs = session.execute(text(RUNGS), {"grids": grids}).all()
    return figures, {row.rung: row.number for row in rungs}


@pytest.mark.parametrize("role", ["head", "branch_head", "manager"])
def test_the_figures_are_what_the_rows_say(demo_bank: DemoBank, role: str) -> None:
    with demo_bank.database.transaction(demo_bank.viewer(role)) as session:
        figures = count_coverage(session)
        grids = None if role == "head" else session.scalar(text("SELECT getu_viewer_grids()"))
    plain, rungs = count_plainly(demo_bank, grids)
    everybody = plain.existing + plain.prospects
    assert everybody > 0
    assert figures["customers"] == {"existing": plain.existing, "prospects": plain.prospects}
    assert figures["enrolled"] == {"n": plain.enrolled, "of": everybody}
    assert figures["located"] == {"n": plain.located, "of": plain.existing}
    assert figures["filed"] == {"n": plain.filed, "of": plain.existing}
    assert figures["visited"] == {"n": plain.visited, "of": plain.existing}
    assert figures["covered_households"]["n"] == plain.households
    assert figures["covered_households"]["of"] > 0
    assert {int(rung): n for rung, n in figures["rungs"].items() if n} == rungs
    assert sum(figures["rungs"].values()) == everybody


def test_the_grids_of_a_manager_are_his_own_and_their_rates_hold(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(demo_bank.viewer("manager")) as session:
        rows = list_coverage(session)
        mine = set(session.scalar(text("SELECT getu_viewer_grids()")) or [])
    with demo_bank.database.transaction(demo_bank.viewer("head")) as session:
        everybody = list_coverage(session)
    assert {row["id"] for row in rows} <= mine
    assert 0 < len(rows) < len(everybody)
    for row in everybody:
        if row["existing"]:
            assert float(row["filed_rate"]) == pytest.approx(row["filed"] / row["existing"], abs=1e-4)
        else:
            assert row["filed_rate"] is None
    own = {row["id"]: row for row in everybody}
    assert all(dict(row) == dict(own[row["id"]]) for row in rows)
