"""A whole night, seeded: a file with three datums and 3 % broken rows over real villages, held to its
maker's truth.

`getu bench nightly --scale full` is ten million rows. Told are seconds (wall, processor), rows a second,
the most memory of our processes together, and whether report, left-out file and stored rows are exact to
the row; then the same file again, the next night's, in which half of the balances are others, and one with a
hundredth more customers.
"""

import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import geopandas
import psutil
import shapely
from sqlalchemy import text

from app.db import Database, cluster, connect
from app.db.connection import WORKER
from app.db.migrating import migrate
from app.jobs import run_now
from app.settings import Settings
from bench.assignment import lay_grids, run_admin
from bench.nightly_file import LEFT_OUT, VILLAGES, WARNED, WAYS, Night, write_balances, write_night

# Customers whose balance is another the next day.
CHANGED_SHARE = 0.5
SIZES = {"small": 200_000, "full": 10_000_000}
COUNTS = """SELECT (SELECT count(*) FROM customer) AS customers, (SELECT count(*) FROM placement) AS
placements, (SELECT count(*) FROM assignment_row) AS assignments, (SELECT count(*) FROM assignment_row WHERE
grid_key IS NOT NULL) AS in_a_grid"""


def measure(scale: str, *, processes: int = 2) -> dict[str, Any]:
    """Seconds, memory and exactness of a night's load, of the same file again, and of the next night's."""
    rows = SIZES[scale]
    with tempfile.TemporaryDirectory(prefix="getu-night-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        settings = Settings(home=home, import_processes=processes)
        try:
            database = _lay(server)
            first = write_night(Path(folder) / "core_1.csv", rows)
            figures = {"first_night": _time(database, settings, first)}
            figures["first_night"] |= _judge(database, settings, first)
            figures["the_same_file_again"] = _time(database, settings, first)
            second = write_balances(first, Path(folder) / "core_2.csv", share=CHANGED_SHARE)
            figures["other_balances"] = _time(database, settings, second)
            third = write_night(Path(folder) / "core_3.csv", rows // 100, seed=2, first_key=rows)
            figures["a_hundredth_more"] = _time(database, settings, third)
            database.close()
        finally:
            cluster.remove(home)
    return {"rows": rows, **figures}


def _lay(server: cluster.Cluster) -> Database:
    """A migrated database whose grids in force are the demo county's villages."""
    run_admin(server, "postgres", "CREATE DATABASE bench")
    migrate(server.url("bench", role="getu_admin"), login="getu_login")
    database = connect(server.url("bench", role="getu_login"))
    villages = geopandas.read_file(VILLAGES, encoding="gb18030").to_crs(4326)
    parts = shapely.get_parts(villages.geometry.to_numpy())
    with database.transaction(WORKER) as session:
        lay_grids(session, parts)
    return database


def _time(database: Database, settings: Settings, night: Night) -> dict[str, Any]:
    """One import, here and now, with what it took."""
    args = {"path": str(night.path), "file_name": night.path.name, "source": "core"}
    with _Memory() as memory:
        wall, busy = time.perf_counter(), _busy_s()
        job = run_now(database, settings, "import_customers", args)
        wall, busy = time.perf_counter() - wall, _busy_s() - busy
    assert job["status"] == "done", job["error"]
    told = {key: job["result"].get(key) for key in ("rows", "kept", "left_out", "new", "changed", "same")}
    pace = {
        "wall_s": round(wall, 1),
        "our_processor_s": round(busy, 1),
        "rows_a_second": round(night.rows / wall),
    }
    return {**told, **pace, "our_memory_mib": memory.most_mib}


def _judge(database: Database, settings: Settings, night: Night) -> dict[str, Any]:
    """Whether the report, the file of rows left out and the stored rows are those that the file's maker
    knows."""
    with database.transaction(WORKER) as session:
        run = session.execute(text("SELECT max(id) FROM import_run")).scalar_one()
        report = session.execute(
            text("SELECT report FROM import_run WHERE id = :id"), {"id": run}
        ).scalar_one()
        stored = dict(session.execute(text(COUNTS)).mappings().one())
    left_out, warned = [], []
    with (settings.files / "imports" / f"{run}.left_out.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            (warned if told.get("kept") else left_out).append((told["row"], told["reason"]))
    return {
        "stored": stored,
        "broken": {"left_out": night.counts(LEFT_OUT), "warned": night.counts(WARNED)},
        "report_exact": report["reasons"] == night.counts(WAYS) and report["left_out"] == night.left_out,
        "left_out_rows_exact": sorted(left_out) == night.listed(LEFT_OUT),
        "warned_rows_exact": sorted(one for one in warned if one[1] in WARNED) == night.listed(WARNED),
        "stored_exact": stored["customers"] == night.rows - night.left_out,
    }


def _busy_s() -> float:
    """Processor seconds of this process and of its children, gone or alive."""
    own = psutil.Process()
    times = own.cpu_times()
    living = sum(sum(child.cpu_times()[:2]) for child in own.children(recursive=True))
    return float(times.user + times.system + times.children_user + times.children_system + living)


class _Memory:
    """The most memory of this process and its children together, looked at ten times a second."""

    def __enter__(self) -> "_Memory":
        self.most_mib, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._over.wait(0.1):
            every = [own, *own.children(recursive=True)]
            self.most_mib = max(self.most_mib, sum(map(_size, every)) >> 20)


def _size(process: psutil.Process) -> int:
    """Memory of its own, shared pages by their share; 0 for one that has left."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0
