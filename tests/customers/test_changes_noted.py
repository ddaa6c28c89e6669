"""Whatever writes customers notes who left, came back or was won: its sum is what the counts moved by."""

import re
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.settings import Settings
from tests.customers.customer_files import send
from tests.customers.test_delivery import bank, person

__all__ = ["bank"]
STATES = ("existing", "prospect")
STOOD = "SELECT id, CASE WHEN gone_at IS NULL THEN standing ELSE 'gone' END AS state FROM customer"
NOTED = "SELECT customer_id, grid_key, stood, stands FROM customer_change WHERE id > :after ORDER BY id"
LAST = "SELECT coalesce(max(id), 0) FROM customer_change"


def look(database: Database) -> tuple[dict[int, str], int]:
    """The state of every customer, and the last change that is noted."""
    with database.transaction(WORKER) as session:
        states = {row.id: row.state for row in session.execute(text(STOOD))}
        return states, session.scalar(text(LAST)) or 0


def check(database: Database, before: tuple[dict[int, str], int]) -> Counter[tuple[str, str]]:
    """What was noted since leads from the states before to those of now; by states, how often."""
    was, last = before
    now, _ = look(database)
    with database.transaction(WORKER) as session:
        rows = session.execute(text(NOTED), {"after": last}).all()
    moved = {one: (was[one], state) for one, state in now.items() if one in was and was[one] != state}
    assert {row.customer_id: (row.stood, row.stands) for row in rows} == moved
    assert len(rows) == len(moved)
    assert all((row.grid_key is None) == (row.stood == "gone") for row in rows), "a grid of the moment before"
    came = Counter(state for one, state in now.items() if one not in was)
    for state in STATES:
        noted = sum((row.stands == state) - (row.stood == state) for row in rows)
        sides = [sum(one == state for one in side.values()) for side in (was, now)]
        assert sides[1] - sides[0] == noted + came[state]
    return Counter((row.stood, row.stands) for row in rows)


def test_every_way_of_writing_customers_notes_who_changed(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.customers.intake.FEWEST", 20)
    prospect = {"存量/潜在": "潜在"}
    first = [person(n, **(prospect if n % 3 == 0 else {})) for n in range(30)]
    night = [person(n, **(prospect if n % 3 == 1 else {})) for n in range(2, 32)]
    full = {"mode": "full", "allow_vanish": True}
    turned = set(permutations(STATES, 2))
    left = {(state, "gone") for state in STATES}
    ways: list[tuple[list[dict[str, str]], dict[str, Any], set[tuple[str, str]]]] = [
        (first, {}, set()),  # a block
        (first[:5], {}, set()),
        ([person(n, 存款余额="5") for n in (1, 2, 4, 5)], {}, set()),
        (night, {**full, "dry_run": True}, set()),
        (night, full, turned | left),
        (first, full, turned | left | {(gone, state) for state, gone in left}),
    ]
    for rows, said, expected in ways:
        before = look(fresh)
        send(fresh, bank, rows, **said)
        assert set(check(fresh, before)) == expected, said


def test_no_statement_writes_a_standing_without_noting_it() -> None:
    writers = set()
    for path in Path("app").rglob("*.sql"):
        said = path.read_text(encoding="utf-8")
        change = re.search(r"UPDATE customer\b[^;]*?\bSET\b([^;]*?)(FROM|WHERE)", said)
        if change and re.search(r"\b(standing|gone_at) =", change[1]) and "INTO customer_change" not in said:
            writers.add(path.name)
    # The merge of waiting rows: `_merge` notes before it.
    assert writers == {"change_customers.sql"}
