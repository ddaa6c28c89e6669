"""What the machine offers a private cluster: server binaries with PostGIS, and an unprivileged account.

The server refuses to run as root, so root hands its processes to the `postgres` account (or to whoever
already owns the data folder); anybody else runs them as himself.
"""

import os
import pwd
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import NotReady

BINARIES_VARIABLE = "GETU_PG_BIN"
SERVER_ACCOUNT = "postgres"

# Where distributions keep the server, and where its extensions are told of, per major version.
INSTALLATIONS = (
    ("/usr/lib/postgresql/{version}/bin", "/usr/share/postgresql/{version}/extension"),
    ("/usr/pgsql-{version}/bin", "/usr/pgsql-{version}/share/extension"),
)
OLDEST_VERSION, NEWEST_VERSION = 15, 19


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation: its folder of programs and its major version."""

    folder: Path
    version: int

    def program(self, name: str) -> str:
        """The full path of one program, so that no PATH can put another in its place."""
        return str(self.folder / name)


@dataclass(frozen=True)
class Account:
    """The account that owns the data folder and runs the server processes."""

    name: str
    uid: int
    gid: int


def find_binaries(wanted_version: int | None = None) -> Binaries:
    """The server to use: that of an existing data folder if told, else the newest with PostGIS.

    `GETU_PG_BIN` names a folder of programs and goes before everything found. Raises `NotReady` with
    the remedy when nothing fits.
    """
    named = os.environ.get(BINARIES_VARIABLE)
    found = [_read_version(Path(named))] if named else _list_installed()
    fitting = [one for one in found if wanted_version in (None, one.version)]
    if fitting:
        return max(fitting, key=lambda one: one.version)
    if wanted_version is not None and found:
        raise _version_error(wanted_version, found)
    raise NotReady(
        "cluster.no_postgis",
        zh="没有找到带 PostGIS 的 PostgreSQL：请运行 make setup，或设置 DATABASE_URL。",
        en="No PostgreSQL with PostGIS found: run make setup or set DATABASE_URL.",
        wanted_version=wanted_version,
    )


def _list_installed() -> list[Binaries]:
    found = []
    for version in range(OLDEST_VERSION, NEWEST_VERSION + 1):
        for programs, extensions in INSTALLATIONS:
            folder = Path(programs.format(version=version))
            control = Path(extensions.format(version=version)) / "postgis.control"
            if (folder / "initdb").exists() and control.exists():
                found.append(Binaries(folder, version))
    return found


def _read_version(folder: Path) -> Binaries:
    program = folder / "postgres"
    if not program.exists():
        raise NotReady(
            "cluster.bad_binaries",
            zh=f"{BINARIES_VARIABLE} 指向的文件夹里没有 postgres 程序：{folder}",
            en=f"{BINARIES_VARIABLE} names a folder without a postgres program: {folder}",
        )
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"(\d+)\.", said)
    return Binaries(folder, int(match.group(1)) if match else 0)


def _version_error(wanted: int, found: list[Binaries]) -> NotReady:
    have = ", ".join(str(one.version) for one in found)
    return NotReady(
        "cluster.version_gone",
        zh=f"数据文件夹属于 PostgreSQL {wanted}，本机只有 {have}。请装回 {wanted}，"
        "执行 getu db backup 后再用新版本恢复。",
        en=f"The data folder belongs to PostgreSQL {wanted}, this machine has {have}. Install {wanted} again,"
        " run getu db backup, then restore under the new version.",
        wanted_version=wanted,
    )


def find_account(data_dir: Path) -> Account:
    """Who runs the server: an existing data folder's owner; for root else `postgres`; else the caller."""
    if os.geteuid() != 0:
        return _account_of(os.geteuid())
    if data_dir.exists() and data_dir.stat().st_uid != 0:
        return _account_of(data_dir.stat().st_uid)
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError as missing:
        raise NotReady(
            "cluster.no_account",
            zh=f"以 root 运行时数据库需要系统账号 {SERVER_ACCOUNT}：请运行 make setup。",
            en=f"Under root the database needs the system account {SERVER_ACCOUNT}: run make setup.",
        ) from missing
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def name_caller() -> str:
    """The system account name of the calling process, as peer authentication sees it."""
    return _account_of(os.geteuid()).name


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as missing:
        raise NotReady(
            "cluster.nameless_account",
            zh=f"用户号 {uid} 在系统里没有名字，数据库无法认证；请为它建账号，或设置 DATABASE_URL。",
            en=f"User id {uid} has no name on this system, so the database cannot authenticate it; "
            "give it an account or set DATABASE_URL.",
        ) from missing
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def run_as(account: Account, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command as the account, from `/`, with a clean environment; the answer carries its output.

    The environment is emptied because a caller's PGDATA, PGPORT or PGOPTIONS would reach the server.
    """
    prefix: list[str] = []
    if os.geteuid() == 0 and account.uid != 0:
        ids = [f"--reuid={account.uid}", f"--regid={account.gid}"]
        prefix = ["setpriv", *ids, "--clear-groups", "--reset-env", "--"]
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"}
    return subprocess.run(
        [*prefix, *command],
        cwd="/",
        env=clean,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
