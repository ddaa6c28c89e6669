"""Law 2, a row is ORM, a set is SQL: statement files say what they answer and fit the real schema."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER

APP = Path(__file__).parents[2] / "app"
FILES = sorted(APP.rglob("*.sql"))
PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)", re.IGNORECASE)


def name_of(path: Path) -> str:
    return str(path.relative_to(APP))


def as_prepared(script: str) -> str:
    """The statement with its `:params` numbered as PREPARE wants them; comments and texts are left alone."""
    numbers: dict[str, int] = {}
    pieces = re.split(r"(--[^\n]*|'[^']*')", script)
    for at in range(0, len(pieces), 2):
        pieces[at] = PARAMETER.sub(
            lambda found: f"${numbers.setdefault(found.group(1), len(numbers) + 1)}", pieces[at]
        )
    return "".join(pieces).strip().rstrip(";")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_statement_file_says_what_it_answers(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("-- ")
    assert len(first) > 20


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_statement_file_is_no_template(path: Path) -> None:
    script = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    assert "{{" not in script
    assert "%s" not in script
    assert script.strip().rstrip(";").count(";") == 0, "one statement a file"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_statement_fits_the_real_schema(path: Path, database: Database) -> None:
    statement = as_prepared(path.read_text(encoding="utf-8"))
    with database.transaction(WORKER) as session:
        cursor = session.connection().connection.cursor()
        cursor.execute(f"PREPARE checked AS {statement}")
        cursor.execute("DEALLOCATE checked")
        assert session.scalar(text("SELECT true"))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_boxes_are_asked_before_shapes(path: Path) -> None:
    """`&&` stands beside every ST_Intersects and ST_DWithin: behind a policy only && may use the index."""
    script = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    shapes = len(re.findall(r"ST_(?:Intersects|DWithin|Covers|CoveredBy|Contains|Within)\(", script))
    assert script.count("&&") >= min(shapes, 1)


def test_every_statement_file_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.py"))
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (APP.parent / "demo").rglob("*.py"))
    layers = re.compile(r"layer_|count_")
    unused = [
        name_of(path)
        for path in FILES
        if f'"{name_of(path)[:-4]}"' not in code + tests and not layers.match(path.name)
    ]
    assert unused == []
