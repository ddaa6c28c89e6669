"""COPY in and out, in binary, inside the session's transaction: how sets of rows travel."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql
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

    `types` are the PostgreSQL type names of the columns (binary COPY does not convert).
    """
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
