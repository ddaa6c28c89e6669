"""Every system in which a box of numbers could lie in China: degrees, web Mercator, Gauss-Kruger zones.

All is arithmetic over one projection, so a hundred systems cost a millisecond: a Gauss-Kruger zone differs
from its neighbour only by its meridian and by the number in front of its eastings.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from app.spatial.crs.systems import SWAPPED, points_to_storage, read_system
from app.spatial.crs.zones import local_epsg, prefixed_zone

Box = tuple[float, float, float, float]

# Generous lon/lat rectangles around the land; they only tell plausible from impossible and draw no border.
_LAND = np.array(
    [
        (73.0, 34.0, 97.0, 49.8),
        (78.0, 26.3, 100.0, 37.0),
        (97.0, 20.5, 110.0, 43.5),
        (104.0, 17.5, 123.9, 43.5),
        (107.0, 2.5, 119.5, 18.5),
        (97.0, 34.0, 120.0, 50.5),
        (115.0, 38.0, 135.6, 54.0),
    ]
)
_REFERENCE_MARGIN_DEGREE = 0.5
_FROM_MERIDIAN_DEGREE = {3: 3.0, 6: 4.6}
_AREA_OF_USE_MARGIN_DEGREE = 3.0
_FARTHEST = 1e12  # no system on Earth counts so far, degrees times ten million included
_BASE_ZONE, _BASE_MERIDIAN = "EPSG:4549", 120


@dataclass(frozen=True)
class Candidate:
    """A system that stands, and the lon/lat box the layer then has."""

    used: str
    box: Box


def meets(box: Box, reference: Box) -> bool:
    """Tell whether two lon/lat boxes meet, with half a degree of grace."""
    margin = _REFERENCE_MARGIN_DEGREE
    return (
        box[0] <= reference[2] + margin
        and box[2] >= reference[0] - margin
        and box[1] <= reference[3] + margin
        and box[3] >= reference[1] - margin
    )


def _outline(bounds: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.meshgrid(np.linspace(bounds[0], bounds[2], 3), np.linspace(bounds[1], bounds[3], 3))
    return x.ravel(), y.ravel()


def _box(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Box | None:
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))


def _in_china(box: Box | None) -> bool:
    """Tell whether a box lies in China: its centre in one of the rectangles, its corners not far away."""
    if box is None or box[0] < 70 or box[2] > 138 or box[1] < 0 or box[3] > 56:
        return False
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    west, south, east, north = _LAND.T
    return bool(((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)).any())


def place(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Box | None:
    """Return the lon/lat box of points in degrees when it lies in China, else None."""
    box = _box(lon, lat)
    return box if _in_china(box) else None


def on_earth(bounds: Box, used: str) -> Box | None:
    """Return the lon/lat box of `bounds` in the system `used`, or None when these are no degrees at all."""
    box = _box(*points_to_storage(*_outline(bounds), used))
    if box is None or box[0] < -180 or box[2] > 180 or box[1] < -90 or box[3] > 90:
        return None
    return box


def land(bounds: Box, used: str) -> Box | None:
    """Return the lon/lat box of `bounds` in the system `used`, or None when that is not believable.

    Believable is: in China, and for a system with an area of use (a zone) not far outside that area.
    """
    box, area = on_earth(bounds, used), _area_of_use(used)
    if box is None or not _in_china(box):
        return None
    if area is None:
        return box
    margin = _AREA_OF_USE_MARGIN_DEGREE
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    inside = area[0] - margin <= lon <= area[2] + margin and area[1] - margin <= lat <= area[3] + margin
    return box if inside else None


def _area_of_use(used: str) -> Box | None:
    """Return the area of use of a zone-like system; None for degrees and systems of the whole world."""
    bases = read_system(used).bases
    if not all(base.startswith("EPSG:") for base in bases):
        return None
    areas = [pyproj.CRS.from_user_input(base).area_of_use for base in bases]
    known = [area for area in areas if area is not None and area.east - area.west <= 100]
    if not known:
        return None
    west, south = min(area.west for area in known), min(area.south for area in known)
    return (west, south, max(area.east for area in known), max(area.north for area in known))


def list_candidates(bounds: Box, *, whole: bool = False) -> list[Candidate]:
    """Return the systems in which these bounds lie in China; swapped axes only when nothing else stands.

    `whole` says that all numbers are whole ones: then they may be degrees times a power of ten as well.
    """
    if max(map(abs, bounds)) > _FARTHEST:
        return []
    x, y = _outline(bounds)
    return _list_ordered(x, y, "", whole) or _list_ordered(y, x, SWAPPED, whole)


def _list_ordered(x: NDArray[np.float64], y: NDArray[np.float64], order: str, whole: bool) -> list[Candidate]:
    scales = (0, 5, 6, 7) if whole else (0,)
    degrees = [one for scale in scales for one in _degrees(x, y, order, scale)]
    return [*degrees, *_mercator(x, y, order), *_zones(x, y, order)]


def _degrees(x: NDArray[np.float64], y: NDArray[np.float64], order: str, scale: int) -> Iterator[Candidate]:
    box = place(x / 10**scale, y / 10**scale)
    if box is not None:
        yield Candidate(f"EPSG:4326{f'/e{scale}' if scale else ''}{order}", box)


def _mercator(x: NDArray[np.float64], y: NDArray[np.float64], order: str) -> Iterator[Candidate]:
    if np.abs(x).max() > 2.1e7 or np.abs(x).max() < 1e6:
        return
    box = place(*points_to_storage(x, y, "EPSG:3857"))
    if box is not None:
        yield Candidate("EPSG:3857" + order, box)


def _zones(x: NDArray[np.float64], y: NDArray[np.float64], order: str) -> Iterator[Candidate]:
    prefix = int(np.floor(x.mean() / 1e6))
    zone = prefixed_zone(prefix)
    if zone is not None:
        box = _unproject(x - prefix * 1e6, y, zone.meridian, zone.width)
        if box is not None:
            yield Candidate(f"EPSG:{zone.epsg}{order}", box)
    elif prefix == 0:
        for meridian in range(75, 136, 3):
            box = _unproject(x, y, meridian, 6)
            if box is not None:
                yield Candidate(f"EPSG:{local_epsg(meridian)}{order}", box)


def _unproject(x: NDArray[np.float64], y: NDArray[np.float64], meridian: int, width: int) -> Box | None:
    if y.min() < 2e5 or y.max() > 6.3e6 or x.min() < 0 or x.max() > 1e6:
        return None
    lon, lat = points_to_storage(x, y, _BASE_ZONE)
    box = _box(lon + (meridian - _BASE_MERIDIAN), lat)
    if box is None or not _in_china(box):
        return None
    off = abs((box[0] + box[2]) / 2 - meridian)
    return box if off <= _FROM_MERIDIAN_DEGREE[width] else None
