"""A million points to their villages: ours against four peers and the memory's limit, in turns in one run.

python -m bench.locate [--rounds 3] [--points 1000000] [--grounds real,54000,long]

`wall_s` is what a person waits (ours and sedonadb take all cores, the others one), `cpu_s` what all threads
of the process worked; on a busy machine only `cpu_s` and ratios of it mean anything.
"""

import argparse
import json
import os
import pickle
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]
import sedonadb
import shapely

from app.spatial.index_file import open_locator
from app.spatial.locate import Locator
from app.spatial.native import kernel
from bench.ground import Floats, Shapes, customers, villages
from bench.mending import ATLAS, real_villages

Rows = npt.NDArray[np.int64]
Times = tuple[float, float]
PEERS: dict[str, Callable[[Shapes, Floats, Floats], Rows]] = {}


def peer(work: Callable[[Shapes, Floats, Floats], Rows]) -> Callable[[Shapes, Floats, Floats], Rows]:
    """Enter a way to do the same work."""
    PEERS[work.__name__] = work
    return work


def lowest(point: Rows, polygon: Rows, count: int) -> Rows:
    """The lowest polygon of each point, -1 for none."""
    best = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(best, point, polygon)
    return np.where(best == np.iinfo(np.int64).max, -1, best)


@peer
def geopandas_sjoin(polygons: Shapes, x: Floats, y: Floats) -> Rows:
    """The usual way."""
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y))
    joined = geopandas.sjoin(points, geopandas.GeoDataFrame(geometry=polygons), predicate="intersects")
    return lowest(joined.index.to_numpy(), joined["index_right"].to_numpy(), len(x))


@peer
def shapely_tree(polygons: Shapes, x: Floats, y: Floats) -> Rows:
    """An STRtree of polygons, all points in one query."""
    point, polygon = shapely.STRtree(polygons).query(shapely.points(x, y), predicate="intersects")
    return lowest(point, polygon, len(x))


@peer
def shapely_prepared_sorted(polygons: Shapes, x: Floats, y: Floats) -> Rows:
    """Points sorted into bands and by x, each prepared polygon tests those within its box."""
    bounds = shapely.bounds(polygons)
    bands = max(1, int(np.sqrt(len(polygons)) * 2))
    south, north = bounds[:, 1].min(), bounds[:, 3].max()
    band = np.clip(((y - south) / (north - south) * bands).astype(np.int64), 0, bands - 1)
    order = np.lexsort((x, band))
    xs, ys, first = x[order], y[order], np.searchsorted(band[order], np.arange(bands + 1))
    rows = np.full(len(x), -1, dtype=np.int64)
    shapely.prepare(polygons)
    low = np.clip(((bounds[:, 1] - south) / (north - south) * bands).astype(np.int64), 0, bands - 1)
    high = np.clip(((bounds[:, 3] - south) / (north - south) * bands).astype(np.int64), 0, bands - 1)
    for k in range(len(polygons) - 1, -1, -1):
        for b in range(low[k], high[k] + 1):
            a, z = first[b] + np.searchsorted(xs[first[b] : first[b + 1]], bounds[k, [0, 2]] + [0, 1e-12])
            hit = shapely.intersects_xy(polygons[k], xs[a:z], ys[a:z])
            rows[order[a:z][hit]] = k
    return rows


@peer
def sedonadb_join(polygons: Shapes, x: Floats, y: Floats) -> Rows:
    """A join of sedonadb's own engine, on all cores; the lowest row is taken from its pairs."""
    engine = sedonadb.connect()
    points = pa.table({"point": np.arange(len(x)), "x": x, "y": y})
    wkb = pa.array(shapely.to_wkb(polygons), pa.binary())
    shapes = pa.table({"polygon": np.arange(len(polygons)), "wkb": wkb})
    engine.create_data_frame(points).to_view("points", overwrite=True)
    engine.create_data_frame(shapes).to_view("shapes", overwrite=True)
    found = engine.sql(
        "SELECT p.point, s.polygon FROM (SELECT point, ST_Point(x, y) AS geom FROM points) p"
        " JOIN (SELECT polygon, ST_GeomFromWKB(wkb) AS geom FROM shapes) s ON ST_Intersects(s.geom, p.geom)"
    )
    pairs = pa.RecordBatchReader.from_stream(found).read_all()
    return lowest(pairs["point"].to_numpy(), pairs["polygon"].to_numpy(), len(x))


def clock(work: Callable[[], Any]) -> tuple[Times, Any]:
    """Wall and processor seconds (all threads), and the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return (time.perf_counter() - wall, time.process_time() - cpu), result


def build_and_locate(polygons: Shapes, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
    """Ours from nothing."""
    return Locator(polygons).locate(x, y)


def gather(count: int) -> Callable[[], Any]:
    """The memory's limit: one raster cell fetched for each point, nothing decided."""
    rng = np.random.default_rng(0)
    raster, at = np.zeros(1 << 22, dtype=np.int32), rng.integers(0, 1 << 22, count)
    return lambda: raster[at]


