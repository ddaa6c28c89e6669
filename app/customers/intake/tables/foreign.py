"""A table or view of another PostgreSQL: copied once, in one read-only snapshot, to a file of our own.

The other database is asked for as short as its wire allows, and never waits for our work: rows stream by COPY
into a file under the bank's own folder (mode 0600), which is then read like any table of text. A job that is
taken up again reads the same file and goes on in the same snapshot. The password comes from the environment
or from the vault: it is in no file, no report and no error, and neither is the other database's text.
"""

import base64
import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from app.access.vault import Vault
from app.customers.intake.tables.table import SourceTable
from app.customers.intake.tables.text import open_text
from app.errors import BadInput

CONNECT_S = 10
LOCK_S = 5
STATEMENT_S = 3600
SEALED = "origin_password"
_PARTS = ("host", "port", "database", "user", "sslmode", "sslrootcert")
_SAID = {*_PARTS, "table", "timeout_s", "login_env", "login_sealed"}
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# What the other database's refusal means, by the class or code of its SQLSTATE.
_REASONS = {
    "42501": ("foreign_right", "账号没有读取这张表的权限", "the account may not read this table"),
    "42": ("foreign_table", "没有这张表或视图", "there is no such table or view"),
    "57014": ("foreign_timeout", "读取超时，已停止", "reading took too long and was stopped"),
    "55": ("foreign_locked", "表被锁住，等待超时", "the table is locked"),
}


@dataclass(frozen=True)
class TableOrigin:
    """Where a table lies: parts of a connection, `schema.table`, and the file it is copied to."""

    parts: Mapping[str, str]
    table: str
    spool: Path
    timeout_s: int = STATEMENT_S
    password: str = field(default="", repr=False)


def check_origin(said: Mapping[str, Any]) -> None:
    """Raise BadInput (`bad_origin`) for an origin that no table can be read by; an empty one is no origin."""
    wrong = [key for key, value in said.items() if not _is_part(key, value)]
    wrong += [part for part in ("host", "database", "user", "table") if said and part not in said]
    if wrong:
        told = "、".join(repr(key)[1:41] for key in wrong)
        raise BadInput(
            "bad_origin",
            zh=f"来源库的连接有误或缺少：{told}；口令不能写在这里，只能用 login_env 或密封保存",
            en=f"the origin lacks or cannot have: {told}; a password is named by login_env or sealed",
        )


def _is_part(key: str, value: Any) -> bool:
    """Whether a value may stand under a key of an origin."""
    if key == "timeout_s":
        return isinstance(value, int) and 0 < value <= 24 * 3600
    if key not in _SAID or not isinstance(value, str) or not value.strip() or not value.isprintable():
        return False
    if key == "port":
        return value.isdecimal() and 0 < int(value) < 1 << 16
    return value in _MODES if key == "sslmode" else True


def read_origin(said: Mapping[str, Any], source: str, spool: Path, vault: Vault) -> TableOrigin:
    """The origin that a source keeps (`host`, `database`, `user`, `table` …) with its password.

    `login_env` names an environment variable, `login_sealed` is what `seal_password` made. Raises
    BadInput when a part is missing or the variable is not set, NotReady when the vault has another key.
    """
    lacking = [part for part in ("host", "database", "user", "table") if not said.get(part)]
    if lacking or "password" in said:
        raise BadInput(
            "bad_origin",
            zh=f"来源库的连接缺少：{'、'.join(lacking)}；密码只能用 login_env 或密封保存",
            en=f"the origin lacks {', '.join(lacking)}; its password is named by login_env or sealed",
        )
    parts = {part: str(said[part]) for part in _PARTS if said.get(part)}
    timeout_s = int(said.get("timeout_s", STATEMENT_S))
    return TableOrigin(parts, str(said["table"]), spool, timeout_s, _find_password(said, source, vault))


def seal_password(vault: Vault, source: str, password: str) -> str:
    """A password as a source may keep it in its origin (`login_sealed`)."""
    return base64.b64encode(vault.seal(SEALED, source, password)).decode()


def _find_password(said: Mapping[str, Any], source: str, vault: Vault) -> str:
    if sealed := said.get("login_sealed"):
        return vault.unseal(SEALED, source, base64.b64decode(str(sealed)))
    name = str(said.get("login_env", ""))
    if name and name not in os.environ:
        raise BadInput(
            "no_password",
            zh=f"没有设置环境变量 {name}（来源库的密码）",
            en=f"the environment variable {name} with the origin's password is not set",
        )
    return os.environ.get(name, "")


def open_foreign(origin: TableOrigin) -> SourceTable:
    """Copy the table, unless this origin's file is there already, and open it.

    Raises BadInput when the database cannot be reached or refuses: nobody tries again without being told.
    """
    if not origin.spool.is_file():
        origin.spool.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = origin.spool.with_suffix(".part")
        try:
            _copy(origin, part)
            part.replace(origin.spool)
        except psycopg.Error as error:
            raise _tell_refusal(error.sqlstate) from None
        finally:
            part.unlink(missing_ok=True)
    return replace(open_text(origin.spool, delimiter=","), how="database")


def _copy(origin: TableOrigin, path: Path) -> None:
    parts = {("dbname" if key == "database" else key): value for key, value in origin.parts.items()}
    with (
        psycopg.connect(
            **parts,  # type: ignore[arg-type]
            password=origin.password or None,
            connect_timeout=CONNECT_S,
            client_encoding="UTF8",
            application_name="getu intake",
        ) as connection,
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
    ):
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        cursor = connection.cursor()
        _limit(cursor, origin)
        name = sql.Identifier(*origin.table.split(".", 1))
        cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(name))
        headings = [column.name for column in cursor.description or ()]
        file.write(_as_line(headings))
        with cursor.copy(_write_copy(name, headings)) as copy:
            for block in copy:
                file.write(block)
        file.flush()
        os.fsync(file.fileno())
        connection.rollback()


def _limit(cursor: "psycopg.Cursor[Any]", origin: TableOrigin) -> None:
    """How this transaction reads: for so long at most, values written as ISO, rows in the table's order."""
    for name, value in {
        "statement_timeout": f"{origin.timeout_s}s",
        "lock_timeout": f"{LOCK_S}s",
        "datestyle": "ISO, YMD",
        "synchronize_seqscans": "off",
        "max_parallel_workers_per_gather": "0",
    }.items():
        cursor.execute("SELECT set_config(%s, %s, true)", (name, value))


def _write_copy(name: sql.Identifier, headings: list[str]) -> sql.Composed:
    """Every column as text on one line: a row is a line, whatever its cells hold."""
    cells = sql.SQL(", ").join(
        sql.SQL("translate(CAST({} AS text), E'\\n\\r', '  ')").format(sql.Identifier(heading))
        for heading in headings
    )
    return sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(cells, name)


def _as_line(headings: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(headings)
    return text.getvalue().encode()


def _tell_refusal(state: str | None) -> BadInput:
    """Our own words for why the other database did not answer; nothing of its text."""
    # Of a connection that fails only the other side's text would say more.
    code, zh, en = (
        "foreign_unreachable",
        "连接不上，请检查地址、端口、库名、用户名和密码",
        "cannot be reached; check host, port, database, user and password",
    )
    for length in (5, 2):
        if state and state[:length] in _REASONS:
            code, zh, en = _REASONS[state[:length]]
            break
    return BadInput(code, zh=f"来源库：{zh}", en=f"origin: {en}")
