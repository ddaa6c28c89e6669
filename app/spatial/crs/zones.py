"""The Gauss-Kruger zones of China by EPSG number, and the plain arithmetic of their eastings.

Two habits exist for every zone: the easting with the zone number in front (40 500 000 m) and without it
(500 000 m). Source: the EPSG registry; `tests/spatial/test_crs_zones.py` compares every row with PROJ.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Zone:
    """One Gauss-Kruger zone: width and central meridian in degrees, `prefix` in front of its eastings."""

    epsg: int
    datum: str
    width: int
    meridian: int
    prefix: int | None


@dataclass(frozen=True)
class _Series:
    datum: str
    first: int
    width: int
    first_prefix: int | None

    @property
    def length(self) -> int:
        return 21 if self.width == 3 else 11

    def zone(self, step: int) -> Zone:
        prefix = None if self.first_prefix is None else self.first_prefix + step
        return Zone(self.first + step, self.datum, self.width, 75 + self.width * step, prefix)


_SERIES = (
    _Series("cgcs2000", 4491, 6, 13),
    _Series("cgcs2000", 4502, 6, None),
    _Series("cgcs2000", 4513, 3, 25),
    _Series("cgcs2000", 4534, 3, None),
    _Series("xian1980", 2327, 6, 13),
    _Series("xian1980", 2338, 6, None),
    _Series("xian1980", 2349, 3, 25),
    _Series("xian1980", 2370, 3, None),
    _Series("beijing1954", 21413, 6, 13),
    _Series("beijing1954", 21453, 6, None),
    _Series("beijing1954", 2401, 3, 25),
    _Series("beijing1954", 2422, 3, None),
)
ZONES: dict[int, Zone] = {
    zone.epsg: zone for series in _SERIES for zone in (series.zone(step) for step in range(series.length))
}


def find_zone(epsg: int) -> Zone | None:
    """Return the Chinese Gauss-Kruger zone of an EPSG number, or None for any other system."""
    return ZONES.get(epsg)


def local_epsg(lon: float) -> int:
    """Return the CGCS2000 3-degree zone (easting without prefix) that holds a longitude in degrees."""
    step = round((float(lon) - 75.0) / 3.0)
    return 4534 + min(max(step, 0), 20)


def prefixed_zone(prefix: int) -> Zone | None:
    """Return the CGCS2000 zone whose easting starts with this number: 25-45 are 3-degree, 13-23 6-degree."""
    if 25 <= prefix <= 45:
        return ZONES[4513 + prefix - 25]
    return ZONES[4491 + prefix - 13] if 13 <= prefix <= 23 else None
