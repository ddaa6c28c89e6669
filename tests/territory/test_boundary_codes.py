"""Codes of a boundary file: made plain, known when destroyed, found by town and name, never lost."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy.orm import Session

from app.clock import today
from app.models import Place, Unit
from app.territory.boundaries import ImportReport
from app.territory.boundaries.codes import read_code, settle_code
from tests.ground import lay
from tests.territory.drawn_file import CODES, GROUND, VILLAGES, load


def units(work: Session) -> dict[str, Unit]:
    """The units that stand, by name."""
    standing = work.query(Unit).filter(Unit.valid.contains(today())).populate_existing()
    return {unit.name: unit for unit in standing}


def rows_of(report: ImportReport, code: str) -> tuple[int, ...]:
    """The rows of a warning; an error when it was not given exactly once."""
    (remark,) = [warning for warning in report.warnings if warning.code == code]
    return remark.rows


def add_places(work: Session, source: str = "NBS", *, places: Mapping[str, str]) -> None:
    """A gazetteer: code to name, the level by the length of the code."""
    levels = {6: "county", 9: "town", 12: "village"}
    for code, name in places.items():
        parent = {12: code[:9], 9: code[:6]}.get(len(code))
        place = Place(
            code=code,
            code_source=source,
            level=levels[len(code)],
            kind="admin",
            name=name,
            parent_code=parent,
        )
        work.add(place)
    work.flush()


@pytest.mark.parametrize(
    "cell",
    [
        320614103208,
        320614103208.0,
        "320614103208",
        " 320614103208\u3000",
        "\ufeff3206 1410\u00a03208\u200b",
        "３２０６１４１０３２０８",
        "'320614103208",
        "’320614103208",
        '="320614103208"',
        "320614103208.0",
        "320,614,103,208",
        "3.20614103208E+11",
        "3.20614103208e11",
    ],
)
def test_a_code_is_read_whatever_a_spreadsheet_made_of_it(cell: Any) -> None:
    assert settle_code(read_code(cell), "village") == ("320614103208", None)


@pytest.mark.parametrize("cell", ["3.20614E+11", "3.206141E+11", 320614000000.0, "320614000000"])
def test_a_code_whose_last_digits_are_gone_is_no_code(cell: Any) -> None:
    assert settle_code(read_code(cell), "village") == ("", "destroyed")


@pytest.mark.parametrize("cell", [None, "", " ", "无", "-", "NULL", "0", float("nan"), True])
def test_a_cell_that_says_nothing_is_no_code(cell: Any) -> None:
    assert read_code(cell).text == ""


@pytest.mark.parametrize(
    ("cell", "kind", "settled"),
    [
        ("HM-CL-017", "village", ("HM-CL-017", None)),
        ("0017", "village", ("0017", None)),
        ("320614103000", "town", ("320614103", None)),
        ("320614103", "town", ("320614103", None)),
        ("320614000000", "county", ("320614", None)),
        ("3.20614E+11", "county", ("320614", None)),
        ("320614103000", "village", ("320614103", "of_town")),
        ("320614103", "village", ("320614103", "length")),
        ("320614", "town", ("320614", "length")),
        ("3206141032080010000", "village", ("3206141032080010000", "long")),
        ("320614SC01", "market", ("320614SC01", None)),
    ],
)
def test_the_length_of_a_code_is_held_against_its_level(
    cell: str, kind: str, settled: tuple[str, str | None]
) -> None:
    assert settle_code(read_code(cell), kind) == settled


def test_destroyed_codes_are_found_again_by_town_and_name(work: Session, tmp_path: Path) -> None:
    add_places(work, places={"320614103": "常乐镇", **dict(zip(CODES, VILLAGES, strict=True))})
    columns = {"代码": ["3.20614E+11"] * 3, "名称": VILLAGES, "乡镇": ["常乐镇"] * 3}
    report = load(work, tmp_path, columns, code_source="NBS")
    assert (report.status, report.questions) == ("imported", [])
    assert rows_of(report, "code_destroyed") == rows_of(report, "code_matched") == (1, 2, 3)
    assert [units(work)[name].code for name in VILLAGES] == CODES


def test_a_row_without_a_code_is_asked_for_never_lost(work: Session, tmp_path: Path) -> None:
    columns = {"代码": [CODES[0], "", "3.20614E+11"], "名称": VILLAGES}
    report = load(work, tmp_path, columns)
    assert report.status == "needs_answer"
    (question,) = report.questions
    assert (question.code, question.options) == ("codes_missing", ("@row", "leave_out"))
    assert "双官村（第2行）" in question.message
    assert units(work) == {}
    numbered = load(work, tmp_path, columns, answers={"codes_missing": "@row"})
    assert (numbered.status, rows_of(numbered, "code_made")) == ("imported", (2, 3))
    assert [units(work)[name].code for name in VILLAGES] == [CODES[0], "R-2", "R-3"]


def test_rows_without_a_code_are_left_out_with_their_numbers_when_a_person_says_so(
    work: Session, tmp_path: Path
) -> None:
    columns = {"代码": [CODES[0], "", None], "名称": VILLAGES}
    report = load(work, tmp_path, columns, answers={"codes_missing": "leave_out"})
    assert [(bad.row, bad.reason) for bad in report.rejected] == [(2, "no_code"), (3, "no_code")]
    assert list(units(work)) == ["颐生村"]


def test_a_file_without_any_codes_takes_those_of_the_units_that_stand(work: Session, tmp_path: Path) -> None:
    load(work, tmp_path, {"代码": CODES, "名称": VILLAGES}, code_source="NBS 2023", valid_from="2026-01-01")
    drawn_again = {"村名": ["颐生村村委会", "双官村", "民建居委会"]}
    report = load(work, tmp_path, drawn_again, name="new.geojson", valid_from="2026-06-01")
    assert (report.status, report.questions) == ("imported", [])
    assert rows_of(report, "code_matched") == (1, 2, 3)
    stored = units(work)
    assert {unit.code: unit.code_source for unit in stored.values()} == dict.fromkeys(CODES, "NBS 2023")
    assert len(stored) == 3
    assert work.query(Unit).count() == 6


def test_a_name_that_two_towns_have_is_matched_in_the_town_that_is_told(
    work: Session, tmp_path: Path
) -> None:
    add_places(
        work,
        places={
            "320614103": "常乐镇",
            "320614104": "悦来镇",
            "320614103208": "新村",
            "320614104208": "新村",
        },
    )
    columns = {"名称": ["新村"], "乡镇": ["悦来镇"]}
    one = lay("A", cell=0.01)
    assert load(work, tmp_path, {"名称": ["新村"]}, ground=one).status == "needs_answer"
    report = load(work, tmp_path, columns, ground=one, name="t.geojson")
    assert report.status == "imported"
    assert (units(work)["新村"].code, units(work)["新村"].code_source) == ("320614104208", "NBS")


def test_codes_of_the_town_on_every_village_are_not_the_villages_own(work: Session, tmp_path: Path) -> None:
    columns = {"代码": ["320614103000"] * 3, "名称": VILLAGES}
    report = load(work, tmp_path, columns, answers={"codes_missing": "@row"})
    assert rows_of(report, "code_of_town") == (1, 2, 3)
    stored = units(work)
    assert [stored[name].code for name in VILLAGES] == [f"320614103-{row}" for row in (1, 2, 3)]
    assert {unit.town_code for unit in stored.values()} == {"320614103"}


def test_a_survey_s_nineteen_digits_are_the_village_s_twelve(work: Session, tmp_path: Path) -> None:
    columns = {"ZLDWDM": [f"{code}0000000" for code in CODES], "ZLDWMC": VILLAGES}
    report = load(work, tmp_path, columns)
    assert rows_of(report, "code_shortened") == (1, 2, 3)
    assert [units(work)[name].code for name in VILLAGES] == CODES


def test_groups_of_one_village_keep_their_long_codes(work: Session, tmp_path: Path) -> None:
    columns = {"代码": [f"{CODES[0]}{group:03d}" for group in (1, 2, 3)], "名称": ["一组", "二组", "三组"]}
    load(work, tmp_path, columns)
    assert sorted(unit.code for unit in units(work).values()) == columns["代码"]


def test_rows_of_one_code_and_name_are_parts_of_one_village(work: Session, tmp_path: Path) -> None:
    ground = lay("A.B\nC..", cell=0.01)
    columns = {
        "代码": [CODES[0], CODES[0], CODES[1]],
        "名称": ["颐生村", "颐生村村委会", "双官村"],
        "户数": [300, 20, 5],
    }
    report = load(work, tmp_path, columns, ground=ground)
    assert (report.features, rows_of(report, "parts_joined")) == (2, (1, 2))
    village = units(work)["颐生村"]
    whole = shapely.union(ground["A"], ground["B"])
    assert shapely.equals(shapely.from_wkb(bytes(village.geom.data)), whole)
    assert village.households == 320


def test_one_code_under_two_names_is_a_question_with_three_answers(work: Session, tmp_path: Path) -> None:
    add_places(work, places={CODES[0]: "颐生村", CODES[1]: "双官村"})
    columns = {"代码": [CODES[0], CODES[0], CODES[2]], "名称": ["双官村", "颐生村", "民建社区"]}
    report = load(work, tmp_path, columns, code_source="NBS")
    assert report.status == "needs_answer"
    (question,) = report.questions
    assert (question.code, question.options) == ("code_twice", ("by_name", "keep_all", "leave_out"))
    left = load(work, tmp_path, columns, code_source="NBS", dry_run=True, answers={"code_twice": "leave_out"})
    assert [bad.row for bad in left.rejected] == [1, 2]
    kept = load(work, tmp_path, columns, code_source="NBS", dry_run=True, answers={"code_twice": "keep_all"})
    assert (kept.features, rows_of(kept, "code_twice")) == (3, (1, 2))
    load(work, tmp_path, columns, code_source="NBS", answers={"code_twice": "by_name"})
    assert {name: unit.code for name, unit in units(work).items()} == {
        "颐生村": CODES[0],
        "双官村": CODES[1],
        "民建社区": CODES[2],
    }


def test_a_shared_code_that_no_list_knows_is_numbered_by_name(work: Session, tmp_path: Path) -> None:
    columns = {"代码": ["7", "7", "8"], "名称": VILLAGES}
    report = load(work, tmp_path, columns, answers={"code_twice": "by_name"})
    assert rows_of(report, "code_made") == (2,)
    assert [units(work)[name].code for name in VILLAGES] == ["7", "7-2", "8"]


def test_codes_of_two_sources_are_never_one_unit(work: Session, tmp_path: Path) -> None:
    """321281130 is 戴南镇 at the ministry and 千垛镇 in the statistics."""
    one = lay("A", cell=0.01)
    ministry = {"乡镇代码": ["321281130"], "乡镇名称": ["戴南镇"]}
    statistics = {"乡镇代码": ["321281130"], "乡镇名称": ["千垛镇"]}
    load(work, tmp_path, ministry, ground=one, kind="town", code_source="MCA", valid_from="2026-01-01")
    load(work, tmp_path, statistics, ground=one, kind="town", code_source="NBS", name="n.geojson")
    stored = units(work)
    assert sorted(stored) == ["千垛镇", "戴南镇"]
    assert stored["千垛镇"].former_names == []


def test_another_source_s_list_gives_no_name_where_its_codes_mean_other_places(
    work: Session, tmp_path: Path
) -> None:
    add_places(work, "MCA", places={"321281130": "戴南镇", "321281130201": "东陈村"})
    columns = {"代码": ["321281130201"], "名称": ["东旺村"], "乡镇代码": ["321281130"]}
    load(work, tmp_path, columns, ground=lay("A", cell=0.01), code_source="NBS")
    assert units(work)["东旺村"].town_name is None


def test_source_and_year_come_from_columns_then_options_then_the_file_s_name(
    work: Session, tmp_path: Path
) -> None:
    columns = {
        "代码": CODES,
        "名称": VILLAGES,
        "代码来源": ["NBS 2023", "", ""],
        "年份": ["2023年", "", None],
    }
    load(work, tmp_path, columns, code_source="MCA", year=2025)
    told = {unit.name: (unit.code_source, unit.year) for unit in units(work).values()}
    assert told == {"颐生村": ("NBS 2023", 2023), "双官村": ("MCA", 2025), "民建社区": ("MCA", 2025)}


def test_a_year_in_the_file_s_name_is_a_guess_and_said(work: Session, tmp_path: Path) -> None:
    columns = {"代码": CODES, "名称": VILLAGES}
    report = load(work, tmp_path, columns, file_name="海门行政村2023.zip")
    assert "2023" in next(w.message for w in report.warnings if w.code == "year_by_name")
    assert {unit.year for unit in units(work).values()} == {2023}


def test_a_file_s_shapes_are_stored_once_for_each_unit(work: Session, tmp_path: Path) -> None:
    columns = {"代码": CODES, "名称": VILLAGES}
    load(work, tmp_path, columns)
    shapes = [shapely.from_wkb(bytes(unit.geom.data)) for unit in units(work).values()]
    assert np.isclose(shapely.area(np.array(shapes)).sum(), shapely.area(GROUND.frame))
