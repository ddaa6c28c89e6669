"""Headings that do not tell columns apart, and answers in words."""

from typing import Any

import pytest

from app.territory.boundaries.choices import list_choices
from app.territory.boundaries.headings import settle_cut, take_towns
from app.territory.boundaries.report import ImportReport, Question

CODES, NAMES = ["320614105201", "320614105202"], ["四甲村", "头甲村"]


def settle(columns: dict[str, str], cells: dict[str, list[Any]]) -> dict[str, str]:
    settle_cut(columns, cells, list(cells), ImportReport())
    return columns


@pytest.mark.parametrize("second", ["行政村_2", "行政村1", "行政村_1", "行政_1"])
@pytest.mark.parametrize("codes_first", [True, False])
def test_of_two_columns_headed_alike_the_digits_are_the_codes(second: str, codes_first: bool) -> None:
    cells = dict(zip(("行政村", second), (CODES, NAMES) if codes_first else (NAMES, CODES), strict=True))
    name, code = (second, "行政村") if codes_first else ("行政村", second)
    assert settle({"unit_name": "行政村"}, cells) == {"unit_name": name, "unit_code": code}


def test_a_choice_by_content_is_told() -> None:
    report = ImportReport()
    settle_cut({"unit_name": "行政村"}, {"行政村": CODES, "行政村_2": NAMES}, ["行政村", "行政村_2"], report)
    assert [remark.code for remark in report.warnings] == ["column_by_content"]


def test_headings_that_only_begin_alike_are_left_alone() -> None:
    cells = {"村名": NAMES, "村名称": CODES}
    assert settle({"unit_name": "村名"}, cells) == {"unit_name": "村名"}
    assert settle({"unit_name": "村名"}, {"村名": NAMES, "村名2": NAMES}) == {"unit_name": "村名"}


def test_rows_of_towns_alone_are_units() -> None:
    columns = {"town_name": "XZMC", "town_code": "XZDM"}
    take_towns(columns, {"XZMC": ["四甲镇", "三厂街道"], "XZDM": ["320614105", "320614003"]})
    assert columns == {"unit_name": "XZMC", "unit_code": "XZDM"}


def test_the_towns_of_many_places_are_no_units() -> None:
    columns = {"town_name": "XZMC"}
    take_towns(columns, {"XZMC": ["四甲镇"] * 5 + ["三厂街道"]})
    assert columns == {"town_name": "XZMC"}


def test_every_option_of_a_question_is_told_in_words() -> None:
    asked = Question("crs_ambiguous", "?", ("EPSG:4549", "gcj02"))
    told = ImportReport(questions=[asked]).as_json()["questions"][0]
    assert told["options"] == ["EPSG:4549", "gcj02"]
    assert [choice["value"] for choice in told["choices"]] == told["options"]
    assert "中央经线120°" in told["choices"][0]["zh"]
    assert "GCJ-02" in told["choices"][1]["en"]


def test_an_option_that_is_a_column_means_itself_and_a_word_its_meaning() -> None:
    field = list_choices("field_unit_code", ("accept", "DM", "@row"))
    assert [choice.zh for choice in field] == ["accept", "DM", "用行号编号"]
    assert [choice.zh for choice in list_choices("unknown_kinds", ("village", "leave_out"))] == [
        "行政村",
        "剔除这些行",
    ]
    doubtful = list_choices("crs_doubtful", ("accept", "no system"))
    assert [choice.zh for choice in doubtful] == ["就按这个坐标系导入", "no system"]
