"""Repairs: every option ends its fault, moves what it says, and makes no new fault."""

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from app.spatial.topology import (
    KIND_PRIORITY,
    OPTION_LABELS,
    Fault,
    Option,
    area_m2,
    find_faults,
    repair_options,
)
from tests.ground import Ground, lay
from tests.spatial.test_topology_truth import spoil, villages

Shapes = npt.NDArray[np.object_]


def apply(polygons: Shapes, option: Option) -> Shapes:
    after = polygons.copy()
    for row, shape in option.changes.items():
        after[row] = shape
    return np.append(after, list(option.added)) if option.added else after


def only_fault(ground: Ground) -> Fault:
    (fault,) = find_faults(ground.polygons, frame=ground.frame)
    return fault


def options_of(ground: Ground, kinds: list[str] | None = None) -> dict[str, Option]:
    options = repair_options(ground.polygons, only_fault(ground), kinds=kinds, frame=ground.frame)
    return {key: option for option in options for key in (option.key, *option.also)}


def moved(ground: Ground, option: Option) -> dict[str, int]:
    """Cells each grid gains or loses."""
    cell = area_m2(np.array([ground.square(0, 0)]))[0]
    return {ground.names[row]: round(area / cell) for row, area in option.moved_m2.items()}


@pytest.mark.parametrize("sparse", [False, True])
def test_a_gap_goes_to_the_longest_edge_to_the_larger_to_the_smaller_or_is_shared(sparse: bool) -> None:
    ground = lay("AACC\nA..C\nABBC\nABBC\nCCCC\nCCCC", sparse=sparse)
    options = options_of(ground)
    assert moved(ground, options["give_to_longest_edge"]) == {"A": 2}
    assert sparse or moved(ground, options["give_to_larger"]) == {"C": 2}
    assert len({option.key for option in options.values()}) == 4
    assert {"A", "B", "C"} == set(moved(ground, options["cut_in_middle"]))
    assert sum(options["cut_in_middle"].moved_m2.values()) == pytest.approx(
        only_fault(ground).area_m2, rel=1e-4
    )


def test_a_gap_goes_to_the_longest_edge() -> None:
    ground = lay("AAAAA\nB...C\nBDEFC")
    options = options_of(ground)
    assert moved(ground, options["give_to_longest_edge"]) == {"A": 3}


def test_an_overlap_leaves_the_one_that_does_not_get_it() -> None:
    ground = lay("AAABB\nAAABB", "...CC\n..CCC").without("B")
    options = options_of(ground)
    assert moved(ground, options["give_to_larger"]) == {"C": -1}
    assert moved(ground, options["give_to_smaller"]) == {"A": -1}
    assert sum(options["cut_in_middle"].moved_m2.values()) == pytest.approx(
        -only_fault(ground).area_m2, rel=1e-4
    )


def test_the_kind_that_comes_first_keeps_the_ground() -> None:
    ground = lay("AAABB\nAAABB", "...CC\n..CCC").without("B")
    assert KIND_PRIORITY.index("market") < KIND_PRIORITY.index("village")
    assert moved(ground, options_of(ground, ["market", "village"])["by_priority"]) == {"C": -1}
    assert moved(ground, options_of(ground, ["village", "market"])["by_priority"]) == {"A": -1}
    assert "by_priority" not in options_of(ground, ["village", "village"])


def test_an_overlap_cut_in_the_middle_gives_each_the_half_on_its_side() -> None:
    ground = lay("AAAAB\nAAAAB", "..BB.\n..BB.")
    option = options_of(ground)["cut_in_middle"]
    after = apply(ground.polygons, option)
    assert find_faults(after, frame=ground.frame) == []
    a, b = ground.members("A", "B")
    assert option.moved_m2[a] == pytest.approx(option.moved_m2[b], rel=0.02)
    assert after[a].bounds[2] == pytest.approx(ground.west + 3 * ground.cell, abs=2e-5)


def test_a_market_is_cut_out_of_its_village_or_merged_into_it() -> None:
    ground = lay("AAA\nAAA\nAAA", "...\n.M.\n...")
    options = options_of(ground)
    assert list(options) == ["cut_nested", "remove_nested"]
    assert moved(ground, options["cut_nested"]) == {"A": -1}
    assert options["remove_nested"].changes == {ground.index("M"): None}


