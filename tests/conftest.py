"""Shared ground of the tests: one private cluster, a migrated template a worker, one demo bank for all."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import settings as hypothesis_settings
from pwdlib.hashers.argon2 import Argon2Hasher
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
# Names the folder that all workers of a run share; set before they start, gone after they end.
SHARED = "SHARED_BY_TEST_WORKERS"
# One worker builds the demo bank while another looks at pages, which have banks of their own.
LONG_FIRST = (
    "api/test_hostile.py",
    "pages/",
    "faults/",
    "flows/",
    "customers/",
    "jobs/",
    "api/",
    "db/",
    "cli/",
)


def find_home() -> Path:
    """The home of the tests' own cluster: beside the checkout's, never the same."""
    path = Path(os.environ.get("GETU_TEST_HOME", ROOT / ".getu-test")).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def pytest_configure(config: pytest.Config) -> None:
    """Before any worker starts: the folder that they share; files are dealt out in the order collected."""
    if hasattr(config, "workerinput"):
        return
    os.environ[SHARED] = tempfile.mkdtemp(prefix="getu-tests-")
    config.add_cleanup(clear_shared)
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that in the end no worker waits for another that has just begun one."""

    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(ROOT / "tests").as_posix()
        return next((n for n, start in enumerate(LONG_FIRST) if path.startswith(start)), len(LONG_FIRST))

    items.sort(key=rank)


# A sign-in costs a fifth of a second by design; what the people of the tests sign in with is checked at once.
QUICK = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)


def set_password(session: Session, login: str, password: str) -> None:
    """Give a login (or, with %, several) this password, in a form that costs nothing to check."""
    values = {"login": login, "hash": QUICK.hash(password)}
    session.execute(text("UPDATE app_user SET password_hash = :hash WHERE login LIKE :login"), values)


def clear_shared() -> None:
    """After the last worker: what they shared goes, in the cluster too."""
    folder = Path(os.environ.pop(SHARED))
    for made in folder.glob("*.database"):
        server = cluster.ensure(find_home(), profile="test")
        run_admin(server, f"DROP DATABASE IF EXISTS {made.stem} WITH (FORCE)")
    shutil.rmtree(folder, ignore_errors=True)


def make_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of this name that the first worker to ask fills; the others wait for it."""
    shared = Path(os.environ[SHARED])
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = shared / name
        if not folder.exists():
            aside = shared / f"{name}.half"
            # What a worker left that failed half-way would hide its error behind another.
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            make(aside)
            aside.rename(folder)
    return folder


@pytest.fixture(scope="session")
def home() -> Path:
    """The home of the tests' own cluster."""
    return find_home()


@pytest.fixture(scope="session")
def server(home: Path) -> cluster.Cluster:
    """The running test cluster (no fsync)."""
    return cluster.ensure(home, profile="test")


def run_admin(server: cluster.Cluster, *statements: str) -> None:
    """Run server-level statements (CREATE DATABASE …) one by one, as the cluster's own admin."""
    engine = create_engine(server.url("postgres", role="getu_admin"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(7236702)"))
            for statement in statements:
                connection.execute(text(statement))
    finally:
        # The lock goes with the connection: a statement that fails must not keep all others waiting.
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
        """A browser of this bank; signed in when a role (or a login) is named."""
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
    """The demo bank, a copy a worker of the one built in this run. Tests that change it put it back."""
    built = f"getu_demo_{Path(os.environ[SHARED]).name.rpartition('-')[2].lower()}"

    def build(folder: Path) -> None:
        (folder.parent / f"{built}.database").touch()
        settings = Settings(home=folder / "home", cluster_profile="test", import_processes=1)
        database = copy_database(server, template, built)
        story.build_bank(Bank(settings, database), scale="small")
        people = [asdict(person) for person in story.add_people(Bank(settings, database))]
        with database.transaction(WORKER) as session:
            for person in people:
                set_password(session, person["login"], person["password"])
        (folder / "people.json").write_text(json.dumps(people), encoding="utf-8")
        database.close()

    folder = make_once("demo-bank", build)
    home = tmp_path_factory.mktemp("demo-bank") / "home"
    shutil.copytree(folder / "home", home)
    told = json.loads((folder / "people.json").read_text(encoding="utf-8"))
    signs = [story.SignIn(**person) for person in told]
    # By role, the first of each, and by login.
    people = {one.role: one for one in reversed(signs)} | {one.login: one for one in signs}
    settings = Settings(home=home, cluster_profile="test", import_processes=1)
    name = f"getu_demo_{worker_id}"
    database = copy_database(server, built, name)
    yield DemoBank(settings, database, people, create_app(settings, database))
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")
