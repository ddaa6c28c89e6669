"""The search box of a bank of a million: milliseconds a query for head office, a branch head and a manager.

python -m bench search [--scale small|full]

Each query is what a keystroke asks in process: a transaction of its own in the viewer's role, ground,
customers and the audit row. The mix: names of customers, their beginnings, telephones, tails of four
digits, names and codes of the ground, pinyin and initials, positions, and words that nobody has. The
peers are what a first draft would ask: `ILIKE '%words%'` over names of customers and grids, plain, and
over a copy of the names with a trigram index (pg_trgm, GIN): both as the database's administrator,
without any wall, audit or telephone. GETU_BENCH_HOME names a home with a bank that is loaded already: it
is read, only its audit grows; without it a bank is laid first.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, create_engine, text

from app.access import Vault, open_vault
from app.db import Database, Viewer, cluster, connect
from app.db.bank import find_addresses
from app.db.connection import WORKER
from app.maps.search import Means, search
from app.maps.search_index import forget_indexes
from app.settings import read_settings
from bench.assignment import run_admin
from bench.lending import lay

SIZES = {"small": 100_000, "full": 1_000_000}
ROUNDS = 400
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗沈陆顾施"
GIVEN = "志明晓燕玉珍建新海峰春兰秀英国庆文华美芳振东雪梅永康桂林"
GROUND = (
    "村",
    "网格",
    "支行2",
    "G1",
    "wg",
    "zhihang",
    "121.27,31.94",
    "百度 121.27,31.94",
    "没有这样的",
    "qqxx",
)
PEER = """SELECT (SELECT count(*) FROM (SELECT 1 FROM {names} WHERE name ILIKE %(w)s LIMIT 20) c),
    (SELECT count(*) FROM (SELECT 1 FROM grid WHERE name ILIKE %(w)s OR code ILIKE %(w)s LIMIT 20) g)"""
# A table of this session alone: the bank itself is left as it is.
TRIGRAMS = (
    "CREATE TEMP TABLE peer_names AS SELECT id, name FROM customer WHERE gone_at IS NULL",
    "CREATE INDEX ON peer_names USING gin (name gin_trgm_ops)",
    "ANALYZE peer_names",
)
VAULT = Vault(bytes(range(32)), bytes(range(32, 64)))


def measure(scale: str) -> dict[str, Any]:
    """The figures of the named bank, else of a laid one of 7,700 grids in 40 branches."""
    known = os.environ.get("GETU_BENCH_HOME")
    if known:
        return measure_bank(Path(known))
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home = Path(folder) / "home"
        server = cluster.ensure(home)
        try:
            database = connect(lay(server, SIZES[scale]))
            viewers = lay_people(database, SIZES[scale])
            run_admin(server, "bench", "VACUUM ANALYZE")
            figures = time_bank(database, VAULT, viewers)
            figures |= time_peers(server.url("bench", role="getu_admin"), draw_queries(database, VAULT))
            database.close()
        finally:
            cluster.remove(home)
    return {"customers": SIZES[scale], **figures}


def measure_bank(home: Path) -> dict[str, Any]:
    """The figures of the bank in a home, with words of its own ground."""
    os.environ["GETU_HOME"] = str(home)
    settings = read_settings()
    addresses = find_addresses(settings)
    database, vault = connect(addresses.login_url, home=home), open_vault(settings.keys)
    ground = list_ground(database)
    figures = time_bank(database, vault, find_viewers(database), ground)
    figures |= time_peers(addresses.admin_url, draw_queries(database, vault, ground))
    with database.transaction(WORKER) as session:
        count = session.execute(text("SELECT count(*) FROM customer WHERE gone_at IS NULL")).scalar_one()
    database.close()
    return {"customers": count, **figures}


def list_ground(database: Database) -> list[str]:
    """Words for the ground of a bank: villages, grids, their codes, and what `GROUND` has beside names."""
    with database.transaction(WORKER) as session:
        villages = session.scalars(text("SELECT name FROM unit ORDER BY md5(id::text) LIMIT 5")).all()
        grids = session.execute(text("SELECT name, code FROM grid ORDER BY md5(id::text) LIMIT 5")).all()
    return [*villages, *(name[:2] for name in villages), *(x for row in grids for x in row), *GROUND[4:]]


def lay_people(database: Database, count: int) -> dict[str, Viewer]:
    """Names and telephones for customers, and three who look: head office, a branch of 190 grids, a
    manager of five."""
    rng = np.random.default_rng(5)
    drawn = (rng.integers(0, len(SURNAMES), count), *rng.integers(0, len(GIVEN), (2, count)))
    names = [SURNAMES[a] + GIVEN[b] + GIVEN[c] for a, b, c in zip(*drawn, strict=True)]
    phones = [f"169{number:08}" for number in rng.integers(0, 10**8, count).tolist()]
    with database.transaction(WORKER) as session:
        rows = session.execute(text("SELECT id, source_code, source_key FROM customer ORDER BY id")).all()
        keys = [f"{row.source_code}|{row.source_key}" for row in rows]
        told = {
            "ids": [row.id for row in rows],
            "names": names[: len(rows)],
            "hashes": VAULT.blind_many("phone", phones[: len(rows)]),
            "sealed": VAULT.seal_many("phone", keys, phones[: len(rows)]),
        }
        session.execute(
            text("""UPDATE customer c SET name = n.name, phone_hash = n.hash, phone_enc = n.sealed
                FROM unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:hashes AS bytea[]),
                    CAST(:sealed AS bytea[])) AS n (id, name, hash, sealed) WHERE c.id = n.id"""),
            told,
        )
        session.execute(
            text("""WITH b AS (SELECT id FROM branch WHERE code = 'B20'),
                s AS (INSERT INTO staff (code, name, kind, branch_id)
                    SELECT 'M1', '陆志明', 'manager', id FROM b RETURNING id),
                d AS (INSERT INTO duty (grid_id, staff_id, role, valid)
                    SELECT g.id, s.id, 'primary', '[2026-01-01,)'
                    FROM s, LATERAL (SELECT id FROM grid WHERE branch_id = (SELECT id FROM b) LIMIT 5) g)
                INSERT INTO app_user (login, name, role, staff_id)
                    SELECT 'manager', '陆志明', 'manager', id FROM s""")
        )
        session.execute(text("INSERT INTO app_user (login, name, role) VALUES ('head', '总行', 'head')"))
    return find_viewers(database)


def find_viewers(database: Database) -> dict[str, Viewer]:
    """The first head office, branch head and manager of a bank."""
    with database.transaction(WORKER) as session:
        rows = session.execute(text("SELECT role, min(id) AS id FROM app_user GROUP BY role")).all()
    roles = {"head": "getu_head", "branch_head": "getu_scoped", "manager": "getu_scoped"}
    return {row.role: Viewer(roles[row.role], row.id) for row in rows if row.role in roles}


def draw_queries(database: Database, vault: Vault, ground: Sequence[str] = GROUND) -> list[str]:
    """The mix: a quarter each names, beginnings, telephones with tails, and the ground."""
    with database.transaction(WORKER) as session:
        rows = session.execute(
            text("""SELECT name, source_code || '|' || source_key AS key, phone_enc FROM customer
                WHERE phone_enc IS NOT NULL AND id % 977 < 4 ORDER BY md5(id::text) LIMIT :n"""),
            {"n": ROUNDS // 4},
        ).all()
    queries = []
    for number, row in enumerate(rows):
        phone = vault.unseal("phone", row.key, bytes(row.phone_enc))
        queries += [row.name, row.name[:2], phone if number % 2 else phone[-4:], ground[number % len(ground)]]
    return queries


def time_bank(
    database: Database, vault: Vault, viewers: dict[str, Viewer], ground: Sequence[str] = GROUND
) -> dict[str, Any]:
    """Milliseconds a query by viewer, and of the first keystroke after a pause."""
    queries, told = draw_queries(database, vault, ground), {"load": round(os.getloadavg()[0], 1)}
    for role, viewer in viewers.items():
        _ask(database, viewer, queries[:20], vault)
        told[role] = _tell(_ask(database, viewer, queries, vault))
        told[f"{role}_after_a_pause"] = _tell(_ask(database, viewer, queries[::8], vault, pause=True))
    return told


def time_peers(admin_url: str, queries: Sequence[str]) -> dict[str, Any]:
    """Milliseconds of a twentieth of the queries by plain ILIKE, and of a quarter by ILIKE over trigrams."""
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        plain = _ask_peer(connection, "customer", queries[:: ROUNDS // 20 + 1])
        began = time.perf_counter()
        for statement in TRIGRAMS:
            connection.exec_driver_sql(statement)
        laid_s = round(time.perf_counter() - began, 1)
        trigrams = _ask_peer(connection, "peer_names", queries[::3])
    engine.dispose()
    return {"peer_ilike": _tell(plain), "peer_pg_trgm": {**_tell(trigrams), "index_s": laid_s}}


def _ask_peer(connection: Connection, names: str, queries: Sequence[str]) -> list[float]:
    taken = []
    for words in queries:
        began = time.perf_counter()
        connection.exec_driver_sql(PEER.format(names=names), {"w": f"%{words}%"}).all()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _ask(
    database: Database, viewer: Viewer, queries: Sequence[str], vault: Vault, *, pause: bool = False
) -> list[float]:
    taken = []
    for words in queries:
        if pause:
            forget_indexes()
        began = time.perf_counter()
        with database.transaction(viewer) as session:
            search(session, words, Means(vault))
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _tell(taken: Sequence[float]) -> dict[str, float]:
    p50, p95 = np.quantile(taken, (0.5, 0.95))
    return {"p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1), "most_ms": round(max(taken), 1)}
