"""Sizes to keep: functions of at most 50 code lines, files of 400, five parameters; docstrings."""

import ast
import statistics
from pathlib import Path

from tests.house.sources import Function, list_code_lines, list_functions, read_tree

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "demo").rglob("*.py")])
LONGEST_FUNCTION, LONGEST_FILE, MOST_PARAMETERS = 50, 400, 5


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_file_can_be_held_in_the_head() -> None:
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def list_sizes(path: Path) -> list[tuple[str, int]]:
    """Name and code lines of every function of a file."""
    lines = list_code_lines(path)
    spans = [(node.name, range(node.lineno, (node.end_lineno or 0) + 1)) for node in list_functions(path)]
    return [(name, len(lines.intersection(span))) for name, span in spans]


def test_a_function_is_short_enough_to_see() -> None:
    long = [
        f"{name_of(path)}: {name}: {size}"
        for path in FILES
        for name, size in list_sizes(path)
        if size > LONGEST_FUNCTION
    ]
    assert long == []


def test_parameters_are_few() -> None:
    """Options of a command line or a route are named by their callers and do not count."""
    many = []
    for path in FILES:
        if path.is_relative_to(ROOT / "app/cli") or path.is_relative_to(ROOT / "app/api"):
            continue
        for node in list_functions(path):
            named = [a for a in node.args.args if a.arg not in ("self", "cls")]
            total = len(named) + len(node.args.kwonlyargs)
            if len(named) > MOST_PARAMETERS or total > MOST_PARAMETERS + 2:
                many.append(f"{name_of(path)}: {node.name}: {total}")
    assert many == []


def test_modules_and_public_verbs_are_documented() -> None:
    missing = []
    for path in FILES:
        tree = read_tree(path)
        if not ast.get_docstring(tree):
            missing.append(f"{name_of(path)}: the module")
        missing += [
            f"{name_of(path)}: {node.name}"
            for node in tree.body
            if isinstance(node, Function | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert missing == []


def test_most_functions_are_very_short() -> None:
    assert statistics.median(size for path in FILES for _, size in list_sizes(path)) <= 9


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
