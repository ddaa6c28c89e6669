"""A customer file → in PostGIS, assigned, indexed, counted: ours, the floor and two peers, interleaved.

The file has eleven columns: key, name, identity card, telephone, coordinates, deposit, tier, filed, last
visit and standing; its customers live in 7,500 villages. The floor is what nobody can do without: COPY of
the same finished rows into the same three bare tables, the same indexes; in one session, and in two. The
peers get what a DBA would write: COPY and UPDATE … ST_Covers, and COPY and INSERT … SELECT; neither
checks, seals, links or counts anything. Seconds are wall clock; processor seconds are those of our
processes and of the server.
"""

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from app.customers.intake.block import SHARES
from app.db import Database, cluster, connect
from app.db.migrating import migrate
from app.jobs import run_now
from app.settings import Settings
from bench.assignment import lay_grids, run_admin
from bench.ground import customers, villages

SIZES = {"small": (100_000, 7_500), "full": (1_000_000, 7_500), "ten": (10_000_000, 7_500)}
HEADINGS = "客户号,客户名称,证件号码,手机号码,经度,纬度,存款余额,客户等级,是否建档,最近走访日期,存量/潜在"
TABLES = ("customer", "placement", "assignment_row")
PEER_INDEXES = """
CREATE UNIQUE INDEX ON peer (source_key); CREATE INDEX ON peer (card); CREATE INDEX ON peer (phone);
CREATE INDEX ON peer USING gist (geom); CREATE INDEX ON peer (grid_id, tier); ANALYZE peer"""
TEXT = """source_key text, name text, card text, phone text, lon float8, lat float8, deposit numeric,
    tier text, filed text, visited date, standing text"""
UPDATED = f"""DROP TABLE IF EXISTS peer;
CREATE TABLE peer ({TEXT}, id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, geom geometry(Point, 4326),
    grid_id bigint)"""
NAMED = "source_key, name, card, phone, lon, lat, deposit, tier, filed, visited, standing"


def measure(scale: str, *, rounds: int = 3) -> dict[str, Any]:
    """Medians and ratios of interleaved rounds; memory of our processes at their peak."""
    count, grids = SIZES[scale]
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        path = write_customers(Path(folder) / "core.csv", count, grids)
        server = cluster.ensure(home)
        try:
            lay_bank(server, grids)
            peers = scale != "ten"
            found = [race(server, home, path, peers=peers) for _ in range(rounds if peers else 1)]
        finally:
            cluster.remove(home)
    return sum_up(count, grids, found)


def race(server: cluster.Cluster, home: Path, path: Path, *, peers: bool) -> dict[str, Any]:
    """Seconds of each way, one after the other, on the same cluster."""
    found: dict[str, Any] = {}
    run_admin(server, "postgres", "DROP DATABASE IF EXISTS ours WITH (FORCE)")
    run_admin(server, "postgres", "CREATE DATABASE ours TEMPLATE laid")
    database = connect(server.url("ours", role="getu_login"))
    settings = Settings(home=home, import_processes=os.cpu_count() or 1)
    args = {"path": str(path), "file_name": path.name, "source": "core"}
    watch = Watch()
    found["ours"] = clock(server, lambda: run_now(database, settings, "import_customers", args))
    found["memory_mb"] = watch.stop()
    report = found["ours"].pop("result")
    assert report["status"] == "done", report
    found["report"] = {
        key: report["result"][key] for key in ("rows", "kept", "left_out", "warned", "seconds")
    }
    keep_rows(database, home)
    database.close()
    for name, sessions in (("floor", 1), ("floor_two_sessions", 2)):
        found[name] = clock(server, lambda sessions=sessions: copy_rows(server, home, sessions))
    for name, work in (("copy_update", copy_update), ("insert_select", insert_select)) if peers else ():
        found[name] = clock(server, lambda work=work: work(server, path))
    for way in found.values():
        if isinstance(way, dict):
            way.pop("result", None)
    return found


