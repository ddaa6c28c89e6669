"""getu db: the database's life."""

from pathlib import Path
from typing import Annotated

import typer

from app.access import open_vault
from app.cli.opening import bank
from app.cli.telling import AsJson, give, say
from app.customers.renewal import renew_phone_marks
from app.db import cluster
from app.db.backup import back_up, restore
from app.db.bank import find_addresses, open_bank
from app.db.connection import WORKER
from app.db.migrating import migrate
from app.db.readiness import find_faults
from app.settings import read_settings

cli = typer.Typer(no_args_is_help=True, add_completion=False)


@cli.command()
def up(as_json: AsJson = False) -> None:
    """Make or start the database and bring it to the newest schema."""
    settings = read_settings()
    database = open_bank(settings)
    faults = find_faults(database)
    database.close()
    give({"status": "up", "faults": faults}, as_json=as_json, text="数据库已就绪 / the database is up")


@cli.command()
def down(as_json: AsJson = False) -> None:
    """Stop the private cluster (a bank's own server is left alone)."""
    settings = read_settings()
    if settings.database_url:
        say("DATABASE_URL 指向本行自己的服务器，不作停止 / that is the bank's own server; left alone")
    else:
        cluster.stop(settings.home)
    give({"status": "down"}, as_json=as_json, text="已停止 / stopped")


@cli.command()
def status(as_json: AsJson = False) -> int:
    """Is it running, migrated, and are its walls standing? Exit 1 when something is wrong."""
    settings = read_settings()
    if not settings.database_url and not cluster.status(settings.home).running:
        give({"status": "down", "faults": ["database_away"]}, as_json=as_json)
        return 1
    database = open_bank(settings)
    faults = find_faults(database)
    database.close()
    give({"status": "up", "faults": faults}, as_json=as_json)
    return 1 if faults else 0


@cli.command(name="renew-phones")
def renew_phones(as_json: AsJson = False) -> None:
    """Write the search marks of telephones anew: once, after an upgrade from before tails were searched."""
    with bank() as opened:
        vault, written = open_vault(opened.settings.keys), 0
        after: int | None = -1
        while after is not None:
            with opened.database.transaction(WORKER) as session:
                some, after = renew_phone_marks(session, vault, after=after)
            written += some
    give({"written": written}, as_json=as_json, text=f"已更新 {written} 个电话标记 / {written} marks written")


@cli.command(name="migrate")
def migrate_command(as_json: AsJson = False) -> None:
    """Bring the schema to the newest revision; policies and functions are made anew."""
    addresses = find_addresses(read_settings())
    revision = migrate(addresses.admin_url, login=addresses.login)
    give({"revision": revision}, as_json=as_json)


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="file to write")], as_json: AsJson = False) -> None:
    """Write the whole database to a file (pg_dump, written aside and then renamed)."""
    size = back_up(find_addresses(read_settings()).admin_url, file)
    give({"file": str(file), "bytes": size}, as_json=as_json)


@cli.command(name="restore")
def restore_command(file: Annotated[Path, typer.Argument(exists=True)], as_json: AsJson = False) -> None:
    """Put a backup back into an empty database, then re-assert roles, policies and the leakproof mark."""
    settings = read_settings()
    addresses = find_addresses(settings)
    restore(addresses.admin_url, file, login=addresses.login)
    database = open_bank(settings)
    faults = find_faults(database)
    database.close()
    give({"status": "restored", "faults": faults}, as_json=as_json)
