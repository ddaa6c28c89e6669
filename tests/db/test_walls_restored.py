"""After a dump and a restore the walls stand as before, and the leakproof mark is put back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database, cluster, connect
from app.db.backup import _run, back_up, restore
from app.db.connection import WORKER
from app.db.migrating import is_leakproof, make_extensions, migrate
from app.db.readiness import find_faults
from tests.conftest import run_admin
from tests.truth import admin_url, truth

POLICIES = "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"


@pytest.fixture
def empty(server: cluster.Cluster, worker_id: str) -> Iterator[Database]:
    """A database with nothing in it."""
    name = f"getu_restored_{worker_id}"
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}")
    database = connect(server.url(name, role="getu_login"))
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def dump(fresh: Database, tmp_path: Path) -> Path:
    """The dump of a database with one customer system in it."""
    with fresh.transaction(WORKER) as session:
        session.execute(text("INSERT INTO branch (code, name) VALUES ('101', '支行')"))
    file = tmp_path / "bank.dump"
    assert back_up(admin_url(fresh), file) > 0
    return file


def test_a_bare_restore_loses_the_leakproof_mark_and_our_extensions_step_puts_it_back(
    dump: Path, empty: Database
) -> None:
    _run(["pg_restore", "--no-owner", str(dump)], admin_url(empty))
    with truth(empty) as admin:
        assert not is_leakproof(admin)
        make_extensions(admin)
        assert is_leakproof(admin)


def test_migrating_puts_a_lost_mark_back_and_readiness_names_it_until_then(fresh: Database) -> None:
    with truth(fresh) as admin:
        admin.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF"))
        admin.commit()
    assert find_faults(fresh) == ["not_leakproof"]
    migrate(admin_url(fresh), login="getu_login")
    assert find_faults(fresh) == []


def test_a_table_that_somebody_else_keeps_beside_ours_is_left_alone(fresh: Database) -> None:
    with truth(fresh) as admin:
        admin.execute(text("CREATE TABLE of_the_dba (id int)"))
        admin.execute(text("ALTER TABLE of_the_dba ENABLE ROW LEVEL SECURITY"))
        admin.execute(text("CREATE POLICY own ON of_the_dba USING (true)"))
        admin.commit()
    migrate(admin_url(fresh), login="getu_login")
    assert find_faults(fresh) == []
    with truth(fresh) as admin:
        kept = admin.execute(text("SELECT count(*) FROM pg_policies WHERE tablename = 'of_the_dba'")).scalar()
        admin.execute(text("DROP TABLE of_the_dba"))
        admin.commit()
    assert kept == 1


def test_a_restored_bank_is_ready_with_the_same_policies(
    fresh: Database, dump: Path, empty: Database
) -> None:
    restore(admin_url(empty), dump, login="getu_login")
    with truth(fresh) as before, truth(empty) as after:
        assert after.execute(text(POLICIES)).all() == before.execute(text(POLICIES)).all()
    with empty.transaction(WORKER) as session:
        assert session.scalar(text("SELECT name FROM branch")) == "支行"
    assert find_faults(empty) == []
