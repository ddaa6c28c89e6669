"""Migrations: roles, extensions, Alembic under locks and time-outs, then functions and policies anew."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.db.seals import write_seal
from app.errors import NotReady

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
ROLES = ("getu_head", "getu_scoped", "getu_ground", "getu_work", "getu_gate")
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
LOCK = 7236700
LOCK_TIMEOUT = "4s"  # who would have to wait longer for a reader tries another time


def migrate(admin_url: str, *, login: str | None = None) -> str:
    """Bring the database to the newest schema and re-assert everything a restore loses.

    `login` is the service's own role, which is granted the viewer roles without inheriting them.
    Returns the revision. Raises NotReady when extensions or rights are missing, in plain words.
    """
    engine = create_engine(make_url(admin_url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            make_roles(connection, login or str(connection.scalar(text("SELECT current_user"))))
            make_extensions(connection)
            check_letters(connection)
        return upgrade(engine, login=login)
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise NotReady(
            "cannot_migrate",
            zh="数据库升级失败：请由数据库管理员检查扩展和权限（见 docs/operations.md）",
            en="the migration failed; a DBA should check extensions and rights (docs/operations.md)",
            reason=type(cause).__name__,
        ) from error
    finally:
        engine.dispose()


def make_roles(connection: Connection, login: str) -> None:
    """Make the viewer roles and let `login` become each of them, inheriting none."""
    connection.execute(text((MIGRATIONS / "roles.sql").read_text(encoding="utf-8")))
    version = int(str(connection.scalar(text("SHOW server_version_num"))))
    me = str(connection.scalar(text("SELECT current_user")))
    option = " WITH INHERIT FALSE, SET TRUE" if version >= 160000 else ""
    quote = connection.dialect.identifier_preparer.quote
    for role in ROLES:
        connection.execute(text(f"GRANT {role} TO {quote(login)}{option}"))
    if not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        connection.execute(text(f"GRANT getu_owner TO {quote(me)}{option}"))
    connection.execute(text("GRANT CREATE, USAGE ON SCHEMA public TO getu_owner"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {', '.join(ROLES)}"))


def make_extensions(connection: Connection) -> None:
    """Make the extensions, and mark && leakproof where we may (lost by a dump and restore)."""
    for extension in EXTENSIONS:
        connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    mark_leakproof(connection)


def knows_chinese(connection: Connection) -> bool:
    """Whether the database takes Chinese characters for letters; without them no name can be searched."""
    return bool(connection.scalar(text("SELECT show_trgm('村') <> '{}'")))


def check_letters(connection: Connection) -> None:
    """Raises NotReady, saying what to do, for a database whose character type gives Chinese no trigrams."""
    if knows_chinese(connection):
        return
    found = connection.execute(
        text(
            "SELECT datname, datctype, pg_encoding_to_char(encoding) AS coding FROM pg_database "
            "WHERE datname = current_database()"
        )
    ).one()
    wanted = "CREATE DATABASE getu TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' LC_COLLATE 'C.UTF-8'"
    what = f"{found.datname} (LC_CTYPE={found.datctype}, {found.coding})"
    raise NotReady(
        "no_chinese_trigrams",
        zh=f"数据库 {what} 的字符类型不认识汉字，地名和姓名无法检索，不能使用。请由数据库管理员另建一个库："
        f"{wanted}；已有数据先备份，再恢复到新库",
        en=f"the database {what} knows no Chinese letters: names could not be searched. A DBA should make "
        f"another one, {wanted}, and restore into it what is there",
    )


def mark_leakproof(connection: Connection) -> bool:
    """Mark PostGIS's && operator LEAKPROOF if the role may; returns whether it is marked.

    Without the mark PostgreSQL filters by policy before it may use the spatial index: x26-x47 dearer.
    && raises no error that depends on a value, so it leaks nothing.
    """
    if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        connection.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"))
    return is_leakproof(connection)


def is_leakproof(connection: Connection) -> bool:
    """Whether && carries the LEAKPROOF mark in this database."""
    overlaps = "'geometry_overlaps(geometry,geometry)'::regprocedure"
    query = f"SELECT bool_and(proleakproof) FROM pg_proc WHERE oid = {overlaps}"  # noqa: S608
    return bool(connection.scalar(text(query)))


def upgrade(engine: Engine, *, login: str | None) -> str:
    """Run Alembic as the owner, then the files of migrations/after, then the seal; one transaction."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text("SET LOCAL statement_timeout = '10min'"))
        connection.execute(text("SET LOCAL ROLE getu_owner"))
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for path in sorted((MIGRATIONS / "after").glob("*.sql")):
            run_script(connection, path.read_text(encoding="utf-8"))
        write_seal(connection, MIGRATIONS, login)
        return str(MigrationContext.configure(connection).get_current_revision())


def run_script(connection: Connection, script: str) -> None:
    """Run a many-statement SQL file as it stands (no parameters, so no colon is read as one)."""
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.execute(script)


def alembic_config() -> Config:
    """The Alembic configuration: no ini file, the folder is ours."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def head_revision() -> str:
    """The newest revision in the migrations folder."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())
