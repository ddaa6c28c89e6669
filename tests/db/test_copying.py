"""COPY in and out of a session's transaction, and behind the walls of row-level security."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Database, Viewer, copy_in, copy_out
from app.db.connection import WORKER
from app.errors import Conflict, NotAllowed

SOURCE = ("code", "name", "trust_rank")
TYPES = ("text", "text", "int4")


def test_rows_go_in_and_come_out_typed(work: Session) -> None:
    rows = [("a", "甲", 11), ("b", "乙\t\n", 12)]
    assert copy_in(work, "source_system", SOURCE, rows, types=TYPES) == 2
    query = "SELECT code, name, trust_rank FROM source_system WHERE trust_rank > 10 ORDER BY code"
    assert list(copy_out(work, query, types=TYPES)) == rows


def test_a_table_behind_policies_takes_rows_through_them(work: Session) -> None:
    columns = ("source_code", "source_key", "kind", "standing", "name")
    rows = [("core", f"K{n}", "person", "existing", "王") for n in range(5)]
    assert copy_in(work, "customer", columns, rows, types=("text",) * 5) == 5
    assert copy_in(work, "customer", columns, [("core", "K9", *rows[0][2:])], types=("text",) * 5) == 1
    assert work.scalar(text("SELECT count(*) FROM customer")) == 6


def test_a_viewer_without_the_right_copies_nothing_in(fresh: Database) -> None:
    with pytest.raises(NotAllowed), fresh.transaction(Viewer("getu_ground")) as session:
        copy_in(session, "source_system", SOURCE, [("x", "某", 1)], types=TYPES)


def test_a_clash_while_copying_is_told_in_plain_words_and_lands_nothing(fresh: Database) -> None:
    with pytest.raises(Conflict), fresh.transaction(WORKER) as session:
        copy_in(session, "source_system", SOURCE, [("x", "某", 1), ("x", "某", 1)], types=TYPES)
    with fresh.transaction(WORKER) as session:
        assert session.scalar(text("SELECT count(*) FROM source_system WHERE code = 'x'")) == 0
