"""Plans through the public door: drafts, repairs and certificates, with two people and no way around them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.clock import today
from app.db.connection import WORKER
from app.jobs import run_job
from tests.conftest import Client, DemoBank

CODE = "T1"


@pytest.fixture
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


@pytest.fixture
def draft(demo_bank: DemoBank, head: Client) -> Iterator[str]:
    """A copy of the plan in force, gone after the test."""
    made = head.post("/api/v1/plans", json={"code": CODE, "name": "试画", "from_plan": "V1"})
    assert made.status_code == 201, made.text
    yield CODE
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM job WHERE args ->> 'plan' = :code"), {"code": CODE})
        session.execute(text("DELETE FROM procrastinate_jobs"))
        grids = "SELECT g.id FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.code = :code"
        session.execute(text(f"DELETE FROM duty WHERE grid_id IN ({grids})"), {"code": CODE})
        session.execute(text("DELETE FROM plan WHERE code = :code"), {"code": CODE})


def check(bank: DemoBank, client: Client, code: str) -> dict[str, Any]:
    """Start a plan's check by the door and run its job here."""
    job = client.post(f"/api/v1/plans/{code}/check").json()
    return run_job(bank.database, bank.settings, job["id"])


def test_the_plans_are_listed_with_their_state(head: Client) -> None:
    listed = {plan["code"]: plan["status"] for plan in head.get("/api/v1/plans").json()["plans"]}
    assert listed["V1"] == "in_force"
    assert listed["V2"] in ("draft", "checked")


def test_a_copy_of_the_plan_in_force_differs_in_nothing(head: Client, draft: str) -> None:
    assert head.get(f"/api/v1/plans/V1/diff/{draft}").json()["changes"] == []
    shown = head.get(f"/api/v1/plans/{draft}").json()
    assert shown["status"] == "draft"
    assert shown["counts"]["grids"] == head.get("/api/v1/plans/V1").json()["counts"]["grids"]


def test_a_draft_is_checked_certified_and_approved_by_another_person(
    demo_bank: DemoBank, head: Client, draft: str
) -> None:
    assert head.post(f"/api/v1/plans/{draft}/certificate").status_code == 409, "it is not checked yet"
    assert check(demo_bank, head, draft)["status"] == "done"
    certificate = head.post(f"/api/v1/plans/{draft}/certificate")
    assert certificate.status_code == 200, certificate.text
    assert head.get(f"/api/v1/plans/{draft}/certificate").json()["valid"] is True
    own = head.post(f"/api/v1/plans/{draft}/approve")
    assert (own.status_code, own.json()["code"]) == (409, "two_people"), "nobody approves his own plan"
    other = demo_bank.client("head2")
    approved = other.post(f"/api/v1/plans/{draft}/approve").json()
    assert (approved["status"], approved["state"]) == ("approved", "approved")
    assert approved["created_by_name"] == certificate.json()["issued_by"]
    assert approved["approved_by_name"] != approved["created_by_name"]
    day = (today() + timedelta(400)).isoformat()
    published = other.post(f"/api/v1/plans/{draft}/publish", json={"valid_from": day}).json()
    assert (published["state"], published["valid_from"], published["assigning"]) == ("scheduled", day, None)
    assert head.get("/api/v1/plans/V1").json()["valid_to"] == day
    assert head.post(f"/api/v1/plans/{draft}/withdraw").json()["state"] == "certified"
    assert head.get("/api/v1/plans/V1").json()["valid_to"] is None
    assert head.get("/api/v1/plans/in_force").json()["code"] == "V1"


def test_a_faulty_draft_gets_no_certificate_and_says_what_is_left(head: Client) -> None:
    answer = head.post("/api/v1/plans/V2/certificate")
    assert answer.status_code == 409
    assert answer.json()["code"]
    assert answer.json()["detail_zh"]


