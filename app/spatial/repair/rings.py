"""Rings by array: snapped to the storage grid, freed of double points, searched for spikes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

SNAP_DEGREE = 1e-7
POINT, MULTIPOINT = 0, 4
POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7
_SPIKE_WIDTH_DEGREE = 2e-7

Coordinates = NDArray[np.float64]


def list_polygons(geom: Any) -> NDArray[Any]:
    """Return every polygon within a shape, however deep in collections; an empty one is none."""
    parts = shapely.get_parts(np.array([geom], object))
    while (shapely.get_type_id(parts) > POLYGON).any():
        parts = shapely.get_parts(parts)
    return np.asarray(parts[(shapely.get_type_id(parts) == POLYGON) & ~shapely.is_empty(parts)])


def only_polygons(geom: Any) -> Any:
    """Return the multipolygon of the polygons within a shape, None when there is none."""
    if geom is None or shapely.is_empty(geom):
        return None
    parts = list_polygons(geom)
    return shapely.multipolygons(parts) if len(parts) else None


def read_rings(geoms: NDArray[Any]) -> tuple[Coordinates, NDArray[np.intp], NDArray[np.intp]]:
    """Return (coordinates (m, 2), their ring, the shape each ring belongs to) of all polygons."""
    parts, owner = shapely.get_parts(geoms, return_index=True)
    polygon = shapely.get_type_id(parts) == POLYGON
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    return xy, ring, owner[polygon][part]


def has_double_points(geoms: NDArray[Any]) -> NDArray[np.bool_]:
    """Find shapes (n,) with a point that is there twice in a row."""
    xy, ring, owner = read_rings(geoms)
    out = np.zeros(len(geoms), bool)
    same = (xy[1:] == xy[:-1]).all(axis=1) & (ring[1:] == ring[:-1])
    out[owner[ring[1:][same]]] = True
    return out


def snap(geoms: NDArray[Any]) -> NDArray[Any]:
    """Round every vertex to 1e-7 degree and merge the points that fall together; None stays None.

    Rounding is by vertex alone, so two neighbours with the same corner keep the same corner. A polygon that
    falls together altogether becomes None.
    """
    rounded = np.asarray(shapely.transform(geoms, lambda xy: np.round(xy, 7)), object)
    for index in np.flatnonzero(has_double_points(rounded)):
        rounded[index] = _rebuild(rounded[index], merge_doubles)
    return rounded


def _rebuild(geom: Any, change: Callable[[Coordinates], Coordinates]) -> Any:
    """Return the multipolygon whose closed rings went through `change`; rings of under 4 points are gone."""
    kept = []
    for polygon in list_polygons(geom):
        rings = [change(shapely.get_coordinates(ring)) for ring in shapely.get_rings(polygon)]
        if len(rings[0]) >= 4:
            kept.append(shapely.Polygon(rings[0], [hole for hole in rings[1:] if len(hole) >= 4]))
    return shapely.multipolygons(kept) if kept else None


def merge_doubles(xy: Coordinates) -> Coordinates:
    """Keep one of points (n, 2) that follow each other at the same place."""
    return xy[np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]]


def has_spike(geoms: NDArray[Any]) -> NDArray[np.bool_]:
    """Find shapes with a vertex whose two edges run out and back on the same line (within about 2 cm)."""
    xy, ring, owner = read_rings(geoms)
    out = np.zeros(len(geoms), bool)
    out[owner[ring[_spike_tips(xy, ring)]]] = True
    return out


def _spike_tips(xy: Coordinates, ring: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return positions in `xy` (closed rings, `ring` their number) of the tips of spikes."""
    if len(xy) < 3:
        return np.empty(0, np.intp)
    before, after = _neighbours(ring)
    back, on = xy[before] - xy, xy[after] - xy
    length_back, length_on = np.hypot(*back.T), np.hypot(*on.T)
    cross = np.abs(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0])
    longer, shorter = np.maximum(length_back, length_on), np.minimum(length_back, length_on)
    width = np.divide(cross, longer, out=np.full(len(xy), np.inf), where=longer > 0)
    same_way = (back * on).sum(axis=1) > 0
    return np.flatnonzero(same_way & (width <= _SPIKE_WIDTH_DEGREE) & (shorter > 10 * _SPIKE_WIDTH_DEGREE))


def _neighbours(ring: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return for each position of closed rings the ones before and after; the double end is stepped over."""
    at = np.arange(len(ring))
    first = np.r_[True, ring[1:] != ring[:-1]]
    last = np.r_[ring[1:] != ring[:-1], True]
    start, end = at[first][ring], at[last][ring]
    before = np.where(at == start, end - 1, at - 1)
    after = np.where(at == end, start + 1, at + 1)
    return before, after


def take_spikes_off(geom: Any) -> Any:
    """Return a shape as multipolygon without the tips of its spikes, None when no ring is left."""
    return _rebuild(geom, _blunt)


def _blunt(xy: Coordinates) -> Coordinates:
    """Take the tips of spikes off a closed ring until none is left."""
    while len(xy) >= 4:
        tips = _spike_tips(xy, np.zeros(len(xy), np.intp))
        if not len(tips):
            break
        keep = np.ones(len(xy) - 1, bool)
        keep[tips[0] % len(keep)] = False
        rest = xy[:-1][keep]
        xy = merge_doubles(np.vstack([rest, rest[:1]]))
    return xy
