"""getu serve and getu work: the service and its job workers; getu bench: the measurements."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from app.cli.logging import log_json
from app.cli.telling import say
from app.db.bank import open_bank
from app.errors import NotReady
from app.jobs.worker import work as run_worker
from app.main import create_app
from app.maps.parts_check import find_bad_parts
from app.settings import read_settings


def serve(
    port: Annotated[int, typer.Option(help="port on 127.0.0.1")] = 8000,
    host: Annotated[
        str, typer.Option(help="address to listen on; behind a gateway 127.0.0.1 is right")
    ] = "127.0.0.1",
) -> None:
    """The service: pages, API, tiles; with its job workers beside it."""
    log_json()
    settings = read_settings()
    if bad := find_bad_parts():
        told = "; ".join(bad)
        raise NotReady("bad_page_part", zh=f"网页部件有误：{told}", en=f"parts of pages are not fit: {told}")
    database = open_bank(settings)
    keepers = [start_worker() for _ in range(settings.workers)]
    say(f"格图 http://{host}:{port}/")
    try:
        uvicorn.run(create_app(settings, database), host=host, port=port, log_config=None, access_log=False)
    finally:
        stop_workers(keepers)


def start_worker() -> subprocess.Popen[bytes]:
    """A job worker in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "app.cli", "work", "--beside", str(os.getpid())])


def stop_workers(workers: list[subprocess.Popen[bytes]]) -> None:
    """Ask the workers to leave; a job that takes longer goes on from its checkpoint at the next start."""
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        try:
            worker.wait(timeout=5)
        except subprocess.TimeoutExpired:
            worker.kill()


def work(
    beside: Annotated[int | None, typer.Option(help="leave when this process is gone", hidden=True)] = None,
) -> None:
    """A job worker: takes long stories off the queue until told to stop."""
    log_json()
    settings = read_settings()
    if beside is not None:
        leave_with(beside)
    run_worker(open_bank(settings), settings)


def leave_with(parent: int) -> None:
    """End this worker when the service that started it is gone, even by kill -9."""
    import threading

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="which; all when none is named")] = None,
    scale: Annotated[str, typer.Option(help="small or full")] = "small",
) -> None:
    """Measure ours, the peers and the physical limit in one run; JSON on standard output."""
    folder = Path.cwd() / "bench"
    if not (folder / "__main__.py").is_file():
        say("请在源码目录里运行 / run this from the source folder")
        raise typer.Exit(2)
    code = subprocess.call([sys.executable, "-m", "bench", *(names or []), "--scale", scale])
    raise typer.Exit(code)


def add_to(cli: typer.Typer) -> None:
    """Hang these commands on the root."""
    for command in (serve, work, bench):
        cli.command()(command)
