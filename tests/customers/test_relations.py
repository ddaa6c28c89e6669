"""How a person stands to the head of his household, as registers write it."""

from pathlib import Path

import pytest

from app.customers.intake import map_columns, show_columns
from app.customers.intake.relations import RELATIONS, find_relation, read_relation
from app.customers.intake.tables import open_table
from app.customers.intake.values import Problem
from tests.customers.customer_files import write_table

SAID = {
    "户主": "head",
    "本 人": "head",
    "之妻": "spouse",
    "长子": "son",
    "三女儿": "daughter",
    "户主之母": "parent",
    "次孙": "grandchild",
    "女婿": "child_in_law",
    "二哥": "sibling",
    "弟媳": "other",
    "Head": "head",
}


@pytest.mark.parametrize(("said", "word"), SAID.items())
def test_many_words_of_registers_are_one_word(said: str, word: str) -> None:
    assert read_relation(said) == word


def test_a_word_stands_for_one_relation_only() -> None:
    words = [word for known in RELATIONS.values() for word in known]
    assert len(words) == len(set(words))
    assert all(find_relation(word) == code for code, known in RELATIONS.items() for word in (code, *known))


def test_an_empty_cell_is_nothing_and_a_strange_one_is_told_without_its_numbers() -> None:
    assert read_relation("") is None
    with pytest.raises(Problem) as told:
        read_relation("电话13912345678")
    assert told.value.code == "bad_relation"
    assert "13912345678" not in told.value.zh


def test_a_register_has_its_column_of_relations_and_shows_only_known_words(tmp_path: Path) -> None:
    rows = [
        {"客户号": "K1", "姓名": "沈雪梅", "户号": "H1", "与户主关系": "户主"},
        {"客户号": "K2", "姓名": "沈小明", "户号": "H1", "与户主关系": "沈雪梅之子"},
    ]
    file = open_table(write_table(tmp_path / "r.csv", rows))
    columns = map_columns(file.headings, {})
    assert columns["relation"] == 3
    shown = next(column for column in show_columns(file, columns) if column["term"] == "relation")
    assert shown["sample"][0] == "户主"
    assert "雪梅" not in shown["sample"][1]
