"""The placement ladder: a rung is what the answer is sure of, and nothing gets a point it has not."""

import struct

import pytest

from app.customers.geocoding import Answer
from app.customers.placing import ewkb, placed_of


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


def test_a_stored_point_is_rounded_and_carries_its_system() -> None:
    assert ewkb(121.123456789, 31.9)[:9] == struct.pack("<BII", 1, 0x20000001, 4326)
    assert struct.unpack("<dd", ewkb(121.123456789, 31.9)[9:]) == (121.1234568, 31.9)
