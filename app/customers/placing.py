"""The placement ladder: pin 1, point 2, building or group 3, natural village 4, village 5, town 6, none 0.

Nothing is faked: an answer at village level carries no point, its village carries the count.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.customers.geocoding import Answer

RUNGS = {1: "人工标注", 2: "点位", 3: "楼栋/小组", 4: "自然村", 5: "村级", 6: "镇级", 0: "未定位"}
# How far from the border a point of this rung may truly lie: the width within which a grid is "near".
EDGE_M = {1: 5.0, 2: 30.0, 3: 100.0, 4: 300.0}
POINT_ACCURACY_M = 20.0
# Farther than this outside the bank's ground a coordinate is taken for a mistake, not for a customer abroad.
FARTHEST_DEGREES = 3.0
# What stands in `placement.method` when a person has said it: no import and no run overwrites it.
BY_HAND = ("pin", "choose", "outside")
COLUMNS = ("rung", "method", "score", "geom", "place_code", "unit_code", "accuracy_m", "datum")
# What people and their systems write in a column of datums, in small letters.
DATUM_WORDS = {
    word: datum
    for datum, words in {
        "cgcs2000": "|cgcs2000|cgcs 2000|cgcs-2000|cgcs_2000|国家2000|2000|天地图|epsg:4490|4490",
        "wgs84": "wgs84|wgs-84|wgs 84|wgs_84|wgs1984|wgs 1984|gps|epsg:4326|4326",
        "gcj02": "gcj02|gcj-02|gcj 02|gcj_02|gcj02ll|高德|高德坐标|腾讯|腾讯坐标|火星|火星坐标|火星坐标系",
        "bd09": "bd09|bd-09|bd 09|bd_09|bd09ll|百度|百度坐标|百度坐标系",
    }.items()
    for word in words.split("|")
}


@dataclass(frozen=True)
class Placed:
    """One placement, ready for the `placement` table; `point` is EWKB in EPSG:4326 or None."""

    rung: int
    method: str
    score: float
    point: bytes | None = None
    place_code: str | None = None
    unit_code: str | None = None
    accuracy_m: float | None = None
    datum: str | None = None

    def as_row(self) -> tuple[Any, ...]:
        """The values in the order of `COLUMNS`."""
        return (
            self.rung,
            self.method,
            self.score,
            self.point,
            self.place_code,
            self.unit_code,
            self.accuracy_m,
            self.datum,
        )


Wrong = tuple[str, str, str]


# Why a coordinate cannot be a place of this bank's customers; the first is none.
WRONGS: tuple[Wrong | None, ...] = (
    None,
    ("null_island", "经纬度为 0，已改用地址定位", "the coordinates are 0, 0; the address was used"),
    ("swapped", "经度与纬度写反了，已改用地址定位", "lon and lat are swapped; the address was used"),
    (
        "far_away",
        "坐标远在本行辖区之外，已改用地址定位",
        "far outside the bank's ground; the address was used",
    ),
)


def check_points(
    x: NDArray[np.float64], y: NDArray[np.float64], bounds: tuple[float, float, float, float] | None
) -> NDArray[np.int8]:
    """For each point (lon and lat in storage, (n,)) its number in `WRONGS`; 0 when it may stand."""
    west, south, east, north = bounds or (73.0, 3.0, 136.0, 54.0)
    margin = FARTHEST_DEGREES if bounds else 0.0

    def within(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (a >= west - margin) & (a <= east + margin) & (b >= south - margin) & (b <= north + margin)

    zero = (np.abs(x) < 1e-6) & (np.abs(y) < 1e-6)
    return np.select([within(x, y), zero, within(y, x)], [0, 1, 2], 3).astype(np.int8)


def unknown_datum(word: str) -> Wrong:
    """What is said of coordinates in a datum that nobody knows."""
    return (
        "unknown_datum",
        f"坐标系“{word[:20]}”不认识，已改用地址定位",
        f"unknown datum {word[:20]!r}; the address was used instead",
    )


def place_source(lon: float, lat: float, datum: str, unit_code: str | None) -> Placed:
    """The placement at a point that a source sent (storage coordinates), in the village that holds it."""
    point = ewkb(lon, lat)
    return Placed(2, "source", 1.0, point, None, unit_code, POINT_ACCURACY_M, datum)


def ewkb(lon: float, lat: float) -> bytes:
    """EWKB (SRID 4326) of a point, rounded to 1e-7 degree as everything stored is."""
    return struct.pack("<BIIdd", 1, 0x20000001, 4326, round(float(lon), 7), round(float(lat), 7))


def read_ewkb(point: bytes) -> tuple[float, float]:
    """Lon and lat of a point that `ewkb` made."""
    lon, lat = struct.unpack_from("<dd", point, 9)
    return lon, lat


def placed_of(answer: Answer) -> Placed:
    """The placement that an answer of the matcher allows."""
    village = answer.village_code or None
    if not answer.settled:
        return _unplaced(answer)
    if answer.level in ("group", "house") and answer.lon is not None and answer.lat is not None:
        point = ewkb(answer.lon, answer.lat)
        return Placed(3, answer.method, answer.score, point, answer.code, village, 100.0, "cgcs2000")
    if answer.level == "natural_village" and answer.lon is not None and answer.lat is not None:
        return Placed(
            4,
            answer.method,
            answer.score,
            ewkb(answer.lon, answer.lat),
            answer.code,
            village,
            300.0,
            "cgcs2000",
        )
    if answer.level in ("house", "group", "natural_village", "village"):
        return Placed(5, answer.method, answer.score, None, answer.code, village or answer.code)
    if answer.level == "town":
        return Placed(6, answer.method, answer.score, None, answer.code)
    return _unplaced(answer)


def _unplaced(answer: Answer) -> Placed:
    """No place: several equals, elsewhere, or nothing that could be read; the method says which."""
    method = "ambiguous" if answer.level == "ambiguous" else answer.method or "none"
    return Placed(0, "elsewhere" if "outside" in answer.warnings else method, answer.score)
