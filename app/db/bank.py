"""The bank's database, wherever it is: its own server by DATABASE_URL, else the home's private cluster."""

from dataclasses import dataclass

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.db import cluster
from app.db.connection import Database, connect
from app.db.migrating import MIGRATIONS, check_letters, migrate
from app.db.readiness import find_faults, is_migrated
from app.db.seals import is_sealed
from app.errors import NotReady
from app.settings import Settings

NAME = "getu"


@dataclass(frozen=True)
class Addresses:
    """Where to connect: as the service's login, and as somebody who may migrate."""

    login_url: str
    admin_url: str
    login: str


def find_addresses(settings: Settings) -> Addresses:
    """The two addresses of the bank's database; starts the private cluster when there is no DATABASE_URL."""
    if settings.database_url:
        url = make_url(settings.database_url.replace("postgres://", "postgresql://", 1))
        url = url.set(drivername="postgresql+psycopg")
        login_url = url.render_as_string(hide_password=False)
        return Addresses(login_url, settings.admin_url or login_url, url.username or "")
    server = cluster.ensure(settings.home, profile=settings.cluster_profile)
    _make_database(server.url("postgres", role=cluster.ADMIN_ROLE))
    login, admin = cluster.LOGIN_ROLE, cluster.ADMIN_ROLE
    return Addresses(server.url(NAME, role=login), server.url(NAME, role=admin), login)


def open_bank(settings: Settings) -> Database:
    """The bank's database, started, migrated and open. Safe from many processes at once.

    Raises NotReady saying what a person can do.
    """
    addresses = find_addresses(settings)
    database = connect(addresses.login_url, pool_size=settings.pool_size, home=settings.home)
    if settings.database_url and settings.admin_url is None and is_migrated(database):
        # The bank's DBA has migrated with rights that the service's own login need not have.
        _check_letters(database)
        return database
    if _is_finished(database, addresses.login):
        return database
    try:
        migrate(addresses.admin_url, login=addresses.login)
    except NotReady:
        database.close()
        raise
    return database


def _is_finished(database: Database, login: str) -> bool:
    """Whether nothing is to be migrated or put back: then no lock is asked for, and no load is met."""
    try:
        with database.engine.connect() as connection:
            sealed = is_sealed(connection, MIGRATIONS, login)
    except DBAPIError:
        return False
    return sealed and not find_faults(database)


def _check_letters(database: Database) -> None:
    """A database that was migrated elsewhere and restored where Chinese has no letters is refused, too."""
    try:
        with database.engine.connect() as connection:
            check_letters(connection)
    except NotReady:
        database.close()
        raise


def _make_database(admin_url: str) -> None:
    engine = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(7236704)"))
            found = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": NAME})
            if not found:
                connection.execute(text(f"CREATE DATABASE {NAME}"))
    except DBAPIError as error:
        raise NotReady(
            "no_database", zh="无法创建数据库，请检查磁盘空间和权限", en="the database could not be created"
        ) from error
    finally:
        engine.dispose()
