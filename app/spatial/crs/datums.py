"""The datums we know, as one tuple: what degrees may mean, and the way of each to storage and back.

Coordinates here are always x = east, y = north.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from app.spatial.crs import baidu, shift

pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
Move = Callable[[ArrayLike, ArrayLike], Pair]


@lru_cache(maxsize=256)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def project(x: ArrayLike, y: ArrayLike, *, source: str, target: str) -> Pair:
    """Bring points from one PROJ system to another, x = east in both; non-finite where PROJ fails."""
    out = _transformer(source, target).transform(np.asarray(x, np.float64), np.asarray(y, np.float64))
    return np.asarray(out[0], np.float64), np.asarray(out[1], np.float64)


def _keep(x: ArrayLike, y: ArrayLike) -> Pair:
    return np.array(x, np.float64), np.array(y, np.float64)


@dataclass(frozen=True)
class Datum:
    """What degrees may mean: the way to storage and back, and the error in metres left after it."""

    key: str
    aliases: tuple[str, ...]
    title_zh: str
    title_en: str
    error_m: float
    to_storage: Move
    from_storage: Move
    epsg: int | None = None


def _proj_datum(key: str, epsg: int, zh: str, en: str) -> Datum:
    geographic = f"EPSG:{epsg}"
    there = partial(project, source=geographic, target="EPSG:4326")
    back = partial(project, source="EPSG:4326", target=geographic)
    return Datum(key, (geographic.lower(),), zh, en, 30.0, there, back, epsg)


DATUMS: tuple[Datum, ...] = (
    Datum(
        "cgcs2000",
        ("wgs84", "wgs-84", "epsg:4326", "epsg:4490"),
        "国家大地坐标系 CGCS2000（与 WGS84 视为相同）",
        "CGCS2000 (taken as equal to WGS84)",
        0.1,
        _keep,
        _keep,
        4326,
    ),
    Datum(
        "gcj02",
        ("gcj-02", "gcj", "amap", "高德", "腾讯", "火星坐标"),
        "GCJ-02 火星坐标（高德、腾讯地图）",
        "GCJ-02 (AMap, Tencent maps)",
        1.0,
        shift.unshift_gcj02,
        shift.shift_to_gcj02,
    ),
    Datum(
        "bd09",
        ("bd-09", "bd09ll", "baidu", "百度"),
        "BD-09 百度坐标",
        "BD-09 (Baidu maps)",
        1.0,
        shift.unshift_bd09,
        shift.shift_to_bd09,
    ),
    Datum(
        "bd09mc",
        ("bd-09mc", "百度米制"),
        "百度墨卡托米制坐标",
        "Baidu Mercator (metres)",
        1.0,
        baidu.to_storage,
        baidu.from_storage,
    ),
    _proj_datum("xian1980", 4610, "西安80坐标系", "Xian 1980"),
    _proj_datum("beijing1954", 4214, "北京54坐标系", "Beijing 1954"),
)
_BY_NAME = {name: datum for datum in DATUMS for name in (datum.key, *datum.aliases)}
SHIFTED = ("gcj02", "bd09")
OLD_DATUMS = ("xian1980", "beijing1954")


def find_datum(name: str) -> Datum | None:
    """Return the datum of a key or an alias in any case, or None."""
    return _BY_NAME.get(name.strip().lower())


_MARKS = (
    ("gcj02", ("gcj02",)),
    ("bd09", ("bd09",)),
    ("xian1980", ("xian1980", "xian80")),
    ("beijing1954", ("beijing1954", "beijing54")),
    ("cgcs2000", ("cgcs2000", "china2000", "chinageodetic", "wgs84", "wgs1984", "worldgeodetic")),
)
_NAMELESS = ("unnamed", "unknown", "basedon", "notspecified")
_BY_FLATTENING = {298.3: "beijing1954", 298.257: "xian1980", 298.257222: "cgcs2000", 298.257224: "cgcs2000"}


def datum_of(crs: pyproj.CRS) -> Datum | None:
    """Return the datum a PROJ system stands on, or None when it is none of ours.

    It is told by its name; one that has none (as MapInfo writes it) by its ellipsoid.
    """
    base = crs.geodetic_crs
    if base is None:
        return None
    name = re.sub(r"[^a-z0-9]", "", f"{base.name} {base.datum.name if base.datum else ''}".lower())
    for key, marks in _MARKS:
        if any(mark in name for mark in marks):
            return _BY_NAME[key]
    if not any(mark in name for mark in _NAMELESS) or base.ellipsoid is None:
        return None
    return _BY_NAME.get(_BY_FLATTENING.get(round(base.ellipsoid.inverse_flattening, 6), ""))
