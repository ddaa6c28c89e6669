"""A worker killed with -9 in the middle of a customer import loses nothing and doubles nothing."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.errors import NotFound
from app.jobs import ask_cancel
from tests.faults.story import (
    ask_import,
    assert_all_landed,
    environment,
    look,
    start,
    stored_keys,
    wait_for,
    waiting_tables,
    write_file,
)

Start = Callable[..., "subprocess.Popen[bytes]"]
RECLAIM_S = 10.0


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Start]:
    """Starts processes of a bank at `tmp_path`; all are gone afterwards."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(database: Database | None, *arguments: str) -> "subprocess.Popen[bytes]":
        env = environment(tmp_path / "home", database)
        running.append(start(list(arguments), env, tmp_path / "said.log"))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


def test_two_killed_workers_lose_and_double_no_row(
    fresh: Database, started: Start, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    offered = write_file(tmp_path / "core.csv", 60_000)
    workers = [started(fresh, "work"), started(fresh, "work")]
    wait_for_workers(fresh, 2)
    job_id = ask_import(fresh, offered.path)
    wait_for(fresh, job_id, lambda job: job["done"] >= 10_000)
    first, second = sorted(workers, key=count_children, reverse=True)
    first.kill()
    killed_at = time.monotonic()
    before = look(fresh, job_id)
    assert before["status"] == "running"
    assert stored_keys(fresh) == []
    wait_for(fresh, job_id, lambda job: job["attempt"] == 2)
    seconds = time.monotonic() - killed_at
    record_property("seconds_to_reclaim", round(seconds, 2))
    print(f"from kill to re-claim: {seconds:.2f} s")
    assert seconds < RECLAIM_S
    at_reclaim = look(fresh, job_id)["done"]
    assert at_reclaim >= before["done"]
    if wait_for(fresh, job_id, lambda job: job["done"] > at_reclaim)["status"] == "running":
        time.sleep(random.random())
    second.kill()
    started(fresh, "work")
    job = wait_for(fresh, job_id, lambda job: job["status"] == "done")
    assert job["attempt"] >= 2
    assert_all_landed(fresh, tmp_path / "home", offered)


def wait_for_workers(database: Database, count: int) -> None:
    """Until so many workers are alive in the queue's own eyes."""
    end = time.monotonic() + 90
    while True:
        with database.transaction(WORKER) as session:
            alive = session.scalar(text("SELECT count(*) FROM procrastinate_workers"))
        if alive == count:
            return
        assert time.monotonic() < end
        time.sleep(0.1)


def count_children(process: "subprocess.Popen[bytes]") -> int:
    """How many processes a process has started: a worker at an import has its pool, an idle one none."""
    lists = Path(f"/proc/{process.pid}/task").glob("*/children")
    return sum(len(children.read_text().split()) for children in lists)


def test_the_command_line_killed_in_the_middle_goes_on_behind_its_last_chunk(
    fresh: Database, started: Start, tmp_path: Path
) -> None:
    offered = write_file(tmp_path / "core.csv", 30_000)
    command = ("import", "customers", str(offered.path), "--source", "core", "--json")
    killed = started(fresh, *command)
    wait_for_first_job(fresh)
    before = wait_for(fresh, 1, lambda job: job["done"] >= 10_000)
    killed.kill()
    killed.wait()
    assert look(fresh, 1)["status"] == "running"
    again = started(fresh, *command)
    seen = wait_for(fresh, 1, lambda job: job["attempt"] == 2)
    assert seen["done"] >= before["done"]
    assert again.wait(timeout=90) == 1
    assert look(fresh, 1)["status"] == "done"
    assert_all_landed(fresh, tmp_path / "home", offered)


def wait_for_first_job(database: Database) -> None:
    """Until the command line has made its job, the first of this database."""
    end = time.monotonic() + 60
    while True:
        try:
            look(database, 1)
        except NotFound:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def test_cancelling_stops_at_the_next_chunk_and_leaves_no_customer(
    fresh: Database, started: Start, tmp_path: Path
) -> None:
    offered = write_file(tmp_path / "core.csv", 60_000)
    job_id = ask_import(fresh, offered.path)
    started(fresh, "work")
    wait_for(fresh, job_id, lambda job: job["done"] >= 10_000)
    with fresh.transaction(WORKER) as session:
        ask_cancel(session, job_id)
    job = wait_for(fresh, job_id, lambda job: job["status"] not in ("running", "waiting"))
    assert job["status"] == "cancelled"
    assert job["done"] < 60_000
    assert stored_keys(fresh) == []
    assert waiting_tables(fresh) == 0
