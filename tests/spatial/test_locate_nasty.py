"""Points and polygons nobody draws on purpose: every answer is GEOS's own, compiled and in numpy."""

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from app.spatial import index as indexing
from app.spatial import locate as locating
from app.spatial import native
from app.spatial.exact import turn_sign
from app.spatial.locate import Locator
from tests.spatial.test_locate import hard_points, villages

Shapes = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
WAYS = ("compiled", "numpy")


def choose(way: str, patch: pytest.MonkeyPatch) -> None:
    if way == "numpy":
        patch.setattr(indexing, "kernel", lambda: None)
        patch.setattr(locating, "kernel", lambda: None)


def brute(polygons: Shapes, x: Floats, y: Floats) -> tuple[list[int], list[int]]:
    """GEOS, every polygon with every point: the lowest that covers, the lowest other that contains."""
    points = shapely.points(x, y)
    touches = shapely.intersects(polygons[:, None], points)
    holds = shapely.contains(polygons[:, None], points)
    first = np.where(touches.any(axis=0), touches.argmax(axis=0), -1)
    holds[first, np.arange(len(x))] = False
    return first.tolist(), np.where((first >= 0) & holds.any(axis=0), holds.argmax(axis=0), -1).tolist()


def agree(polygons: Shapes, x: Floats, y: Floats) -> None:
    """Both ways build one index and give GEOS's answers."""
    true = brute(polygons, x, y)
    found = []
    for way in WAYS:
        with pytest.MonkeyPatch.context() as patch:
            choose(way, patch)
            locator = Locator(polygons)
            found.append(locator._index)
            assert locator.locate(x, y).tolist() == true[0], way
            assert locator.second(x, y).tolist() == true[1], way
    one, other = (index.arrays() for index in found)
    assert found[0].raster.frame == found[1].raster.frame
    for name, array in one.items():
        assert np.array_equal(array, other[name], equal_nan=True), name
        assert array.dtype == other[name].dtype, name


@st.composite
def lattice(draw: st.DrawFn) -> tuple[Shapes, int]:
    """A few polygons with corners on a small lattice: level edges, shared borders, holes, parts, overlaps.

    Never about zero: among subnormal numbers GEOS rounds, and only exact.py is right.
    """
    size, seed = draw(st.integers(3, 7)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    shapes = []
    for _ in range(draw(st.integers(1, 5))):
        squares = shapely.box(*(corner := rng.integers(0, size, (2, rng.integers(1, 9)))), *(corner + 1))
        spikes = shapely.polygons(rng.integers(0, size + 1, (rng.integers(0, 3), 3, 2)).astype(float))
        shape = shapely.union_all([*squares, *spikes[shapely.is_valid(spikes)]])
        shapes.append(shapely.remove_repeated_points(shape) if seed % 2 else double(shape))
    scale, shift = draw(
        st.sampled_from([(1.0, 5.0), (0.001, 121.5), (1e-7, 31.123456789), (1 / 3, -180.0), (1e-12, 1.0)])
    )
    moved = [shapely.transform(shape, lambda xy: xy * scale + shift) for shape in shapes]
    held = [shape for shape in moved if shape.is_valid and shape.area > 0]
    return np.array([*held, shapely.Polygon(), None], dtype=object), seed


def double(shape: shapely.Geometry) -> shapely.Geometry:
    """The same with every vertex twice."""
    if shape.geom_type != "Polygon":
        return shape
    rings = [np.repeat(np.array(ring.coords), 2, axis=0) for ring in (shape.exterior, *shape.interiors)]
    return shapely.Polygon(rings[0], rings[1:])


@settings(max_examples=60, deadline=None)
@given(lattice())
def test_lattices_of_holes_parts_level_edges_and_doubled_vertices(drawn: tuple[Shapes, int]) -> None:
    polygons, seed = drawn
    corners = shapely.get_coordinates(polygons)
    assume(len(corners) > 0)
    rng = np.random.default_rng(seed)
    at = corners[rng.integers(0, len(corners), (2, 60))]
    mixed = np.column_stack([at[0, :, 0], at[1, :, 1]])
    middle = at.mean(axis=0)
    share = rng.random((60, 1))
    along = at[0] + (at[1] - at[0]) * share
    points = np.concatenate([at[0], mixed, middle, along, *beside(np.concatenate([at[0], middle]))])
    agree(polygons, *points.T.copy())


def beside(points: Floats) -> list[Floats]:
    """One digit of rounding off, in eight directions."""
    steps = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
    return [
        np.where(np.array(step) == 0, points, np.nextafter(points, np.array(step) * 1e300)) for step in steps
    ]


@pytest.mark.parametrize(
    "layer", [villages(3, 40), villages(4, 25, sides=300)], ids=["plain", "long borders"]
)
def test_points_a_digit_beside_borders_in_both_ways(layer: Shapes) -> None:
    x, y = hard_points(layer, 7, 150)
    points = np.column_stack([x, y])
    agree(layer, *np.concatenate([points, *beside(points)]).T.copy())


def test_a_stray_polygon_at_the_far_side_of_the_world_changes_no_answer() -> None:
    near = villages(5, 30)
    far = shapely.box(
        [-59, -180, 179.9, 0], [-32, -90, 89.9, 0], [-58.9, -179, 180, 1e-9], [-31, -89, 90, 1e-9]
    )
    polygons = np.concatenate([near, far])
    x, y = hard_points(near, 8, 100)
    x, y = np.append(x, [-59, -180, 180, 0, 1e-10, -1e-320]), np.append(y, [-31.5, -90, 90, 0, 0, 0])
    agree(polygons, x, y)


def test_junk_for_points_is_nowhere_and_harms_no_other(way_of_answering: str) -> None:
    polygons = villages(6, 20)
    junk = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 5e-324, 181.0])
    x, y = (grid.ravel() for grid in np.meshgrid(junk, np.append(junk, 31.9)))
    x, y = np.append(x, 121.25), np.append(y, 31.95)
    rows = Locator(polygons).locate(x, y)
    assert (rows[:-1] == -1).all()
    assert rows[-1] == brute(polygons, x[-1:], y[-1:])[0][0]
    assert Locator(polygons).locate([], []).tolist() == []


