"""Rows wait in their import's partition, then land in one transaction: readers see a file whole or not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import take_turn
from app.customers.counting import keep_counts
from app.customers.intake.links import list_crowd
from app.customers.intake.sources import Source
from app.customers.reassigning import reassign_customers
from app.db import run_statement, stream_rows

# Verdicts of `compare_customers`.
ADD, CHANGE, BRING_BACK, NOTHING = range(4)
JUDGED = np.dtype(
    [("row_no", "<i8"), ("id", "<i8"), ("verdict", "u1"), ("who", "?"), ("place", "?"), ("counts", "?")]
)
# So many rows are merged by one statement: what is held of a row is its line of JUDGED.
STRIDE = 50_000
Judged = NDArray[np.void]


def open_intake(session: Session, import_id: int) -> None:
    """Make the (empty) partition of an import."""
    session.execute(text("SELECT getu_open_intake(:id)"), {"id": import_id})


def measure_intake(session: Session, import_id: int) -> None:
    """Tell the planner what waits, once all of it is there: a merge of a million rows takes half as long."""
    session.execute(text("SELECT getu_measure_intake(:id)"), {"id": import_id})


@dataclass(frozen=True)
class Counts:
    """What the waiting rows do to the bank; `back` are the returned, who count among the changed."""

    new: int = 0
    changed: int = 0
    same: int = 0
    back: int = 0

    def as_dict(self) -> dict[str, int]:
        """new + changed + same are the rows; the returned are told apart."""
        return {"new": self.new, "changed": self.changed, "same": self.same, "returned": self.back}


@dataclass(frozen=True)
class Landed:
    """Counts, and whom they concern, as ids.

    `touched` are those who came or are somebody else than before, `crowd` those with whom they shared what
    many share (`links.list_crowd`).
    """

    counts: Counts
    touched: NDArray[np.int64]
    crowd: NDArray[np.int64]


def land_rows(session: Session, import_id: int, source: Source, *, bare: bool = False) -> Landed:
    """Merge the waiting rows into customers, placements, cases and assignments; counts follow.

    A pin is never overwritten, what else was decided by hand only when the address is another. Whose balance
    alone is new keeps place, grid, links and counts: nobody looks at them. One transaction with whatever the
    caller adds; who decides meanwhile waits, and decides about what came in. `bare` leaves assignments and
    counts alone, for a dry run that undoes it all.
    """
    take_turn(session)
    judged = _judge(session, import_id, source)
    fresh = judged["verdict"] == ADD
    # Numbers are given before anything is written: counts are told of everybody who comes, beforehand.
    judged["id"][fresh] = _reserve(session, int(fresh.sum()))
    come = fresh | (judged["verdict"] == BRING_BACK)
    # Also whose row says nothing new: another name may have placed him elsewhere.
    placed, who = come | judged["place"], come | judged["who"]
    changed = (judged["verdict"] != NOTHING) & ~fresh
    crowd = list_crowd(session, judged["id"][changed & who])
    with keep_counts(session, () if bare else judged["id"][placed | judged["counts"]].tolist()):
        _merge(session, judged, placed, import_id=import_id, source=source)
        reassign_customers(session, () if bare else judged["id"][placed].tolist())
    return Landed(_count(judged), judged["id"][who], crowd)


def _merge(
    session: Session, judged: Judged, placed: NDArray[np.bool_], *, import_id: int, source: Source
) -> None:
    """Write the judged rows (n,) to the customers, and the places of those `placed` (n,)."""
    rows = {"import_id": import_id, "source": source.code}
    # Only now is it known which addresses are new: the merge overwrites them.
    run_statement(session, "customers/intake/reopen_decisions", **rows)
    fresh, same = judged["verdict"] == ADD, judged["verdict"] == NOTHING
    # Who comes back, and whose standing may be another: `place` tells of it.
    turned = ~fresh & ~same & (judged["place"] | (judged["verdict"] == BRING_BACK))
    for verb, chosen, more in (
        ("customers/intake/note_changes", turned, {}),
        ("customers/intake/change_customers", ~fresh & ~same, {}),
        ("customers/intake/mark_customers", same, {}),
        ("customers/intake/add_customers", fresh, {"source": source.code}),
        ("customers/intake/merge_placements", placed, {}),
    ):
        part = judged[chosen]
        for start in range(0, len(part), STRIDE):
            some = part[start : start + STRIDE]
            whom = {"rows": some["row_no"].tolist(), "ids": some["id"].tolist()}
            run_statement(session, verb, import_id=import_id, **whom, **more)
    run_statement(session, "customers/intake/merge_cases", **rows)


def _judge(session: Session, import_id: int, source: Source) -> Judged:
    """Number, customer (0 for none yet), verdict and what is new of every waiting row, by number."""
    rows = stream_rows(session, "customers/intake/compare_customers", import_id=import_id, source=source.code)
    told = (
        (row["row_no"], row["id"] or 0, row["verdict"], row["who"], row["place"], row["counts"])
        for row in rows
    )
    return np.fromiter(told, dtype=JUDGED)


def _reserve(session: Session, count: int) -> NDArray[np.int64]:
    rows = stream_rows(session, "customers/intake/reserve_numbers", count=count)
    return np.fromiter((row["id"] for row in rows), dtype=np.int64, count=count)


def _count(judged: Judged) -> Counts:
    each = np.bincount(judged["verdict"], minlength=4).tolist()
    return Counts(each[ADD], each[CHANGE] + each[BRING_BACK], each[NOTHING], each[BRING_BACK])


def close_intake(session: Session, import_id: int) -> None:
    """Drop the import's partition."""
    session.execute(text("SELECT getu_close_intake(:id)"), {"id": import_id})
