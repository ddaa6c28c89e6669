"""Households of a whole bank: seconds and memory of a first run and of one that finds nothing new.

The customers are invented villages whose truth is known (`bench/household_villages.py`), in a cluster of
their own (WAL and fsync on). Each run is a process of its own, so the largest resident set is that of a run.
What is stored is then compared with the truth: how many pairs linked at 0.9 and more live together.
"""

import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.households.evidence import find_band
from app.customers.households.storing import link_households
from app.db import Database, cluster, connect, copy_in
from app.db.connection import WORKER
from app.db.migrating import migrate
from bench.assignment import run_admin
from bench.household_villages import Row, VillageMaker

SIZES = {"small": 100_000, "full": 1_000_000}
BATCH = 40
CUSTOMER = {
    "id": "int8", "source_code": "text", "source_key": "text", "kind": "text", "standing": "text",
    "name": "text", "id_card_hash": "bytea", "phone_hash": "bytea", "address": "text", "household_no": "text",
    "relation": "text",
}  # fmt: skip
PLACEMENT = {"customer_id": "int8", "rung": "int2", "method": "text", "score": "float8", "unit_code": "text"}
SOURCES = "INSERT INTO source_system VALUES ('core', '核心', 1), ('crm', 'CRM', 3), ('roster', '名册', 4)"
SOURCES += " ON CONFLICT DO NOTHING"
PLACE = "INSERT INTO place (code, code_source, level, kind, name) VALUES (:code, 'b', 'village', 'a', :name)"
MEMBERS = "SELECT household_id, customer_id, confidence FROM household_member ORDER BY household_id"


def measure(scale: str) -> dict[str, Any]:
    """Seconds and memory of two runs, what they found, and how much of it is true."""
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            run_admin(server, "postgres", "CREATE DATABASE bench")
            migrate(server.url("bench", role="getu_admin"), login="getu_login")
            url = server.url("bench", role="getu_login")
            database = connect(url)
            truth = lay_bank(database, SIZES[scale])
            run_admin(server, "bench", "VACUUM ANALYZE")
            first, again = run_apart(url), run_apart(url)
            right = judge(database, truth)
            database.close()
        finally:
            cluster.remove(home)
    keys = ("customers", "households", "members", "member_share", "bands", "reasons")
    return {
        "first": first["figures"],
        "again": again["figures"],
        **{k: first[k] for k in keys},
        "true": right,
    }


def run_apart(url: str) -> dict[str, Any]:
    """A run in a process of its own, whose memory holds nothing else."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run_once, url).result()


def run_once(url: str) -> dict[str, Any]:
    """Link the bank once; the summary with seconds and the largest resident set."""
    database = connect(url)
    began, worked = time.perf_counter(), time.process_time()
    with database.transaction(WORKER) as session:
        counts = link_households(session)
    took, worked = time.perf_counter() - began, time.process_time() - worked
    figures = {
        "seconds": round(took, 1),
        "processor_seconds": round(worked, 1),
        "memory_mb": read_peak_mb(),
        "run": counts["run"],
    }
    database.close()
    return {**counts, "figures": figures}


def read_peak_mb() -> int:
    """This process's own largest resident set; getrusage tells a child its parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024)


def lay_bank(database: Database, count: int) -> dict[str, Any]:
    """So many customers of invented villages; the family and the person of each by id."""
    maker = VillageMaker(7)
    family, person = np.zeros(count + 2_000, dtype=np.int64), np.zeros(count + 2_000, dtype=np.int64)
    with database.transaction(WORKER) as session:
        session.execute(text(SOURCES))
        for rows in batches(maker, count):
            store(session, rows)
            at = [row.id for row in rows]
            family[at], person[at] = [row.family for row in rows], [row.person for row in rows]
    return {"family": family, "person": person}


def batches(maker: VillageMaker, count: int) -> Iterator[list[Row]]:
    """The rows of some villages at a time, until there are enough."""
    village = 0
    while maker.rows < count:
        rows: list[Row] = []
        for _ in range(BATCH):
            village += 1
            rows += maker.make(village) if maker.rows < count else []
        yield [row for row in rows if row.id <= count]


def store(session: Session, rows: list[Row]) -> None:
    """Customers and placements of some villages."""
    session.execute(
        text(PLACE),
        [{"code": f"V{v:05}", "name": f"第{v}村"} for v in sorted({row.village for row in rows})],
    )
    customers = (
        (
            r.id, r.source, f"K{r.id}", "person", "existing", r.name, r.card, r.phone, r.address, r.roster_no,
            r.relation,
        )
        for r in rows
    )  # fmt: skip
    copy_in(session, "customer", tuple(CUSTOMER), customers, types=tuple(CUSTOMER.values()))
    placed = ((r.id, 3, "exact", 0.97, f"V{r.village:05}") for r in rows)
    copy_in(session, "placement", tuple(PLACEMENT), placed, types=tuple(PLACEMENT.values()))


def judge(database: Database, truth: dict[str, Any]) -> dict[str, Any]:
    """By band: linked pairs of two persons, and the share of them that truly live together."""
    households: dict[int, list[tuple[int, float]]] = defaultdict(list)
    with database.transaction(WORKER) as session:
        for household, customer, confidence in session.execute(text(MEMBERS)):
            households[household].append((customer, confidence))
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    family, person = truth["family"], truth["person"]
    for members in households.values():
        for (a, sure_a), (b, sure_b) in combinations(members, 2):
            if person[a] != person[b]:
                told = counts[find_band(min(sure_a, sure_b))]
                told[0] += 1
                told[1] += int(family[a] == family[b])
    return {
        band: {"pairs": pairs, "share": round(right / pairs, 4)} for band, (pairs, right) in counts.items()
    }
