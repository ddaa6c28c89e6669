"""A dry run of a customer file tells what the real import will do, and leaves nobody behind."""

import tracemalloc
from typing import Any

import pytest

from app.db import Database
from app.db.connection import WORKER
from app.errors import NotReady
from app.jobs import ask_cancel
from app.settings import Settings
from tests.customers.customer_files import (
    count_stored,
    draw_card,
    read_duplicates,
    send,
    start,
    write_table,
)
from tests.faults.story import listed_rows

NOTHING = {"customer": 0, "placement": 0, "source_system": 4, "intake_row": 0, "waiting": 0}
OWN = ("status", "dry_run", "import_id", "seconds", "rows_a_second")


@pytest.fixture
def bank(settings: Settings) -> Settings:
    return settings.model_copy(update={"import_processes": 1})


def person(number: int, **cells: str) -> dict[str, str]:
    whole = {"客户号": f"K{number}", "客户名称": f"王{number}", "证件号码": draw_card(number % 1000)}
    return {**whole, "经度": "121.2", "纬度": "31.9", "存款余额": "10.00", **cells}


PEOPLE = [
    *(person(number) for number in range(12)),
    person(12, 经度="", 纬度=""),
    person(3, 客户名称="又是三"),
    person(14, 客户名称=""),
    person(15, 存款余额="很多"),
    person(16, 经度="东"),
    person(17, 证件号码=person(2)["证件号码"]),
]


