"""A loan allowed although the check does not say yes: asked by the branch, decided by somebody else."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.access import record
from app.clock import today
from app.customers.lending.checks import tell_answer
from app.customers.lending.words import STATES, tell_exception
from app.db import as_worker, fetch_all, fetch_one, fetch_value
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models import LendingException

MOST_DAYS = 366
LEAST_REASON, LEAST_NOTE = 4, 2
MOST_TEXT = 500
Row = dict[str, Any]


def ask_exception(session: Session, check_id: int, reason: str, *, user_id: int) -> Row:
    """Ask that a loan be allowed although a kept answer of the viewer's sight does not say yes.

    Raises NotFound `no_check`, Conflict `not_needed` (the answer is yes), `already_asked` (one waits or
    stands) or `ended` (one stood), BadInput `no_reason`.
    """
    check = fetch_one(session, "customers/lending/find_check", check_id=check_id, all=False)
    if check is None:
        raise no_check()
    if check["answer"] == "in":
        raise Conflict(
            "not_needed", zh="核验结果为辖内，不需要例外", en="the answer is in; no exception is needed"
        )
    words = _require_words(reason, "请写明理由", "say why", least=LEAST_REASON)
    with as_worker(session):
        asked = fetch_value(
            session,
            "customers/lending/ask_exception",
            check_id=check_id,
            branch_id=check["branch_id"],
            reason=words,
            asked_by=user_id,
        )
    if asked is None and _has_ended(check):
        raise Conflict(
            "ended",
            zh="这条核验获批的例外已到期；请重新核验，再申请例外",
            en="the exception to this answer has ended; check again, then ask for another",
        )
    if asked is None:
        raise Conflict(
            "already_asked",
            zh="这条核验已有待审批或已批准的例外",
            en="an exception to this answer waits or stands already",
        )
    record(
        session,
        "ask_lending_exception",
        subject=str(asked),
        customer_ids=[check["customer_id"]] if check["customer_id"] else [],
        detail={"check": check_id},
    )
    return find_exception(session, int(asked))


def decide_exception(
    session: Session,
    exception_id: int,
    *,
    approve: bool,
    user_id: int,
    note: str,
    valid_until: date | None = None,
) -> Row:
    """Approve an exception up to a day, or refuse it; by another person than who asked, which the database
    enforces, too. Raises NotFound, NotAllowed `two_people`, Conflict `decided`, BadInput."""
    words = _require_words(note, "请写明审批意见", "say what you decide and why", least=LEAST_NOTE)
    until = _read_until(valid_until) if approve else None
    with as_worker(session):
        waits = _lock(session, exception_id)
        if waits.state != "asked":
            raise _decided(waits)
        if waits.asked_by == user_id:
            raise NotAllowed(
                "two_people",
                zh="申请人不能审批自己的申请，须由另一人审批",
                en="who asked cannot decide; it takes another person",
            )
        waits.state = "approved" if approve else "refused"
        waits.decided_by, waits.decided_at = user_id, func.now()
        waits.decision_note, waits.valid_until = words, until
        session.flush()
    record(
        session,
        "decide_lending_exception",
        subject=str(exception_id),
        detail={"decision": "approved" if approve else "refused", "valid_until": until and until.isoformat()},
    )
    return find_exception(session, exception_id)


def withdraw_exception(session: Session, exception_id: int, *, user_id: int, may_decide: bool) -> Row:
    """Take back an exception that waits or stands: by who asked for it, or by who may decide.

    Raises NotFound, NotAllowed `not_yours`, Conflict `decided` (refused or withdrawn already) or `ended`.
    """
    seen = find_exception(session, exception_id)
    if seen["asked_by"] != user_id and not may_decide:
        raise NotAllowed(
            "not_yours", zh="只有申请人或审批人可以撤回", en="who asked or who may decide takes it back"
        )
    with as_worker(session):
        one = _lock(session, exception_id)
        if one.state not in ("asked", "approved"):
            raise _decided(one)
        if seen["ended"]:
            raise Conflict(
                "ended", zh="该例外已到期，无需撤回", en="it has ended; nothing is left to take back"
            )
        before, one.state = one.state, "withdrawn"
        one.withdrawn_by, one.withdrawn_at = user_id, func.now()
        session.flush()
    record(session, "withdraw_lending_exception", subject=str(exception_id), detail={"before": before})
    return find_exception(session, exception_id)


def list_exceptions(
    session: Session, *, state: str | None = None, check_id: int | None = None, limit: int = 200
) -> list[Row]:
    """Exceptions in the viewer's sight (those of one answer): those that wait first, then the newest."""
    return [_show(row) for row in _fetch(session, state=state, check_id=check_id, limit=limit)]


