"""Where the invented customers live: houses in rows round the hamlets of each village.

Coordinates are EPSG:4549 metres while they are drawn and EPSG:4326 degrees when handed out. Each point lies
truly inside the village (or market) it is drawn for; that is what the placement is later judged by.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from demo.boundaries import BOUNDARIES
from demo.gazetteer import PATH
from demo.outline import Numbers
from demo.papers import Ints
from demo.shapefile import read_zip

EDGE_SHARE = 0.01  # this share of the houses stands within 3 to 20 m of the village's border
ROW_LENGTH_M, ROW_DEPTH_M = 170.0, 34.0


@dataclass(frozen=True)
class Settled:
    """The ground with everything that a customer needs to know of it; rows are units."""

    units: gpd.GeoDataFrame
    markets: gpd.GeoDataFrame
    hamlets: list[list[str]]
    hamlet_spots: list[Numbers]
    neighbours: list[NDArray[np.intp]]
    compounds: list[list[str]]

    @property
    def residents(self) -> Numbers:
        """Invented residents of each unit."""
        counts: Numbers = self.units["人口"].to_numpy(np.float64)
        return counts


def read_settled() -> Settled:
    """Read the committed borders, and the natural villages and compounds of the gazetteer."""
    units = read_zip(BOUNDARIES / "haimen_villages.zip")
    markets = read_zip(BOUNDARIES / "haimen_markets.zip")
    places = pd.read_csv(PATH, dtype=str)
    small = places[places["level"] == "natural_village"]
    x, y = _to_metres(small["lon"].to_numpy(np.float64), small["lat"].to_numpy(np.float64))
    names: list[list[str]] = []
    spots: list[Numbers] = []
    for code in units["行政村代码"]:
        mine = (small["parent_code"] == code).to_numpy()
        names.append(small["name"][mine].tolist())
        spots.append(np.stack([x[mine], y[mine]], axis=1))
    shapes = np.asarray(units.geometry.values, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="touches")
    compounds = places[places["kind"] == "compound"].groupby("parent_code")["name"].apply(list)
    return Settled(
        units,
        markets,
        names,
        spots,
        neighbours=[other[one == row] for row in range(len(units))],
        compounds=[compounds.get(code, []) for code in units["行政村代码"]],
    )


def draw_houses(settled: Settled, unit_of: Ints, rng: np.random.Generator) -> tuple[Numbers, Ints]:
    """A point for each house of `unit_of` (rows of units): metres (n, 2), and the hamlet's number or -1."""
    points = np.empty((len(unit_of), 2))
    hamlet = np.full(len(unit_of), -1, dtype=np.int64)
    order = np.argsort(unit_of, kind="stable")
    starts = np.searchsorted(unit_of[order], np.arange(len(settled.units) + 1))
    for row, shape in enumerate(settled.units.geometry):
        mine = order[starts[row] : starts[row + 1]]
        if len(mine):
            points[mine], hamlet[mine] = _settle(shape, settled.hamlet_spots[row], len(mine), rng)
    return points, hamlet


def _settle(
    village: shapely.Polygon, spots: Numbers, count: int, rng: np.random.Generator
) -> tuple[Numbers, Ints]:
    """Houses of one village: named hamlets first, then some nameless rows, a few at the very border."""
    shapely.prepare(village)
    nameless = _throw(village, max(4, round(village.area / 9e5)), rng)
    centres = np.concatenate([spots, nameless])
    hamlet = rng.integers(0, len(centres), count)
    points = _fill(village, centres[hamlet], rng)
    edge = np.flatnonzero(rng.random(count) < EDGE_SHARE)
    points[edge] = _near_border(village, points[edge], rng)
    hamlet[hamlet >= len(spots)] = -1
    hamlet[edge] = -1
    return points, hamlet


def _fill(village: shapely.Polygon, centres: Numbers, rng: np.random.Generator) -> Numbers:
    """Throw houses along their rows until each lies inside; what never does goes to its row's centre."""
    points = centres.copy()
    left = np.arange(len(centres))
    for wide in (1.0, 1.0, 0.7, 0.5, 0.3, 0.15):
        tried = centres[left] + rng.normal(0, (ROW_LENGTH_M * wide, ROW_DEPTH_M * wide), (len(left), 2))
        tried[:, 1] += rng.integers(-2, 3, len(left)) * 110.0 * wide
        inside = shapely.contains_xy(village, tried[:, 0], tried[:, 1])
        points[left[inside]] = tried[inside]
        left = left[~inside]
    return points


def _throw(village: shapely.Polygon, count: int, rng: np.random.Generator) -> Numbers:
    west, south, east, north = village.bounds
    tried = rng.uniform((west, south), (east, north), (count * 12 + 40, 2))
    inside: Numbers = tried[shapely.contains_xy(village, tried[:, 0], tried[:, 1])][:count]
    return inside


def _near_border(village: shapely.Polygon, points: Numbers, rng: np.random.Generator) -> Numbers:
    """Move points to within 3 to 20 m of the border, staying inside where that works."""
    ring = village.exterior
    at = shapely.get_coordinates(
        shapely.line_interpolate_point(ring, rng.uniform(0, ring.length, len(points)))
    )
    way = points - at
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1.0)
    moved = at + way / length[:, None] * rng.uniform(3, 20, (len(points), 1))
    inside = shapely.contains_xy(village, moved[:, 0], moved[:, 1])
    return np.where(inside[:, None], moved, points)


def draw_stalls(settled: Settled, market_of: Ints, rng: np.random.Generator) -> Numbers:
    """A point inside its market for each row of `market_of`; metres (n, 2)."""
    points = np.empty((len(market_of), 2))
    for row, plot in enumerate(settled.markets.geometry):
        mine = np.flatnonzero(market_of == row)
        inner = plot.buffer(-4)
        shapely.prepare(inner)
        while len(mine):
            tried = rng.uniform(inner.bounds[:2], inner.bounds[2:], (len(mine), 2))
            inside = shapely.contains_xy(inner, tried[:, 0], tried[:, 1])
            points[mine[inside]] = tried[inside]
            mine = mine[~inside]
    return points


def find_markets(settled: Settled, points: Numbers, unit_of: Ints) -> Ints:
    """The row of the market that a point of a unit lies in, -1 for none."""
    market = np.full(len(points), -1, dtype=np.int64)
    rows = {code: row for row, code in enumerate(settled.units["行政村代码"])}
    for number, (plot, host) in enumerate(
        zip(settled.markets.geometry, settled.markets["所在村"], strict=True)
    ):
        mine = np.flatnonzero(unit_of == rows[host])
        inside = shapely.contains_xy(plot, points[mine, 0], points[mine, 1])
        market[mine[inside]] = number
    return market


def to_degrees(points: Numbers) -> tuple[Numbers, Numbers]:
    """EPSG:4549 metres (n, 2) to lon and lat of EPSG:4326."""
    lon, lat = pyproj.Transformer.from_crs(4549, 4326, always_xy=True).transform(points[:, 0], points[:, 1])
    return lon, lat


def _to_metres(lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    x, y = pyproj.Transformer.from_crs(4326, 4549, always_xy=True).transform(lon, lat)
    return x, y
