"""Shared ground of the tests: one private cluster, one migrated template database, a copy a worker."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from app.access.signing_in import person_of
from app.cli.opening import Bank
from app.db import Database, Viewer, cluster, connect
from app.db.connection import WORKER
from app.db.migrating import migrate
from app.main import create_app
from app.models import AppUser
from app.settings import Settings
from demo import story

# The same examples on every machine, however slow it is; GETU_HYPOTHESIS=explore looks for new ones.
hypothesis_settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis_settings.register_profile("explore", deadline=None)
hypothesis_settings.load_profile(os.environ.get("GETU_HYPOTHESIS", "suite"))

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
def template(server: cluster.Cluster, worker_id: str) -> Iterator[str]:
    """A migrated database that others are copied from; made anew in each test session and worker."""
    name = f"{TEMPLATE}_{worker_id}"
    run_admin(server, f"CREATE DATABASE {name}")
    migrate(server.url(name, role="getu_admin"), login="getu_login")
    yield name
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """A name of this process's own databases: two test runs on one machine never meet."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return f"{worker}_{os.getpid()}"


def copy_database(server: cluster.Cluster, template: str, name: str) -> Database:
    """A fresh copy of the template under another name, opened as the service's own login."""
    run_admin(
        server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}"
    )
    return connect(server.url(name, role="getu_login"))


@pytest.fixture(scope="session")
def database(server: cluster.Cluster, template: str, worker_id: str) -> Iterator[Database]:
    """An empty, migrated database of this worker; tests leave nothing in it (see `work`)."""
    name = f"getu_{worker_id}"
    database = copy_database(server, template, name)
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


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


@dataclass(frozen=True)
class DemoBank:
    """The demo bank at its smallest, come in by the public door: 310 grids, 104 managers, 5,000 customers."""

    settings: Settings
    database: Database
    people: dict[str, story.SignIn]
    app: FastAPI

    def client(self, role: str | None = None) -> "Client":
        """A browser of this bank; signed in when a role is named."""
        client = Client(self.app, base_url="http://bank.test")
        if role is not None:
            person = self.people[role]
            answer = client.post("/api/v1/session", json={"login": person.login, "password": person.password})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    def viewer(self, role: str) -> Viewer:
        """The database identity of a role's user."""
        with self.database.transaction(WORKER) as session:
            user = session.scalar(select(AppUser).where(AppUser.login == self.people[role].login))
            assert user is not None
            return person_of(user).viewer


class Client(TestClient):
    """A test client that answers like a server: a bug is a 500, not an exception in the test."""

    def __init__(self, app: FastAPI, **options: Any) -> None:
        super().__init__(app, raise_server_exceptions=False, **options)


@pytest.fixture(scope="session")
def demo_bank(
    server: cluster.Cluster, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoBank]:
    """The demo bank, built once a session. Tests that change it put it back or use their own names."""
    settings = Settings(home=tmp_path_factory.mktemp("demo-bank"), cluster_profile="test", import_processes=1)
    name = f"getu_demo_{worker_id}"
    database = copy_database(server, template, name)
    story.build_bank(Bank(settings, database), scale="small")
    people = {person.role: person for person in reversed(story.add_people(Bank(settings, database)))}
    yield DemoBank(settings, database, people, create_app(settings, database))
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")
