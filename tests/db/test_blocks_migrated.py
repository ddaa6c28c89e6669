"""A bank with rows goes to blocks, back, and to blocks again: nobody and nothing of his is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from app.db import Database, cluster, connect
from app.db.backup import back_up, restore
from app.db.connection import WORKER
from app.db.migrating import alembic_config, make_extensions, make_roles, migrate
from app.db.readiness import find_faults
from app.errors import Conflict
from tests.conftest import DemoBank, copy_database, run_admin
from tests.truth import admin_url, truth

# What both schemas know, as a reader sees it.
KEPT = {
    "customers": """SELECT id, source_code, source_key, kind, standing, name, encode(id_card_hash, 'hex'),
        address, household_no, relation, tier, lead_level, booking_branch_code, deposit_yuan, loan_yuan,
        filed, last_visit_on, import_id FROM customer ORDER BY id""",
    "placements": "SELECT customer_id, placement::text FROM placement ORDER BY 1",
    "assignments": """SELECT a.customer_id, a.grid_id, a.rung, a.method, a.reason, a.standing, a.tier,
        ST_AsText(a.geom) FROM assignment a ORDER BY 1""",
    "counts": """SELECT grid_id, existing, prospects, rungs, located_existing, strategic, key, filed, visited,
        covered_households FROM grid_count ORDER BY 1""",
    "visits": """SELECT id, client_key, customer_id, staff_id, grid_id, visited_at, entered_at, outcome, note,
        ST_AsText(geom) FROM visit ORDER BY id""",
    "moves": """SELECT run_id, customer_id, from_grid_id, to_grid_id, moved_at FROM assignment_move
        ORDER BY 1, 2""",
    "members": "SELECT m::text FROM household_member m ORDER BY customer_id",
    "cases": "SELECT k::text FROM placement_case k ORDER BY customer_id",
}
COLUMNS = """SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"""
KEYS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    JOIN pg_class t ON t.oid = conrelid
    WHERE connamespace = 'public'::regnamespace AND NOT relispartition ORDER BY 1, 2, 3"""
INDEXES = """SELECT indexname, replace(indexdef, 'ONLY ', '') FROM pg_indexes
    JOIN pg_class t ON t.relname = tablename WHERE schemaname = 'public' AND NOT relispartition ORDER BY 1"""
VISIT = """INSERT INTO visit (client_key, customer_id, grid_id, visited_at, outcome, geom)
    SELECT 'v' || row_number() OVER (), customer_id, grid_id, now(), 'met', geom
    FROM assignment WHERE grid_id IS NOT NULL ORDER BY customer_id DESC LIMIT 7"""
MOVE = """INSERT INTO assignment_move (run_id, customer_id, from_grid_id, to_grid_id, from_key, to_key)
    SELECT a.run_id, a.customer_id, NULL, a.grid_id, NULL, a.grid_key FROM assignment a ORDER BY 2 LIMIT 5"""
# Twenty customers more, in a block of their own, with the places and grids of twenty others.
FILL = """
INSERT INTO customer_b{k} (id, source_code, source_key, kind, standing, name, tier)
    SELECT {k} * 1000000000::bigint + id, source_code, 'B{k}-' || id, kind, standing, name, tier
    FROM customer WHERE id < 1000000000 ORDER BY id LIMIT 20;
INSERT INTO placement_b{k}
    SELECT b.id, p.rung, p.method, p.score, p.geom, p.place_code, p.unit_code, p.accuracy_m, p.datum
    FROM customer_b{k} b JOIN placement p ON p.customer_id = b.id % 1000000000;
INSERT INTO assignment_row_b{k}
    SELECT b.id, a.run_id, a.grid_key, a.rung, a.method, a.reason, a.standing, a.tier, a.geom
    FROM customer_b{k} b JOIN assignment_row a ON a.customer_id = b.id % 1000000000;
"""

# A second customer of a key that lies in a block.
TWIN = """INSERT INTO customer (source_code, source_key, kind, standing, name)
    SELECT source_code, source_key, kind, standing, name FROM customer WHERE id > 1000000000 LIMIT 1"""


