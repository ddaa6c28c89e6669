"""Editing by the public door: acts with their bill, conflicts between two editors, undo, bad drawings."""

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


BAD: list[tuple[dict[str, Any], str]] = [
    ({"act": "split", "line": {"type": "LineString", "coordinates": [[121.2, 31.9]]}}, "bad_drawing"),
    ({"act": "split", "line": {"type": "LineString", "coordinates": [[121.2, 31.9]] * 2}}, "empty_drawing"),
    ({"act": "split", "line": {"type": "LineString", "coordinates": []}}, "empty_drawing"),
    ({"act": "split", "line": None}, "no_drawing"),
    ({"act": "split", "line": {"type": "LineString", "coordinates": [[121, 31], ["x", 2]]}}, "bad_drawing"),
    (
        {"act": "split", "line": {"type": "LineString", "coordinates": [[31.9, 121.2], [31.8, 121.1]]}},
        "swapped_coordinates",
    ),
    (
        {"act": "split", "line": {"type": "LineString", "coordinates": [[5e5, 3.5e6], [5e5, 3.6e6]]}},
        "not_degrees",
    ),
    ({"act": "split", "line": {"type": "LineString", "coordinates": [[0.5, 10], [1, 10]]}}, "far_away"),
    (
        {
            "act": "reshape",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[121, 31], [122, 32], [122, 31], [121, 32], [121, 31]]],
            },
        },
        "self_crossing",
    ),
    (
        {
            "act": "reshape",
            "geometry": {"type": "Polygon", "coordinates": [[[121, 31], [122, 32], [121, 31]]]},
        },
        "empty_drawing",
    ),
    (
        {
            "act": "reshape",
            "geometry": {"type": "Polygon", "coordinates": [[[121, 31], [121.5, 31], [122, 31], [121, 31]]]},
        },
        "empty_drawing",
    ),
    ({"act": "reshape", "geometry": {"type": "Point", "coordinates": [121, 31]}}, "no_drawing"),
    (
        {
            "act": "draw",
            "geometry": {"type": "Polygon", "coordinates": [[[121 + i * 1e-5, 31] for i in range(100_000)]]},
            "code": "X1",
        },
        "too_many_points",
    ),
    ({"act": "dance"}, "unknown_act"),
    ({"act": "draw", "how": "somehow"}, "bad_how"),
    ({"act": "merge", "grid_ids": []}, "too_few"),
    ({"act": "rename", "code": "  "}, "bad_code"),
    ({"act": "rename", "kind": "castle"}, "bad_kind"),
    ({"act": "rename"}, "nothing_changes"),
    ({"act": "give_units"}, "missing_field"),
    ({"act": "give_units", "unit_codes": ["nowhere"]}, "no_unit"),
    ({"act": "set_branch", "branch": "B-none"}, "no_branch"),
    ({"act": "unlock"}, "nothing_changes"),
]


