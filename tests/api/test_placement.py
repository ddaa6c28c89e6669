"""Deciding by the public door: who may, who sees, what is remembered, and what strangers send."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import Client, DemoBank
from tests.truth import GRIDS, truth

DOUBT = """INSERT INTO placement_case (customer_id, kind, score, prefix, answer)
    VALUES (:id, 'low_score', :score, :prefix, '{"candidates": []}')"""
FORM = """INSERT INTO place_alias (alias, place_code, corrections) VALUES ('老供销社大院', :code, 2)
    RETURNING id"""
KEPT = {
    "placement": "SELECT *, ST_AsEWKB(geom) FROM placement ORDER BY customer_id",
    "assignment": "SELECT * FROM assignment ORDER BY customer_id",
    "grid_count": "SELECT * FROM grid_count ORDER BY grid_id",
    "run": """SELECT id, total, assigned, contested, outside, unlocated, by_method, unassigned
        FROM assignment_run""",
}


def read(bank: DemoBank) -> dict[str, list[Any]]:
    with bank.database.transaction(WORKER) as session:
        return {name: list(session.execute(text(query)).all()) for name, query in KEPT.items()}


@pytest.fixture(scope="module")
def own(demo_bank: DemoBank) -> list[int]:
    """Four existing customers of the manager's own grids without a case, in order of number."""
    query = f"""SELECT customer_id FROM assignment
        WHERE grid_id IN ({GRIDS["manager"]}) AND grid_id IN ({GRIDS["branch_head"]})
            AND customer_id NOT IN (SELECT customer_id FROM placement_case)
        ORDER BY 1 LIMIT 4"""
    with truth(demo_bank.database) as admin:
        return list(admin.execute(text(query)).scalars())


@pytest.fixture(scope="module")
def foreign(demo_bank: DemoBank) -> int:
    """A customer of neither the manager's nor the branch head's grids."""
    query = f"""SELECT customer_id FROM assignment WHERE grid_id NOT IN ({GRIDS["manager"]})
        AND grid_id NOT IN ({GRIDS["branch_head"]}) LIMIT 1"""
    with truth(demo_bank.database) as admin:
        return int(admin.scalar(text(query)))


@pytest.fixture(scope="module")
def away(demo_bank: DemoBank) -> dict[str, Any]:
    """A village of another branch: its code, and a point within it."""
    query = f"""SELECT g.unit_codes[1] AS code, ST_X(g.anchor) AS lon, ST_Y(g.anchor) AS lat
        FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.status = 'in_force' AND g.kind = 'village'
            AND g.id NOT IN ({GRIDS["manager"]}) AND g.id NOT IN ({GRIDS["branch_head"]})
        ORDER BY g.code LIMIT 1"""
    with truth(demo_bank.database) as admin:
        return dict(admin.execute(text(query)).mappings().one())


@pytest.fixture(autouse=True)
def as_it_was(demo_bank: DemoBank, head: Client, own: list[int], foreign: int) -> Iterator[None]:
    """Cases about these customers; afterwards everything of the bank stands as before."""
    with demo_bank.database.transaction(WORKER) as session:
        for number, customer_id in enumerate([*own, foreign]):
            facts = {"id": customer_id, "score": 0.5 - number / 100, "prefix": f"门-{number // 2}"}
            session.execute(text(DOUBT), facts)
    before = read(demo_bank)
    yield
    for step in head.get("/api/v1/placement/steps?limit=200").json():
        if step["action"] != "undo" and not step["undone"] and step["customer_id"] in (*own, foreign):
            head.post("/api/v1/placement/undo", json={"batch": step["batch"]})
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM placement_case WHERE prefix LIKE '门-%'"))
    assert read(demo_bank) == before


@pytest.fixture(scope="module")
def manager(demo_bank: DemoBank) -> Client:
    return demo_bank.client("manager")


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


def decide(client: Client, customer_id: int, **said: Any) -> Any:
    return client.post(f"/api/v1/placement/cases/{customer_id}/decide", json=said)


def test_a_manager_decides_in_his_sight_and_takes_back_what_left_it(
    manager: Client, own: list[int], away: dict[str, Any]
) -> None:
    answer = decide(manager, own[0], action="pin", lon=away["lon"], lat=away["lat"], accuracy_m=8, note="📍")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["customers"], told["placement"]["method"]) == ([own[0]], "pin")
    assert told["grid"]["id"] != told["moved_from"]["id"]
    assert told["next"] == own[1]
    assert manager.get(f"/api/v1/customers/{own[0]}").status_code == 404
    undone = manager.post("/api/v1/placement/undo", json={"batch": told["batch"]})
    assert undone.status_code == 200
    assert undone.json()["grid"] == told["moved_from"]
    assert manager.get(f"/api/v1/customers/{own[0]}").status_code == 200


