"""Coordinates that a source system sent: converted from their datum, checked, compared with the addresses.

A coordinate that cannot be used is named and dropped. A whole chunk whose points fit its own addresses better
as GCJ-02 or BD-09 is told of: nothing is moved for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.customers.placing import DATUM_WORDS, WRONGS, Wrong, check_points, unknown_datum
from app.customers.villages import Villages
from app.spatial import crs

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]
# The datums in which a map's shifted points most often hide.
PLAIN = ("cgcs2000", "wgs84")
SHIFTED = ("gcj02", "bd09")
# So many points must lie in their village only when shifted back, so many times more than as they came.
FEWEST, TIMES = 20, 4


@dataclass(frozen=True)
class Points:
    """Points of a chunk in storage coordinates, all of one length: `usable` says which may be used."""

    x: Floats
    y: Floats
    datums: list[str]
    usable: NDArray[np.bool_]
    wrongs: list[Wrong | None]


def read_points(lon: Floats, lat: Floats, words: Sequence[str], bounds: Bounds | None) -> Points:
    """Source coordinates (n,), NaN for none, in the file's own words of their datum, as usable points."""
    given = np.isfinite(lon) & np.isfinite(lat)
    known = {word: DATUM_WORDS.get(word.strip().lower(), "?") for word in set(words)}
    keys = [known[word] for word in words]
    x, y = _convert(lon, lat, np.array(keys), given)
    codes = np.where(given, check_points(x, y, bounds), 0)
    strange = given & np.array([key == "?" for key in keys], dtype=bool)
    wrongs = [WRONGS[code] for code in codes.tolist()]
    for i in np.flatnonzero(strange & (codes == 0)).tolist():
        wrongs[i] = unknown_datum(words[i])
    return Points(x, y, keys, given & ~strange & (codes == 0), wrongs)


def _convert(
    lon: Floats, lat: Floats, keys: NDArray[np.str_], given: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    x, y = np.where(given, lon, np.nan), np.where(given, lat, np.nan)
    for key in SHIFTED:
        mine = np.flatnonzero(given & (keys == key))
        if len(mine):
            x[mine], y[mine] = crs.points_to_storage(x[mine], y[mine], key)
    return x, y


def find_likelier_datum(
    points: Points, villages: Villages, row: NDArray[np.int32]
) -> tuple[str | None, NDArray[np.bool_]]:
    """The datum in which points fit their sure villages (`row`, -1 unknown) clearly better than as they came.

    With it the points that lie in their village only then; nothing is said of points declared as shifted.
    """
    plain = np.array([key in PLAIN for key in points.datums], dtype=bool)
    asked = np.flatnonzero(points.usable & plain & (row >= 0))
    none = np.zeros(len(row), dtype=bool)
    x, y, own = points.x[asked], points.y[asked], row[asked]
    as_it_came = villages.locate(x, y) == own
    found: tuple[int, str | None, NDArray[np.bool_]] = (0, None, none)
    for key in SHIFTED:
        shifted = villages.locate(*crs.points_to_storage(x, y, key)) == own
        gained, lost = int(np.sum(shifted & ~as_it_came)), int(np.sum(as_it_came & ~shifted))
        if gained >= FEWEST and gained >= TIMES * lost and gained - lost > found[0]:
            only = none.copy()
            only[asked[shifted & ~as_it_came]] = True
            found = (gained - lost, key, only)
    return found[1:]
