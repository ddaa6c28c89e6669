"""The private cluster: a PostgreSQL with PostGIS of our own, for a bank that brings no server.

Each home has one; two homes never disturb each other. It listens on a Unix socket only, knows its users by
their system account (no password exists), and comes back by itself after a kill or a power cut.

    cluster = ensure(Path(".getu"))          # made, started or simply found
    engine = create_engine(cluster.url("getu", role=ADMIN_ROLE))
    stop(Path(".getu"))

Databases, extensions and tables are none of its business.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.db.cluster_folder import (
    ADMIN_ROLE,
    LOGIN_ROLE,
    PORT,
    Place,
    Profile,
    find_place,
    make_data_folder,
    write_settings,
)
from app.db.cluster_host import Binaries, find_binaries
from app.db.cluster_process import (
    START_SECONDS,
    find_server,
    reload_server,
    start_server,
    stop_server,
)
from app.errors import NotReady

__all__ = ["ADMIN_ROLE", "LOGIN_ROLE", "Cluster", "Status", "ensure", "status", "stop"]

Administrator = psycopg.Connection[tuple[object, ...]]
LOCK_SECONDS = 300  # longer than the longest set-up another process may be at


@dataclass(frozen=True)
class Cluster:
    """A running private cluster: where its socket and its data lie, and its major version."""

    socket_dir: Path
    port: int
    data_dir: Path
    version: int

    def url(self, database: str = "getu", *, role: str = LOGIN_ROLE) -> str:
        """The SQLAlchemy address of a database for a role (`getu_login` or `getu_admin`)."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket_dir}&port={self.port}"


@dataclass(frozen=True)
class Status:
    """What is known of a home's cluster without touching it; `version` and `pid` are None when absent."""

    running: bool
    data_dir: Path
    socket_dir: Path
    version: int | None
    pid: int | None


def ensure(home: Path, *, profile: Profile = "demo") -> Cluster:
    """The home's cluster, made on the first call, started when it is down, in about 0.1 s when it runs.

    Safe to call from many processes at once and after any of them was killed. `profile="test"` gives up
    durability for speed. Raises `NotReady` with the reason and the remedy.
    """
    home = home.resolve()
    _make_home(home)
    with _locked(home):
        place = find_place(home)
        binaries = find_binaries(place.version)
        if place.version is None:
            make_data_folder(place, binaries, profile)
        changed = write_settings(place.data_dir, place, profile)
        _make_login_role(_open(place, binaries, changed=changed))
    return Cluster(place.socket_dir, PORT, place.data_dir, binaries.version)


def stop(home: Path) -> None:
    """Stop the home's cluster if it runs; everything committed stays."""
    home = home.resolve()
    if not home.exists():
        return
    with _locked(home):
        place = find_place(home)
        pid = find_server(place)
        if pid is not None:
            stop_server(place, find_binaries(place.version), pid)


def remove(home: Path) -> None:
    """Stop the home's cluster and remove all of its data, wherever it lies: for a home of an hour's work."""
    stop(home)
    place = find_place(home.resolve())
    for folder in (place.data_dir, place.socket_dir):
        shutil.rmtree(folder, ignore_errors=True)
    if place.data_dir.parent != place.home:
        shutil.rmtree(place.data_dir.parent, ignore_errors=True)


def status(home: Path) -> Status:
    """Whether the home's cluster runs, and where it lies; nothing is made or changed."""
    place = find_place(home.resolve())
    pid = find_server(place)
    return Status(pid is not None, place.data_dir, place.socket_dir, place.version, pid)


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as refused:
        raise NotReady(
            "cluster.no_home",
            zh=f"无法建立文件夹 {home}：{refused.strerror}。请用 GETU_HOME 指定别处。",
            en=f"The folder {home} cannot be made: {refused.strerror}. Set GETU_HOME elsewhere.",
        ) from refused


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Hold the home's one lock; everything that looks or changes happens inside it.

    The lock ends with its process. Python opens files closed to children, so the server never inherits it.
    """
    try:
        held = (home / "cluster.lock").open("a")
    except OSError as refused:
        raise NotReady(
            "cluster.foreign_home",
            zh=f"没有权限使用 {home}（{refused.strerror}），请换用它的主人或另设 GETU_HOME。",
            en=f"No right to use {home} ({refused.strerror}); run as its owner or set GETU_HOME.",
        ) from refused
    with held:
        _wait_for_lock(held.fileno(), home)
        yield


def _wait_for_lock(descriptor: int, home: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as busy:
            if time.monotonic() > deadline:
                raise NotReady(
                    "cluster.busy",
                    zh=f"另一个程序占用 {home} 的数据库超过 {LOCK_SECONDS} 秒。",
                    en=f"Another program has held the database of {home} for more than {LOCK_SECONDS} s.",
                ) from busy
            time.sleep(0.05)


def _drop_deaf_server(place: Place) -> int | None:
    """The running server's pid; one whose socket was swept out of /tmp is stopped, being unreachable."""
    pid = find_server(place)
    if pid is None or (place.socket_dir / f".s.PGSQL.{PORT}").exists():
        return pid
    starting = (place.data_dir / "postmaster.pid").read_text().splitlines()[-1].strip() == "starting"
    if not starting:
        stop_server(place, find_binaries(place.version), pid)
        return None
    return pid


def _open(place: Place, binaries: Binaries, *, changed: bool) -> Administrator:
    """An administrator's connection to the running server, started first where it is down.

    It waits while the server replays its log after a crash, and starts it again if it dies meanwhile: a
    process that was killed this instant still counts as running when it is first looked for.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        pid = _drop_deaf_server(place)
        if pid is None:
            start_server(place, binaries)
        elif changed:
            reload_server(pid)
        changed = False
        try:
            return _connect(place)
        except psycopg.OperationalError as refused:
            if time.monotonic() > deadline:
                raise NotReady(
                    "cluster.no_answer",
                    zh=f"数据库没有应答：{refused}",
                    en=f"The database does not answer: {refused}",
                ) from refused
        time.sleep(0.1)


def _connect(place: Place) -> Administrator:
    socket = str(place.socket_dir)
    return psycopg.connect(host=socket, port=PORT, user=ADMIN_ROLE, dbname="postgres", autocommit=True)


def _make_login_role(connection: Administrator) -> None:
    """The service's own role: it may sign in and nothing else; what it is granted it does not inherit.

    Inheritance would lift row-level security: a policy for a role holds for all who inherit that role.
    """
    with connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [LOGIN_ROLE]).fetchone()
        if known is None:
            connection.execute(
                f"CREATE ROLE {LOGIN_ROLE} NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT LOGIN"
            )
