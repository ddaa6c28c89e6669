"""One key in two rows of a file: the first kept row stands, later ones leave, whatever became of either."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.intake.known import Known
from app.customers.intake.packing import BLOCK
from app.customers.intake.seen import CHANGED, NEW, UNCHANGED, Repeats, Seen
from app.customers.intake.values import veil
from app.db import fetch_all, run_statement

STATES = {UNCHANGED: "same", CHANGED: "changed", NEW: "new"}


@dataclass(frozen=True)
class Twice:
    """A row whose key an earlier row has: both numbers, the key, what it was counted as, its placement."""

    number: int
    first: int
    key: str
    counted: str
    rung: int | None
    doubt: str | None

    def as_line(self) -> dict[str, Any]:
        """The row of the report."""
        return {
            "row": self.number,
            "reason": "repeated_key",
            "message": {
                "zh": f"客户号与第 {self.first} 行重复，只取前一行",
                "en": f"repeats the key of row {self.first}; the first row was kept",
            },
            "key": veil(self.key)[:64],
            "other_row": self.first,
        }


def find_twice(
    session: Session, seen: Seen, known: Known, *, import_id: int, block: int | None
) -> list[Twice]:
    """The repeated rows in the file's order. Equal hashes are no proof: the keys themselves are compared."""
    found = seen.find_repeats()
    if not len(found.numbers):
        return []
    wanted = np.unique(np.concatenate([found.numbers, found.firsts])).tolist()
    rows = {row["row_no"]: row for row in _list_rows(session, wanted, import_id=import_id, block=block)}
    stored = _list_stored(session, found, known)
    return list(_pair(found, rows, stored))


def _list_rows(
    session: Session, numbers: Sequence[int], *, import_id: int, block: int | None
) -> Iterator[dict[str, Any]]:
    yield from fetch_all(session, "customers/intake/list_waiting_keys", import_id=import_id, rows=numbers)
    if block is not None:
        ids = [block * BLOCK + number for number in numbers]
        query = text("SELECT id - :low AS row_no, source_key, rung, doubt FROM getu_list_keys(:block, :ids)")
        values = {"low": block * BLOCK, "block": block, "ids": ids}
        yield from (dict(row) for row in session.execute(query, values).mappings())


def _list_stored(session: Session, found: Repeats, known: Known) -> dict[int, str]:
    """The key of each hash that a stored customer has."""
    at = known.find(found.keys)
    ids = {int(known.ids[place]): int(key) for place, key in zip(at, found.keys, strict=True) if place >= 0}
    rows = fetch_all(session, "customers/intake/list_stored_keys", ids=list(ids))
    return {ids[row["id"]]: row["source_key"] for row in rows}


def _pair(found: Repeats, rows: dict[int, dict[str, Any]], stored: dict[int, str]) -> Iterator[Twice]:
    columns = (found.numbers, found.firsts, found.keys, found.states)
    for number, first, key, state in zip(*(column.tolist() for column in columns), strict=True):
        mine = rows.get(number, {})
        own, other = (mine.get("source_key") or stored.get(key, "")), rows.get(first, {}).get("source_key")
        if own == (other or stored.get(key, "")):
            yield Twice(number, first, own, STATES[state], mine.get("rung"), mine.get("doubt"))


def drop_twice(
    session: Session, rows: Sequence[Twice], *, import_id: int, block: int | None
) -> "Counter[str]":
    """Take them out of what waits and of the block; what they were counted as, to be taken off."""
    if not rows:
        return Counter()
    numbers = [row.number for row in rows]
    run_statement(session, "customers/intake/drop_waiting", import_id=import_id, rows=numbers)
    if block is not None:
        ids = [block * BLOCK + row.number for row in rows if row.counted == "new"]
        session.execute(text("SELECT getu_take_out(:block, :ids)"), {"block": block, "ids": ids})
    counted = Counter(row.counted for row in rows)
    counted.update(f"rung:{row.rung}" for row in rows if row.rung is not None)
    counted.update(f"doubt:{row.doubt}" for row in rows if row.doubt)
    return counted
