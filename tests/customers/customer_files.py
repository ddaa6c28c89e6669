"""Customer files made cell by cell and imported by the real story, and what is stored afterwards."""

import csv
import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.jobs import run_now
from app.jobs.running import Teller
from app.settings import Settings

TABLES = ("customer", "placement", "source_system")


def draw_card(serial: int, *, born: str = "19900101") -> str:
    """A number of an identity card that is right in every sign."""
    body = f"320684{born}{serial:03d}"
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def write_table(path: Path, rows: list[dict[str, str]]) -> Path:
    """A CSV file of these rows; the headings are the keys of all rows in the order they come."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def start(
    database: Database, bank: Settings, path: Path, *, tell: Teller | None = None, **said: Any
) -> dict[str, Any]:
    """Import a file (source core unless said); the job as shown."""
    args = {"path": str(path), "file_name": path.name, "source": "core", **said}
    return run_now(database, bank, "import_customers", args, tell=tell)


def send(database: Database, bank: Settings, rows: list[dict[str, str]], **said: Any) -> dict[str, Any]:
    """Import rows; the report."""
    job = start(database, bank, write_table(bank.home / "in" / "customers.csv", rows), **said)
    assert job["status"] == "done", job
    return dict(job["result"])


def count_stored(database: Database) -> dict[str, int]:
    """Rows of every table that an import fills, and the partitions of rows that wait."""
    with database.transaction(WORKER) as session:
        counts = {
            table: session.scalar(text(f"SELECT count(*) FROM {table}")) or 0
            for table in (*TABLES, "intake_row")
        }
        waiting = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'intake_row'::regclass"
        return {**counts, "waiting": session.scalar(text(waiting)) or 0}


def read_duplicates(bank: Settings, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an import's file of duplicates."""
    path = bank.files / "imports" / f"{report['import_id']}.duplicates.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
