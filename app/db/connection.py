"""Engine and transaction. A transaction belongs to a viewer, and the database itself cuts what he sees."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from app.db.lines import Line, Lines, dress
from app.db.looks import Looks, Question, Row
from app.errors import BadInput, Conflict, NotAllowed, NotReady

DbRole = Literal["getu_head", "getu_scoped", "getu_ground", "getu_work", "getu_gate"]


@dataclass(frozen=True)
class Viewer:
    """For whom a transaction is opened: the database role whose policies cut it, and the user's id."""

    db_role: DbRole
    user_id: int | None = None


# Values that a person can send and no column can hold: a number out of range, a date beyond the calendar,
# text of unknown characters; None is the driver's own refusal of a NUL character.
VALUES = {None, "22003", "22008", "22021", "22P05"}
PUT_ON = text("SELECT set_config('role', :role, true), set_config('getu.user_id', :id, true)")
GATE = Viewer("getu_gate")
WORKER = Viewer("getu_work")
LINED: tuple[DbRole, ...] = (WORKER.db_role, GATE.db_role)
LOOKING: tuple[DbRole, ...] = ("getu_head", "getu_scoped", "getu_ground")
# Longer than any tile takes; a page asks again.
LOOK_LIMIT_MS = 5_000


class Database:
    """One pooled engine. `transaction(viewer)` is the only way in and the only place that commits."""

    def __init__(self, url: str, *, pool_size: int = 8, home: Path | None = None) -> None:
        options = {
            "connect_timeout": 10,
            "application_name": "getu",
            "prepare_threshold": 5,
            "options": dress(url),
        }
        self.url = url
        self.home = home  # where the program keeps files beside the database; None keeps none
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            # An error that reaches a log names no customer.
            hide_parameters=True,
            connect_args=options,
        )
        self._lines = {role: Lines(url, role, size=pool_size) for role in LINED}
        self._looks = {role: Looks(url, role, size=pool_size, limit_ms=LOOK_LIMIT_MS) for role in LOOKING}

    @contextmanager
    def transaction(self, viewer: Viewer) -> Iterator[Session]:
        """A session for `viewer`: commits at the end, rolls back on any error.

        Raises Conflict, NotAllowed or NotReady in place of database errors that a person can meet; the
        database's own text never leaves this function.
        """
        session = Session(self.engine, expire_on_commit=False)
        session.info.update(viewer=viewer, home=self.home)
        try:
            yield session
            session.commit()
        except (DBAPIError, psycopg.Error) as error:
            # COPY speaks to the driver itself: its errors come unwrapped.
            _roll_back(session)
            raise translate(error) from error
        except BaseException:
            _roll_back(session)
            raise
        finally:
            session.close()

    @contextmanager
    def line(self, db_role: DbRole) -> Iterator[Line]:
        """A line of the worker or the gate: each statement its own transaction, for nobody (`lines`).

        Raises what `transaction` raises.
        """
        try:
            with self._lines[db_role].borrow() as line:
                yield line
        except psycopg.Error as error:
            raise translate(error) from error

    def look(self, viewer: Viewer, questions: Sequence[Question]) -> list[Row]:
        """The first row of each statement file, as the viewer may see it, in one round trip (`looks`).

        Raises what `transaction` raises, and NotReady `too_slow` after five seconds.
        """
        try:
            return self._looks[viewer.db_role].read(viewer.user_id, questions)
        except psycopg.Error as error:
            raise translate(error) from error

    def close(self) -> None:
        """Give all connections back to the server."""
        self.engine.dispose()
        for lines in self._lines.values():
            lines.close()
        for looks in self._looks.values():
            looks.close()


def _roll_back(session: Session) -> None:
    """Undo the transaction; on a connection that is gone the server has done so already."""
    with suppress(DBAPIError):
        session.rollback()


