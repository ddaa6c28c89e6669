"""The words of the bank, and how the columns of files are known by them."""

import pytest

from app.glossary import TERMS, find_kind, find_term, fold_heading, map_headings, write_label

GROUND = ("unit_name", "unit_code", "unit_kind", "town_code", "town_name", "households")


def test_every_term_has_one_code_and_two_languages() -> None:
    codes = [term.code for term in TERMS]
    assert len(codes) == len(set(codes))
    assert all(term.zh and term.en for term in TERMS)
    assert all(code == code.lower() and code.isidentifier() for code in codes)


def test_a_label_comes_in_either_language() -> None:
    assert (write_label("grid"), write_label("grid", "en")) == ("网格", "grid")


@pytest.mark.parametrize(
    "headings",
    [
        ("行政村代码", "行政村名称", "类型", "乡镇代码", "乡镇名称", "户数"),
        ("XZQDM", "XZQMC", "LX", "XZDM", "XZMC", "HS"),
        ("Village_Code", "VILLAGE NAME", "kind", "town_code", "town", "households"),
        ("单元代码", "单元名称", "单元类型", "所属乡镇代码", "所属乡镇", "户数（户）"),
    ],
)
def test_columns_are_known_by_the_headings_banks_use(headings: tuple[str, ...]) -> None:
    mapping = map_headings(headings, GROUND)
    code, name, kind, town_code, town, households = headings
    assert mapping.columns == {
        "unit_code": code,
        "unit_name": name,
        "unit_kind": kind,
        "town_code": town_code,
        "town_name": town,
        "households": households,
    }
    assert mapping.unknown == ()


def test_headings_a_shapefile_cut_short_are_known_by_their_beginning() -> None:
    assert map_headings(["village_na", "统计用区划"], ("unit_name", "unit_code")).columns == {
        "unit_name": "village_na",
        "unit_code": "统计用区划",
    }


def test_a_short_heading_is_never_taken_for_the_beginning_of_another() -> None:
    assert map_headings(["统计", "vil"], GROUND).columns == {}


def test_the_most_exact_heading_wins_and_its_rivals_are_told() -> None:
    mapping = map_headings(["名称", "行政村名称", "备注"], GROUND)
    assert mapping.columns == {"unit_name": "行政村名称"}
    assert mapping.rivals == {"unit_name": ("名称",)}
    assert mapping.unknown == ("名称", "备注")


def test_full_width_letters_blanks_and_units_do_not_matter() -> None:
    assert fold_heading(" ＴＯＷＮ_Code（代码） ") == "towncode"


def test_kinds_are_told_by_the_words_files_use() -> None:
    kinds = ("village", "community", "market")
    words = ("居委会", "行政村", "农贸市场", "湖泊")
    assert [find_kind(word, kinds) for word in words] == ["community", "village", "market", None]


def test_an_unknown_term_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        find_term("parish")
