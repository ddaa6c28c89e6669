"""Coordinates of a source system: converted, checked, and compared with the addresses they come with."""

import numpy as np
import pytest
from numpy.typing import NDArray

from app.customers.sources import Points, find_likelier_datum, read_points
from app.customers.villages import Villages
from app.spatial import crs
from tests.ground import lay

BOUNDS = (121.0, 31.7, 121.6, 32.1)
HERE = (121.2, 31.9)


def read(xy: list[tuple[float, float]], words: list[str], *, bounded: bool = True) -> Points:
    lon, lat = np.array(xy, dtype=np.float64).T
    return read_points(lon, lat, words, BOUNDS if bounded else None)


def test_the_same_place_in_three_datums_is_one_point() -> None:
    shifted = [crs.points_from_storage(*map(np.atleast_1d, HERE), key) for key in ("gcj02", "bd09")]
    points = read([HERE, *[(float(x[0]), float(y[0])) for x, y in shifted]], ["", "高德", "BD09"])
    assert points.usable.all()
    assert points.x == pytest.approx(121.2, abs=2e-6)
    assert points.y == pytest.approx(31.9, abs=2e-6)
    assert [points.datum_of(i) for i in range(3)] == ["cgcs2000", "gcj02", "bd09"]


def test_a_point_that_cannot_be_the_banks_is_named_and_not_used() -> None:
    xy = [
        (0.0, 0.0),
        (31.9, 121.2),
        (100.0, 31.9),
        (1e308, -1e308),
        (np.nan, 31.9),
        (121.2, 31.9),
        (123.0, 31.9),
    ]
    points = read(xy, [""] * len(xy))
    told = [wrong and wrong[0] for wrong in map(points.wrong_of, range(len(xy)))]
    assert told == ["null_island", "swapped", "far_away", "far_away", None, None, None]
    assert points.usable.tolist() == [False] * 5 + [True, True]
    assert read(xy[5:], ["", ""], bounded=False).usable.all()


def test_an_unknown_datum_is_named_and_a_missing_point_has_none() -> None:
    points = read([HERE, (np.nan, np.nan)], ["北京54", "北京54"])
    assert [wrong and wrong[0] for wrong in map(points.wrong_of, (0, 1))] == ["unknown_datum", None]
    assert not points.usable.any()


@pytest.fixture(scope="module")
def villages() -> Villages:
    """Sixteen villages of about 950 by 1,100 metres."""
    ground = lay("ABCD\nEFGH\nIJKL\nMNOP", cell=0.01)
    return Villages(ground.names, ground.polygons)


def scatter(
    villages: Villages, datum: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    """Customers over all villages as a map in this datum has them, and the villages of their addresses."""
    rng = np.random.default_rng(3)
    x, y = 121.2 + rng.uniform(0, 0.04, 400), 31.9 - rng.uniform(0, 0.04, 400)
    own = villages.locate(x, y)
    return (*crs.points_from_storage(x, y, datum), own) if datum != "cgcs2000" else (x, y, own)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_points_of_a_shifted_map_that_say_so_nowhere_are_recognised(villages: Villages, datum: str) -> None:
    x, y, own = scatter(villages, datum)
    likelier, fits = find_likelier_datum(read_points(x, y, [""] * 400, BOUNDS), villages, own)
    assert likelier == datum
    assert fits.sum() > 100


@pytest.mark.parametrize(("datum", "word"), [("cgcs2000", ""), ("cgcs2000", "wgs84"), ("gcj02", "高德")])
def test_points_that_are_what_they_say_are_left_alone(villages: Villages, datum: str, word: str) -> None:
    x, y, own = scatter(villages, datum)
    likelier, fits = find_likelier_datum(read_points(x, y, [word] * 400, BOUNDS), villages, own)
    assert likelier is None
    assert not fits.any()


def test_a_few_points_beside_their_village_say_nothing_of_the_datum(villages: Villages) -> None:
    x, y, own = scatter(villages, "gcj02")
    points = read_points(x[:30], y[:30], [""] * 30, BOUNDS)
    assert find_likelier_datum(points, villages, own[:30])[0] is None


def test_the_distance_to_a_village_is_in_metres_and_nothing_within_it(villages: Villages) -> None:
    row = villages.rows(["A", "A", "F", "nowhere"])
    assert row.tolist() == [0, 0, 5, -1]
    x, y = np.array([121.205, 121.215, 121.205]), np.array([31.895, 31.895, 31.895])
    assert villages.distance_m(row[:3], x, y) == pytest.approx([0.0, 473.0, np.hypot(473, 554)], rel=0.005)
