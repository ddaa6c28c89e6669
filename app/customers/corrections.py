"""What decisions teach: corrections of prefixes, and written forms proposed as other names of a place.

A correction is live until its decision is taken back or its customer decided anew. Where people differ about
a prefix nothing is learned of it. Two agreeing corrections of different customers propose a form; head office
approves it, and from then on the matcher knows the place by it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access import record
from app.customers.steps import viewer_of
from app.db import as_worker, fetch_all, fetch_one, run_statement
from app.errors import Conflict, NotFound

ENOUGH = 2
MOST_ALIASES = 500
AliasOf = Callable[[str], str]


def read_corrections(session: Session) -> dict[str, str]:
    """Prefix → place code of the live corrections that nobody contradicts."""
    with as_worker(session):
        rows = fetch_all(session, "customers/list_corrections")
    return {row["prefix"]: row["place_code"] for row in rows}


def read_aliases(session: Session) -> dict[str, tuple[str, ...]]:
    """Place code → the approved forms by which it is known beside its own names."""
    rows = fetch_all(session, "customers/list_approved_aliases")
    return {row["place_code"]: tuple(row["aliases"]) for row in rows}


def teach(session: Session, prefix: str, place_code: str, *, customer_id: int, step_id: int) -> None:
    """Keep that addresses with this prefix lie at this place. In the worker's hand."""
    run_statement(
        session,
        "customers/add_correction",
        prefix=prefix,
        place_code=place_code,
        customer_id=customer_id,
        user_id=viewer_of(session).user_id,
        step_id=step_id,
    )


def end_corrections(session: Session, customer_ids: Sequence[int]) -> dict[int, str]:
    """End what was learned from these customers: prefixes by ended correction. In the worker's hand."""
    rows = fetch_all(session, "customers/end_corrections", ids=list(customer_ids))
    return {int(row["id"]): row["prefix"] for row in rows}


def untake(session: Session, steps: Sequence[int], revived: Sequence[int]) -> set[str]:
    """What these steps taught ends, what they had ended holds again; the prefixes. In the worker's hand."""
    rows = fetch_all(session, "customers/end_taught", steps=list(steps))
    rows += fetch_all(session, "customers/revive_corrections", ids=list(revived))
    return {row["prefix"] for row in rows}


def weigh_alias(session: Session, prefix: str, alias_of: AliasOf) -> None:
    """Propose the form of this prefix for the place it is taught for, or withdraw. In the worker's hand.

    It needs two live corrections of different customers that agree and none that says another place: who
    contradicts later takes the proposal away. What head office has decided about a form stays decided.
    """
    alias = alias_of(prefix)
    if not alias:
        return
    voices: dict[str, set[int]] = {}
    for row in fetch_all(session, "customers/list_teachings", form=alias):
        if alias_of(row["prefix"]) == alias:
            voices.setdefault(row["place_code"], set()).add(row["customer_id"])
    agreed = {code: len(who) for code, who in voices.items() if len(voices) == 1 and len(who) >= ENOUGH}
    run_statement(session, "customers/withdraw_alias", alias=alias, kept=list(agreed))
    for code, corrections in agreed.items():
        run_statement(
            session, "customers/propose_alias", alias=alias, place_code=code, corrections=corrections
        )


def list_aliases(session: Session, *, state: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Forms proposed, approved or rejected, the newest first, as far as the viewer may see them."""
    rows = fetch_all(session, "customers/list_aliases", state=state, limit=min(max(limit, 1), MOST_ALIASES))
    return [
        {
            **row,
            "proposed_at": row["proposed_at"].isoformat(),
            "decided_at": row["decided_at"].isoformat() if row["decided_at"] else None,
        }
        for row in rows
    ]


def decide_alias(session: Session, alias_id: int, *, approve: bool) -> dict[str, Any]:
    """Approve or reject a form. Raises NotFound, and Conflict when two places would bear one form."""
    found = fetch_one(session, "customers/find_alias", alias_id=alias_id)
    if found is None:
        raise NotFound("no_alias", zh="没有这个别名", en="no such written form")
    if approve and found["claimed"]:
        raise Conflict(
            "alias_taken",
            zh=f"“{found['alias']}”已是另一个地方的别名",
            en=f"{found['alias']!r} is approved for another place already",
        )
    with as_worker(session):
        row = fetch_one(
            session,
            "customers/decide_alias",
            alias_id=alias_id,
            state="approved" if approve else "rejected",
            user_id=viewer_of(session).user_id,
        )
    record(
        session, "decide_alias", subject=found["alias"][:64], detail={"alias": alias_id, "approve": approve}
    )
    assert row is not None
    return row