def find_exception(session: Session, exception_id: int) -> Row:
    """One exception in the viewer's sight. Raises NotFound `no_exception`."""
    rows = _fetch(session, exception_id=exception_id, limit=1)
    if not rows:
        raise _no_exception()
    return _show(rows[0])


def _fetch(
    session: Session,
    *,
    limit: int,
    state: str | None = None,
    exception_id: int | None = None,
    check_id: int | None = None,
) -> list[Row]:
    rows = fetch_all(
        session,
        "customers/lending/list_exceptions",
        state=state,
        exception_id=exception_id,
        check_id=check_id,
        limit=limit,
    )
    named = {row[key] for row in rows for key in ("asked_by", "decided_by")} - {None}
    with as_worker(session):
        found = fetch_all(session, "customers/lending/list_names", ids=sorted(named)) if named else []
    names = {one["id"]: one["name"] for one in found}
    told = {"asked_by_name": "asked_by", "decided_by_name": "decided_by"}
    return [{**row, **{name: names.get(row[key]) for name, key in told.items()}} for row in rows]


def no_check() -> NotFound:
    """What is said of an answer that is not there or not in the viewer's sight."""
    return NotFound("no_check", zh="没有这条核验记录，或不在您的范围内", en="no such check in your sight")


def _no_exception() -> NotFound:
    return NotFound(
        "no_exception", zh="没有这条例外申请，或不在您的范围内", en="no such exception in your sight"
    )


def _lock(session: Session, exception_id: int) -> LendingException:
    """The exception as the last who changed it left it; nobody else changes it till the end."""
    one = session.get(LendingException, exception_id, with_for_update=True, populate_existing=True)
    if one is None:
        raise _no_exception()
    return one


def _decided(one: LendingException) -> Conflict:
    zh, en = STATES[one.state]
    return Conflict("decided", zh=f"该申请{zh}，不能再改", en=f"it is {en} already", state=one.state)


def _require_words(text: str, zh: str, en: str, *, least: int) -> str:
    words = " ".join(text.replace("\x00", "").split())
    if not least <= len(words) <= MOST_TEXT:
        raise BadInput(
            "no_reason",
            zh=f"{zh}，{least} 到 {MOST_TEXT} 个字",
            en=f"{en}, in {least} to {MOST_TEXT} characters",
        )
    return words


def _read_until(day: date | None) -> date:
    latest = today() + timedelta(days=MOST_DAYS)
    if day is None or not today() <= day <= latest:
        raise BadInput(
            "bad_valid_until",
            zh=f"请给出有效期，今天至 {latest} 之间",
            en=f"say up to which day it holds, from today to {latest}",
        )
    return day


def _has_ended(row: Row) -> bool:
    """Whether the exception beside an answer was approved and its last day has passed."""
    return bool(row["exception_state"] == "approved" and row["exception_until"] < today())


def _show(row: Row) -> Row:
    beside = tell_exception(row["id"], row["state"], row["valid_until"])
    told = {**row, **beside, "check": tell_answer(row["answer"], row["check_reason"])}
    for key in ("asked_at", "decided_at", "withdrawn_at", "valid_until", "on_date"):
        told[key] = None if row[key] is None else row[key].isoformat()
    return told