def clock(server: cluster.Cluster, work: Callable[[], Any]) -> dict[str, Any]:
    """Wall and processor seconds of a piece of work, after a checkpoint so that none pays for another."""
    run_admin(server, "postgres", "CHECKPOINT")
    cpu, began = used_cpu(server), time.monotonic()
    result = work()
    wall = time.monotonic() - began
    return {"wall_s": round(wall, 2), "cpu_s": round(used_cpu(server) - cpu, 1), "result": result}


def used_cpu(server: cluster.Cluster) -> float:
    """Processor seconds of this process, all its children that ended or live, and the server."""
    total = 0.0
    for process in (psutil.Process(), psutil.Process(find_postmaster(server))):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                times = one.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def find_postmaster(server: cluster.Cluster) -> int:
    """The process id of the cluster's server."""
    with psycopg.connect(plain(server, "postgres")) as connection:
        folder = connection.execute("SHOW data_directory").fetchone()
    assert folder is not None
    return int((Path(folder[0]) / "postmaster.pid").read_text().split()[0])


def plain(server: cluster.Cluster, name: str) -> str:
    """The admin's address as psycopg takes it."""
    return server.url(name, role="getu_admin").replace("postgresql+psycopg", "postgresql")


class Watch:
    """The largest proportional memory of all our processes together, two looks a second."""

    def __init__(self) -> None:
        self.sum_mb = self.one_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            sizes = []
            for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
                with suppress(psutil.Error):
                    if "postgres" not in process.name():
                        sizes.append(process.memory_full_info().pss / 1e6)
            self.sum_mb, self.one_mb = max(self.sum_mb, sum(sizes)), max(self.one_mb, *sizes)

    def stop(self) -> dict[str, int]:
        """Peaks: of the sum, and of the largest process."""
        self._over.set()
        self._thread.join()
        return {"sum": round(self.sum_mb), "largest": round(self.one_mb)}


def lay_bank(server: cluster.Cluster, grids: int) -> None:
    """A migrated bank with a plan in force, no customers yet."""
    run_admin(server, "postgres", "CREATE DATABASE laid")
    migrate(server.url("laid", role="getu_admin"), login="getu_login")
    database = connect(server.url("laid", role="getu_admin"))
    with database.engine.begin() as connection:
        lay_grids(connection, villages(grids))
    database.close()


def write_customers(path: Path, count: int, grids: int) -> Path:
    """The file: seeded, with right check characters, coordinates in WGS84."""
    x, y = customers(villages(grids), count)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADINGS + "\n")
        for i in range(count):
            card = f"320684{1940 + i // 336 % 70}{1 + i // 28 % 12:02d}{1 + i % 28:02d}{i // 23520:03d}"
            check = "10X98765432"[sum(int(a) * b for a, b in zip(card, weights, strict=True)) % 11]
            cells = [f"C{i:09d}", f"王{'小大中'[i % 3]}明", card + check, f"139{i % 10**8:08d}"]
            cells += [f"{x[i]:.7f}", f"{y[i]:.7f}", f"{i * 7 % 1000003}.{i % 100:02d}"]
            cells += ["普通" if i % 9 else "重点", "是否"[i % 2], f"2026-11-{1 + i % 20:02d}", "存量"]
            file.write(",".join(cells) + "\n")
    return path


def keep_rows(database: Database, home: Path) -> None:
    """The finished rows as binary COPY writes them, one file a table."""
    url = database.url.replace("getu_login", "getu_admin").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        for table in TABLES:
            query = f"COPY (SELECT * FROM {table}_b1) TO STDOUT (FORMAT BINARY)"
            with (home / table).open("wb") as file, connection.cursor().copy(query) as rows:
                for data in rows:
                    file.write(data)


def copy_rows(server: cluster.Cluster, home: Path, sessions: int) -> None:
    """Finished rows into bare tables, then their indexes and statistics: the least that must be done."""
    with psycopg.connect(plain(server, "ours"), autocommit=True) as connection:
        connection.execute("DELETE FROM customer_block WHERE state = 'building'")
        block = connection.execute("SELECT getu_open_block(NULL)").fetchone()
    assert block is not None
    shares = SHARES if sessions > 1 else (tuple(table for share in SHARES for table in share),)
    with ThreadPoolExecutor(len(shares)) as beside:
        for done in [beside.submit(_copy_share, server, home, block[0], share) for share in shares]:
            done.result()
    run_admin(server, "ours", f"SELECT getu_drop_block({block[0]})")


