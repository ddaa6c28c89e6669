"""Cards and the map's filter by API: numbers are the database's for each viewer, nobody is named in clear."""

from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import DemoBank
from tests.truth import GRIDS, truth

FILTERS = [
    ({}, "true"),
    ({"standing": "prospect"}, "a.standing = 'prospect'"),
    ({"rung": "5", "pointed": "false"}, "a.rung = 5 AND a.geom IS NULL"),
    ({"tier": "key", "pointed": "true"}, "a.tier = 'key' AND a.geom IS NOT NULL"),
    ({"kind": "firm", "standing": "existing"}, "c.kind = 'firm' AND a.standing = 'existing'"),
    ({"visited_since": "2026-11-01"}, "c.last_visit_on >= '2026-11-01'"),
    ({"unvisited_since": "2026-06-01", "rung": "2"},
     "(c.last_visit_on IS NULL OR c.last_visit_on < '2026-06-01') AND a.rung = 2"),
]  # fmt: skip
DRAWN = "a.grid_id IN (SELECT g.id FROM grid g JOIN plan p ON p.id = g.plan_id WHERE p.status = 'in_force')"


@pytest.mark.parametrize("role", ["head", "branch_head", "manager"])
def test_the_filters_number_is_the_databases_for_each_viewer(demo_bank: DemoBank, role: str) -> None:
    client = demo_bank.client(role)
    with truth(demo_bank.database) as admin:
        for asked, where in FILTERS:
            counted = f"""SELECT count(*) FROM assignment a JOIN customer c ON c.id = a.customer_id
                WHERE a.grid_id IN ({GRIDS[role]}) AND {DRAWN} AND """
            found = client.get("/api/v1/map/count", params=asked).json()
            assert found["n"] == admin.execute(text(counted + where)).scalar(), asked
            assert found["of"] == admin.execute(text(counted + "true")).scalar()
            assert client.get("/api/v1/map/customers", params=asked).json()["total"] == found["n"]


def test_the_filtered_list_is_walked_to_its_end_once_and_masked(demo_bank: DemoBank) -> None:
    client = demo_bank.client("manager")
    asked: dict[str, Any] = {"pointed": "false", "limit": 40}
    seen: list[int] = []
    while True:
        page = client.get("/api/v1/map/customers", params=asked).json()
        seen += [one["id"] for one in page["customers"]]
        assert all("*" in one["name"] for one in page["customers"] if one["kind"] == "person")
        if page["next"] is None:
            break
        asked["after"] = page["next"]
    assert len(seen) == len(set(seen)) == page["total"]


def test_a_branch_or_a_manager_of_others_is_refused_by_name(demo_bank: DemoBank) -> None:
    client, head = demo_bank.client("manager"), demo_bank.client("head")
    mine = {row["branch"]["code"] for row in client.get("/api/v1/grids").json()["grids"]}
    other = next(
        row for row in head.get("/api/v1/grids").json()["grids"] if row["branch"]["code"] not in mine
    )
    for field in ("branch", "manager"):
        refused = client.get("/api/v1/map/count", params={field: other[field]["code"]})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_filter")
        assert refused.json()["field"] == field


@pytest.mark.parametrize("role", ["head", "branch_head", "manager"])
def test_a_cards_numbers_are_the_sums_of_the_rows_it_opens(demo_bank: DemoBank, role: str) -> None:
    client = demo_bank.client(role)
    grid = client.get("/api/v1/grids").json()["grids"][0]
    one = client.get(f"/api/v1/grids/{grid['id']}").json()
    for kind, about in (("managers", one["manager"]), ("branches", one["branch"])):
        card = client.get(f"/api/v1/{kind}/{about['id']}/card").json()
        assert card["code"] == about["code"]
        assert grid["id"] in [row["id"] for row in card["grids"]]
        for key, standing in (("existing", "existing"), ("prospects", "prospect")):
            field = {"managers": "manager", "branches": "branch"}[kind]
            asked = {field: about["code"], "standing": standing}
            rows = client.get("/api/v1/map/customers", params=asked).json()["total"]
            assert card[key] == sum(row[key] for row in card["grids"]) == rows


def test_a_village_counts_whom_it_lists(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        unit = session.scalar(
            text("""SELECT u.id FROM unit u JOIN grid g ON u.code = ANY (g.unit_codes)
                JOIN assignment a ON a.grid_id = g.id JOIN placement p ON p.customer_id = a.customer_id
                WHERE p.unit_code = u.code GROUP BY u.id ORDER BY count(*) DESC LIMIT 1""")
        )
    head = demo_bank.client("head")
    card = head.get(f"/api/v1/villages/{unit}/card").json()
    assert card["customers"]["total"] > 0
    assert card["grids"]
    assert sum(card["customers"]["rungs"].values()) == card["customers"]["total"]
    for key, standing in (("existing", "existing"), ("prospects", "prospect")):
        asked = {"standing": standing}
        rows = head.get(f"/api/v1/villages/{unit}/customers", params=asked).json()
        assert rows["total"] == card["customers"][key]
    analyst = demo_bank.client("analyst").get(f"/api/v1/villages/{unit}/card").json()
    assert analyst["grids"]
    assert analyst["customers"] is None


def test_a_customers_card_names_nobody_in_clear_and_the_audit_names_him(demo_bank: DemoBank) -> None:
    head = demo_bank.client("head")
    with demo_bank.database.transaction(WORKER) as session:
        row = session.execute(
            text("""SELECT m.customer_id, c.name, c.address FROM household_member m
                JOIN customer c ON c.id = m.customer_id
                JOIN assignment a ON a.customer_id = c.id AND a.grid_id IS NOT NULL
                WHERE c.kind = 'person' AND c.loan_yuan IS NOT NULL ORDER BY 1 LIMIT 1""")
        ).one()
    answer = head.get(f"/api/v1/customers/{row.customer_id}/360")
    card = answer.json()
    assert row.name not in answer.text
    assert row.address not in answer.text
    assert card["place"]["village"]
    assert card["grid"]
    assert card["holders"]["primary"]
    assert card["branch"]
    assert card["household"]["members"]
    assert card["source"]["key"]
    assert "loan" in [one["product"] for one in card["products"]]
    with demo_bank.database.transaction(WORKER) as session:
        acts = session.scalars(
            text("SELECT action FROM audit WHERE :id = ANY (customer_ids) ORDER BY id DESC LIMIT 3"),
            {"id": row.customer_id},
        ).all()
    assert {"see_customer", "list_links"} <= set(acts)
