"""GCJ-02 and BD-09: the published formula forwards, exact backwards, nothing outside China."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.spatial import crs

inland = st.tuples(st.floats(73.0, 135.0), st.floats(4.0, 53.5))


def published_gcj(lon: float, lat: float) -> tuple[float, float]:
    """The formula as it has been published since 2013, written out plainly and scalar."""
    a, ee, pi = 6378245.0, 0.00669342162296594323, math.pi
    x, y = lon - 105.0, lat - 35.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    north += (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * pi) + 320 * math.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)) * 2.0 / 3.0
    east += (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = lat / 180.0 * pi
    magic = 1 - ee * math.sin(phi) ** 2
    north = north * 180.0 / (a * (1 - ee) / (magic * math.sqrt(magic)) * pi)
    east = east * 180.0 / (a / math.sqrt(magic) * math.cos(phi) * pi)
    return lon + east, lat + north


def published_bd(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 to BD-09 as published."""
    turn = math.pi * 3000.0 / 180.0
    z = math.sqrt(lon * lon + lat * lat) + 0.00002 * math.sin(lat * turn)
    theta = math.atan2(lat, lon) + 0.000003 * math.cos(lon * turn)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


@given(inland)
def test_the_forward_shift_is_the_published_formula(point: tuple[float, float]) -> None:
    x, y = crs.points_from_storage([point[0]], [point[1]], "gcj02")
    assert (x[0], y[0]) == pytest.approx(published_gcj(*point), abs=1e-11)
    x, y = crs.points_from_storage([point[0]], [point[1]], "bd09")
    assert (x[0], y[0]) == pytest.approx(published_bd(*published_gcj(*point)), abs=1e-11)


@given(st.lists(inland, min_size=1, max_size=50), st.sampled_from(["gcj02", "bd09"]))
def test_the_way_back_is_exact(points: list[tuple[float, float]], system: str) -> None:
    lon, lat = np.array(points).T
    back = crs.points_to_storage(*crs.points_from_storage(lon, lat, system), system)
    assert crs.distance_m(*back, lon, lat).max() < 1e-6


@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(["gcj02", "bd09"]))
def test_outside_china_nothing_moves(lon: float, lat: float, system: str) -> None:
    inside = bool(crs.in_china_area(lon, lat))
    x, y = crs.points_to_storage([lon], [lat], system)
    assert ((x[0], y[0]) == (lon, lat)) is not inside


def test_the_shift_in_haimen_is_about_half_a_kilometre_and_baidus_more_than_one() -> None:
    for system, low, high in (("gcj02", 414, 590), ("bd09", 1083, 1305)):
        x, y = crs.points_to_storage([121.3], [31.9], system)
        assert low < crs.distance_m(x, y, 121.3, 31.9)[0] < high


def test_numbers_that_are_none_stay_none_of_them() -> None:
    x, y = crs.points_to_storage([np.nan, np.inf, 121.3], [31.9, 31.9, np.nan], "gcj02")
    assert np.isfinite(x).tolist() == [False, False, True]
    assert np.isfinite(y).tolist() == [True, True, False]


@pytest.mark.parametrize("datum", crs.DATUMS, ids=lambda datum: datum.key)
def test_every_datum_has_names_an_error_and_a_way_there_and_back(datum: crs.Datum) -> None:
    assert datum.title_zh
    assert datum.title_en
    assert datum.error_m > 0
    lon, lat = np.array([121.2, 119.8]), np.array([31.9, 32.9])
    there = datum.to_storage(*datum.from_storage(lon, lat))
    assert crs.distance_m(*there, lon, lat).max() < 1e-3
    for name in (datum.key, *datum.aliases):
        assert crs.parse(name) == crs.parse(datum.key)
    assert crs.describe(crs.parse(datum.key)) == (datum.title_zh, datum.title_en)


@pytest.mark.parametrize(
    "text", ["", "gcj99", "EPSG:999999", "/etc/passwd", "+proj=longlat +nadgrids=/etc/passwd"]
)
def test_a_text_that_is_no_system_is_refused_and_never_given_to_proj(text: str) -> None:
    with pytest.raises(BadInput):
        crs.parse(text)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("4549", "EPSG:4549"),
        (" epsg:4549 ", "EPSG:4549"),
        ("GCJ-02", "gcj02"),
        ("百度", "bd09"),
        ("EPSG:4549/yx", "EPSG:4549/yx"),
        ("WGS84", "EPSG:4326"),
    ],
)
def test_a_system_may_be_named_as_people_do(text: str, system: str) -> None:
    assert crs.parse(text) == system
