"""The private cluster in foul weather: kills, power cuts, swept folders, many starts at once."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from app.db import cluster
from app.db.cluster_folder import find_place
from app.db.cluster_host import run_as
from app.db.cluster_process import stands_in
from app.errors import NotReady

START = (
    "import sys; from pathlib import Path; from app.db import cluster; "
    "print(cluster.ensure(Path(sys.argv[1]), profile='test').socket_dir)"
)


def start_aside(home: Path) -> "subprocess.Popen[str]":
    """Another program that asks for the same home's cluster."""
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def count_rows(up: cluster.Cluster) -> int:
    with psycopg.connect(host=str(up.socket_dir), user=cluster.ADMIN_ROLE, dbname="postgres") as connection:
        row = connection.execute("SELECT count(*) FROM landed").fetchone()
    return int(row[0]) if row else -1


def kill_server(home: Path) -> int:
    """End the server as a power cut does: no farewell."""
    pid = cluster.status(home).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def test_four_starts_at_once_share_one_server(empty_home: Path) -> None:
    starts = [start_aside(empty_home) for _ in range(4)]
    said = {start.communicate(timeout=120)[0].strip() for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0, 0]
    assert said == {str(cluster.ensure(empty_home, profile="test").socket_dir)}


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.9, 1.2, 1.6])
def test_a_setup_killed_at_any_moment_is_gone_on_with(empty_home: Path, seconds: float) -> None:
    start = start_aside(empty_home)
    time.sleep(seconds)
    os.killpg(start.pid, signal.SIGKILL)
    start.communicate()
    up = cluster.ensure(empty_home, profile="test")
    cluster.stop(empty_home)
    left = sorted(path.name for path in up.data_dir.parent.glob("pg*"))
    assert left == ["pg"], "a half-made folder must not stay"


def test_a_server_killed_while_it_writes_loses_no_acknowledged_row(empty_home: Path) -> None:
    up = cluster.ensure(empty_home, profile="demo")
    acknowledged = 0
    for _ in range(3):
        with psycopg.connect(
            host=str(up.socket_dir), user=cluster.ADMIN_ROLE, dbname="postgres", autocommit=True
        ) as writer:
            writer.execute("CREATE TABLE IF NOT EXISTS landed (row integer)")
            for number in range(200):
                writer.execute("INSERT INTO landed VALUES (%s)", [number])
                acknowledged += 1
            kill_server(empty_home)
        up = cluster.ensure(empty_home, profile="demo")
        assert count_rows(up) == acknowledged


def test_backends_that_outlive_a_killed_server_do_not_bar_the_next(empty_home: Path) -> None:
    up = cluster.ensure(empty_home, profile="test")
    command = [sys.executable, "-c", "import sys, psycopg; psycopg.connect(sys.argv[1]).execute(sys.argv[2])"]
    busy = "SELECT count(*) FROM generate_series(1, 2000000000)"
    address = f"host={up.socket_dir} user={cluster.ADMIN_ROLE} dbname=postgres"
    client = subprocess.Popen([*command, address, busy], stderr=subprocess.DEVNULL)
    time.sleep(0.7)
    killed = kill_server(empty_home)
    cluster.ensure(empty_home, profile="test")
    assert cluster.status(empty_home).pid not in (None, killed)
    client.kill()
    client.wait()


def test_after_a_power_cut_a_pid_worn_by_another_program_is_known_as_stale(empty_home: Path) -> None:
    """The plain start refuses here: the number in the pid file is alive, under the server's own account."""
    up = cluster.ensure(empty_home, profile="test")
    place = find_place(empty_home)
    kill_server(empty_home)
    time.sleep(0.5)
    shutil.rmtree(up.socket_dir)
    found = run_as(place.account, ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"])
    stranger = int(found.stdout)
    pid_file = place.data_dir / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(stranger), *lines[1:]]) + "\n")
    assert cluster.status(empty_home).running is False
    cluster.ensure(empty_home, profile="test")
    assert cluster.status(empty_home).pid not in (None, stranger)
    os.kill(stranger, signal.SIGTERM)


def test_a_server_whose_socket_was_swept_from_tmp_is_reachable_again(empty_home: Path) -> None:
    up = cluster.ensure(empty_home, profile="test")
    shutil.rmtree(up.socket_dir)
    cluster.ensure(empty_home, profile="test")
    with psycopg.connect(host=str(up.socket_dir), user=cluster.LOGIN_ROLE, dbname="postgres") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_home_deleted_under_its_running_server_is_made_anew(empty_home: Path) -> None:
    cluster.ensure(empty_home, profile="test")
    old = cluster.status(empty_home).pid
    shutil.rmtree(empty_home)
    cluster.ensure(empty_home, profile="test")
    assert cluster.status(empty_home).pid not in (None, old)
    assert old is not None
    assert not stands_in(old, empty_home / "pg"), "the old server must not live on without its files"


def test_a_socket_folder_that_another_put_there_is_never_trusted(empty_home: Path, tmp_path: Path) -> None:
    planted = find_place(empty_home).socket_dir
    planted.symlink_to(tmp_path)
    with pytest.raises(NotReady) as refused:
        cluster.ensure(empty_home, profile="test")
    assert refused.value.code == "cluster.foreign_socket_folder"
    planted.unlink()
    cluster.ensure(empty_home, profile="test")


def test_a_start_that_fails_says_what_the_server_said(empty_home: Path) -> None:
    up = cluster.ensure(empty_home, profile="test")
    cluster.stop(empty_home)
    with (up.data_dir / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(NotReady) as refused:
        cluster.ensure(empty_home, profile="test")
    assert refused.value.code == "cluster.start_failed"
    assert "no_such_setting" in refused.value.en
