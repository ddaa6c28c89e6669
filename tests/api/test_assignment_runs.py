"""Who moved by a run, as each kind of viewer may know it: masked, in sight, named in the audit."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import DemoBank

# Two customers of two branches: each has come from the other one's grid.
MOVED = """
INSERT INTO assignment_move (run_id, customer_id, from_grid_id, to_grid_id, from_key, to_key, anew)
SELECT r.id, one.customer_id, other.grid_id, one.grid_id, other.grid_key, one.grid_key, true
FROM assignment_run r, LATERAL (SELECT :mine AS a, :foreign AS b UNION ALL SELECT :foreign, :mine) pair
JOIN LATERAL (SELECT * FROM assignment WHERE grid_id = pair.a ORDER BY customer_id LIMIT 1) one ON true
JOIN LATERAL (SELECT * FROM assignment WHERE grid_id = pair.b ORDER BY customer_id LIMIT 1) other ON true
WHERE r.current RETURNING run_id, customer_id, to_grid_id"""
GRIDS = """
SELECT min(g.id) FILTER (WHERE g.branch_id = b.branch_id) AS mine,
    min(g.id) FILTER (WHERE g.branch_id <> b.branch_id) AS other
FROM grid_count n JOIN grid g ON g.id = n.grid_id, (SELECT branch_id FROM app_user WHERE login = :login) b"""


@pytest.fixture
def moved(demo_bank: DemoBank) -> Iterator[dict[str, Any]]:
    """The run, who came to the branch head's ground and who left it; put back afterwards."""
    with demo_bank.database.transaction(WORKER) as session:
        login = demo_bank.people["branch_head"].login
        grids = session.execute(text(GRIDS), {"login": login}).one()
        rows = session.execute(text(MOVED), {"mine": grids.mine, "foreign": grids.other}).all()
    came = next(row.customer_id for row in rows if row.to_grid_id == grids.mine)
    left = next(row.customer_id for row in rows if row.to_grid_id == grids.other)
    yield {"run": rows[0].run_id, "came": came, "left": left}
    with demo_bank.database.transaction(WORKER) as session:
        gone = "DELETE FROM assignment_move WHERE run_id = :run AND customer_id = ANY(:ids)"
        session.execute(text(gone), {"run": rows[0].run_id, "ids": [came, left]})


def test_each_viewer_sees_the_moves_he_may_know_masked_and_audited(
    demo_bank: DemoBank, moved: dict[str, Any]
) -> None:
    path = f"/api/v1/assignment-runs/{moved['run']}/moves"
    told = demo_bank.client("head").get(path).json()
    names = {row["id"]: row["name"] for row in told["moves"]}
    assert all("*" in names[moved[who]] for who in ("came", "left"))
    scoped = {row["id"]: row for row in demo_bank.client("branch_head").get(path).json()["moves"]}
    assert "*" in scoped[moved["came"]]["name"]
    assert scoped[moved["came"]]["address"].endswith("***")
    assert scoped[moved["came"]]["from"] == {"id": None, "code": None, "name": None}
    assert scoped[moved["left"]]["name"] is None
    assert scoped[moved["left"]]["address"] is None
    with demo_bank.database.transaction(WORKER) as session:
        seen = session.scalar(
            text("SELECT customer_ids FROM audit WHERE action = 'list_moves' ORDER BY id DESC")
        )
    assert sorted(seen or ()) == sorted(scoped)


def test_the_list_as_a_file_and_the_runs_with_their_numbers(
    demo_bank: DemoBank, moved: dict[str, Any]
) -> None:
    client = demo_bank.client("head")
    file = client.get(f"/api/v1/assignment-runs/{moved['run']}/moves.csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert {str(moved["came"]), str(moved["left"])} <= {row["客户编号"] for row in rows}
    runs = client.get("/api/v1/assignment-runs").json()
    current = next(run for run in runs if run["current"])
    assert current["id"] == moved["run"]
    assert current["moved"] >= 2
    assert (
        current["assigned"] + current["contested"] + current["outside"] + current["unlocated"]
        == current["total"]
    )
    own = next(
        run for run in demo_bank.client("branch_head").get("/api/v1/assignment-runs").json() if run["current"]
    )
    assert (own["id"], own["moved"] >= 2) == (moved["run"], True)
    assert {own[key] for key in ("total", "assigned", "contested", "outside", "unlocated")} == {None}


def test_the_first_run_cannot_be_taken_back_and_says_so(demo_bank: DemoBank) -> None:
    client = demo_bank.client("head")
    first = client.get("/api/v1/assignment-runs").json()[-1]["id"]
    answer = client.post(f"/api/v1/assignment-runs/{first}/undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_before")


@pytest.mark.parametrize("by", ["grid", "village", "town", "branch"])
def test_counts_in_sight_are_a_part_of_all(demo_bank: DemoBank, by: str) -> None:
    whole, own = (
        {
            row["code"]: row
            for row in demo_bank.client(role).get(f"/api/v1/stats/counts?by={by}").json()["counts"]
        }
        for role in ("head", "branch_head")
    )
    assert 0 < sum(row["customers"] for row in own.values()) < sum(row["customers"] for row in whole.values())
    assert all(row["customers"] <= whole[code]["customers"] for code, row in own.items())
    assert all(sum(row["rungs"].values()) == row["customers"] for row in whole.values())
