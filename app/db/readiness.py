"""Is this database fit to serve: reachable, migrated, its walls standing?"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.db.connection import Database
from app.db.migrating import head_revision, is_leakproof, knows_chinese

WALLED = ("customer", "placement", "assignment_row", "grid", "duty", "visit", "audit")
INHERITS = """
SELECT bool_or(pg_has_role(login.rolname, viewer, 'USAGE'))
FROM pg_roles login, unnest(ARRAY['getu_head', 'getu_work']) AS viewer
WHERE login.rolname IN ('getu_scoped', 'getu_ground', 'getu_gate')"""
OPEN_TABLES = """
SELECT count(*) FROM pg_class
WHERE relname = ANY(:walled) AND relnamespace = 'public'::regnamespace
    AND NOT (relrowsecurity AND relforcerowsecurity)"""


def is_migrated(database: Database) -> bool:
    """Whether the schema is at the newest revision; False also when it cannot be read."""
    try:
        with database.engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        return False
    return bool(found == head_revision())


def find_faults(database: Database) -> list[str]:
    """The names of what is wrong, none when all is well."""
    try:
        with database.engine.connect() as connection:
            return _look(connection)
    except DBAPIError:
        return ["database_away"]


def _look(connection: Connection) -> list[str]:
    faults = []
    if connection.scalar(text("SELECT to_regclass('public.alembic_version')")) is None:
        return ["not_migrated"]
    try:
        with connection.begin_nested():
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        revision = None
    if revision != head_revision():
        faults.append("not_migrated")
    if connection.scalar(text(OPEN_TABLES), {"walled": list(WALLED)}):
        faults.append("walls_open")
    if connection.scalar(text(INHERITS)):
        faults.append("roles_inherit")
    if not is_leakproof(connection):
        faults.append("not_leakproof")
    if not knows_chinese(connection):
        faults.append("no_chinese_trigrams")
    return faults
