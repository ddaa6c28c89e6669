"""What a piece of ground is must not hang on where its inner point falls."""

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology import Fault, find_faults
from tests.spatial.test_topology_truth import overlay, villages, wide

Shapes = npt.NDArray[np.object_]


def box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box in hundredths of a degree."""
    return shapely.box(*(np.array([121.0, 31.0, 121.0, 31.0]) + np.array([west, south, east, north]) / 100))


def shaken(shapes: Shapes, rng: np.random.Generator) -> Shapes:
    """Every corner of every shape moved by up to a centimetre, each shape on its own."""
    moved = [
        shapely.Polygon((c := shapely.get_coordinates(shape)[:-1]) + rng.uniform(-1e-7, 1e-7, c.shape))
        for shape in shapes
    ]
    return np.array(moved, dtype=object)


def bounds(fault: Fault) -> list[float]:
    return [round(float(v), 4) for v in fault.geom.bounds]


def test_ground_claimed_twice_and_ground_beyond_the_frame_are_told_apart_where_their_edges_cancel() -> None:
    left, right = box(0, 0, 1, 1), box(1, 0, 2, 1)
    frame = shapely.coverage_union_all([left, right])
    greedy = shapely.union(right, box(-0.1, 0.5, 2, 1.1))
    found = {fault.of: fault for fault in find_faults([left, greedy], frame=frame)}
    assert set(found) == {"overlap", "outside"}
    assert bounds(found["overlap"]) == [121.0, 31.005, 121.01, 31.01]
    assert bounds(found["outside"]) == [120.999, 31.005, 121.02, 31.011]
    beyond = shapely.difference(greedy, frame)
    assert shapely.area(shapely.symmetric_difference(found["outside"].geom, beyond)) < 1e-10
    assert shapely.area(shapely.symmetric_difference(found["overlap"].geom, box(0, 0.5, 1, 1))) < 1e-10


def test_a_grid_that_grows_far_beyond_the_frame_over_a_small_part_of_its_neighbour_hides_neither() -> None:
    left, right = box(0, 0, 1, 1), box(1, 0, 2, 1)
    frame = shapely.coverage_union_all([left, right])
    greedy = shapely.union(right, box(0.9, 0.9, 2, 3))
    found = {(fault.of, fault.members) for fault in find_faults([left, greedy], frame=frame)}
    assert found == {("overlap", (0, 1)), ("outside", (1,))}


@pytest.mark.parametrize("seed", range(6))
def test_an_inlet_and_strips_are_told_beside_borders_that_noise_has_frayed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sound, frame = villages(rng, 60)
    shapes = spoil_borders(shaken(sound, rng), frame)
    truth = overlay(shapes, frame)
    found = find_faults(shapes, frame=frame)
    gaps = [fault.geom for fault in found if fault.of == "gap"]
    assert lost(truth.gaps, gaps) == []
    pairs = {tuple(sorted(fault.members)) for fault in found if fault.of == "overlap"}
    assert sorted(set(truth.overlaps) - pairs) == []
    real = shapely.union_all([wide(shapely.difference(frame, shapely.union_all(shapes)))])
    assert lost(gaps, [real]) == []


def spoil_borders(shapes: Shapes, frame: BaseGeometry) -> Shapes:
    """An inlet of 20 m from the frame into each grid at it, by turns bays and tongues at inner borders."""
    spoiled = list(shapes)
    for k, shape in enumerate(shapes):
        at = shapely.point_on_surface(shapely.boundary(shape))
        at = shapely.Point(shapely.get_coordinates(shape)[k % 5 + 1]) if k % 3 else at
        spot = shapely.buffer(at, 2e-4)
        grown = shapely.intersection(shapely.union(shape, spot), frame)
        spoiled[k] = shapely.difference(shape, spot) if k % 2 else grown
    whole = [shapely.get_parts(s)[np.argmax(shapely.area(shapely.get_parts(s)))] for s in spoiled]
    return np.array(whole, dtype=object)


def lost(truth: list[BaseGeometry], found: list[BaseGeometry]) -> list[str]:
    """What of the truth, if larger than a square metre, no finding touches."""
    tree = shapely.STRtree(found)
    return [g.wkt for g in truth if g.area > 1e-10 and not len(tree.query(g, predicate="intersects"))]
