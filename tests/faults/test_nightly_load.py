"""The nightly file with a bank's usual dirt, and everything that may stop it: nothing half-landed, nothing
lost.

One load is killed with -9 at each of its stages in turn, starved of disk on this side and on the server's,
and then ends with the very report and rows of one that was never disturbed.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import psycopg
import pytest
import shapely
from sqlalchemy import text

from app.customers import recounting
from app.db import Database, cluster
from app.db.connection import WORKER
from app.jobs import create_job, run_job
from app.settings import Settings
from app.spatial import crs
from bench.nightly_file import HEADINGS, LEFT_OUT, VILLAGES, WARNED, WAYS, Night, write_night
from tests.conftest import copy_database, run_admin
from tests.faults.story import ROOT, environment, look
from tests.truth import admin_url, truth

ROWS = 30_000
# A load's stages in order, and how many rows are done when it dies there.
STAGES = (("place", 25_000), ("placed", ROWS), ("comparing", ROWS), ("indexing", ROWS))
PLAN = """INSERT INTO plan (code, name, status, frame, certificate, valid)
    VALUES ('V1', 'V1', 'in_force', ST_GeomFromWKB(:frame, 4326), '{}', '[2020-01-01,)') RETURNING id"""
GRID = """INSERT INTO grid (plan_id, code, name, kind, unit_codes, geom, anchor, area_m2) VALUES (:plan,
:code, :code, 'village', ARRAY[:unit], ST_GeomFromWKB(:geom, 4326), ST_PointOnSurface(ST_GeomFromWKB(:geom,
4326)), 1)"""
ROWS_OF = """SELECT c.source_key, c.name, c.address, c.deposit_yuan, c.last_visit_on, c.id_card_hash,
c.phone_hash, p.rung, p.datum, ST_AsBinary(p.geom), g.code, a.method, a.reason FROM customer c JOIN
placement p ON p.customer_id = c.id JOIN assignment a ON a.customer_id = c.id LEFT JOIN grid g ON g.id =
a.grid_id ORDER BY c.source_key"""
ASIDE = """SELECT count(*) FROM pg_class c WHERE relkind = 'r' AND NOT relispartition
    AND (relname ~ '^(customer|placement|assignment_row)_b[0-9]+' OR relname ~ '^intake_r[0-9]+')"""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return write_night(tmp_path_factory.mktemp("night") / "core_20261121.csv", ROWS, seed=5)


def lay_ground(database: Database) -> Any:
    """The demo county's real villages as the grids of a plan in force."""
    villages = geopandas.read_file(VILLAGES, encoding="gb18030").to_crs(4326)
    shapes = [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in villages.geometry]
    frame = shapely.MultiPolygon([shapely.box(*shapely.total_bounds(shapes))])
    with database.transaction(WORKER) as session:
        plan = session.execute(text(PLAN), {"frame": frame.wkb}).scalar_one()
        rows = [
            {"plan": plan, "code": f"G{number:03}", "unit": f"U{number:03}", "geom": shape.wkb}
            for number, shape in enumerate(shapes)
        ]
        session.execute(text(GRID), rows)
    return np.array(shapes, dtype=object)


def ask(database: Database, night: Night) -> int:
    args = {"path": str(night.path), "file_name": night.path.name, "source": "core"}
    with database.transaction(WORKER) as session:
        return create_job(session, "import_customers", args)


@dataclass(frozen=True)
class Attempts:
    """Attempts at one job, each a process of its own, forked from one that has loaded the program."""

    database: Database
    home: Path
    job: int
    mother: "subprocess.Popen[str]"

    def begin(self, stage: str = "", rows: int = 0, *more: str) -> int:
        """Begin one; its process id."""
        asked = [str(self.home), self.database.url, str(self.job), stage, str(rows), *more]
        return self._tell(json.dumps(asked) + "\n")

    def end(self) -> int:
        """How the one that was begun has ended."""
        code = self._tell("")
        assert code in (0, 3, -9), (self.home / "said.log").read_text()[-2000:]
        return code

    def _tell(self, line: str) -> int:
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        self.mother.stdin.write(line)
        self.mother.stdin.flush()
        return int(self.mother.stdout.readline())


