"""Law 2, a row is ORM, a set is SQL: statement files say what they answer and fit the real schema."""

import re
from pathlib import Path

import psycopg
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.errors import GetuError

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


def read_bare(path: Path) -> str:
    """The script without its comments."""
    return re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))


def test_a_statement_file_says_what_it_answers() -> None:
    firsts = {name_of(path): path.read_text(encoding="utf-8").splitlines()[0] for path in FILES}
    assert {n: first for n, first in firsts.items() if not first.startswith("-- ") or len(first) <= 20} == {}


def test_a_statement_file_is_no_template_and_holds_one_statement() -> None:
    scripts = {name_of(path): read_bare(path) for path in FILES}
    assert [name for name, script in scripts.items() if "{{" in script or "%s" in script] == []
    assert [name for name, script in scripts.items() if ";" in script.strip().rstrip(";")] == []


def test_a_statement_fits_the_real_schema(database: Database) -> None:
    wrong = {}
    for path in FILES:
        statement = as_prepared(path.read_text(encoding="utf-8"))
        try:
            with database.transaction(WORKER) as session:
                cursor = session.connection().connection.cursor()
                cursor.execute(f"PREPARE checked AS {statement}")
                cursor.execute("DEALLOCATE checked")
                assert session.scalar(text("SELECT true"))
        except (GetuError, psycopg.Error) as error:
            wrong[name_of(path)] = str(error.__cause__ or error)
    assert wrong == {}


def test_boxes_are_asked_before_shapes() -> None:
    """`&&` stands beside every ST_Intersects and ST_DWithin: behind a policy only && may use the index."""
    asked = re.compile(r"ST_(?:Intersects|DWithin|Covers|CoveredBy|Contains|Within)\(")
    bare = [name_of(path) for path in FILES if asked.search(read_bare(path)) and "&&" not in read_bare(path)]
    assert bare == []


def test_every_statement_file_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in APP.rglob("*.py"))
    code += "\n".join(path.read_text(encoding="utf-8") for path in (APP.parent / "demo").rglob("*.py"))
    layers = re.compile(r"layer_|count_")
    unused = [
        name_of(path)
        for path in FILES
        if f'"{name_of(path)[:-4]}"' not in code and not layers.match(path.name)
    ]
    assert unused == []
