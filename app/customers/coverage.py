"""Coverage 覆盖: what is placed, assigned and served, each figure with its denominator."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.customers.outcome import LADDER
from app.db import fetch_all, fetch_one

NOTHING: dict[str, Any] = {"existing": 0, "prospects": 0, "located_existing": 0, "rungs": [0] * 7}


def count_coverage(session: Session) -> dict[str, Any]:
    """The viewer's figures: customers by standing and rung, enrolled, located, visited, covered households.

    For head office they are the whole bank's, customers without a grid among the denominators; for a
    scoped viewer those of his grids.
    """
    row = fetch_one(session, "customers/count_coverage")
    assert row is not None
    lost = _find_unassigned(session)
    existing = int(row["existing"]) + int(lost["existing"])
    prospects = int(row["prospects"]) + int(lost["prospects"])
    rungs = [int(row[f"rung_{rung}"]) + int(more) for rung, more in zip(LADDER, lost["rungs"], strict=True)]
    return {
        "customers": {"existing": existing, "prospects": prospects},
        "rungs": {str(rung): count for rung, count in zip(LADDER, rungs, strict=True)},
        "enrolled": {"n": int(row["existing"]) + int(row["prospects"]), "of": existing + prospects},
        "located": {"n": int(row["located"]) + int(lost["located_existing"]), "of": existing},
        "filed": {"n": int(row["filed"]), "of": existing},
        "visited": {"n": int(row["visited"]), "of": existing},
        "covered_households": {"n": int(row["covered_households"]), "of": int(row["households"])},
    }


def _find_unassigned(session: Session) -> Mapping[str, Any]:
    """Customers of no grid are head office's work list; nobody else has them in sight."""
    if session.info["viewer"].db_role not in ("getu_head", "getu_work"):
        return NOTHING
    row = fetch_one(session, "customers/find_unassigned")
    return NOTHING if row is None or not row["unassigned"] else row["unassigned"]


def list_coverage(session: Session) -> Sequence[Mapping[str, Any]]:
    """One row a grid in sight of the plan in force: its counts and rates (None where a denominator is 0)."""
    return fetch_all(session, "customers/list_coverage")


def count_rollup(session: Session, digits: int) -> Sequence[Mapping[str, Any]]:
    """Grids in sight of the plan in force and their customers, summed by the first `digits` (2, 4, 6, 9, 12)
    of the administrative code; `code` is None where a grid has no such code."""
    return fetch_all(session, "customers/count_rollup", digits=digits)
