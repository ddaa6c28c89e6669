"""A million located customers to 297 grids, in the database and queryable: ours against UPDATE … ST_Covers.

Both start from the same customers and placements on the same cluster (demo profile, WAL and fsync on).
The peer gets the one table a bank's DBA would write: customers with point and grid_id, and our indexes.
The runs are interleaved, the medians and the ratio of the pairs are told.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.customers import assignment
from app.db import Database, cluster, connect
from app.db.arrays import Column, copy_in_blocks
from app.db.connection import WORKER
from app.db.migrating import migrate
from bench.ground import customers, villages

SIZES = {"small": 200_000, "full": 1_000_000}
GRIDS = 297
PEER_TABLE = """
DROP TABLE IF EXISTS peer;
CREATE TABLE peer AS SELECT c.*, p.rung, p.method, p.score, p.geom, NULL::bigint AS grid_id
    FROM customer c JOIN placement p ON p.customer_id = c.id;
ALTER TABLE peer ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON peer (source_code, source_key);
CREATE INDEX ON peer (id_card_hash);
CREATE INDEX ON peer (phone_hash);
CREATE INDEX ON peer USING gist (geom);
CREATE INDEX ON peer (grid_id, tier);
ANALYZE peer"""
PEER = "UPDATE peer SET grid_id = g.id FROM grid g WHERE ST_Covers(g.geom, peer.geom)"


def measure(scale: str, *, rounds: int = 3) -> dict[str, Any]:
    """Seconds of both ways, their ratio, and whether they agree."""
    count = SIZES[scale]
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            database = lay_database(server, count)
            ours, peers = [], []
            for _ in range(rounds):
                ours.append(time_ours(database))
                peers.append(time_peer(server))
            same = compare(server)
            database.close()
        finally:
            cluster.remove(home)
    ratios = [peer / our for our, peer in zip(ours, peers, strict=True)]
    return {
        "customers": count,
        "grids": GRIDS,
        "ours_s": [round(value, 2) for value in ours],
        "update_st_covers_s": [round(value, 2) for value in peers],
        "ratio_median": round(statistics.median(ratios), 2),
        "ratios": [round(value, 2) for value in ratios],
        "different_answers": same,
    }


def lay_database(server: cluster.Cluster, count: int) -> Database:
    """A migrated database with 297 grids of one plan in force and `count` located customers."""
    run_admin(server, "postgres", "CREATE DATABASE bench")
    migrate(server.url("bench", role="getu_admin"), login="getu_login")
    database = connect(server.url("bench", role="getu_login"))
    shapes = villages(GRIDS)
    x, y = customers(shapes, count)
    with database.transaction(WORKER) as session:
        lay_grids(session, shapes)
        lay_customers(session, np.asarray(x), np.asarray(y))
    run_admin(server, "bench", "VACUUM ANALYZE")
    return database


def run_admin(server: cluster.Cluster, database: str, *statements: str) -> None:
    """Statements one by one, as the cluster's admin."""
    engine = create_engine(server.url(database, role="getu_admin"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def lay_grids(session: Session, shapes: Any) -> None:
    """One plan in force whose grids are the villages."""
    frame = shapely.MultiPolygon([shapely.box(*shapely.total_bounds(shapes))])
    plan = session.execute(
        text(
            "INSERT INTO plan (code, name, status, frame, certificate, valid) VALUES ('B', 'bench', "
            "'in_force', ST_GeomFromText(:frame, 4326), '{}', '[2020-01-01,)') RETURNING id"
        ),
        {"frame": frame.wkt},
    ).scalar_one()
    rows = [
        {
            "plan": plan,
            "code": f"G{i:04}",
            "geom": shapely.MultiPolygon([shape]).wkt,
            "at": shape.centroid.wkt,
        }
        for i, shape in enumerate(shapes)
    ]
    session.execute(
        text(
            "INSERT INTO grid (plan_id, code, name, kind, geom, anchor, area_m2) VALUES (:plan, :code, "
            ":code, 'village', ST_GeomFromText(:geom, 4326), ST_GeomFromText(:at, 4326), 1)"
        ),
        rows,
    )


def lay_customers(session: Session, x: Any, y: Any) -> None:
    """Customers with a point each, by array COPY through a table aside (the walls let no COPY in)."""
    session.execute(text("CREATE TEMP TABLE aside (id bigint, geom geometry(Point, 4326)) ON COMMIT DROP"))
    ids = np.arange(1, len(x) + 1, dtype=np.int64)
    block = [Column("int8", ids), Column("point", np.column_stack([x, y]))]
    copy_in_blocks(session, "aside", ("id", "geom"), [(len(x), block)])
    session.execute(
        text(
            "INSERT INTO customer (id, source_code, source_key, kind, standing, name, id_card_enc, "
            "id_card_hash, phone_enc, phone_hash, address, household_no, booking_branch_code, "
            "deposit_yuan, loan_yuan) "
            "SELECT id, 'core', 'C' || id, 'person', 'existing', '沈小明', "
            "sha256(id::text::bytea) || sha256('a'), substr(sha256(id::text::bytea), 1, 16), "
            "sha256(('p' || id)::bytea), substr(sha256(('p' || id)::bytea), 1, 16), "
            "'海门区常乐镇颐生村' || id % 40 || '组' || id % 99 || '号', "
            "'H' || id / 3, '80120', id % 100000, 0 FROM aside"
        )
    )
    session.execute(
        text(
            "INSERT INTO placement (customer_id, rung, method, score, geom) "
            "SELECT id, 2, 'source', 1, geom FROM aside"
        )
    )


def time_ours(database: Database) -> float:
    """A whole assignment run, committed: read, locate, COPY, index, swap, count."""
    began = time.perf_counter()
    with database.transaction(WORKER) as session:
        assignment.assign_customers(session)
    return time.perf_counter() - began


def time_peer(server: cluster.Cluster) -> float:
    """The DBA's UPDATE, committed, on the same cluster, as superuser (no walls in its way).

    Each round starts from a fresh, unassigned table: an UPDATE that changes nothing would be cheaper.
    """
    run_admin(server, "bench", *PEER_TABLE.strip().split(";"))
    engine = create_engine(server.url("bench", role="getu_admin"))
    with engine.begin() as connection:
        began = time.perf_counter()
        connection.execute(text(PEER))
    took = time.perf_counter() - began
    engine.dispose()
    run_admin(server, "bench", "ANALYZE peer")
    return took


def compare(server: cluster.Cluster) -> int:
    """How many customers have another grid by the peer (points on a border may: it takes any)."""
    engine = create_engine(server.url("bench", role="getu_admin"))
    query = (
        "SELECT count(*) FROM peer p JOIN assignment a ON a.customer_id = p.id "
        "WHERE p.grid_id IS DISTINCT FROM a.grid_id AND p.grid_id IS NOT NULL"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())
