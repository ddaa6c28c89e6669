"""Statement files: a set is SQL, in `app/<room>/<verb>.sql`, with `:params`, no templating.

The first line of a file is a comment that says what it answers; a DBA can paste it into psql.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import CursorResult, TextClause, text
from sqlalchemy.orm import Session

from app.db.copying import raw

APP = Path(__file__).parent.parent
STREAMED = 5_000
_MARK = re.compile(r"(?<![:\w]):(\w+)")


@cache
def read_statement(name: str) -> TextClause:
    """The statement of file `app/<name>.sql`, e.g. `territory/find_grid`."""
    return text((APP / f"{name}.sql").read_text(encoding="utf-8"))


def run_statement(session: Session, name: str, /, **params: Any) -> CursorResult[Any]:
    """Run a statement file in the session's transaction."""
    result = session.execute(read_statement(name), params)
    assert isinstance(result, CursorResult)
    return result


def fetch_all(session: Session, name: str, /, **params: Any) -> list[dict[str, Any]]:
    """All rows of a statement file, each as a dict."""
    return [dict(row) for row in run_statement(session, name, **params).mappings()]


def stream_rows(session: Session, name: str, /, **params: Any) -> Iterator[dict[str, Any]]:
    """The rows of a statement file as they come, a few thousand in memory at a time."""
    # A cursor is planned for its first tenth; here every row is wanted.
    session.execute(text("SET LOCAL cursor_tuple_fraction = 1.0"))
    result = session.execute(read_statement(name), params, execution_options={"yield_per": STREAMED})
    for row in result.mappings():
        yield dict(row)


def fetch_one(session: Session, name: str, /, **params: Any) -> dict[str, Any] | None:
    """The first row of a statement file as a dict, or None."""
    row = run_statement(session, name, **params).mappings().first()
    return None if row is None else dict(row)


@cache
def read_for_driver(name: str) -> str:
    """The statement of a file in the driver's own marks: `%(name)s` for `:name`, `::` is a cast and stays."""
    script = (APP / f"{name}.sql").read_text(encoding="utf-8")
    return _MARK.sub(r"%(\1)s", script.replace("%", "%%"))


def ask_driver(session: Session, name: str, /, **params: Any) -> list[dict[str, Any]]:
    """The rows of a statement file, asked of the driver itself in the session's transaction.

    For requests of a few milliseconds, where the way through the ORM costs as much as the answer. It is
    prepared at once: over many blocks the planning costs more than the asking.
    """
    with raw(session).cursor(row_factory=dict_row) as cursor:
        cursor.execute(read_for_driver(name).encode(), params, prepare=True)
        return cursor.fetchall() if cursor.description else []


def fetch_value(session: Session, name: str, /, **params: Any) -> Any:
    """The first column of the first row, or None."""
    return run_statement(session, name, **params).scalar()
