"""The private cluster in fair weather: what a home gets, who may come in, what two homes share (nothing)."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from app.db import cluster
from app.db.cluster_folder import find_place
from app.db.cluster_host import BINARIES_VARIABLE, find_account, find_binaries, name_caller
from app.errors import NotReady
from tests.db.conftest import end_home


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, cluster.Cluster]]:
    home = Path("/tmp") / f"getu-fair-{os.getpid()}"
    yield home, cluster.ensure(home, profile="test")
    end_home(home)


def ask(up: cluster.Cluster, question: str, role: str = cluster.ADMIN_ROLE) -> object:
    """One value from the cluster's own `postgres` database."""
    with psycopg.connect(host=str(up.socket_dir), port=up.port, user=role, dbname="postgres") as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("server_encoding", "UTF8"),
        ("lc_collate", "C.UTF-8"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("jit", "off"),
        ("random_page_cost", "1.1"),
        ("timezone", "Asia/Shanghai"),
        ("fsync", "off"),
        ("wal_level", "replica"),
    ],
)
def test_a_new_cluster_speaks_utf8_checks_its_pages_and_listens_on_no_network(
    running: tuple[Path, cluster.Cluster], setting: str, value: str
) -> None:
    source = "datcollate FROM pg_database WHERE datname = 'postgres'"
    question = f"SELECT {source}" if setting == "lc_collate" else f"SHOW {setting}"
    assert ask(running[1], question) == value


def test_chinese_text_has_trigrams(running: tuple[Path, cluster.Cluster]) -> None:
    """In a database of the C locale they are empty, and every search by name is slow and blind."""
    assert ask(running[1], "SELECT '海门' ~ '^\\w+$'") is True


def test_the_service_signs_in_with_no_powers_and_inherits_none(
    running: tuple[Path, cluster.Cluster],
) -> None:
    powers = "rolsuper OR rolinherit OR rolcreatedb OR rolcreaterole OR rolbypassrls"
    question = f"SELECT {powers} FROM pg_roles WHERE rolname = current_user"
    assert ask(running[1], question, role=cluster.LOGIN_ROLE) is False


def test_a_role_outside_the_map_is_turned_away(running: tuple[Path, cluster.Cluster]) -> None:
    ask(running[1], "SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        ask(running[1], "SELECT 1", role="postgres")


def test_the_url_opens_an_sqlalchemy_engine(running: tuple[Path, cluster.Cluster]) -> None:
    engine = create_engine(running[1].url("postgres", role=cluster.ADMIN_ROLE))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar_one() == cluster.ADMIN_ROLE
    engine.dispose()


def test_the_socket_folder_is_closed_to_everybody_else(running: tuple[Path, cluster.Cluster]) -> None:
    folder = running[1].socket_dir.stat()
    owner = find_account(running[1].data_dir)
    assert (stat.S_IMODE(folder.st_mode), folder.st_uid) == (0o700, owner.uid)
    assert len(os.fsencode(running[1].socket_dir / ".s.PGSQL.5432")) <= 107


def test_the_server_never_runs_as_root(running: tuple[Path, cluster.Cluster]) -> None:
    pid = cluster.status(running[0]).pid
    assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_a_second_call_finds_the_running_server(running: tuple[Path, cluster.Cluster]) -> None:
    before = cluster.status(running[0])
    assert cluster.ensure(running[0], profile="test") == running[1]
    assert before.running
    assert cluster.status(running[0]).pid == before.pid


def test_the_callers_environment_does_not_reach_the_server(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "nowhere", "PGDATA": "/", "PGUSER": "nobody"}.items():
        monkeypatch.setenv(name, value)
    assert ask(cluster.ensure(empty_home, profile="test"), "SHOW port") == "5432"


def test_two_homes_never_disturb_each_other(running: tuple[Path, cluster.Cluster], empty_home: Path) -> None:
    other = cluster.ensure(empty_home, profile="test")
    assert {other.socket_dir, other.data_dir}.isdisjoint({running[1].socket_dir, running[1].data_dir})
    ask(other, "SELECT 1")
    cluster.stop(empty_home)
    assert ask(running[1], "SELECT 1") == 1


def test_stop_ends_the_server_and_keeps_what_was_committed(empty_home: Path) -> None:
    up = cluster.ensure(empty_home, profile="test")
    with psycopg.connect(host=str(up.socket_dir), user=cluster.ADMIN_ROLE, dbname="postgres") as writer:
        writer.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop(empty_home)
    assert cluster.status(empty_home).running is False
    assert ask(cluster.ensure(empty_home, profile="test"), "SELECT answer FROM kept") == 42


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_removed_cluster_leaves_nothing_wherever_its_data_lay(empty_home: Path, mode: int) -> None:
    empty_home.chmod(mode)
    up = cluster.ensure(empty_home, profile="test")
    assert up.data_dir.is_relative_to(empty_home) == (mode == 0o755 or os.getuid() != 0)
    cluster.remove(empty_home)
    assert cluster.status(empty_home).running is False
    assert not up.data_dir.exists()
    assert not up.socket_dir.exists()
    assert up.data_dir.parent == empty_home or not up.data_dir.parent.exists()


def test_status_of_a_home_that_never_was_makes_nothing(tmp_path: Path) -> None:
    seen = cluster.status(tmp_path / "none")
    assert (seen.running, seen.version, seen.pid) == (False, None, None)
    cluster.stop(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_profile_reaches_the_running_server(empty_home: Path) -> None:
    """A home once used by tests must not run a bank's data without fsync."""
    assert ask(cluster.ensure(empty_home, profile="test"), "SHOW fsync") == "off"
    again = cluster.ensure(empty_home, profile="demo")
    ask(again, "SELECT pg_sleep(0.5)")
    assert ask(again, "SHOW fsync") == "on"


def test_the_newest_server_with_postgis_is_chosen_and_an_old_folders_version_wins() -> None:
    newest = find_binaries()
    assert find_binaries(newest.version) == newest
    with pytest.raises(NotReady) as refused:
        find_binaries(14)
    assert refused.value.code == "cluster.version_gone"
    assert "14" in refused.value.zh
    assert "restore" in refused.value.en


def test_named_binaries_go_before_those_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    newest = find_binaries()
    monkeypatch.setenv(BINARIES_VARIABLE, str(newest.folder))
    assert find_binaries() == newest
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
    with pytest.raises(NotReady) as refused:
        find_binaries()
    assert refused.value.code == "cluster.bad_binaries"


def test_every_caller_is_remembered_in_the_identity_map(empty_home: Path) -> None:
    up = cluster.ensure(empty_home, profile="test")
    ident = up.data_dir / "pg_ident.conf"
    ident.write_text(f'getu "wang" {cluster.LOGIN_ROLE}\n')
    cluster.ensure(empty_home, profile="test")
    names = {line.split('"')[1] for line in ident.read_text().splitlines()}
    assert names == {"wang", name_caller(), find_account(up.data_dir).name}


def test_a_home_closed_to_the_server_account_keeps_its_data_elsewhere(empty_home: Path) -> None:
    """Root's checkout under /root: the server account cannot walk there. Anybody else is his own server."""
    empty_home.chmod(0o700)
    up = cluster.ensure(empty_home, profile="test")
    outside = Path("/var/lib/getu") / up.socket_dir.name.removeprefix("getu-") / "pg"
    assert up.data_dir == (outside if os.geteuid() == 0 else empty_home / "pg")
    empty_home.chmod(0o755)
    assert find_place(empty_home).data_dir == up.data_dir, "a home that is opened later must keep its data"
