"""A border edited, everybody between the old and the new line moved and committed: ours against plain SQL.

7,700 villages, 1M or 10M located customers in blocks of a million on a cluster of the demo profile (WAL and
fsync on). Each edit moves the line between a village and its neighbours by 30 m, out or in; timed is the
saving of the edited grids, the moving of customers with their moves, counts and totals, and the commit.
Plain SQL is one UPDATE of the same customers by ST_Covers on the same tables, indexes and all, rolled back.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import COLUMNS, assign_customers
from app.customers.grounds import Ground, locate_customers, read_ground
from app.customers.moving import follow_plan
from app.customers.outcome import METHODS
from app.customers.recounting import check_counts, recount
from app.db import Database, cluster, connect, fetch_one
from app.db.arrays import Column, copy_in_blocks
from app.db.connection import WORKER
from app.db.migrating import migrate
from bench.assignment import run_admin
from bench.ground import METRE, customers, villages

SIZES = {"small": 1, "full": 10}
GRIDS, BLOCK_ROWS, BLOCK = 7_700, 1_000_000, 1_000_000_000
EDITS, PEERS = 60, 5
PLAN = """INSERT INTO plan (code, name, status, market_rule, frame, certificate)
    VALUES (:code, :code, 'draft', 'cut', ST_Multi(ST_MakeEnvelope(120, 30, 124, 34, 4326)), '{}')
    RETURNING id"""
GRID = """INSERT INTO grid (plan_id, code, name, kind, geom, anchor, area_m2)
    VALUES (:plan, :code, :code, 'village', ST_Multi(ST_GeomFromWKB(:shape, 4326)),
        ST_GeomFromText(:at, 4326), 1)"""
SAVE = (
    """UPDATE grid SET geom = ST_Multi(ST_GeomFromWKB(:shape, 4326)) WHERE plan_id = :plan AND code = :code"""
)
CUSTOMERS = """INSERT INTO customer_b{k} (id, source_code, source_key, kind, standing, name, household_no)
    SELECT {k} * 1000000000::bigint + n, 'core', 'C{k}-' || n, 'person', 'existing', '沈小明',
        'H{k}-' || n / 3
    FROM generate_series(1, {rows}) n"""
PLACED = """INSERT INTO placement_b{k} (customer_id, rung, method, score, geom)
    SELECT customer_id, rung, 'source', 1, geom FROM assignment_row_b{k}"""
PEER = """UPDATE assignment_row a SET grid_key = g.key_id, method = 'inside' FROM grid g
    WHERE g.plan_id = :plan AND g.code = ANY(CAST(:codes AS text[])) AND ST_Covers(g.geom, a.geom)
        AND a.grid_key IS DISTINCT FROM g.key_id"""


def measure(scale: str) -> dict[str, Any]:
    """Milliseconds of an edit: median and p95, ours and plain SQL, and whether a whole run agrees."""
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            return measure_on(server, blocks=SIZES[scale])
        finally:
            cluster.remove(home)


def measure_on(server: cluster.Cluster, *, blocks: int) -> dict[str, Any]:
    """The figures of a bank of so many blocks, laid anew on a running cluster."""
    run_admin(server, "postgres", "CREATE DATABASE bench")
    migrate(server.url("bench", role="getu_admin"), login="getu_login")
    database = connect(server.url("bench", role="getu_login"))
    shapes = villages(GRIDS)
    with database.transaction(WORKER) as session:
        plans = [lay_plan(session, code, shapes) for code in ("V1", "V2")]
        ground = read_ground(session, plan_code="V1")
    for block in range(1, blocks + 1):
        with database.transaction(WORKER) as session:
            lay_block(session, ground, shapes, block)
    run_admin(server, "bench", "VACUUM ANALYZE", "CHECKPOINT")
    with database.transaction(WORKER) as session:
        close_first_run(session)
    figures = edit_borders(database, shapes, plans)
    with database.transaction(WORKER) as session:
        figures["counts_true"] = check_counts(session)["same"]
        if blocks == 1:
            standing = fetch_one(session, "customers/find_current_run") or {}
            whole = assign_customers(session, plan_code=standing["plan_code"])
            figures["moved_by_a_whole_run"] = whole["moved"]
    database.close()
    return {"customers": blocks * BLOCK_ROWS, "grids": GRIDS, **figures}


def lay_plan(session: Session, code: str, shapes: NDArray[np.object_]) -> int:
    """A plan whose grids are the villages; its number."""
    plan = int(session.execute(text(PLAN), {"code": code}).scalar_one())
    rows = [
        {"plan": plan, "code": name_of(i), "shape": shape.wkb, "at": shape.centroid.wkt}
        for i, shape in enumerate(shapes)
    ]
    session.execute(text(GRID), rows)
    return plan


def name_of(village: int) -> str:
    """The code of a village's grid."""
    return f"G{village:05}"


def lay_block(session: Session, ground: Ground, shapes: NDArray[np.object_], seed: int) -> None:
    """A million customers of a block, assigned as they come in, with all indexes."""
    session.execute(text("INSERT INTO source_system VALUES ('core', '核心', 1) ON CONFLICT DO NOTHING"))
    run = find_first_run(session, ground.plan_id)
    k = int(session.execute(text("SELECT getu_open_block(NULL)")).scalar_one())
    copy_in_blocks(session, f"assignment_row_b{k}", COLUMNS, pack_standing(ground, shapes, k, run, seed))
    session.execute(text(CUSTOMERS.format(k=k, rows=BLOCK_ROWS)))
    session.execute(text(PLACED.format(k=k)))
    for parent in ("customer", "placement", "assignment_row"):
        session.execute(text("SELECT getu_index_block(:k, :parent)"), {"k": k, "parent": parent})
    session.execute(text("SELECT getu_adopt_block(:k)"), {"k": k})


