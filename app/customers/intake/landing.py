"""Rows wait in their import's partition, then land in one transaction: readers see a file whole or not."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.intake.fields import Source
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
)


def open_intake(session: Session, import_id: int) -> None:
    """Make the (empty) partition of an import."""
    session.execute(text("SELECT getu_open_intake(:id)"), {"id": import_id})


def stage_rows(session: Session, import_id: int, rows: Iterable[tuple[Any, ...]]) -> int:
    """COPY checked rows into the import's partition; returns how many."""
    names, types = zip(*COLUMNS, strict=True)
    return copy_in(session, "intake_row", names, ((import_id, *row) for row in rows), types=types)


def count_intake(session: Session, import_id: int) -> int:
    """How many rows wait."""
    return int(fetch_value(session, "customers/intake/count_intake", import_id=import_id))


def reject_repeats(session: Session, import_id: int) -> list[dict[str, Any]]:
    """Take out rows whose key an earlier row of the same file already has; returns them as report rows."""
    rows = fetch_all(session, "customers/intake/reject_repeats", import_id=import_id)
    return [
        {
            "row": row["row_no"],
            "reason": "repeated_key",
            "message": {
                "zh": f"客户号与第 {row['first_row']} 行重复，只取前一行",
                "en": f"repeats the key of row {row['first_row']}; the first row was kept",
            },
            "key": row["source_key"][:64],
        }
        for row in rows
    ]


def land_rows(session: Session, import_id: int, source: Source) -> dict[str, int]:
    """Merge the waiting rows into customers and placements; returns how many are new, changed and the same.

    A pin set by hand is never overwritten. One transaction with whatever the caller adds.
    """
    run_statement(
        session,
        "customers/intake/name_source",
        code=source.code,
        name=source.zh,
        trust_rank=source.trust_rank,
    )
    total = count_intake(session, import_id)
    found = fetch_all(session, "customers/intake/merge_customers", import_id=import_id, source=source.code)
    new, changed = int(found[0]["added"]), int(found[0]["changed"])
    run_statement(session, "customers/intake/merge_placements", import_id=import_id, source=source.code)
    return {"new": new, "changed": changed, "same": total - new - changed}


def close_intake(session: Session, import_id: int) -> None:
    """Drop the import's partition."""
    session.execute(text("SELECT getu_close_intake(:id)"), {"id": import_id})
