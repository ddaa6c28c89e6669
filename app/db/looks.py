"""Looks: kept connections of a role on which a viewer's reads are one transaction in one round trip.

For tiles, where opening, dressing and closing a session costs more than the drawing. A connection never
changes its role, so that its plans stay good; whose look it is, is said anew within each transaction and
forgotten with it. Nothing can be written, and what takes too long is stopped.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

import psycopg

from app.db.lines import open_line
from app.db.statements import read_for_driver

# A statement file and what it is asked with.
Question = tuple[str, dict[str, Any]]
Row = dict[str, Any] | None
# A tile's statement is planned for the values it is asked with, about a millisecond: a plan for any values
# takes "no filter" for a sharp one, and runs five times as long.
PUT_ON = """SELECT set_config('getu.user_id', %s, true), set_config('statement_timeout', %s, true),
    set_config('plan_cache_mode', 'force_custom_plan', true)"""


class Looks:
    """The connections of one role, the last returned lent first; who finds none waits for one."""

    def __init__(self, url: str, db_role: str, *, size: int, limit_ms: int) -> None:
        self._url, self._db_role, self._limit_ms = url, db_role, limit_ms
        self._kept: deque[psycopg.Connection[Any]] = deque()
        self._room = BoundedSemaphore(size)

    def read(self, user_id: int | None, questions: Sequence[Question]) -> list[Row]:
        """The first row of each statement, as the user may see it.

        A kept connection that the server has closed meanwhile is replaced: reading again does no harm.
        """
        with self._room:
            kept = self._kept.pop() if self._kept else None
            if kept is not None:
                try:
                    return self._read(kept, user_id, questions)
                except psycopg.OperationalError:
                    if not kept.broken:
                        raise
            return self._read(open_line(self._url, self._db_role), user_id, questions)

    def _read(
        self, connection: psycopg.Connection[Any], user_id: int | None, questions: Sequence[Question]
    ) -> list[Row]:
        dress = ("" if user_id is None else str(user_id), str(self._limit_ms))
        try:
            with connection.pipeline(), connection.transaction():
                connection.execute("SET TRANSACTION READ ONLY")
                connection.execute(PUT_ON, dress)
                cursors = [
                    connection.cursor(binary=True).execute(read_for_driver(name).encode(), params)
                    for name, params in questions
                ]
            return [cursor.fetchone() for cursor in cursors]
        finally:
            if not connection.closed:
                self._kept.append(connection)

    def close(self) -> None:
        """Give the connections that nobody holds back to the server."""
        while self._kept:
            with suppress(psycopg.Error):
                self._kept.pop().close()
