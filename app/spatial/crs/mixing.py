"""One file, two zones: a county across a zone border whose rows each carry their own zone's numbers.

With zone numbers in front (40 6xx xxx and 41 3xx xxx) the rows tell it themselves. Without, the rows fall
into two heaps hundreds of kilometres apart that fit together only when the western zone's heap is put west.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.crs.candidates import Box, Candidate, meets, place
from app.spatial.crs.systems import SWAPPED, points_to_storage
from app.spatial.crs.zones import local_epsg, prefixed_zone

Numbers = NDArray[np.float64]
_MOST = 0.95
_VERTICES = 20_000
_HEAPS_APART_M = 80_000.0
_TOUCH_DEGREE = 0.3


def list_mixed(geoms: NDArray[Any], reference: Box | None) -> list[Candidate]:
    """The systems of two or three zones in which the rows of a layer fit together; empty for a plain layer.

    `geoms` are in the file's own numbers; `reference` is the lon/lat box of known ground.
    """
    xy = _look_at(geoms)
    if len(xy) < 2:
        return []
    for order, east, north in (("", xy[:, 0], xy[:, 1]), (SWAPPED, xy[:, 1], xy[:, 0])):
        numbered = [*_numbered(east, north, order)]
        bare = [one for one in _bare(east, north, order) if reference is None or meets(one.box, reference)]
        if numbered or bare:
            return numbered or bare
    return []


def _look_at(geoms: NDArray[Any]) -> Numbers:
    """A vertex of every shape and some more, non-finite ones left out."""
    xy, shape = shapely.get_coordinates(np.asarray(geoms, object), return_index=True)
    first = np.flatnonzero(np.diff(shape, prepend=-1))
    some = np.arange(0, len(xy), len(xy) // _VERTICES + 1)
    xy = xy[np.union1d(first, some)]
    return np.asarray(xy[np.isfinite(xy).all(axis=1)], np.float64)


def _fit(east: Numbers, north: Numbers, used: str) -> Candidate | None:
    """The candidate when all heaps together lie in China as one piece of ground."""
    lon, lat = points_to_storage(east, north, used)
    gaps = np.diff(np.sort(lon))
    if not np.isfinite(lon).all() or gaps.max(initial=0.0) > _TOUCH_DEGREE:
        return None
    box = place(lon, lat)
    return None if box is None else Candidate(used, box)


def _numbered(east: Numbers, north: Numbers, order: str) -> Iterator[Candidate]:
    numbers = np.floor(np.clip(east / 1e6, -1, 1000)).astype(np.intp)
    zones = {int(number): prefixed_zone(int(number)) for number in np.unique(numbers)}
    known = {number: zone for number, zone in zones.items() if zone is not None}
    if not known or len({zone.width for zone in known.values()}) > 1:
        return
    epsg = [zone.epsg for zone in known.values()]
    if 0 in zones:
        epsg += [local_epsg(zone.meridian) for zone in known.values()]
    ours = np.isin(numbers, [*known, 0]) & (north > 2e5) & (north < 6.3e6)
    if len(zones) < 2 or len(known) > 3 or ours.mean() < _MOST or not _several(numbers[ours]):
        return
    fit = _fit(east[ours], north[ours], "|".join(f"EPSG:{one}" for one in epsg))
    if fit is not None:
        yield Candidate(fit.used + order, fit.box)


def _several(numbers: NDArray[np.intp]) -> bool:
    return len(np.unique(numbers)) > 1


def _bare(east: Numbers, north: Numbers, order: str) -> Iterator[Candidate]:
    ours = (east > 5e4) & (east < 9.5e5) & (north > 2e5) & (north < 6.3e6)
    west, rest = east[ours & (east >= 5e5)], east[ours & (east < 5e5)]
    if ours.mean() < _MOST or not len(west) or not len(rest) or west.min() - rest.max() < _HEAPS_APART_M:
        return
    for meridian in range(75, 133, 3):
        pair = f"EPSG:{local_epsg(meridian)}|EPSG:{local_epsg(meridian + 3)}"
        fit = _fit(east[ours], north[ours], pair)
        if fit is not None:
            yield Candidate(fit.used + order, fit.box)
