"""A million points to their villages: ours against three peers and the memory's limit, in one run.

python -m bench.locate [--rounds 3] [--points 1000000] [--sizes 300,7500,54000]
"""

import argparse
import json
import pickle
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import shapely

from app.spatial.locate import Locator
from bench.ground import Floats, Shapes, customers, villages

Rows = npt.NDArray[np.int64]
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


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds (one thread) and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def gather(count: int) -> float:
    """The memory's limit: one raster cell fetched for each point, nothing decided."""
    rng = np.random.default_rng(0)
    raster, at = np.zeros(1 << 22, dtype=np.int32), rng.integers(0, 1 << 22, count)
    return seconds(lambda: raster[at])[0]


def race(polygons: Shapes, x: Floats, y: Floats, rounds: int) -> dict[str, Any]:
    """Medians of interleaved rounds, ratios peer / ours (build and locate), answers that differ."""
    times: dict[str, list[float]] = {}
    wrong: dict[str, int] = {}
    locator = Locator(polygons)
    for _ in range(rounds):
        build, locator = seconds(partial(Locator, polygons))
        locate, ours = seconds(partial(locator.locate, x, y))
        for name, value in (("ours_build", build), ("ours_locate", locate), ("gather", gather(len(x)))):
            times.setdefault(name, []).append(value)
        for name, work in PEERS.items():
            fresh = pickle.loads(pickle.dumps(polygons))
            value, rows = seconds(partial(work, fresh, x, y))
            times.setdefault(name, []).append(value)
            wrong[name] = int((rows != ours).sum())
    cpu = {name: statistics.median(every) for name, every in times.items()}
    both = cpu["ours_build"] + cpu["ours_locate"]
    return {
        "cpu_s": {name: round(value, 4) for name, value in cpu.items()},
        "times_ours_with_build": {name: round(cpu[name] / both, 2) for name in PEERS},
        "times_ours_index_in_hand": {name: round(cpu[name] / cpu["ours_locate"], 2) for name in PEERS},
        "points_a_second": round(len(x) / cpu["ours_locate"]),
        "times_the_limit": round(cpu["ours_locate"] / cpu["gather"], 1),
        "answers_that_differ": wrong,
        "index_mb": round(index_bytes(locator) / 1e6, 1),
    }


def index_bytes(locator: Locator) -> int:
    """Bytes of all arrays of the index."""
    parts = [*vars(locator._raster).values(), *vars(locator._slabs).values()]
    return sum(part.nbytes for part in parts if isinstance(part, np.ndarray))


def run(
    sizes: tuple[int, ...] = (300, 7500, 54_000), points: int = 1_000_000, rounds: int = 3
) -> dict[str, Any]:
    """All figures, by number of villages; also villages with borders of 500 vertices."""
    report: dict[str, Any] = {}
    for size in sizes:
        polygons = villages(size)
        report[str(size)] = race(polygons, *customers(polygons, points), rounds)
    long = villages(300, bends=85)
    report["300 with long borders"] = race(long, *customers(long, points), rounds)
    report["300 with long borders"]["vertices_each"] = int(shapely.get_num_coordinates(long).mean())
    return report


def measure(scale: str) -> dict[str, Any]:
    """The figures at a scale of `getu bench`."""
    if scale == "small":
        return run((300, 7500), 200_000)
    return run()


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--sizes", default="300,7500,54000")
    asked = parser.parse_args()
    sizes = tuple(int(size) for size in asked.sizes.split(","))
    print(json.dumps(run(sizes, asked.points, asked.rounds), indent=1))


if __name__ == "__main__":
    main()