@event.listens_for(Session, "after_begin")
def become_viewer(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Put the viewer's role and id on, for this transaction only; without a viewer nothing is asked at all.

    Both are transaction-local: a pooled connection can not carry one viewer's identity to the next borrower.
    """
    viewer = session.info.get("viewer")
    if not isinstance(viewer, Viewer):
        raise NotAllowed("no_viewer", zh="没有登录人，不能访问数据库", en="no viewer, no rows")
    user_id = "" if viewer.user_id is None else str(viewer.user_id)
    # One question for both: `SET LOCAL ROLE` is this very setting.
    connection.execute(PUT_ON, {"role": viewer.db_role, "id": user_id})


@contextmanager
def as_worker(session: Session) -> Iterator[None]:
    """The house's own hand within a viewer's transaction: writes that no viewer is granted.

    Who calls this has asked, as the viewer, whether he sees what is to be written; the audit and the rows'
    `user_id` still name him. The viewer's role is put on again at the end, also after a domain error.
    """
    session.flush()
    _become(session, WORKER.db_role)
    try:
        yield
        session.flush()
    except BaseException:
        # In a failed transaction nothing more can be said; it is rolled back as a whole. A flush that failed
        # refuses before the driver is asked: what it failed of is told, not that.
        with suppress(SQLAlchemyError):
            _become(session, session.info["viewer"].db_role)
        raise
    _become(session, session.info["viewer"].db_role)


@contextmanager
def undoable(session: Session, *, keep: bool) -> Iterator[None]:
    """A part of a transaction, carried out to be looked at; unless `keep` it is as if it had not been."""
    inner = session.begin_nested()
    try:
        yield
        session.flush()
    except BaseException:
        inner.rollback()
        raise
    if keep:
        inner.commit()
    else:
        inner.rollback()


def _become(session: Session, db_role: DbRole) -> None:
    session.execute(text(f"SET LOCAL ROLE {db_role}"))


def translate(error: DBAPIError | psycopg.Error) -> Exception:
    """A database error as a domain error where a person can cause it; a bug stays a bug."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.ExclusionViolation | psycopg.errors.UniqueViolation):
        return Conflict(
            "already_there",
            zh="与已有记录冲突，没有保存",
            en="it clashes with what is stored",
        )
    if isinstance(cause, psycopg.DataError) and cause.sqlstate in VALUES:
        return BadInput(
            "bad_value", zh="有的值无法使用，请检查", en="a value cannot be used; check what was sent"
        )
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return NotAllowed("not_yours", zh="没有权限进行此操作", en="this viewer may not do that")
    if isinstance(cause, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
        return Conflict(
            "try_again",
            zh="同时有人在修改，请重试",
            en="somebody else changed it; try again",
        )
    if isinstance(error, OperationalError) and error.connection_invalidated:
        return NotReady(
            "database_gone",
            zh="数据库连接中断，请稍后再试",
            en="the database connection was lost",
        )
    if isinstance(cause, psycopg.errors.LockNotAvailable):
        return NotReady(
            "busy", zh="正在导入或归格，请稍后再试", en="an import or a run holds these rows; try again soon"
        )
    if isinstance(cause, psycopg.errors.DiskFull | psycopg.errors.ConfigurationLimitExceeded):
        return NotReady(
            "database_full",
            zh="数据库磁盘空间不足，没有保存；清理空间后重试，任务会从停下处继续",
            en="the database's disk is full; nothing was stored, make room and try again",
        )
    if isinstance(cause, psycopg.OperationalError):
        if isinstance(cause, psycopg.errors.QueryCanceled):
            return NotReady("too_slow", zh="查询超时，请缩小范围", en="the query took too long")
        return NotReady("database_away", zh="数据库暂时不可用", en="the database is not available")
    return error


def connect(url: str, *, pool_size: int = 8, home: Path | None = None) -> Database:
    """A database for a SQLAlchemy or libpq style URL (`postgres://` is accepted)."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    return Database(
        parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False),
        pool_size=pool_size,
        home=home,
    )
