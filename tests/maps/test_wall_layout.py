"""The wall map's layout: every paper, round scales that measure true, furniture, plain refusals."""

from dataclasses import replace

import numpy as np
import pytest
from pyproj import Geod

from app.errors import BadInput
from app.maps import wall
from app.maps.wall.composing import find_prefix
from app.maps.wall.layout import round_scale
from tests.maps.test_wall_labels import overlapping
from tests.maps.wall_samples import lay_sheet

PAPER_KEYS = [paper.key for paper in wall.PAPERS]


@pytest.fixture(scope="module")
def sheet() -> wall.Sheet:
    return lay_sheet(24, managers=6, towns=3, seed=9, neighbours=12)


def outline_span(drawing: wall.Drawing) -> float:
    """Width of the sheet's own ground on paper, in millimetres."""
    edges = [mark for mark in drawing.marks if isinstance(mark, wall.Shape) and mark.role == "outline"]
    x = np.concatenate([ring[:, 0] for ring in edges[0].rings])
    return float(x.max() - x.min())


@pytest.mark.parametrize("key", PAPER_KEYS)
def test_every_paper_holds_the_sheet_without_touching_texts(sheet: wall.Sheet, key: str) -> None:
    paper = next(paper for paper in wall.PAPERS if paper.key == key)
    drawing = wall.draw_sheet(sheet, key)
    assert sorted((drawing.width_mm, drawing.height_mm)) == sorted((paper.width_mm, paper.height_mm))
    assert overlapping(drawing) == []
    assert min(text.kind.size_pt for text in drawing.texts) >= paper.smallest_pt * 0.99
    names = [text.kind.size_pt for text in drawing.texts if text.role == "name"]
    assert paper.name_pt[0] <= min(names) <= max(names) <= paper.name_pt[1]


def test_type_is_readable_from_where_one_stands() -> None:
    limits = {paper.key: (paper.smallest_pt, paper.name_pt[0]) for paper in wall.PAPERS}
    assert limits["A4"][0] >= 6
    assert limits["A3"][1] >= 7
    assert limits["A0"][1] >= 11


@pytest.mark.parametrize("key", PAPER_KEYS)
def test_a_distance_measured_on_paper_times_the_scale_is_the_true_distance(
    sheet: wall.Sheet, key: str
) -> None:
    drawing = wall.draw_sheet(sheet, key)
    assert sheet.frame is not None
    lon0, lat0, lon1, lat1 = sheet.frame.bounds
    middle = (lat0 + lat1) / 2
    true_m = Geod(ellps="GRS80").inv(lon0, middle, lon1, middle)[2]
    assert outline_span(drawing) / 1000 * drawing.scale == pytest.approx(true_m, rel=0.003)


def test_a_branch_inside_the_banks_frame_fills_the_sheet_and_shows_where_it_lies(sheet: wall.Sheet) -> None:
    assert sheet.frame is not None
    bank = sheet.frame.buffer(0.4)
    inside = wall.draw_sheet(replace(sheet, frame=bank, neighbours=()), "A3")
    alone = wall.draw_sheet(replace(sheet, neighbours=()), "A3")
    assert inside.scale <= alone.scale * 1.35
    assert "在全行的位置" in {text.text for text in inside.texts}
    assert "在全行的位置" not in {text.text for text in alone.texts}


def test_paper_is_never_stretched(sheet: wall.Sheet) -> None:
    drawing = wall.draw_sheet(sheet, "A3")
    edges = [mark for mark in drawing.marks if isinstance(mark, wall.Shape) and mark.role == "outline"]
    points = np.concatenate(list(edges[0].rings))
    across, down = np.ptp(points, axis=0)
    assert sheet.frame is not None
    lon0, lat0, lon1, lat1 = sheet.frame.bounds
    geod = Geod(ellps="GRS80")
    true_across = geod.inv(lon0, (lat0 + lat1) / 2, lon1, (lat0 + lat1) / 2)[2]
    true_down = geod.inv((lon0 + lon1) / 2, lat0, (lon0 + lon1) / 2, lat1)[2]
    assert across / down == pytest.approx(true_across / true_down, rel=0.005)


@pytest.mark.parametrize(
    ("needed", "round_to"),
    [(20_001, 25_000), (41_200, 45_000), (95_000, 95_000), (12_300, 13_000), (4_600, 5_000)],
)
def test_scales_are_round(needed: float, round_to: int) -> None:
    assert round_scale(needed) == round_to


