"""Households decided by hand: confirmed, split, taken back. Whoever decides sees the members himself.

Each decision is a step with what stood before and after, byte for byte; the writing is done in the house's
own hand within the viewer's transaction.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access import record
from app.customers import steps
from app.customers.households.showing import require_household
from app.customers.households.storing import LOCK
from app.db import as_worker, fetch_all, fetch_one, fetch_value, run_statement
from app.errors import BadInput, Conflict, NotAllowed, NotFound

Snapshot = dict[str, Any]
GONE: Snapshot = {"household": None, "members": []}


def confirm_household(
    session: Session, household_id: int, *, shown: Sequence[int] | None = None
) -> dict[str, Any]:
    """The members in the viewer's sight live together: no run parts them. Returns {step, household_id}.

    `shown` are the members as they were shown: another membership by now is a Conflict, and so is a household
    that stands confirmed. Raises NotFound out of sight, BadInput where the viewer sees one person alone.
    """
    members = _begin(session, household_id)
    seen = [member["customer_id"] for member in members]
    if shown is not None and set(shown) != set(seen):
        raise _changed()
    if _count_persons(members) < 2:
        raise BadInput(
            "one_alone",
            zh="这个家庭您只看得到一个人，无法确认谁与他同住",
            en="you see one person of this household only: with whom he lives others can tell",
        )
    if all(member["state"] == "confirmed" for member in members):
        raise Conflict("already_confirmed", zh="这个家庭已经确认过", en="this household is confirmed already")
    with as_worker(session):
        before = _take(session, household_id)
        run_statement(session, "customers/households/confirm_household", household_id=household_id)
        run_statement(
            session, "customers/households/confirm_members", household_id=household_id, customer_ids=seen
        )
        step = _keep(session, household_id, "confirm", before=before, acted=seen)
    _audit(session, "confirm_household", household_id, seen)
    return {"step": step, "household_id": household_id}


def split_household(session: Session, household_id: int, customer_ids: Sequence[int]) -> dict[str, Any]:
    """The named members do not live with the others: they leave, and no run links them to those again.

    With a person go all his records. Fewer than two persons left is no household. Returns {step,
    household_id: None when it ended}. Raises BadInput unless some but not all members are named.
    """
    members = _begin(session, household_id)
    leaving = _find_leaving(members, customer_ids)
    acted = sorted(leaving)
    with as_worker(session):
        before = _take(session, household_id)
        own = {row["customer_id"] for row in before["members"]}
        staying = sorted(own - leaving)
        if not staying:
            raise BadInput(
                "nobody_stays",
                zh="请至少留下一位成员；全部不是一家时逐位拆出",
                en="at least one member must stay",
            )
        pairs = _set_apart(session, acted, staying)
        run_statement(
            session, "customers/households/part_members", household_id=household_id, customer_ids=acted
        )
        run_statement(
            session, "customers/households/part_head", household_id=household_id, customer_ids=acted
        )
        ended = _end_if_alone(session, household_id)
        step = _keep(session, household_id, "split", before=before, acted=acted, apart=pairs)
    _audit(session, "split_household", household_id, acted)
    return {"step": step, "household_id": None if ended else household_id}


def undo_household(session: Session, household_id: int) -> dict[str, Any]:
    """The latest decision about a household is taken back, byte for byte. Returns {step, household_id}.

    One's own decisions; head office takes back any. Raises NotFound out of sight or where nothing was
    decided, Conflict when the household has changed since.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    with as_worker(session):
        rows = fetch_all(session, "customers/households/list_steps", household_id=household_id, limit=50)
    open_ = [row for row in rows if row["action"] != "undo" and not row["undone"]]
    acted = open_[0]["after"]["acted"] if open_ else []
    if not acted or not steps.list_seen(session, acted).issuperset(acted):
        raise NotFound("no_step", zh="没有可撤销的操作", en="there is nothing to take back")
    last, viewer = open_[0], session.info["viewer"]
    if viewer.db_role != "getu_head" and last["user_id"] != viewer.user_id:
        raise NotAllowed("not_yours", zh="只能撤销自己的操作", en="only one's own decision can be taken back")
    with as_worker(session):
        step = _restore(session, household_id, last)
    _audit(session, "undo_household", household_id, acted)
    return {"step": step, "household_id": household_id}


