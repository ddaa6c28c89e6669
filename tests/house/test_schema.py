"""The tables that the code describes are the tables that the migrations make; walls stand around each."""

import re
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from app.db import Database
from app.models import Base

# The job queue's own tables and PostGIS's; partitions come and go with runs and imports.
FOREIGN = ("procrastinate_", "spatial_ref_sys", "alembic_version", "intake_r")
BLOCK = re.compile(r"(customer|placement|assignment_row)_b\d+")


def ours(_object: Any, name: str | None, kind: str, *_rest: Any) -> bool:
    if kind != "table" or name is None or name == "intake_row":
        return True
    return not name.startswith(FOREIGN) and BLOCK.match(name) is None


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert [d for d in differences if not is_of_block(d)] == []


def is_of_block(difference: Any) -> bool:
    """PostgreSQL repeats a key to a partitioned table for each of its blocks; it is no key of ours."""
    if not isinstance(difference, tuple) or difference[0] != "remove_fk":
        return False
    return all(BLOCK.match(str(element.target_fullname)) for element in difference[1].elements)


def test_every_table_with_rows_of_people_is_walled(database: Database) -> None:
    open_tables = """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"""
    public_ground = {
        "branch", "unit", "place", "plan", "grid_key", "customer_block",
        "source_system", "assignment_run", "audit_seal", "intake_row",
        "placement_run", "branch_type_rule", "branch_contact", "work_rule",
        "alembic_version", "spatial_ref_sys", "procrastinate_jobs", "procrastinate_events",
        "procrastinate_periodic_defers", "procrastinate_workers",
    }  # fmt: skip
    with database.engine.connect() as connection:
        found = {row[0] for row in connection.execute(text(open_tables))}
    assert found <= public_ground


def test_rows_on_their_way_in_are_for_the_worker_alone(database: Database) -> None:
    query = "SELECT has_table_privilege(r, 'intake_row', 'SELECT') FROM unnest(CAST(:roles AS text[])) AS r"
    roles = ["getu_head", "getu_scoped", "getu_ground", "getu_gate"]
    with database.engine.connect() as connection:
        rights = [row[0] for row in connection.execute(text(query), {"roles": roles})]
    assert rights == [False] * len(roles)
