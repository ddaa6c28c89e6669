"""The placement ladder: a rung is what the answer is sure of, and nothing gets a point it has not."""

import struct

import numpy as np
import pytest

from app.customers.geocoding import Answer
from app.customers.placing import Placed, ewkb, find_wrong, place_points, placed_of
from app.spatial import crs

BOUNDS = (121.0, 31.7, 121.6, 32.1)
HERE = np.array([[121.2, 31.9]])


def point_of(placed: object) -> tuple[float, float]:
    assert isinstance(placed, Placed)
    assert placed.point is not None
    lon, lat = struct.unpack("<dd", placed.point[9:])
    return lon, lat


@pytest.mark.parametrize(
    ("level", "point", "rung"),
    [
        ("house", True, 3),
        ("group", True, 3),
        ("natural_village", True, 4),
        ("house", False, 5),
        ("natural_village", False, 5),
        ("village", True, 5),
        ("town", True, 6),
        ("county", True, 0),
        ("none", False, 0),
        ("ambiguous", True, 0),
    ],
)
def test_the_rung_is_the_level_that_is_sure(level: str, point: bool, rung: int) -> None:
    lon, lat = (121.2, 31.9) if point else (None, None)
    code = "320614104234" if level != "town" else "320614104"
    answer = Answer(level, code=code, score=0.97, method="test", lon=lon, lat=lat, village_code=code)
    placed = placed_of(answer)
    assert placed.rung == rung
    assert (placed.point is not None) == (rung in (3, 4))


def test_the_same_place_in_three_datums_is_one_point() -> None:
    shifted = {key: crs.points_from_storage(HERE[:, 0], HERE[:, 1], key) for key in ("gcj02", "bd09")}
    xy = np.concatenate([HERE, *[np.column_stack(pair) for pair in shifted.values()]])
    placed = place_points(xy, ["", "高德", "BD09"], BOUNDS)
    for one in placed:
        assert point_of(one) == pytest.approx((121.2, 31.9), abs=2e-6)
    assert [one.datum for one in placed if isinstance(one, Placed)] == ["cgcs2000", "gcj02", "bd09"]


def test_a_point_that_cannot_be_the_banks_is_named_not_stored() -> None:
    xy = np.array([[0.0, 0.0], [31.9, 121.2], [100.0, 31.9], [121.2, 31.9], [123.0, 31.9]])
    codes = [wrong and wrong[0] for wrong in find_wrong(xy, BOUNDS)]
    assert codes == ["null_island", "swapped", "far_away", None, None]
    assert [wrong and wrong[0] for wrong in find_wrong(xy[3:], None)] == [None, None]
    unknown = place_points(HERE, ["北京54"], BOUNDS)[0]
    assert not isinstance(unknown, Placed)
    assert unknown[0] == "unknown_datum"


def test_a_stored_point_is_rounded_and_carries_its_system() -> None:
    assert ewkb(121.123456789, 31.9)[:9] == struct.pack("<BII", 1, 0x20000001, 4326)
    assert struct.unpack("<dd", ewkb(121.123456789, 31.9)[9:]) == (121.1234568, 31.9)
