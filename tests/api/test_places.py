"""Where is this: addresses to places, points to grids, in one's own ground and beyond it."""

import pytest
from sqlalchemy import text

from tests.conftest import Client, DemoBank
from tests.truth import GRIDS, truth


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


def test_an_address_is_matched_to_its_village_with_the_rest_kept(head: Client) -> None:
    answer = head.post("/api/v1/geocode", json={"address": "海门区常乐镇颐生村3组12号"}).json()["answers"][0]
    assert (answer["name"], answer["group"], answer["house"]) == ("颐生村", "3", "12")
    assert answer["score"] >= 0.9
    assert 121 < answer["lon"] < 122


def test_answers_come_in_the_order_of_the_questions_empty_ones_too(head: Client) -> None:
    asked = ["海门区常乐镇颐生村", None, "", "火星乡月亮村", "海门区常乐镇"]
    answers = head.post("/api/v1/geocode", json={"addresses": asked}).json()["answers"]
    assert len(answers) == len(asked)
    assert answers[0]["name"] == "颐生村"
    assert [answer["level"] for answer in answers[1:4]] == ["none"] * 3
    assert answers[4]["name"] == "常乐镇"


def test_a_thousand_addresses_are_the_most_at_once(head: Client) -> None:
    assert head.post("/api/v1/geocode", json={"addresses": ["x"] * 1001}).status_code == 422
    assert len(head.post("/api/v1/geocode", json={"addresses": ["x"] * 1000}).json()["answers"]) == 1000


def test_every_anchor_is_located_in_its_own_grid(demo_bank: DemoBank, head: Client) -> None:
    with truth(demo_bank.database) as admin:
        rows = admin.execute(
            text("""SELECT code, ST_X(anchor) AS lon, ST_Y(anchor) AS lat FROM grid
            WHERE plan_id = (SELECT id FROM plan WHERE status = 'in_force') ORDER BY md5(code) LIMIT 40""")
        ).all()
    for code, lon, lat in rows:
        found = head.get("/api/v1/locate", params={"lon": lon, "lat": lat}).json()
        assert (found["place"], found["grid"]["code"]) == ("inside", code)
        assert found["manager"]["code"]
        assert found["edge_distance_m"] > 0


def test_a_point_at_sea_is_an_answer_and_no_error(head: Client) -> None:
    found = head.get("/api/v1/locate", params={"lon": 125, "lat": 31}).json()
    assert (found["place"], found["grid"]) == ("outside", None)


def test_before_the_first_plan_nobody_answers(head: Client) -> None:
    found = head.get("/api/v1/locate", params={"lon": 121.2, "lat": 31.95, "on": "2019-01-01"}).json()
    assert found["place"] == "no_plan"


@pytest.mark.parametrize("role", ["manager", "branch_head"])
def test_a_point_of_another_is_not_visible_and_names_nobody(demo_bank: DemoBank, role: str) -> None:
    pick = f"""SELECT ST_X(anchor), ST_Y(anchor), code FROM grid WHERE id NOT IN ({GRIDS[role]})
        AND plan_id = (SELECT id FROM plan WHERE status = 'in_force') ORDER BY md5(code) LIMIT 10"""
    with truth(demo_bank.database) as admin:
        points = admin.execute(text(pick)).all()
    client = demo_bank.client(role)
    for lon, lat, code in points:
        answer = client.get("/api/v1/locate", params={"lon": lon, "lat": lat})
        assert answer.json()["place"] == "not_visible"
        assert answer.json()["manager"] is None
        assert code not in answer.text


@pytest.mark.parametrize(
    "query",
    ["lon=NaN&lat=31", "lon=inf&lat=31", "lon=181&lat=31", "lon=121&lat=-91", "lon=121", "lon=1e400&lat=31"],
)
def test_a_point_that_is_none_is_refused(head: Client, query: str) -> None:
    assert head.get(f"/api/v1/locate?{query}").status_code == 422
