"""Rings and nearest outlets of a bank of a million, against PostGIS, interleaved on one server (WAL and
fsync on).

`getu bench around`: the page of a 1 km ring that the API answers (members, distances, counts by tier,
standing and rung, fifty shown masked, audit row), where some 860 and where some 7,000 stand in a ring,
against ST_DWithin on geography, which has the members' ids and distances alone; the nearest of 120 outlets
for everybody against LATERAL on geography and on degrees; rings shared out.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import shapely
from sqlalchemy import text

from app.customers import around
from app.customers.around.candidates import read_people
from app.customers.around.catchments import EVERYWHERE
from app.customers.around.outlets import points_of
from app.customers.filters import EVERYBODY
from app.db import Database, cluster, connect
from app.db.arrays import Column, copy_in_blocks
from app.db.connection import WORKER
from app.db.migrating import migrate
from app.spatial.nearest import find_nearest
from bench.assignment import run_admin
from bench.ground import customers, villages

# Customers and villages: some 860 stand in a ring of the town, some 7,000 in one of the crowd.
SIZES = {
    "small": {"town": (200_000, 326), "crowd": (200_000, 40)},
    "full": {"town": (1_000_000, 1_630), "crowd": (1_000_000, 200)},
}
OUTLETS = 120
ROUNDS, WARM = 300, 20
# What a DBA would write: a geography index of its own, and the ellipsoid.
PEER = """SELECT a.customer_id, ST_Distance(a.geom::geography, o.middle) AS metres
FROM (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography AS middle) o, assignment_row a
WHERE ST_DWithin(a.geom::geography, o.middle, 1000) ORDER BY metres"""
PEER_INDEX = "CREATE INDEX peer_geog ON assignment_row USING gist ((geom::geography))"
LATERAL = """SELECT count(*) FROM assignment_row a CROSS JOIN LATERAL (
    SELECT b.id FROM branch b WHERE b.geom IS NOT NULL ORDER BY {} LIMIT 1) o WHERE a.customer_id % 10 = 0"""
WAYS = {"ellipsoid": "b.geom::geography <-> a.geom::geography", "degrees": "b.geom <-> a.geom"}
ROWS = """
INSERT INTO customer (id, source_code, source_key, kind, standing, name, address, tier)
SELECT id, 'core', 'C' || id, (ARRAY['person','person','person','household','firm','merchant'])[1 + id % 6],
    CASE WHEN id % 7 = 0 THEN 'prospect' ELSE 'existing' END, '沈小明',
    '海门区常乐镇颐生村' || id % 40 || '组' || id % 99 || '号', 'regular' FROM aside;
INSERT INTO placement (customer_id, rung, method, score, geom) SELECT id, 2, 'source', 1, geom FROM aside;
INSERT INTO assignment_row (customer_id, run_id, grid_key, rung, method, standing, tier, geom)
SELECT id, 1, NULL, 2, 'inside', CASE WHEN id % 7 = 0 THEN 'prospect' ELSE 'existing' END, 'regular', geom
FROM aside"""


def measure(scale: str) -> dict[str, Any]:
    """Milliseconds of a ring's page and of its peer in town and in a crowd, seconds of everybody's nearest
    outlet and of its peers."""
    told = {name: _measure(*size, nearest=name == "town") for name, size in SIZES[scale].items()}
    return {"outlets": OUTLETS, **told}


def _measure(count: int, grounds: int, *, nearest: bool) -> dict[str, Any]:
    """The figures of one bank, on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            database = _lay(server, count, grounds)
            watch = Watch(psutil.Process(cluster.status(home).pid))
            figures = _time_rings(database, server, watch)
            if nearest:
                figures |= _time_nearest(database, watch)
            database.close()
        finally:
            cluster.remove(home)
    return {"customers": count, **figures}


def _lay(server: cluster.Cluster, count: int, grounds: int) -> Database:
    """A migrated database with outlets and `count` customers with a point each, over real-sized villages."""
    run_admin(server, "postgres", "CREATE DATABASE bench")
    migrate(server.url("bench", role="getu_admin"), login="getu_login")
    database = connect(server.url("bench", role="getu_login"))
    x, y = customers(villages(grounds), count)
    with database.transaction(WORKER) as session:
        session.execute(
            text("CREATE TEMP TABLE aside (id bigint, geom geometry(Point, 4326)) ON COMMIT DROP")
        )
        block = [Column("int8", np.arange(1, count + 1)), Column("point", np.column_stack([x, y]))]
        copy_in_blocks(session, "aside", ("id", "geom"), [(count, block)])
        for statement in ROWS.split(";"):
            session.execute(text(statement))
        rng = np.random.default_rng(7)
        for number, at in enumerate(rng.integers(0, count, OUTLETS).tolist()):
            branch = "INSERT INTO branch (code, name, geom) VALUES (:code, :code, ST_GeomFromText(:at, 4326))"
            session.execute(text(branch), {"code": f"B{number:03}", "at": shapely.Point(x[at], y[at]).wkt})
    run_admin(server, "bench", PEER_INDEX, "VACUUM ANALYZE")
    return database


