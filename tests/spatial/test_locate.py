"""Points find their polygon: exact on borders, lowest row first, equal to GEOS on every path."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from app.spatial.locate import Locator
from tests.ground import lay

Shapes = npt.NDArray[np.object_]
Rows = npt.NDArray[np.int64]


def lowest(polygons: Shapes, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], predicate: str) -> Rows:
    """The plain answer of geopandas: the lowest row in that relation with each point, -1 for none."""
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(x, y))
    joined = geopandas.sjoin(points, geopandas.GeoDataFrame(geometry=polygons), predicate=predicate)
    return joined["index_right"].groupby(level=0).min().reindex(range(len(x))).fillna(-1).to_numpy(np.int64)


def oracle_second(polygons: Shapes, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Rows:
    """Point by point: the lowest other polygon whose interior holds it."""
    first = lowest(polygons, x, y, "covered_by")
    points = shapely.points(x, y)
    inside = shapely.contains(polygons[None, :], points[:, None])
    inside[np.arange(len(x)), first] = False
    return np.where((first >= 0) & inside.any(axis=1), inside.argmax(axis=1), -1)


def villages(seed: int, count: int, *, sides: int = 4) -> Shapes:
    """Voronoi cells in a box of half a degree; each side is broken into `sides` pieces."""
    rng = np.random.default_rng(seed)
    box = shapely.box(121, 31.8, 121.5, 32.1)
    seeds = shapely.multipoints(np.array([121, 31.8]) + rng.random((count, 2)) * [0.5, 0.3])
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box))
    return shapely.segmentize(shapely.intersection(cells, box), 0.3 / np.sqrt(count) / sides)


def hard_points(
    polygons: Shapes, seed: int, count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Random points, vertices, middles of edges, points a hair beside edges, points level with vertices."""
    rng = np.random.default_rng(seed)
    corners = shapely.get_coordinates(polygons)
    west, south, east, north = shapely.total_bounds(polygons)
    free = rng.uniform([west - 0.02, south - 0.02], [east + 0.02, north + 0.02], (count, 2))
    at = corners[rng.integers(0, len(corners) - 1, count)]
    some = rng.integers(0, len(corners) - 1, count)
    middles = (corners[some] + corners[some + 1]) / 2
    hair = middles + rng.normal(0, 1e-14, middles.shape)
    level = np.column_stack([rng.uniform(west, east, count), at[:, 1]])
    upright = np.column_stack([at[:, 0], rng.uniform(south, north, count)])
    points = np.concatenate([free, at, middles, hair, level, upright])
    return points[:, 0], points[:, 1]


@pytest.mark.parametrize("count", [1, 7, 300, 2000])
def test_every_point_gets_the_answer_of_sjoin(count: int) -> None:
    polygons = villages(count, count)
    x, y = hard_points(polygons, 1, 3000)
    assert np.array_equal(Locator(polygons).locate(x, y), lowest(polygons, x, y, "covered_by"))