def _copy_share(server: cluster.Cluster, home: Path, block: int, tables: tuple[str, ...]) -> None:
    with psycopg.connect(plain(server, "ours"), autocommit=True) as connection:
        for table in tables:
            run_rows(connection, f"ALTER TABLE {table}_b{block} DROP CONSTRAINT of_block")
            query = f"COPY {table}_b{block} FROM STDIN (FORMAT BINARY)"
            with (home / table).open("rb") as file, connection.cursor().copy(query) as rows:
                while data := file.read(1 << 20):
                    rows.write(data)
        for table in tables:
            run_rows(connection, f"SELECT getu_index_block({block}, '{table}')")


def run_rows(connection: "psycopg.Connection[Any]", statement: str) -> None:
    """A statement of our own text."""
    connection.execute(statement)  # type: ignore[call-overload]


def copy_update(server: cluster.Cluster, path: Path) -> None:
    """The usual way: the file into a table, then its points, then its grids."""
    with psycopg.connect(plain(server, "ours")) as connection:
        run_rows(connection, UPDATED)
        copy_file(connection, path, f"peer ({NAMED})")
        run_rows(connection, "UPDATE peer SET geom = ST_SetSRID(ST_Point(lon, lat), 4326)")
        run_rows(connection, "CREATE INDEX ON peer USING gist (geom)")
        run_rows(connection, "UPDATE peer SET grid_id = g.id FROM grid g WHERE ST_Covers(g.geom, peer.geom)")
        run_rows(connection, PEER_INDEXES.replace("CREATE INDEX ON peer USING gist (geom); ", ""))


def insert_select(server: cluster.Cluster, path: Path) -> None:
    """The careful way: the file into a table aside, then everything in one INSERT."""
    with psycopg.connect(plain(server, "ours")) as connection:
        run_rows(connection, f"{UPDATED}; CREATE TEMP TABLE aside ({TEXT}) ON COMMIT DROP")
        copy_file(connection, path, "aside")
        run_rows(
            connection,
            f"INSERT INTO peer ({NAMED}, geom, grid_id) SELECT a.*, ST_SetSRID(ST_Point(lon, lat), 4326), ("
            "SELECT min(g.id) FROM grid g WHERE ST_Covers(g.geom, ST_SetSRID(ST_Point(lon, lat), 4326))) "
            "FROM aside a",
        )
        run_rows(connection, PEER_INDEXES)


def copy_file(connection: "psycopg.Connection[Any]", path: Path, table: str) -> None:
    """The file by COPY, as it is."""
    query = f"COPY {table} FROM STDIN (FORMAT CSV, HEADER)"
    with path.open("rb") as file, connection.cursor().copy(query) as rows:  # type: ignore[call-overload]
        while data := file.read(1 << 20):
            rows.write(data)


def sum_up(count: int, grids: int, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Every round, medians of the ratios to ours, and the peaks of memory."""
    ways = [name for name, way in found[0].items() if isinstance(way, dict) and "wall_s" in way]

    def ratio(of: str, to: str, what: str) -> float:
        return round(statistics.median(one[of][what] / one[to][what] for one in found), 2)

    return {
        "customers": count,
        "grids": grids,
        "rounds": found,
        "ours_to_floor": ratio("ours", "floor", "wall_s"),
        "ours_to_floor_two_sessions": ratio("ours", "floor_two_sessions", "wall_s"),
        "ours_to_floor_cpu": ratio("ours", "floor", "cpu_s"),
        "peers_to_ours": {name: ratio(name, "ours", "wall_s") for name in ways if name not in ("ours",)},
        "memory_mb": {key: max(one["memory_mb"][key] for one in found) for key in ("sum", "largest")},
    }


if __name__ == "__main__":
    json.dump(measure(*sys.argv[1:2] or ["small"]), sys.stdout, ensure_ascii=False, indent=1)
