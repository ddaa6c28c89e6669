"""One lending check in two statements: one finds everything, one keeps the answer and its audit row.

For a customer or a point whose branch's ground is in memory; whatever needs more goes the way of
`check_many`, which answers the same.
"""

from app.customers.lending.asks import Ask
from app.customers.lending.checks import (
    KEEP,
    SEES_ALL,
    Answered,
    Asked,
    check,
    require_branch,
    show,
    tell_kept,
)
from app.customers.lending.checks import has_ground as branch_has_ground
from app.customers.lending.grounds import BranchGround, UnitLies, peek_branch_ground, peek_unit
from app.customers.lending.subjects import Row, find_subject
from app.customers.lending.verdicts import judge
from app.db import Database, Viewer
from app.db.connection import WORKER
from app.db.lines import Line


class _NotInMemoryError(Exception):
    """A ground, or how a village lies to it, must be read first."""


def check_at_once(database: Database, ask: Ask, viewer: Viewer) -> Row:
    """The kept answer to one question in a viewer's sight: what `check` gives, in two short transactions.

    Raises what `check` raises.
    """
    if ask.address is None:
        try:
            with database.line(WORKER.db_role) as line:
                return _check(database, line, ask, viewer)
        except _NotInMemoryError:
            pass
    with database.transaction(Viewer(WORKER.db_role, viewer.user_id)) as session:
        return check(session, ask, viewer=viewer)


def _check(database: Database, line: Line, ask: Ask, viewer: Viewer) -> Row:
    facts = _find_facts(line, ask, viewer)
    require_branch(facts, ask.branch)
    ground = _peek_ground(database, facts)
    asked_as = ask.customer_id if ask.source_key is None else ask.source_key
    found = {} if facts["id"] is None else {asked_as: facts}
    subject = find_subject(ask, found, {})

    def tell_unit(unit: str) -> UnitLies:
        lies = None if ground is None else peek_unit(ground, unit, facts["unit_mark"])
        if lies is None:
            raise _NotInMemoryError
        return lies

    asked = Asked(facts, ground)
    verdict = judge(ground, subject, missing=asked.missing, tell_unit=tell_unit)
    answered = Answered(ask, asked, subject, verdict)
    kept = line.ask(KEEP, **tell_kept([answered], viewer.user_id))
    return show(answered, kept[0], None)


def _find_facts(line: Line, ask: Ask, viewer: Viewer) -> Row:
    source, key = ask.source_key or (None, None)
    return line.ask(
        "customers/lending/find_facts",
        branch=ask.branch,
        on=ask.on,
        all=viewer.db_role in SEES_ALL,
        user_id=viewer.user_id,
        customer_id=ask.customer_id,
        source=source,
        key=key,
    )[0]


def _peek_ground(database: Database, facts: Row) -> BranchGround | None:
    if not branch_has_ground(facts):
        return None
    ground = peek_branch_ground(database.engine, facts)
    if ground is None:
        raise _NotInMemoryError
    return ground
