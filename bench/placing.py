"""A million addresses as a job: a file matched, and a bank placed anew, against one core and the disk.

    python -m bench placing [--scale full]        small 50,000 rows, full 1,000,000

Addresses as the demo bank's people write them, clean ones and every kind of noise. Ours is the whole story,
with its database, checkpoints and processes; the peer is the bare matcher on one core, the limit a copy of
the table.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from app.customers.address_file import open_addresses
from app.customers.geocoding import Matcher, read_places
from app.db import Database
from app.db.bank import open_bank
from app.db.connection import WORKER
from app.jobs import run_now
from app.settings import Settings
from app.territory.gazetteer import import_places

ROOT = Path(__file__).parents[1]
GAZETTEER = ROOT / "data" / "places" / "haimen_gazetteer.csv"
ROWS = {"small": 50_000, "full": 1_000_000}
PEER_ROWS = 50_000
HOME_COUNTY = "320614"
CUSTOMERS = """WITH c AS (INSERT INTO customer (id, source_code, source_key, kind, standing, name, address)
        SELECT row_number() OVER (), 'bench', key, 'person', 'existing', '某', address FROM addresses
        RETURNING id)
    INSERT INTO placement (customer_id, rung, method, score) SELECT id, 0, 'none', 0 FROM c"""


def measure(scale: str) -> dict[str, Any]:
    """Seconds, rows a second and a core, and peak memory of each process, of both jobs."""
    folder = Path(tempfile.mkdtemp(prefix="getu-bench-", dir="/tmp"))
    folder.chmod(0o755)
    settings = Settings(home=folder / "home", cluster_profile="test")
    settings.home.mkdir()
    try:
        path = write_addresses(folder, ROWS[scale])
        database = open_bank(settings)
        with database.transaction(WORKER) as session:
            import_places(session, GAZETTEER, code_source="bench")
        found = {"rows": ROWS[scale], "processes": settings.import_processes}
        found["limit_copy"] = measure_copy(path, folder)
        found["peer_one_core"] = measure_one_core(path)
        found["file"] = measure_file(database, settings, path)
        found["bank"] = measure_bank(database, settings, path)
        database.close()
        return found
    finally:
        subprocess.run(
            [sys.executable, "-m", "app.cli", "db", "down"],
            env={**os.environ, "GETU_HOME": str(settings.home), "GETU_CLUSTER_PROFILE": "test"},
            capture_output=True,
            check=False,
        )
        shutil.rmtree(folder, ignore_errors=True)


def write_addresses(folder: Path, rows: int) -> Path:
    """A CSV of id and address: the existing customers of the demo bank, written again under new numbers."""
    # Bench, not service: the demo's own writer makes the people.
    command = [sys.executable, "-m", "demo.customers", "--scale", "haimen", "--out", str(folder / "people")]
    if rows <= ROWS["small"]:
        command[4] = "demo"
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    path, number = folder / "addresses.csv", 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "address"])
        while number < rows:
            for name in ("core.csv", "crm.csv"):
                for chunk in open_addresses(folder / "people" / name).chunks(10_000):
                    good = [row for row in chunk if not row.fault][: rows - number]
                    writer.writerows([number + at, row.address] for at, row in enumerate(good))
                    number += len(good)
    return path


def measure_copy(path: Path, folder: Path) -> dict[str, Any]:
    """The physical limit: the table read and written row by row, nothing done to it."""
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file, (folder / "copy.csv").open("w", newline="") as out:
        csv.writer(out).writerows(csv.reader(file))
    return {"seconds": round(time.perf_counter() - began, 2)}


def measure_one_core(path: Path) -> dict[str, Any]:
    """The bare matcher in this process, by processor time."""
    with path.open(encoding="utf-8", newline="") as file:
        addresses = [row["address"] for _, row in zip(range(PEER_ROWS), csv.DictReader(file), strict=False)]
    matcher = Matcher(read_places(GAZETTEER).places, home_county_code=HOME_COUNTY)
    began = time.process_time()
    matcher.match_many(addresses)
    seconds = time.process_time() - began
    return {"rows": len(addresses), "per_s": round(len(addresses) / seconds)}


def measure_file(database: Database, settings: Settings, path: Path) -> dict[str, Any]:
    """The story of a file."""
    args = {"path": str(path), "file_name": path.name, "out": str(path.with_name("result.csv"))}
    return _measure(database, settings, "geocode_file", args, ("rows", "distinct_prefixes", "sure_share"))


def measure_bank(database: Database, settings: Settings, path: Path) -> dict[str, Any]:
    """The whole bank placed: first everybody changes, then nobody."""
    with database.transaction(WORKER) as session:
        session.execute(text("CREATE TEMP TABLE addresses (key text, address text) ON COMMIT DROP"))
        driver = session.connection().connection.driver_connection
        assert driver is not None
        load = "COPY addresses FROM STDIN (FORMAT CSV, HEADER)"
        with path.open("rb") as file, driver.cursor() as cursor, cursor.copy(load) as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        session.execute(text(CUSTOMERS))
    vacuum(settings)
    first = _measure(database, settings, "place_customers", {"scope": "all"}, ("judged", "written", "open"))
    again = {"scope": "all", "assign": False}
    second = _measure(database, settings, "place_customers", again, ("judged", "written", "same"))
    return {"everybody_changes": first, "nobody_changes": second}


def vacuum(settings: Settings) -> None:
    """What a running database has long done by itself."""
    from app.db.bank import find_addresses

    engine = create_engine(find_addresses(settings).admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE customer, placement, placement_case"))
    engine.dispose()


def _measure(
    database: Database, settings: Settings, kind: str, args: dict[str, Any], told: tuple[str, ...]
) -> dict[str, Any]:
    """Run a story with an eye on the memory of its processes."""
    watch = Watch()
    began = time.perf_counter()
    with watch:
        job = run_now(database, settings, kind, args)
    seconds = time.perf_counter() - began
    if job["status"] != "done":
        raise RuntimeError(str(job["error"]))
    return {
        "seconds": round(seconds, 1),
        "per_s": round(job["done"] / seconds),
        "per_s_and_core": round(job["done"] / seconds / settings.import_processes),
        # What the machine's other work hardly changes: processor time of our processes, without the database.
        "cpu_s": round(sum(watch.spent.values()), 1),
        "per_cpu_s": round(job["done"] / max(sum(watch.spent.values()), 0.01)),
        "peak_mib": watch.peaks(),
        **{key: job["result"][key] for key in told},
    }


class Watch:
    """The peak resident memory of this process and of those it starts, looked at five times a second."""

    def __init__(self) -> None:
        self.highest: dict[str, int] = {"parent": 0, "child": 0}
        self.before = read_cpu_s(os.getpid())
        self.spent: dict[int, float] = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def peaks(self) -> dict[str, int]:
        """MiB of the parent and of the largest child."""
        return {name: size >> 10 for name, size in self.highest.items()}

    def _look(self) -> None:
        while not self.over.wait(0.2):
            self.highest["parent"] = max(self.highest["parent"], read_rss_kib(os.getpid()))
            self.spent[os.getpid()] = read_cpu_s(os.getpid()) - self.before
            for pid in list_descendants(os.getpid()):
                self.highest["child"] = max(self.highest["child"], read_rss_kib(pid))
                self.spent[pid] = max(self.spent.get(pid, 0.0), read_cpu_s(pid))


def list_descendants(pid: int) -> set[int]:
    """All processes that come from a process."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in path.read_text().split()]
        except OSError:
            continue
        for child in children:
            found |= {child} | list_descendants(child)
    return found


def read_rss_kib(pid: int) -> int:
    """Resident memory of a process, 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def read_cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has used, 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