def _time_rings(database: Database, server: cluster.Cluster, watch: "Watch") -> dict[str, Any]:
    """A page of the 1 km ring of a random outlet, by us and by the peer in turns, each in its own
    transaction."""
    rng = np.random.default_rng(11)
    with database.transaction(WORKER) as session:
        outlets = around.list_outlets(session)
    members, differ = [], 0
    address = server.url("bench", role="getu_admin").replace("+psycopg", "")
    with psycopg.connect(address, prepare_threshold=0) as peer:
        for turn in range(ROUNDS + WARM):
            outlet = outlets[int(rng.integers(len(outlets)))]
            with watch.time("ring" if turn >= WARM else "warm"), database.transaction(WORKER) as session:
                page = around.list_around(session, around.open_ring(session, outlet.code))
            with watch.time("peer_ring" if turn >= WARM else "warm"):
                found = peer.execute(PEER, (outlet.lon, outlet.lat)).fetchall()
                peer.commit()
            members.append(page["total"])
            differ += page["total"] != len(found)
    return {
        "ring_members_mean": round(statistics.mean(members)),
        "ring_members_most": max(members),
        "ring": watch.tell("ring", 1000, "ms"),
        "st_dwithin_geography": watch.tell("peer_ring", 1000, "ms"),
        "rings_with_other_members": differ,
    }


def _time_nearest(database: Database, watch: "Watch") -> dict[str, Any]:
    """The nearest outlet of everybody: read and answered by us; by the two LATERALs a DBA would write."""
    for _ in range(3):
        with database.transaction(WORKER) as session:
            with watch.time("nearest"):
                people = read_people(session, [EVERYWHERE], EVERYBODY)
                x, y = points_of(around.list_outlets(session))
                find_nearest(people["x"], people["y"], x, y)
            with watch.time("nearest_alone"):
                find_nearest(people["x"], people["y"], x, y)
            with watch.time("shares"):
                around.share_around(session)
    # A tenth of them, one time: the ratio is so large that more would only burn the machine.
    with database.transaction(WORKER) as session:
        for name, order in WAYS.items():
            with watch.time(name):
                session.execute(text(LATERAL.format(order)))
    return {
        "nearest_read_and_answered": watch.tell("nearest", 1, "s"),
        "nearest_alone": watch.tell("nearest_alone", 1, "s"),
        "lateral_geography_of_a_tenth": watch.tell("ellipsoid", 1, "s"),
        "lateral_degrees_of_a_tenth": watch.tell("degrees", 1, "s"),
        "rings_of_all_outlets_shared_out": watch.tell("shares", 1, "s"),
    }


class Watch:
    """Wall and processor seconds (ours and the server's) by name."""

    def __init__(self, server: psutil.Process) -> None:
        self.server = server
        self.wall: dict[str, list[float]] = {}
        self.busy: dict[str, list[float]] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Take the time of what is done within."""
        wall, busy = time.perf_counter(), self._busy_s()
        yield
        self.wall.setdefault(name, []).append(time.perf_counter() - wall)
        self.busy.setdefault(name, []).append(self._busy_s() - busy)

    def _busy_s(self) -> float:
        own = self.server.cpu_times()
        living = [child.cpu_times() for child in self.server.children()]
        server = own.children_user + own.children_system + sum(times.user + times.system for times in living)
        return time.process_time() + float(server)

    def tell(self, name: str, scale: int, unit: str) -> dict[str, float]:
        """Median and 95th percentile of the wall, mean of the processor."""
        wall = np.array(self.wall[name]) * scale
        return {
            f"p50_{unit}": round(float(np.median(wall)), 2),
            f"p95_{unit}": round(float(np.quantile(wall, 0.95)), 2),
            f"cpu_{unit}": round(float(np.mean(self.busy[name])) * scale, 2),
        }
