"""Kept answers read again: a page of them, or one with its evidence, as far as the viewer may see it."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from app.customers.lending.checks import SEES_ALL, tell_answer, veil_evidence
from app.customers.lending.exceptions import no_check
from app.customers.lending.words import SIDES, tell, tell_exception
from app.db import as_worker, fetch_all, fetch_one

PAGE = 200
Row = dict[str, Any]


def list_checks(
    session: Session,
    *,
    before: int | None = None,
    answer: str | None = None,
    mine: int | None = None,
    batch: uuid.UUID | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of kept answers in the viewer's sight, the newest first, and where the next page begins."""
    rows = fetch_all(
        session,
        "customers/lending/list_checks",
        before=before,
        answer=answer,
        mine=mine,
        batch=None if batch is None else str(batch),
        limit=min(limit, PAGE),
    )
    more = rows[-1]["id"] if len(rows) == min(limit, PAGE) else None
    return {"checks": [_show_line(row) for row in rows], "next": more}


def find_check(session: Session, check_id: int) -> Row:
    """One kept answer with its evidence. Where a customer out of sight lives is not told.

    Raises NotFound `no_check`.
    """
    everything = session.info["viewer"].db_role in SEES_ALL
    row = fetch_one(session, "customers/lending/find_check", check_id=check_id, all=everything)
    if row is None:
        raise no_check()
    with as_worker(session):
        more = fetch_one(session, "customers/lending/find_evidence", check_id=check_id)
    assert more is not None
    detail, seen = more["detail"], row["place_seen"]
    point = {"lon": more["lon"], "lat": more["lat"]} if seen and more["lon"] is not None else None
    plan = None
    if row["plan_id"] is not None:
        plan = {key: row[f"plan_{key}"] for key in ("code", "name")}
        plan |= {"ground_version": row["ground_version"], "synthetic": row["synthetic"]}
        plan |= {"certificate_no": detail.get("certificate_no"), "id": row["plan_id"]}
    return {
        "id": row["id"],
        "customer_id": row["customer_id"],
        **tell_answer(row["answer"], row["reason"]),
        "subject": row["subject"],
        "ref": detail.get("ref"),
        "branch": {"id": row["branch_id"], "code": row["branch_code"], "name": row["branch_name"]},
        "superior": detail.get("superior"),
        "on": row["on_date"].isoformat(),
        "side": detail.get("side") and tell(SIDES, detail["side"]),
        "distance_m": row["distance_m"],
        "edge_m": row["edge_m"],
        "plan": plan,
        "holder": row["holder_code"] and {"code": row["holder_code"], "name": row["holder_name"]},
        "point": point,
        "foot": detail.get("foot") if seen else None,
        "place_seen": seen,
        "evidence": detail["evidence"] if seen else veil_evidence(detail["evidence"]),
        "exception": _tell_exception(row),
        "own_mark": detail.get("own_mark"),
        "asked_by": more["asked_by_name"],
        "asked_at": row["asked_at"].isoformat(),
        "batch": None if row["batch"] is None else str(row["batch"]),
    }


def _show_line(row: Row) -> Row:
    return {
        "id": row["id"],
        **tell_answer(row["answer"], row["reason"]),
        "subject": row["subject"],
        "branch": {"code": row["branch_code"], "name": row["branch_name"]},
        "holder": row["holder_code"] and {"code": row["holder_code"], "name": row["holder_name"]},
        "on": row["on_date"].isoformat(),
        "asked_at": row["asked_at"].isoformat(),
        "distance_m": row["distance_m"],
        "edge_m": row["edge_m"],
        "plan": row["plan_code"] and {"code": row["plan_code"], "ground_version": row["ground_version"]},
        "batch": None if row["batch"] is None else str(row["batch"]),
        "exception": _tell_exception(row),
    }


def _tell_exception(row: Row) -> Row | None:
    """The newest exception to an answer."""
    if row["exception_id"] is None:
        return None
    return tell_exception(row["exception_id"], row["exception_state"], row["exception_until"])
