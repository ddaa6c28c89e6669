"""True areas and distances on the ellipsoid from lon/lat degrees, on arrays."""

from typing import Any, cast

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from app.spatial.crs.zones import local_epsg

_SEMI_MAJOR_M = 6378137.0
_FLATTENING = 1 / 298.257223563
_E2 = _FLATTENING * (2 - _FLATTENING)
_E = _E2**0.5
_GEOD = pyproj.Geod(ellps="WGS84")


def local_crs(lon: float) -> pyproj.CRS:
    """Return the CGCS2000 3-degree zone (metres, no zone prefix) that holds a longitude in degrees."""
    return pyproj.CRS.from_epsg(local_epsg(lon))


def _strip_height_m(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of an equal-area cylinder over the equator at a latitude in degrees (authalic, in metres)."""
    sine = np.sin(np.radians(lat))
    q = (1 - _E2) * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)
    return cast("NDArray[np.float64]", _SEMI_MAJOR_M * q / 2)


def _sums(group: NDArray[np.intp], values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    return np.bincount(group, values, minlength=groups).astype(np.float64)


def _ring_areas_m2(rings: NDArray[Any]) -> NDArray[np.float64]:
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    width = np.diff(np.radians(xy[:, 0]))[same] * _SEMI_MAJOR_M
    lat0, lat1 = xy[:-1, 1][same], xy[1:, 1][same]
    start = np.searchsorted(ring, np.arange(len(rings)))
    base = _strip_height_m(xy[start, 1])[ring[:-1][same]]
    height = (_strip_height_m(lat0) + 4 * _strip_height_m((lat0 + lat1) / 2) + _strip_height_m(lat1)) / 6
    return np.abs(_sums(ring[:-1][same], width * (height - base), len(rings)))


def area_m2(geoms: ArrayLike | NDArray[Any]) -> NDArray[np.float64]:
    """Return the true ground area (n,) in square metres of EPSG:4326 shapes; None, points and lines count 0.

    Edges are straight in lon/lat, as they are stored, and integrated on the WGS84/CGCS2000 ellipsoid by
    Simpson's rule over the authalic latitude; so areas of a coverage add up exactly and need no zone.
    """
    shapes = np.atleast_1d(np.asarray(geoms, object))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, deeper = shapely.get_parts(parts, return_index=True)
        owner = owner[deeper]
    flat = shapely.get_type_id(parts) == 3
    parts, owner = parts[flat & ~shapely.is_empty(parts)], owner[flat & ~shapely.is_empty(parts)]
    if not len(parts):
        return np.zeros(len(shapes))
    rings, part = shapely.get_rings(parts, return_index=True)
    shell = np.r_[True, part[1:] != part[:-1]]
    signed = np.where(shell, 1.0, -1.0) * _ring_areas_m2(rings)
    return _sums(owner[part], signed, len(shapes))


def distance_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> NDArray[np.float64]:
    """Return geodesic distances in metres between points in degrees; arrays broadcast (Karney, by PROJ)."""
    points = np.broadcast_arrays(*(np.asarray(part, np.float64) for part in (lon1, lat1, lon2, lat2)))
    start_lon, start_lat, end_lon, end_lat = (part.copy() for part in points)
    _, _, metres = _GEOD.inv(start_lon, start_lat, end_lon, end_lat)
    return np.asarray(metres, np.float64)


def perimeter_m(geoms: ArrayLike | NDArray[Any]) -> NDArray[np.float64]:
    """Return the length (n,) in metres of all rings or lines of EPSG:4326 shapes; None counts 0."""
    shapes = np.atleast_1d(np.asarray(geoms, object))
    parts, owner = shapely.get_parts(shapes, return_index=True)
    polygon = shapely.get_type_id(parts) == 3
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    lines, lines_owner = parts[~polygon], owner[~polygon]
    every, holder = np.r_[rings, lines], np.r_[owner[polygon][part], lines_owner]
    xy, line = shapely.get_coordinates(every, return_index=True)
    same = line[1:] == line[:-1]
    step = distance_m(xy[:-1, 0][same], xy[:-1, 1][same], xy[1:, 0][same], xy[1:, 1][same])
    return _sums(holder[line[:-1][same]], step, len(shapes))
