"""Editing through the public door: acts with their bill, conflicts between two editors, undo, bad drawings."""

from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping, shape
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import Client, DemoBank

CODE = "E1"
BASE = f"/api/v1/plans/{CODE}"


@pytest.fixture(scope="module")
def drafted(demo_bank: DemoBank) -> Iterator[str]:
    """A copy of the plan in force, checked, for the tests of this module."""
    head = demo_bank.client("head")
    made = head.post("/api/v1/plans", json={"code": CODE, "name": "编辑", "from_plan": "V1"})
    assert made.status_code == 201, made.text
    yield CODE
    with demo_bank.database.transaction(WORKER) as session:
        grids = "SELECT g.id FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.code = :code"
        session.execute(text(f"DELETE FROM duty WHERE grid_id IN ({grids})"), {"code": CODE})
        session.execute(text("DELETE FROM plan WHERE code = :code"), {"code": CODE})


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank, drafted: str) -> Client:
    return demo_bank.client("head")


def features(client: Client) -> dict[int, dict[str, Any]]:
    """The draft's grids in sight by id."""
    answer = client.get(f"{BASE}/grids", params={"counted": False})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["features"]}


def across(feature: dict[str, Any]) -> dict[str, Any]:
    """A line across the middle of a grid, beyond both sides."""
    west, south, east, north = shape(feature["geometry"]).bounds
    middle = (south + north) / 2
    return dict(mapping(shapely.LineString([(west - 0.001, middle), (east + 0.001, middle)])))


def undo(client: Client, number: int) -> Any:
    answer = client.post(f"{BASE}/steps/{number}/undo")
    assert answer.status_code == 200, answer.text
    return answer.json()


def whole(grids: dict[int, dict[str, Any]]) -> dict[int, Any]:
    """Shapes and facts that an undo must give back."""
    stable = ("code", "name", "kind", "households", "locked", "branch", "manager")
    return {k: (one["geometry"], [one["properties"][fact] for fact in stable]) for k, one in grids.items()}


def test_a_split_is_tried_landed_and_undone_and_redone(head: Client) -> None:
    before = features(head)
    grid = next(one for one in before.values() if one["properties"]["kind"] == "village")
    body = {
        "act": "split",
        "grid_id": grid["id"],
        "line": across(grid),
        "versions": {str(grid["id"]): grid["properties"]["version"]},
    }
    tried = head.post(f"{BASE}/edits?dry_run=true", json=body)
    assert tried.status_code == 200, tried.text
    assert tried.json()["dry_run"]
    assert whole(features(head)) == whole(before), "a trial leaves nothing behind"
    landed = head.post(f"{BASE}/edits", json=body).json()
    assert landed["step"]["number"] == tried.json()["step"]["number"]
    assert landed["bill"]["area_m2"] == tried.json()["bill"]["area_m2"] > 0
    parts = [one for one in landed["grids"] if one["id"] not in before]
    assert len(parts) >= 1
    assert parts[0]["properties"]["manager"] == grid["properties"]["manager"]
    again = head.post(f"{BASE}/edits", json=body)
    assert again.status_code == 409
    assert again.json()["code"] == "changed_meanwhile"
    assert again.json()["changed"][0]["by"]
    assert again.json()["grids"][0]["id"] == grid["id"]
    split = whole(features(head))
    undone = undo(head, landed["step"]["number"])
    assert set(undone["removed"]) == {one["id"] for one in parts}
    assert whole(features(head)) == whole(before)
    undo(head, undone["step"]["number"])
    assert whole(features(head)) == split
    steps = head.get(f"{BASE}/steps").json()["steps"]
    assert [step["act"] for step in steps[:3]] == ["undo", "undo", "split"]
    assert [step["can_undo"] for step in steps[:3]] == [True, False, False]
    undo(head, steps[0]["number"])
    assert whole(features(head)) == whole(before)
