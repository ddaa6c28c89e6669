"""Rows wait in their import's partition, then land in one transaction: readers see a file whole or not."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.assignment import take_turn
from app.customers.intake.sources import Source
from app.db import copy_in, fetch_all, fetch_value, run_statement

COLUMNS: tuple[tuple[str, str], ...] = (
    ("import_id", "int8"),
    ("row_no", "int8"),
    ("source_key", "text"),
    ("kind", "text"),
    ("standing", "text"),
    ("name", "text"),
    ("id_card_enc", "bytea"),
    ("id_card_hash", "bytea"),
    ("phone_enc", "bytea"),
    ("phone_hash", "bytea"),
    ("address", "text"),
    ("household_no", "text"),
    ("relation", "text"),
    ("tier", "text"),
    ("lead_level", "text"),
    ("booking_branch_code", "text"),
    ("deposit_yuan", "numeric"),
    ("loan_yuan", "numeric"),
    ("filed", "bool"),
    ("last_visit_on", "date"),
    ("rung", "int2"),
    ("method", "text"),
    ("score", "float8"),
    ("geom", "bytea"),
    ("place_code", "text"),
    ("unit_code", "text"),
    ("accuracy_m", "float8"),
    ("datum", "text"),
    ("doubt", "jsonb"),
)


def open_intake(session: Session, import_id: int) -> None:
    """Make the (empty) partition of an import."""
    session.execute(text("SELECT getu_open_intake(:id)"), {"id": import_id})


def stage_rows(session: Session, import_id: int, rows: Iterable[tuple[Any, ...]]) -> int:
    """COPY checked rows into the import's partition; returns how many."""
    names, types = zip(*COLUMNS, strict=True)
    return copy_in(session, "intake_row", names, ((import_id, *row) for row in rows), types=types)


def measure_intake(session: Session, import_id: int) -> None:
    """Tell the planner what waits, once all of it is there: a merge of a million rows takes half as long."""
    session.execute(text("SELECT getu_measure_intake(:id)"), {"id": import_id})


def count_intake(session: Session, import_id: int) -> int:
    """How many rows wait."""
    return int(fetch_value(session, "customers/intake/count_intake", import_id=import_id))


def count_rungs(session: Session, import_id: int) -> dict[str, int]:
    """Rung ("1" best to "6", "0" not placed) → how many waiting rows stand on it."""
    rows = fetch_all(session, "customers/intake/count_rungs", import_id=import_id)
    return {str(row["rung"]): row["customers"] for row in rows}


def count_doubts(session: Session, import_id: int) -> dict[str, int]:
    """Kind of doubt → about how many waiting rows there is one."""
    rows = fetch_all(session, "customers/intake/count_doubts", import_id=import_id)
    return {row["kind"]: row["customers"] for row in rows}


def compare_rows(session: Session, import_id: int, source: Source) -> dict[str, int]:
    """What `land_rows` would return; nothing is stored."""
    found = fetch_all(session, "customers/intake/compare_customers", import_id=import_id, source=source.code)
    return _count(session, import_id, found[0])


def land_rows(session: Session, import_id: int, source: Source) -> dict[str, int]:
    """Merge the waiting rows into customers, placements and cases; how many are new, changed and the same.

    A pin is never overwritten, what else was decided by hand only when the address is another. One
    transaction with whatever the caller adds; who decides meanwhile waits, and decides about what came in.
    """
    take_turn(session)
    rows = {"import_id": import_id, "source": source.code}
    # Only now is it known which addresses are new: the merge overwrites them.
    run_statement(session, "customers/intake/reopen_decisions", **rows)
    found = fetch_all(session, "customers/intake/merge_customers", **rows)
    run_statement(session, "customers/intake/merge_placements", **rows)
    run_statement(session, "customers/intake/merge_cases", **rows)
    return _count(session, import_id, found[0])


def _count(session: Session, import_id: int, found: dict[str, Any]) -> dict[str, int]:
    total, new, changed = count_intake(session, import_id), int(found["added"]), int(found["changed"])
    return {"new": new, "changed": changed, "same": total - new - changed}


def close_intake(session: Session, import_id: int) -> None:
    """Drop the import's partition."""
    session.execute(text("SELECT getu_close_intake(:id)"), {"id": import_id})
