"""Zones by EPSG number agree with PROJ; areas and distances agree with the geodesic library."""

import time

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.spatial import crs
from app.spatial.crs.zones import ZONES

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize("zone", ZONES.values(), ids=lambda zone: str(zone.epsg))
def test_every_zone_is_what_proj_says_it_is(zone: crs.Zone) -> None:
    system = pyproj.CRS.from_epsg(zone.epsg)
    values = {one.name: one.value for one in system.coordinate_operation.params}
    assert values["Longitude of natural origin"] == zone.meridian
    prefix = int(values["False easting"] // 1_000_000)
    assert (prefix or None) == zone.prefix
    names = {"cgcs2000": "China 2000", "xian1980": "Xian 1980", "beijing1954": "Beijing 1954"}
    assert system.geodetic_crs is not None
    assert names[zone.datum].split()[0].lower() in (system.geodetic_crs.datum.name + system.name).lower()


@pytest.mark.parametrize(
    ("lon", "epsg"), [(121.3, 4549), (121.6, 4550), (120.0, 4549), (73.6, 4534), (134.9, 4554)]
)
def test_the_local_system_is_the_three_degree_zone_of_the_longitude(lon: float, epsg: int) -> None:
    assert crs.local_crs(lon).to_epsg() == epsg


@given(
    st.floats(80, 130),
    st.floats(18, 50),
    st.sampled_from([4490, 3857, 4549, 4528, 4499, 4509, 2385, 4610, 32651]),
)
def test_a_projected_point_comes_back(lon: float, lat: float, epsg: int) -> None:
    zone = crs.find_zone(epsg)
    lon = lon if zone is None else zone.meridian + (lon - 105) / 20
    lon = 123 + (lon - 105) / 20 if epsg == 32651 else lon
    for order in ("", "/yx"):
        used = f"EPSG:{epsg}{order}"
        x, y = crs.points_from_storage([lon], [lat], used)
        back = crs.points_to_storage(x, y, used)
        assert crs.distance_m(*back, lon, lat)[0] < 1e-3


def test_north_and_east_are_never_mixed_up() -> None:
    x, y = crs.points_from_storage([121.3], [31.9], "EPSG:4549")
    assert 620_000 < x[0] < 625_000
    assert 3_530_000 < y[0] < 3_532_000
    x, y = crs.points_from_storage([121.3], [31.9], "EPSG:4528")
    assert 40_620_000 < x[0] < 40_625_000


def test_shapes_go_to_storage_and_back_with_holes_none_and_all() -> None:
    holed = shapely.box(121.2, 31.8, 121.3, 31.9).difference(shapely.box(121.22, 31.82, 121.24, 31.84))
    geoms = np.array([holed, None, shapely.Point(121.2, 31.8), shapely.MultiPolygon([holed])], object)
    for used in ("EPSG:4549", "gcj02", "EPSG:4326/yx"):
        back = crs.to_storage(crs.from_storage(geoms, used), used)
        assert back[1] is None
        assert max(shapely.hausdorff_distance(back[[0, 2, 3]], geoms[[0, 2, 3]])) < 1e-10


@given(st.floats(75, 134), st.floats(5, 53), st.floats(0.001, 0.05), st.integers(3, 40))
def test_areas_agree_with_the_geodesic_library(lon: float, lat: float, radius: float, corners: int) -> None:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    shape = shapely.Polygon(np.column_stack([lon + radius * np.cos(turn), lat + radius * np.sin(turn)]))
    dense = shapely.segmentize(shape, radius / 50)
    expected = abs(GEOD.geometry_area_perimeter(dense)[0])
    assert crs.area_m2([shape])[0] == pytest.approx(expected, rel=1e-6)
    assert crs.perimeter_m([dense])[0] == pytest.approx(GEOD.geometry_area_perimeter(dense)[1], rel=1e-9)


def test_the_areas_of_a_cut_polygon_add_up_to_the_whole() -> None:
    whole = shapely.box(121.0, 31.7, 121.6, 32.1)
    cells = np.array(
        [
            shapely.box(121 + 0.1 * i, 31.7 + 0.1 * j, 121.1 + 0.1 * i, 31.8 + 0.1 * j)
            for i in range(6)
            for j in range(4)
        ]
    )
    assert crs.area_m2(cells).sum() == pytest.approx(crs.area_m2([whole])[0], rel=1e-12)


def test_what_has_no_area_counts_nothing_and_a_hole_counts_less() -> None:
    outer, inner = shapely.box(121, 31, 121.1, 31.1), shapely.box(121.02, 31.02, 121.05, 31.05)
    mixed = shapely.GeometryCollection([shapely.Point(1, 1), outer])
    shapes = [None, shapely.Point(121, 31), shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon(), mixed]
    areas = crs.area_m2([*shapes, outer, outer.difference(inner), inner])
    assert areas[:4].tolist() == [0, 0, 0, 0]
    assert areas[4] == areas[5]
    assert areas[6] == pytest.approx(areas[5] - areas[7], rel=1e-12)


def test_ten_thousand_polygons_are_measured_in_a_blink() -> None:
    x, y = np.meshgrid(np.arange(100) * 0.01 + 120, np.arange(100) * 0.01 + 31)
    cells = shapely.buffer(shapely.points(x.ravel(), y.ravel()), 0.005)
    started = time.process_time()
    assert (crs.area_m2(cells) > 0).all()
    assert time.process_time() - started < 2


def test_distances_are_geodesic_and_broadcast() -> None:
    metres = crs.distance_m([121.0, 121.1], [31.0, 31.0], 121.0, 31.0)
    assert metres[0] == 0
    assert metres[1] == pytest.approx(GEOD.inv(121.1, 31, 121, 31)[2])
