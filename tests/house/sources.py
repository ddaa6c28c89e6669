"""The program's text as the laws read it: each file is parsed once a process."""

import ast
import io
import tokenize
from functools import cache
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def read_tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def list_nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's tree, outer ones first."""
    return tuple(ast.walk(read_tree(path)))


@cache
def list_functions(path: Path) -> tuple[Function, ...]:
    """Every function of a file, methods and inner ones too."""
    return tuple(node for node in list_nodes(path) if isinstance(node, Function))


@cache
def list_imports(path: Path) -> frozenset[str]:
    """Every absolute module name that a file imports, at the top or deferred."""
    names: set[str] = set()
    for node in list_nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return frozenset(names)


@cache
def list_code_lines(path: Path) -> frozenset[int]:
    """Lines that hold code: no blanks, comments or docstrings."""
    source = path.read_text(encoding="utf-8")
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skip:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in list_nodes(path):
        if isinstance(node, Function | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            told = node.body[0]
            lines.difference_update(range(told.lineno, (told.end_lineno or 0) + 1))
    return frozenset(lines)
