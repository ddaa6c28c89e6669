"""Statement files: a set is SQL, in `app/<room>/<verb>.sql`, with `:params`, no templating.

The first line of a file is a comment that says what it answers; a DBA can paste it into psql.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, RowMapping, TextClause, text
from sqlalchemy.orm import Session

APP = Path(__file__).parent.parent


@cache
def read_statement(name: str) -> TextClause:
    """The statement of file `app/<name>.sql`, e.g. `territory/find_grid`."""
    return text((APP / f"{name}.sql").read_text(encoding="utf-8"))


def run_statement(session: Session, name: str, **params: Any) -> CursorResult[Any]:
    """Run a statement file in the session's transaction."""
    result = session.execute(read_statement(name), params)
    assert isinstance(result, CursorResult)
    return result


def fetch_all(session: Session, name: str, **params: Any) -> Sequence[RowMapping]:
    """All rows of a statement file, as mappings."""
    return run_statement(session, name, **params).mappings().all()


def fetch_one(session: Session, name: str, **params: Any) -> RowMapping | None:
    """The first row of a statement file, or None."""
    return run_statement(session, name, **params).mappings().first()


def fetch_value(session: Session, name: str, **params: Any) -> Any:
    """The first column of the first row, or None."""
    return run_statement(session, name, **params).scalar()
