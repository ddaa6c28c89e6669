"""Sources and links by API: who may change what, what is shown of whom."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import DemoBank


def test_head_office_makes_and_changes_a_source_and_the_audit_says_so(demo_bank: DemoBank) -> None:
    head = demo_bank.client("head")
    made = head.put(
        "/api/v1/sources/night_matrix",
        json={"name": "夜间文件", "headings": {"source_key": "编号"}, "delivery": "full", "active": False},
    )
    assert made.status_code == 200, made.text
    assert made.json() == head.get("/api/v1/sources/night_matrix").json()
    assert (made.json()["headings"], made.json()["trust_rank"]) == ({"source_key": "编号"}, 5)
    assert head.put("/api/v1/sources/night_matrix", json={"vanish_limit": 0.2}).json()["delivery"] == "full"
    assert "night_matrix" in [source["code"] for source in head.get("/api/v1/sources").json()]
    with demo_bank.database.transaction(WORKER) as session:
        told = session.scalar(
            text("SELECT detail FROM audit WHERE subject = 'source night_matrix' ORDER BY id LIMIT 1")
        )
        session.execute(text("DELETE FROM source_system WHERE code = 'night_matrix'"))
    assert told == {"changed": ["active", "delivery", "headings", "name"]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"headings": {"shoe_size": "鞋"}}, "unknown_term"),
        ({"headings": {"phone": " "}}, "bad_heading"),
        ({"headings": {"phone": "a\0"}}, "bad_heading"),
        ({"headings": {"phone": "\ud800"}}, "bad_heading"),
        ({"origin": {"password": "x"}}, "bad_origin"),
        ({"origin": {"host": "h", "database": "d", "user": "u", "table": "t"}}, "bad_origin"),
        ({"name": "夜间\0"}, "bad_name"),
        ({"name": "　 "}, "bad_name"),
        ({"file_pattern": "core\0_{date}.csv"}, "bad_pattern"),
        ({"vanish_limit": 2}, None),
        ({"name": ""}, None),
        ({"nonsense": 1}, None),
    ],
)
def test_what_a_source_cannot_be_is_refused(
    demo_bank: DemoBank, change: dict[str, Any], code: str | None
) -> None:
    head = demo_bank.client("head")
    before = head.get("/api/v1/sources/crm").json()
    as_json = {"Content-Type": "application/json"}
    answer = head.put("/api/v1/sources/crm", content=json.dumps(change), headers=as_json)
    assert answer.status_code == 422, answer.text
    assert code is None or answer.json()["code"] == code
    assert head.get("/api/v1/sources/crm").json() == before
    assert head.get("/api/v1/sources/nobody").status_code == 404
    assert head.put("/api/v1/sources/Bad", json={"name": "x"}).status_code == 422


def test_a_link_is_shown_masked_and_only_where_both_rows_are_in_sight(demo_bank: DemoBank) -> None:
    manager, head = demo_bank.client("manager"), demo_bank.client("head")
    grid = manager.get("/api/v1/grids").json()["grids"][0]["id"]
    own = [row["id"] for row in manager.get(f"/api/v1/grids/{grid}/customers").json()["customers"]][:2]
    with demo_bank.database.transaction(WORKER) as session:
        strange = session.scalar(
            text("SELECT max(customer_id) FROM assignment WHERE grid_id <> :grid"), {"grid": grid}
        )
        for other in (own[1], strange):
            session.execute(
                text("INSERT INTO customer_link VALUES (least(:a, :b), greatest(:a, :b), 'phone_name', 0.9)"),
                {"a": own[0], "b": other},
            )
    try:
        mine = manager.get(f"/api/v1/customers/{own[0]}/links").json()["links"]
        assert [link["customer"]["id"] for link in mine] == [own[1]]
        every = head.get(f"/api/v1/customers/{own[0]}/links").json()["links"]
        assert {link["customer"]["id"] for link in every} == {own[1], strange}
        assert all(
            "*" in link["customer"]["name"] or link["customer"]["kind"] in ("firm", "merchant")
            for link in every
        )
        assert manager.get(f"/api/v1/customers/{strange}/links").status_code == 404
        with demo_bank.database.transaction(WORKER) as session:
            seen = session.scalar(
                text("SELECT customer_ids FROM audit WHERE action = 'list_links' ORDER BY id DESC LIMIT 1")
            )
            number = session.scalar(text("SELECT import_id FROM customer WHERE id = :id"), {"id": own[0]})
        assert set(seen) == {own[0], own[1], strange}
        pairs = head.get(f"/api/v1/imports/{number}/links?limit=1").json()
        assert (len(pairs["links"]), pairs["next"]) == (1, 1)
        file = head.get(f"/api/v1/imports/{number}/links.csv").text
        assert file.startswith("\ufeff依据,置信度,客户编号")
        assert sum(f",{own[0]}," in line for line in file.splitlines()) == 2
    finally:
        with demo_bank.database.transaction(WORKER) as session:
            session.execute(
                text("DELETE FROM customer_link WHERE :id IN (customer_id, other_id)"), {"id": own[0]}
            )
