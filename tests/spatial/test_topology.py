"""Faults of drawn ground: each kind, the five traps, and what must not count."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from app.spatial.topology import FAULT_KINDS, Fault, FaultOptions, area_m2, find_faults
from tests.ground import Ground, lay

METRE = 1.0 / 111_000.0


def faults_of(ground: Ground, **how: object) -> list[Fault]:
    return find_faults(ground.polygons, frame=ground.frame, **how)


def told(ground: Ground, **how: object) -> list[tuple[str, str]]:
    """Kind and names of each fault."""
    return [(f.kind, "".join(ground.names[m] for m in f.members)) for f in faults_of(ground, **how)]


@pytest.mark.parametrize("sparse", [False, True], ids=["all corners", "T-junctions"])
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (("AABB\nAABB",), []),
        (("AABB\nACCB",), []),
        (("AAB\nCCB\nCCC",), []),
        (("AAA\nABA\nAAA",), []),
        (("AAB", ".B."), [("overlap", "AB")]),
        (("AABB\nAABB", ".CC.\n...."), [("overlap", "AC"), ("overlap", "BC")]),
        (("AABB\nA..B",), [("gap", "AB")]),
        (("ABC", "..A", ".C."), [("nested", "CB"), ("overlap", "AC")]),
        (("ABC\nABC", "DDD\nDDD"), [("nested", "DA"), ("nested", "DB"), ("nested", "DC")]),
        (("ABC\nABC", "DEF\nDEF"), [("duplicate", "AD"), ("duplicate", "BE"), ("duplicate", "CF")]),
        (("AAB\nAAB", "CC.\n..."), [("nested", "AC")]),
    ],
)
def test_each_drawing_has_its_faults_and_no_other(
    layers: tuple[str, ...], expected: list[tuple[str, str]], sparse: bool
) -> None:
    assert told(lay(*layers, sparse=sparse)) == expected


def test_a_fault_has_the_ground_and_the_area_that_was_drawn() -> None:
    ground = lay("AAB\nAAB", ".B.\n...")
    (fault,) = faults_of(ground)
    cell = ground.square(0, 1)
    assert shapely.area(shapely.symmetric_difference(fault.geom, cell)) < 1e-14
    assert fault.area_m2 == pytest.approx(true_area_m2(cell), rel=1e-3)
    assert fault.width_m == pytest.approx(51, rel=0.02)
    assert fault.of == "overlap"


def true_area_m2(shape: shapely.Geometry) -> float:
    return abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0])


def test_areas_are_true_within_a_thousandth_from_a_courtyard_to_a_province() -> None:
    for size in (1e-5, 1e-3, 0.1, 0.5, 1.5):
        shapes = [shapely.box(121, lat, 121 + size, lat + size) for lat in (20.0, 31.9, 45.0)]
        shapes.append(shapely.Polygon([(121, 30), (121 + size, 30), (121, 30 + size)]))
        dense = shapely.segmentize(np.array(shapes), size / 200)
        assert area_m2(np.array(shapes)) == pytest.approx([true_area_m2(s) for s in dense], rel=1e-3)


# --- nested and doubled (the five traps: test_topology_traps.py) -----------------------------------------


def test_a_market_reaching_one_metre_over_the_village_border_is_no_longer_nested() -> None:
    ground = lay("AAAB\nAAAB", "..M.\n....")
    wider = shapely.box(*np.add(ground["M"].bounds, (0, 0, METRE, 0)))
    assert told(ground.with_shape("M", wider)) == [("overlap", "AM"), ("sliver", "BM")]


def test_a_grid_three_times_over_makes_three_pairs() -> None:
    assert told(lay("AB", "C.", "D.")) == [("duplicate", "AC"), ("duplicate", "AD"), ("duplicate", "CD")]


def test_the_same_ground_of_another_kind_is_nested() -> None:
    ground = lay("AABB", "CC..")
    assert told(ground, kinds=["village", "village", "market"]) == [("nested", "AC")]


# --- thresholds, slivers, frame -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width_m", "kinds"), [(0.02, []), (0.2, ["sliver"]), (1.5, ["sliver"]), (5, ["overlap"])]
)
def test_slivers_are_told_by_width(width_m: float, kinds: list[str]) -> None:
    ground = lay("AABB\nAABB")
    west, south, east, north = ground["A"].bounds
    wider = shapely.box(west, south, east + width_m * METRE / np.cos(np.radians(31.9)), north)
    assert [f.kind for f in faults_of(ground.with_shape("A", wider))] == kinds


def test_a_thin_gap_says_what_it_is_thin_of() -> None:
    ground = lay("AABB\nAABB")
    west, south, east, north = ground["A"].bounds
    (fault,) = faults_of(ground.with_shape("A", shapely.box(west, south, east - METRE, north)))
    assert (fault.kind, fault.of, fault.members) == ("sliver", "gap", (0, 1))


def test_a_long_thin_wedge_with_a_wide_spot_keeps_the_spot() -> None:
    ground = lay("A" * 40 + "\n" + "B" * 40)
    west, south, east, north = ground["A"].bounds
    thin, spot = 0.01 * METRE, 3 * METRE
    low = shapely.box(west, south - thin, east, north)
    bump = shapely.box(west + 0.01, south - spot, west + 0.01 + spot, south)
    (fault,) = faults_of(ground.with_shape("A", shapely.union(low, bump)))
    assert fault.members == (0, 1)
    assert fault.area_m2 == pytest.approx(9, rel=0.3)


def test_what_is_too_small_to_count_is_for_the_caller_to_say() -> None:
    ground = lay("AABB\nA..B")
    assert faults_of(ground, options=FaultOptions(min_area_m2=30_000)) == []
    assert faults_of(ground, options=FaultOptions(min_width_m=120)) == []
    half_outside = lay("AAAB\nAAAB", "..M.\n..M.", "...M\n....")
    assert told(half_outside, options=FaultOptions(min_width_m=60, min_area_m2=1e6)) == []


def test_ground_beyond_the_frame_is_outside() -> None:
    ground = lay("AABB\nAABB")
    frame = shapely.union_all([ground.square(r, c) for r in (0, 1) for c in (0, 1, 2)])
    (fault,) = find_faults(ground.polygons, frame=frame)
    assert (fault.kind, fault.members) == ("outside", (1,))
    assert fault.area_m2 == pytest.approx(true_area_m2(ground["B"]) / 2, rel=1e-3)


def test_one_strip_beyond_the_frame_is_told_for_each_grid_in_it() -> None:
    ground = lay("ABC\nABC")
    frame = shapely.union_all([ground.square(1, c) for c in (0, 1, 2)])
    assert [(f.kind, f.members) for f in find_faults(ground.polygons, frame=frame)] == [
        ("outside", (0,)),
        ("outside", (1,)),
        ("outside", (2,)),
    ]


def test_a_frame_with_other_corners_on_the_same_line_makes_no_fault() -> None:
    ground = lay("AABB\nCCDD")
    assert find_faults(ground.polygons, frame=shapely.segmentize(ground.frame, 0.00013)) == []
    assert find_faults(ground.polygons, frame=shapely.simplify(ground.frame, 0)) == []


def test_a_lake_of_the_frame_is_no_gap() -> None:
    ground = lay("AAA\nA A\nAAA")
    assert faults_of(ground) == []


def test_without_a_frame_only_enclosed_holes_are_gaps() -> None:
    ground = lay("A.B\nAAB\nA.A\nAAA")
    (fault,) = find_faults(ground.polygons)
    assert shapely.equals(fault.geom, ground.square(2, 1))


# --- broken shapes --------------------------------------------------------------------------------------


def test_a_bow_tie_is_invalid_and_the_rest_is_still_checked() -> None:
    ground = lay("AABB\nA..B")
    bow_tie = shapely.Polygon([(121.3, 31.9), (121.31, 31.91), (121.31, 31.9), (121.3, 31.91)])
    shapes = [*ground.polygons, bow_tie]
    found = find_faults(shapes, frame=ground.frame)
    assert [(f.kind, f.members) for f in found[:1]] == [("invalid", (2,))]
    assert "Self-intersection" in found[0].reason
    assert ("gap", (0, 1)) in [(f.kind, f.members) for f in found]


def test_an_empty_shape_is_invalid_and_a_missing_one_is_no_grid() -> None:
    ground = lay("AB")
    found = find_faults([*ground.polygons, shapely.Polygon(), None], frame=ground.frame)
    assert [(f.kind, f.members, f.reason) for f in found] == [("invalid", (2,), "Empty")]


def test_a_line_is_invalid_ground() -> None:
    ground = lay("AB")
    found = find_faults([*ground.polygons, shapely.LineString([(121.2, 31.9), (121.3, 31.9)])])
    assert [(f.kind, f.members) for f in found] == [("invalid", (2,))]


def test_a_grid_in_two_parts_is_sound() -> None:
    assert told(lay("ABA\nABA")) == []


def test_nothing_at_all_has_no_fault() -> None:
    assert find_faults([]) == []


def test_every_fault_kind_can_be_told() -> None:
    ground = lay("ABCD\nABCD\nABCD\n.BCD", "....\n.M..\n....\n....", "..E.\n..E.\n..E.\n..E.", "...C\n....")
    west, south, east, north = ground["D"].bounds
    ground = ground.with_shape("D", shapely.box(west - METRE, south, east + 0.001, north))
    found = find_faults([*ground.polygons, shapely.Polygon(), ground["A"]], frame=ground.frame)
    assert {f.kind for f in found} == set(FAULT_KINDS)


# --- only what changed ----------------------------------------------------------------------------------


def test_a_recheck_tells_the_faults_of_the_changed_grids_only() -> None:
    ground = lay("AABBCCDD\nA..BCCDD", "....D...\n........")
    everything = faults_of(ground)
    assert len(everything) == 2
    c, d = ground.members("C", "D")
    assert faults_of(ground, changed=[c, d]) == [f for f in everything if c in f.members]
    assert faults_of(ground, changed=[ground.index("A")]) == [f for f in everything if f.kind == "gap"]


def test_a_recheck_follows_a_gap_beyond_its_window() -> None:
    ground = lay("AB" + "." * 60 + "CD")
    assert faults_of(ground, changed=[ground.index("B")]) == faults_of(ground)


def test_a_recheck_of_the_ground_a_removed_grid_left_finds_the_gap() -> None:
    ground = lay("ABC\nDEF\nGHI")
    left = ground["E"]
    (fault,) = faults_of(ground.without("E"), changed=left)
    assert shapely.equals(fault.geom, left)
