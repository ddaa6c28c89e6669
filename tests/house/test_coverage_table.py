"""docs/coverage.md: every row of the requirements once, three words, no claim without a real test."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.house.sources import list_functions

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "coverage.md"
ROWS = {"A": 38, "B": 24, "C": 32, "L": 20, "E": 16}
STATES = ("works", "part", "not yet")


class Line(NamedTuple):
    """One line of the table."""

    id: str
    what: str
    state: str
    where: str
    tests: tuple[str, ...]


def read_table() -> list[Line]:
    lines = []
    for text in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in text.strip("|").split(" | ")]
        if re.match(r"^\| [A-Z]\d+ \|", text):
            assert len(cells) == 5, text
            lines.append(Line(*cells[:4], tests=tuple(re.findall(r"`([^`]+)`", cells[4]))))
    return lines


@cache
def list_tests(path: str) -> frozenset[str]:
    """The names of the tests in a file; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    return frozenset(node.name for node in list_functions(file) if node.name.startswith("test_"))


def test_every_row_of_the_requirements_stands_there_once_and_in_order() -> None:
    wanted = [f"{letter}{number}" for letter, count in ROWS.items() for number in range(1, count + 1)]
    assert len(wanted) == 130
    assert [line.id for line in read_table()] == wanted


def test_a_state_is_one_of_three_words() -> None:
    assert [line for line in read_table() if line.state not in STATES] == []


def test_what_works_says_where_and_names_its_tests() -> None:
    bare = [line.id for line in read_table() if line.state == "works" and not (line.where and line.tests)]
    assert bare == []


def test_what_works_in_part_says_what_is_missing() -> None:
    assert [line.id for line in read_table() if line.state == "part" and len(line.where) < 12] == []


def test_what_is_not_there_claims_no_test() -> None:
    assert [line.id for line in read_table() if line.state == "not yet" and line.tests] == []


def test_every_named_test_exists() -> None:
    named = [(line.id, test) for line in read_table() for test in line.tests]
    assert len(named) > 30
    missing = [
        f"{id_}: {test}" for id_, test in named if test.split("::")[-1] not in list_tests(test.split("::")[0])
    ]
    assert missing == []


def test_the_sum_above_the_table_is_that_of_the_table() -> None:
    counts = Counter(line.state for line in read_table())
    told = re.search(r"(\d+) work, (\d+) in part, (\d+) not yet\.", PAGE.read_text(encoding="utf-8"))
    assert told is not None
    assert [int(number) for number in told.groups()] == [counts[state] for state in STATES]
