"""Customers through the public door: masked for everybody, clear for one reason, in files safe to open."""

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import text

from app.access import open_vault
from app.db.connection import WORKER
from tests.conftest import Client, DemoBank
from tests.truth import truth

PHONE, ID_CARD = re.compile(r"(?<!\d)1\d{10}(?!\d)"), re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


@pytest.fixture
def manager(demo_bank: DemoBank) -> Client:
    return demo_bank.client("manager")


@pytest.fixture
def grid(manager: Client) -> int:
    """The manager's grid with the most customers."""
    rows = manager.get("/api/v1/grids").json()["grids"]
    return int(max(rows, key=lambda row: row["existing"] + row["prospects"])["id"])


def read_row(bank: DemoBank, customer: int) -> dict[str, Any]:
    """A customer as he is stored, read beside all walls."""
    with truth(bank.database) as admin:
        row = admin.execute(text("SELECT * FROM customer WHERE id = :id"), {"id": customer}).mappings().one()
        return dict(row)


def test_a_list_shows_no_phone_no_id_number_and_no_persons_name(
    demo_bank: DemoBank, manager: Client, grid: int
) -> None:
    answer = manager.get(f"/api/v1/grids/{grid}/customers", params={"limit": 200})
    assert not PHONE.search(answer.text)
    assert not ID_CARD.search(answer.text)
    rows = answer.json()["customers"]
    assert rows
    for row in rows:
        stored = read_row(demo_bank, row["id"])
        if stored["kind"] in ("person", "household"):
            assert row["name"] == stored["name"][0] + "*" * (len(stored["name"]) - 1)
        assert row["address"] is None or row["address"].endswith("***")


def test_no_answer_of_any_read_route_holds_a_clear_value(
    demo_bank: DemoBank, manager: Client, grid: int
) -> None:
    vault = open_vault(demo_bank.settings.keys)
    customer = manager.get(f"/api/v1/grids/{grid}/customers").json()["customers"][0]["id"]
    row = read_row(demo_bank, customer)
    clear = vault.unseal("phone", f"{row['source_code']}|{row['source_key']}", bytes(row["phone_enc"]))
    for path in (
        f"/api/v1/customers/{customer}",
        f"/api/v1/grids/{grid}",
        f"/api/v1/grids/{grid}/customers",
        f"/api/v1/grids/{grid}/visits",
        f"/api/v1/search?q={row['name'][:2]}",
        "/api/v1/map.html",
    ):
        assert clear not in manager.get(path).text, path


def test_a_reason_opens_the_clear_values_of_one_customer(
    demo_bank: DemoBank, manager: Client, grid: int
) -> None:
    customer = manager.get(f"/api/v1/grids/{grid}/customers").json()["customers"][0]["id"]
    row, vault = read_row(demo_bank, customer), open_vault(demo_bank.settings.keys)
    clear = manager.post(f"/api/v1/customers/{customer}/reveal", json={"reason": "电话预约"}).json()
    record = f"{row['source_code']}|{row['source_key']}"
    assert clear["name"] == row["name"]
    assert clear["phone"] == vault.unseal("phone", record, bytes(row["phone_enc"]))
    assert manager.post(f"/api/v1/customers/{customer}/reveal", json={"reason": ""}).status_code == 422
    assert manager.post(f"/api/v1/customers/{customer}/reveal", json={}).status_code == 422


@pytest.mark.parametrize("standing", ["existing", "prospect"])
@pytest.mark.parametrize("tier", ["strategic", "key", "regular"])
def test_filters_count_as_plain_sql_counts(
    demo_bank: DemoBank, manager: Client, grid: int, tier: str, standing: str
) -> None:
    page = manager.get(f"/api/v1/grids/{grid}/customers", params={"tier": tier, "standing": standing}).json()
    count = text("""SELECT count(*) FROM assignment a JOIN customer c ON c.id = a.customer_id
        WHERE a.grid_id = :grid AND c.tier = :tier AND c.standing = :standing""")
    with truth(demo_bank.database) as admin:
        expected = admin.scalar(count, {"grid": grid, "tier": tier, "standing": standing})
    assert page["total"] == expected
    assert all((row["tier"], row["standing"]) == (tier, standing) for row in page["customers"])


def test_rungs_of_the_list_sum_to_the_card(manager: Client, grid: int) -> None:
    card = manager.get(f"/api/v1/grids/{grid}").json()
    for rung, number in card["rungs"].items():
        page = manager.get(f"/api/v1/grids/{grid}/customers", params={"rung": rung}).json()
        assert page["total"] == number


def test_pages_do_not_overlap_and_the_last_says_so(manager: Client, grid: int) -> None:
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = manager.get(f"/api/v1/grids/{grid}/customers", params={"after": after, "limit": 3}).json()
        seen += [row["id"] for row in page["customers"]]
        after = page["next"]
    assert seen == sorted(set(seen))
    assert len(seen) == page["total"]


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_of_the_file_is_no_formula(demo_bank: DemoBank, name: str) -> None:
    client = demo_bank.client("branch_head")
    grid = next(row["id"] for row in client.get("/api/v1/grids").json()["grids"] if row["existing"])
    customer = client.get(f"/api/v1/grids/{grid}/customers").json()["customers"][0]["id"]
    before = read_row(demo_bank, customer)
    rename = text("UPDATE customer SET name = :name, kind = :kind WHERE id = :id")
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(rename, {"name": name, "kind": "firm", "id": customer})
    body = client.get(f"/api/v1/grids/{grid}/customers.csv").text
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(rename, {"name": before["name"], "kind": before["kind"], "id": customer})
    cells = [cell for row in csv.reader(io.StringIO(body.lstrip("\ufeff"), newline="")) for cell in row]
    assert f"'{name}" in cells
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def test_a_visit_is_stored_once_and_listed_in_its_grid(
    demo_bank: DemoBank, manager: Client, grid: int
) -> None:
    customer = manager.get(f"/api/v1/grids/{grid}/customers").json()["customers"][0]["id"]
    visit = {
        "client_key": "twice-sent",
        "customer_id": customer,
        "outcome": "met",
        "visited_at": "2026-11-20T10:00:00+08:00",
        "lon": 121.2,
        "lat": 31.9,
        "accuracy_m": 12,
    }
    first, again = (manager.post("/api/v1/visits", json=visit) for _ in range(2))
    told, retold = first.json(), again.json()
    assert (told["grid_id"], told["stored"]) == (grid, True)
    assert retold == {**told, "stored": False, "late_s": retold["late_s"]}
    listed = manager.get(f"/api/v1/grids/{grid}/visits").json()
    assert [row["customer_id"] for row in listed].count(customer) == 1
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM visit WHERE right(client_key, 10) = 'twice-sent'"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"outcome": "dreamt"}, "bad_outcome"),
        ({"visited_at": "2999-01-01T00:00:00Z"}, "bad_time"),
        ({"visited_at": "2026-11-20T10:00:00"}, "bad_time"),
        ({"lon": 121.2}, "bad_position"),
        ({"lon": 999, "lat": 31}, "bad_position"),
    ],
)
def test_an_impossible_visit_is_refused(
    manager: Client, grid: int, change: dict[str, Any], code: str
) -> None:
    customer = manager.get(f"/api/v1/grids/{grid}/customers").json()["customers"][0]["id"]
    visit = {"client_key": "impossible", "customer_id": customer, "outcome": "met"}
    visit = {**visit, "visited_at": "2026-11-20T10:00:00+08:00", **change}
    answer = manager.post("/api/v1/visits", json=visit)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
