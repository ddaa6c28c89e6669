"""Rows wait in their import's partition, then land in one transaction: readers see a file whole or not."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import take_turn
from app.customers.counting import keep_counts
from app.customers.intake.links import list_crowd
from app.customers.intake.sources import Source
from app.customers.reassigning import reassign_customers
from app.db import fetch_value, run_statement, stream_rows

# Verdicts of `compare_customers`.
ADD, CHANGE, BRING_BACK, NOTHING = range(4)
JUDGED = np.dtype([("row_no", "<i8"), ("id", "<i8"), ("verdict", "u1")])


def open_intake(session: Session, import_id: int) -> None:
    """Make the (empty) partition of an import."""
    session.execute(text("SELECT getu_open_intake(:id)"), {"id": import_id})


def measure_intake(session: Session, import_id: int) -> None:
    """Tell the planner what waits, once all of it is there: a merge of a million rows takes half as long."""
    session.execute(text("SELECT getu_measure_intake(:id)"), {"id": import_id})


@dataclass(frozen=True)
class Landed:
    """What the waiting rows do to the bank: how many of each, and whom they concern (none after a dry run).

    `back` are the returned: they count among the changed. `touched` are the ids of all,
    `crowd` those with whom the changed shared what many share before (`links.list_crowd`).
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    back: int = 0
    touched: tuple[int, ...] = ()
    crowd: tuple[int, ...] = ()

    def as_counts(self) -> dict[str, int]:
        """new + changed + same are the rows; the returned are told apart."""
        return {"new": self.new, "changed": self.changed, "same": self.same, "returned": self.back}


def compare_rows(session: Session, import_id: int, source: Source) -> Landed:
    """What `land_rows` would do; nothing is stored."""
    return _count(_judge(session, import_id, source))


def land_rows(session: Session, import_id: int, source: Source, *, bare: bool = False) -> Landed:
    """Merge the waiting rows into customers, placements, cases and assignments; counts follow.

    A pin is never overwritten, what else was decided by hand only when the address is another. One
    transaction with whatever the caller adds; who decides meanwhile waits, and decides about what came in.
    `bare` leaves assignments and counts alone, for a dry run that undoes it all.
    """
    take_turn(session)
    rows = {"import_id": import_id, "source": source.code}
    judged = _judge(session, import_id, source)
    fresh = judged["verdict"] == ADD
    # Numbers are given before anything is written: counts are told of everybody who comes, beforehand.
    judged["id"][fresh] = _reserve(session, int(fresh.sum()))
    moved, everybody = judged["verdict"] != NOTHING, judged["id"].tolist()
    crowd = list_crowd(session, judged["id"][moved & ~fresh].tolist())
    with keep_counts(session, () if bare else everybody):
        # Only now is it known which addresses are new: the merge overwrites them.
        run_statement(session, "customers/intake/reopen_decisions", **rows)
        for verb, chosen in (
            ("customers/intake/change_customers", moved & ~fresh),
            ("customers/intake/mark_customers", ~moved),
            ("customers/intake/add_customers", fresh),
            ("customers/intake/merge_placements", np.ones(len(judged), dtype=bool)),
        ):
            part = judged[chosen]
            whom = {"rows": part["row_no"].tolist(), "ids": part["id"].tolist(), **rows}
            if len(part):
                run_statement(session, verb, **_needed(verb, whom))
        run_statement(session, "customers/intake/merge_cases", **rows)
        # Also whose row says nothing new: another name may have placed him elsewhere.
        reassign_customers(session, () if bare else everybody)
    return replace(_count(judged), touched=tuple(everybody), crowd=tuple(crowd))


def _needed(verb: str, whom: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a merging statement: only adding asks for the source."""
    return whom if verb.endswith("add_customers") else {k: v for k, v in whom.items() if k != "source"}


def _judge(session: Session, import_id: int, source: Source) -> NDArray[np.void]:
    """Number, customer (0 for none yet) and verdict of every waiting row, by number."""
    rows = stream_rows(session, "customers/intake/compare_customers", import_id=import_id, source=source.code)
    told = ((row["row_no"], row["id"] or 0, row["verdict"]) for row in rows)
    return np.fromiter(told, dtype=JUDGED)


def _reserve(session: Session, count: int) -> NDArray[np.int64]:
    numbers = fetch_value(session, "customers/intake/reserve_numbers", count=count)
    return np.array(numbers or [], dtype=np.int64)


def _count(judged: NDArray[np.void]) -> Landed:
    each = np.bincount(judged["verdict"], minlength=4).tolist()
    return Landed(each[ADD], each[CHANGE] + each[BRING_BACK], each[NOTHING], each[BRING_BACK])


def close_intake(session: Session, import_id: int) -> None:
    """Drop the import's partition."""
    session.execute(text("SELECT getu_close_intake(:id)"), {"id": import_id})
