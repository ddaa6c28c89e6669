"""A bank that is migrated is opened without a lock; whatever differs is migrated again."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database, cluster, migrating
from app.db.bank import open_bank
from app.db.connection import WORKER
from app.db.migrating import MIGRATIONS, migrate
from app.db.readiness import find_faults
from app.db.seals import digest_files, is_sealed
from app.errors import NotReady
from app.settings import Settings
from tests.conftest import copy_database, run_admin
from tests.truth import admin_url, truth


@pytest.fixture
def settings(fresh: Database, tmp_path: Path) -> Settings:
    """Settings of a bank whose database may be migrated by another address."""
    migrate(admin_url(fresh), login="getu_login")
    login_url = fresh.engine.url.render_as_string(hide_password=False)
    return Settings(home=tmp_path, database_url=login_url, admin_url=admin_url(fresh))


def test_a_migrated_bank_opens_beside_a_transaction_that_writes_and_one_that_reads(
    fresh: Database, settings: Settings
) -> None:
    with fresh.transaction(WORKER) as load, closing(open_bank(settings)) as second:
        load.execute(text("LOCK TABLE customer, grid, placement IN ROW EXCLUSIVE MODE"))
        with closing(open_bank(settings)) as third:
            assert find_faults(third) == find_faults(second) == []


def test_a_bank_that_must_be_migrated_while_somebody_writes_says_so_and_stays_whole(
    fresh: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT", "200ms")
    with truth(fresh) as admin:
        admin.execute(text("COMMENT ON TABLE alembic_version IS 'of another version'"))
        admin.commit()
    with fresh.transaction(WORKER) as load:
        load.execute(text("LOCK TABLE customer, grid, placement IN ROW EXCLUSIVE MODE"))
        with pytest.raises(NotReady, match="cannot_migrate"):
            open_bank(settings)
    with closing(open_bank(settings)) as opened:
        assert find_faults(opened) == []
    with truth(fresh) as admin:
        assert is_sealed(admin, MIGRATIONS, "getu_login")


LOST = [
    ("walls_open", "ALTER TABLE customer NO FORCE ROW LEVEL SECURITY"),
    ("not_leakproof", "ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF"),
]


@pytest.mark.parametrize(("fault", "statement"), LOST, ids=[fault for fault, _ in LOST])
def test_a_sealed_bank_that_lost_a_wall_or_a_mark_is_put_right_when_it_is_opened(
    fresh: Database, settings: Settings, fault: str, statement: str
) -> None:
    with truth(fresh) as admin:
        admin.execute(text(statement))
        admin.commit()
    assert find_faults(fresh) == [fault]
    with closing(open_bank(settings)) as opened:
        assert find_faults(opened) == []


def test_a_seal_holds_for_its_database_its_login_and_its_migrations_only(
    fresh: Database, settings: Settings, server: cluster.Cluster, worker_id: str, tmp_path: Path
) -> None:
    (tmp_path / "0001_other.sql").write_text("SELECT 1")
    with truth(fresh) as admin:
        assert is_sealed(admin, MIGRATIONS, "getu_login")
        assert not is_sealed(admin, MIGRATIONS, "somebody")
        assert not is_sealed(admin, tmp_path, "getu_login")
        assert digest_files(tmp_path) != digest_files(MIGRATIONS)
    source, name = str(fresh.engine.url.database), f"getu_copied_{worker_id}"
    fresh.engine.dispose()
    with closing(copy_database(server, source, name)) as copied, truth(copied) as admin:
        assert not is_sealed(admin, MIGRATIONS, "getu_login")
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")
