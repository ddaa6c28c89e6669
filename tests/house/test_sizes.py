"""Sizes to keep: functions of at most 50 code lines, files of 400, five parameters; docstrings."""

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "demo").rglob("*.py")])
LONGEST_FUNCTION, LONGEST_FILE, MOST_PARAMETERS = 50, 400, 5
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions_of(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def code_lines(path: Path) -> set[int]:
    """Lines that hold code: no blanks, comments or docstrings."""
    source = path.read_text(encoding="utf-8")
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skip:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if (
            isinstance(node, Function | ast.ClassDef | ast.Module)
            and body
            and ast.get_docstring(node) is not None
        ):
            lines.difference_update(range(body[0].lineno, body[0].end_lineno + 1))
    return lines


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_can_be_held_in_the_head(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_function_is_short_enough_to_see(path: Path) -> None:
    lines = code_lines(path)
    long = [
        f"{node.name}: {size}"
        for node in functions_of(path)
        if (size := len([n for n in lines if node.lineno <= n <= (node.end_lineno or 0)])) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_parameters_are_few(path: Path) -> None:
    """Options of a command line or a route are named by their callers and do not count."""
    if path.is_relative_to(ROOT / "app/cli") or path.is_relative_to(ROOT / "app/api"):
        return
    many = []
    for node in functions_of(path):
        named = [a for a in node.args.args if a.arg not in ("self", "cls")]
        total = len(named) + len(node.args.kwonlyargs)
        if len(named) > MOST_PARAMETERS or total > MOST_PARAMETERS + 2:
            many.append(f"{node.name}: {total}")
    assert many == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_and_public_verbs_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
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
        lines = code_lines(path)
        sizes += [len([n for n in lines if f.lineno <= n <= (f.end_lineno or 0)]) for f in functions_of(path)]
    assert statistics.median(sizes) <= 9


def test_names_say_what_they_do() -> None:
    vague = ("handle", "process", "manage", "util", "helper", "misc", "common")
    named = [
        f"{name_of(path)}: {node.name}"
        for path in FILES
        for node in functions_of(path)
        if node.name.strip("_").split("_")[0] in vague
    ]
    assert named == []
    assert [name_of(path) for path in FILES if path.stem in vague] == []
