"""The server process of a private cluster: is it ours, start it, stop it.

A process id in a file proves nothing after a power cut: another program may wear the number. The server
is ours only if the process stands in our data folder.
"""

import os
import signal
import time
from pathlib import Path

from app.db.cluster_folder import PORT, Place, last_lines, make_socket_folder
from app.db.cluster_host import Binaries, run_as
from app.errors import NotReady

START_SECONDS = 120
STOP_SECONDS = 60
PATIENCE_SECONDS = 1.5  # how long leftover backends may leave by themselves


def find_server(place: Place) -> int | None:
    """The process id of the running server, None when there is none (a stale pid file is not one)."""
    pid = _read_pid(place.data_dir / "postmaster.pid")
    return pid if pid is not None and stands_in(pid, place.data_dir) else None


def _read_pid(path: Path) -> int | None:
    try:
        return abs(int(path.read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError):
        return None


def stands_in(pid: int, folder: Path) -> bool:
    """Whether the process has the folder as its working directory, also one that was deleted since."""
    try:
        seen = str(Path(f"/proc/{pid}/cwd").readlink())
    except PermissionError:  # root without ptrace rights, as in a container: the command line must do
        return str(folder).encode() in _read_command_line(pid)
    except OSError:
        return False
    return seen in (str(folder), f"{folder} (deleted)")


def _read_command_line(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def start_server(place: Place, binaries: Binaries) -> None:
    """Start the server of a data folder that has none running, over whatever a crash left behind."""
    _end_server_of_deleted_folder(place)
    deadline = time.monotonic() + START_SECONDS
    patience = time.monotonic() + PATIENCE_SECONDS
    while True:
        (place.data_dir / "postmaster.pid").unlink(missing_ok=True)  # stale: find_server said so
        make_socket_folder(place)
        complaint = _try_start(place, binaries)
        if complaint is None:
            return
        if "still in use" not in complaint or time.monotonic() > deadline:
            raise NotReady(
                "cluster.start_failed",
                zh=f"数据库启动失败：{last_lines(complaint)}",
                en=f"The database did not start: {last_lines(complaint)}",
            )
        if time.monotonic() > patience:
            _end_leftovers(place.data_dir)
        time.sleep(0.2)


def _try_start(place: Place, binaries: Binaries) -> str | None:
    """One start; None when it runs, else what the server said."""
    log = place.data_dir / "start.log"
    log.unlink(missing_ok=True)
    command = [
        binaries.program("pg_ctl"),
        "start",
        "-D",
        str(place.data_dir),
        "-l",
        str(log),
    ]
    done = run_as(place.account, [*command, "-s", "-w", "-t", str(START_SECONDS)])
    if done.returncode == 0:
        return None
    written = log.read_text(errors="replace") if log.exists() else ""
    if "FATAL" not in written:  # after its first lines the server writes to its own log only
        written += _read_newest_log(place.data_dir)
    return written or done.stderr


def _read_newest_log(data_dir: Path) -> str:
    """The last kilobytes of the newest server log."""
    logs = sorted((data_dir / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    return logs[-1].read_text(errors="replace")[-2000:] if logs else ""


def _end_leftovers(data_dir: Path) -> None:
    """End backends that outlived a killed server: their memory bars the new one, their work is void."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and stands_in(int(entry.name), data_dir):
            _signal(int(entry.name), signal.SIGQUIT)


def _end_server_of_deleted_folder(place: Place) -> None:
    """End a server whose home was deleted under it: it still holds the socket this start needs."""
    pid = _read_pid(place.socket_dir / f".s.PGSQL.{PORT}.lock")
    if pid is None or not stands_in(pid, place.data_dir):
        return
    _end(pid, place.data_dir)


def stop_server(place: Place, binaries: Binaries, pid: int) -> None:
    """Stop the running server: sessions are ended at once, everything committed is kept."""
    command = [
        binaries.program("pg_ctl"),
        "stop",
        "-D",
        str(place.data_dir),
        "-s",
        "-m",
        "fast",
        "-w",
    ]
    run_as(place.account, [*command, "-t", str(STOP_SECONDS)])
    if stands_in(pid, place.data_dir):
        _end(pid, place.data_dir)


def reload_server(pid: int) -> None:
    """Let the running server read its changed settings and authentication files."""
    _signal(pid, signal.SIGHUP)


def _end(pid: int, data_dir: Path) -> None:
    """End a server at once and wait for it; a dead process that nobody has reaped stands nowhere."""
    _signal(pid, signal.SIGQUIT)
    deadline = time.monotonic() + STOP_SECONDS
    while stands_in(pid, data_dir) and time.monotonic() < deadline:
        time.sleep(0.05)


def _signal(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