@pytest.mark.parametrize(("body", "code"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_what_cannot_be_drawn_is_refused_by_name_and_nothing_changes(
    head: Client, body: dict[str, Any], code: str
) -> None:
    grid = next(iter(features(head)))
    answer = head.post(f"{BASE}/edits", json={"grid_id": grid, "to": grid, **body})
    assert answer.status_code in (404, 422), answer.text
    told = answer.json()
    assert told["code"] == code, told
    assert told["detail_zh"]
    assert told["detail_en"]


def test_a_number_that_is_none_is_told(head: Client) -> None:
    grid = next(iter(features(head)))
    line = '{"type": "LineString", "coordinates": [[NaN, 31.9], [121.2, 31.8]]}'
    raw = '{"act": "split", "grid_id": %d, "line": ' + line + "}"
    answer = head.post(f"{BASE}/edits", content=raw % grid, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_coordinates")


def test_a_grid_of_another_plan_is_as_if_it_were_not_there(head: Client) -> None:
    other = head.get("/api/v1/plans/V1/grids", params={"counted": False}).json()["features"][0]
    answer = head.post(f"{BASE}/edits", json={"act": "rename", "grid_id": other["id"], "name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_grid")


def test_the_plan_in_force_is_closed_to_edits(head: Client) -> None:
    grid = head.get("/api/v1/plans/V1/grids", params={"counted": False}).json()["features"][0]
    assert grid["properties"]["editable"] is False
    answer = head.post("/api/v1/plans/V1/edits", json={"act": "rename", "grid_id": grid["id"], "name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_closed")


def test_a_removed_grid_leaves_a_gap_that_must_be_meant(head: Client) -> None:
    grid = next(iter(features(head).values()))
    refused = head.post(f"{BASE}/edits", json={"act": "remove", "grid_id": grid["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "edit_adds")
    assert refused.json()["findings"][0]["kind"] == "gap"
    meant = head.post(f"{BASE}/edits", json={"act": "remove", "grid_id": grid["id"], "allow_faults": True})
    assert meant.status_code == 200, meant.text
    assert meant.json()["removed"] == [grid["id"]]
    found = head.get(f"{BASE}/findings").json()["findings"]
    gap = next(one for one in found if one["kind"] == "gap")
    asked = head.get(f"{BASE}/findings/{gap['id']}/repairs")
    assert asked.status_code == 200, asked.text
    options = asked.json()["options"]
    assert 2 <= len(options) <= 4
    best = options[0]
    assert best["why_zh"]
    assert best["forecast"]["ok"] is True
    assert best["bill"]["area_m2"] > 0
    done = head.post(f"{BASE}/findings/{gap['id']}/repairs", json={"option": best["key"]})
    assert done.status_code == 200, done.text
    assert done.json()["findings"]["after"].get("gap") is None
    undo(head, done.json()["step"]["number"])
    back = undo(head, meant.json()["step"]["number"])
    assert [one["id"] for one in back["grids"]] == [grid["id"]]
    assert whole(features(head))[grid["id"]] == whole({grid["id"]: grid})[grid["id"]]


def test_a_branch_head_divides_his_own_ground_and_nobody_elses(demo_bank: DemoBank, head: Client) -> None:
    branch = demo_bank.client("branch_head")
    mine = features(branch)
    others = {k: one for k, one in features(head).items() if k not in mine}
    assert mine
    assert others
    grid = max(mine.values(), key=lambda one: one["properties"]["area_m2"])
    assert grid["properties"]["editable"]
    split = branch.post(f"{BASE}/edits", json={"act": "split", "grid_id": grid["id"], "line": across(grid)})
    assert split.status_code == 200, split.text
    assert undo(branch, split.json()["step"]["number"])["removed"]
    foreign = next(iter(others.values()))
    answer = branch.post(
        f"{BASE}/edits", json={"act": "split", "grid_id": foreign["id"], "line": across(foreign)}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "no_grid")
    ground = shape(grid["geometry"])
    wide = shapely.union(ground, ground.centroid.buffer(0.02))
    taken = branch.post(
        f"{BASE}/edits", json={"act": "reshape", "grid_id": grid["id"], "geometry": mapping(wide)}
    )
    assert taken.status_code in (409, 422), taken.text
    assert taken.json()["code"] in ("outer_border", "swallows_grid")
    assert branch.post(f"{BASE}/edits", json={"act": "lock", "grid_ids": [grid["id"]]}).status_code == 403
    manager = demo_bank.client("manager")
    refused = manager.post(f"{BASE}/edits", json={"act": "rename", "grid_id": grid["id"], "name": "x"})
    assert refused.status_code == 403


def test_what_is_locked_is_not_touched(head: Client) -> None:
    grid = next(iter(features(head).values()))
    lock = head.post(f"{BASE}/edits", json={"act": "lock", "grid_ids": [grid["id"]]}).json()
    refused = head.post(f"{BASE}/edits", json={"act": "split", "grid_id": grid["id"], "line": across(grid)})
    assert (refused.status_code, refused.json()["code"]) == (409, "locked")
    assert grid["properties"]["code"] in refused.json()["detail_zh"]
    undo(head, lock["step"]["number"])
    assert features(head)[grid["id"]]["properties"]["locked"] is False


def apart(demo_bank: DemoBank, head: Client) -> tuple[Client, list[dict[str, Any]], list[dict[str, Any]]]:
    """A branch head's door, the grids of his own, and all others."""
    branch = demo_bank.client("branch_head")
    mine = features(branch)
    return branch, list(mine.values()), [one for k, one in features(head).items() if k not in mine]


def test_a_version_number_tells_nothing_about_grids_of_others(demo_bank: DemoBank, head: Client) -> None:
    branch, (grid, *_), (foreign, *_) = apart(demo_bank, head)
    named = head.post(
        f"{BASE}/edits", json={"act": "rename", "grid_id": foreign["id"], "name": "别处"}
    ).json()
    body = {"act": "rename", "grid_id": grid["id"], "name": "本处", "versions": {str(foreign["id"]): 0}}
    answer = branch.post(f"{BASE}/edits?dry_run=true", json=body)
    assert answer.status_code == 200, answer.text
    assert "别处" not in answer.text
    assert foreign["properties"]["code"] not in answer.text
    undo(head, named["step"]["number"])


def test_a_branch_head_does_not_undo_what_he_may_not_do(demo_bank: DemoBank, head: Client) -> None:
    branch, (grid, *_), (foreign, *_) = apart(demo_bank, head)
    lock = head.post(f"{BASE}/edits", json={"act": "lock", "grid_ids": [grid["id"]]}).json()["step"]
    refused = branch.post(f"{BASE}/steps/{lock['number']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    undo(head, lock["number"])
    home = grid["properties"]["branch_code"]
    body = {"act": "set_branch", "grid_ids": [foreign["id"]], "branch": home}
    given = head.post(f"{BASE}/edits", json=body).json()["step"]
    refused = branch.post(f"{BASE}/steps/{given['number']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "outer_border")
    undo(head, given["number"])


def test_what_is_offered_is_looked_at_and_not_yet_changed(demo_bank: DemoBank, head: Client) -> None:
    branch, (grid, *_), (foreign, *_) = apart(demo_bank, head)
    offer = {
        "step": "branch",
        "to": grid["properties"]["branch_code"],
        "grids": [foreign["properties"]["code"]],
    }
    made = head.post(f"{BASE}/allot", json=offer)
    assert made.status_code == 201, made.text
    shown = features(branch)[foreign["id"]]
    assert shown["properties"]["editable"] is False
    body = {"act": "rename", "grid_id": foreign["id"], "name": "已是我的"}
    answer = branch.post(f"{BASE}/edits?dry_run=true", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_grid")
    target = {"grid": foreign["properties"]["code"], "measure": "visited", "target": 9}
    answer = branch.post("/api/v1/targets", json={"plan": CODE, "period": "2026", "targets": [target]})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_grid")
    answer = branch.put(f"/api/v1/scheme/grids/{foreign['id']}/posts", json={"posts": {"does": None}})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_grid")
    taken = head.post(f"{BASE}/allotments/withdraw", json={"batch": made.json()["batch"]})
    assert taken.status_code == 200, taken.text


def test_a_clean_tells_a_branch_head_of_faults_on_his_own_ground_only(
    demo_bank: DemoBank, head: Client
) -> None:
    branch = demo_bank.client("branch_head")
    seen = {one["id"] for one in branch.get("/api/v1/plans/V2/grids?counted=false").json()["features"]}
    told = {}
    for door, client in {"head": head, "branch": branch}.items():
        answer = client.post("/api/v1/plans/V2/clean?dry_run=true", json={})
        assert answer.status_code == 200, answer.text
        told[door] = answer.json()
    assert any(not seen & set(one["grid_ids"]) for one in told["head"]["steps"] + told["head"]["left"])
    assert all(seen & set(one["grid_ids"]) for one in told["branch"]["left"])
    mine = branch.get("/api/v1/plans/V2/findings").json()["counts"]
    assert sum(told["branch"]["forecast"]["before"].values()) == sum(mine.values())
