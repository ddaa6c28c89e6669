"""PostGIS as a peer for faults of ground: the two statements a DBA would write, on a private cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import shapely

from app.db import cluster
from bench.ground import Shapes

OVERLAPS = """
SELECT a.id, b.id, ST_Intersection(a.geom, b.geom)
FROM peer a JOIN peer b ON a.id < b.id AND a.geom && b.geom AND ST_Relate(a.geom, b.geom, '2********')
"""
GAPS = """
SELECT ST_AsBinary((ST_Dump(ST_Difference(f.geom, u.geom))).geom)
FROM (SELECT ST_Union(geom) AS geom FROM peer) u, peer_frame f
"""


@dataclass
class PostGIS:
    """An open table of polygons in a private cluster; its seconds are those of the server."""

    connection: psycopg.Connection[Any]
    server: psutil.Process

    def load(self, polygons: Shapes, frame: Any) -> None:
        """Fill the table and index it; not part of what is timed."""
        run = self.connection.execute
        run("DROP TABLE IF EXISTS peer, peer_frame")
        run("CREATE TABLE peer (id int, geom geometry)")
        run("CREATE TABLE peer_frame (geom geometry)")
        with self.connection.cursor().copy("COPY peer FROM STDIN") as copy:
            for row, shape in enumerate(polygons):
                if shape is not None:
                    copy.write_row((row, shapely.to_wkb(shape, hex=True)))
        run("INSERT INTO peer_frame VALUES (ST_GeomFromWKB(%s))", [shapely.to_wkb(frame)])
        run("CREATE INDEX ON peer USING gist (geom)")
        run("ANALYZE peer")

    def find(self) -> tuple[int, int]:
        """Overlapping pairs and pieces of ground without a grid, noise of any width included."""
        pairs = self.connection.execute(OVERLAPS).fetchall()
        return len(pairs), len(self.connection.execute(GAPS).fetchall())

    def cpu_s(self) -> float:
        """Processor seconds of the server and all its processes so far."""
        own = self.server.cpu_times()
        living = [child.cpu_times() for child in self.server.children()]
        done = own.user + own.system + own.children_user + own.children_system
        return float(done + sum(times.user + times.system for times in living))


@contextmanager
def open_postgis(home: Path) -> Iterator[PostGIS]:
    """A cluster of its own, stopped afterwards."""
    server = cluster.ensure(home)
    pid = cluster.status(home).pid
    address = server.url("postgres", role=cluster.ADMIN_ROLE).replace("+psycopg", "")
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
            yield PostGIS(connection, psutil.Process(pid))
    finally:
        cluster.remove(home)
