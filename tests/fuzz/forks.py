"""The reader's process, started once and forked for every file: the same code and limits, 30 times as fast.

`python -m tests.fuzz.forks` waits on standard input for one JSON line a file (`request`, `wall_s`, `cover`),
forks, lets the child run `reader.main` on the request, and answers with how the child ended. `bare` leaves
the walls of the kernel (network, files) out, so that the driver allow-list is tested alone.
"""

import ctypes
import importlib.util
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from app.spatial.formats import sandbox
from app.spatial.formats.layer import Layer, Limits
from app.spatial.formats.refusals import refuse

ROOT = Path(sandbox.__file__).parents[3]
_ROOM = str(Path(sandbox.__file__).parent)


@dataclass(frozen=True)
class Ending:
    """How a forked reader ended: its wait status (None when it was stopped for time), cost, and edges."""

    status: int | None
    seconds: float
    memory_kib: int
    edges: frozenset[int] = frozenset()


@contextmanager
def open_forks(*, bare: bool = False, drivers: tuple[str, ...] = ()) -> Iterator["Forks"]:
    """Start a server of forks in the reader's own bare environment, and stop it in the end.

    With `drivers` GDAL is woken once with these, which is faster; else each child wakes what its file needs.
    """
    with tempfile.TemporaryDirectory(prefix="getu-forks-") as home:
        environment = {
            **sandbox._environment(Path(home)),
            "PYTHONPATH": f"{ROOT}:{Path(__file__).parents[2]}",
        }
        command = [sys.executable, "-P", "-m", "tests.fuzz.forks", "bare" if bare else "walled", *drivers]
        server = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            yield Forks(server)
        finally:
            assert server.stdin
            server.stdin.close()
            server.wait(10)


class Forks:
    """A running server of forks; `read` is `formats.read` by way of it."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self.server = server

    def run(self, work: Path, request: dict[str, Any], *, cover: bool = False) -> Ending:
        """Let a child read what `request` says, with its answer in the folder `work`."""
        (work / "request.json").write_text(json.dumps(request), "utf-8")
        order = {
            "request": str(work / "request.json"),
            "wall_s": request["limits"]["wall_s"],
            "cover": cover,
        }
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        told = json.loads(self.server.stdout.readline())
        return Ending(told["status"], told["seconds"], told["memory_kib"], frozenset(told["edges"]))

    def read(self, path: Path, *, limits: Limits | None = None) -> Layer:
        """As `formats.read`, errors and all; only the start of the process is another."""

        def run(work: Path, bounds: Limits) -> None:
            ending = self.run(work, json.loads((work / "request.json").read_bytes()))
            if ending.status is None or ending.status in (signal.SIGXCPU, signal.SIGKILL):
                raise refuse("too_slow")
            if ending.status != 0:
                raise refuse("reader_failed", str(ending.status))

        started, sandbox._run = sandbox._run, run
        try:
            return sandbox.read(path, limits=limits)
        finally:
            sandbox._run = started


def _serve(*, bare: bool, drivers: list[str]) -> None:
    from app.spatial.formats import gdal, reader

    if bare:
        reader.close_network = lambda: False
        reader.close_files = lambda *_: False
        reader.close_calls = lambda: False
    if drivers:
        gdal.expect(drivers)
        gdal._wake()
    else:
        _load_libraries()
    for line in sys.stdin:
        order = json.loads(line)
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            _be_reader(order)
        status, usage = _await(child, started + order["wall_s"])
        answer = {"status": status, "seconds": time.monotonic() - started, "memory_kib": usage.ru_maxrss}
        sys.stdout.write(json.dumps({**answer, "edges": _take_edges(order)}) + "\n")
        sys.stdout.flush()


def _load_libraries() -> None:
    """Map GDAL's libraries once, without waking a driver."""
    found = importlib.util.find_spec("pyogrio")
    beside = Path(found.origin).parents[1] / "pyogrio.libs"  # type: ignore
    for library in beside.glob("libgdal*"):
        ctypes.CDLL(str(library))


def _await(child: int, until: float) -> tuple[int | None, "resource.struct_rusage"]:
    pause = 0.0005
    while True:
        gone, status, usage = os.wait4(child, os.WNOHANG)
        if gone:
            return status, usage
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            return None, os.wait4(child, 0)[2]
        time.sleep(pause)
        pause = min(2 * pause, 0.01)


def _be_reader(order: dict[str, Any]) -> None:
    """Be the reader for one file; never comes back."""
    from app.spatial.formats import reader

    status = 70
    try:
        work = Path(order["request"]).parent
        os.chdir(work)
        with (work / "words.txt").open("wb") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        edges: set[int] = set()
        if order["cover"]:
            sys.settrace(_tracer(edges))
        reader.main(order["request"])
        sys.settrace(None)
        if order["cover"]:
            (work / "edges.json").write_text(json.dumps(sorted(edges)))
        status = 0
    finally:
        os._exit(status)


def _tracer(edges: set[int]) -> Any:
    """Trace the lines of the readers alone: an edge is two lines that ran one after the other."""
    before = 0

    def on_line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal before
        where = f"{frame.f_code.co_filename}:{frame.f_lineno}:{event == 'exception'}"
        here = zlib.crc32(where.encode()) & 0xFFFFFFF  # the same in every server, as hash() is not
        edges.add(before ^ here)
        before = here >> 1
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line(frame, event, argument) if frame.f_code.co_filename.startswith(_ROOM) else None

    return on_call


def _take_edges(order: dict[str, Any]) -> list[int]:
    path = Path(order["request"]).parent / "edges.json"
    return json.loads(path.read_text()) if order["cover"] and path.exists() else []


if __name__ == "__main__":
    _serve(bare=sys.argv[1] == "bare", drivers=sys.argv[2:])
