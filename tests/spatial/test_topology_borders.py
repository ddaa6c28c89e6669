"""Who borders whom, and grids joined into larger ones."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.spatial.topology import dissolve, find_faults, neighbours
from tests.ground import Ground, lay
from tests.spatial.test_topology_truth import villages


def named(ground: Ground, **how: float) -> list[str]:
    return ["".join(ground.names[k] for k in pair) for pair in neighbours(ground.polygons, **how)]


@pytest.mark.parametrize("sparse", [False, True], ids=["all corners", "T-junctions"])
@pytest.mark.parametrize(
    ("layers", "pairs"),
    [
        (("AB\nCD",), ["AB", "AC", "BD", "CD"]),
        (("AAB\nCBB",), ["AB", "AC", "BC"]),
        (("A.B",), []),
        (("AAA\nABA\nAAA",), ["AB"]),
        (("AAB", ".B."), ["AB"]),
        (("AABB", "CC.."), ["AB", "AC", "BC"]),
        (("AAAA\nBBCC\nDDDC",), ["AB", "AC", "BC", "BD", "CD"]),
    ],
)
def test_neighbours_share_a_stretch_of_border(
    layers: tuple[str, ...], pairs: list[str], sparse: bool
) -> None:
    assert named(lay(*layers, sparse=sparse)) == pairs


def test_borders_that_only_partly_run_along_each_other_make_neighbours() -> None:
    a = shapely.box(121.0, 31.0, 121.01, 31.01)
    b = shapely.box(121.01, 31.008, 121.02, 31.02)
    assert neighbours([a, b]) == [(0, 1)]


def test_with_a_distance_near_ones_and_corners_count() -> None:
    ground = lay("A.B\nCD.")
    assert named(ground) == ["AC", "CD"]
    assert named(ground, distance_m=10) == ["AC", "AD", "BD", "CD"]
    assert named(ground, distance_m=100) == ["AB", "AC", "AD", "BC", "BD", "CD"]


def test_no_polygons_have_no_neighbours() -> None:
    assert neighbours([]) == []
    assert neighbours([None, shapely.Polygon()], distance_m=5) == []


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
def test_neighbours_are_those_whose_common_border_has_a_length(seed: int, count: int) -> None:
    polygons, _ = villages(np.random.default_rng(seed), count)
    a, b = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    length = shapely.length(shapely.intersection(polygons[a], polygons[b]))
    plain = sorted((int(i), int(j)) for i, j in zip(a[length > 0], b[length > 0], strict=True) if i < j)
    assert neighbours(polygons) == plain


def test_dissolving_joins_by_key_and_leaves_out_none() -> None:
    ground = lay("AABC\nDDBC")
    joined = dissolve(ground.polygons, ["west", "east", None, "west"])
    assert list(joined) == ["west", "east"]
    assert shapely.equals(joined["west"], shapely.union(ground["A"], ground["D"]))
    assert shapely.equals(joined["east"], ground["B"])


def test_dissolved_neighbours_keep_every_vertex_of_their_common_border() -> None:
    polygons, frame = villages(np.random.default_rng(4), 60)
    keys = [k % 7 for k in range(60)]
    joined = dissolve(polygons, keys)
    assert find_faults(list(joined.values()), frame=frame) == []
    for key, shape in joined.items():
        mine = {tuple(c) for k in range(60) if keys[k] == key for c in shapely.get_coordinates(polygons[k])}
        others = {tuple(c) for k in range(60) if keys[k] != key for c in shapely.get_coordinates(polygons[k])}
        assert (mine & others) <= {tuple(c) for c in shapely.get_coordinates(shape)}


def test_overlapping_grids_dissolve_to_their_union() -> None:
    ground = lay("AAB", ".B.")
    joined = dissolve(ground.polygons, [1, 1])
    assert shapely.equals(joined[1], ground.frame)
