"""Findings through the public door: filtered, grouped, exported, let stand with a reason and opened again."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.api.test_plans import check
from tests.conftest import Client, DemoBank
from tests.truth import truth

CODE = "F1"
HEARD = "SELECT detail FROM audit WHERE action = :act AND subject = :plan ORDER BY id DESC LIMIT 1"


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


@pytest.fixture(scope="module")
def faulty(demo_bank: DemoBank, head: Client) -> Iterator[str]:
    """A checked copy of the faulty draft, gone after the module."""
    made = head.post("/api/v1/plans", json={"code": CODE, "name": "查", "from_plan": "V2"})
    assert made.status_code == 201, made.text
    assert check(demo_bank, head, CODE)["status"] == "done"
    yield CODE
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM job WHERE args ->> 'plan' = :code"), {"code": CODE})
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.execute(text("DELETE FROM plan WHERE code = :code"), {"code": CODE})


def ask(client: Client, plan: str, **wanted: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/plans/{plan}/findings", params=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_findings_come_gravest_and_largest_first_with_words_figures_and_a_box(
    head: Client, faulty: str
) -> None:
    told = ask(head, faulty)
    assert told["fresh"]
    assert told["checked_at"]
    order = ("must_fix", "confirm", "harmless")
    ranks = [(order.index(f["severity"]), -f["area_m2"]) for f in told["findings"]]
    assert ranks == sorted(ranks)
    ground = [f for f in told["findings"] if f["group"] == "ground"]
    assert sum(told["counts"].values()) == len(ground) > 4
    assert sum(told["notice_counts"].values()) == len(told["findings"]) - len(ground)
    for finding in ground:
        west, south, east, north = finding["bbox"]
        assert west < east
        assert south < north
        assert all(code in finding["zh"] and code in finding["en"] for code in finding["codes"][:2])
    assert {f["id"] for f in ask(head, faulty, group="ground")["findings"]} == {f["id"] for f in ground}


def test_thresholds_cut_the_list_on_both_sides_and_include_their_value(head: Client, faulty: str) -> None:
    all_ = [f for f in ask(head, faulty)["findings"] if f["group"] == "ground"]
    middle = sorted(all_, key=lambda f: f["area_m2"])[len(all_) // 2]["area_m2"]
    for limits in (
        {"min_area_m2": middle},
        {"max_area_m2": middle},
        {"min_area_m2": 1, "max_area_m2": middle},
    ):
        low, high = limits.get("min_area_m2", 0), limits.get("max_area_m2", 1e12)
        found = ask(head, faulty, group="ground", **limits)["findings"]
        assert {f["id"] for f in found} == {f["id"] for f in all_ if low <= f["area_m2"] <= high}
    width = all_[0]["width_m"]
    narrow = ask(head, faulty, group="ground", max_width_m=width)["findings"]
    assert {f["id"] for f in narrow} == {f["id"] for f in all_ if f["width_m"] <= width}
    kinds = ask(head, faulty, kind=["gap", "sliver"])["findings"]
    assert {f["kind"] for f in kinds} <= {"gap", "sliver"}
    assert (
        head.get(f"/api/v1/plans/{faulty}/findings", params={"kind": "hole"}).json()["code"] == "unknown_kind"
    )


def test_one_finding_comes_with_its_shape_and_only_under_its_own_plan(head: Client, faulty: str) -> None:
    first = ask(head, faulty, group="ground")["findings"][0]
    shown = head.get(f"/api/v1/plans/{faulty}/findings/{first['id']}").json()
    assert shown["geometry"]["type"] == "MultiPolygon"
    assert {key: shown[key] for key in first} == first
    assert head.get(f"/api/v1/plans/V1/findings/{first['id']}").status_code == 404


@pytest.mark.parametrize("format", ["geojson", "geopackage", "shapefile", "csv"])
def test_findings_go_out_as_a_layer_narrowed_as_the_list(head: Client, faulty: str, format: str) -> None:
    answer = head.get(f"/api/v1/plans/{faulty}/findings/export", params={"format": format, "kind": "gap"})
    assert answer.status_code == 200, answer.text[:300]
    if format == "geojson":
        features = json.loads(answer.content)["features"]
        assert len(features) == len(ask(head, faulty, kind="gap")["findings"])
        assert {feature["properties"]["问题类型"] for feature in features} == {"空白"}
        assert all(feature["properties"]["说明"] for feature in features)


def test_a_word_lets_a_finding_stand_with_its_reason_and_can_be_taken_back(
    demo_bank: DemoBank, head: Client, faulty: str
) -> None:
    nested = ask(head, faulty, kind="nested", state="open")["findings"][0]
    address = f"/api/v1/plans/{faulty}/findings/{nested['id']}/allow"
    assert head.post(address, json={"reason": "专业市场"}).json()["state"] == "allowed"
    shown = ask(head, faulty, kind="nested", state="allowed")["findings"][0]
    assert shown["detail"]["allowed"]["reason"] == "专业市场"
    assert check(demo_bank, head, faulty)["status"] == "done"
    again = ask(head, faulty, kind="nested", state="allowed")["findings"]
    assert [f["id"] for f in again] == [nested["id"]], "a check keeps number, state and reason"
    assert head.delete(address, params={"reason": "弄错了"}).json()["state"] == "open"
    assert head.delete(address).json()["code"] == "not_allowed"
    with truth(demo_bank.database) as admin:
        for act, reason in (("allow_finding", "专业市场"), ("disallow_finding", "弄错了")):
            heard = admin.execute(text(HEARD), {"act": act, "plan": faulty}).scalar_one()
            assert (heard["reason"], heard["finding"]) == (reason, nested["id"])
    gap = ask(head, faulty, kind="gap")["findings"][0]
    refused = head.post(f"/api/v1/plans/{faulty}/findings/{gap['id']}/allow", json={"reason": "算了"})
    assert refused.json()["code"] == "must_be_mended"


def test_a_manager_sees_findings_of_his_own_grids_only(
    demo_bank: DemoBank, head: Client, faulty: str
) -> None:
    mine = demo_bank.client("manager")
    seen = ask(mine, faulty)["findings"]
    all_ = ask(head, faulty)["findings"]
    assert len(seen) < len(all_)
    hidden = next(f for f in all_ if f["id"] not in {row["id"] for row in seen})
    assert mine.get(f"/api/v1/plans/{faulty}/findings/{hidden['id']}").status_code == 404


def test_a_threshold_of_the_plan_needs_a_new_check_and_a_closed_plan_keeps_its_own(
    demo_bank: DemoBank, head: Client, faulty: str
) -> None:
    before = ask(head, faulty)
    gap = min(f["area_m2"] for f in before["findings"] if f["kind"] == "gap")
    changed = head.patch(f"/api/v1/plans/{faulty}", json={"min_area_m2": gap + 1})
    assert changed.status_code == 200, changed.text
    assert not ask(head, faulty)["fresh"]
    check(demo_bank, head, faulty)
    after = ask(head, faulty)
    assert after["thresholds"]["min_area_m2"] == gap + 1
    assert after["counts"]["gap"] < before["counts"]["gap"]
    head.patch(f"/api/v1/plans/{faulty}", json={"min_area_m2": None})
    check(demo_bank, head, faulty)
    assert ask(head, faulty)["counts"] == before["counts"]
    assert head.patch("/api/v1/plans/V1", json={"min_area_m2": 5.0}).json()["code"] == "plan_closed"
    wrong = head.patch(f"/api/v1/plans/{faulty}", json={"min_width_m": 0.001})
    assert wrong.json()["code"] == "bad_threshold"


def test_a_rule_of_branch_types_turns_grids_into_findings_of_its_severity(
    demo_bank: DemoBank, head: Client, faulty: str
) -> None:
    rules = head.get("/api/v1/branch-type-rules").json()["rules"]
    assert rules["rural"]["village"] == "allowed"
    try:
        told = head.put("/api/v1/branch-type-rules", json={"rules": {"rural": {"village": "confirm"}}})
        assert told.json()["rules"]["rural"]["village"] == "confirm"
        assert told.json()["rules"]["urban"] == rules["urban"], "what was not sent stays"
        check(demo_bank, head, faulty)
        found = ask(head, faulty, kind="branch_type")
        strict = [f for f in found["findings"] if f["severity"] == "confirm"]
        assert strict
        assert strict[0]["detail"]["branch_type"] == "rural"
        assert found["blocking"] >= len(strict)
    finally:
        head.put("/api/v1/branch-type-rules", json={"rules": rules})
        check(demo_bank, head, faulty)
    bad = head.put("/api/v1/branch-type-rules", json={"rules": {"rural": {"village": "never"}}})
    assert bad.status_code == 422
