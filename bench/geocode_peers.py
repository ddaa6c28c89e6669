"""The peer of the matcher: trigrams in the database (pg_trgm), on the same rows, after our normaliser.

What a bank's DBA would build: one table of full paths with a trigram index, the nearest path is the answer.
It always answers, so it can tell neither an address of elsewhere nor two villages of one name.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from app.customers.geocoding import Answer, Matcher, Place, normalise
from app.db import cluster
from bench.geocode_noise import Row

_NEAREST = "SELECT code FROM peer ORDER BY path <-> :address LIMIT 1"


def compare(places: Sequence[Place], rows: Sequence[Row], *, count: int, rounds: int = 3) -> dict[str, Any]:
    """Right villages and addresses a second of both ways, in turns, on a sample of rows."""
    named = [row for row in rows if row.level == "village"]
    sample = random.Random(3).sample(named, min(count, len(named)))
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        engine = _lay(cluster.ensure(home), places)
        try:
            return _in_turns(engine, places, sample, rounds)
        finally:
            engine.dispose()
            cluster.remove(home)


def _lay(server: cluster.Cluster, places: Sequence[Place]) -> Engine:
    """A database with one row a village: its full path as text, indexed by trigrams."""
    admin = create_engine(server.url("postgres", role="getu_admin"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE peers"))
    admin.dispose()
    engine = create_engine(server.url("peers", role="getu_admin"))
    by_code = {place.code: place for place in places}
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        connection.execute(text("CREATE TABLE peer (code text, path text)"))
        connection.execute(
            text("INSERT INTO peer VALUES (:code, :path)"),
            [
                {"code": place.code, "path": _path(place, by_code)}
                for place in places
                if place.level == "village"
            ],
        )
        connection.execute(text("CREATE INDEX ON peer USING gist (path gist_trgm_ops)"))
        connection.execute(text("ANALYZE peer"))
    return engine


def _path(place: Place, by_code: dict[str, Place]) -> str:
    names: list[str] = []
    here: Place | None = place
    while here is not None:
        names.insert(0, here.name)
        here = by_code.get(here.parent_code)
    return "".join(names)


def _in_turns(engine: Engine, places: Sequence[Place], rows: Sequence[Row], rounds: int) -> dict[str, Any]:
    ours_s, peer_s = [], []
    answers: list[Answer] = []
    nearest: list[str] = []
    for _ in range(rounds):
        matcher = Matcher(places)
        began = time.perf_counter()
        answers = [matcher.match(row.address) for row in rows]
        ours_s.append(time.perf_counter() - began)
        began = time.perf_counter()
        with engine.connect() as connection:
            nearest = [
                str(connection.execute(text(_NEAREST), {"address": normalise(row.address).text}).scalar_one())
                for row in rows
            ]
        peer_s.append(time.perf_counter() - began)
    ours = sum(answer.village_code in row.codes for answer, row in zip(answers, rows, strict=True))
    peer = sum(code in row.codes for code, row in zip(nearest, rows, strict=True))
    return {
        "rows": len(rows),
        "ours_right": round(ours / len(rows), 4),
        "pg_trgm_right": round(peer / len(rows), 4),
        "ours_per_s": round(len(rows) / statistics.median(ours_s)),
        "pg_trgm_per_s": round(len(rows) / statistics.median(peer_s)),
    }
