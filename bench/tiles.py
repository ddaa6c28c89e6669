"""Tiles as they are served, side by side with tipg 1.6 on the same cluster, tables and tiles.

Both are asked over HTTP by the same client (`pressing`: four connections, gzip taken), one process each, all
tiles of a zoom over the ground in turn. Ours answers a signed-in head office: what is kept (`kept`) and what
is drawn for each request (`drawn`: the shelf keeps nothing) are told apart. tipg keeps nothing, asks for no
rights, and draws as many columns from the bare table, without its limit of 10,000 features a tile: with it
customers would be left out.
GETU_BENCH_HOME names a home with a bank that is loaded already; without it the demo's is loaded first.
"""

import asyncio
import math
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import uvicorn
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from app.db import Database, Viewer, cluster
from app.db.bank import find_addresses
from app.db.connection import GATE, LOOK_LIMIT_MS, connect
from app.db.looks import Looks
from app.main import create_app
from app.maps.tiles import SHELF, Sight, look_sight
from app.maps.tiles.draw import find_layers, list_questions
from app.models import AppUser, UserSession
from app.settings import read_settings
from bench.pressing import ms, name_client, pan, press

ROOT = Path(__file__).parents[1]
PORTS = {"kept": 8771, "drawn": 8772, "tipg": 8773}
USERS, PAN_SECONDS = 50, 12
MOST_TILES = 60
PEER = {
    "TIPG_DB_SPATIAL_EXTENT": "false",
    "TIPG_MAX_FEATURES_PER_TILE": "100000000",
    "TIPG_TABLE_CONFIG__public_assignment_row__PROPERTIES": '["grid_key", "standing", "tier", "rung"]',
    "TIPG_TABLE_CONFIG__public_grid__GEOMCOL": "geom",
    "TIPG_TABLE_CONFIG__public_grid__PROPERTIES": (
        '["code", "name", "kind", "town_name", "colour_no", "area_m2", "branch_id"]'
    ),
}
# A million points in one tile take the peer seconds: fewer than a handful would be no figure.
SECONDS = {("tipg", 9): 20}
BUSY = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
# What is asked of ours and of the peer, and how many times as many requests a second are the goal.
CASES = (
    ("customers", "public.assignment_row", 9, 40),
    ("customers", "public.assignment_row", 12, 15),
    ("customers", "public.assignment_row", 14, 4),
    ("grids", "public.grid", 10, 3),
    ("grids", "public.grid", 12, 3),
)


def measure(scale: str) -> dict[str, Any]:
    """Requests a second of ours and of tipg, walls against none, and 50 users on uncached tiles."""
    known = os.environ.get("GETU_BENCH_HOME")
    if known:
        return compare(Path(known))
    home = Path(tempfile.mkdtemp(prefix="getu-bench-")) / "home"
    try:
        name = "haimen" if scale == "full" else "demo"
        command = [sys.executable, "-m", "demo", "--scale", name, "--port", "8770", "--exit"]
        subprocess.run(command, cwd=ROOT, env=dress(home), check=True, stdout=subprocess.DEVNULL)
        return compare(home)
    finally:
        cluster.remove(home)
        shutil.rmtree(home.parent, ignore_errors=True)


def dress(home: Path, **more: str) -> dict[str, str]:
    """The environment of a process that serves a home."""
    return {**os.environ, "GETU_HOME": str(home), "PYTHONPATH": str(ROOT), **more}


def compare(home: Path) -> dict[str, Any]:
    """All figures of the bank in a home."""
    os.environ["GETU_HOME"] = str(home)
    addresses = find_addresses(read_settings())
    database = connect(addresses.login_url, home=home)
    viewers = find_viewers(database)
    cookie = open_door(database, viewers["head"])
    sight = look_sight(database, viewers["head"])
    rates: dict[str, list[dict[str, Any]]] = {}
    for name in PORTS:
        with serving(name, home, addresses.admin_url) as port:
            rates[name] = []
            for case in CASES:
                seconds = SECONDS.get((name, case[2]), 3)
                rates[name].append(press(port, list_paths(name, sight, case), cookie, seconds=seconds))
                wait_for_quiet(addresses.admin_url)
            if name == "drawn":
                paths = spread("/tiles/grids,towns,customers/{z}/{x}/{y}.mvt", sight, 12)
                users = asyncio.run(pan(port, paths, cookie, users=USERS, seconds=PAN_SECONDS))
    figures = {
        "client": name_client(),
        "tiles": [tell_case(case, {name: rates[name][n] for name in rates}) for n, case in enumerate(CASES)],
        "users_drawn": users,
        "walls": compare_walls(database, viewers["branch"], addresses.admin_url),
    }
    database.close()
    return figures


def list_paths(name: str, sight: Sight, case: tuple[str, str, int, int]) -> list[str]:
    """What is asked of a service for a case."""
    layer, table, z, _ = case
    ours, peer = f"/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt", f"/collections/{table}/tiles/WebMercatorQuad/"
    return spread(peer + "{z}/{x}/{y}" if name == "tipg" else ours, sight, z)


