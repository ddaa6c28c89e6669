"""Sizes to keep: functions of at most 50 code lines, files of 400, five parameters; docstrings."""

import ast
import statistics
from pathlib import Path

import pytest

from tests.house.sources import Function, list_code_lines, list_functions, read_tree

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "demo").rglob("*.py")])
LONGEST_FUNCTION, LONGEST_FILE, MOST_PARAMETERS = 50, 400, 5


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_can_be_held_in_the_head(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_function_is_short_enough_to_see(path: Path) -> None:
    lines = list_code_lines(path)
    long = [
        f"{node.name}: {size}"
        for node in list_functions(path)
        if (size := len([n for n in lines if node.lineno <= n <= (node.end_lineno or 0)])) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_parameters_are_few(path: Path) -> None:
    """Options of a command line or a route are named by their callers and do not count."""
    if path.is_relative_to(ROOT / "app/cli") or path.is_relative_to(ROOT / "app/api"):
        return
    many = []
    for node in list_functions(path):
        named = [a for a in node.args.args if a.arg not in ("self", "cls")]
        total = len(named) + len(node.args.kwonlyargs)
        if len(named) > MOST_PARAMETERS or total > MOST_PARAMETERS + 2:
            many.append(f"{node.name}: {total}")
    assert many == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_and_public_verbs_are_documented(path: Path) -> None:
    tree = read_tree(path)
    missing = [] if ast.get_docstring(tree) else ["the module"]
    for node in tree.body:
        if (
            isinstance(node, Function | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            missing.append(node.name)
    assert missing == []


def test_most_functions_are_very_short() -> None:
    sizes = []
    for path in FILES:
        lines = list_code_lines(path)
        sizes += [
            len([n for n in lines if f.lineno <= n <= (f.end_lineno or 0)]) for f in list_functions(path)
        ]
    assert statistics.median(sizes) <= 9


def test_names_say_what_they_do() -> None:
    vague = ("handle", "process", "manage", "util", "helper", "misc", "common")
    named = [
        f"{name_of(path)}: {node.name}"
        for path in FILES
        for node in list_functions(path)
        if node.name.strip("_").split("_")[0] in vague
    ]
    assert named == []
    assert [name_of(path) for path in FILES if path.stem in vague] == []
