"""A whole layer mended: proposals that end faults and make none, and what is left to people."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.spatial.topology import (
    Fault,
    LayerMending,
    Wanted,
    area_m2,
    clean_layer,
    find_faults,
    lie_over,
    repair_options,
)
from app.spatial.topology.mending import LEFT_REASONS
from bench.ground import villages as crooked
from bench.spoiling import RECIPES, returned_m2, spoil_ground
from tests.ground import Ground, lay
from tests.spatial.test_topology_truth import spoil, villages

Shapes = npt.NDArray[np.object_]


def mend(ground: Ground, **rules: Any) -> LayerMending:
    return clean_layer(ground.polygons, frame=ground.frame, **rules)


def reasons(mending: LayerMending) -> list[tuple[str, str]]:
    key = {zh: name for name, (zh, _) in LEFT_REASONS.items()}
    return [(left.fault.kind, key[left.reason_zh]) for left in mending.left]


def moved(ground: Ground, mending: LayerMending) -> list[tuple[str | None, str | None, int]]:
    """From whom to whom, in hundredths of a cell."""
    cell = area_m2(np.array([ground.square(0, 0)]))[0]
    name = [*ground.names, "new"]
    return [
        (
            None if m.from_row is None else name[m.from_row],
            None if m.to_row is None else name[m.to_row],
            round(100 * m.area_m2 / cell),
        )
        for step in mending.steps
        for m in step.moves
    ]


def bulged(out: bool) -> Ground:
    """B's border to A bulges half a cell into A (or draws back from it) where A's runs straight on."""
    ground = lay("AAAABBBB\nAAAABBBB\nAAAABBBB\nAAAABBBB")
    middle = ground.point(1, 3.5)
    bulge = shapely.box(middle[0] - 0.0005, middle[1] - 0.0003, middle[0] + 0.0005, middle[1] + 0.0003)
    shape = ground["B"].union(bulge) if out else ground["B"].difference(bulge)
    return ground.with_shape("B", shape)


def test_an_overlap_goes_back_to_the_border_that_runs_straight_on() -> None:
    ground = bulged(out=True)
    mending = mend(ground)
    assert moved(ground, mending) == [("B", "A", 30)]
    assert mending.steps[0].option.reason.rule == "turning"
    assert find_faults(mending.apply_to(ground.polygons), frame=ground.frame) == []


def test_a_gap_goes_back_to_the_border_that_drew_back() -> None:
    ground = bulged(out=False)
    assert moved(ground, mend(ground)) == [(None, "B", 30)]


@pytest.mark.parametrize("out", [True, False])
def test_the_whole_plan_takes_what_a_single_repair_recommends(out: bool) -> None:
    ground = bulged(out)
    (fault,) = find_faults(ground.polygons, frame=ground.frame)
    first = repair_options(ground.polygons, fault, frame=ground.frame)[0]
    (step,) = mend(ground).steps
    assert first.recommended
    assert first.changes.keys() == step.changes.keys()
    assert all(shapely.equals(first.changes[row], step.changes[row]) for row in step.changes)


def test_a_locked_grid_never_changes_and_its_neighbour_gives_way() -> None:
    ground = bulged(out=True)
    assert moved(ground, mend(ground, locked={ground.index("B")})) == [("A", "B", 30)]
    both = mend(ground, locked={0, 1})
    assert (both.steps, reasons(both)) == ((), [("overlap", "locked")])


def test_t2_a_market_in_a_village_is_listed_and_cut_out_only_when_asked_for() -> None:
    ground = lay("AAA\nAAA\nAAA", "...\n.M.\n...")
    assert (mend(ground).steps, reasons(mend(ground))) == ((), [("nested", "listed")])
    asked = mend(ground, wanted=Wanted(kinds=("nested",)))
    assert moved(ground, asked) == [("A", "M", 100)]
    over = mend(ground, wanted=Wanted(kinds=("nested",), overlay=True))
    assert all(step.changes == {} for step in over.steps)


def test_under_the_overlay_rule_a_market_over_two_villages_is_listed_in_every_round() -> None:
    ground = lay("AAABBB\nAAABBB\nAAABBB\nCCCDDD", "......\n..MM..\n......\n......")
    west, south, _, north = ground["D"].bounds
    dirty = ground.with_shape("D", ground["D"].difference(shapely.box(west, south, west + 5e-5, north)))
    kinds = ["market" if name == "M" else "village" for name in dirty.names]
    faults = [lie_over(fault, kinds) for fault in find_faults(dirty.polygons, frame=dirty.frame, kinds=kinds)]
    mending = mend(dirty, kinds=kinds, faults=faults, wanted=Wanted(overlay=True))
    assert [step.fault.kind for step in mending.steps] == ["gap"]
    assert reasons(mending) == [("nested", "listed"), ("nested", "listed")]


def test_t3_a_duplicate_is_listed_and_never_emptied() -> None:
    ground = lay("AABB", "CC..")
    mending = mend(ground)
    assert (mending.steps, reasons(mending)) == ((), [("duplicate", "listed")])


def test_t4_an_inlet_is_given_back_against_the_frame_and_unknown_without_it() -> None:
    ground = lay("AAAABBBB\nAAAABBBB\nAAAABBBB\nAAAABBBB")
    x, y = ground.point(0, 1.5)
    inlet = shapely.box(x - 0.0001, y - 0.001, x + 0.0001, y + 0.001)
    dirty = ground.with_shape("A", ground["A"].difference(inlet))
    assert clean_layer(dirty.polygons).steps == ()
    assert [(frm, to) for frm, to, _ in moved(dirty, mend(dirty))] == [(None, "A")]


def test_t1_missing_grids_are_left_to_people() -> None:
    whole = lay("AABBCC\nAABBCC\nDDEEFF\nDDEEFF\nGGHHII\nGGHHII")
    ground = whole.without("E", "C", "G")
    mending = mend(ground)
    assert mending.steps == ()
    assert reasons(mending) == [("gap", "missing")] * 3
    for left in mending.left:
        assert repair_options(ground.polygons, left.fault, frame=ground.frame)[-1].recommended


def test_nobody_loses_most_of_a_grid_without_being_asked() -> None:
    ground = lay("AABB\nAABB", "....\n..C.\n..C.").without("B")
    polygons = np.append(ground.polygons, ground["C"].union(ground.square(1, 3)))
    mending = clean_layer(polygons)
    assert all(min(step.moved_m2.values()) > -0.5 * area_m2(polygons).min() for step in mending.steps)


def test_only_what_is_asked_for_is_mended() -> None:
    ground = bulged(out=True)
    assert reasons(mend(ground, wanted=Wanted(kinds=("gap",)))) == [("overlap", "not_asked")]
    assert reasons(mend(ground, wanted=Wanted(max_width_m=5.0))) == [("overlap", "too_large")]
    assert reasons(mend(ground, wanted=Wanted(max_area_m2=9.0))) == [("overlap", "too_large")]


def test_a_broken_shape_is_mended_and_an_empty_one_left() -> None:
    bow_tie = shapely.Polygon([(121.3, 31.9), (121.31, 31.91), (121.31, 31.9), (121.3, 31.91)])
    mending = clean_layer([bow_tie, shapely.Polygon()])
    assert [step.option.key for step in mending.steps] == ["mend"]
    assert reasons(mending) == [("invalid", "empty")]


@pytest.mark.parametrize("recipe", ["strips", *RECIPES])
def test_spoiled_ground_comes_back_to_its_true_owner(recipe: str) -> None:
    layer = spoil_ground(crooked(250, seed=9), recipe, every=14, seed=4)
    mending = clean_layer(layer.polygons, frame=layer.frame)
    after = np.array([shapely.Polygon() if p is None else p for p in mending.apply_to(layer.polygons)])
    share = returned_m2(layer, after).sum() / area_m2(layer.pieces).sum()
    assert share > (0.6 if recipe == "corner_dragged" else 0.97)


def total_m2(faults: list[Fault]) -> float:
    return sum(fault.area_m2 for fault in faults)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(6, 25), st.integers(1, 5))
def test_mending_adds_nothing_loses_nothing_and_is_done_after_one_go(
    seed: int, count: int, times: int
) -> None:
    rng = np.random.default_rng(seed)
    sound, frame = villages(rng, count)
    polygons = spoil(sound, frame, rng, times)
    locked = frozenset(rng.integers(0, len(polygons), 2).tolist())
    mending = clean_layer(polygons, frame=frame, locked=locked)
    after = polygons
    number = len(mending.before)
    for step in mending.steps:
        after = after.copy()
        for row, shape in step.changes.items():
            after[row] = shape
    left = find_faults(after, frame=frame)
    assert len(left) == len(mending.left) <= number
    assert total_m2(left) <= total_m2(list(mending.before)) + 1.0
    changed = set(mending.changes())
    assert not changed & locked
    assert all(after[row] is polygons[row] for row in range(len(polygons)) if row not in changed)
    lost = shapely.difference(
        shapely.intersection(shapely.union_all(polygons), frame), shapely.union_all(after)
    )
    assert area_m2(np.array([lost]))[0] <= 0.02 * 111_000 * frame.length
    assert clean_layer(after, frame=frame, locked=locked).steps == ()
    again = clean_layer(polygons, frame=frame, locked=locked)
    assert [step.option.key for step in again.steps] == [step.option.key for step in mending.steps]
    assert all(shapely.equals_exact(a, b) for a, b in zip(again.apply_to(polygons), after, strict=True))
