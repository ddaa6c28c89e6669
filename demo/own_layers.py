"""Layers of the demo bank's own: invented roads, water and rivals' outlets, each plainly marked 演示.

The files lie in `data/own`; `python -m demo.own_layers` draws them anew, the same every time.
"""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent.parent / "data"
FOLDER = DATA / "own"
RIVALS = ("演示银行甲", "演示银行乙", "演示银行丙")
MOST_RIVALS = 12
CORNERS = 9
SEED = 20261
Points = NDArray[np.float64]


def read_towns() -> tuple[list[str], Points]:
    """The branches' towns and where they stand (n, 2), one each, in the order of the file."""
    with (DATA / "organisation/branches.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["经度"]]
    first = {row["乡镇名称"]: (float(row["经度"]), float(row["纬度"])) for row in reversed(rows)}
    return list(first), np.array(list(first.values()))


def draw_rivals(towns: list[str], at: Points, rng: np.random.Generator) -> list[dict[str, Any]]:
    """An outlet of an invented bank some hundred metres from the middle of each of the first towns."""
    shifts = rng.uniform(0.003, 0.008, size=(len(at), 2)) * rng.choice([-1, 1], size=(len(at), 2))
    spots = zip(towns[:MOST_RIVALS], (at + shifts)[:MOST_RIVALS].round(6).tolist(), strict=True)
    return [
        feature(
            "Point", spot, 名称=f"演示·{town}他行网点", 银行=RIVALS[n % len(RIVALS)], 备注="虚构，仅供演示"
        )
        for n, (town, spot) in enumerate(spots)
    ]


def draw_roads(towns: list[str], at: Points, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Roads from each town to the nearest that is joined already: all are joined in the end."""
    roads = []
    for n in range(1, len(at)):
        near = int(np.argmin(np.hypot(*(at[:n] - at[n]).T)))
        line = bend(at[near], at[n], 0.06, rng)
        grade = "主干道" if n % 3 == 0 else "支路"
        roads.append(feature("LineString", line, 名称=f"演示·{towns[near]}—{towns[n]}路", 等级=grade))
    return roads


def draw_water(at: Points, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Three rivers from west to east, and a pond beside the first."""
    (west, south), (east, north) = at.min(axis=0), at.max(axis=0)
    rivers = []
    for n, share in enumerate((0.25, 0.5, 0.75), start=1):
        level = south + (north - south) * share
        ends = np.array([[west - 0.03, level + 0.02], [east + 0.03, level - 0.02]])
        rivers.append(feature("LineString", bend(ends[0], ends[1], 0.05, rng), 名称=f"演示河 {n}", 类别="河"))
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    middle = (at.min(axis=0) + at.max(axis=0)) / 2
    ring = (middle + np.column_stack([0.009 * np.cos(angles), 0.006 * np.sin(angles)])).round(6).tolist()
    return [*rivers, feature("Polygon", [[*ring, ring[0]]], 名称="演示湖", 类别="湖")]


def bend(start: Points, end: Points, by: float, rng: np.random.Generator) -> list[list[float]]:
    """A line that swings softly to both sides of the straight one, by a share of its length."""
    along = np.linspace(0, 1, CORNERS)[:, None]
    across = (end - start)[::-1] * (-1, 1)
    swing = np.sin(np.pi * along) * np.sin(2 * np.pi * along + rng.uniform(0, 3)) * by
    line: list[list[float]] = (start + (end - start) * along + across * swing).round(6).tolist()
    return line


def feature(kind: str, coordinates: Any, **values: str) -> dict[str, Any]:
    """A GeoJSON feature."""
    return {"type": "Feature", "properties": values, "geometry": {"type": kind, "coordinates": coordinates}}


def main() -> None:
    """Write the files."""
    rng = np.random.default_rng(SEED)
    towns, at = read_towns()
    drawn = {
        "rivals": draw_rivals(towns, at, rng),
        "roads": draw_roads(towns, at, rng),
        "water": draw_water(at, rng),
    }
    FOLDER.mkdir(exist_ok=True)
    for name, features in drawn.items():
        lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
        told = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
        (FOLDER / f"demo_{name}.geojson").write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()
