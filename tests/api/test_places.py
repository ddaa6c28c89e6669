"""Where is this: addresses to places, points to grids, in one's own ground and beyond it."""

import csv
import io
import os
import time
from typing import Any

import pytest
from sqlalchemy import text

from app.jobs import run_job
from app.jobs.placing import result_path
from app.jobs.worker import sweep
from app.spatial.crs import points_from_storage
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


def test_an_address_of_ten_thousand_characters_is_answered_and_a_longer_one_refused(head: Client) -> None:
    long = "海门区常乐镇颐生村3组12号" + "，" * 20_000
    assert (
        head.post("/api/v1/geocode", json={"address": long[:10_000]}).json()["answers"][0]["name"] == "颐生村"
    )
    for body in ({"address": long[:10_001]}, {"addresses": ["x", long[:10_001]]}):
        refused = head.post("/api/v1/geocode", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "malformed")


FILE = "编号,地址\n1,海门区常乐镇颐生村3组12号\n2,火星乡月亮村\n3,x,y\n".encode("gb18030")


def send(client: Client, content: bytes) -> Any:
    return client.post("/api/v1/geocode/files", files={"file": ("../地址.csv", content)})


def test_a_file_is_matched_as_a_job_and_its_result_is_for_its_sender_and_head_office(
    demo_bank: DemoBank, head: Client, tidy: None
) -> None:
    manager, branch = demo_bank.client("manager"), demo_bank.client("branch_head")
    job = send(manager, FILE).json()
    assert (job["kind"], job["status"]) == ("geocode_file", "waiting")
    path = f"/api/v1/geocode/files/{job['id']}"
    assert (manager.get(f"{path}/result").status_code, manager.get(f"{path}/summary").status_code) == (
        409,
        409,
    )
    assert branch.get(f"{path}/result").json()["code"] == "no_job"
    done = run_job(demo_bank.database, demo_bank.settings, job["id"])
    assert (done["status"], done["done"]) == ("done", 3)
    for client in (manager, head):
        answer = client.get(f"{path}/result")
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert rows[0] == ["id", "level", "code", "name", "score", "method", "candidates", "warnings"]
        assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
        assert [(row[1], row[3]) for row in rows[1:]] == [("village", "颐生村"), ("none", ""), ("none", "")]
        summary = client.get(f"{path}/summary").json()
        assert (summary["rows"], summary["left_out"], summary["reasons"]) == (3, 1, {"columns": 1})
        assert summary["encoding"]["name"] == "gb18030"
    assert str(demo_bank.settings.home) not in manager.get(f"/api/v1/jobs/{job['id']}").text
    for other in (branch, demo_bank.client("analyst")):
        for part in ("result", "summary"):
            assert other.get(f"{path}/{part}").status_code == 404


def test_results_are_swept_away_like_uploads(demo_bank: DemoBank, head: Client, tidy: None) -> None:
    old, young = (result_path(demo_bank.settings.files, number) for number in (10**9, 10**9 + 1))
    old.parent.mkdir(parents=True, exist_ok=True)
    for path in (old, young):
        path.write_text("id\n", encoding="utf-8")
    month_ago = time.time() - 31 * 86_400
    os.utime(old, (month_ago, month_ago))
    sweep(demo_bank.database, demo_bank.settings)
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()


def test_a_file_without_its_columns_is_refused_at_once_and_not_kept(
    demo_bank: DemoBank, head: Client, tidy: None
) -> None:
    folder = demo_bank.settings.files / "uploads"
    before = set(folder.iterdir())
    refused = send(head, "姓名,电话\n某,1\n".encode())
    assert (refused.status_code, refused.json()["code"]) == (422, "missing_columns")
    assert "姓名" in refused.json()["detail_zh"]
    assert send(head, b"PK\x03\x04").json()["code"] == "archive_broken"
    assert set(folder.iterdir()) == before


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


def test_a_point_has_its_village_its_town_its_nearest_outlet_and_its_neighbours(
    demo_bank: DemoBank, head: Client
) -> None:
    with truth(demo_bank.database) as admin:
        corners = admin.execute(text(CORNERS)).all()
        for lon, lat in corners:
            point = {"lon": lon, "lat": lat}
            found = head.get("/api/v1/locate", params=point).json()
            near = [one["code"] for one in found["near"]["units"]]
            units = admin.execute(text(UNITS_BY_LOOKING_AT_EACH), point).scalars().all()
            assert len(units) > 1
            assert sorted([found["unit"]["code"], *near]) == sorted(units)
            assert found["town"]["name"] == found["unit"]["town_name"]
            held = [found["grid"], *found["contested_with"], *found["near"]["grids"]]
            grids = admin.execute(text(GRIDS_BY_LOOKING_AT_EACH), point).scalars().all()
            assert sorted(grid["code"] for grid in held if grid) == sorted(grids)
            nearest = admin.execute(text(NEAREST), point).one()
            assert found["nearest_outlet"]["code"] == nearest.code
            assert found["nearest_outlet"]["distance_m"] == pytest.approx(nearest.away, abs=0.1)


