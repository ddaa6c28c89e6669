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
from app.spatial.topology.measures import metres_per_degree

_GEOD = Geod(ellps="GRS80")
_RUN = 32
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
        self._start, self._end = _read_edges(shapes)
        first = np.arange(0, len(self._start), _RUN)
        low, high = np.minimum(self._start, self._end), np.maximum(self._start, self._end)
        self._low = np.minimum.reduceat(low, first) if len(first) else low
        self._high = np.maximum.reduceat(high, first) if len(first) else high

    def __len__(self) -> int:
        return len(self._start)

    def find_nearest(self, lon: float, lat: float) -> Nearest | None:
        """The border's nearest point, true within 0.1 % at any distance; None for a border without edges."""
        if not len(self):
            return None
        point = np.array([lon, lat])
        scale = metres_per_degree(np.array([lat]))[0]
        away = np.hypot(*(np.maximum(np.maximum(self._low - point, point - self._high), 0.0) * scale).T)
        metres, _ = self._measure(_edges_of(np.array([np.argmin(away)]), len(self)), point, scale)
        slack = 1.0 + self._slack(float(metres.min()), lat)
        runs = np.flatnonzero(away <= metres.min() * slack)
        metres, foot = self._measure(_edges_of(runs, len(self)), point, scale)
        foot = foot[metres <= metres.min() * slack]
        true = _GEOD.inv(np.full(len(foot), lon), np.full(len(foot), lat), foot[:, 0], foot[:, 1])[2]
        best = int(np.argmin(true))
        return Nearest(float(true[best]), float(foot[best, 0]), float(foot[best, 1]))

    def _measure(self, edge: Ints, point: Floats, scale: Floats) -> tuple[Floats, Floats]:
        """Metres on the plane to each edge (n,), and the foot of each (n, 2) in degrees."""
        start = (self._start[edge] - point) * scale
        along = (self._end[edge] - self._start[edge]) * scale
        length = np.einsum("ij,ij->i", along, along)
        share = -np.einsum("ij,ij->i", start, along) / np.where(length > 0, length, 1.0)
        foot = start + along * np.clip(share, 0.0, 1.0)[:, None]
        return np.hypot(foot[:, 0], foot[:, 1]), foot / scale + point

    def _slack(self, metres: float, lat: float) -> float:
        """How far, as a share, the plane may misjudge a distance as long as this one."""
        bend = metres / _RADIUS_M * (1.0 + 2.0 * abs(math.tan(math.radians(min(abs(lat) + 5.0, 85.0)))))
        return min(2.0 * bend + _LEAST_SLACK, 20.0)


def _edges_of(runs: Ints, count: int) -> Ints:
    edges = (runs[:, None] * _RUN + np.arange(_RUN)).ravel()
    return edges[edges < count]


def _read_edges(shapes: tuple[BaseGeometry, ...]) -> tuple[Floats, Floats]:
    """Start and end of every edge, ring by ring: a run of edges lies together."""
    lines = [shape.boundary if shape.geom_type.endswith("Polygon") else shape for shape in shapes]
    parts = shapely.get_parts(shapely.get_parts(np.array(lines, dtype=object)))
    xy, of = shapely.get_coordinates(parts, return_index=True)
    follows = np.flatnonzero(of[1:] == of[:-1]) if len(of) else np.empty(0, dtype=np.int64)
    return xy[follows], xy[follows + 1]