def _begin(session: Session, household_id: int) -> list[dict[str, Any]]:
    """The members in the viewer's sight, while nobody else decides."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    require_household(session, household_id)
    return fetch_all(session, "customers/households/list_members", household_ids=[household_id])


def _find_leaving(members: Sequence[dict[str, Any]], customer_ids: Sequence[int]) -> set[int]:
    """The named members with the other records of the same persons. Raises BadInput for who is none."""
    known = {member["customer_id"]: member for member in members}
    if not customer_ids or not set(customer_ids) <= set(known):
        raise BadInput(
            "not_members",
            zh="请勾选这个家庭里您看得到的成员",
            en="name members of this household that are in your sight",
        )
    cards = {known[one]["id_card_hash"] for one in customer_ids} - {None}
    return set(customer_ids) | {one for one, member in known.items() if member["id_card_hash"] in cards}


def _set_apart(session: Session, leaving: list[int], staying: list[int]) -> list[list[int]]:
    rows = fetch_all(
        session,
        "customers/households/set_apart",
        leaving=leaving,
        staying=staying,
        user_id=session.info["viewer"].user_id,
    )
    return sorted([row["customer_a"], row["customer_b"]] for row in rows)


def _count_persons(members: Sequence[dict[str, Any]]) -> int:
    """How many persons these records are of: one card is one person, however many sources know him."""
    return len({member["id_card_hash"] or member["customer_id"] for member in members})


def _end_if_alone(session: Session, household_id: int) -> bool:
    """One person is no household."""
    rest = fetch_all(session, "customers/households/list_members", household_ids=[household_id])
    if _count_persons(rest) > 1:
        return False
    run_statement(session, "customers/households/dissolve_household", household_id=household_id)
    return True


def _take(session: Session, household_id: int) -> Snapshot:
    """A household as it stands, byte for byte."""
    found = fetch_one(session, "customers/households/find_snapshot", household_id=household_id)
    return dict(found) if found else dict(GONE)


def _keep(
    session: Session,
    household_id: int,
    action: str,
    *,
    before: Snapshot,
    acted: Sequence[int],
    apart: Sequence[Sequence[int]] = (),
    undoes: int | None = None,
) -> int:
    """A step with both states; it names all members there were and are, so that a run steps around them."""
    after = {**_take(session, household_id), "acted": list(acted), "apart": [list(pair) for pair in apart]}
    members = {row["customer_id"] for row in (*before["members"], *after["members"])}
    return int(
        fetch_value(
            session,
            "customers/households/add_step",
            household_id=household_id,
            customer_ids=sorted(members),
            user_id=session.info["viewer"].user_id,
            action=action,
            before=json.dumps(before),
            after=json.dumps(after),
            undoes=undoes,
        )
    )


def _restore(session: Session, household_id: int, last: dict[str, Any]) -> int:
    """The state before a step. Raises Conflict when what stands is not what the step left."""
    now, before, after = _take(session, household_id), last["before"], last["after"]
    ids = [row["customer_id"] for row in before["members"]]
    moved = fetch_one(
        session, "customers/households/find_elsewhere", customer_ids=ids, household_id=household_id
    )
    if moved or any(now[key] != after[key] for key in GONE):
        raise _changed()
    run_statement(session, "customers/households/dissolve_household", household_id=household_id)
    run_statement(
        session, "customers/households/restore_household", household=json.dumps(before["household"])
    )
    run_statement(session, "customers/households/restore_members", members=json.dumps(before["members"]))
    pairs = after["apart"]
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    run_statement(session, "customers/households/rejoin_apart", first=first, second=second)
    return _keep(session, household_id, "undo", before=now, acted=after["acted"], undoes=last["id"])


def _changed() -> Conflict:
    return Conflict(
        "household_changed",
        zh="这个家庭已有变动，请刷新后再看",
        en="the household has changed since; look again",
    )


def _audit(session: Session, act: str, household_id: int, customer_ids: Sequence[int]) -> None:
    record(session, act, subject=f"household {household_id}", customer_ids=customer_ids)
