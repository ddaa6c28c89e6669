"""A folder of nightly files: each goes to its source, in the order of days, whole, once; a bad one alone."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.customers.intake.folder import list_deliveries, read_day, read_patterns, wait_until_whole
from app.customers.intake.sources import store_source
from app.db import Database
from app.db.connection import WORKER
from app.errors import BadInput
from app.jobs import run_now
from app.jobs.folder import start_nightly
from app.settings import Settings

PATTERNS = [
    ("core", "core_*_{date}.csv"),
    ("crm", "CRM-{date}.xlsx; crm {date}.csv + .ok"),
    ("roster", "名册*.csv"),
]


@pytest.mark.parametrize(
    ("name", "source", "day"),
    [
        ("core_full_20261121.csv", "core", date(2026, 11, 21)),
        ("CORE_Full_2026-11-21.CSV", "core", date(2026, 11, 21)),
        ("core_a_2026_11_21.csv", "core", date(2026, 11, 21)),
        ("core_a_20261131.csv", None, None),
        ("core_a_20261121.csv.bak", None, None),
        ("crm-20261121.xlsx", "crm", date(2026, 11, 21)),
        ("crm 20261121.csv", "crm", date(2026, 11, 21)),
        ("名册 利北村.csv", "roster", None),
        ("说明.txt", None, None),
    ],
)
def test_a_name_tells_its_source_and_its_day(
    tmp_path: Path, name: str, source: str | None, day: date | None
) -> None:
    (tmp_path / name).write_text("a,b\n")
    found, strangers = list_deliveries(tmp_path, PATTERNS)
    assert [(one.sources, one.day) for one in found] == ([((source,), day)] if source else [])
    assert strangers == ([] if source else [name])


def test_flags_links_hidden_and_unfinished_files_are_no_deliveries(tmp_path: Path) -> None:
    for name in (
        ".core_a_20261121.csv",
        "~$crm-20261121.xlsx",
        "crm 20261121.csv.ok",
        "core_a_20261122.csv.part",
    ):
        (tmp_path / name).write_text("x")
    (tmp_path / "core_b_20261121.csv").symlink_to("/etc/hostname")
    (tmp_path / "core_c_20261121.csv").mkdir()
    assert list_deliveries(tmp_path, PATTERNS) == ([], [])
    with pytest.raises(BadInput, match="no_folder"):
        list_deliveries(tmp_path / "none", PATTERNS)


@pytest.mark.parametrize(
    "wrong", ["*", "../core_{date}.csv", "{date}_{date}.csv", "core.csv + ok!", " + .ok"]
)
def test_a_pattern_that_cannot_be_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="bad_pattern"):
        read_patterns(wrong)
    assert read_day("core_x_20261121.csv", "core_*_{date}.csv") == date(2026, 11, 21)


def test_a_file_that_is_still_being_copied_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "core_a_20261121.csv"
    path.write_text("a,b\n")
    delivery = list_deliveries(tmp_path, PATTERNS)[0][0]

    def copy() -> None:
        for _ in range(6):
            time.sleep(0.05)
            with path.open("a") as file:
                file.write("1,2\n")

    writer = threading.Thread(target=copy)
    writer.start()
    assert not wait_until_whole(delivery, quiet_s=0.2, patience_s=0.05)
    assert wait_until_whole(delivery, quiet_s=0.2, patience_s=5)
    assert not writer.is_alive()
    assert len(path.read_text().splitlines()) == 7
    path.unlink()
    assert not wait_until_whole(delivery, quiet_s=0.2, patience_s=5)


def test_a_file_with_a_flag_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "crm 20261121.csv").write_text("a,b\n")
    delivery = list_deliveries(tmp_path, PATTERNS)[0][0]
    assert not wait_until_whole(delivery, quiet_s=0, patience_s=0)
    (tmp_path / "CRM 20261121.OK").touch()
    assert wait_until_whole(delivery, quiet_s=99, patience_s=0)


def put(
    folder: Path, name: str, *rows: str, head: str = "客户号,客户名称", encoding: str = "gb18030"
) -> Path:
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in (head, *rows)).encode(encoding))
    return path


@pytest.fixture
def bank(settings: Settings) -> Settings:
    quick = {"import_processes": 1, "intake_quiet": timedelta(0), "intake_patience": timedelta(0)}
    return settings.model_copy(update=quick)


def run(fresh: Database, bank: Settings, folder: Path, **said: Any) -> dict[str, Any]:
    job = run_now(fresh, bank, "import_folder", {"path": str(folder), **said})
    assert job["status"] == "done", job
    return dict(job["result"])


def show(report: dict[str, Any]) -> list[tuple[str, str, Any]]:
    return [
        (entry["name"], entry["status"], entry.get("code", entry.get("new"))) for entry in report["files"]
    ]


def names_stored(fresh: Database) -> dict[str, str]:
    with fresh.transaction(WORKER) as session:
        return {
            row.source_key: row.name for row in session.execute(text("SELECT source_key, name FROM customer"))
        }


def test_a_night_takes_each_file_once_in_order_and_a_bad_one_stops_no_other(
    fresh: Database, bank: Settings, tmp_path: Path
) -> None:
    with fresh.transaction(WORKER) as session:
        for code, pattern in (("core", "core_*{date}.csv"), ("crm", "c*_{date}.csv; crm_{date}.csv + .ok")):
            store_source(session, code, {"file_pattern": pattern.replace("c*_", "crm_x_")})
        store_source(session, "roster", {"file_pattern": "*_both_{date}.csv"})
    put(tmp_path, "core_20261122.csv", "K1,王二村", "K3,钱三")
    put(tmp_path, "core_20261121.csv", "K1,王一村", "K2,李二")
    put(tmp_path, "core_both_20261121.csv", "K9,某")
    put(tmp_path, "crm_20261121.csv", "R1,孙五")
    (tmp_path / "crm_x_20261121.csv").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (tmp_path / "readme.txt").write_text("x")
    report = run(fresh, bank, tmp_path)
    assert show(report) == [
        ("core_20261121.csv", "imported", 2),
        ("core_both_20261121.csv", "failed", "two_sources"),
        ("crm_20261121.csv", "waiting", "waiting"),
        ("crm_x_20261121.csv", "failed", "old_workbook"),
        ("core_20261122.csv", "imported", 1),
    ]
    assert (report["status"], report["unknown"]) == ("incomplete", ["readme.txt"])
    assert names_stored(fresh) == {"K1": "王二村", "K2": "李二", "K3": "钱三"}

    put(tmp_path, "core_late_20261120.csv", "K1,旧名")
    corrected = put(tmp_path, "core_20261122.csv", "K1,王三村", "K3,钱三")
    again = {entry["name"]: entry for entry in run(fresh, bank, tmp_path, dry_run=True)["files"]}
    assert again["core_late_20261120.csv"]["code"] == "overtaken"
    assert again["core_20261121.csv"]["status"] == "done"
    assert [again[corrected.name][key] for key in ("status", "new", "changed")] == ["checked", 0, 1]
    assert names_stored(fresh)["K1"] == "王二村"
    put(tmp_path, "core_20261122.csv", "K1,王二村", "K3,钱三")
    third = [entry["status"] for entry in run(fresh, bank, tmp_path)["files"]]
    assert third == ["skipped", "done", "failed", "waiting", "failed", "done"]


def test_the_worker_reads_the_folder_once_a_day_at_its_hour(
    fresh: Database, bank: Settings, tmp_path: Path
) -> None:
    set_up = bank.model_copy(update={"intake_folder": tmp_path, "intake_at": clock(2, 30)})
    night = datetime(2026, 11, 22, 2, 29, tzinfo=UTC)
    with fresh.transaction(WORKER) as session:
        assert start_nightly(session, bank, night + timedelta(hours=1)) is None
        assert start_nightly(session, set_up, night) is None
        job = start_nightly(session, set_up, night + timedelta(minutes=1))
        assert job is not None
        assert start_nightly(session, set_up, night + timedelta(hours=5)) is None
        assert start_nightly(session, set_up, night + timedelta(days=1, hours=1)) not in (None, job)
