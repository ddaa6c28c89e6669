"""Strange ground, case by case: what must be told, and what looks wrong but is sound."""

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology import Fault, find_faults
from tests.ground import Ground, lay

METRE = 1.0 / 111_000.0


def told(ground: Ground, **how: object) -> list[tuple[str, str]]:
    """Kind and names of each fault."""
    found = find_faults(ground.polygons, **{"frame": ground.frame, **how})  # type: ignore[arg-type]
    return [(f.kind, "".join(ground.names[m] for m in f.members)) for f in found]


def kinds_of(found: list[Fault]) -> list[str]:
    return [fault.kind for fault in found]


def ring(ground: Ground, *corners: tuple[float, float]) -> shapely.Polygon:
    """A polygon through (row, column) places of a drawing."""
    return shapely.Polygon([ground.point(*corner) for corner in corners])


# --- told -----------------------------------------------------------------------------------------------


def test_an_overlap_of_three_grids_is_told_for_each_pair() -> None:
    ground = lay("AABB\nAABB\nCCCC", "....\n.CC.\n....", "....\n.B..\n....")
    assert told(ground) == [("overlap", "AB"), ("overlap", "AC"), ("overlap", "BC")]


def test_a_gap_between_three_grids_names_all_three() -> None:
    assert told(lay("AABB\nA..B\nCCCC")) == [("gap", "ABC")]


def test_a_grid_in_a_grid_in_a_grid_is_nested_in_both() -> None:
    ground = lay(
        "AAAAA\nAAAAA\nAAAAA\nAAAAA\nAAAAA", ".....\n.BBB.\n.BBB.\n.BBB.\n.....", ".....\n.....\n..C.."
    )
    assert told(ground) == [("nested", "AB"), ("nested", "AC"), ("nested", "BC")]


def test_duplicates_four_times_over_make_six_pairs() -> None:
    ground = lay("AB", "C.", "D.", "E.")
    assert told(ground) == [("duplicate", pair) for pair in ("AC", "AD", "AE", "CD", "CE", "DE")]


def test_a_duplicate_of_an_overlapping_grid_overlaps_as_well() -> None:
    ground = lay("AAB", ".B.", ".C.")
    assert told(ground) == [("nested", "AC"), ("nested", "BC"), ("overlap", "AB")]


def test_many_contained_grids_are_all_listed() -> None:
    ground = lay("AAAAAAA\nAAAAAAA\nAAAAAAA", ".B.C.D.\n.......\n.E.F.G.")
    assert told(ground) == [("nested", f"A{name}") for name in "BCDEFG"]


def test_two_enclaves_swapped_by_name_make_no_fault_but_one_drawn_over_the_hole_is_nested() -> None:
    holes = "AAAAA\nABACA\nAAAAA"
    assert told(lay(holes)) == []
    ground = lay(holes)
    whole = shapely.Polygon(shapely.get_exterior_ring(ground["A"]))
    assert told(ground.with_shape("A", whole)) == [("nested", "AB"), ("nested", "AC")]


def test_an_enclave_that_lies_beside_its_hole_leaves_a_gap_and_overlaps() -> None:
    ground = lay("AAAAA\nAB.AA\nAAAAA")
    moved = shapely.transform(ground["B"], lambda xy: np.add(xy, (0.0005, 0)))
    kept = shapely.Polygon(ground["A"].exterior, [shapely.box(*ground.square(1, 1).bounds).exterior.coords])
    found = find_faults([kept, moved], frame=ground.frame)
    assert kinds_of(found) == ["overlap", "gap"]


def test_a_piece_of_a_grid_in_two_parts_lost_in_a_neighbour_is_an_overlap() -> None:
    ground = lay("AABBA\nAABBA", "..A..\n.....")
    assert told(ground) == [("overlap", "AB")]


def test_an_island_outside_the_frame_is_outside_and_so_is_a_whole_grid_there() -> None:
    ground = lay("AAB\nAAB")
    far = shapely.box(121.5, 31.9, 121.501, 31.901)
    assert told(ground.with_shape("A", shapely.union(ground["A"], far))) == [("outside", "A")]
    found = find_faults([*ground.polygons, far], frame=ground.frame)
    assert [(fault.kind, fault.members) for fault in found] == [("outside", (2,))]


def test_a_grid_over_a_lake_of_the_frame_is_outside_there() -> None:
    lake = lay("AAA\nA A\nAAA")
    whole = shapely.Polygon(shapely.get_exterior_ring(lake["A"]))
    assert told(lake.with_shape("A", whole)) == [("outside", "A")]


def test_a_frame_in_two_parts_lacks_the_part_without_grids() -> None:
    ground = lay("AB DD\nAB DD").without("D")
    assert told(ground) == [("gap", "")]


@pytest.mark.parametrize("shift", range(4))
def test_a_bow_tie_of_any_start_is_invalid_and_hides_no_other_fault(shift: int) -> None:
    ground = lay("AAABBB\nAAABBB\nAA..BB")
    corners = np.array(
        [ground.point(1.2, 4.2), ground.point(0.2, 5.2), ground.point(1.2, 5.2), ground.point(0.2, 4.2)]
    )
    found = find_faults(
        [*ground.polygons, shapely.Polygon(np.roll(corners, shift, axis=0))], frame=ground.frame
    )
    assert [(f.kind, f.members) for f in found] == [("invalid", (2,)), ("nested", (1, 2)), ("gap", (0, 1))]


