"""Twelve villages with real names on made-up ground, whose neighbours share every corner."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from tests.samples.raw_shapes import Ring

_LIST = Path(__file__).parents[3] / "data/places/haimen.csv"
_ACROSS, _UP, _SIDE = 4, 3, 0.012
_WEST, _SOUTH = 121.20, 31.86

Point = tuple[float, float]


@cache
def rings() -> tuple[tuple[Point, ...], ...]:
    """The closed rings of the villages in degrees, clockwise, 21 points each."""
    rng = np.random.default_rng(320614)
    shape = (_UP + 1, _ACROSS + 1)
    lon = _WEST + _SIDE * np.arange(_ACROSS + 1) + rng.uniform(-0.002, 0.002, shape)
    lat = _SOUTH + _SIDE * np.arange(_UP + 1)[:, None] + rng.uniform(-0.002, 0.002, shape)
    edges: dict[tuple[tuple[int, int], tuple[int, int]], NDArray[np.float64]] = {}

    def walk(start: tuple[int, int], end: tuple[int, int]) -> list[Point]:
        key = min((start, end), (end, start))
        if key not in edges:
            a, b = (np.array([lon[at], lat[at]]) for at in key)
            share = np.linspace(0, 1, 6)[:-1, None]
            line = a + share * (b - a)
            line[1:] += rng.uniform(-3e-4, 3e-4, (4, 2))
            edges[key] = np.vstack([line, b])
        line = edges[key] if key[0] == start else edges[key][::-1]
        return [(float(x), float(y)) for x, y in np.round(line[:-1], 7)]

    found = []
    for row in range(_UP):
        for column in range(_ACROSS):
            corners = [(row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)]
            points = [p for place in range(4) for p in walk(corners[place], corners[(place + 1) % 4])]
            found.append((*points, points[0]))
    return tuple(found)


def shapes() -> NDArray[Any]:
    """The villages (12,) as polygons."""
    return np.array([shapely.Polygon(ring) for ring in rings()], object)


@cache
def _read_list() -> tuple[dict[str, str], ...]:
    with _LIST.open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["level"] == "village"]
    return tuple(found[: _ACROSS * _UP])


def names() -> list[str]:
    """Their names, of a real town list."""
    return [row["name"] for row in _read_list()]


def columns() -> dict[str, list[Any]]:
    """Codes and names as a land bureau's table has them."""
    return {"村代码": [row["code"] for row in _read_list()], "村名称": names()}


def move(to: str, *, swap: bool = False) -> list[list[Ring]]:
    """The rings of every village in another system, by PROJ itself."""
    transform = pyproj.Transformer.from_crs("EPSG:4490", to, always_xy=True).transform
    moved = []
    for ring in rings():
        xs, ys = transform(*zip(*ring, strict=True))
        pairs = list(zip(ys, xs, strict=True) if swap else zip(xs, ys, strict=True))
        moved.append([[(float(x), float(y)) for x, y in pairs]])
    return moved


def plain() -> list[list[Ring]]:
    """One ring a village, in degrees."""
    return [[list(ring)] for ring in rings()]
