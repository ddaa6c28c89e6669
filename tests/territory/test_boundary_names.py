"""Names and columns of a boundary file: official names, former ones, headings guessed and overruled."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.clock import today
from app.models import Place, Unit
from app.territory.names import clean_official, cut_town, fold_name, read_place_words, split_former, tidy
from tests.ground import lay
from tests.territory.drawn_file import CODES, VILLAGES, load


def units(work: Session) -> dict[str, Unit]:
    """The units that stand, by code."""
    standing = work.query(Unit).filter(Unit.valid.contains(today())).populate_existing()
    return {unit.code: unit for unit in standing}


@pytest.mark.parametrize(
    ("official", "name"),
    [
        ("颐生村村委会", "颐生村"),
        ("颐生村村民委员会", "颐生村"),
        ("颐生村民委员会", "颐生村"),
        ("颐生村委会", "颐生村"),
        ("颐生村村委", "颐生村"),
        ("颐生行政村", "颐生村"),
        ("民建居委会", "民建社区"),
        ("民建居委", "民建社区"),
        ("民建社区居民委员会", "民建社区"),
        ("民建社区居委会", "民建社区"),
        ("新村村委会", "新村"),
        ("新村委会", "新村"),
        ("巴彦嘎查村民委员会", "巴彦嘎查"),
    ],
)
def test_an_official_name_becomes_the_everyday_one_and_is_kept(official: str, name: str) -> None:
    words = read_place_words(official, village=True)
    assert (words.name, words.official) == (name, official)
    assert fold_name(official) == fold_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "颐生村",
        "新村",
        "村",
        "居委会",
        "村委会",
        "海门市农科所虚拟生活区",
        "龍門里",
        "习正村",
        "东风新村社区",
    ],
)
def test_a_name_that_needs_no_cleaning_stays_as_it_is(name: str) -> None:
    words = read_place_words(name, village=True)
    assert (words.name, words.official, words.former) == (name, None, ())


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("颐 生 村", "颐生村"),
        (" 颐生\u3000村\u200b ", "颐生村"),
        ("\ufeff颐\u00a0生村", "颐生村"),
        ("第１２村", "第12村"),
        ("ＡＢ区", "AB区"),
        ("Zone  A 12", "Zone A 12"),
        ("三星镇（叠石桥家纺产业园区）", "三星镇（叠石桥家纺产业园区）"),
        ("金陵\uf9e9", "金陵里"),
    ],
)
def test_blanks_and_widths_are_put_right_and_marks_left_alone(cell: str, name: str) -> None:
    assert tidy(cell) == name


@pytest.mark.parametrize(
    ("cell", "former"),
    [
        ("颐生村（原红星村）", ("红星村",)),
        ("颐生村（原:红星村）", ("红星村",)),
        ("颐生村(曾用名：红星村、立新村)", ("红星村", "立新村")),
        ("颐生村（原红星村、立新村合并）", ("红星村", "立新村")),
        ("颐生村村委会【原名红星村】", ("红星村",)),
    ],
)
def test_former_names_stand_in_brackets(cell: str, former: tuple[str, ...]) -> None:
    words = read_place_words(cell, village=True)
    assert (words.name, words.former) == ("颐生村", former)


def test_former_names_of_a_column_are_taken_one_by_one() -> None:
    assert split_former("原红星村、立新村村委会|东风村/西村；无") == ["红星村", "立新村", "东风村", "西村"]
    assert split_former("") == split_former("—") == []


@pytest.mark.parametrize(
    ("name", "town", "left"),
    [
        ("常乐镇颐生村", "常乐镇", "颐生村"),
        ("江苏省南通市海门区常乐镇颐生村", "常乐镇", "颐生村"),
        ("悦来镇社区", "悦来镇", "悦来镇社区"),
        ("悦来镇村", "悦来镇", "悦来镇村"),
        ("大常乐镇颐生村", "常乐镇", "大常乐镇颐生村"),
        ("颐生村", "", "颐生村"),
    ],
)
def test_a_town_before_a_name_is_cut_unless_no_name_is_left(name: str, town: str, left: str) -> None:
    assert cut_town(name, town) == left


def test_there_is_one_cleaning_for_ground_and_for_addresses() -> None:
    from app.customers.geocoding import places

    assert places.clean_official is clean_official


def test_a_file_s_names_are_cleaned_and_what_was_written_is_kept(work: Session, tmp_path: Path) -> None:
    columns = {
        "代码": CODES,
        "名称": ["常乐镇颐生村村委会（原红星村）", "双 官 村", "民建居委会"],
        "乡镇": ["常乐镇", "常乐镇", "海门街道办事处"],
        "曾用名": ["立新村", None, "民建村/东街"],
    }
    load(work, tmp_path, columns)
    told = [units(work)[code] for code in CODES]
    assert [unit.name for unit in told] == VILLAGES
    assert [unit.official_name for unit in told] == ["常乐镇颐生村村委会", None, "民建居委会"]
    assert [unit.former_names for unit in told] == [["立新村", "红星村"], [], ["民建村", "东街"]]
    assert [unit.town_name for unit in told] == ["常乐镇", "常乐镇", "海门街道"]
    assert [unit.kind for unit in told] == ["village", "village", "community"]


def test_a_known_town_before_the_names_becomes_their_town(work: Session, tmp_path: Path) -> None:
    work.add(Place(code="320614103", code_source="NBS", level="town", kind="admin", name="常乐镇"))
    work.flush()
    columns = {"代码": list("ABC"), "名称": ["常乐镇颐生村", "无名镇双官村", "常乐镇社区"]}
    load(work, tmp_path, columns)
    stored = units(work)
    assert [stored[code].name for code in "ABC"] == ["颐生村", "无名镇双官村", "常乐镇社区"]
    assert (stored["A"].town_name, stored["A"].town_code) == ("常乐镇", "320614103")
    assert stored["A"].official_name == "常乐镇颐生村"


def test_a_unit_renamed_by_a_later_file_remembers_its_names(work: Session, tmp_path: Path) -> None:
    for year, name in ((2024, "红星村"), (2025, "立新村"), (2026, "颐生村")):
        columns = {"代码": CODES, "名称": [name, "双官村", "民建社区"]}
        load(work, tmp_path, columns, name=f"{year}.geojson", valid_from=f"{year}-01-01")
    assert units(work)[CODES[0]].former_names == ["红星村", "立新村"]
    assert units(work)[CODES[1]].former_names == []


def test_characters_nobody_can_read_are_told_with_their_rows(work: Session, tmp_path: Path) -> None:
    report = load(work, tmp_path, {"代码": CODES, "名称": ["高\ue170村", "双\ufffd村", "沈𫭢村"]})
    assert [w.rows for w in report.warnings if w.code == "name_unusual"] == [(1, 2)]
    assert units(work)[CODES[2]].name == "沈𫭢村"


@pytest.mark.parametrize(
    "headings",
    [
        ("行政村代码", "行政村名称", "户数(户)", "所属乡镇"),
        ("XZQDM", "XZQMC", "HS", "XZMC"),
        ("Village Code", "VILLAGE_NAME", "Households", "Town"),
        ("\ufeff村编码", "村 名", "总户数", "镇街"),
        ("统计用区划", "村委会名称", "户籍户数", "所在乡镇"),
        ("CUNDM", "CUNMC", "ZHS", "XIANGMC"),
    ],
)
def test_headings_are_known_in_all_their_dresses(
    work: Session, tmp_path: Path, headings: tuple[str, ...]
) -> None:
    cells = (CODES, VILLAGES, [1, 2, 3], ["常乐镇"] * 3)
    report = load(work, tmp_path, dict(zip(headings, cells, strict=True)))
    shown = {column.name.strip("\ufeff"): column.term for column in report.columns}
    terms = ("unit_code", "unit_name", "households", "town_name")
    assert shown == dict(zip((heading.strip("\ufeff") for heading in headings), terms, strict=True))
    assert [units(work)[code].households for code in CODES] == [1, 2, 3]


def test_columns_without_a_telling_heading_are_known_by_their_content(work: Session, tmp_path: Path) -> None:
    columns = {"F1": CODES, "F2": VILLAGES, "F3": ["1", "2", "3"], "F4": ["甲村"] * 3}
    report = load(work, tmp_path, columns)
    assert (report.status, report.features) == ("imported", 3)
    assert [w.code for w in report.warnings if w.code == "column_by_content"] == ["column_by_content"] * 2
    assert sorted(units(work)) == sorted(CODES)


def test_an_empty_column_is_not_taken_for_its_heading(work: Session, tmp_path: Path) -> None:
    columns = {"行政村代码": [None, "", " "], "编码": CODES, "名称": VILLAGES}
    assert load(work, tmp_path, columns).status == "imported"
    assert sorted(units(work)) == sorted(CODES)


def test_an_answer_overrules_any_guess_and_may_drop_a_column(work: Session, tmp_path: Path) -> None:
    columns = {"代码": CODES, "名称": ["x", "y", "z"], "备注": VILLAGES, "户数": [1, 2, 3]}
    answers = {"field_unit_name": "备注", "field_households": "@none"}
    report = load(work, tmp_path, columns, answers=answers)
    told = [(units(work)[code].name, units(work)[code].households) for code in CODES]
    assert told == [(name, None) for name in VILLAGES]
    assert {column.name: column.term for column in report.columns} == {
        "代码": "unit_code",
        "名称": None,
        "备注": "unit_name",
        "户数": None,
    }


def test_an_answer_that_names_no_column_is_asked_again(work: Session, tmp_path: Path) -> None:
    columns = {"代码": CODES, "名称": VILLAGES}
    report = load(work, tmp_path, columns, answers={"field_households": "户口数", "field_unit_name": "村"})
    assert report.status == "needs_answer"
    assert {q.code: q.options for q in report.questions} == {
        "field_unit_name": ("代码", "名称"),
        "field_households": ("代码", "名称", "@none"),
    }
    assert all("文件里没有列" in question.message for question in report.questions)


def test_the_report_shows_every_column_with_its_first_cells_even_while_it_asks(
    work: Session, tmp_path: Path
) -> None:
    ground = lay("ABCDEFG", cell=0.01)
    columns = {"F1": list("1234567"), "F2": ["甲", None, "乙", "丙", "丁", "戊", "己"]}
    report = load(work, tmp_path, columns, ground=ground)
    assert report.status == "needs_answer"
    assert [(c.name, c.term, c.sample) for c in report.columns] == [
        ("F1", None, ("1", "2", "3", "4", "5")),
        ("F2", None, ("甲", "", "乙", "丙", "丁")),
    ]


@pytest.mark.parametrize(
    ("cell", "count"), [("1,234", 1234), ("310户", 310), ("310.0", 310), ("1.2万", 12000), ("待查", None)]
)
def test_a_count_with_its_unit_is_a_number_and_a_word_loses_no_village(
    work: Session, tmp_path: Path, cell: str, count: int | None
) -> None:
    report = load(work, tmp_path, {"代码": CODES, "名称": VILLAGES, "户数": [cell, "5", "6"]})
    assert (report.features, units(work)[CODES[0]].households) == (3, count)
    assert [w.rows for w in report.warnings if w.code == "count_unread"] == ([] if count else [(1,)])


def test_five_kinds_of_unit_are_told_by_their_column(work: Session, tmp_path: Path) -> None:
    ground = lay("ABCDEF", cell=0.01)
    words = ["村", "社区", "街道", "商圈", "市场", "园区"]
    columns = {"代码": list("ABCDEF"), "名称": list("甲乙丙丁戊己"), "类型": words}
    load(work, tmp_path, columns, ground=ground, kind="any")
    kinds = ["village", "community", "street", "district", "market", "park"]
    assert [units(work)[code].kind for code in "ABCDEF"] == kinds


def test_kinds_are_told_by_names_and_codes_where_no_column_does(work: Session, tmp_path: Path) -> None:
    ground = lay("ABCDEFG", cell=0.01)
    codes = ["1", "2", "320614001000", "4", "5", "320614103021", "320614103221"]
    names = ["颐生村", "民建社区", "海门街道", "解放路商圈", "叠石桥家纺市场", "东街", "西头"]
    report = load(work, tmp_path, {"代码": codes, "名称": names}, ground=ground, kind="any")
    kinds = {unit.name: unit.kind for unit in units(work).values()}
    told = ["village", "community", "town", "district", "market", "community", "village"]
    assert kinds == dict(zip(names, told, strict=True))
    assert report.rejected == []


def test_a_file_of_unknown_kinds_is_asked_for_and_follows_the_answer(work: Session, tmp_path: Path) -> None:
    columns = {"代码": list("ABC"), "名称": ["龍門", "甲村", "西头"]}
    report = load(work, tmp_path, columns, kind="any")
    (question,) = report.questions
    assert (report.status, question.code) == ("needs_answer", "unknown_kinds")
    assert {"village", "market", "leave_out"} <= set(question.options)
    left = load(work, tmp_path, columns, kind="any", dry_run=True, answers={"unknown_kinds": "leave_out"})
    assert [(bad.row, bad.reason) for bad in left.rejected] == [(1, "unknown_kind"), (3, "unknown_kind")]
    load(work, tmp_path, columns, kind="any", answers={"unknown_kinds": "market"})
    assert [units(work)[code].kind for code in "ABC"] == ["market", "village", "market"]
