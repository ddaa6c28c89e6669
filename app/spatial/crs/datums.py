"""The datums we know, as one tuple, and the way of any named system to storage and back.

A *system* is a text: a datum's key or alias (`gcj02`, `wgs84`), `EPSG:nnnn`, or a WKT that a file carried;
with `/yx` behind it the file writes north (latitude) first. Coordinates here are always x = east, y = north.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, cast

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import CRSError

from app.errors import BadInput
from app.spatial.crs import shift
from app.spatial.crs.zones import find_zone

pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
Move = Callable[[ArrayLike, ArrayLike], Pair]
SWAPPED = "/yx"


@lru_cache(maxsize=256)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _project(x: ArrayLike, y: ArrayLike, *, source: str, target: str) -> Pair:
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
    there = partial(_project, source=geographic, target="EPSG:4326")
    back = partial(_project, source="EPSG:4326", target=geographic)
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
    _proj_datum("xian1980", 4610, "西安80坐标系", "Xian 1980"),
    _proj_datum("beijing1954", 4214, "北京54坐标系", "Beijing 1954"),
)
_BY_NAME = {name: datum for datum in DATUMS for name in (datum.key, *datum.aliases)}
OLD_DATUMS = ("xian1980", "beijing1954")


def parse(text: str) -> str:
    """Turn what a person or a flag says ("4549", "epsg:4549", "高德", "gcj02/yx") into a system's name.

    Raises BadInput `unknown_crs` for anything else: a text is never handed to PROJ as it is, since PROJ would
    also take file names and pipelines.
    """
    plain = text.strip().lower()
    base, swapped = plain.removesuffix(SWAPPED), plain.endswith(SWAPPED)
    if re.fullmatch(r"\d{4,6}", base):
        base = f"epsg:{base}"
    datum = _BY_NAME.get(base)
    if datum is not None:
        base = f"EPSG:{datum.epsg}" if datum.epsg else datum.key
    elif re.fullmatch(r"epsg:\d{4,6}", base) and _known_to_proj(base.upper()):
        base = base.upper()
    else:
        raise BadInput("unknown_crs", zh=f"不认识的坐标系：{text}", en=f"Unknown coordinate system: {text}")
    return base + (SWAPPED if swapped else "")


@lru_cache(maxsize=256)
def _known_to_proj(code: str) -> bool:
    try:
        return bool(pyproj.CRS.from_user_input(code).axis_info)
    except CRSError:
        return False


def datum_of(crs: pyproj.CRS) -> Datum | None:
    """Return the datum a PROJ system stands on, or None when it is none of ours."""
    base = crs.geodetic_crs
    name = re.sub(
        r"[^a-z0-9]", "", f"{base.name} {base.datum.name if base.datum else ''}".lower() if base else ""
    )
    for datum, marks in (
        (_BY_NAME["xian1980"], ("xian1980", "xian80")),
        (_BY_NAME["beijing1954"], ("beijing1954", "beijing54")),
        (
            _BY_NAME["cgcs2000"],
            ("cgcs2000", "china2000", "chinageodetic", "wgs84", "wgs1984", "worldgeodetic"),
        ),
    ):
        if any(mark in name for mark in marks):
            return datum
    return None


@lru_cache(maxsize=256)
def _moves(used: str) -> tuple[Move, Move]:
    """Return the way to storage and the way back of a system without `/yx`."""
    named = _BY_NAME.get(used.lower())
    if named is not None:
        return named.to_storage, named.from_storage
    crs = pyproj.CRS.from_wkt(used) if "[" in used else pyproj.CRS.from_user_input(parse(used))
    datum, wkt = datum_of(crs), crs.to_wkt()
    if datum is None or crs.geodetic_crs is None:
        there = partial(_project, source=wkt, target="EPSG:4326")
        return there, partial(_project, source="EPSG:4326", target=wkt)
    base = crs.geodetic_crs.to_wkt()

    def arrive(x: ArrayLike, y: ArrayLike) -> Pair:
        return datum.to_storage(*_project(x, y, source=wkt, target=base))

    def leave(lon: ArrayLike, lat: ArrayLike) -> Pair:
        return _project(*datum.from_storage(lon, lat), source=base, target=wkt)

    return arrive, leave


def points_to_storage(x: ArrayLike, y: ArrayLike, used: str) -> Pair:
    """Bring points of the system `used` to lon/lat degrees of storage; non-finite where PROJ fails."""
    if used.endswith(SWAPPED):
        x, y = y, x
    return _moves(used.removesuffix(SWAPPED))[0](x, y)


def points_from_storage(lon: ArrayLike, lat: ArrayLike, used: str) -> Pair:
    """Bring lon/lat degrees of storage to the system `used`, in the axis order that its name asks for."""
    x, y = _moves(used.removesuffix(SWAPPED))[1](lon, lat)
    return (y, x) if used.endswith(SWAPPED) else (x, y)


def _on_vertices(geoms: NDArray[Any], move: Callable[[ArrayLike, ArrayLike], Pair]) -> NDArray[Any]:
    def shifted(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move(xy[:, 0], xy[:, 1])) if len(xy) else xy

    return cast("NDArray[Any]", shapely.transform(np.asarray(geoms, object), shifted))


def to_storage(geoms: NDArray[Any], used: str) -> NDArray[Any]:
    """Bring an object array (n,) of shapes from `used` to EPSG:4326 lon/lat; Z is dropped, None stays."""
    return _on_vertices(geoms, lambda x, y: points_to_storage(x, y, used))


def from_storage(geoms: NDArray[Any], used: str) -> NDArray[Any]:
    """Bring an object array (n,) of EPSG:4326 shapes to the system `used`; the inverse of `to_storage`."""
    return _on_vertices(geoms, lambda x, y: points_from_storage(x, y, used))


def describe(used: str) -> tuple[str, str]:
    """Return a system's name for people, in Chinese and in English."""
    base, order = used.removesuffix(SWAPPED), used.endswith(SWAPPED)
    named = _BY_NAME.get(base.lower())
    zone = find_zone(int(base[5:])) if re.fullmatch(r"EPSG:\d+", base) else None
    if named is not None:
        zh, en = named.title_zh, named.title_en
    elif zone is not None:
        datum = _BY_NAME[zone.datum]
        bare = zone.prefix is None
        zh = f"{datum.title_zh.split('（')[0]} {zone.width}度带 中央经线{zone.meridian}° "
        zh += "不带带号" if bare else f"带号{zone.prefix}"
        en = f"{datum.title_en.split(' (')[0]} {zone.width}-degree zone, meridian {zone.meridian}E, "
        en += "without zone prefix" if bare else f"zone prefix {zone.prefix}"
    else:
        zh = en = pyproj.CRS.from_user_input(base).name
    return (zh + "，纵横坐标互换", en + ", axes swapped") if order else (zh, en)