def race(polygons: Shapes, x: Floats, y: Floats, rounds: int) -> dict[str, Any]:
    """Medians of interleaved rounds, each way from bare polygons, and how many times ours each takes."""
    times: dict[str, list[Times]] = {}
    differ: dict[str, int] = {}
    limit = gather(len(x))
    for _ in range(rounds):
        fresh = {name: pickle.loads(pickle.dumps(polygons)) for name in ("ours", *PEERS)}
        took, ours = clock(partial(build_and_locate, fresh["ours"], x, y))
        times.setdefault("ours", []).append(took)
        times.setdefault("limit_gather", []).append(clock(limit)[0])
        for name, work in PEERS.items():
            took, rows = clock(partial(work, fresh[name], x, y))
            times.setdefault(name, []).append(took)
            differ[name] = int((rows != ours).sum())
    wall, cpu = (
        {name: statistics.median(t[k] for t in every) for name, every in times.items()} for k in (0, 1)
    )
    return {
        "wall_s": {name: round(value, 3) for name, value in wall.items()},
        "cpu_s": {name: round(value, 3) for name, value in cpu.items()},
        "peer_over_ours_wall": {name: round(wall[name] / wall["ours"], 1) for name in PEERS},
        "peer_over_ours_cpu": {name: round(cpu[name] / cpu["ours"], 1) for name in PEERS},
        "best_peer_over_ours_wall": round(min(wall[name] for name in PEERS) / wall["ours"], 1),
        "best_peer_over_ours_cpu": round(min(cpu[name] for name in PEERS) / cpu["ours"], 1),
        "answers_that_differ": differ,
    }


def in_hand(polygons: Shapes, x: Floats, y: Floats, rounds: int) -> dict[str, Any]:
    """The index alone: built, mapped from its file, and asked for points in no order and in order."""
    order = np.lexsort((x, np.floor(y * 1000)))
    sorted_x, sorted_y = x[order], y[order]
    times: dict[str, list[Times]] = {}

    def take(name: str, work: Callable[[], Any]) -> Any:
        took, result = clock(work)
        times.setdefault(name, []).append(took)
        return result

    with tempfile.TemporaryDirectory(prefix="getu-bench-") as home:
        wkb = list(shapely.to_wkb(polygons))
        open_locator(wkb, Path(home))
        for _ in range(rounds):
            locator = take("build", partial(Locator, polygons))
            take("open_from_file", partial(open_locator, wkb, Path(home)))
            rows = take("locate_unsorted", partial(locator.locate, x, y))
            take("locate_sorted", partial(locator.locate, sorted_x, sorted_y))
            take("second", partial(locator.second, x, y))
    cores = len(os.sched_getaffinity(0))
    report: dict[str, Any] = {
        "polygons": len(polygons),
        "vertices_each": round(float(shapely.get_num_coordinates(polygons).mean())),
        "index_mb": round(locator.nbytes / 1e6, 1),
        "located_share": round(float((rows >= 0).mean()), 3),
    }
    for name, every in times.items():
        wall, cpu = (statistics.median(t[k] for t in every) for k in (0, 1))
        report[name] = {"wall_s": round(wall, 4), "cpu_s": round(cpu, 4)}
        if name.startswith("locate"):
            report[name]["points_a_second_wall"] = round(len(x) / wall)
            report[name]["points_a_second_if_cores_were_free"] = round(len(x) / cpu * cores)
    return report


def lay(name: str) -> Shapes:
    """`real` (invented ones where test data are not installed), `long` borders, or a number of villages."""
    if name == "real":
        return real_villages() if ATLAS.exists() else villages(7_700)
    return villages(7_700, bends=77) if name == "long" else villages(int(name))


def run(grounds: tuple[str, ...], points: int, rounds: int, *, raced: tuple[str, ...]) -> dict[str, Any]:
    """All figures by ground; peers run on the grounds that are raced."""
    report: dict[str, Any] = {"compiled": kernel() is not None, "real_villages": ATLAS.exists()}
    for name in grounds:
        polygons = lay(name)
        x, y = customers(polygons, points)
        report[name] = {"index": in_hand(polygons, x, y, rounds)}
        if name in raced:
            report[name]["race"] = race(polygons, x, y, rounds)
    return report


def measure(scale: str) -> dict[str, Any]:
    """The figures at a scale of `getu bench`."""
    if scale == "small":
        return run(("real", "54000"), 1_000_000, 2, raced=("real",))
    return run(("300", "real", "54000", "long"), 1_000_000, 5, raced=("300", "real", "54000", "long"))


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--grounds", default="real,54000,long")
    parser.add_argument("--raced", default="real")
    asked = parser.parse_args()
    grounds, raced = (tuple(text.split(",")) for text in (asked.grounds, asked.raced))
    print(json.dumps(run(grounds, asked.points, asked.rounds, raced=raced), indent=1))


if __name__ == "__main__":
    main()
