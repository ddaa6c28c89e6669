"""Backup and restore: pg_dump and pg_restore of the server's version; what a restore loses is put back."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url

from app.db.migrating import make_extensions, make_roles, migrate
from app.errors import Conflict, NotReady, RefusedFile

MAGIC = b"PGDMP"
# PostGIS brings its own table of systems; the owner of a restored database may not write there.
DUMP = ("pg_dump", "--format=custom", "--no-owner", "--exclude-table-data=spatial_ref_sys")


def back_up(admin_url: str, file: Path) -> int:
    """Dump the database into `file` (custom format); returns its bytes. An old file stays until then."""
    if not file.parent.is_dir():
        raise RefusedFile(
            "no_such_folder", zh=f"没有文件夹 {file.parent}", en=f"no such folder: {file.parent}"
        )
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _run([*DUMP, f"--file={aside}"], admin_url)
        size = aside.stat().st_size
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return size


def restore(admin_url: str, file: Path, *, login: str) -> None:
    """Restore a dump into the (empty) database, then migrate: policies and the leakproof mark are made anew.

    Raises RefusedFile for a file that is no dump, Conflict when the database holds something already.
    """
    with file.open("rb") as head:
        if head.read(len(MAGIC)) != MAGIC:
            raise RefusedFile("not_a_backup", zh="这不是 getu db backup 的文件", en="this is no backup file")
    engine = create_engine(make_url(admin_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        if _holds_data(connection):
            raise Conflict("not_empty", zh="数据库里已有数据，请恢复到空库", en="the database is not empty")
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        # A schema made anew lacks what initdb gives: the service's login could not even look for its tables.
        connection.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))
        make_roles(connection, login)
        make_extensions(connection)
    engine.dispose()
    _run(
        [
            "pg_restore",
            "--no-owner",
            "--role=getu_owner",
            "--single-transaction",
            "--exit-on-error",
            "--schema=public",
            str(file),
        ],
        admin_url,
    )
    migrate(admin_url, login=login)


def _holds_data(connection: Connection) -> bool:
    """Whether anything of a bank is in there already."""
    if connection.scalar(text("SELECT to_regclass('public.app_user')")) is None:
        return False
    used = "SELECT EXISTS (SELECT FROM branch) OR EXISTS (SELECT FROM unit) OR EXISTS (SELECT FROM plan)"
    return bool(connection.scalar(text(used)))


def _run(command: Sequence[str], admin_url: str) -> None:
    url = make_url(admin_url)
    tool = _find_tool(command[0])
    environment = {**os.environ, **_libpq(url)}
    database = ["--dbname", str(url.database)]
    result = subprocess.run([tool, *database, *command[1:]], env=environment, capture_output=True, text=True)
    if result.returncode:
        raise NotReady(
            "dump_failed",
            zh=f"{command[0]} 没有完成，请检查磁盘空间和版本",
            en=f"{command[0]} failed; check disk space and versions",
            said=result.stderr.strip().splitlines()[-1:] if "pg_dump" in command[0] else [],
        )


def _find_tool(name: str) -> str:
    """The newest installed version of a PostgreSQL client program."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    tool = str(found[-1]) if found else shutil.which(name)
    if tool is None:
        raise NotReady("no_tool", zh=f"没有安装 {name}", en=f"{name} is not installed")
    return tool


def _libpq(url: URL) -> dict[str, str]:
    """Connection facts for libpq programs, by environment: a password is never on a command line."""
    host = url.host or url.query.get("host")
    port = url.port or url.query.get("port")
    facts = {"PGHOST": host, "PGPORT": port, "PGUSER": url.username, "PGPASSWORD": url.password}
    return {key: str(value) for key, value in facts.items() if value}
