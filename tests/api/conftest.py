"""A browser of each role, and a key of another system, for the tests of the public door."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from app.access.people import RIGHTS
from app.access.signing_in import make_key
from app.cli.users import store_user
from app.db import cluster
from app.db.connection import WORKER
from app.main import create_app
from app.models import AppUser, Branch
from app.settings import Settings
from demo.story import SignIn
from tests.conftest import Client, DemoBank, copy_database, run_admin, set_password

SYSTEM = "matrix-system"


@pytest.fixture(scope="module")
def system_key(demo_bank: DemoBank) -> Iterator[str]:
    """A key with every scope, bound to the branch head's branch."""
    with demo_bank.database.transaction(WORKER) as session:
        branch_id = session.scalar(select(AppUser.branch_id).where(AppUser.login == "branch"))
        code = session.scalar(select(Branch.code).where(Branch.id == branch_id))
        user = store_user(session, SYSTEM, "system", name=SYSTEM, branch=code)
        key = make_key(session, user, "matrix", scopes=sorted(RIGHTS["system"]), days=1)
    yield key
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM api_key WHERE name = 'matrix'"))


@pytest.fixture(scope="module")
def doors(demo_bank: DemoBank, system_key: str) -> dict[str, Client]:
    """A client of each role by name; `anonymous` is signed in to nothing, `system` shows its key."""
    clients = {role: demo_bank.client(role) for role in ("head", "branch_head", "manager", "analyst")}
    clients["anonymous"] = demo_bank.client()
    clients["system"] = demo_bank.client()
    clients["system"].headers["Authorization"] = f"Bearer {system_key}"
    return clients


@pytest.fixture(scope="module")
def tidy(demo_bank: DemoBank) -> Iterator[None]:
    """Jobs, visits and queued work that the tests of a module leave are taken away again."""
    with demo_bank.database.transaction(WORKER) as session:
        last = session.scalar(text("SELECT coalesce(max(id), 0) FROM job"))
        visit = session.scalar(text("SELECT coalesce(max(id), 0) FROM visit"))
    yield
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM job WHERE id > :last"), {"last": last})
        session.execute(text("DELETE FROM visit WHERE id > :last"), {"last": visit})
        session.execute(text("DELETE FROM procrastinate_jobs"))


@pytest.fixture(scope="module")
def bank(
    request: pytest.FixtureRequest,
    server: cluster.Cluster,
    template: str,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[DemoBank]:
    """A bank of the module's own that has nothing yet but two people."""
    module = request.module.__name__.rpartition("test_")[2]
    settings = Settings(home=tmp_path_factory.mktemp(module), cluster_profile="test", import_processes=1)
    name = f"getu_{module}_{worker_id}"
    database = copy_database(server, template, name)
    people = {role: SignIn(role, f"password-{role}", role, role) for role in ("head", "analyst")}
    with database.transaction(WORKER) as session:
        for person in people.values():
            store_user(session, person.login, person.role, name=person.login)
        session.flush()
        for person in people.values():
            set_password(session, person.login, person.password)
    yield DemoBank(settings, database, people, create_app(settings, database))
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")
