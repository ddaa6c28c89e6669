"""The way to a border: against the same border cut into short pieces, each end measured as a geodesic."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from app.spatial.border import Border

GEOD = Geod(ellps="GRS80")


def wavy(count: int = 900) -> shapely.Polygon:
    """About 20 km across, bays and capes, a hole in the middle."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = 0.1 * (1 + 0.1 * np.sin(17 * angle) + 0.02 * np.sin(211 * angle))
    ring = np.column_stack([121.2 + radius * np.cos(angle), 31.9 + radius * np.sin(angle)])
    return shapely.Polygon(ring, [shapely.box(121.19, 31.89, 121.21, 31.91).exterior.coords])


def test_the_nearest_point_is_true_on_the_ellipsoid_near_and_far() -> None:
    shape = wavy()
    border = Border(shape)
    fine = shapely.get_coordinates(shapely.segmentize(shape.boundary, 0.00005))
    near = np.random.default_rng(5).uniform((121.0, 31.7), (121.4, 32.1), (40, 2))
    for lon, lat in [*near, (121.2, 31.9), (118.0, 33.0), (116.4, 39.9), (87.6, 43.8), (110.3, 20.0)]:
        found = border.find_nearest(lon, lat)
        assert found is not None
        true = GEOD.inv(np.full(len(fine), lon), np.full(len(fine), lat), fine[:, 0], fine[:, 1])[2].min()
        assert found.distance_m == pytest.approx(true, rel=1e-4, abs=0.2)
        there = GEOD.inv(lon, lat, found.lon, found.lat)[2]
        assert there == pytest.approx(found.distance_m, abs=1e-6)


def test_on_the_border_the_way_is_nothing_and_without_a_border_there_is_none() -> None:
    square = shapely.box(121.2, 31.9, 121.3, 32.0)
    for lon, lat in [(121.2, 31.95), (121.3, 32.0), (121.25, 31.9)]:
        found = Border(square).find_nearest(lon, lat)
        assert found is not None
        assert found.distance_m < 0.01
    assert Border(shapely.Polygon()).find_nearest(121.2, 31.9) is None
