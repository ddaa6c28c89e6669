"""COPY in and out, in binary, inside the session's transaction: how sets of rows travel."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session


def raw(session: Session) -> psycopg.Connection[Any]:
    """The psycopg connection under the session's transaction."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


def copy_in(
    session: Session,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    types: Sequence[str],
) -> int:
    """COPY `rows` into `table`; geometry columns take EWKB bytes. Returns the number of rows.

    `types` are the PostgreSQL type names of the columns (binary COPY does not convert). PostgreSQL refuses
    COPY into a table behind row-level security; such rows go through a temporary table and an INSERT, so
    that the policies see each of them.
    """
    if not session.scalar(text("SELECT row_security_active(:table)"), {"table": table}):
        return _copy(session, table, columns, rows, types=types)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    aside, target = sql.Identifier(f"copy_{table}"), sql.Identifier(table)
    cursor = raw(session).cursor()
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            aside, names, target
        )
    )
    count = _copy(session, f"copy_{table}", columns, rows, types=types)
    cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(target, names, names, aside))
    cursor.execute(sql.SQL("DROP TABLE {}").format(aside))
    return count


def _copy(
    session: Session,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    types: Sequence[str],
) -> int:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with raw(session).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(types))
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_out(session: Session, query: str, *, types: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of `query` (our own constant text, never a user's), streamed by binary COPY."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(sql.SQL(query))
    with raw(session).cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(types))
        yield from copy.rows()
