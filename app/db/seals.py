"""The seal of a finished migration: which migrations, made for whom, in which very database.

Functions and policies are made anew after every migration, under locks on every table. A sealed bank needs
none of that: a command or a second worker starts beside a nightly load without waiting for it or stopping it.
"""

import hashlib
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

# With both numbers a seal is worth nothing in a copied or a restored database, where marks that a dump loses
# must be set again.
PLACE = """
SELECT t.oid || '.' || d.oid FROM pg_class t, pg_database d
WHERE t.oid = to_regclass('public.alembic_version') AND d.datname = current_database()"""
KEPT = "SELECT obj_description(to_regclass('public.alembic_version'), 'pg_class')"


def write_seal(connection: Connection, migrations: Path, login: str | None) -> None:
    """Say in the database that these migrations are done for this login; in their own transaction."""
    seal = make_seal(connection, migrations, login)
    connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{seal}'"))


def is_sealed(connection: Connection, migrations: Path, login: str | None) -> bool:
    """Whether these very migrations were finished for this login in this very database."""
    kept = connection.scalar(text(KEPT))
    return kept is not None and kept == make_seal(connection, migrations, login)


def make_seal(connection: Connection, migrations: Path, login: str | None) -> str:
    """The seal of some migrations in the database at hand: hex digits."""
    place = str(connection.scalar(text(PLACE)))
    return hashlib.sha256(f"{digest_files(migrations)} {login} {place}".encode()).hexdigest()


@cache
def digest_files(migrations: Path) -> str:
    """A checksum of all that a migration runs; read once a process."""
    files = sorted(path for path in migrations.rglob("*") if path.suffix in (".py", ".sql"))
    told = hashlib.sha256()
    for path in files:
        told.update(f"{path.relative_to(migrations).as_posix()} {path.stat().st_size}\n".encode())
        told.update(path.read_bytes())
    return told.hexdigest()