@contextmanager
def ready(database: Database, home: Path, job: int) -> Iterator[Attempts]:
    """Attempts at a job; whatever is begun is over afterwards."""
    command = [sys.executable, "-m", "tests.faults.dying"]
    with (
        (home / "said.log").open("a") as said,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(home, database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as mother,
    ):
        yield Attempts(database, home, job, mother)


def count(database: Database, query: str) -> int:
    with truth(database) as admin:
        return int(admin.execute(text(query)).scalar() or 0)


def assert_untouched(database: Database, job: int) -> None:
    """Readers see nobody of the file yet, and the job waits to go on."""
    assert count(database, "SELECT count(*) FROM customer") == 0
    assert count(database, "SELECT count(*) FROM placement") == 0
    assert count(database, "SELECT count(*) FROM assignment_row") == 0
    assert count(database, "SELECT coalesce(sum(existing + prospects), 0) FROM grid_count_row") == 0
    assert look(database, job)["status"] == "running"


def read_rows(database: Database) -> list[tuple[Any, ...]]:
    with truth(database) as admin:
        return [tuple(map(str, row)) for row in admin.execute(text(ROWS_OF))]


def assert_exact(database: Database, home: Path, night: Night, job: int) -> dict[str, Any]:
    """The report is exact to the row; every good row is there once, its counts kept; nothing is left
    aside."""
    shown = look(database, job)
    assert shown["status"] == "done", shown
    report: dict[str, Any] = shown["result"]
    assert (report["rows"], report["left_out"]) == (night.rows, night.left_out)
    assert report["kept"] == night.rows - night.left_out == report["new"]
    assert report["reasons"] == night.counts(WAYS)
    lines = (home / "files" / "imports" / f"{report['import_id']}.left_out.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert sorted((one["row"], one["reason"]) for one in told if not one.get("kept")) == night.listed(
        LEFT_OUT
    )
    warned = sorted((one["row"], one["reason"]) for one in told if one.get("kept"))
    assert [one for one in warned if one[1] in WARNED] == night.listed(WARNED)
    assert count(database, "SELECT count(DISTINCT source_key) FROM customer") == report["kept"]
    for table in ("customer", "placement", "assignment_row"):
        assert count(database, f"SELECT count(*) FROM {table}") == report["kept"]
    assert count(database, ASIDE) == 0
    assert count(database, "SELECT count(*) FROM customer_block WHERE state = 'building'") == 0
    with database.transaction(WORKER) as session:
        assert recounting.check_counts(session)["same"]
    return report


@dataclass(frozen=True)
class Load:
    """A bank, the home of its files, and the job that landed the night."""

    database: Database
    home: Path
    job: int
    shapes: Any


@pytest.fixture(scope="module")
def landed(
    server: cluster.Cluster,
    template: str,
    worker_id: str,
    night: Night,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Load]:
    """A load that was stopped in every way there is, one after another, and then went on to its end."""
    name = f"getu_night_{worker_id}"
    database = copy_database(server, template, name)
    shapes, home = lay_ground(database), tmp_path_factory.mktemp("night-home")
    job = ask(database, night)
    with ready(database, home, job) as attempts:
        stop_in_every_way(attempts, name)
    yield Load(database, home, job, shapes)
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def stop_in_every_way(attempts: Attempts, name: str) -> None:
    """One attempt after another; the last one goes on to the end."""
    # No room here: the file of rows left out may not grow beyond the first slice's.
    stop(attempts, 3, rows=0, limit=120_000)
    for stage, rows in STAGES[:-1]:
        stop(attempts, -9, stage=stage, rows=rows)
    # No room on the server: nothing to sort the indexes in.
    alter(attempts.database, f"ALTER DATABASE {name} SET temp_file_limit = '64kB'")
    alter(attempts.database, f"ALTER DATABASE {name} SET maintenance_work_mem = '1MB'")
    stop(attempts, 3, rows=ROWS)
    alter(attempts.database, f"ALTER DATABASE {name} RESET ALL")
    stop(attempts, -9, stage="indexing", rows=ROWS)
    # And in the moment in which the block would join the bank: it waits for the table, and is killed.
    with truth(attempts.database) as admin:
        admin.execute(text("LOCK TABLE customer IN SHARE UPDATE EXCLUSIVE MODE"))
        kill_while_waiting(attempts, admin)
    assert_untouched(attempts.database, attempts.job)
    attempts.begin()
    assert attempts.end() == 0


def stop(attempts: Attempts, ended: int, *, rows: int, stage: str = "", limit: int = 0) -> None:
    """An attempt that ends so, behind at least so many rows; readers see nothing, and no row is lost."""
    database, job = attempts.database, attempts.job
    before = look(database, job)["done"]
    attempts.begin(stage, rows, *([f"limit={limit}"] if limit else []))
    assert attempts.end() == ended
    assert_untouched(database, job)
    assert look(database, job)["done"] >= max(before, rows)


def test_a_load_stopped_in_every_way_ends_exact_to_the_row(landed: Load, night: Night) -> None:
    report = assert_exact(landed.database, landed.home, night, landed.job)
    assert report["block"] is not None
    assert look(landed.database, landed.job)["attempt"] == len(STAGES) + 4


def test_everybody_stands_where_his_point_lies_in_whichever_datum(landed: Load, night: Night) -> None:
    assert_where_they_stand(landed.database, night, landed.shapes)


def kill_while_waiting(attempts: Attempts, admin: Any) -> None:
    process_id = attempts.begin()
    waiting = """SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND NOT granted"""
    end = time.monotonic() + 60
    while not admin.execute(text(waiting)).scalar():
        assert time.monotonic() < end
        time.sleep(0.05)
    os.kill(process_id, signal.SIGKILL)
    assert attempts.end() == -9


def assert_where_they_stand(database: Database, night: Night, shapes: Any) -> None:
    """Every customer with coordinates, in whichever of the three datums, stands in the village drawn
    there."""
    lines = [line.split(",") for line in night.path.read_text(encoding="utf-8").splitlines()[1:]]
    bad = {row for row, _ in night.listed((*LEFT_OUT, "bad_coordinates"))}
    sound = [line for number, line in enumerate(lines, start=2) if number not in bad]
    at = {name: HEADINGS.index(name) for name in ("客户号", "经度", "纬度", "坐标系")}
    keys = np.array([line[at["客户号"]] for line in sound])
    x, y = (np.array([float(line[at[name]]) for line in sound]) for name in ("经度", "纬度"))
    datum = np.array([line[at["坐标系"]] for line in sound])
    for system in ("gcj02", "bd09"):
        mine = datum == system
        assert mine.sum() > ROWS / 4
        x[mine], y[mine] = crs.points_to_storage(x[mine], y[mine], system)
    points = geopandas.GeoDataFrame({"key": keys}, geometry=geopandas.points_from_xy(x, y))
    grids = geopandas.GeoDataFrame({"code": [f"G{n:03}" for n in range(len(shapes))]}, geometry=shapes)
    joined = points.sjoin(grids, predicate="intersects").groupby("key")["code"].min().to_dict()
    with truth(database) as admin:
        stored = {
            row[0]: row[1]
            for row in admin.execute(
                text(
                    "SELECT c.source_key, g.code FROM customer c JOIN assignment a ON a.customer_id = c.id "
                    "JOIN grid g ON g.id = a.grid_id WHERE a.geom IS NOT NULL"
                )
            )
        }
    astray = {key for key in joined if stored.get(key) != joined[key]}
    # The files keep seven decimals of a shifted datum: who stands upon a border may fall to either side.
    assert len(astray) <= 3
    assert len(joined) > 0.95 * len(sound)


def alter(database: Database, *statements: str) -> None:
    with psycopg.connect(admin_url(database).replace("+psycopg", ""), autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement)


def test_a_broken_delivery_on_the_next_night_touches_nobody(
    landed: Load, night: Night, tmp_path: Path
) -> None:
    fresh = landed.database
    settings = Settings(home=landed.home, cluster_profile="test", import_processes=1)
    before = read_rows(fresh)
    again = run_job(fresh, settings, ask(fresh, night))
    assert again["result"]["repeated"]
    lines = night.path.read_text(encoding="utf-8").splitlines()
    # A column is missing: refused in words, and nobody is touched.
    short = Night(tmp_path / "short.csv", 0, night.broken_rows, night.broken_ways)
    short.path.write_text("\n".join(line.partition(",")[2] for line in lines))
    refused = run_job(fresh, settings, ask(fresh, short))
    assert (refused["status"], refused["error"]["code"]) == ("failed", "missing_columns")
    assert read_rows(fresh) == before
    # A number column is text from top to bottom: every row is left out with its reason, nobody is touched.
    words = Night(tmp_path / "words.csv", 0, night.broken_rows, night.broken_ways)
    cells = [line.split(",") for line in lines[1:2001] if line.count(",") == len(HEADINGS) - 1]
    for line in cells:
        line[HEADINGS.index("存款余额")] = "无"
    words.path.write_text("\n".join([lines[0], *(",".join(line) for line in cells)]))
    report = run_job(fresh, settings, ask(fresh, words))["result"]
    assert (report["rows"], report["kept"], report["left_out"]) == (len(cells), 0, len(cells))
    assert report["reasons"]["bad_amount"] > 0.98 * len(cells)
    assert read_rows(fresh) == before
