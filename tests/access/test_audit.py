"""The audit names who saw whom, nobody changes it, and its chain tells when somebody did."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from app.access import record
from app.db import Database, Viewer
from app.db.connection import WORKER
from app.jobs.worker import seal_audit
from tests.conftest import Client, DemoBank
from tests.truth import truth

HEAD = Viewer("getu_head", 1)


def newest(bank: DemoBank, action: str) -> dict[str, object]:
    """The newest audit row of an action."""
    query = (
        "SELECT user_id, subject, customer_ids, detail FROM audit WHERE action = :a ORDER BY id DESC LIMIT 1"
    )
    with truth(bank.database) as admin:
        return dict(admin.execute(text(query), {"a": action}).mappings().one())


@pytest.fixture
def manager(demo_bank: DemoBank) -> Client:
    return demo_bank.client("manager")


def find_grid(client: Client) -> int:
    """A grid of the viewer's with customers."""
    return int(next(row["id"] for row in client.get("/api/v1/grids").json()["grids"] if row["existing"]))


def test_reading_a_list_leaves_a_row_that_names_those_shown(demo_bank: DemoBank, manager: Client) -> None:
    grid = find_grid(manager)
    shown = [row["id"] for row in manager.get(f"/api/v1/grids/{grid}/customers?limit=7").json()["customers"]]
    row = newest(demo_bank, "list_customers")
    assert shown
    assert (row["customer_ids"], row["subject"]) == (shown, f"grid {grid}")
    assert row["user_id"] == demo_bank.viewer("manager").user_id


def test_one_customer_and_his_clear_values_are_told_apart(demo_bank: DemoBank, manager: Client) -> None:
    grid = find_grid(manager)
    customer = manager.get(f"/api/v1/grids/{grid}/customers").json()["customers"][0]["id"]
    assert manager.get(f"/api/v1/customers/{customer}").status_code == 200
    assert newest(demo_bank, "see_customer")["customer_ids"] == [customer]
    clear = manager.post(f"/api/v1/customers/{customer}/reveal", json={"reason": "电话预约走访"}).json()
    row = newest(demo_bank, "reveal_customer")
    assert (row["customer_ids"], row["detail"]) == ([customer], {"reason": "电话预约走访"})
    assert str(clear["phone"]) not in str(row)


def test_an_export_names_everybody_in_the_file(demo_bank: DemoBank) -> None:
    client = demo_bank.client("branch_head")
    grid = find_grid(client)
    lines = client.get(f"/api/v1/grids/{grid}/customers.csv").text.strip().splitlines()
    named = newest(demo_bank, "export_customers")["customer_ids"]
    assert isinstance(named, list)
    assert len(named) == len(lines) - 1


def test_a_search_names_whom_it_showed(demo_bank: DemoBank, manager: Client) -> None:
    hits = manager.get("/api/v1/search", params={"q": "常乐"}).json()["results"]
    named = newest(demo_bank, "search_customers")["customer_ids"]
    assert named == [hit["id"] for hit in hits if hit["kind"] == "customer"]


def test_a_refused_look_and_a_refused_sign_in(demo_bank: DemoBank) -> None:
    client = demo_bank.client()
    client.post("/api/v1/session", json={"login": "head", "password": "not-the-one-at-all"})
    row = newest(demo_bank, "sign_in_refused")
    assert (row["subject"], row["detail"]) == ("head", {"reason": "wrong"})
    assert "not-the-one-at-all" not in str(row)


def test_a_look_that_fails_leaves_no_row_of_having_seen(demo_bank: DemoBank, manager: Client) -> None:
    with truth(demo_bank.database) as admin:
        before = admin.scalar(text("SELECT count(*) FROM audit WHERE cardinality(customer_ids) > 0"))
    assert manager.get("/api/v1/customers/999999999").status_code == 404
    with truth(demo_bank.database) as admin:
        after = admin.scalar(text("SELECT count(*) FROM audit WHERE cardinality(customer_ids) > 0"))
    assert before == after


# --- the chain, in a database of the test's own ---


def write(database: Database, *subjects: str) -> None:
    """An audit row each, in transactions of their own."""
    for subject in subjects:
        with database.transaction(HEAD) as session:
            record(session, "look", subject=subject, customer_ids=[1, 2])


@pytest.fixture
def forger(fresh: Database) -> Iterator[Connection]:
    """Three sealed rows and a superuser who has put the trigger out of the way."""
    write(fresh, "a", "b")
    assert seal_audit(fresh) == 2
    write(fresh, "c")
    assert seal_audit(fresh) == 1
    with truth(fresh) as admin:
        assert broken(admin) is None
        admin.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_append_only"))
        admin.execute(text("ALTER TABLE audit_seal DISABLE TRIGGER audit_seal_append_only"))
        yield admin


def broken(admin: Connection) -> int | None:
    found = admin.scalar(text("SELECT getu_broken_seal()"))
    return None if found is None else int(found)


FORGERIES = {
    "another name": "UPDATE audit SET user_id = 9 WHERE id = 1",
    "fewer customers": "UPDATE audit SET customer_ids = '{1}' WHERE id = 2",
    "another time": "UPDATE audit SET at = at - interval '1 second' WHERE id = 1",
    "a word moved to the next column": "UPDATE audit SET action = 'look|a', subject = NULL WHERE id = 1",
    "a row gone": "DELETE FROM audit WHERE id = 2",
    "a seal made anew over the forgery": """
        WITH gone AS (DELETE FROM audit WHERE id = 1)
        UPDATE audit_seal SET hash = sha256('x') WHERE to_id = 2""",
    "a first seal gone": "DELETE FROM audit_seal WHERE to_id = 2",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_row_breaks_the_chain(forger: Connection, forgery: str) -> None:
    forger.execute(text(FORGERIES[forgery]))
    assert broken(forger) in (2, 3)


def test_a_seal_recomputed_over_a_forgery_breaks_the_seal_behind_it(forger: Connection) -> None:
    forger.execute(text("UPDATE audit SET user_id = 9 WHERE id = 1"))
    forger.execute(text("UPDATE audit_seal SET hash = getu_audit_hash(1, 2, '\\x00') WHERE to_id = 2"))
    assert broken(forger) == 3


def test_sealing_again_without_new_rows_adds_no_seal(fresh: Database) -> None:
    write(fresh, "a")
    assert [seal_audit(fresh), seal_audit(fresh)] == [1, 0]


def test_a_row_still_being_written_is_not_left_between_two_seals(fresh: Database) -> None:
    """A sheet takes seconds to draw, and its row has a lower number than those written meanwhile."""
    with fresh.transaction(HEAD) as slow:
        record(slow, "print_wall_map")
        write(fresh, "meanwhile")
        assert seal_audit(fresh) == 0
    assert seal_audit(fresh) == 2
    with truth(fresh) as admin:
        assert broken(admin) is None


def test_only_the_worker_may_seal(fresh: Database) -> None:
    with truth(fresh) as admin:
        for role in ("getu_head", "getu_scoped", "getu_ground", "getu_gate"):
            may = text("SELECT has_function_privilege(:r, 'getu_seal_audit()', 'EXECUTE')")
            assert not admin.scalar(may, {"r": role})
    with fresh.transaction(WORKER) as session:
        assert session.scalar(text("SELECT count(*) FROM audit_seal")) == 0