def test_the_orientation_that_shows_the_ground_larger_is_taken(sheet: wall.Sheet) -> None:
    free = wall.draw_sheet(sheet, "A3")
    both = [wall.draw_sheet(sheet, "A3", orientation=held) for held in ("portrait", "landscape")]
    assert [drawing.orientation for drawing in both] == ["portrait", "landscape"]
    assert free.scale <= min(drawing.scale for drawing in both) * 1.08


def test_a_sheet_without_grids_is_refused_in_words(sheet: wall.Sheet) -> None:
    with pytest.raises(BadInput, match="sheet_without_grids"):
        wall.draw_sheet(replace(sheet, grids=()))


@pytest.mark.parametrize(("paper", "orientation"), [("A9", None), ("A3", "diagonal")])
def test_an_unknown_paper_or_orientation_is_refused(
    sheet: wall.Sheet, paper: str, orientation: str | None
) -> None:
    with pytest.raises(BadInput, match="unknown"):
        wall.draw_sheet(sheet, paper, orientation=orientation)


def test_the_directory_has_a_row_for_each_grid_and_its_sums(sheet: wall.Sheet) -> None:
    texts = [text.text for text in wall.draw_sheet(sheet, "A3").texts if text.role == "table"]
    assert all(grid.name in texts for grid in sheet.grids)
    assert f"{sum(grid.households or 0 for grid in sheet.grids):,}" in texts
    assert f"{sum(grid.customers or 0 for grid in sheet.grids):,}" in texts


def test_index_squares_of_the_directory_hold_the_grids_name() -> None:
    sheet = lay_sheet(10, managers=3, seed=3)
    drawing = wall.draw_sheet(sheet, "A3")
    rows = [text for text in drawing.texts if text.role == "table"]
    x0, y0, x1, y1 = drawing.windows[0].box
    columns, lines = (8, 5) if x1 - x0 >= y1 - y0 else (5, 8)
    for name in (text for text in drawing.texts if text.role == "name"):
        row = next((text for text in rows if text.text == name.text), None)
        if row is None:
            continue
        square = min(
            (t for t in rows if abs(t.y_mm - row.y_mm) < 0.1 and t.x_mm < row.x_mm),
            key=lambda t: t.x_mm + 1e3 * (len(t.text) != 2 or not t.text[0].isalpha()),
        )
        column = (name.x_mm - x0) / (x1 - x0) * columns
        line = (name.y_mm - y0) / (y1 - y0) * lines
        assert abs(column - ("ABCDEFGH".index(square.text[0]) + 0.5)) < 1.5
        assert abs(line - (int(square.text[1]) - 0.5)) < 1.5


def test_a_bank_of_three_hundred_grids_lists_its_managers() -> None:
    sheet = lay_sheet(300, managers=100, towns=12, span_m=60000, seed=2)
    drawing = wall.draw_sheet(sheet, "A1")
    assert overlapping(drawing) == []
    words = " ".join(text.text for text in drawing.texts if text.role == "table")
    assert all(str(grid.manager_code) in words for grid in sheet.grids)
    assert all(f"{grid.name}(" in words for grid in sheet.grids)
    named = {
        code for window in drawing.windows for code, how in window.labelled.items() if how in ("full", "name")
    }
    assert len(named) >= 0.9 * len(sheet.grids)


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    sheet = lay_sheet(4, managers=1, seed=3)
    bare = tuple(replace(grid, households=None, customers=None, manager_phone=None) for grid in sheet.grids)
    texts = wall.draw_sheet(replace(sheet, grids=bare), "A4").texts
    assert sum(text.text == "—" for text in texts) >= 2 + 3 * 4
    assert not any(text.text == "0" for text in texts if text.role == "table")


@pytest.mark.parametrize(
    ("codes", "prefix"),
    [
        (["HM-CL-001", "HM-CL-002"], "HM-CL-"),
        (["HM-CL-001", "HM-SX-002"], "HM-"),
        (["320614400038", "320614400252"], "320614400"),
        (["A1", "B2"], ""),
        (["HM-CL-001"], ""),
    ],
)
def test_what_all_codes_begin_with_is_left_out(codes: list[str], prefix: str) -> None:
    assert find_prefix(codes) == prefix
