"""Boundary files of the text kinds as phones, map programs and scripts write them, made by code."""

import json
import zipfile
from pathlib import Path
from typing import Any

from tests.samples.boundary_files import VILLAGES, feature, square_json


def features(count: int = 3) -> list[dict[str, Any]]:
    """Villages side by side as GeoJSON features."""
    return [
        feature(square_json(121.2 + 0.01 * i), 村名=VILLAGES[i], code=f"0206141{i:05d}") for i in range(count)
    ]


def sequence(count: int = 3, *, before: str = "", after: str = "\n") -> str:
    """GeoJSON features one after the other."""
    return "".join(before + json.dumps(one, ensure_ascii=False) + after for one in features(count))


def topology() -> dict[str, Any]:
    """Two squares that share an arc, a hole in the first, and a second object of lines; quantized by 1e-4."""
    square = [[0, 0], [100, 0], [0, 100]]
    return {
        "type": "Topology",
        "transform": {"scale": [1e-4, 1e-4], "translate": [121.2, 31.8]},
        "objects": {
            "村界": {
                "type": "GeometryCollection",
                "geometries": [
                    {
                        "type": "Polygon",
                        "arcs": [[0, 1], [3]],
                        "id": "a",
                        "properties": {"村名": VILLAGES[0], "户数": 12},
                    },
                    {"type": "MultiPolygon", "arcs": [[[2, ~0]]], "properties": {"村名": VILLAGES[1]}},
                    {"type": None, "properties": {"村名": VILLAGES[2]}},
                ],
            },
            "河": {"type": "LineString", "arcs": [0], "properties": {"name": "界河"}},
        },
        "arcs": [
            [[100, 0], [0, 100]],
            [[100, 100], [-100, 0], [0, -100], [100, 0]],
            [[100, 0], [100, 0], [0, 100], [-100, 0]],
            [[20, 20], [0, 20], [20, 0], [0, -20], [-20, 0]],
        ],
        "unused": square,
    }


def ring(lon: float = 121.2, lat: float = 31.8, side: float = 0.01) -> str:
    """A closed square as KML coordinates."""
    return " ".join(f"{x!r},{y!r},0" for x, y in square_json(lon, lat, side)["coordinates"][0])


def polygon_kml(coordinates: str, *, hole: str = "") -> str:
    """A KML polygon."""
    inner = f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
    return (
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
        f"</outerBoundaryIs>{inner if hole else ''}</Polygon>"
    )


def placemark(name: str, body: str, *, more: str = "") -> str:
    """A KML placemark."""
    return f"<Placemark><name>{name}</name>{more}{body}</Placemark>"


def kml(body: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    """A KML document."""
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>全市</name>{body}</Document></kml>'


def kmz(path: Path, members: dict[str, str]) -> Path:
    """A KMZ with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path