@pytest.fixture
def bank(demo_bank: DemoBank, server: cluster.Cluster, worker_id: str) -> Iterator[Database]:
    """A copy of the demo bank with two blocks more, visits and moves."""
    name = f"getu_blocks_{worker_id}"
    demo_bank.database.close()
    database = copy_database(server, str(demo_bank.database.engine.url.database), name)
    for _ in range(2):
        with database.transaction(WORKER) as session:
            block = session.scalar(text("SELECT getu_open_block(NULL)"))
            for statement in FILL.format(k=block).strip().rstrip(";").split(";"):
                session.execute(text(statement))
            session.execute(text("SELECT getu_adopt_block(:k)"), {"k": block})
    with database.transaction(WORKER) as session:
        session.execute(text(VISIT))
        session.execute(text(MOVE))
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def look(database: Database) -> dict[str, list[Any]]:
    """Everything that both schemas know."""
    with truth(database) as admin:
        return {what: [tuple(row) for row in admin.execute(text(query))] for what, query in KEPT.items()}


def describe(url: str) -> list[Any]:
    """The schema: columns, keys and indexes of every table that is no partition of another."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for query in (COLUMNS, KEYS, INDEXES) for row in connection.execute(text(query))]
    engine.dispose()
    passing = ("intake_r", "assignment_r")
    return [row for row in found if not str(row[0]).startswith(passing) or row[0] == "intake_row"]


def go_back(url: str) -> None:
    """Take the schema to the revision before blocks."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE getu_owner"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    engine.dispose()


def make_old(url: str) -> None:
    """An empty database of the schema before blocks."""
    engine = create_engine(url)
    with engine.begin() as connection:
        make_roles(connection, "getu_login")
        make_extensions(connection)
        connection.execute(text("SET LOCAL ROLE getu_owner"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    engine.dispose()


def test_a_bank_goes_back_and_forth_with_every_row_it_has(
    bank: Database, server: cluster.Cluster, worker_id: str
) -> None:
    before, name = look(bank), f"getu_old_{worker_id}"
    assert {what: len(rows) for what, rows in before.items() if len(rows) < 5} == {}
    run_admin(server, f"CREATE DATABASE {name}")
    make_old(server.url(name, role="getu_admin"))
    old = describe(server.url(name, role="getu_admin"))
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")
    new = describe(admin_url(bank))
    for _ in range(2):
        go_back(admin_url(bank))
        assert look(bank) == before
        assert describe(admin_url(bank)) == old
        migrate(admin_url(bank), login="getu_login")
        assert look(bank) == before
        assert describe(admin_url(bank)) == new
    assert find_faults(bank) == []


def test_blocks_that_went_back_are_blocks_again_and_the_next_one_has_a_number_of_its_own(
    bank: Database,
) -> None:
    query = "SELECT tableoid::regclass::text, count(*) FROM {} GROUP BY 1 ORDER BY 1"
    tables = ("customer", "placement", "assignment_row")

    def spread() -> list[Any]:
        with truth(bank) as admin:
            return [tuple(row) for table in tables for row in admin.execute(text(query.format(table)))]

    before = spread()
    go_back(admin_url(bank))
    migrate(admin_url(bank), login="getu_login")
    after = spread()
    assert [row[1] for row in after] == [row[1] for row in before]
    assert {"customer_b0", "customer_b1", "customer_b2"} <= {row[0] for row in after}
    with bank.transaction(WORKER) as session:
        blocks = session.execute(text("SELECT id, state FROM customer_block ORDER BY id")).all()
        assert [tuple(block) for block in blocks] == [(0, "ready"), (1, "ready"), (2, "ready")]
        assert session.scalar(text("SELECT getu_open_block(NULL)")) == 3
        session.rollback()
    with pytest.raises(Conflict), bank.transaction(WORKER) as session:
        session.execute(text(TWIN))


def test_a_backup_of_several_blocks_is_the_same_bank_and_ready(
    bank: Database, server: cluster.Cluster, worker_id: str, tmp_path: Path
) -> None:
    with bank.transaction(WORKER) as session:  # a load that is still on its way in
        block = session.scalar(text("SELECT getu_open_block(NULL)"))
        session.execute(text(FILL.format(k=block).split(";")[0]))
    before, name = look(bank), f"getu_back_{worker_id}"
    back_up(admin_url(bank), tmp_path / "bank.dump")
    run_admin(server, f"CREATE DATABASE {name}")
    restore(server.url(name, role="getu_admin"), tmp_path / "bank.dump", login="getu_login")
    restored = connect(server.url(name, role="getu_login"))
    assert look(restored) == before
    assert describe(admin_url(restored)) == describe(admin_url(bank))
    assert find_faults(restored) == []
    with restored.transaction(WORKER) as session:
        session.execute(text("SELECT getu_drop_block(:k)"), {"k": block})
        assert session.scalar(text("SELECT getu_open_block(NULL)")) == block + 1
    with pytest.raises(Conflict), restored.transaction(WORKER) as session:
        session.execute(text(TWIN))
    restored.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")
