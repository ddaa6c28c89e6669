"""Neighbours are told apart by every eye, colours stay from month to month, and breaks are round."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.spatial import colour
from app.spatial.colour import PALETTE, assign_colours, classes, measure_distances, to_oklab
from app.spatial.topology import neighbours


def patchwork(seed: int, count: int) -> list[tuple[int, int]]:
    """Who borders whom in a random plan of `count` grids."""
    rng = np.random.default_rng(seed)
    seeds = shapely.multipoints(rng.random((count, 2)) * 0.3 + [121, 31.8])
    return neighbours(shapely.get_parts(shapely.voronoi_polygons(seeds)))


def worst(colours: np.ndarray, pairs: list[tuple[int, int]]) -> float:
    a, b = np.array(pairs).T
    return float(measure_distances(PALETTE)[colours[a], colours[b]].min())


def test_the_palette_is_twelve_pastels_in_three_steps_without_red() -> None:
    lab = to_oklab(PALETTE)
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    assert lab[:, 0] == pytest.approx([0.945] * 4 + [0.875] * 4 + [0.80] * 4, abs=0.003)
    assert hue == pytest.approx([80, 160, 225, 300, 65, 110, 195, 270, 75, 145, 235, 305], abs=2)
    assert ((hue > 60) & (hue < 310)).all()


def test_oklab_agrees_with_known_colours() -> None:
    assert to_oklab(["#ffffff", "#000000"]) == pytest.approx(np.array([[1, 0, 0], [0, 0, 0]]), abs=1e-3)
    assert to_oklab(["#ff0000"])[0] == pytest.approx([0.628, 0.225, 0.126], abs=2e-3)


def test_no_sight_changes_white_and_each_but_the_normal_merges_some_colours() -> None:
    for sight in colour.SIGHTS:
        assert to_oklab(["#ffffff"], sight=sight)[0] == pytest.approx([1, 0, 0], abs=1e-3)
    red_green = [
        np.linalg.norm(np.diff(to_oklab(["#c05050", "#6f7f30"], sight=s), axis=0))
        for s in ("normal", "deutan")
    ]
    assert red_green[1] < red_green[0] / 2


@pytest.mark.parametrize("count", [2, 30, 96, 297, 1500])
def test_no_two_neighbours_look_alike_to_any_eye(count: int) -> None:
    pairs = patchwork(count, count)
    assert worst(assign_colours(count, pairs), pairs) >= 0.045


def test_all_colours_are_used_about_equally() -> None:
    counts = np.bincount(assign_colours(297, patchwork(7, 297)), minlength=len(PALETTE))
    assert counts.min() >= 297 / len(PALETTE) * 0.6
    assert counts.max() <= 297 / len(PALETTE) * 1.5


def test_the_same_plan_gets_the_same_colours() -> None:
    pairs = patchwork(8, 120)
    assert np.array_equal(assign_colours(120, pairs), assign_colours(120, reversed(pairs)))


def test_last_months_colours_stay_where_they_are_still_legal() -> None:
    pairs = patchwork(9, 200)
    before = assign_colours(200, pairs)
    assert np.array_equal(assign_colours(200, pairs, previous=before), before)


def test_after_a_change_of_borders_few_colours_change_and_none_clash() -> None:
    pairs = patchwork(10, 200)
    before = assign_colours(200, pairs)
    moved = sorted({*pairs, (0, 150), (3, 77), (12, 190)})
    after = assign_colours(200, moved, previous=before)
    assert worst(after, moved) >= 0.045
    assert (after != before).sum() <= 6


def test_a_new_grid_between_kept_ones_gets_a_colour_of_its_own() -> None:
    pairs = [(0, k) for k in range(1, 6)]
    before = [-1, 0, 4, 8, 6, 11]
    after = assign_colours(6, pairs, previous=before)
    assert worst(after, pairs) >= 0.045


@settings(max_examples=60)
@given(st.integers(4, 60), st.integers(0, 10**6))
def test_random_former_colours_never_make_neighbours_clash(count: int, seed: int) -> None:
    pairs = patchwork(seed, count)
    previous = np.random.default_rng(seed).integers(-1, len(PALETTE), count)
    assert worst(assign_colours(count, pairs, previous=previous), pairs) >= 0.045


def test_more_neighbours_than_colours_still_get_the_farthest() -> None:
    everyone = [(a, b) for a in range(15) for b in range(a)]
    colours = assign_colours(15, everyone)
    assert set(colours.tolist()) <= set(range(len(PALETTE)))
    assert len(set(colours.tolist())) >= 6


def test_no_regions_need_no_colours() -> None:
    assert len(assign_colours(0, [])) == 0


# --- classes --------------------------------------------------------------------------------------------


def test_classes_count_every_value_once() -> None:
    rates = np.append(np.random.default_rng(0).beta(5, 2, 297), [np.nan] * 3)
    cut = classes(rates)
    assert sum(cut.counts) == 297
    assert cut.no_data == 3
    assert (cut.of[-3:] == -1).all()
    assert np.bincount(cut.of[:297]).tolist() == list(cut.counts)


def test_breaks_are_round_and_hold_all_values() -> None:
    cut = classes(np.random.default_rng(1).random(500) * 100)
    assert all(value == round(value / 5) * 5 for value in cut.breaks)
    assert cut.breaks[0] <= 0.5
    assert cut.breaks[-1] >= 99.5
    assert max(cut.counts) < 2 * min(cut.counts)


@settings(max_examples=300)
@given(st.lists(st.floats(-1e6, 1e6) | st.integers(0, 20).map(float), max_size=40), st.integers(2, 7))
def test_each_value_lies_in_its_class_and_no_class_is_empty(values: list[float], n: int) -> None:
    cut = classes(values, n)
    assert len(cut.counts) <= n
    assert all(count > 0 for count in cut.counts)
    assert sum(cut.counts) == len(values)
    for value, k in zip(values, cut.of.tolist(), strict=True):
        assert cut.breaks[k] <= value
        assert value < cut.breaks[k + 1] or (k == len(cut.counts) - 1 and value <= cut.breaks[k + 1])


def test_one_value_alone_is_one_class() -> None:
    cut = classes([3.0, 3.0, 3.0])
    assert (cut.breaks, cut.counts) == ((3.0, 3.0), (3,))
    assert cut.colours() == [colour.SEQUENTIAL[-1]]


def test_no_values_make_no_class() -> None:
    cut = classes([np.nan])
    assert (cut.breaks, cut.counts, cut.no_data, cut.colours()) == ((), (), 1, [])


def test_five_classes_take_the_five_colours_from_pale_to_dark() -> None:
    assert classes(np.arange(100)).colours() == list(colour.SEQUENTIAL)
    lightness = to_oklab(colour.SEQUENTIAL)[:, 0]
    assert (np.diff(lightness) < -0.05).all()
