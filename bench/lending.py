"""Single lending checks on 7,700 grids: how long one takes and how many a second, in process and over HTTP.

python -m bench lending [--scale small|full]

Every check reads branch, plan, customer and placement, judges, and keeps its answer and its audit row in a
transaction of its own, as a branch head. Processor seconds of the caller and of the database server are told
beside the wall clock: a shared machine stretches only the clock.
"""

import multiprocessing
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import uvicorn
from sqlalchemy import text

from app.access.signing_in import hash_password
from app.customers import lending
from app.customers.lending.grounds import forget_grounds
from app.db import Database, Viewer, cluster, connect
from app.db.connection import WORKER
from app.db.migrating import migrate
from app.main import create_app
from app.settings import Settings
from bench.assignment import lay_customers, lay_grids, run_admin
from bench.ground import customers, villages

SIZES = {"small": 100_000, "full": 1_000_000}
GRIDS, HOUSES = 7_700, 40
CHECKS = {"small": 2_000, "full": 10_000}
PASSWORD = "getu-bench-password"


def measure(scale: str) -> dict[str, Any]:
    """Milliseconds of single checks and checks a second, in process and over HTTP."""
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            url = lay(server, SIZES[scale])
            return {
                "customers": SIZES[scale],
                "grids": GRIDS,
                "branches": HOUSES,
                "first_answer_s": round(time_first(url), 2),
                "in_process": time_one(url, CHECKS[scale]),
                "two_processes": time_two(url, CHECKS[scale]),
                "batch": time_batch(url, CHECKS[scale]),
                "http": time_http(url, home, CHECKS[scale] // 2),
            }
        finally:
            cluster.stop(home)


def lay(server: cluster.Cluster, count: int) -> str:
    """A bank of 40 branches, each a compact part of 7,700 villages, with `count` customers on points."""
    run_admin(server, "postgres", "CREATE DATABASE bench")
    migrate(server.url("bench", role="getu_admin"), login="getu_login")
    url = server.url("bench", role="getu_login")
    database = connect(url)
    shapes = villages(GRIDS)
    x, y = customers(shapes, count)
    with database.transaction(WORKER) as session:
        lay_grids(session, shapes)
        lay_customers(session, np.asarray(x), np.asarray(y))
        session.execute(
            text("INSERT INTO branch (code, name) SELECT 'B' || i, '支行' || i FROM generate_series(1, 40) i")
        )
        session.execute(
            text("""WITH w AS (SELECT id, (ntile(8) OVER (ORDER BY ST_X(anchor)) - 1) * 5 AS strip,
                    anchor FROM grid),
                n AS (SELECT id, strip + ntile(5) OVER (PARTITION BY strip ORDER BY ST_Y(anchor)) AS i FROM w)
                UPDATE grid g SET branch_id = b.id FROM n JOIN branch b ON b.code = 'B' || n.i
                    WHERE n.id = g.id""")
        )
        session.execute(
            text("""INSERT INTO app_user (login, name, role, branch_id, password_hash)
                SELECT 'chief', '行长', 'branch_head', id, :h FROM branch WHERE code = 'B20'"""),
            {"h": hash_password(PASSWORD)},
        )
    database.close()
    run_admin(server, "bench", "VACUUM ANALYZE")
    return url


def ask(database: Database, viewer: Viewer, number: int) -> None:
    """One check as a branch head, in a transaction of its own."""
    with database.transaction(Viewer("getu_work", viewer.user_id)) as session:
        lending.check(session, lending.Ask("B20", TODAY, customer_id=number), viewer=viewer)


TODAY = lending.read_day(None)


def find_chief(database: Database) -> Viewer:
    """The branch head."""
    with database.transaction(WORKER) as session:
        return Viewer("getu_scoped", session.scalar(text("SELECT id FROM app_user WHERE login = 'chief'")))


def time_first(url: str) -> float:
    """Seconds of the first answer of a fresh process: grids read, indexes built, ground dissolved."""
    database = connect(url)
    forget_grounds()
    began = time.perf_counter()
    ask(database, find_chief(database), 1)
    database.close()
    return time.perf_counter() - began


def time_one(url: str, checks: int, start: int = 0) -> dict[str, Any]:
    """One caller: milliseconds a check, and processor milliseconds of the caller."""
    database = connect(url)
    chief = find_chief(database)
    for number in range(1, 200):
        ask(database, chief, number)
    wall, began = [], time.process_time()
    for number in range(start + 200, start + 200 + checks):
        at = time.perf_counter()
        ask(database, chief, number)
        wall.append((time.perf_counter() - at) * 1000)
    spent = (time.process_time() - began) * 1000 / checks
    database.close()
    return {**tell(wall), "caller_cpu_ms": round(spent, 3), "a_second": round(1000 / statistics.mean(wall))}


def tell(wall: list[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    return {"p50_ms": round(statistics.median(wall), 2), "p95_ms": round(float(np.percentile(wall, 95)), 2)}


def time_two(url: str, checks: int) -> dict[str, Any]:
    """Two callers, a process each: checks a second of both, and processor milliseconds a check in all."""
    context = multiprocessing.get_context("spawn")
    before = spend_of_server()
    began = time.perf_counter()
    with context.Pool(2) as pool:
        told = pool.starmap(time_one, [(url, checks, 0), (url, checks, checks)])
    seconds = time.perf_counter() - began
    server = (spend_of_server() - before) * 1000 / (2 * (checks + 199))
    caller = statistics.mean(one["caller_cpu_ms"] for one in told)
    return {
        "a_second": sum(one["a_second"] for one in told),
        "p95_ms": max(one["p95_ms"] for one in told),
        "caller_cpu_ms": round(caller, 3),
        "server_cpu_ms": round(server, 3),
        "a_second_on_2_free_cores": round(2000 / (caller + server)),
        "took_s": round(seconds, 1),
    }


def spend_of_server() -> float:
    """Processor seconds of the database server's processes so far, those that ended with them."""
    spent = 0.0
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres" and "bench-" in " ".join(process.cmdline()):
            times = process.cpu_times()
            spent += times.user + times.system + times.children_user + times.children_system
    return spent


def time_batch(url: str, checks: int) -> dict[str, Any]:
    """All in one batch: milliseconds of the whole, checks a second."""
    database = connect(url)
    asks = [lending.Ask("B20", TODAY, customer_id=number) for number in range(1, checks + 1)]
    began, spent = time.perf_counter(), time.process_time()
    with database.transaction(find_chief(database)) as session:
        lending.check_many(session, asks)
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    database.close()
    return {
        "rows": checks,
        "a_second": round(checks / seconds),
        "caller_cpu_ms": round(spent * 1000 / checks, 3),
    }


def time_http(url: str, home: Path, checks: int) -> dict[str, Any]:
    """One client with a kept connection to the service in this process: milliseconds a request."""
    app = create_app(Settings(home=home / "service", cluster_profile="test"), connect(url))
    service = uvicorn.Server(uvicorn.Config(app, port=8799, log_level="error", lifespan="off"))
    thread = threading.Thread(target=service.run, daemon=True)
    thread.start()
    while not service.started:
        time.sleep(0.02)
    with httpx.Client(base_url="http://127.0.0.1:8799") as client:
        signed = client.post("/api/v1/session", json={"login": "chief", "password": PASSWORD}).json()
        client.headers["X-CSRF-Token"] = signed["csrf"]
        wall = [time_request(client.post, number) for number in range(1, checks + 100)][99:]
    service.should_exit = True
    thread.join(timeout=5)
    return {**tell(wall), "a_second": round(1000 / statistics.mean(wall))}


def time_request(post: Callable[..., httpx.Response], number: int) -> float:
    """Milliseconds of one request."""
    at = time.perf_counter()
    answer = post("/api/v1/lending-check", json={"branch": "B20", "customer": number})
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - at) * 1000