def test_findings_offer_repairs_and_an_unknown_one_is_refused(head: Client) -> None:
    found = head.get("/api/v1/findings", params={"plan": "V2"}).json()["findings"]
    must = next(row for row in found if row["kind"] in ("gap", "overlap"))
    address = f"/api/v1/plans/V2/findings/{must['id']}/repairs"
    assert head.get(address).json()["options"]
    refused = head.post(address, json={"option": "wish_it_away"})
    assert refused.status_code in (404, 409, 422)
    again = head.get("/api/v1/findings", params={"plan": "V2"}).json()["findings"]
    assert [row["id"] for row in again] == [row["id"] for row in found]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"code": "", "name": "x"}, "code"),
        ({"code": "V 3", "name": "x"}, "code"),
        ({"code": "V3", "name": ""}, "name"),
        ({"code": "V3", "name": "x", "market_rule": "maybe"}, "market_rule"),
        ({"code": "V3", "name": "x", "import_ids": ["a"]}, "import_ids"),
        ({"code": "V3", "name": "x", "rule": "moon"}, "rule"),
        ({"code": "V3", "name": "x", "precedence": ["castle"]}, "precedence"),
        ({"code": "V3", "name": "x", "groups": [{"code": "G", "unit_codes": []}]}, "unit_codes"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_by_name(head: Client, body: dict[str, Any], place: str) -> None:
    answer = head.post("/api/v1/plans", json=body)
    assert answer.status_code == 422
    assert place in answer.json()["detail_zh"]


def test_a_code_comes_once_and_a_plan_that_is_not_there_is_404(head: Client) -> None:
    twice = head.post("/api/v1/plans", json={"code": "V1", "name": "again"})
    assert twice.status_code == 409
    assert "uq_plan" not in twice.text
    for path in ("", "/certificate", "/diff/V1"):
        assert head.get(f"/api/v1/plans/NONE{path}").status_code == 404
    assert (
        head.post("/api/v1/plans", json={"code": "V8", "name": "x", "from_plan": "NONE"}).status_code == 404
    )


def test_a_plan_in_force_cannot_be_published_or_repaired_again(head: Client) -> None:
    answer = head.post("/api/v1/plans/V1/publish", json={"valid_from": "2027-01-01"})
    assert answer.status_code == 409
    assert head.get("/api/v1/plans/V1").json()["status"] == "in_force"


def test_a_manager_reads_plans_and_is_told_nothing_of_the_whole_certificate(demo_bank: DemoBank) -> None:
    client = demo_bank.client("manager")
    assert client.get("/api/v1/plans/V1").status_code == 200
    assert client.get("/api/v1/plans/V1/certificate").json()["valid"] is None


def test_drafts_of_every_kind_are_made_renamed_and_deleted(head: Client) -> None:
    grids = head.get("/api/v1/grids", params={"plan": "V1"})
    assert grids.status_code == 200
    kinds: list[dict[str, Any]] = [
        {"rule": "town"},
        {"empty": True},
        {"code_range": {"prefix": "320614400"}},
        {"groups": [{"code": "G1", "name": "片", "unit_codes": ["320614400*", "nowhere"]}]},
        {"from_plan": "in_force"},
    ]
    totals = []
    for number, facts in enumerate(kinds):
        made = head.post("/api/v1/plans", json={"code": f"K{number}", "name": "稿", **facts})
        assert made.status_code == 201, made.text
        totals.append(made.json()["counts"]["grids"]["total"])
        if "groups" in facts:
            assert made.json()["report"]["unknown_units"] == ["nowhere"]
    assert totals[1] == 0
    assert 0 < totals[0] < totals[4]
    assert 0 < totals[2] < totals[3] < 310
    renamed = head.patch("/api/v1/plans/K0", json={"name": "一稿"})
    assert renamed.json()["name"] == "一稿"
    for number in range(len(kinds)):
        assert head.delete(f"/api/v1/plans/K{number}").json()["deleted"] == f"K{number}"
    assert head.get("/api/v1/plans/K0").status_code == 404
    assert head.delete("/api/v1/plans/V1").json()["code"] == "plan_closed"
    both = head.post("/api/v1/plans", json={"code": "K9", "name": "x", "from_plan": "V1", "empty": True})
    assert both.json()["code"] == "one_source"


def test_the_certificate_is_a_page_for_everybody_and_the_same_for_all(
    demo_bank: DemoBank, head: Client
) -> None:
    pages = {
        role: demo_bank.client(role).get("/api/v1/plans/V1/certificate.pdf") for role in ("head", "manager")
    }
    assert pages["head"].content == pages["manager"].content
    assert pages["head"].content.startswith(b"%PDF")
    assert pages["head"].headers["content-type"] == "application/pdf"
    assert head.get("/api/v1/plans/V2/certificate.pdf").json()["code"] == "no_certificate"
    shown = head.get("/api/v1/plans/V1/certificate").json()
    assert (shown["valid"], shown["differences"]) == (True, [])
    assert shown["certificate"]["seal"]


def test_a_difference_has_its_bill_and_its_map_cut_to_the_viewer(demo_bank: DemoBank) -> None:
    seen: dict[str, Any] = {}
    for role in ("head", "branch_head", "manager", "analyst"):
        client = demo_bank.client(role)
        seen[role] = client.get("/api/v1/plans/V1/diff/V2").json()
        drawn = client.get("/api/v1/plans/V1/diff/V2.geojson").json()
        assert len(drawn["features"]) == seen[role]["totals"]["pieces"]
        if role in ("branch_head", "manager"):
            mine = {row["code"] for row in client.get("/api/v1/grids", params={"plan": "V1"}).json()["grids"]}
            sides = [{(p["from"] or p["to"])["code"], (p["to"] or p["from"])["code"]} for p in props(drawn)]
            assert all(side & mine for side in sides), "each piece touches a grid of his"
    pieces = [seen[role]["totals"]["pieces"] for role in ("head", "branch_head", "manager")]
    assert pieces[0] > pieces[1] > 0
    assert seen["analyst"]["totals"] == seen["head"]["totals"]
    assert (seen["analyst"]["bill"]["customers"], seen["analyst"]["bill"]["key_clients"]) == (None, [])
    bills = [seen[role]["bill"]["customers"] for role in ("head", "branch_head", "manager")]
    assert bills[0] > bills[1] >= bills[2]
    without = demo_bank.client("head").get("/api/v1/plans/V1/diff/V2", params={"bill": False}).json()
    assert (without["bill"], without["changes"]) == (None, seen["head"]["changes"])


def props(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in drawn["features"]]
