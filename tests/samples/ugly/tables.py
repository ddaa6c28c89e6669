"""Tables and JSON that hold borders in other ways than WKT and GeoJSON: corners, lists of points, rings."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.samples.ugly import ground


def _write(path: Path, rows: Iterable[Iterable[Any]], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def corners(folder: Path) -> Path:
    """A survey firm's table: a row for each corner, north before east, zone 40, a total at the end."""
    rows = [
        [code, name, f"J{number}", f"{y:.4f}", f"{x:.4f}"]
        for (ring,), code, name in zip(ground.move("EPSG:4528"), *ground.columns().values(), strict=True)
        for number, (x, y) in enumerate(ring[:-1], 1)
    ]
    heads = ["村代码", "村名称", "界址点号", "X坐标", "Y坐标"]
    return _write(folder / "v.csv", [heads, *rows, ["合计", f"{len(rows)}点", "", "", ""]], "gbk")


def points_list(folder: Path) -> Path:
    """A column of borders as map services give them: 经,纬;经,纬."""
    borders = [";".join(f"{x!r},{y!r}" for x, y in ring) for ring in ground.rings()]
    heads = ["adcode", "名称", "polyline"]
    return _write(folder / "v.csv", [heads, *zip(*ground.columns().values(), borders, strict=True)], "utf-8")


def esri_json(folder: Path) -> Path:
    """A feature set of a map service."""
    features = [
        {"attributes": {"XZQDM": code, "XZQMC": name}, "geometry": {"rings": [ring]}}
        for ring, code, name in zip(ground.rings(), *ground.columns().values(), strict=True)
    ]
    told = {"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4490}, "features": features}
    path = folder / "v.json"
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return path
