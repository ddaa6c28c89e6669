"""Faulty shapes are mended with their area change told; what is no polygon is rejected with its reason."""

import warnings

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import wkt

from app.spatial import crs, repair

SQUARE = "121 31,121.01 31,121.01 31.01,121 31.01,121 31"
HALF_SPIKE = "121 31,121.01 31,121.01 31.01,{tip},121 31.01,121 31"


def clean(*texts: str | None) -> repair.Cleaned:
    return repair.clean(np.array([None if text is None else wkt.loads(text) for text in texts], object))


def only(cleaned: repair.Cleaned) -> repair.Repair:
    assert len(cleaned.repairs) == 1
    assert cleaned.rejected == ()
    return cleaned.repairs[0]


def area(text: str) -> float:
    return float(crs.area_m2([wkt.loads(text)])[0])


def test_a_sound_polygon_becomes_a_multipolygon_and_nothing_is_said() -> None:
    cleaned = clean(f"POLYGON(({SQUARE}))", f"MULTIPOLYGON((({SQUARE})))")
    assert (cleaned.repairs, cleaned.rejected, cleaned.notes) == ((), (), ())
    assert [geom.geom_type for geom in cleaned.geoms] == ["MultiPolygon"] * 2
    assert cleaned.geoms[0].equals(wkt.loads(f"POLYGON(({SQUARE}))"))


def test_a_bow_tie_of_two_equal_wings_is_a_question() -> None:
    mended = only(clean("POLYGON((121 31,121.01 31.01,121.01 31,121 31.01,121 31))"))
    assert mended.code == "crossed_ring"
    assert mended.question
    assert mended.area_after_m2 == pytest.approx(area(f"POLYGON(({SQUARE}))") / 2, rel=1e-3)


def test_a_small_knot_in_a_border_is_a_repair() -> None:
    cleaned = clean(
        "POLYGON((121 31,121.01 31,121.01 31.01,121.0002 31.01,121.0001 31.0101,121.0001 31.01,"
        "121.0002 31.0101,121 31.01,121 31))"
    )
    mended = only(cleaned)
    assert not mended.question
    assert mended.change_percent < 0.1
    assert "m²" in mended.zh
    assert "m²" in mended.en
    assert cleaned.geoms[0].is_valid


@pytest.mark.parametrize(
    "tip", ["121.005 31.01,121.005 31.03,121.005 31.01", "121.0050001 31.01,121.005 31.03,121.005 31.01"]
)
def test_a_spike_is_taken_off_and_the_rest_stays(tip: str) -> None:
    cleaned = clean(f"POLYGON(({HALF_SPIKE.format(tip=tip)}))")
    mended = only(cleaned)
    assert mended.code == "spike"
    assert not mended.question
    assert cleaned.geoms[0].bounds == (121, 31, 121.01, 31.01)
    assert mended.area_after_m2 == pytest.approx(area(f"POLYGON(({SQUARE}))"), rel=1e-6)


def test_a_spike_in_a_hole_is_found_too() -> None:
    hole = "121.002 31.002,121.004 31.002,121.004 31.009,121.004 31.004,121.002 31.004,121.002 31.002"
    cleaned = clean(f"POLYGON(({SQUARE}),({hole}))")
    assert only(cleaned).code == "spike"
    assert cleaned.geoms[0].is_valid
    assert len(cleaned.geoms[0].geoms[0].interiors) == 1


