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
STRANGE = "?"
DATUM_KEYS = (*PLAIN, *SHIFTED, STRANGE)
# So many points must lie in their village only when shifted back, so many times more than as they came.
FEWEST, TIMES = 20, 4


@dataclass(frozen=True)
class Points:
    """Points of a chunk in storage coordinates, all of one length: `usable` says which may be used.

    `datum` numbers the datum of each in `DATUM_KEYS`, `wrong` what is wrong with it in `told`.
    """

    x: Floats
    y: Floats
    datum: NDArray[np.int8]
    usable: NDArray[np.bool_]
    wrong: NDArray[np.int32]
    told: list[Wrong | None]

    def datum_of(self, i: int) -> str:
        """In which datum a point came."""
        return DATUM_KEYS[int(self.datum[i])]

    def wrong_of(self, i: int) -> Wrong | None:
        """What is wrong with a point."""
        return self.told[int(self.wrong[i])]


def read_points(
    lon: Floats,
    lat: Floats,
    words: Sequence[str],
    bounds: Bounds | None,
    *,
    word_of: NDArray[np.int64] | None = None,
) -> Points:
    """Source coordinates (n,), NaN for none, as usable points.

    `words` are the file's words of a datum, one a point unless `word_of` (n,) says which one a row has.
    """
    which = np.arange(len(words)) if word_of is None else word_of
    given = np.isfinite(lon) & np.isfinite(lat)
    keys = [DATUM_WORDS.get(word.strip().lower(), STRANGE) for word in words]
    datum = np.array([DATUM_KEYS.index(key) for key in keys], dtype=np.int8)[which]
    x, y = _convert(lon, lat, datum, given)
    codes = np.where(given, check_points(x, y, bounds), 0).astype(np.int32)
    strange = given & (datum == DATUM_KEYS.index(STRANGE))
    unknown = strange & (codes == 0)
    codes[unknown] = len(WRONGS) + which[unknown]
    told = [*WRONGS, *(unknown_datum(word) for word in words)]
    return Points(x, y, datum, given & ~strange & (codes == 0), codes, told)


def _convert(
    lon: Floats, lat: Floats, datum: NDArray[np.int8], given: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    x, y = np.where(given, lon, np.nan), np.where(given, lat, np.nan)
    for key in SHIFTED:
        mine = np.flatnonzero(given & (datum == DATUM_KEYS.index(key)))
        if len(mine):
            x[mine], y[mine] = crs.points_to_storage(x[mine], y[mine], key)
    return x, y


def find_likelier_datum(
    points: Points, villages: Villages, row: NDArray[np.int32]
) -> tuple[str | None, NDArray[np.bool_]]:
    """The datum in which points fit their sure villages (`row`, -1 unknown) clearly better than as they came.

    With it the points that lie in their village only then; nothing is said of points declared as shifted.
    """
    plain = np.isin(points.datum, [DATUM_KEYS.index(key) for key in PLAIN])
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
