"""Customers as people see them: masked, paged, cut to the viewer's grids, and every look in the audit."""

from typing import Any

import pytest
from sqlalchemy import text

from app.access import Vault, open_vault
from app.customers.filters import Filters
from app.customers.listing import (
    export_customers,
    find_customer,
    list_customers,
    reveal_customer,
)
from app.customers.seeking import search_customers
from app.db.connection import WORKER
from app.errors import NotFound
from tests.conftest import DemoBank


@pytest.fixture
def vault(demo_bank: DemoBank) -> Vault:
    return open_vault(demo_bank.settings.keys)


def grids_of(bank: DemoBank, role: str) -> tuple[int, int]:
    """A grid with customers in the role's sight, and one with customers outside it."""
    with bank.database.transaction(bank.viewer(role)) as session:
        mine = session.scalar(text("SELECT getu_viewer_grids()"))
    query = """SELECT grid_id FROM assignment WHERE grid_id IS NOT NULL AND (grid_id = ANY (:mine)) = :inside
        GROUP BY grid_id ORDER BY count(*) DESC LIMIT 1"""
    with bank.database.transaction(WORKER) as session:
        inside, outside = (session.scalar(text(query), {"mine": mine, "inside": x}) for x in (True, False))
    assert inside is not None
    assert outside is not None
    return inside, outside


def last_audit(bank: DemoBank) -> Any:
    with bank.database.transaction(WORKER) as session:
        query = "SELECT action, user_id, subject, customer_ids, detail FROM audit ORDER BY id DESC LIMIT 1"
        return session.execute(text(query)).one()


def test_pages_hold_every_customer_of_the_grid_once_and_masked(demo_bank: DemoBank, vault: Vault) -> None:
    grid, _ = grids_of(demo_bank, "manager")
    viewer = demo_bank.viewer("manager")
    seen: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        with demo_bank.database.transaction(viewer) as session:
            page = list_customers(session, grid, vault=vault, after=after, limit=7)
        assert last_audit(demo_bank).customer_ids == [row["id"] for row in page["customers"]]
        seen += page["customers"]
        after = page["next"]
    assert len(seen) == len({row["id"] for row in seen}) == page["total"]
    assert all("*" in row["phone"] for row in seen if row["phone"])
    assert all("*" in row["id_card"] for row in seen if row["id_card"])
    assert any(row["phone"] for row in seen)
    with demo_bank.database.transaction(viewer) as session:
        exported = list(export_customers(session, grid, vault=vault))
    assert exported == seen
    assert last_audit(demo_bank).action == "export_customers"


def test_filters_cut_the_list_and_its_total(demo_bank: DemoBank, vault: Vault) -> None:
    grid, _ = grids_of(demo_bank, "manager")
    totals = []
    for standing in ("existing", "prospect"):
        with demo_bank.database.transaction(demo_bank.viewer("manager")) as session:
            page = list_customers(session, grid, vault=vault, filters=Filters(standing=standing), limit=200)
        assert {row["standing"] for row in page["customers"]} <= {standing}
        totals.append(page["total"])
    with demo_bank.database.transaction(demo_bank.viewer("manager")) as session:
        assert sum(totals) == list_customers(session, grid, vault=vault)["total"]


def test_what_lies_outside_his_grids_does_not_exist_for_a_manager(demo_bank: DemoBank, vault: Vault) -> None:
    _, foreign = grids_of(demo_bank, "manager")
    with demo_bank.database.transaction(WORKER) as session:
        query = (
            "SELECT c.id, c.name FROM customer c JOIN assignment a ON a.customer_id = c.id WHERE grid_id = :g"
        )
        customer = session.execute(text(query), {"g": foreign}).first()
    assert customer is not None
    viewer = demo_bank.viewer("manager")
    with demo_bank.database.transaction(viewer) as session:
        for look in (
            lambda: list_customers(session, foreign, vault=vault),
            lambda: export_customers(session, foreign, vault=vault),
            lambda: find_customer(session, customer.id, vault=vault),
            lambda: reveal_customer(session, customer.id, vault=vault, reason="x"),
        ):
            with pytest.raises(NotFound):
                look()
        assert customer.id not in {row["id"] for row in search_customers(session, customer.name)}


def test_one_customer_in_clear_is_written_into_the_audit_with_its_reason(
    demo_bank: DemoBank, vault: Vault
) -> None:
    grid, _ = grids_of(demo_bank, "manager")
    viewer = demo_bank.viewer("manager")
    with demo_bank.database.transaction(viewer) as session:
        masked = list_customers(session, grid, vault=vault, limit=200)["customers"]
        some = next(row for row in masked if row["id_card"] and row["phone"])
        clear = reveal_customer(session, some["id"], vault=vault, reason="电话核实")
    assert "*" not in clear["id_card"] + clear["phone"]
    assert clear["id_card"][-1] == some["id_card"][-1]
    row = last_audit(demo_bank)
    assert (row.action, row.user_id, row.customer_ids) == ("reveal_customer", viewer.user_id, [some["id"]])
    assert row.detail == {"reason": "电话核实"}


def test_a_search_finds_by_the_beginning_of_a_name_and_takes_signs_literally(demo_bank: DemoBank) -> None:
    with demo_bank.database.transaction(demo_bank.viewer("head")) as session:
        name = str(session.scalar(text("SELECT name FROM customer ORDER BY id LIMIT 1")))
        found = search_customers(session, name)
        assert name in {row["name"] for row in found}
        assert search_customers(session, "王") == []
        assert search_customers(session, "%%") == []
        assert search_customers(session, "__") == []