def test_parts_lying_on_each_other_are_one_ground_and_a_question() -> None:
    other = "121.005 31,121.015 31,121.015 31.01,121.005 31.01,121.005 31"
    mended = only(clean(f"MULTIPOLYGON((({SQUARE})),(({other})))"))
    assert mended.question
    assert mended.change_m2 == pytest.approx(-area(f"POLYGON(({SQUARE}))") / 2, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "no_geometry"),
        ("POLYGON EMPTY", "empty_geometry"),
        ("GEOMETRYCOLLECTION EMPTY", "empty_geometry"),
        ("POINT(121 31)", "not_a_polygon"),
        ("LINESTRING(121 31,122 32)", "not_a_polygon"),
        ("GEOMETRYCOLLECTION(POINT(121 31))", "not_a_polygon"),
        ("POLYGON((121 31,121.01 31,121.02 31,121 31))", "no_area"),
        ("POLYGON((121 31,121 31,121 31,121 31))", "no_area"),
        ("POLYGON((121 31,121.00000001 31,121.00000001 31.00000001,121 31))", "no_area"),
        ("POLYGON((500000 31,500010 31,500010 32,500000 31))", "off_the_earth"),
        ("POLYGON((121 95,121.1 95,121.1 96,121 95))", "off_the_earth"),
    ],
)
def test_what_cannot_be_ground_is_rejected_with_its_reason(text: str | None, code: str) -> None:
    cleaned = clean(f"POLYGON(({SQUARE}))", text)
    assert [(one.index, one.code) for one in cleaned.rejected] == [(1, code)]
    assert cleaned.rejected[0].zh
    assert cleaned.rejected[0].en
    assert cleaned.geoms[1] is None
    assert cleaned.geoms[0] is not None


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_no_number_is_rejected(number: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bad = shapely.Polygon([(121, 31), (number, 31), (121.01, 31.01)])
    cleaned = repair.clean(np.array([bad], object))
    assert [one.code for one in cleaned.rejected] == ["not_finite"]


def test_heights_and_double_points_are_dropped_and_noted_by_position() -> None:
    cleaned = clean(
        f"POLYGON(({SQUARE}))", "POLYGON Z((121 31 5,121.01 31 5,121.01 31.01 5,121.01 31.01 5,121 31 5))"
    )
    assert [(note.code, note.rows) for note in cleaned.notes] == [
        ("dropped_z", (2,)),
        ("double_points", (2,)),
    ]
    assert not cleaned.geoms[1].has_z
    assert len(shapely.get_coordinates(cleaned.geoms[1])) == 4


def test_only_the_polygons_of_a_collection_are_kept() -> None:
    cleaned = clean(f"GEOMETRYCOLLECTION(POINT(121 31),POLYGON(({SQUARE})))")
    assert [note.code for note in cleaned.notes] == ["mixed_parts"]
    assert cleaned.geoms[0].equals(wkt.loads(f"MULTIPOLYGON((({SQUARE})))"))


def test_neighbours_with_last_digit_differences_share_their_corners_afterwards() -> None:
    left = "POLYGON((121 31,121.01 31.000000001,121.01000000002 31.01,121 31.01,121 31))"
    right = "POLYGON((121.00999999998 31,121.02 31,121.02 31.01,121.01 31.00999999999,121.00999999998 31))"
    cleaned = clean(left, right)
    assert cleaned.geoms[0].intersection(cleaned.geoms[1]).area == 0
    assert cleaned.geoms[0].union(cleaned.geoms[1]).equals(shapely.box(121, 31, 121.02, 31.01))


def test_the_callers_array_is_left_alone() -> None:
    geoms = np.array([wkt.loads("POLYGON EMPTY"), None, wkt.loads(f"POLYGON(({SQUARE}))")], object)
    before = geoms.copy()
    repair.clean(geoms)
    assert all(one is other for one, other in zip(geoms, before, strict=True))


corner = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda p: (121 + p[0] * 1e-3, 31 + p[1] * 1e-3)
)


@settings(max_examples=150)
@given(st.lists(st.lists(corner, min_size=3, max_size=12), min_size=1, max_size=8))
def test_whatever_is_scribbled_comes_out_valid_or_rejected(rings: list[list[tuple[float, float]]]) -> None:
    geoms = np.array([shapely.Polygon(ring) for ring in rings], object)
    cleaned = repair.clean(geoms)
    gone = {one.index for one in cleaned.rejected}
    for index, geom in enumerate(cleaned.geoms):
        assert (geom is None) is (index in gone)
        if geom is not None:
            assert geom.geom_type == "MultiPolygon"
            assert geom.is_valid
            assert geom.area > 0
            xy = shapely.get_coordinates(geom)
            assert np.array_equal(xy, np.round(xy, 7))
    touched = {one.index for one in cleaned.repairs}
    for index in set(range(len(geoms))) - touched - gone:
        assert cleaned.geoms[index].symmetric_difference(geoms[index]).area < 1e-10


# Its crossed rings, taken apart, leave a spike where they crossed.
@example(
    [
        (121.021, 31.0),
        (121.009, 31.023),
        (121.014, 31.013),
        (121.0, 31.0),
        (121.02, 31.001),
        (121.008, 31.025),
    ]
)
@given(st.lists(corner, min_size=3, max_size=10))
def test_cleaning_twice_changes_nothing_more(ring: list[tuple[float, float]]) -> None:
    once = repair.clean(np.array([shapely.Polygon(ring)], object))
    twice = repair.clean(once.geoms)
    assert twice.repairs == ()
    if once.geoms[0] is not None:
        assert twice.geoms[0].equals(once.geoms[0])


def test_a_point_is_told_apart_from_a_line_that_does_not_close() -> None:
    point, line = clean("POINT(121 31)", "LINESTRING(121 31,122 32)").rejected
    assert "只有点" in point.zh
    assert "首尾相接" in line.zh