def test_a_shape_with_a_spike_or_a_doubled_part_is_invalid() -> None:
    ground = lay("AB")
    west, south, east, north = ground["A"].bounds
    spike = shapely.Polygon(
        [(west, south), (east, south), (east, north), (west, north), (west - 0.01, north), (west, north)]
    )
    twice = shapely.multipolygons([ground["A"], ground["A"]])
    for broken in (spike, twice):
        found = find_faults([broken, ground["B"]], frame=ground.frame)
        assert [(fault.kind, fault.members) for fault in found] == [("invalid", (0,))]


def test_gaps_that_touch_in_one_corner_are_two() -> None:
    assert told(lay("AAAA\nA.AA\nAA.A\nAAAA")) == [("gap", "A"), ("gap", "A")]


def test_an_overlap_is_found_where_cutting_in_floating_point_lands_beside_a_line() -> None:
    north = [(120.4007314, 23.7572402), (120.4054346, 23.7566232), (120.4054346, 23.76), (120.4007314, 23.76)]
    corners = [(120.40167204, 23.7571168), (120.40167259459119, 23.75712102747704)]
    corners += [(120.4044945145912, 23.756750827477042), (120.40449396000001, 23.7567466)]
    south = [
        *corners,
        (120.403083, 23.7569317),
        (120.4054346, 23.7566232),
        (120.4, 23.75),
        (120.4007314, 23.7572402),
    ]
    (fault,) = find_faults([shapely.Polygon(north), shapely.Polygon(south)])
    assert (fault.of, fault.members) == ("overlap", (0, 1))
    assert fault.area_m2 == pytest.approx(137, rel=0.01)


# --- sound ----------------------------------------------------------------------------------------------


def test_grids_that_meet_in_one_corner_only_are_sound() -> None:
    assert told(lay("AB\nBA")) == []
    assert told(lay("A \n B")) == []


def test_an_enclave_that_touches_the_border_of_its_hole_in_a_corner_is_sound() -> None:
    ground = lay("AAAA\nABCA\nACBA\nAAAA")
    assert told(ground) == []


def test_an_enclave_with_an_enclave_of_the_outer_grid_is_sound() -> None:
    assert told(lay("AAAAA\nABBBA\nABABA\nABBBA\nAAAAA")) == []


def turned(shape: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    """The same ground: rings begin elsewhere, run the other way, parts stand in another order."""
    parts = []
    for part in rng.permutation(np.array(shapely.get_parts(shape), dtype=object)).tolist():
        rings = [np.array(r.coords)[:-1] for r in (part.exterior, *part.interiors)]
        rings = [np.roll(r, int(rng.integers(len(r))), axis=0)[:: int(rng.choice([-1, 1]))] for r in rings]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


@pytest.mark.parametrize("seed", range(5))
def test_ring_start_direction_and_part_order_make_no_difference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ground = lay("AABBCA\nAEEB.A\nAEFBCA\nAABBCC", "...D..\n......\n......")
    other = np.array([turned(shape, rng) for shape in ground.polygons], dtype=object)
    assert told(Ground(ground.names, other, turned(ground.frame, rng), 0.001, 0, 0)) == told(ground)


@pytest.mark.parametrize("digits", [1e-9, 1e-8, 1e-7])
def test_a_frame_that_differs_from_the_outer_border_in_the_last_digit_makes_no_fault(digits: float) -> None:
    rng = np.random.default_rng(3)
    ground = lay("AABBCC\nAADDCC\nEEDDFF\nEEEFFF")
    corners = shapely.get_coordinates(ground.frame)[:-1]
    frame = shapely.Polygon(corners + rng.uniform(-digits, digits, corners.shape))
    assert told(ground, frame=frame) == []


def densified(shape: BaseGeometry, rng: np.random.Generator, digits: float) -> BaseGeometry:
    """Another hand's corners on the same border, each off in the last digit."""
    dense = shapely.segmentize(shape, float(rng.uniform(0.00007, 0.0004)))

    def shake(xy: np.ndarray) -> np.ndarray:
        moved = xy + rng.uniform(-digits, digits, xy.shape)
        moved[-1] = moved[0] if (xy[-1] == xy[0]).all() else moved[-1]
        return moved

    parts = [
        shapely.Polygon(shake(np.array(p.exterior.coords)), [shake(np.array(r.coords)) for r in p.interiors])
        for p in shapely.get_parts(dense)
    ]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


@pytest.mark.parametrize("digits", [0.0, 1e-9, 1e-8, 1e-7])
@pytest.mark.parametrize("sparse", [False, True], ids=["all corners", "T-junctions"])
def test_different_corners_on_both_sides_of_a_border_make_no_fault(digits: float, sparse: bool) -> None:
    rng = np.random.default_rng(8)
    ground = lay("AABBCA\nAEEBGA\nAEFBCA\nAABBCC", sparse=sparse)
    shaken = [densified(shape, rng, digits) for shape in ground.polygons]
    assert find_faults(shaken, frame=densified(ground.frame, rng, digits)) == []


@pytest.mark.parametrize("digits", [1e-9, 1e-8, 1e-7])
def test_noise_hides_no_real_fault(digits: float) -> None:
    rng = np.random.default_rng(9)
    ground = lay("AABBCA\nAEEB.A\nAEFBCA\nAABBCC", "...D..\n..B...\n......", "......\n......\nM.....")
    shaken = [densified(shape, rng, digits) for shape in ground.polygons]
    found = find_faults(shaken, frame=densified(ground.frame, rng, digits))
    names = [(f.kind, "".join(ground.names[m] for m in f.members)) for f in found]
    *others, (kind, around) = names
    assert (kind, set(around) >= set("ABC")) == ("gap", True)  # a spike of noise may touch one more grid
    assert [*others, ("gap", "ABC")] == told(ground)
