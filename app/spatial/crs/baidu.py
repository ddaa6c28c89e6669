"""Baidu's own Mercator (metres, "bd09mc"), which looks like EPSG:3857 and lies some 20 km beside it.

Baidu publishes it as polynomials over bands of latitude. The way from metres to BD-09 degrees is that
polynomial; the way back solves it, so that both agree to less than a millimetre. Only the bands of latitudes
0 to 60 are kept, which hold all of China.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.spatial.crs.shift import shift_to_bd09, unshift_bd09

Numbers = NDArray[np.float64]
Pair = tuple[Numbers, Numbers]

# From north to south: where a band begins (metres), metres of its unit, what x is multiplied with, and the
# polynomial of latitude over y / unit, lowest power first.
_BANDS = (
    (
        5591021.0,
        6856817.37,
        (-3.030883460898826e-8, 8.98305509983578e-6),
        (
            *(0.30071316287616, 59.74293618442277, 7.357984074871, -25.38371002664745),
            *(13.45380521110908, -3.29883767235584, 0.32710905363475),
        ),
    ),
    (
        3481989.83,
        4482777.06,
        (-1.981981304930552e-8, 8.983055099779535e-6),
        (
            *(0.03278182852591, 40.31678527705744, 0.65659298677277, -4.44255534477492),
            *(0.85341911805263, 0.12923347998204, -0.04625736007561),
        ),
    ),
    (
        1678043.12,
        2555164.4,
        (3.09191371068437e-9, 8.983055096812155e-6),
        (
            *(6.995724062e-5, 23.10934304144901, -0.00023663490511, -0.6321817810242),
            *(-0.00663494467273, 0.03430082397953, -0.00466043876332),
        ),
    ),
    (
        0.0,
        826088.5,
        (2.890871144776878e-9, 8.983055095805407e-6),
        (
            *(-3.068298e-8, 7.47137025468032, -3.53937994e-6, -0.02145144861037),
            *(-1.234426596e-5, 0.00010322952773, -3.23890364e-6),
        ),
    ),
)
_NORTH_END_M = 8362377.87
_ECCENTRICITY = 0.0818191908426
_SEMI_MAJOR_M = 6378137.0
_ROUNDS = 8


def _latitude(y: Numbers) -> Numbers:
    lat, left = np.full(y.shape, np.nan), (y >= 0) & (y < _NORTH_END_M)
    for begins, unit, _, terms in _BANDS:
        band = left & (y >= begins)
        lat[band] = np.polynomial.polynomial.polyval(y[band] / unit, terms)
        left &= ~band
    return lat


def _longitude(x: Numbers, y: Numbers) -> Numbers:
    begins = np.array([band[0] for band in _BANDS])
    which = np.argmax(np.where(np.isfinite(y), y, 0.0)[..., None] >= begins, axis=-1)
    start, factor = np.array([band[2] for band in _BANDS])[which].T
    return np.asarray(start.T + factor.T * x, np.float64)


def to_storage(x: ArrayLike, y: ArrayLike) -> Pair:
    """Turn Baidu Mercator metres into lon/lat degrees of storage; NaN outside latitudes 0 to 60."""
    east, north = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return unshift_bd09(_longitude(east, north), _latitude(north))


def from_storage(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """Turn lon/lat degrees of storage into Baidu Mercator metres; the inverse of `to_storage`."""
    bd_lon, bd_lat = shift_to_bd09(lon, lat)
    sine = np.sin(np.radians(bd_lat))
    y = _SEMI_MAJOR_M * (np.arctanh(sine) - _ECCENTRICITY * np.arctanh(_ECCENTRICITY * sine))
    for _ in range(_ROUNDS):
        y = y + (bd_lat - _latitude(y)) / np.maximum((_latitude(y + 50) - _latitude(y - 50)) / 100, 1e-7)
    factor = (_longitude(np.ones_like(y), y) - _longitude(np.zeros_like(y), y)).astype(np.float64)
    return (bd_lon - _longitude(np.zeros_like(y), y)) / factor, y