def test_shapes_that_hold_no_ground_hold_no_point(way_of_answering: str) -> None:
    whole = shapely.box(121, 31, 122, 32)
    with np.errstate(invalid="ignore"):
        endless = shapely.Polygon([(121, 31), (np.inf, 31), (121, 32)])
        broken = shapely.Polygon([(121, 31), (122, np.nan), (121, 32)])
    rest = [shapely.Point(121.5, 31.5), shapely.LineString([(121, 31), (122, 32)]), shapely.MultiPolygon()]
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), whole])
    assert Locator([None, endless, broken, *rest, mixed]).locate(121.5, 31.5).tolist() == [6]


@pytest.fixture(params=WAYS)
def way_of_answering(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    choose(request.param, monkeypatch)
    return str(request.param)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-200, 200, allow_subnormal=False), min_size=6, max_size=6), st.integers(-3, 3))
def test_the_sign_of_a_turn_is_exact(numbers: list[float], digits: int) -> None:
    ax, ay, bx, by = numbers[:4]
    share = abs(numbers[4]) / 200
    px, py = ax + (bx - ax) * share, ay + (by - ay) * share
    for _ in range(abs(digits)):
        py = float(np.nextafter(py, digits * np.inf))
    true = (Fraction(ax) - Fraction(px)) * (Fraction(by) - Fraction(py)) - (Fraction(bx) - Fraction(px)) * (
        Fraction(ay) - Fraction(py)
    )
    found = turn_sign(np.array([[ax, ay]]), np.array([[bx, by]]), np.array([[px, py]]))
    assert int(found[0]) == (true > 0) - (true < 0)


def test_the_distance_to_a_border_is_the_same_from_inside_outside_and_in_a_hole() -> None:
    shell, hole = shapely.box(121, 31, 121.02, 31.02), shapely.box(121.008, 31.008, 121.012, 31.012)
    island = shapely.box(121.03, 31, 121.031, 31.001)
    locator = Locator([villages(1, 1)[0], shapely.union(shapely.difference(shell, hole), island)])
    x = np.array([121.001, 120.999, 121.0095, 121.029, 121.0, 121.01])
    y = np.array([31.005, 31.005, 31.01, 31.0005, 31.003, 31.0075])
    feet = np.array(
        [(121, 31.005), (121, 31.005), (121.008, 31.01), (121.03, 31.0005), (121, 31.003), (121.01, 31.008)]
    )
    metres = Geod(ellps="WGS84").inv(x, y, *feet.T)[2]
    assert locator.distance_to_border_m(x, y, 1) == pytest.approx(metres, abs=1e-6)
    assert np.isnan(locator.distance_to_border_m([121.0, np.nan], [31.0, 31.0], [-1, 1])).all()
    with pytest.raises(IndexError):
        locator.distance_to_border_m(121, 31, 2)


def test_the_distance_to_a_border_equals_the_nearest_of_all_edges() -> None:
    polygons = villages(9, 12, sides=40)
    x, y = hard_points(polygons, 10, 40)
    row = np.arange(len(x)) % len(polygons)
    found = Locator(polygons).distance_to_border_m(x, y, row)
    flat = 111_320 * np.cos(np.radians(y)), np.full(len(y), 110_900.0)
    for k in range(0, len(x), 7):
        border = shapely.transform(polygons[row[k]].boundary, lambda xy, k=k: xy * (flat[0][k], flat[1][k]))
        plain = shapely.distance(border, shapely.Point(x[k] * flat[0][k], y[k] * flat[1][k]))
        assert found[k] == pytest.approx(plain, rel=0.01, abs=1e-3)


def test_the_kernel_is_compiled_at_set_up_where_there_is_a_compiler() -> None:
    has_compiler = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
    assert (native.kernel() is not None) == has_compiler


def test_the_library_of_another_source_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "kernel.c"
    source.write_bytes(native._SOURCE.read_bytes())
    monkeypatch.setattr(native, "_SOURCE", source)
    native.kernel.cache_clear()
    try:
        assert native.kernel() is None, "nothing is compiled while somebody waits"
        made = native.compile_kernel()
        assert made is not None
        native.kernel.cache_clear()
        assert native.kernel() is not None
        source.write_bytes(source.read_bytes() + b"\n")
        native.kernel.cache_clear()
        assert native.kernel() is None
    finally:
        monkeypatch.undo()
        native.kernel.cache_clear()
