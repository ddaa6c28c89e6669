"""Notices about grids that stand: in several parts, held by nobody or two, unfit for their branch, empty."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.clock import today
from app.db import fetch_all, run_statement
from app.models import Plan
from app.territory.ground import find_check
from app.territory.plans.storing import Replaced, allowed_by_hand, keep_word, store

OWN_KINDS = ("multipart", "no_primary", "two_primaries", "branch_type")
"""The notices that the ground can tell by itself; `no_customers` is told by those who know customers."""
_SEVERITY_OF_VERDICT = {"notice": "harmless", "confirm": "confirm", "forbidden": "must_fix"}


def note_grids(session: Session, plan: Plan, *, grid_ids: Sequence[int] | None = None) -> Replaced:
    """Write the notices of a plan's grids (all, or some) in place of the former ones, those of lost grids go.

    Who holds a grid is looked up for today, or for the first day of a plan that comes into force later. A
    draft has no day yet: there a primary who begins later counts. `two_primaries` reads what stands in the
    table, whether or not the database would have let it in.
    """
    first = None if plan.valid is None else plan.valid.lower
    day = max(today(), first) if first else today()
    ids = None if grid_ids is None else list(grid_ids)
    found = fetch_all(
        session, "territory/find_notices", plan_id=plan.id, grid_ids=ids, on=day, dated=first is not None
    )
    return replace_notices(session, plan, found, kinds=OWN_KINDS, grid_ids=ids)


def replace_notices(
    session: Session,
    plan: Plan,
    found: list[dict[str, Any]],
    *,
    kinds: Sequence[str],
    grid_ids: list[int] | None = None,
) -> Replaced:
    """Store notices (grid_id, kind, detail, and verdict where a rule gives one) in place of those of `kinds`.

    With `grid_ids` only notices of these grids and of lost grids are replaced. One that still holds keeps its
    number and state, and takes on the shape that its grid has now.
    """
    stored = fetch_all(
        session, "territory/list_stored_notices", plan_id=plan.id, kinds=list(kinds), grid_ids=grid_ids
    )
    rows = {(row["grid_id"], row["kind"]): _notice_row(row) for row in found}
    gone, altered = [], []
    for old in stored:
        row = rows.pop((old["grid_ids"][0], old["kind"]), None)
        if row is None:
            gone.append(old)
        elif not (old["stands"] and _is_same(old, row)):
            if allowed_by_hand(old) and row["severity"] != "must_fix":
                row |= {"state": "allowed", "detail": row["detail"] | keep_word(old)}
            altered.append({**row, "id": old["id"]})
    if altered:
        run_statement(session, "territory/refresh_notices", rows=json.dumps(altered, default=str))
    return store(session, plan, gone, rows=list(rows.values()), statement="territory/add_notices")


def _notice_row(row: dict[str, Any]) -> dict[str, Any]:
    usual = find_check(row["kind"]).severity
    severity = _SEVERITY_OF_VERDICT.get(row.get("verdict") or "", usual)
    picked = {key: row[key] for key in ("grid_id", "kind", "detail")}
    return {**picked, "severity": severity, "state": "open"}


def _is_same(old: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a notice says what it said; the day it was looked up for is not what it says."""
    aside = ("allowed", "on")
    former, now = (
        {key: value for key, value in detail.items() if key not in aside}
        for detail in (old["detail"], row["detail"])
    )
    return former == now and old["severity"] == row["severity"]
