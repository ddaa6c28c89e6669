"""The drill: a bank backed up and restored elsewhere is the same bank, its walls standing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.db import cluster, connect
from app.db.backup import back_up, restore
from app.db.connection import WORKER
from app.db.readiness import find_faults
from app.errors import Conflict, NotReady, RefusedFile
from tests.conftest import DemoBank, run_admin

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
POLICIES = "SELECT tablename || '.' || policyname || coalesce(qual, '') FROM pg_policies ORDER BY 1"


@pytest.fixture
def empty(server: cluster.Cluster, worker_id: str) -> Iterator[str]:
    """The name of an empty database."""
    name = f"getu_restored_{worker_id}"
    run_admin(server, f"CREATE DATABASE {name}")
    yield name
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def sum_tables(url: str) -> dict[str, tuple[int, str]]:
    """Rows and a checksum of every table, as the server's admin sees them."""
    engine = create_engine(url)
    with engine.connect() as connection:
        sums = {}
        for table in connection.scalars(text(TABLES)).all():
            rows = connection.scalars(text(f'SELECT t::text FROM "{table}" t ORDER BY 1')).all()
            sums[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    engine.dispose()
    return sums


def list_policies(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = list(connection.scalars(text(POLICIES)))
    engine.dispose()
    return found


def test_a_restored_bank_is_the_same_bank(
    demo_bank: DemoBank, server: cluster.Cluster, empty: str, tmp_path: Path
) -> None:
    name = demo_bank.database.engine.url.database
    assert name is not None
    source, target = server.url(name, role="getu_admin"), server.url(empty, role="getu_admin")
    file = tmp_path / "bank.dump"
    assert back_up(source, file) == file.stat().st_size > 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["bank.dump"]
    restore(target, file, login="getu_login")
    before, after = sum_tables(source), sum_tables(target)
    assert before["customer"][0] > 4_000
    assert after == before
    assert list_policies(target) == list_policies(source)
    database = connect(server.url(empty, role="getu_login"))
    assert find_faults(database) == []
    with database.transaction(demo_bank.viewer("manager")) as session:
        mine = session.scalar(text("SELECT count(*) FROM customer"))
    with database.transaction(WORKER) as session:
        session.execute(
            text(
                "INSERT INTO branch (code, name, kind, branch_type) SELECT 'new', 'x', kind, "
                "branch_type FROM branch LIMIT 1"
            )
        )
        everybody = session.scalar(text("SELECT count(*) FROM customer"))
    database.close()
    assert 0 < mine < everybody
    with pytest.raises(Conflict, match="not_empty"):
        restore(target, file, login="getu_login")


def test_what_is_no_backup_or_half_of_one_leaves_the_database_ready_for_a_good_one(
    server: cluster.Cluster, empty: str, database: object, template: str, tmp_path: Path
) -> None:
    target, file = server.url(empty, role="getu_admin"), tmp_path / "bank.dump"
    (tmp_path / "text.dump").write_text("no dump")
    with pytest.raises(RefusedFile, match="not_a_backup"):
        restore(target, tmp_path / "text.dump", login="getu_login")
    back_up(server.url(template, role="getu_admin"), file)
    (tmp_path / "half.dump").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(NotReady, match="dump_failed"):
        restore(target, tmp_path / "half.dump", login="getu_login")
    restore(target, file, login="getu_login")
    restored = connect(server.url(empty, role="getu_login"))
    assert find_faults(restored) == []
    restored.close()


def test_a_backup_into_no_folder_says_which(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile, match="no_such_folder"):
        back_up("postgresql+psycopg://nobody@/none", tmp_path / "nowhere" / "bank.dump")