def test_overlapping_grids_of_all_shapes_get_the_answer_of_sjoin() -> None:
    rng = np.random.default_rng(3)
    centres = shapely.points(np.array([121, 31.8]) + rng.random((150, 2)) * [0.5, 0.3])
    discs = shapely.buffer(centres, rng.uniform(0.001, 0.06, 150), quad_segs=5)
    rings = shapely.difference(discs, shapely.buffer(centres, 0.004, quad_segs=3))
    polygons = np.append(rings[~shapely.is_empty(rings)], shapely.union_all(discs[:20:7]))
    x, y = hard_points(polygons, 4, 2000)
    locator = Locator(polygons)
    assert np.array_equal(locator.locate(x, y), lowest(polygons, x, y, "covered_by"))
    assert np.array_equal(locator.second(x, y), oracle_second(polygons, x, y))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("ABC.", min_size=4, max_size=4), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_any_drawing_with_enclaves_and_parts_gets_the_answer_of_sjoin(lines: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    over = "\n".join("".join(rng.choice(list("...DE"), 4)) for _ in lines)
    ground = lay("\n".join(lines), over, sparse=bool(seed % 2))
    rows, columns = np.meshgrid(np.arange(-1, 4, 0.25), np.arange(-1, 5, 0.25))
    x, y = ground.west + columns.ravel() * ground.cell, ground.north - rows.ravel() * ground.cell
    x, y = np.round(x, 9), np.round(y, 9)
    locator = Locator(ground.polygons)
    if len(ground.polygons):
        assert np.array_equal(locator.locate(x, y), lowest(ground.polygons, x, y, "covered_by"))
        assert np.array_equal(locator.second(x, y), oracle_second(ground.polygons, x, y))
    else:
        assert (locator.locate(x, y) == -1).all()


def test_a_point_on_a_shared_border_belongs_to_the_lowest_row() -> None:
    ground = lay("AB\nCD")
    locator = Locator(ground.polygons)
    assert locator.locate(*ground.point(0.5, 0.5)) == ground.index("A")
    assert locator.locate(*ground.point(1, 0.5)) == ground.index("C")
    assert Locator(ground.polygons[::-1]).locate(*ground.point(0.5, 0.5)) == 0


def test_a_hole_is_empty_and_an_enclave_fills_it() -> None:
    ground = lay("BBB\nBAB\nB.B\nBBB")
    locator = Locator(ground.polygons)
    assert locator.locate(*ground.point(1, 1)) == ground.index("A")
    assert locator.locate(*ground.point(2, 1)) == -1
    assert locator.locate(*ground.point(3, 1)) == ground.index("B")


def test_a_point_in_two_grids_is_contested_and_the_other_is_named() -> None:
    ground = lay("AABB", ".CC.")
    locator = Locator(ground.polygons)
    x, y = np.array([ground.point(0, column) for column in (0, 1, 2, 3, 1.5)]).T
    assert locator.locate(x, y).tolist() == [0, 0, 1, 1, 0]
    assert locator.second(x, y).tolist() == [-1, 2, 2, -1, 2]
    assert locator.contested(x, y).tolist() == [False, True, True, False, True]


def test_a_common_border_is_no_contest() -> None:
    ground = lay("AB\nAB")
    assert not Locator(ground.polygons).contested(*ground.point(0, 0.5))[0]


def test_off_the_map_nan_and_infinity_have_no_grid() -> None:
    ground = lay("AB")
    x = np.array([0.0, np.nan, 121.2005, np.inf, 121.2005])
    y = np.array([0.0, 31.8995, np.nan, 31.8995, 31.8995])
    assert Locator(ground.polygons).locate(x, y).tolist() == [-1, -1, -1, -1, 0]


def test_no_polygons_and_empty_ones_hold_nothing() -> None:
    assert Locator([]).locate([121.2], [31.9]).tolist() == [-1]
    assert Locator([]).nearest([121.2], [31.9], 1000.0)[0].tolist() == [-1]
    ground = lay("AB")
    locator = Locator([None, shapely.Polygon(), *ground.polygons])
    assert locator.locate(*ground.point(0, 1)) == 3


def test_the_answer_is_the_same_alone_in_a_crowd_in_threads_and_after_pickling() -> None:
    polygons = villages(11, 200)
    x, y = hard_points(polygons, 12, 30_000)
    locator = Locator(polygons)
    crowd = locator.locate(x, y)
    some = np.random.default_rng(0).integers(0, len(x), 300)
    assert [int(locator.locate(x[k], y[k])[0]) for k in some] == crowd[some].tolist()
    with ThreadPoolExecutor(4) as pool:
        parts = list(
            pool.map(lambda part: locator.locate(x[part], y[part]), np.array_split(np.arange(len(x)), 4))
        )
    assert np.array_equal(np.concatenate(parts), crowd)
    assert np.array_equal(pickle.loads(pickle.dumps(locator)).locate(x, y), crowd)


def test_borders_of_many_vertices_cost_no_exactness() -> None:
    polygons = villages(21, 20, sides=400)
    x, y = hard_points(polygons, 22, 3000)
    assert np.array_equal(Locator(polygons).locate(x, y), lowest(polygons, x, y, "covered_by"))


def test_nearest_names_the_grid_and_the_metres_on_the_ground() -> None:
    ground = lay("AB")
    west, _, east, north = ground["B"].bounds
    x, y = (
        np.array([east + 0.001, west + 0.0005, east + 0.001, 122.0]),
        np.array([31.8995, 31.8995, 31.901, 31.9]),
    )
    row, distance = Locator(ground.polygons).nearest(x, y, 500.0)
    assert row.tolist() == [1, 1, 1, -1]
    geod = Geod(ellps="WGS84")
    assert distance[0] == pytest.approx(geod.inv(x[0], y[0], east, y[0])[2], rel=1e-3)
    assert distance[1] == 0.0
    assert distance[2] == pytest.approx(geod.inv(x[2], y[2], east, north)[2], rel=1e-3)
    assert np.isnan(distance[3])


def test_nearest_keeps_to_its_distance_and_prefers_the_lowest_row() -> None:
    ground = lay("A.B")
    x, y = ground.point(0, 1)
    locator = Locator(ground.polygons)
    row, distance = locator.nearest(x, y, 100.0)
    assert row.tolist() == [0]
    assert locator.nearest(x, y, float(distance[0]) - 0.01)[0].tolist() == [-1]


def test_nearest_equals_the_distance_to_every_polygon() -> None:
    polygons = villages(31, 60)[::2]
    rng = np.random.default_rng(32)
    x, y = rng.uniform(120.95, 121.55, 400), rng.uniform(31.75, 32.15, 400)
    row, distance = Locator(polygons).nearest(x, y, 3000.0)
    for k in range(len(x)):
        scale = _scale(y[k])
        flat = shapely.transform(polygons, lambda xy, s=scale, k=k: (xy - [x[k], y[k]]) * s)
        every = shapely.distance(flat, shapely.Point(0, 0))
        if every.min() > 3000:
            assert row[k] == -1
        else:
            assert distance[k] == pytest.approx(every.min(), rel=2e-3, abs=1e-6)
            assert every[row[k]] == pytest.approx(every.min(), rel=1e-9, abs=1e-6)


def _scale(lat: float) -> tuple[float, float]:
    geod = Geod(ellps="WGS84")
    return geod.inv(121, lat, 121.001, lat)[2] * 1000, geod.inv(121, lat - 0.0005, 121, lat + 0.0005)[
        2
    ] * 1000
