"""Whatever a layer is drawn from, a change of it gives another version of the data, for whoever sees it."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from app.maps.ground import find_data_version, find_ground
from tests.maps.seed import WORKER, Bank, lay_bank

ROOM = Path(__file__).parents[2] / "app/maps"
# Of views, what they are made from.
TABLES = """SELECT c.relname AS name, coalesce((SELECT array_agg(DISTINCT u.relname::text)
        FROM pg_rewrite r JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_class u ON u.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass AND u.oid <> c.oid
        WHERE r.ev_class = c.oid), ARRAY[c.relname::text]) AS tables
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')"""
# A column of each table that may be written again.
COLUMNS = """SELECT DISTINCT ON (table_name) table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND is_identity = 'NO' ORDER BY table_name, ordinal_position"""
TOUCH = "UPDATE {0} SET {1} = {1} WHERE ctid = (SELECT ctid FROM {0} WHERE {2} LIMIT 1)"
# Tables too long to be looked through: what is written beside their rows, whoever writes them.
BESIDE = {
    "customer": """INSERT INTO import_run (kind, file_name, sha256, status)
        VALUES ('customers', 'night.csv', 'x', 'imported')""",
    "assignment_row": "UPDATE assignment_run SET reassigned = reassigned + 1 WHERE current",
    "assignment_move": "UPDATE assignment_run SET reassigned = reassigned + 1 WHERE current",
    "placement": "UPDATE assignment_run SET reassigned = reassigned + 1 WHERE current",
    "visit": """INSERT INTO visit (customer_id, grid_id, staff_id, visited_at, outcome, client_key)
        SELECT a.customer_id, a.grid_id, d.staff_id, now(), 'met', 'again' FROM assignment a
        JOIN duty d ON d.grid_id = a.grid_id AND d.role = 'primary' LIMIT 1""",
}
# Rows that the laid bank has not.
BESIDE["map_layer"] = """INSERT INTO map_layer (key, zh, en, features, file_name, sha256, report)
    VALUES ('roads', '道路', 'Roads', 0, 'roads.zip', 'x', '{}')"""
# What stands in an own layer is written with the layer's own row.
BESIDE["map_feature"] = "UPDATE map_layer SET features = features + 1"
BESIDE["allotment"] = """INSERT INTO allotment (plan_id, grid_id, batch, step, branch_id, valid_from)
    SELECT plan_id, id, 1, 'branch', branch_id, current_date FROM grid WHERE branch_id IS NOT NULL LIMIT 1"""
BESIDE["village_count"] = """INSERT INTO village_count (unit_code, existing, prospects, strategic, key,
    filed, visited, rungs, assigned, visited_month)
    VALUES ('v', 1, 0, 0, 0, 0, 0, '{0,0,0,0,0,0,0}', 1, current_date)"""
DRAWN = {"grid": "plan_id IN (SELECT id FROM plan WHERE status = 'in_force')"}


def read_tables(database: Database) -> set[str]:
    """The tables that the statements of the layers read, their views' tables among them."""
    with database.transaction(WORKER) as session:
        known = {row.name: set(row.tables) for row in session.execute(text(TABLES))}
    read: set[str] = set()
    for path in ROOM.rglob("layer_*.sql"):
        words = re.findall(r"(?:FROM|JOIN|,)\s+(?:LATERAL\s+)?([a-z_]+)", path.read_text(encoding="utf-8"))
        for word in words:
            read |= known.get(word, set())
    while views := [name for name in read if known[name] != {name}]:
        read = read.difference(views).union(*(known[name] for name in views))
    return read


@pytest.fixture
def bank(fresh: Database) -> Bank:
    return lay_bank(fresh, grids=24, customers=120)


def look(database: Database, bank: Bank, name: str) -> str:
    with database.transaction(getattr(bank, name)) as session:
        return find_data_version(session, find_ground(session))


def test_each_table_that_a_layer_reads_changes_the_version(fresh: Database, bank: Bank) -> None:
    tables = read_tables(fresh)
    assert {
        "map_layer",
        "map_feature",
        "unit",
        "grid",
        "duty",
        "plan",
        "village_count",
        "assignment_move",
        "allotment",
        "staff",
    } <= tables
    with fresh.transaction(WORKER) as session:
        columns = dict(session.execute(text(COLUMNS)).all())
    missed = []
    for table in sorted(tables, key=lambda name: (name == "map_feature", name)):
        before = look(fresh, bank, "head")
        assert look(fresh, bank, "head") == before
        touch = BESIDE.get(table) or TOUCH.format(table, columns[table], DRAWN.get(table, "true"))
        with fresh.transaction(WORKER) as session:
            assert session.execute(text(touch)).rowcount, f"the bank has no row of {table} to change"
        if look(fresh, bank, "head") == before:
            missed.append(table)
    assert missed == []


def test_who_sees_a_part_is_told_of_his_part(fresh: Database, bank: Bank) -> None:
    names = ("head", "branch_head", "manager")
    with fresh.transaction(bank.manager) as session:
        own = session.scalar(text("SELECT getu_viewer_grids()"))
    with fresh.transaction(bank.branch_head) as session:
        of_branch = session.scalar(text("SELECT getu_viewer_grids()"))
    count = """UPDATE grid_count_row SET filed = filed + 1 WHERE grid_key = (SELECT key_id FROM grid g
        JOIN plan p ON p.id = g.plan_id WHERE p.status = 'in_force' AND g.level = 3
        AND g.id = ANY (:these) AND g.id <> ALL (:others) ORDER BY g.id LIMIT 1)"""
    with fresh.transaction(WORKER) as session:
        every = session.scalar(text("SELECT array_agg(id) FROM grid"))
    for these, others, told in (
        (every, [*of_branch, *own], {"head"}),
        (of_branch, own, {"head", "branch_head"}),
        (own, [], {"head", "branch_head", "manager"} if set(own) & set(of_branch) else {"head", "manager"}),
    ):
        before = {name: look(fresh, bank, name) for name in names}
        with fresh.transaction(WORKER) as session:
            assert session.execute(text(count), {"these": these, "others": others}).rowcount == 1
        assert {name for name in names if look(fresh, bank, name) != before[name]} == told
