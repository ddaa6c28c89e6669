"""From files to a map that can be opened, on the whole bank: load, memory, first paint.

`full` is 988,700 customers, `small` the demo's 50,000. The customer files lie there before the clock starts.
Memory is the largest resident set of any single process, sampled five times a second, the database's shared
buffers included.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from app.db import cluster
from app.settings import Settings
from bench.paint import measure_paint
from demo.customers import SCALES, write_customers

PORT = 8765
ROOT = Path(__file__).parents[1]


def measure(scale: str) -> dict[str, Any]:
    """Seconds from files to a ready service, the largest process, and the first paint of `/`."""
    name = "haimen" if scale == "full" else "demo"
    with tempfile.TemporaryDirectory(prefix="getu-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        files = Settings(home=home).files / f"demo-{name}"
        files.mkdir(parents=True)
        existing, prospects = SCALES[name]
        truth = write_customers(files, existing=existing, prospects=prospects)
        (files / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
        try:
            return load_and_look(home, name, existing + prospects)
        finally:
            cluster.remove(home)


def load_and_look(home: Path, name: str, customers: int) -> dict[str, Any]:
    """Start the demo on its files, wait until it serves, look at the page, stop."""
    environment = {**os.environ, "GETU_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    watch = Watch(home)
    began = time.monotonic()
    command = [sys.executable, "-m", "demo", "--scale", name, "--port", str(PORT)]
    with tempfile.TemporaryFile() as log:
        service = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log, stdout=log)
        try:
            wait_until_ready(service)
            loaded = time.monotonic() - began
            peak = watch.stop()
            paint = measure_paint(f"http://127.0.0.1:{PORT}", *find_sign_in(log))
        finally:
            service.terminate()
            service.wait(timeout=60)
    return {
        "customers": customers,
        "files_to_map_s": round(loaded, 1),
        "largest_process_mib": peak,
        "paint": paint,
    }


def wait_until_ready(service: "subprocess.Popen[bytes]") -> None:
    """Until /readyz answers 200; RuntimeError when the demo has ended first."""
    while service.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{PORT}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise RuntimeError("the demo ended before it served")


def find_sign_in(log: Any) -> tuple[str, str]:
    """Login and password of head office, as the demo printed them."""
    log.seek(0)
    for line in log.read().decode().splitlines():
        words = line.split()
        if words[:1] == ["head"]:
            return words[0], words[1]
    raise RuntimeError("the demo printed no log-ins")


class Watch:
    """Looks at the memory of every process that belongs to a home, until stopped."""

    def __init__(self, home: Path) -> None:
        self._home, self._going = str(home), True
        self._data = str(cluster.status(home).data_dir)
        self._peak = {"program": 0, "database": 0}
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, int]:
        """The largest resident sets seen, in MiB."""
        self._going = False
        self._thread.join()
        return {name: size >> 20 for name, size in self._peak.items()}

    def _look(self) -> None:
        while self._going:
            for process in psutil.process_iter(["pid", "cmdline", "name"]):
                self._weigh(process)
            time.sleep(0.2)

    def _weigh(self, process: psutil.Process) -> None:
        try:
            database = "postgres" in str(process.info["name"])
            if database and self._data not in str(process.parent().cmdline() if process.parent() else ""):
                return
            if not database and process.environ().get("GETU_HOME") != self._home:
                return
            kind = "database" if database else "program"
            self._peak[kind] = max(self._peak[kind], process.memory_info().rss)
        except (psutil.Error, OSError):
            return