def test_a_customer_out_of_sight_is_as_if_he_were_not_there(manager: Client, foreign: int) -> None:
    pin = {"lon": 121.2, "lat": 31.9, "client_key": "foreign"}
    for answer in (
        decide(manager, foreign, action="later"),
        manager.post(f"/api/v1/customers/{foreign}/pin", json=pin),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_customer")
    assert manager.get(f"/api/v1/placement/steps?customer_id={foreign}").json() == []


def test_alike_means_alike_in_ones_own_sight(
    demo_bank: DemoBank, manager: Client, own: list[int], foreign: int
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("UPDATE placement_case SET prefix = '门-0' WHERE prefix LIKE '门-%'"))
    told = decide(manager, own[0], action="outside", same=True).json()
    assert sorted(told["customers"]) == own
    assert foreign not in told["customers"]


def test_the_second_to_decide_hears_who_was_first_and_when(
    demo_bank: DemoBank, manager: Client, head: Client, own: list[int]
) -> None:
    assert decide(head, own[0], action="unclear").status_code == 200
    answer = decide(manager, own[0], action="outside")
    assert (answer.status_code, answer.json()["code"]) == (409, "decided_meanwhile")
    assert answer.json()["by"] == head.get("/api/v1/me").json()["name"]
    assert answer.json()["at"].startswith("20")
    assert decide(head, own[0], action="outside").status_code == 200, "one's own mind may be changed"


def test_head_office_takes_back_what_a_manager_decided_and_he_not_what_it_did(
    manager: Client, head: Client, own: list[int]
) -> None:
    mine = decide(manager, own[0], action="outside").json()["batch"]
    theirs = decide(head, own[1], action="outside").json()["batch"]
    answer = manager.post("/api/v1/placement/undo", json={"batch": theirs})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_batch")
    assert head.post("/api/v1/placement/undo", json={"batch": mine}).status_code == 200
    again = manager.post("/api/v1/placement/undo", json={"batch": mine})
    assert (again.status_code, again.json()["code"]) == (409, "undone")


def test_who_answers_for_other_grids_by_now_takes_nothing_back(
    demo_bank: DemoBank, manager: Client, own: list[int]
) -> None:
    batch = decide(manager, own[0], action="outside").json()["batch"]
    mine = "SELECT staff_id FROM app_user WHERE login = :login"
    other = f"""SELECT staff_id FROM duty WHERE grid_id NOT IN ({GRIDS["manager"]})
        AND grid_id NOT IN ({GRIDS["branch_head"]}) AND valid @> current_date LIMIT 1"""
    login = {"login": manager.get("/api/v1/me").json()["login"]}
    change = text("UPDATE app_user SET staff_id = :staff WHERE login = :login")
    with truth(demo_bank.database) as admin:
        staff, another = admin.scalar(text(mine), login), admin.scalar(text(other))
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(change, {"staff": another, **login})
    stood = read(demo_bank)
    answer = manager.post("/api/v1/placement/undo", json={"batch": batch})
    after = read(demo_bank)
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(change, {"staff": staff, **login})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_batch")
    assert after == stood
    assert manager.post("/api/v1/placement/undo", json={"batch": batch}).status_code == 200


def test_a_pin_sent_twice_is_answered_twice_and_stored_once(
    manager: Client, own: list[int], away: dict[str, Any]
) -> None:
    """Also when the first has taken the customer out of the sender's sight."""
    pin = {
        "lon": away["lon"],
        "lat": away["lat"],
        "accuracy_m": 12.5,
        "datum": "wgs84",
        "client_key": "door-1",
    }
    first, second = (manager.post(f"/api/v1/customers/{own[2]}/pin", json=pin) for _ in "ab")
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["placement"]["accuracy_m"] == 12.5
    manager.post("/api/v1/placement/undo", json={"batch": first.json()["batch"]})


def test_two_people_may_make_the_same_key(manager: Client, head: Client, own: list[int]) -> None:
    told = [
        decide(client, own[0], action="later", client_key="same-key").json() for client in (manager, head)
    ]
    assert told[0]["batch"] != told[1]["batch"]


def test_what_was_decided_is_told_and_stands_in_the_audit(
    demo_bank: DemoBank, manager: Client, own: list[int]
) -> None:
    told = decide(manager, own[0], action="unclear", note="电话不通").json()
    step = manager.get(f"/api/v1/placement/steps?customer_id={own[0]}&limit=1").json()[0]
    assert (step["batch"], step["action"], step["note"], step["undone"]) == (
        told["batch"],
        "unclear",
        "电话不通",
        False,
    )
    query = """SELECT subject, customer_ids, user_id FROM audit WHERE action = :action
        ORDER BY id DESC LIMIT 1"""
    with truth(demo_bank.database) as admin:
        decided, read_of = (
            tuple(admin.execute(text(query), {"action": action}).one())
            for action in ("decide_placement", "list_placement_steps")
        )
    assert decided == ("unclear", [own[0]], demo_bank.viewer("manager").user_id)
    assert read_of[1:] == decided[1:]


def test_a_decision_changes_the_version_of_the_tiles(
    manager: Client, own: list[int], away: dict[str, Any]
) -> None:
    def version() -> str:
        return str(manager.get("/tiles/grids.json").json()["data_version"])

    before = version()
    told = decide(manager, own[0], action="pin", lon=away["lon"], lat=away["lat"]).json()
    decided = version()
    manager.post("/api/v1/placement/undo", json={"batch": told["batch"]})
    assert len({before, decided, version()}) == 3


@pytest.mark.parametrize(
    "said",
    [
        {"action": "choose"},
        {"action": "choose", "code": "999999999999"},
        {"action": "choose", "code": "\x00"},
        {"action": "choose", "code": "村" * 5000},
        {"action": "pin", "lon": 121.2},
        {"action": "pin", "lon": 0, "lat": 0},
        {"action": "pin", "lon": 31.9, "lat": 89},
        {"action": "pin", "lon": 1e308, "lat": 31.9},
        {"action": "pin", "lon": 121.2, "lat": 31.9, "accuracy_m": -1},
        {"action": "pin", "lon": 121.2, "lat": 31.9, "datum": "beijing54"},
        {"action": "pin", "lon": 121.2, "lat": 31.9, "same": True},
        {"action": "later", "note": "长" * 10_000},
        {"action": "later", "note": "a\x00b"},
        {"action": "later", "client_key": "x"},
        {"action": "undo"},
        {"action": 7},
        {},
    ],
)
def test_a_decision_that_is_none_is_told_so(manager: Client, own: list[int], said: dict[str, Any]) -> None:
    answer = decide(manager, own[0], **said)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail_zh"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e309"])
