"""The files of a private cluster: where they lie, how they are made, what they say.

A data folder is made aside and renamed when it is whole, so a process killed half-way leaves nothing
that a later start could take for a cluster.
"""

import hashlib
import logging
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.db.cluster_host import Account, Binaries, find_account, name_caller, run_as
from app.errors import NotReady

ADMIN_ROLE = "getu_admin"
LOGIN_ROLE = "getu_login"
PORT = 5432  # only names the socket file: nothing listens on the network
FALLBACK_ROOT = Path("/var/lib/getu")
SOCKET_ROOT = Path("/tmp")  # noqa: S108 - short enough for a socket; make_socket_folder trusts nobody there
Profile = Literal["demo", "test"]

COMMON_SETTINGS = {
    "listen_addresses": "''",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "'Asia/Shanghai'",
    "log_timezone": "'Asia/Shanghai'",
    "jit": "off",  # compiles each tile query for longer than it runs
    "random_page_cost": "1.1",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "client_connection_check_interval": "10s",  # a worker whose client died frees its locks
    "logging_collector": "on",
    "log_filename": "'server-%a.log'",  # seven files, each overwritten after a week
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
}
PROFILE_SETTINGS: dict[Profile, dict[str, str]] = {
    "demo": {
        "shared_buffers": "512MB",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
    },
    "test": {
        "shared_buffers": "128MB",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    },
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """Where one home's cluster lives and who runs it."""

    home: Path
    data_dir: Path
    socket_dir: Path
    account: Account

    @property
    def version(self) -> int | None:
        """The major version written in the data folder, None while there is no data folder."""
        written = self.data_dir / "PG_VERSION"
        return int(written.read_text()) if written.exists() else None


def find_place(home: Path) -> Place:
    """The folders and the account of a home's cluster; nothing is made here.

    `home` must be resolved. The data lies in `home/pg` unless the server account cannot walk there (a
    checkout under a closed `/root`); then in `/var/lib/getu/<hash of home>/pg`, and the log says so.
    The socket lies in `/tmp/getu-<hash>`, because socket paths end at 107 bytes.
    """
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    socket_dir = SOCKET_ROOT / f"getu-{mark}"
    inside, outside = home / "pg", FALLBACK_ROOT / mark / "pg"
    for data_dir in (inside, outside):
        if (data_dir / "PG_VERSION").exists():
            return Place(home, data_dir, socket_dir, find_account(data_dir))
    account = find_account(inside)
    if run_as(account, ["test", "-x", str(home)]).returncode == 0:
        return Place(home, inside, socket_dir, account)
    _log.warning(
        "%s is closed to the account %s; the data goes to %s",
        home,
        account.name,
        outside.parent,
    )
    return Place(home, outside, socket_dir, account)


def make_data_folder(place: Place, binaries: Binaries, profile: Profile) -> None:
    """Make the data folder aside (`pg.new-*`) and rename it into place when it is whole."""
    parent = place.data_dir.parent
    parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    for left in parent.glob("pg.new-*"):  # of a start that was killed; the name is never used again
        shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix="pg.new-", dir=parent))
    give(aside, place.account)
    _check_walkable(place.account, aside)
    command = [
        binaries.program("initdb"),
        f"--pgdata={aside}",
        f"--username={ADMIN_ROLE}",
        "--auth=peer",
    ]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    command += ["--no-sync"] if profile == "test" else []
    done = run_as(place.account, command)
    if done.returncode:
        shutil.rmtree(aside, ignore_errors=True)
        raise NotReady(
            "cluster.initdb_failed",
            zh=f"建立数据库失败：{last_lines(done.stderr)}",
            en=f"Making the database failed: {last_lines(done.stderr)}",
        )
    write_settings(aside, place, profile)
    if place.data_dir.exists():
        place.data_dir.rmdir()  # an empty folder is all it can be: it has no PG_VERSION
    aside.rename(place.data_dir)


def _check_walkable(account: Account, folder: Path) -> None:
    """The fallback, too, may be unreachable; say it before initdb does."""
    if run_as(account, ["test", "-x", str(folder)]).returncode:
        folder.rmdir()
        raise NotReady(
            "cluster.closed_folder",
            zh=f"账号 {account.name} 进不了 {folder.parent}，请开放该文件夹或用 GETU_HOME 指定别处。",
            en=f"The account {account.name} cannot reach {folder.parent}; open it or set another GETU_HOME.",
        )


def write_settings(data_dir: Path, place: Place, profile: Profile) -> bool:
    """Write our settings and authentication files; True when any of them changed.

    They are written at every start, so a new release's settings reach an old data folder.
    """
    settings = COMMON_SETTINGS | PROFILE_SETTINGS[profile]
    settings |= {"unix_socket_directories": f"'{place.socket_dir}'"}
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    main = data_dir / "postgresql.conf"
    include = "include = 'getu.conf'"
    main_text = main.read_text()
    if include not in main_text:
        main_text = f"{main_text.rstrip()}\n{include}\n"
    wanted = {
        main: main_text,
        data_dir / "getu.conf": text,
        data_dir / "pg_hba.conf": "local all all peer map=getu\n",
        data_dir / "pg_ident.conf": _draw_identities(data_dir / "pg_ident.conf", place.account),
    }
    # getu.conf goes first: a file that is included must be there when the including line lands
    written = [_write(path, wanted[path], place.account) for path in sorted(wanted)]
    return any(written)


def _draw_identities(ident: Path, account: Account) -> str:
    """Map lines for the server account, the caller and every earlier caller."""
    earlier = re.findall(r'^getu "([^"]+)"', ident.read_text(), re.MULTILINE) if ident.exists() else []
    names = sorted({account.name, name_caller(), *earlier})
    return "".join(f'getu "{name}" {role}\n' for name in names for role in (ADMIN_ROLE, LOGIN_ROLE))


def _write(path: Path, text: str, account: Account) -> bool:
    if path.exists() and path.read_text() == text:
        return False
    aside = path.with_name(path.name + ".new")
    aside.write_text(text)
    aside.chmod(0o600)
    give(aside, account)
    aside.rename(path)
    return True


def make_socket_folder(place: Place) -> None:
    """Make `/tmp/getu-<hash>` for the account alone (0700), emptied of a dead server's files.

    `/tmp` is open to all, so a folder that somebody else put there is refused, never trusted.
    """
    folder = place.socket_dir
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if folder.is_symlink() or seen.st_uid not in (place.account.uid, os.geteuid()):
        raise NotReady(
            "cluster.foreign_socket_folder",
            zh=f"{folder} 属于别的账号，请删除它后再试。",
            en=f"{folder} belongs to another account; remove it and try again.",
        )
    folder.chmod(0o700)
    give(folder, place.account)
    for left in folder.glob(".s.PGSQL.*"):
        left.unlink()


def give(path: Path, account: Account) -> None:
    """Hand a file or folder to the account (only root can, only root needs to)."""
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def last_lines(text: str, count: int = 4) -> str:
    """The end of a program's output, on one line, for an error message."""
    return " | ".join(line.strip() for line in text.strip().splitlines()[-count:])
