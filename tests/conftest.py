"""Shared ground of the tests: one private cluster, one migrated template database, a copy a worker."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.db import Database, Viewer, cluster, connect
from app.db.connection import WORKER
from app.db.migrating import migrate
from app.settings import Settings

ROOT = Path(__file__).parent.parent
TEMPLATE = "getu_template"


@pytest.fixture(scope="session")
def home() -> Path:
    """The home of the tests' own cluster: beside the checkout's, never the same."""
    path = Path(os.environ.get("GETU_TEST_HOME", ROOT / ".getu-test")).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def server(home: Path) -> cluster.Cluster:
    """The running test cluster (no fsync)."""
    return cluster.ensure(home, profile="test")


def run_admin(server: cluster.Cluster, *statements: str) -> None:
    """Run server-level statements (CREATE DATABASE …) one by one, as the cluster's own admin."""
    engine = create_engine(server.url("postgres", role="getu_admin"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(7236702)"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def template(server: cluster.Cluster, worker_id: str) -> str:
    """A migrated database that others are copied from; made anew in each test session and worker."""
    name = f"{TEMPLATE}_{worker_id}"
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    migrate(server.url(name, role="getu_admin"), login="getu_login")
    return name


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The xdist worker's name, or `main` without xdist."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


def copy_database(server: cluster.Cluster, template: str, name: str) -> Database:
    """A fresh copy of the template under another name, opened as the service's own login."""
    run_admin(
        server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}"
    )
    return connect(server.url(name, role="getu_login"))


@pytest.fixture(scope="session")
def database(server: cluster.Cluster, template: str, worker_id: str) -> Iterator[Database]:
    """An empty, migrated database of this worker; tests leave nothing in it (see `work`)."""
    database = copy_database(server, template, f"getu_{worker_id}")
    yield database
    database.close()


@pytest.fixture
def fresh(
    server: cluster.Cluster, template: str, worker_id: str, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A database of a test's own, for stories that must commit."""
    name = f"getu_{worker_id}_{abs(hash(request.node.nodeid)) % 10**8}"
    database = copy_database(server, template, name)
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def work(database: Database) -> Iterator[Session]:
    """A session of the worker role whose writes are rolled back."""
    session = Session(database.engine, expire_on_commit=False)
    session.info["viewer"] = WORKER
    yield session
    session.rollback()
    session.close()


@pytest.fixture
def settings(home: Path, tmp_path: Path) -> Settings:
    """Settings of a bank whose files lie in the test's own folder."""
    return Settings(home=tmp_path / "home", cluster_profile="test")


HEAD = Viewer("getu_head", 1)