HERE = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography"
# Corners of villages, where two or three meet.
CORNERS = """SELECT ST_X(p), ST_Y(p) FROM (
    SELECT ST_PointN(ST_ExteriorRing(ST_GeometryN(geom, 1)), 1) AS p, code FROM unit
    WHERE kind IN ('village', 'community') AND valid @> current_date) AS corners
    WHERE (SELECT count(*) FROM unit u WHERE u.kind IN ('village', 'community') AND u.valid @> current_date
        AND u.geom && ST_Expand(p, 0.001) AND ST_DWithin(u.geom::geography, p::geography, 50)) > 1
    ORDER BY md5(code) LIMIT 12"""
UNITS_BY_LOOKING_AT_EACH = f"""SELECT code FROM unit WHERE kind IN ('village', 'community')
    AND valid @> current_date AND ST_Distance(geom::geography, {HERE}) <= 50"""
GRIDS_BY_LOOKING_AT_EACH = f"""SELECT code FROM grid WHERE ST_Distance(geom::geography, {HERE}) <= 50
    AND level = 3 AND plan_id = (SELECT id FROM plan WHERE status = 'in_force')"""
NEAREST = f"""SELECT code, ST_Distance(geom::geography, {HERE}) AS away
    FROM branch WHERE geom IS NOT NULL ORDER BY away, code LIMIT 1"""


@pytest.mark.parametrize(("datum", "back"), [("gcj02", "gcj02"), ("bd09", "bd09"), ("wgs84", "cgcs2000")])
def test_a_point_of_another_datum_is_brought_home_first(head: Client, datum: str, back: str) -> None:
    lon, lat = 121.2031, 31.9508
    x, y = points_from_storage([lon], [lat], back)
    there = head.get("/api/v1/locate", params={"lon": float(x[0]), "lat": float(y[0]), "datum": datum}).json()
    assert there["point"]["lon"] == pytest.approx(lon, abs=1e-6)
    assert there["point"]["lat"] == pytest.approx(lat, abs=1e-6)
    plain = head.get("/api/v1/locate", params={"lon": lon, "lat": lat}).json()
    assert there["grid"] == plain["grid"]
    assert head.get(f"/api/v1/locate?lon={lon}&lat={lat}&datum=mars").status_code == 422


def test_swapped_and_empty_points_say_so(head: Client) -> None:
    swapped = head.get("/api/v1/locate", params={"lon": 31.95, "lat": 121.21})
    assert (swapped.status_code, swapped.json()["code"]) == (422, "swapped")
    assert (swapped.json()["lon"], swapped.json()["lat"]) == (121.21, 31.95)
    assert "写反" in swapped.json()["detail_zh"]
    null = head.get("/api/v1/locate", params={"lon": 0, "lat": 0}).json()
    assert (null["place"], null["hint"]) == ("outside", "null_island")
    assert "没有取到位置" in null["message_zh"]
    sea = head.get("/api/v1/locate", params={"lon": 125, "lat": 31}).json()
    assert (sea["hint"], sea["unit"], sea["near"]) == (None, None, {"grids": [], "units": []})


@pytest.mark.parametrize("near_m", ["-1", "2001", "nan", "1e9"])
def test_near_is_at_most_two_kilometres(head: Client, near_m: str) -> None:
    assert head.get(f"/api/v1/locate?lon=121.2&lat=31.95&near_m={near_m}").status_code == 422


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
        found = answer.json()
        assert found["place"] == "not_visible"
        assert (found["grid"], found["manager"], found["branch"]) == (None, None, None)
        assert found["unit"]["name"]
        seen = set(client.get("/api/v1/locate", params={"lon": lon, "lat": lat, "near_m": 2000}).json())
        assert seen == set(found)
        assert code not in [grid["code"] for grid in found["near"]["grids"]]


@pytest.mark.parametrize(
    "query",
    ["lon=NaN&lat=31", "lon=inf&lat=31", "lon=181&lat=31", "lon=121&lat=-91", "lon=121", "lon=1e400&lat=31"],
)
def test_a_point_that_is_none_is_refused(head: Client, query: str) -> None:
    assert head.get(f"/api/v1/locate?{query}").status_code == 422


def test_no_address_is_told_as_such(head: Client) -> None:
    for body in ({}, {"address": None}, {"addresses": []}):
        answer = head.post("/api/v1/geocode", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "no_address")
