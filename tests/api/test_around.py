"""Rings, nearest outlets and catchments through the public door: cut to the viewer, refused in words."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import Client, DemoBank

LATEST = "SELECT action, subject, cardinality(customer_ids) AS named FROM audit ORDER BY id DESC LIMIT 1"


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


@pytest.fixture(scope="module")
def outlet(head: Client) -> dict[str, Any]:
    """The outlet that keeps the most customers within a kilometre."""
    shares = head.get("/api/v1/around/shares").json()
    return dict(max(shares["outlets"], key=lambda one: one["kept"]))


def read_latest(bank: DemoBank) -> Any:
    with bank.database.transaction(WORKER) as session:
        return session.execute(text(LATEST)).one()


def test_a_ring_by_outlet_and_by_its_point_is_one_ring(head: Client, outlet: dict[str, Any]) -> None:
    named = head.get("/api/v1/around", params={"outlet": outlet["code"]}).json()
    pointed = head.get("/api/v1/around", params={"lon": outlet["lon"], "lat": outlet["lat"]}).json()
    assert named["total"] == pointed["total"] == outlet["in_ring"] > 0
    assert named["customers"] == pointed["customers"]
    assert named["ring"]["outlet"]["code"] == outlet["code"]
    shifted = head.get(
        "/api/v1/around", params={"lon": outlet["lon"], "lat": outlet["lat"], "datum": "gcj02"}
    ).json()
    assert shifted["ring"]["lon"] != outlet["lon"]


def test_a_ring_as_files_holds_every_row_of_its_pages_and_is_audited(
    demo_bank: DemoBank, head: Client, outlet: dict[str, Any]
) -> None:
    asked = {"outlet": outlet["code"], "kind": "person"}
    page = head.get("/api/v1/around", params={**asked, "limit": 200}).json()
    rows = list(
        csv.DictReader(io.StringIO(head.get("/api/v1/around.csv", params=asked).content.decode("utf-8-sig")))
    )
    assert [int(row["客户编号"]) for row in rows][:200] == [row["id"] for row in page["customers"]]
    assert len(rows) == page["total"] > 0
    assert all("*" in row["客户"] for row in rows)
    latest = read_latest(demo_bank)
    assert (latest.action, latest.named) == ("export_around", len(rows))
    book = load_workbook(io.BytesIO(head.get("/api/v1/around.xlsx", params=asked).content))
    lines = [[cell.value for cell in line] for line in book.worksheets[0].iter_rows()]
    assert [str(line[0]) for line in lines[1:]] == [row["客户编号"] for row in rows]
    assert lines[0] == list(rows[0])


def test_shares_as_a_file_name_the_keeper_of_each(head: Client) -> None:
    shares = head.get("/api/v1/around/shares", params={"radius_m": 3000}).json()
    text_ = head.get("/api/v1/around/shares.csv", params={"radius_m": 3000}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text_)))
    kept = {one["code"]: one["kept"] for one in shares["outlets"]}
    assert {code: sum(row["网点编号"] == code for row in rows) for code in kept} == kept
    assert len({row["客户编号"] for row in rows}) == len(rows) == shares["total"]
    assert {row["类型"] for row in rows} <= {"个人", "家庭", "企业", "商户"}
    book = load_workbook(io.BytesIO(head.get("/api/v1/around/shares.xlsx?radius_m=3000").content))
    assert book.worksheets[0].max_row == len(rows) + 1
    two = [one["code"] for one in shares["outlets"]][:2]
    assert [
        one["code"] for one in head.get("/api/v1/around/shares", params={"outlet": two}).json()["outlets"]
    ] == two


def test_the_nearest_outlets_of_a_customer_are_those_of_his_point(
    head: Client, outlet: dict[str, Any]
) -> None:
    customer = head.get("/api/v1/around", params={"outlet": outlet["code"], "nearest_only": True}).json()
    one = customer["customers"][0]
    told = head.get("/api/v1/nearest-outlets", params={"customer": one["id"], "limit": 5}).json()
    assert told["outlets"][0]["code"] == outlet["code"]
    assert told["outlets"][0]["distance_m"] == pytest.approx(one["distance_m"], abs=0.06)
    assert [o["distance_m"] for o in told["outlets"]] == sorted(o["distance_m"] for o in told["outlets"])
    assert told["point"]["rung"] == one["rung"]
    itself = head.get("/api/v1/nearest-outlets", params={"outlet": outlet["code"]}).json()
    assert itself["outlets"][0] | {"distance_m": 0.0} == itself["outlets"][0]


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("around", {}, 422, "no_point"),
        ("around", {"lon": 121.2}, 422, "no_point"),
        ("around", {"outlet": "NOWHERE"}, 404, "no_outlet"),
        ("around", {"outlet": "X", "lon": 1, "lat": 1}, 422, "two_middles"),
        ("around", {"lon": 31.9, "lat": 121.2}, 422, "swapped"),
        ("around", {"lon": 999, "lat": 999}, 422, "bad_point"),
        ("around", {"lon": "nan", "lat": "nan"}, 422, "bad_point"),
        ("around", {"lon": 0, "lat": 0}, 422, "null_island"),
        ("around", {"lon": 121, "lat": 32, "radius_m": "nan"}, 422, "bad_radius"),
        ("around", {"lon": 121, "lat": 32, "radius_m": 20001}, 422, "bad_radius"),
        ("around/shares", {"radius_m": -5}, 422, "bad_radius"),
        ("around", {"lon": 121, "lat": 32, "after": "x' OR 1"}, 422, "bad_mark"),
        ("around", {"lon": 121, "lat": 32, "kind": "king"}, 422, "malformed"),
        ("around", {"lon": 121, "lat": 32, "nearest_only": True}, 422, "no_outlet_named"),
        ("around", {"lon": 121, "lat": 32, "unvisited_since": "soon"}, 422, "malformed"),
        ("around/shares", {"outlet": "NOWHERE"}, 404, "no_outlet"),
        ("nearest-outlets", {}, 422, "no_point"),
        ("nearest-outlets", {"customer": 0}, 404, "no_customer"),
        ("nearest-outlets", {"customer": 2**63}, 422, "malformed"),
        ("catchments", {"by": "wind"}, 422, "malformed"),
        ("nearest-outlets", {"customer": 1, "lon": 121, "lat": 32}, 422, "two_middles"),
        ("nearest-outlets", {"outlet": "X", "lon": 121, "lat": 32}, 422, "two_middles"),
        ("catchments", {"by": "branch", "radius_m": 3000}, 422, "radius_by_branch"),
        ("catchments.geojson", {"radius_m": 0}, 422, "bad_radius"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(
    head: Client, path: str, params: dict[str, Any], status: int, code: str
) -> None:
    answer = head.get(f"/api/v1/{path}", params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_analyst_sees_catchments_without_customers_and_no_customer_at_all(demo_bank: DemoBank) -> None:
    analyst = demo_bank.client("analyst")
    told = analyst.get("/api/v1/catchments", params={"by": "village"}).json()
    assert told["total"]["villages"] > 0
    assert {row["customers"] for row in told["catchments"]} == {None}
    some = demo_bank.client("head").get("/api/v1/around", params={"lon": 121.17, "lat": 31.95}).json()
    customer = some["customers"][0]["id"]
    assert analyst.get("/api/v1/nearest-outlets", params={"customer": customer}).status_code == 403
    assert analyst.get("/api/v1/nearest-outlets", params={"lon": 121.17, "lat": 31.95}).status_code == 200


def test_a_manager_counts_his_own_and_hears_nothing_of_another(demo_bank: DemoBank, head: Client) -> None:
    manager = demo_bank.client("manager")
    mine = manager.get("/api/v1/catchments", params={"by": "distance", "radius_m": 20000}).json()
    all_ = head.get("/api/v1/catchments", params={"by": "distance", "radius_m": 20000}).json()
    assert 0 < sum(mine["total"]["customers"].values()) < sum(all_["total"]["customers"].values())
    assert mine["total"]["area_km2"] == all_["total"]["area_km2"]
    drawn = manager.get("/api/v1/catchments.geojson", params={"by": "distance"})
    assert drawn.headers["content-type"].startswith("application/geo+json")
    assert len(drawn.json()["features"]) > 10


def test_catchments_as_a_file_sum_to_what_the_page_tells(head: Client) -> None:
    asked = {"by": "distance", "radius_m": 3000}
    told = head.get("/api/v1/catchments", params=asked).json()
    text_ = head.get("/api/v1/catchments.csv", params=asked).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text_)))
    assert [row["编号"] for row in rows[:-2]] == [one["code"] for one in told["catchments"]]
    assert [row["网点或支行"] for row in rows[-2:]] == ["其余", "合计"]
    assert sum(int(row["存量客户"]) for row in rows[:-1]) == told["total"]["customers"]["existing"]
    book = load_workbook(io.BytesIO(head.get("/api/v1/catchments.xlsx", params=asked).content))
    assert book.worksheets[0].max_row == len(rows) + 1
    everybody = head.get("/api/v1/catchments").json()["total"]["customers"]
    assert {
        name: told["total"]["customers"][name] + told["without_point"][name] for name in everybody
    } == everybody


def test_a_grids_list_and_files_take_every_filter(demo_bank: DemoBank, head: Client) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        grid = session.scalar(text("SELECT grid_id FROM grid_count ORDER BY existing DESC, grid_id LIMIT 1"))
        rows = [
            dict(row)
            for row in session.execute(
                text("""SELECT c.kind, a.tier, a.standing, c.last_visit_on, a.geom IS NOT NULL AS pointed
                    FROM assignment a JOIN customer c ON c.id = a.customer_id WHERE a.grid_id = :grid"""),
                {"grid": grid},
            ).mappings()
        ]
    day = sorted(row["last_visit_on"] for row in rows if row["last_visit_on"])[-5]
    visited = sum(row["last_visit_on"] is not None and row["last_visit_on"] >= day for row in rows)
    asked: list[tuple[dict[str, Any], int]] = [
        ({"kind": "merchant"}, sum(row["kind"] == "merchant" for row in rows)),
        ({"pointed": False}, sum(not row["pointed"] for row in rows)),
        ({"visited_since": day.isoformat()}, visited),
        ({"unvisited_since": day.isoformat()}, len(rows) - visited),
        ({"kind": "person", "standing": "prospect", "pointed": True},
         sum((row["kind"], row["standing"], row["pointed"]) == ("person", "prospect", True) for row in rows)),
    ]  # fmt: skip
    for params, number in asked:
        assert head.get(f"/api/v1/grids/{grid}/customers", params=params).json()["total"] == number
        lines = head.get(f"/api/v1/grids/{grid}/customers.csv", params=params).text.strip().splitlines()
        assert len(lines) == number + 1
        book = load_workbook(
            io.BytesIO(head.get(f"/api/v1/grids/{grid}/customers.xlsx", params=params).content)
        )
        assert book.worksheets[0].max_row == number + 1
    assert read_latest(demo_bank).action == "export_customers"
    assert 0 < visited < len(rows)
