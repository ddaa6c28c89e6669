"""A customer file whose every row is known beforehand, and real processes that may be killed over it."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.jobs import create_job, defer_job, find_job, show_job

ROOT = Path(__file__).parents[2]
HEADINGS = ("客户号", "客户名称", "证件号码", "手机号码", "经度", "纬度", "存款余额")


@dataclass(frozen=True)
class Offered:
    """A file, the keys of its good rows, and the rows to be left out with their reasons."""

    path: Path
    keys: set[str]
    left_out: dict[int, str]


def write_file(path: Path, rows: int) -> Offered:
    """`rows` rows behind the heading; every tenth is wrong in one of four ways."""
    keys: set[str] = set()
    left_out: dict[int, str] = {}
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(2, rows + 2):
            cells = [f"C{number:07d}", f"王{number}", f"3206841990{number:08d}", f"139{number:08d}"]
            cells += [f"{121.2 + number % 97 / 1000:.6f}", f"{31.9 + number % 89 / 1000:.6f}", "12,345.60"]
            if number % 10:
                keys.add(cells[0])
            else:
                left_out[number] = _spoil(cells, number)
            writer.writerow(cells)
    return Offered(path, keys, left_out)


def _spoil(cells: list[str], number: int) -> str:
    """Make the row wrong; the reason that must be told."""
    kind = number // 10 % 4
    if kind == 0:
        cells[1] = " "
        return "no_name"
    if kind == 1:
        cells.pop()
        return "columns"
    if kind == 2:
        cells[6] = "一万"
        return "bad_amount"
    cells[0] = f"C{number - 1:07d}"
    return "repeated_key"


def environment(home: Path, database: Database | None) -> dict[str, str]:
    """The environment of a process of this bank."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GETU_", "DATABASE_"))}
    clean |= {"GETU_HOME": str(home), "GETU_CLUSTER_PROFILE": "test", "GETU_IMPORT_PROCESSES": "1"}
    return clean if database is None else {**clean, "DATABASE_URL": database.url}


def start(arguments: list[str], env: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    """A real `getu` process; what it says goes to a file."""
    command = [sys.executable, "-m", "app.cli", *arguments]
    with log.open("ab") as file:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file)


def ask_import(database: Database, path: Path) -> int:
    """Queue an import as the service does: the job's row and its delivery in one transaction."""
    args = {"path": str(path), "file_name": path.name, "source": "core"}
    with database.transaction(WORKER) as session:
        job_id = create_job(session, "import_customers", args)
        defer_job(session, job_id)
    return job_id


def look(database: Database, job_id: int) -> dict[str, Any]:
    """The job as shown."""
    with database.transaction(WORKER) as session:
        return show_job(find_job(session, job_id))


def wait_for(
    database: Database, job_id: int, ready: Callable[[dict[str, Any]], bool], *, seconds: float = 90
) -> dict[str, Any]:
    """Look until the job is as wanted; the last look, or an assertion with it."""
    end = time.monotonic() + seconds
    while not ready(job := look(database, job_id)):
        assert time.monotonic() < end, job
        assert job["status"] != "failed" or ready(job), job
        time.sleep(0.03)
    return job


def stored_keys(database: Database) -> list[str]:
    """The keys of all customers."""
    with database.transaction(WORKER) as session:
        return list(session.scalars(text("SELECT source_key FROM customer")))


def waiting_tables(database: Database) -> int:
    """How many partitions of rows on their way in there are."""
    with database.transaction(WORKER) as session:
        query = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'intake_row'::regclass"
        return int(session.scalar(text(query)) or 0)


def listed_rows(home: Path, import_id: int) -> list[tuple[int, str]]:
    """Row and reason of every row left out, sorted; warnings are of rows that were kept."""
    path = home / "files" / "imports" / f"{import_id}.left_out.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted((line["row"], line["reason"]) for line in lines if not line.get("kept"))


def assert_all_landed(database: Database, home: Path, offered: Offered) -> None:
    """Every good row once, every other in the left-out file once, nothing waiting."""
    keys = stored_keys(database)
    assert len(keys) == len(set(keys)) == len(offered.keys)
    assert set(keys) == offered.keys
    with database.transaction(WORKER) as session:
        run = session.execute(
            text("SELECT id, status, report FROM import_run ORDER BY id DESC LIMIT 1")
        ).one()
        placed = session.scalar(text("SELECT count(*) FROM placement"))
    assert run.status == "imported"
    assert (run.report["kept"], run.report["left_out"]) == (len(offered.keys), len(offered.left_out))
    assert placed == len(offered.keys)
    assert listed_rows(home, run.id) == sorted(offered.left_out.items())
    assert waiting_tables(database) == 0