def test_no_number_is_no_point(manager: Client, own: list[int], number: str) -> None:
    body = f'{{"lon": {number}, "lat": 31.9, "client_key": "nan-key"}}'
    headers = {"content-type": "application/json"}
    answer = manager.post(f"/api/v1/customers/{own[0]}/pin", content=body, headers=headers)
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("number", ["-1", "0", str(2**63 - 1), str(2**63), "9" * 40, "x", "1 OR 1=1"])
def test_a_number_of_nobody_finds_nobody(head: Client, number: str) -> None:
    answers = [
        decide(head, number, action="later"),  # type: ignore[arg-type]
        head.post(
            f"/api/v1/customers/{number}/pin", json={"lon": 121.2, "lat": 31.9, "client_key": "nobody"}
        ),
        head.get("/api/v1/placement/steps", params={"customer_id": number}),
        head.post(f"/api/v1/placement/aliases/{number}", json={"approve": True}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 404, 422}


def test_a_point_beyond_the_ground_is_asked_about_first(head: Client, own: list[int]) -> None:
    said = {"action": "pin", "lon": 120.0, "lat": 31.9}
    answer = decide(head, own[0], **said)
    assert (answer.status_code, answer.json()["code"]) == (422, "confirm_outside")
    answer = decide(head, own[0], **said, confirm_outside=True)
    assert (answer.status_code, answer.json()["grid"]) == (200, None)


def test_a_written_form_is_for_head_office_to_approve(
    demo_bank: DemoBank, manager: Client, head: Client
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        code = session.scalar(text("SELECT min(code) FROM place WHERE level = 'village'"))
        alias_id = session.scalar(text(FORM), {"code": code})
    try:
        assert manager.get("/api/v1/placement/aliases?state=proposed").json() == []
        assert (
            manager.post(f"/api/v1/placement/aliases/{alias_id}", json={"approve": True}).status_code == 403
        )
        assert [row["id"] for row in head.get("/api/v1/placement/aliases?state=proposed").json()] == [
            alias_id
        ]
        asked = {"address": "海门区老供销社大院3号"}
        assert head.post("/api/v1/geocode", json=asked).json()["answers"][0]["code"] != code
        told = head.post(f"/api/v1/placement/aliases/{alias_id}", json={"approve": True}).json()
        assert told["state"] == "approved"
        for client in (head, manager, demo_bank.client("analyst")):
            assert client.post("/api/v1/geocode", json=asked).json()["answers"][0]["code"] == code
        assert manager.get("/api/v1/placement/aliases").json()[0]["alias"] == "老供销社大院"
        head.post(f"/api/v1/placement/aliases/{alias_id}", json={"approve": False})
        assert head.post("/api/v1/geocode", json=asked).json()["answers"][0]["code"] != code
    finally:
        with demo_bank.database.transaction(WORKER) as session:
            session.execute(text("DELETE FROM place_alias WHERE id = :id"), {"id": alias_id})
