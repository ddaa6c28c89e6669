"""Overlaps and gaps of whole layers: ours against Shapely's two ways, in one run, with known truth.

python -m bench.topology [--rounds 3] [--sizes 300,7500,54000]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import shapely

from app.spatial.topology import Fault, find_faults
from bench.ground import Spoiled, spoil, villages


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
    like = shared > 0.8 * np.maximum(shapely.area(gaps[found]), shapely.area(truth[true]))
    return {
        "pairs": len(layer.pairs),
        "gaps": len(truth),
        "injected": layer.kinds,
        "pair_precision": len(pairs & layer.pairs) / max(len(pairs), 1),
        "pair_recall": len(pairs & layer.pairs) / max(len(layer.pairs), 1),
        "gap_precision": len(np.unique(found[like])) / max(len(gaps), 1),
        "gap_recall": len(np.unique(true[like])) / max(len(truth), 1),
    }


def seconds(work: Callable[[], Any]) -> float:
    """Processor seconds of one run (one thread), whatever else the machine does."""
    start = time.process_time()
    work()
    return time.process_time() - start


def race(layer: Spoiled, rounds: int) -> dict[str, Any]:
    """Medians of interleaved rounds and ratios peer / ours."""
    ways = {"ours": ours, "shapely_coverage": by_coverage, "shapely_overlay": by_overlay}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(seconds(partial(way, layer)))
    medians = {name: statistics.median(every) for name, every in times.items()}
    ratios = {name: round(value / medians["ours"], 2) for name, value in medians.items() if name != "ours"}
    return {"cpu_s": {k: round(v, 4) for k, v in medians.items()}, "times_ours": ratios}


def recheck_ms(layer: Spoiled, rounds: int) -> float:
    """Median milliseconds of a re-check after the edit of one village, over many villages."""
    rng = np.random.default_rng(0)
    rows = [k for k in rng.permutation(len(layer.polygons)).tolist() if layer.polygons[k] is not None]
    times = [
        seconds(partial(find_faults, layer.polygons, frame=layer.frame, changed=[k]))
        for k in rows[: 10 * rounds]
    ]
    return round(statistics.median(times) * 1000, 2)


def run(sizes: tuple[int, ...] = (300, 7500, 54_000), rounds: int = 3) -> dict[str, Any]:
    """All figures, by size: times, ratios, precision and recall, a clean layer, one edit."""
    report: dict[str, Any] = {}
    for size in sizes:
        sound = villages(size)
        layer = spoil(sound)
        clean = Spoiled(sound, layer.frame, frozenset(), [], {})
        report[str(size)] = {
            "vertices": int(shapely.get_num_coordinates(sound).sum()),
            "dirty": race(layer, rounds),
            "clean_cpu_s": round(statistics.median(seconds(partial(ours, clean)) for _ in range(rounds)), 4),
            "clean_faults": len(ours(clean)),
            "recheck_one_edit_ms": recheck_ms(layer, rounds),
            "truth": judge(layer, ours(layer)),
        }
    return report


def measure(scale: str) -> dict[str, Any]:
    """The figures at a scale of `getu bench`."""
    return run((300, 7500) if scale == "small" else (300, 7500, 54_000))


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="300,7500,54000")
    asked = parser.parse_args()
    print(json.dumps(run(tuple(int(s) for s in asked.sizes.split(",")), asked.rounds), indent=1))


if __name__ == "__main__":
    main()
