"""Closed lines become ground, open ones are refused with advice, and what was drawn twice counts once."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import wkt

from app.spatial import repair
from tests.spatial.test_repair import SQUARE, area, clean, only

INNER = "121.002 31.002,121.004 31.002,121.004 31.004,121.002 31.004,121.002 31.002"
ISLAND = "121.0025 31.0025,121.0035 31.0025,121.0035 31.0035,121.0025 31.0035,121.0025 31.0025"
GROUND = f"POLYGON(({SQUARE}))"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (f"LINESTRING({SQUARE})", GROUND),
        (f"LINESTRING({','.join(reversed(SQUARE.split(',')))})", GROUND),
        ("LINESTRING Z(121 31 5,121.01 31 5,121.01 31.01 5,121 31.01 5,121 31 6)", GROUND),
        (f"GEOMETRYCOLLECTION(LINESTRING({SQUARE}),POINT(121 31))", GROUND),
        (f"MULTILINESTRING(({SQUARE}),({SQUARE}))", GROUND),
        ("MULTILINESTRING((121 31,121.01 31,121.01 31.01),(121 31,121 31.01,121.01 31.01))", GROUND),
        (f"MULTILINESTRING(({SQUARE}),({INNER}))", f"POLYGON(({SQUARE}),({INNER}))"),
        (f"MULTILINESTRING(({INNER}),({SQUARE}))", f"POLYGON(({SQUARE}),({INNER}))"),
        (
            f"MULTILINESTRING(({ISLAND}),({SQUARE}),({INNER}))",
            f"MULTIPOLYGON((({SQUARE}),({INNER})),(({ISLAND})))",
        ),
    ],
)
def test_closed_lines_are_ground_by_turns_with_holes(text: str, same: str) -> None:
    cleaned = clean(text)
    assert (cleaned.repairs, cleaned.rejected) == ((), ())
    assert ("closed_lines", (1,)) in [(note.code, note.rows) for note in cleaned.notes]
    assert cleaned.geoms[0].equals(wkt.loads(same))


def test_ends_that_nearly_meet_are_joined_and_told_with_the_length() -> None:
    cleaned = clean("LINESTRING(121 31,121.01 31,121.01 31.01,121 31.01,121 31.0005)")
    mended = only(cleaned)
    assert (mended.code, mended.question, mended.change_percent) == ("unclosed_ring", False, 0)
    assert mended.area_after_m2 == pytest.approx(area(GROUND), rel=1e-9)
    assert "55.6 m" in mended.zh
    assert "55.6 m" in mended.en


@pytest.mark.parametrize(
    "text",
    [
        "LINESTRING(121 31,121.01 31,121.01 31.01,121 31.01)",
        "LINESTRING(121 31,121.01 31)",
        "LINESTRING(121 31,121.01 31,121 31)",
        "MULTILINESTRING((121 31,121.01 31),(121.02 31,121.03 31.01))",
    ],
)
def test_an_open_line_is_no_polygon_and_the_advice_says_how(text: str) -> None:
    cleaned = clean(text)
    assert [one.code for one in cleaned.rejected] == ["not_a_polygon"]
    assert "闭合" in cleaned.rejected[0].zh
    assert "open line" in cleaned.rejected[0].en


def test_an_open_line_beside_a_closed_one_is_dropped_and_said() -> None:
    cleaned = clean(f"MULTILINESTRING(({SQUARE}),(121.02 31,121.03 31.01))")
    assert [note.code for note in cleaned.notes] == ["mixed_parts", "closed_lines"]
    assert cleaned.geoms[0].equals(wkt.loads(GROUND))


def test_a_closed_line_that_crosses_itself_is_mended_as_any_ring() -> None:
    mended = only(clean("LINESTRING(121 31,121.01 31.01,121.01 31,121 31.01,121 31)"))
    assert (mended.code, mended.question) == ("crossed_ring", True)
    assert mended.area_after_m2 == pytest.approx(area(GROUND) / 2, rel=1e-3)


def test_a_ring_that_only_lacks_its_last_point_is_a_repair() -> None:
    cleaned = repair.clean(np.array([wkt.loads(GROUND)] * 2, object), closed=[1])
    assert [(one.index, one.code, one.question) for one in cleaned.repairs] == [(1, "unclosed_ring", False)]


def test_a_ring_closed_over_a_missing_piece_of_border_is_a_question() -> None:
    round_village = shapely.Point(121, 31).buffer(0.01, quad_segs=25)
    xy = shapely.get_coordinates(round_village)[:70]
    cleaned = repair.clean(np.array([shapely.Polygon(xy), round_village], object), closed=[0, 1])
    assert [(one.index, one.question) for one in cleaned.repairs] == [(0, True), (1, False)]


def test_a_part_or_a_hole_that_is_there_twice_changes_no_ground() -> None:
    for text, same in (
        (f"MULTIPOLYGON((({SQUARE})),(({SQUARE})))", GROUND),
        (f"POLYGON(({SQUARE}),({INNER}),({INNER}))", f"POLYGON(({SQUARE}),({INNER}))"),
    ):
        cleaned = clean(text)
        assert (only(cleaned).code, only(cleaned).change_percent) == ("duplicate_parts", 0)
        assert cleaned.geoms[0].equals(wkt.loads(same))


def test_faults_between_parts_and_rings_are_named_for_what_they_are() -> None:
    beside = "121.01 31,121.02 31,121.02 31.01,121.01 31.01,121.01 31"
    astride = "121.008 31.002,121.012 31.002,121.012 31.004,121.008 31.004,121.008 31.002"
    found = clean(
        f"MULTIPOLYGON((({SQUARE})),(({beside})))",
        f"MULTIPOLYGON((({SQUARE})),(({INNER})))",
        f"POLYGON(({SQUARE}),({astride}))",
    )
    assert [(one.code, one.question) for one in found.repairs] == [
        ("overlapping_parts", False),
        ("nested_shells", True),
        ("crossing_rings", True),
    ]


def test_a_hole_narrower_than_half_a_metre_stays_and_is_said() -> None:
    slit = (
        "121.005 31.005,121.008 31.005,121.008 31.000003,121.008 31.005003,121.005 31.005003,121.005 31.005"
    )
    slit = slit.replace("121.008 31.000003,", "")
    cleaned = clean(GROUND, f"POLYGON(({SQUARE}),({slit}))", f"POLYGON(({SQUARE}),({INNER}))")
    assert [(note.code, note.rows) for note in cleaned.notes] == [("sliver_hole", (2,))]
    assert len(cleaned.geoms[1].geoms[0].interiors) == 1


def test_a_village_in_anothers_hole_stays_where_it_is() -> None:
    cleaned = clean(f"POLYGON(({SQUARE}),({INNER}))", f"POLYGON(({INNER}))")
    assert cleaned.repairs == ()
    assert cleaned.geoms[0].union(cleaned.geoms[1]).equals(wkt.loads(GROUND))


corner = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda p: (121 + p[0] * 1e-3, 31 + p[1] * 1e-3)
)
scribble = st.lists(corner, min_size=2, max_size=12)


@settings(max_examples=120)
@given(st.lists(scribble, min_size=1, max_size=4))
def test_scribbled_lines_come_out_valid_within_what_they_surround(
    lines: list[list[tuple[float, float]]],
) -> None:
    drawn = shapely.MultiLineString([[*line, line[0]] for line in lines])
    cleaned = repair.clean(np.array([drawn], object))
    geom = cleaned.geoms[0]
    assert (geom is None) is bool(cleaned.rejected)
    if geom is None:
        return
    assert geom.is_valid
    assert geom.geom_type == "MultiPolygon"
    assert geom.difference(shapely.convex_hull(drawn).buffer(1e-6)).is_empty
    hulls = shapely.convex_hull(shapely.get_parts(drawn))
    filled = shapely.union_all(hulls)
    assert geom.area <= filled.area + 1e-9
    again = repair.clean(cleaned.geoms)
    assert again.repairs == ()
    assert again.geoms[0].equals(geom)
