"""The five traps of coverage checkers, T1 to T5, each a test: missing, nested, doubled, open, last digit.

Each is shown on drawn ground and on crooked villages, and beside it what a coverage library says of the same.
"""

import numpy as np
import pytest
import shapely

from app.spatial.topology import Fault, find_faults
from tests.ground import Ground, lay
from tests.spatial.test_topology_truth import Shapes, villages


@pytest.fixture(scope="module")
def crooked() -> tuple[Shapes, shapely.Geometry]:
    return villages(np.random.default_rng(11), 120)


def told(ground: Ground) -> list[tuple[str, str]]:
    """Kind and names of each fault."""
    found = find_faults(ground.polygons, frame=ground.frame)
    return [(f.kind, "".join(ground.names[m] for m in f.members)) for f in found]


def inner(polygons: Shapes, frame: shapely.Geometry) -> list[int]:
    """The villages that do not reach the frame."""
    return np.flatnonzero(~shapely.intersects(polygons, shapely.boundary(frame))).tolist()


# --- T1: whole grids missing ----------------------------------------------------------------------------


def test_t1_three_missing_grids_are_gaps_of_the_frame_though_the_rest_is_a_valid_coverage() -> None:
    ground = lay("ABCD\nEFGH\nIJKL").without("A", "G", "L")
    assert shapely.coverage_is_valid(ground.polygons)
    assert [kind for kind, _ in told(ground)] == ["gap"] * 3


def test_t1_each_village_left_out_is_told_with_its_ground(crooked: tuple[Shapes, shapely.Geometry]) -> None:
    polygons, frame = crooked
    lost = [0, 40, 80]
    found = find_faults(np.delete(polygons, lost), frame=frame)
    assert [fault.kind for fault in found] == ["gap"] * 3
    ground = shapely.union_all([fault.geom for fault in found])
    assert shapely.area(shapely.symmetric_difference(ground, shapely.union_all(polygons[lost]))) < 1e-12


def test_t1_a_layer_of_no_grid_is_one_gap_as_large_as_its_frame() -> None:
    ground = lay("..\n..")
    (fault,) = find_faults(ground.polygons, frame=ground.frame)
    assert (fault.kind, fault.members) == ("gap", ())
    assert shapely.equals(fault.geom, ground.frame)


# --- T2: a market inside a village ----------------------------------------------------------------------


def test_t2_a_market_inside_a_village_is_nested_not_an_overlap_and_not_wiped_out() -> None:
    ground = lay("AAAB\nAAAB\nAAAB", "....\n.M..\n....")
    cleaned = shapely.coverage_clean(ground.polygons)
    assert shapely.area(cleaned[ground.index("M")]) == 0.0
    assert told(ground) == [("nested", "AM")]


def test_t2_a_market_that_touches_the_village_border_from_inside_is_still_nested() -> None:
    assert told(lay("AAAB\nAAAB", "..M.\n....")) == [("nested", "AM")]


def test_t2_every_market_of_every_village_is_told(crooked: tuple[Shapes, shapely.Geometry]) -> None:
    polygons, frame = crooked
    markets = shapely.buffer(shapely.point_on_surface(polygons), 2e-4)
    within = shapely.contains(polygons, markets)
    found = find_faults(np.concatenate([polygons, markets[within]]), frame=frame)
    owners = np.flatnonzero(within).tolist()
    assert len(owners) > 60
    assert [(fault.kind, fault.members) for fault in found] == [
        ("nested", (village, len(polygons) + k)) for k, village in enumerate(owners)
    ]


# --- T3: an exact duplicate -----------------------------------------------------------------------------


def test_t3_an_exact_duplicate_is_told_not_emptied() -> None:
    ground = lay("AABB", "CC..")
    assert shapely.is_empty(shapely.coverage_clean(ground.polygons)).sum() == 1
    assert told(ground) == [("duplicate", "AC")]


def test_t3_every_copy_of_every_village_is_told(crooked: tuple[Shapes, shapely.Geometry]) -> None:
    polygons, frame = crooked
    count = len(polygons)
    found = find_faults(np.concatenate([polygons, polygons]), frame=frame)
    assert [(f.kind, f.members) for f in found] == [("duplicate", (k, count + k)) for k in range(count)]


# --- T4: a gap open to the outer edge -------------------------------------------------------------------


@pytest.mark.parametrize("drawing", ["A.B\nA.B\nAAB", "A.BB\nAABB", "AABB\n..BB"])
def test_t4_a_gap_open_to_the_outer_edge_is_found(drawing: str) -> None:
    assert told(lay(drawing)) == [("gap", "AB")]


def test_t4_an_inlet_from_the_frame_is_told_with_its_ground(crooked: tuple[Shapes, shapely.Geometry]) -> None:
    polygons, frame = crooked
    south = frame.bounds[1]
    inlet = shapely.box(121.03, south - 0.01, 121.0301, south + 0.004)
    found: list[Fault] = find_faults(shapely.difference(polygons, inlet), frame=frame)
    assert {fault.of for fault in found} == {"gap"}
    ground = shapely.union_all([fault.geom for fault in found])
    lost = shapely.intersection(inlet, frame)
    assert shapely.area(shapely.symmetric_difference(ground, lost)) < shapely.length(lost) * 1e-7


# --- T5: the last digit ---------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [1e-9, 1e-8, 1e-7])
def test_t5_last_digit_differences_at_shared_corners_do_not_count(
    crooked: tuple[Shapes, shapely.Geometry], digits: float
) -> None:
    polygons, frame = crooked
    rng = np.random.default_rng(5)
    shaken = np.array([shake(shape, digits, rng) for shape in polygons], dtype=object)
    assert not shapely.coverage_is_valid(shaken)
    assert find_faults(shaken, frame=frame) == []


def shake(shape: shapely.Polygon, reach: float, rng: np.random.Generator) -> shapely.Polygon:
    corners = shapely.get_coordinates(shape)[:-1]
    return shapely.Polygon(corners + rng.uniform(-reach, reach, corners.shape))