def told(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what a dry run and the real one may not share."""
    return {key: value for key, value in report.items() if key not in OWN}


def test_a_dry_run_tells_what_the_real_import_then_does(fresh: Database, bank: Settings) -> None:
    tried = send(fresh, bank, PEOPLE, dry_run=True)
    assert count_stored(fresh) == NOTHING
    assert (tried["status"], tried["dry_run"]) == ("checked", True)
    assert (tried["rows"], tried["new"], tried["changed"], tried["same"]) == (18, 15, 0, 0)
    assert tried["reasons"] == {"bad_amount": 1, "bad_coordinates": 1, "no_name": 1, "repeated_key": 1}
    assert tried["rungs"] == {"0": 2, "2": 13}
    assert tried["duplicates"]["repeated_key"] == tried["duplicates"]["card_two_keys"] == 1
    assert [column["term"] for column in tried["columns"]][:3] == ["source_key", "customer_name", "id_card"]
    done = send(fresh, bank, PEOPLE)
    assert "repeated" not in done
    assert done["status"] == "imported"
    assert told(done) == told(tried)
    assert count_stored(fresh) == {**NOTHING, "customer": 15, "placement": 15, "source_system": 4}
    assert read_duplicates(bank, done) == read_duplicates(bank, tried)
    assert listed_rows(bank.home, done["import_id"]) == listed_rows(bank.home, tried["import_id"])


def test_a_dry_run_over_stored_customers_tells_new_changed_and_same_as_the_real_one(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, PEOPLE)
    before = count_stored(fresh)
    assert send(fresh, bank, PEOPLE, dry_run=True)["same"] == 15
    newer = [
        person(0, 客户名称="改名"),
        person(1, 存款余额="10"),
        person(2, 存款余额="11"),
        person(3, 证件号码=""),
        person(4, 经度="121.25"),
        person(99),
    ]
    tried = send(fresh, bank, newer, dry_run=True)
    assert (tried["new"], tried["changed"], tried["same"]) == (1, 4, 1)
    assert count_stored(fresh) == before
    assert told(send(fresh, bank, newer)) == told(tried)


def test_the_same_file_read_with_other_columns_is_another_import(fresh: Database, bank: Settings) -> None:
    rows = [{**person(number), "户主姓名": f"李{number}"} for number in range(3)]
    assert send(fresh, bank, rows)["new"] == 3
    by_hand = {"customer_name": "户主姓名"}
    tried = send(fresh, bank, rows, fields=by_hand, dry_run=True)
    assert (tried["changed"], [c["term"] for c in tried["columns"] if c["name"] == "户主姓名"]) == (
        3,
        ["customer_name"],
    )
    told_again = send(fresh, bank, rows, fields=by_hand)
    assert (told_again["changed"], told_again.get("repeated")) == (3, None)
    assert send(fresh, bank, rows, fields=by_hand)["repeated"]
    assert send(fresh, bank, rows)["changed"] == 3


@pytest.mark.parametrize(
    ("fields", "code"), [({"shoe_size": "客户号"}, "unknown_term"), ({"phone": "传真"}, "unknown_column")]
)
def test_a_wrong_field_is_refused_before_anything_is_read(
    fresh: Database, bank: Settings, fields: dict[str, str], code: str
) -> None:
    job = start(fresh, bank, write_table(bank.home / "in" / "c.csv", PEOPLE), fields=fields)
    assert (job["status"], job["error"]["code"]) == ("failed", code)
    assert count_stored(fresh) == NOTHING


def test_a_dry_run_that_fails_or_is_cancelled_leaves_nothing(fresh: Database, bank: Settings) -> None:
    path = write_table(bank.home / "in" / "c.csv", PEOPLE)
    path.write_text(path.read_text(encoding="utf-8") + '"' + "x" * (1 << 21), encoding="utf-8")
    job = start(fresh, bank, path, dry_run=True)
    assert (job["status"], job["error"]["code"]) == ("failed", "endless_cell")
    assert count_stored(fresh) == NOTHING
    write_table(path, PEOPLE)

    def cancel(stage: str, _done: int, _total: int) -> None:
        if stage == "place":
            assert count_stored(fresh)["intake_row"] == 16
            with fresh.transaction(WORKER) as session:
                ask_cancel(session, job["id"] + 1)

    cancelled = start(fresh, bank, path, tell=cancel, dry_run=True)
    assert (cancelled["id"], cancelled["status"]) == (job["id"] + 1, "cancelled")
    assert count_stored(fresh) == NOTHING


def test_a_program_error_leaves_no_row_waiting(fresh: Database, bank: Settings) -> None:
    path = write_table(bank.home / "in" / "c.csv", PEOPLE)

    def fail(stage: str, _done: int, _total: int) -> None:
        if stage == "comparing":
            assert count_stored(fresh)["waiting"] == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start(fresh, bank, path, tell=fail, dry_run=True)
    assert count_stored(fresh) == NOTHING


def test_a_dry_run_that_was_killed_goes_on_behind_its_last_chunk(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.customers.CHUNK", 5)
    whole = send(fresh, bank, PEOPLE, dry_run=True)
    path = bank.home / "in" / "customers.csv"

    def stop(_stage: str, done: int, _total: int) -> None:
        if done == 10:
            raise NotReady("gone", zh="断了", en="gone")

    with pytest.raises(NotReady):
        start(fresh, bank, path, tell=stop, dry_run=True)
    assert count_stored(fresh)["intake_row"] == 10
    stages: list[tuple[str, int]] = []
    job = start(
        fresh, bank, path, tell=lambda stage, done, _total: stages.append((stage, done)), dry_run=True
    )
    assert (job["status"], job["attempt"]) == ("done", 2)
    ends = [("placed", 18), ("comparing", 18), ("checked", 18)]
    assert stages == [("place", 15), ("place", 18), *ends]
    assert told(job["result"]) == told(whole)
    assert count_stored(fresh) == NOTHING


def test_a_dry_run_of_a_file_five_times_as_long_takes_no_more_memory(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.customers.CHUNK", 500)
    monkeypatch.setattr("app.db.statements.STREAMED", 500)
    monkeypatch.setattr("app.customers.intake.landing.STRIDE", 500)
    monkeypatch.setattr("app.customers.intake.links.STRIDE", 4_000)
    monkeypatch.setattr("app.customers.intake.tables.script.BLOCK_BYTES", 1 << 15)
    monkeypatch.setattr("app.customers.intake.tables.text.BLOCK_BYTES", 1 << 15)
    peaks = []
    for name, rows in (("first", 100), ("short", 4_000), ("long", 20_000)):
        # Every twentieth row repeats a key: of the rows in between next to nothing is held.
        path = write_table(bank.home / "in" / f"{name}.csv", [person(n - n % 20 // 19) for n in range(rows)])
        tracemalloc.start()
        job = start(fresh, bank, path, dry_run=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert job["result"]["duplicates"]["repeated_key"] == rows // 20
    assert peaks[2] < 1.3 * peaks[1], peaks
    assert count_stored(fresh) == NOTHING
