"""Lines: kept connections of one database role on which each statement is a transaction of its own.

For answers of a millisecond, where opening, dressing and closing a transaction costs more than the answer. A
line carries nobody's identity: a statement is told by its parameters for whom it asks. It is not asked
whether it lives before each use; a first statement, which only reads, is asked again on a fresh line.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy.engine import make_url

from app.clock import BANK_ZONE
from app.db.statements import read_for_driver

# A statement is planned once a line; planning it again for each customer took four times the answering.
ASKED_BEFORE_PREPARED = 2


class Line:
    """A connection lent for one request."""

    def __init__(self, url: str, db_role: str, *, kept: psycopg.Connection[Any] | None) -> None:
        self._url, self._db_role = url, db_role
        self._fresh = kept is None
        self.connection = kept or open_line(url, db_role)

    def ask(self, name: str, /, **params: Any) -> list[dict[str, Any]]:
        """The rows of a statement file, committed when they come back. The first of a line must only read."""
        try:
            return self._ask(name, params)
        except psycopg.OperationalError:
            if self._fresh or not self.connection.broken:
                raise
            self.connection = open_line(self._url, self._db_role)
            return self._ask(name, params)
        finally:
            self._fresh = True

    def _ask(self, name: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        with self.connection.cursor() as cursor:
            cursor.execute(read_for_driver(name).encode(), params)
            rows: list[dict[str, Any]] = cursor.fetchall()
            return rows


class Lines:
    """The lines of one role, the last returned lent first; who finds none waits for one."""

    def __init__(self, url: str, db_role: str, *, size: int) -> None:
        self._url, self._db_role = url, db_role
        self._kept: deque[psycopg.Connection[Any]] = deque()
        self._room = threading.BoundedSemaphore(size)

    @contextmanager
    def borrow(self) -> Iterator[Line]:
        """A line for the length of a request."""
        with self._room:
            try:
                kept = self._kept.pop()
            except IndexError:
                kept = None
            line = Line(self._url, self._db_role, kept=kept)
            try:
                yield line
            finally:
                if not line.connection.closed:
                    self._kept.append(line.connection)

    def close(self) -> None:
        """Give the lines that nobody holds back to the server."""
        while self._kept:
            with suppress(psycopg.Error):
                self._kept.pop().close()


def open_line(url: str, db_role: str) -> psycopg.Connection[Any]:
    """A connection that is of a role for good, each of its statements a transaction."""
    parts = make_url(url).translate_connect_args(username="user", database="dbname")
    parts |= {key: str(value) for key, value in make_url(url).query.items()}
    parts |= {"options": dress(url, role=db_role, plan_cache_mode="force_generic_plan")}
    return psycopg.connect(
        **{"connect_timeout": 10, "application_name": "getu", **parts},
        autocommit=True,
        prepare_threshold=ASKED_BEFORE_PREPARED,
        row_factory=dict_row,
    )


def dress(url: str, **settings: str) -> str:
    """How a session is opened (`options` of libpq): as its address says, in the bank's zone."""
    said = make_url(url).query.get("options", "")
    own = {"TimeZone": BANK_ZONE, **settings}
    return " ".join([str(said), *(f"-c {name}={value}" for name, value in own.items())]).strip()