def test_of_a_duplicate_the_later_one_goes_unless_its_kind_comes_first() -> None:
    ground = lay("AABB", "CC..")
    options = repair_options(ground.polygons, only_fault(ground))
    assert [o.changes for o in options] == [{ground.index("C"): None}, {ground.index("A"): None}]
    assert [o.key for o in options] == ["remove_duplicate", "remove_other"]
    kinds = ["village", "village", "village"]
    assert repair_options(ground.polygons, only_fault(ground), kinds=kinds)[0].changes == {2: None}


def test_ground_beyond_the_frame_is_cut_off() -> None:
    ground = lay("AABB\nAABB")
    frame = shapely.union_all([ground.square(r, c) for r in (0, 1) for c in (0, 1, 2)])
    (fault,) = find_faults(ground.polygons, frame=frame)
    option, keep = repair_options(ground.polygons, fault, frame=frame)
    assert (option.key, option.recommended) == ("cut_at_frame", True)
    assert (keep.keeps, keep.recommended) == (True, False)
    assert find_faults(apply(ground.polygons, option), frame=frame) == []


def test_a_bow_tie_is_mended_and_an_empty_shape_removed() -> None:
    bow_tie = shapely.Polygon([(121.3, 31.9), (121.31, 31.91), (121.31, 31.9), (121.3, 31.91)])
    polygons = np.array([bow_tie, shapely.Polygon()], dtype=object)
    for fault, key in zip(find_faults(polygons), ["mend", "remove_empty"], strict=True):
        (option,) = repair_options(polygons, fault)
        assert option.key == key
        polygons = apply(polygons, option)
    assert find_faults(polygons) == []


def test_a_gap_with_nobody_round_it_can_only_be_a_grid_of_its_own() -> None:
    ground = lay("..\n..")
    (option,) = repair_options(ground.polygons, only_fault(ground))
    assert (option.key, option.changes, option.recommended) == ("new_grid", {}, True)
    assert find_faults(apply(ground.polygons, option), frame=ground.frame) == []


def test_options_with_the_same_outcome_are_told_once() -> None:
    ground = lay("AABB\nA..B")
    first, middle, new = repair_options(ground.polygons, only_fault(ground))
    assert first.key == "give_to_owner"
    assert first.also == ("give_to_longest_edge", "give_to_larger", "give_to_smaller")
    assert (middle.key, middle.also, new.key) == ("cut_in_middle", (), "new_grid")


def test_every_option_has_a_title_in_both_languages() -> None:
    assert all(zh and en for zh, en in OPTION_LABELS.values())
    option = options_of(lay("AABB\nA..B"))["cut_in_middle"]
    assert (option.title_zh, option.title_en) == OPTION_LABELS["cut_in_middle"]


def covered(polygons: Shapes) -> BaseGeometry:
    return shapely.union_all([shape for shape in polygons if shape is not None])


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(6, 25), st.integers(1, 4))
def test_every_option_ends_its_fault_and_makes_no_other(seed: int, count: int, times: int) -> None:
    rng = np.random.default_rng(seed)
    sound, frame = villages(rng, count)
    polygons = spoil(sound, frame, rng, times)
    before = find_faults(polygons, frame=frame)
    for fault in before:
        for option in repair_options(polygons, fault, frame=frame):
            after = apply(polygons, option)
            found = find_faults(after, frame=frame)
            assert total_m2(found) <= total_m2(before) - 0.9 * fault.area_m2
            assert not [f for f in found if f.of == fault.of and covers(f, fault)]
            assert shapely.is_valid([s for s in option.changes.values() if s is not None]).all()
            lost = shapely.difference(covered(polygons), covered(after))
            assert area_m2(np.array([lost]))[0] <= 0.02 * 111_000 * frame.length


def total_m2(faults: list[Fault]) -> float:
    return sum(fault.area_m2 for fault in faults)


def covers(found: Fault, ended: Fault) -> bool:
    shared = shapely.area(shapely.intersection(found.geom, ended.geom))
    return bool(found.members == ended.members and shared > 0.05 * ended.geom.area)
