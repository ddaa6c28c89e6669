"""How far is a point from a border: metres on the ellipsoid, and the border's nearest point.

Edges are searched on a plane about the point, in runs with boxes round them; the few that may be nearest are
measured as geodesics. The plane errs in proportion to the distance, so the choice is as wide as that error.
"""

import math
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Floats, Ints

_GEOD = Geod(ellps="GRS80")
_A, _E2 = 6378137.0, 0.0066943799901413165
_RUN = 32
_FEW = 6
_RADIUS_M = 6.36e6
_LEAST_SLACK = 1e-4


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest point of a border (EPSG:4326 degrees) and how far it is."""

    distance_m: float
    lon: float
    lat: float


class Border:
    """All edges of some shapes (EPSG:4326, polygons or lines); straight in degrees, as they are stored."""

    def __init__(self, *shapes: BaseGeometry) -> None:
        start, end = _read_edges(shapes)
        self._count = len(start)
        # Rows of as many edges, the last one filled up with its last edge: rows are taken without lists.
        fill = np.minimum(np.arange(-(-self._count // _RUN) * _RUN), self._count - 1)
        self._x, self._y = (start[fill, axis].reshape(-1, _RUN) for axis in (0, 1))
        self._dx, self._dy = ((end - start)[fill, axis].reshape(-1, _RUN) for axis in (0, 1))
        self._west, self._east = _bounds(self._x, self._dx)
        self._south, self._north = _bounds(self._y, self._dy)

    def __len__(self) -> int:
        return self._count

    def find_nearest(self, lon: float, lat: float) -> Nearest | None:
        """The border's nearest point, true within 0.1 % at any distance; None for a border without edges."""
        if not self._count:
            return None
        east, north = _scale_at(lat)
        x = np.maximum(np.maximum(self._west - lon, lon - self._east), 0.0) * east
        y = np.maximum(np.maximum(self._south - lat, lat - self._north), 0.0) * north
        away = x * x + y * y
        near = int(away.argmin())
        least = math.sqrt(self._measure(slice(near, near + 1), lon, lat)[0].min())
        slack = 1.0 + self._slack(least, lat)
        square, foot_x, foot_y = self._measure(np.flatnonzero(away <= (least * slack) ** 2), lon, lat)
        chosen = square <= square.min() * slack * slack
        return _measure_truly(lon, lat, foot_x[chosen] + lon, foot_y[chosen] + lat)

    def _measure(self, rows: Ints | slice, lon: float, lat: float) -> tuple[Floats, Floats, Floats]:
        """Square metres on the plane to each edge of rows, and the foot of each in degrees off the point."""
        east, north = _scale_at(lat)
        x, y, dx, dy = self._x[rows] - lon, self._y[rows] - lat, self._dx[rows], self._dy[rows]
        east, north = east * east, north * north
        share = -(x * dx * east + y * dy * north) / (dx * dx * east + dy * dy * north)
        share = np.minimum(np.maximum(share, 0.0), 1.0)
        x, y = x + share * dx, y + share * dy
        return x * x * east + y * y * north, x, y

    def _slack(self, metres: float, lat: float) -> float:
        """How far, as a share, the plane may misjudge a distance as long as this one."""
        bend = metres / _RADIUS_M * (1.0 + 2.0 * abs(math.tan(math.radians(min(abs(lat) + 5.0, 85.0)))))
        return min(2.0 * bend + _LEAST_SLACK, 20.0)


def _measure_truly(lon: float, lat: float, x: Floats, y: Floats) -> Nearest:
    """The nearest of some points by the geodesic to each."""
    if len(x) <= _FEW:
        feet = zip(x.tolist(), y.tolist(), strict=True)
        return min((Nearest(_GEOD.inv(lon, lat, *foot)[2], *foot) for foot in feet), key=_tell_distance)
    true = _GEOD.inv(np.full(len(x), lon), np.full(len(x), lat), x, y)[2]
    best = int(np.argmin(true))
    return Nearest(float(true[best]), float(x[best]), float(y[best]))


def _tell_distance(near: Nearest) -> float:
    return near.distance_m


def _scale_at(lat: float) -> tuple[float, float]:
    """Metres of a degree of longitude and of latitude."""
    phi = math.radians(lat)
    w2 = 1.0 - _E2 * math.sin(phi) ** 2
    east = _A * math.cos(phi) / math.sqrt(w2)
    return math.radians(east), math.radians(_A * (1.0 - _E2) / (w2 * math.sqrt(w2)))


def _bounds(start: Floats, along: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest of each row of edges."""
    end = start + along
    return np.minimum(start, end).min(axis=1, initial=np.inf), np.maximum(start, end).max(
        axis=1, initial=-np.inf
    )


def _read_edges(shapes: tuple[BaseGeometry, ...]) -> tuple[Floats, Floats]:
    """Start and end of every edge, ring by ring: a run of edges lies together."""
    lines = [shape.boundary if shape.geom_type.endswith("Polygon") else shape for shape in shapes]
    parts = shapely.get_parts(shapely.get_parts(np.array(lines, dtype=object)))
    xy, of = shapely.get_coordinates(parts, return_index=True)
    follows = np.flatnonzero(of[1:] == of[:-1]) if len(of) else np.empty(0, dtype=np.int64)
    moves = (xy[follows] != xy[follows + 1]).any(axis=1)
    return xy[follows][moves], xy[follows + 1][moves]
