"""Faulty shapes of real files: each repair is listed with its areas, the grave ones wait for an answer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy.orm import Session

from app.models import Unit
from app.spatial import crs, formats
from app.spatial.crs import area_m2
from app.territory.boundaries import ImportOptions, ImportReport, import_boundaries
from tests.samples import raw_shapes
from tests.samples.raw_shapes import LINES, Ring

Box = tuple[float, float, float, float]


def square(lon: float, lat: float = 31.9, *, side: float = 0.01) -> list[tuple[float, float]]:
    """A closed ring, clockwise as shapefiles want a shell."""
    east, north = lon + side, lat + side
    return [(lon, lat), (lon, north), (east, north), (east, lat), (lon, lat)]


def columns(count: int) -> dict[str, list[Any]]:
    return {
        "行政村代码": [f"32061410{n:04d}" for n in range(1, count + 1)],
        "行政村名称": [f"第{n}村" for n in range(1, count + 1)],
    }


def write(folder: Path, shapes: list[list[Ring]], **how: Any) -> Path:
    return raw_shapes.shapefile(folder / "v.zip", shapes, columns(len(shapes)), **how)


def load(work: Session, path: Path, **answers: str) -> ImportReport:
    return import_boundaries(work, path, options=ImportOptions(answers=answers))


def warned(report: ImportReport) -> dict[str, tuple[int, ...]]:
    return {remark.code: remark.rows for remark in report.warnings}


BOW = [(121.22, 31.9), (121.23, 31.91), (121.23, 31.9), (121.22, 31.91), (121.22, 31.9)]
BOW_2 = [(121.25, 31.9), (121.26, 31.91), (121.26, 31.9), (121.25, 31.91), (121.25, 31.9)]


def test_rings_that_lack_their_last_point_are_closed_and_listed(work: Session, tmp_path: Path) -> None:
    report = load(work, write(tmp_path, [[square(121.2)[:-1]], [square(121.21)]]))
    assert (report.status, report.features) == ("imported", 2)
    [line] = report.repairs
    assert (line.row, line.code, line.change_percent, line.question) == (1, "unclosed_ring", 0, False)
    assert line.area_after_m2 == pytest.approx(float(area_m2([shapely.Polygon(square(121.2))])[0]), rel=1e-6)
    assert warned(report)["mended_unclosed_ring"] == (1,)


def test_a_border_with_a_missing_piece_is_a_question(work: Session, tmp_path: Path) -> None:
    ring = shapely.get_coordinates(shapely.Point(121.205, 31.905).buffer(0.005, quad_segs=20))[::-1]
    report = load(work, write(tmp_path, [[list(map(tuple, ring[:60]))], [square(121.21)]]))
    assert report.status == "needs_answer"
    assert [question.code for question in report.questions] == ["repair_changes_area"]
    assert [(line.row, line.code, line.question) for line in report.repairs] == [(1, "unclosed_ring", True)]


def test_polylines_meant_as_villages_come_in_as_villages(work: Session, tmp_path: Path) -> None:
    hole = square(121.203, 31.903, side=0.002)
    report = load(
        work, write(tmp_path, [[square(121.2), hole], [square(121.21)], [square(121.22)[:-2]]], kind=LINES)
    )
    assert (report.status, report.features) == ("imported", 2)
    assert warned(report)["closed_lines"] == (1, 2)
    assert [(bad.row, bad.reason) for bad in report.rejected] == [(3, "not_a_polygon")]
    stored = {u.code: shapely.from_wkb(bytes(u.geom.data)) for u in work.query(Unit)}
    assert len(stored["320614100001"].geoms[0].interiors) == 1


def test_each_repair_is_listed_with_its_areas_and_the_small_ones_need_no_answer(
    work: Session, tmp_path: Path
) -> None:
    spiked = [*square(121.21)[:3], (121.225, 31.91), (121.22, 31.91), *square(121.21)[3:]]
    knot = [(121.2002, 31.91), (121.2001, 31.9101), (121.2001, 31.91), (121.2002, 31.9101)]
    knotted = [*square(121.2)[:2], *knot[::-1], *square(121.2)[2:]]
    report = load(work, write(tmp_path, [[knotted], [spiked], [square(121.22)]]))
    assert (report.status, report.features) == ("imported", 3)
    assert [(line.row, line.question) for line in report.repairs] == [(1, False), (2, False)]
    assert report.repairs[1].code == "spike"
    for line in report.repairs:
        assert line.area_before_m2 == pytest.approx(1_049_000, rel=0.01)
        assert line.change_percent < 0.1
        assert "m²" in line.message


def test_rows_are_answered_one_by_one_or_all_at_once(work: Session, tmp_path: Path) -> None:
    path = write(tmp_path, [[square(121.2)], [BOW], [BOW_2]])
    asked = load(work, path)
    assert (asked.status, work.query(Unit).count()) == ("needs_answer", 0)
    [question] = asked.questions
    assert question.options == ("accept", "leave_out")
    assert "第 2 行" in question.message
    assert "row 3" in question.message
    half = load(work, path, repair_changes_area_2="accept")
    assert half.status == "needs_answer"
    assert "第 2 行" not in half.questions[0].message
    done = load(work, path, repair_changes_area_2="accept", repair_changes_area="leave_out")
    assert (done.status, done.features) == ("imported", 2)
    assert [(bad.row, bad.reason) for bad in done.rejected] == [(3, "crossed_ring")]
    assert [line.row for line in done.repairs] == [2, 3]


def test_one_shape_given_to_two_rows_is_said_and_both_stay(work: Session, tmp_path: Path) -> None:
    other_way = [*square(121.2)[2:], *square(121.2)[1:3]]
    report = load(work, write(tmp_path, [[square(121.2)], [square(121.21)], [other_way]]))
    assert (report.status, report.features) == ("imported", 3)
    assert warned(report)["same_shape_twice"] == (1, 3)


def test_a_splinter_of_an_overlay_goes_in_and_is_said(work: Session, tmp_path: Path) -> None:
    report = load(work, write(tmp_path, [[square(121.2)], [square(121.3, side=0.00002)]]))
    assert (report.status, report.features) == ("imported", 2)
    assert warned(report)["shape_tiny"] == (2,)


def test_a_town_forty_kilometres_away_is_ground_and_null_island_is_not(work: Session, tmp_path: Path) -> None:
    main = [[square(121.2 + 0.01 * n)] for n in range(12)]
    away: list[list[Ring]] = [[square(121.62, 31.72)], [square(0.0, 0.0)], [square(121.2, 28.0)]]
    assert float(crs.distance_m(121.26, 31.9, 121.62, 31.72)[()]) > 35_000
    report = load(work, write(tmp_path, main + away))
    assert (report.status, report.features) == ("imported", 13)
    assert [(bad.row, bad.reason) for bad in report.rejected] == [(14, "far_away"), (15, "far_away")]


@pytest.mark.parametrize("name", ["v.geojson", "v.gpkg", "v.kml"])
def test_lines_of_other_formats_become_ground_too(work: Session, tmp_path: Path, name: str) -> None:
    lines = np.array([shapely.LineString(square(121.2 + 0.01 * n)) for n in range(3)], object)
    report = load(work, formats.write(tmp_path / name, columns(3), lines))
    assert (report.status, report.features) == ("imported", 3)
    assert warned(report)["closed_lines"] == (1, 2, 3)
