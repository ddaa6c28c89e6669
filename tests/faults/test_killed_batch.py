"""Files of addresses and passes over the bank, killed with -9 midway: the end is as if nothing had been."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.jobs import create_job, find_job, run_job
from app.settings import Settings
from tests.faults.story import environment, look, start, wait_for

PLACES = """INSERT INTO place (code, code_source, level, kind, parent_code, name) VALUES
    ('320614', 't', 'county', 'admin', NULL, '海门区'),
    ('320614102', 't', 'town', 'admin', '320614', '常乐镇'),
    ('320614102201', 't', 'village', 'admin', '320614102', '颐生村'),
    ('320614102202', 't', 'village', 'admin', '320614102', '习正村')"""
CUSTOMERS = """WITH c AS (INSERT INTO customer (id, source_code, source_key, kind, standing, name, address)
        SELECT n, 'core', 'K' || n, 'person', 'existing', '某',
            '海门区常乐镇' || (ARRAY['颐生村', '习正村'])[n % 2 + 1] || n % 40 || '组' || n || '号'
        FROM generate_series(1, :rows) AS n RETURNING id)
    INSERT INTO placement (customer_id, rung, method, score) SELECT id, 0, 'none', 0 FROM c"""


@pytest.fixture
def named(fresh: Database) -> Database:
    """A bank that knows two villages."""
    with fresh.transaction(WORKER) as session:
        session.execute(text(PLACES))
    return fresh


@pytest.fixture
def killed_at(named: Database, tmp_path: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Processes that a test has started; all are gone afterwards."""
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.wait()


def list_descendants(pid: int) -> set[int]:
    """The numbers of all processes that come from a process."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found |= {int(child)} | list_descendants(int(child))
    return found


def kill_and_see_all_leave(process: "subprocess.Popen[bytes]") -> None:
    """Kill with -9; whatever it had started leaves with it."""
    children = list_descendants(process.pid)
    assert children
    process.kill()
    process.wait()
    end = time.monotonic() + 20
    while left := [pid for pid in children if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < end, left
        time.sleep(0.05)


def wait_for_job(database: Database, rows: int) -> None:
    """Until the first job of this bank has so many rows done."""
    end = time.monotonic() + 90
    query = text("SELECT coalesce(max(done), 0) FROM job WHERE status = 'running'")
    while True:
        with database.transaction(WORKER) as session:
            if (session.scalar(query) or 0) >= rows:
                return
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_file_killed_in_the_middle_goes_on_and_ends_as_one_never_killed(
    named: Database, tmp_path: Path, killed_at: list["subprocess.Popen[bytes]"]
) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    lines = [f"{n},海门区常乐镇{'颐生习正'[n % 2 * 2 :][:2]}村{n % 40}组{n}号" for n in range(40_000)]
    path.write_text("id,address\n" + "\n".join(lines) + "\n", encoding="gb18030")
    env = environment(tmp_path / "home", named)
    command = ["geocode", "--file", str(path), "--out", str(out), "--json"]
    killed_at.append(start(command, env, tmp_path / "said.log"))
    wait_for_job(named, 10_000)
    kill_and_see_all_leave(killed_at[-1])
    before = look(named, 1)
    assert (before["status"], out.exists()) == ("running", False)
    assert 10_000 <= before["done"] < 40_000
    killed_at.append(start(command, env, tmp_path / "again.log"))
    seen = wait_for(named, 1, lambda job: job["attempt"] == 2)
    assert seen["done"] >= before["done"], "rows that were done are not done again"
    assert killed_at[-1].wait(timeout=120) == 0
    result = out.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in result] == ["id", *map(str, range(40_000))]
    assert {line.split(",")[2] for line in result[1:]} == {"320614102201", "320614102202"}
    assert look(named, 1)["result"]["levels"] == {"village": 40_000}
    assert not list(tmp_path.glob(".out.csv*"))


def test_a_pass_over_the_bank_killed_in_the_middle_changes_nothing_until_it_lands_whole(
    named: Database, tmp_path: Path, killed_at: list["subprocess.Popen[bytes]"]
) -> None:
    with named.transaction(WORKER) as session:
        session.execute(text(CUSTOMERS), {"rows": 25_000})
    env = environment(tmp_path / "home", named)
    killed_at.append(start(["place", "--json"], env, tmp_path / "said.log"))
    wait_for_job(named, 10_000)
    kill_and_see_all_leave(killed_at[-1])
    placed = text("SELECT count(*) FROM placement WHERE rung = 5")
    with named.transaction(WORKER) as session:
        assert session.scalar(placed) == 0
        before = look(named, 1)["done"]
    killed_at.append(start(["place", "--json"], env, tmp_path / "again.log"))
    assert wait_for(named, 1, lambda job: job["attempt"] == 2)["done"] >= before
    assert killed_at[-1].wait(timeout=120) == 0
    with named.transaction(WORKER) as session:
        assert session.scalar(placed) == 25_000
        assert session.scalar(text("SELECT count(*) FROM placement_run")) == 1
    report = look(named, 1)["result"]
    assert (report["written"], report["judged"], report["customers"]) == (25_000,) * 3


def test_a_cancelled_pass_leaves_every_customer_as_he_was(named: Database, tmp_path: Path) -> None:
    with named.transaction(WORKER) as session:
        session.execute(text(CUSTOMERS), {"rows": 12_000})
        job_id = create_job(session, "place_customers", {})

    def cancel(stage: str, done: int, total: int) -> None:
        with named.transaction(WORKER) as session:
            find_job(session, job_id).cancel_asked = True

    bank = Settings(home=tmp_path / "home", cluster_profile="test", import_processes=1)
    job = run_job(named, bank, job_id, tell=cancel)
    assert (job["status"], 0 < job["done"] < 12_000) == ("cancelled", True)
    with named.transaction(WORKER) as session:
        assert session.scalar(text("SELECT count(*) FROM placement WHERE rung <> 0")) == 0
    assert not list((bank.files / "placing").iterdir())