def tell_case(case: tuple[str, str, int, int], rates: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A case's rates, and how many times tipg's ours are."""
    times = {name: round(rates[name]["rps"] / rates["tipg"]["rps"], 1) for name in ("kept", "drawn")}
    return {"layer": case[0], "z": case[2], **rates, "times": times, "goal": case[3]}


def find_viewers(database: Database) -> dict[str, Viewer]:
    """Head office and a branch head of the demo."""
    with database.transaction(Viewer("getu_work")) as session:
        users = {user.login: user.id for user in session.scalars(select(AppUser))}
    return {"head": Viewer("getu_head", users["head"]), "branch": Viewer("getu_scoped", users["branch"])}


def open_door(database: Database, viewer: Viewer) -> str:
    """A browser session's cookie, without the password."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with database.transaction(GATE) as session:
        session.add(
            UserSession(
                token_hash=sha256(token.encode()).digest(),
                user_id=viewer.user_id,
                csrf=token[:24],
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    return f"getu={token}"


@contextmanager
def serving(name: str, home: Path, admin_url: str) -> Iterator[int]:
    """A service in a process of its own, ready."""
    port = PORTS[name]
    if name == "tipg":
        command = [sys.executable, "-m", "uvicorn", "tipg.main:app"]
        command += ["--port", str(port), "--log-level", "warning"]
        own = {"DATABASE_URL": spell_address(admin_url), **PEER}
    else:
        command, own = [sys.executable, "-c", f"from bench.tiles import serve; serve({port}, {name!r})"], {}
    process = subprocess.Popen(command, cwd=ROOT, env=dress(home, **own), stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def spell_address(admin_url: str) -> str:
    """The address of somebody whom no policy meets, as asyncpg wants it: the socket's folder as the host."""
    url = make_url(admin_url)
    if url.host:
        return url.set(drivername="postgresql").render_as_string(hide_password=False)
    folder = quote(str(url.query["host"]), safe="")
    return f"postgresql://{url.username}@{folder}:{url.query['port']}/{url.database}"


def serve(port: int, how: str) -> None:
    """Ours, with its shelf or without one."""
    settings = read_settings()
    if how == "drawn":
        SHELF.limit_bytes = 0
    database = connect(find_addresses(settings).login_url, home=settings.home)
    uvicorn.run(create_app(settings, database), port=port, log_config=None, access_log=False)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until a port answers."""
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the service on {port} has gone")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(1)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"nothing answers on {port}")


def wait_for_quiet(admin_url: str) -> None:
    """Until the database has ended what was asked before: a million points are drawn on for nobody."""
    with psycopg.connect(admin_url.replace("+psycopg", ""), autocommit=True) as admin:
        for _ in range(300):
            row = admin.execute(BUSY).fetchone()
            if row is None or row[0] == 0:
                return
            time.sleep(0.1)


def compare_walls(database: Database, viewer: Viewer, admin_url: str) -> list[dict[str, Any]]:
    """A branch head's tile over his own ground, and the same rows for a superuser, whom no policy meets."""
    bare = Looks(admin_url.replace("+psycopg", ""), cluster.ADMIN_ROLE, size=1, limit_ms=LOOK_LIMIT_MS)
    found = [
        compare_wall(database, viewer, bare, layer=layer, z=z)
        for layer in ("customers", "grids")
        for z in (10, 12, 14)
    ]
    bare.close()
    return found


def compare_wall(database: Database, viewer: Viewer, bare: Looks, *, layer: str, z: int) -> dict[str, Any]:
    """Medians in ms of one tile's look with walls and without, by turns."""
    sight = look_sight(database, viewer)
    with database.transaction(viewer) as session:
        rows = session.execute(
            text("SELECT id, ST_X(anchor), ST_Y(anchor) FROM grid WHERE plan_id = :p"),
            {"p": sight.ground.plan_id},
        ).all()
    x, y = tile_of(statistics.median(row[1] for row in rows), statistics.median(row[2] for row in rows), z)
    asked = list_questions(database, viewer, find_layers(layer, viewer), sight, address=(z, x, y))
    # Without walls the ground is asked for by its numbers, so that both draw the same rows.
    free = [(name, {**params, "grid_ids": [row[0] for row in rows]}) for name, params in asked]
    times: dict[str, list[float]] = {"walled": [], "bare": []}
    for _ in range(40):
        times["walled"].append(clock(lambda: database.look(viewer, asked)))
        times["bare"].append(clock(lambda: bare.read(None, free)))
    walled, without = ms(times["walled"]), ms(times["bare"])
    return {
        "layer": layer,
        "z": z,
        "walled_ms": walled,
        "bare_ms": without,
        "times": round(walled / without, 2),
    }


def clock(work: Any) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spread(path: str, sight: Sight, z: int) -> list[str]:
    """The addresses of the tiles over the ground, at most sixty of them, evenly spread."""
    west, south, east, north = sight.ground.bounds
    (left, bottom), (right, top) = tile_of(west, south, z), tile_of(east, north, z)
    tiles = [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    step = max(1, math.ceil(len(tiles) / MOST_TILES))
    return [path.format(z=z, x=x, y=y) for x, y in tiles[::step]]


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """The tile of a place."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**z), int(y * 2**z)
