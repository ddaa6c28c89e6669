"""Own layers by API: loaded, listed, looked at, drawn, taken away; who may, and what is told."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import DemoBank

POINTS = """名称,银行,经度,纬度,电话
城东,建设银行,121.205,31.905,0513-1
城西,农业银行,121.105,31.855,0513-2
坏行,x,,,
"""


@pytest.fixture(autouse=True)
def tidy(demo_bank: DemoBank) -> Any:
    yield
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM map_layer WHERE key LIKE 'test_%'"))


def load(client: Any, content: str = POINTS, **words: Any) -> Any:
    said = {"zh": "测试网点", "en": "Test rivals", "key": "test_rivals", **words}
    files = {"file": ("他行.csv", content.encode(), "text/csv")}
    return client.post("/api/v1/map/own", files=files, data={"options": json.dumps(said)})


def test_a_layer_is_loaded_listed_drawn_looked_at_and_taken_away(demo_bank: DemoBank) -> None:
    head, manager = demo_bank.client("head"), demo_bank.client("manager")
    done = load(head, meaning="competitors", class_column="银行", answers={"crs_doubtful": "accept"})
    assert (done.status_code, done.json()["status"]) == (200, "imported"), done.text
    assert (done.json()["features"], done.json()["left_out"]) == (2, 1)
    assert done.json()["layer"]["key"] == "test_rivals"
    for client in (head, manager):
        (listed,) = [one for one in client.get("/api/v1/map/own").json() if one["key"] == "test_rivals"]
        assert (listed["features"], listed["left_out"], listed["file_name"]) == (2, 1, "他行.csv")
    legend = manager.get("/api/v1/map/legend/own_test_rivals").json()
    assert {line["text"]: line["number"] for line in legend["legend"]} == {"农业银行": 1, "建设银行": 1}
    assert head.get("/tiles/own_test_rivals.json").json()["vector_layers"] == [
        {"id": "own_test_rivals", "fields": {}}
    ]
    assert head.get("/tiles/own_test_rivals/6/53/26.mvt").content
    with demo_bank.database.transaction(WORKER) as session:
        ids = session.scalars(
            text("SELECT f.id FROM map_feature f JOIN map_layer l ON l.id = f.layer_id"
                 " WHERE l.key = 'test_rivals' ORDER BY f.row")
        ).all()  # fmt: skip
        true = session.scalar(
            text("SELECT min(ST_Distance(b.geom::geography, f.geom::geography)) FROM branch b, map_feature f"
                 " WHERE f.id = :id"),
            {"id": ids[0]},
        )  # fmt: skip
    card = manager.get(f"/api/v1/map/own/features/{ids[0]}").json()
    assert (card["name"], card["class"], card["values"]["电话"]) == ("城东", "建设银行", "0513-1")
    assert abs(card["nearest"]["distance_m"] - true) <= 1
    page = head.get("/").text
    assert 'data-layer="own_test_rivals"' in page
    assert head.delete("/api/v1/map/own/test_rivals").status_code == 204
    assert manager.get(f"/api/v1/map/own/features/{ids[0]}").status_code == 404
    for client in (head, manager):
        # Tiles are those of the state that the page speaks of; without it a state is known for a second.
        now = client.get("/tiles/outlets.json").json()["data_version"]
        tile = f"/tiles/own_test_rivals/6/53/26.mvt?v={now}"
        for address in (tile, "/api/v1/map/legend/own_test_rivals"):
            missed = client.get(address)
            assert (missed.status_code, missed.json()["code"]) == (404, "no_layer")
            assert "图层" in missed.json()["detail_zh"]
    with demo_bank.database.transaction(WORKER) as session:
        acts = session.scalars(
            text("SELECT action FROM audit WHERE subject = 'test_rivals' ORDER BY id")
        ).all()
    assert acts[-2:] == ["load_layer", "remove_layer"]


def test_a_layer_of_the_bank_is_no_branchs(demo_bank: DemoBank) -> None:
    head, manager = demo_bank.client("head"), demo_bank.client("manager")
    load(head, audience="bank", answers={"crs_doubtful": "accept"})
    assert head.get("/tiles/own_test_rivals/6/53/26.mvt").status_code == 200
    assert manager.get("/tiles/own_test_rivals/6/53/26.mvt").status_code == 404
    assert manager.get("/tiles/outlets,own_test_rivals/6/53/26.mvt").status_code == 404
    assert "own_test_rivals" not in manager.get("/").text
    assert "test_rivals" not in {one["key"] for one in manager.get("/api/v1/map/own").json()}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"key": "A B"}, "bad_layer_key"),
        ({"colour": "red"}, "bad_layer_choice"),
        ({"zh": ""}, "bad_layer_words"),
        ({"path": "/etc/passwd"}, "bad_options"),
        ({"answers": 3}, "bad_options"),
    ],
)
def test_words_that_cannot_stand_are_422_in_both_languages(
    demo_bank: DemoBank, words: dict[str, Any], code: str
) -> None:
    refused = load(demo_bank.client("head"), **words)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["detail_zh"]
    assert refused.json()["detail_en"]


def test_a_file_that_is_none_is_told_and_stores_nothing(demo_bank: DemoBank) -> None:
    head = demo_bank.client("head")
    told = load(head, content="什么都不是").json()
    assert (told["status"], told["features"]) == ("rejected", 0)
    assert "test_rivals" not in {one["key"] for one in head.get("/api/v1/map/own").json()}
    asked = load(head, content="名称,经度,纬度\n甲,104.06,30.67\n").json()
    assert (asked["status"], asked["questions"][0]["code"]) == ("needs_answer", "crs_doubtful")
