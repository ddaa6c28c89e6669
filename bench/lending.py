"""Single lending checks on 7,700 grids: how long one takes and how many a second, in process and over HTTP.

python -m bench lending [--scale small|full]

Every check reads branch, plan, customer, placement and sight, judges, and keeps its answer and its audit row,
as a branch head. Processor seconds of the caller, the service and the database server are told beside the
clock, which a shared machine stretches most. Over HTTP two service processes share the work; a route that
answers a constant behind the same sign-in is the limit.
"""

import multiprocessing
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import uvicorn
from sqlalchemy import text

from app.access.signing_in import hash_password
from app.api.session import CurrentPerson
from app.customers import lending
from app.customers.assignment import assign_customers
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
PORTS = (8798, 8799)
PASSWORD = "getu-bench-password"


def measure(scale: str) -> dict[str, Any]:
    """Milliseconds of single checks and checks a second, in process and over HTTP."""
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        spent = partial(spend_of_server, server.data_dir)
        try:
            url, checks = lay(server, SIZES[scale]), CHECKS[scale]
            return {
                "customers": SIZES[scale],
                "grids": GRIDS,
                "branches": HOUSES,
                "load": os.getloadavg()[0],
                "first_answer_s": [round(time_first(url, home), 2) for _ in range(2)],
                "in_process": time_one(url, checks),
                "two_processes": time_two(url, checks, spent),
                "batch": time_batch(url, checks),
                "http": time_http(url, home, checks, spent),
                "load_after": os.getloadavg()[0],
            }
        finally:
            cluster.remove(home)


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
        assign_customers(session)
    database.close()
    run_admin(server, "bench", "VACUUM ANALYZE")
    return url


def ask(database: Database, viewer: Viewer, number: int) -> None:
    """One check as a branch head."""
    lending.check_at_once(database, lending.Ask("B20", TODAY, customer_id=number), viewer)


TODAY = lending.read_day(None)


def find_chief(database: Database) -> Viewer:
    """The branch head."""
    with database.transaction(WORKER) as session:
        return Viewer("getu_scoped", session.scalar(text("SELECT id FROM app_user WHERE login = 'chief'")))


def time_first(url: str, home: Path) -> float:
    """Seconds of the first answer after a start: grids read, index built or opened, ground dissolved."""
    database = connect(url, home=home)
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


def time_two(url: str, checks: int, spent: Callable[[], float]) -> dict[str, Any]:
    """Two callers, a process each: checks a second of both, and processor milliseconds a check in all."""
    context = multiprocessing.get_context("spawn")
    before = spent()
    began = time.perf_counter()
    with context.Pool(2) as pool:
        told = pool.starmap(time_one, [(url, checks, 0), (url, checks, checks)])
        server = (spent() - before) * 1000 / (2 * (checks + 199))
    caller = statistics.mean(one["caller_cpu_ms"] for one in told)
    return {
        "a_second": sum(one["a_second"] for one in told),
        "p95_ms": max(one["p95_ms"] for one in told),
        **share_out(caller, server),
        "took_s": round(time.perf_counter() - began, 1),
    }


def share_out(ours: float, server: float) -> dict[str, float]:
    """Processor milliseconds of one check, and how many a second two free cores give."""
    return {
        "cpu_ms": round(ours, 3),
        "server_cpu_ms": round(server, 3),
        "a_second_on_2_free_cores": round(2000 / (ours + server)),
    }


def spend_of_server(data_dir: Path) -> float:
    """Processor seconds of a database server so far: main process, those that ended, those that live."""
    main = psutil.Process(int((data_dir / "postmaster.pid").read_text().split()[0]))
    return sum(spend_of(process) for process in (main, *main.children()))


def spend_of(process: psutil.Process) -> float:
    """Processor seconds of a process and of its children that ended; none of one that is gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


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


def time_http(url: str, home: Path, checks: int, spent: Callable[[], float]) -> dict[str, Any]:
    """Two services and a client with a kept connection to each: checks and constant answers in turns."""
    context = multiprocessing.get_context("spawn")
    services = [context.Process(target=serve, args=(url, home, port)) for port in PORTS]
    for service in services:
        service.start()
    for port in PORTS:
        wait_for(port)
    watched = [psutil.Process(service.pid) for service in services]
    clients = [sign_in(port) for port in PORTS]
    told = {}
    for name in ("constant", "check"):
        ask_two(clients, name, 100)
        before, server = sum(map(spend_of, watched)), spent()
        began = time.perf_counter()
        wall = ask_two(clients, name, checks)
        seconds = time.perf_counter() - began
        ours = (sum(map(spend_of, watched)) - before) * 1000 / len(wall)
        shared = share_out(ours, (spent() - server) * 1000 / len(wall))
        told[name] = {**tell(wall), "a_second": round(len(wall) / seconds), **shared}
    for service in services:
        service.terminate()
        service.join()
    return told


def serve(url: str, home: Path, port: int) -> None:
    """The service with one more route, which answers a constant to who is signed in."""
    web = create_app(Settings(home=home / "service", cluster_profile="test"), connect(url, home=home))

    @web.post("/constant")
    def tell_constant(person: CurrentPerson) -> dict[str, int]:
        return {"user": person.user_id}

    uvicorn.run(web, port=port, log_level="error", access_log=False)


def wait_for(port: int) -> None:
    """Until a service listens."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)


def sign_in(port: int) -> httpx.Client:
    """A client of a service, signed in: what the password's hash costs is no part of a check."""
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    signed = client.post("/api/v1/session", json={"login": "chief", "password": PASSWORD}).json()
    client.headers["X-CSRF-Token"] = signed["csrf"]
    return client


def ask_two(clients: list[httpx.Client], name: str, checks: int) -> list[float]:
    """Milliseconds of each of so many questions to all services at once, over kept connections."""
    path = "/constant" if name == "constant" else "/api/v1/lending-check"

    def ask_service(client: httpx.Client) -> list[float]:
        post = partial(client.post, path)
        return [time_request(post, number) for number in range(1, checks // len(clients) + 1)]

    with ThreadPoolExecutor(len(clients)) as pool:
        return [one for wall in pool.map(ask_service, clients) for one in wall]


def time_request(post: Callable[..., httpx.Response], number: int) -> float:
    """Milliseconds of one request."""
    at = time.perf_counter()
    answer = post(json={"branch": "B20", "customer": number})
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - at) * 1000