def pack_standing(
    ground: Ground, shapes: NDArray[np.object_], block: int, run: int, seed: int
) -> Iterator[tuple[int, list[Column]]]:
    """COPY blocks of a million assignments, method by method."""
    x, y = customers(shapes, BLOCK_ROWS, seed=seed)
    found = locate_customers(ground, x, y, np.ones(BLOCK_ROWS, dtype=np.int16))
    ids = block * BLOCK + np.arange(1, BLOCK_ROWS + 1)
    for number in np.unique(found.method):
        at = np.flatnonzero(found.method == number)
        held = METHODS[number] != "outside"
        yield (
            len(at),
            [
                Column("int8", run),
                Column("int8", ids[at]),
                Column("int8", ground.grid_keys[found.grid[at]]) if held else Column("null"),
                Column("int2", 1),
                Column("text", METHODS[number]),
                Column("null") if held else Column("text", "outside_every_grid"),
                Column("text", "existing"),
                Column("text", "regular"),
                Column("point", np.column_stack([x[at], y[at]])),
            ],
        )


def find_first_run(session: Session, plan: int) -> int:
    """The run in which everybody comes in; made with the first block."""
    found = session.scalar(text("SELECT id FROM assignment_run"))
    made = "INSERT INTO assignment_run (plan_id, ground_version, kind) VALUES (:plan, 1, 'load') RETURNING id"
    return int(found or session.execute(text(made), {"plan": plan}).scalar_one())


def close_first_run(session: Session) -> None:
    """That run stands, and the counts are those of a recount."""
    session.execute(text("UPDATE assignment_run SET current = true, finished_at = now()"))
    recount(session)


def edit_borders(database: Database, shapes: NDArray[np.object_], plans: list[int]) -> dict[str, Any]:
    """Edit one border after another, in the plan in which customers do not stand, and let them follow."""
    rng = np.random.default_rng(5)
    tree = shapely.STRtree(shapes)
    now, last = shapes.copy(), np.empty(0, dtype=np.int64)
    ours: dict[str, list[float]] = {"known": [], "compared": []}
    moved, theirs, cpu = [], [], []
    for number in range(EDITS):
        plan, code = plans[1 - number % 2], ("V2", "V1")[number % 2]
        with database.transaction(WORKER) as session:
            save(session, plan, now, last)
        last = edit(now, tree, int(rng.integers(len(shapes))), grow=bool(rng.integers(2)))
        keys = find_keys(database, plan, last)
        if number < PEERS:
            theirs.append(time_peer(database, plan, now, last))
        known = None if number % 4 == 3 else keys
        began, used = time.perf_counter(), time.process_time()
        with database.transaction(WORKER) as session:
            backend = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
            served = processor_s(backend)
            save(session, plan, now, last)
            told = follow_plan(session, plan_code=code, keys=known)
        took = (time.perf_counter() - began) * 1e3
        cpu.append((time.process_time() - used + processor_s(backend) - served) * 1e3)
        ours["compared" if known is None else "known"].append(took)
        moved.append(told["moved"])
    return {
        "edits": EDITS,
        "moved_mean": round(statistics.mean(moved), 1),
        # The service's and the server's together: what an edit takes where nobody else is at work.
        "ours_processor_ms": round(statistics.mean(cpu), 1),
        **{f"ours_{name}_ms": spread(values) for name, values in ours.items()},
        "plain_sql_ms": spread(theirs),
    }


def edit(now: NDArray[np.object_], tree: shapely.STRtree, village: int, *, grow: bool) -> NDArray[np.int64]:
    """Move the line between a village and those about it by 30 m; who changed."""
    around = tree.query(now[village].buffer(60 * METRE))
    around = around[around != village]
    if grow:
        wider = now[village].buffer(30 * METRE)
        now[village] = shapely.intersection(wider, shapely.union_all(now[[*around, village]]))
        now[around] = shapely.difference(now[around], now[village])
    else:
        lost = shapely.difference(now[village], now[village].buffer(-30 * METRE))
        other = int(around[0])
        now[other] = shapely.union(now[other], shapely.intersection(lost, now[other].buffer(45 * METRE)))
        now[village] = shapely.difference(now[village], now[other])
        around = np.array([other])
    return np.unique([village, *around])


def save(session: Session, plan: int, now: NDArray[np.object_], who: NDArray[np.int64]) -> None:
    """The shapes of these villages in a plan."""
    if len(who):
        rows = [{"plan": plan, "code": name_of(i), "shape": now[i].wkb} for i in who.tolist()]
        session.execute(text(SAVE), rows)


def find_keys(database: Database, plan: int, who: NDArray[np.int64]) -> list[int]:
    """The lasting keys of villages."""
    query = "SELECT key_id FROM grid WHERE plan_id = :plan AND code = ANY(CAST(:codes AS text[]))"
    with database.transaction(WORKER) as session:
        told = {"plan": plan, "codes": [name_of(i) for i in who.tolist()]}
        return list(session.scalars(text(query), told))


def time_peer(database: Database, plan: int, now: NDArray[np.object_], who: NDArray[np.int64]) -> float:
    """Milliseconds of the same by one UPDATE; it is taken back."""
    with database.transaction(WORKER) as session:
        began = time.perf_counter()
        save(session, plan, now, who)
        session.execute(text(PEER), {"plan": plan, "codes": [name_of(i) for i in who.tolist()]})
        took = (time.perf_counter() - began) * 1e3
        session.rollback()
    return took


def processor_s(process: int) -> float:
    """Processor seconds (user and system) that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(values: list[float]) -> dict[str, float]:
    """Median, p95 and worst."""
    return {
        "median": round(statistics.median(values), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
        "worst": round(max(values), 1),
    }
