"""Linking the whole bank: read by village in one stream, compare, write only what differs.

Memory holds one village and a spool on disk. Households that somebody confirmed, and pairs set apart, stay;
what is decided while a run reads is not overwritten by what it read before.
"""

import pickle
import tempfile
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import IO, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.households.comparing import Change, Stored, Wanted, compare_village
from app.customers.households.evidence import BANDS
from app.customers.households.houses import read_house
from app.customers.households.linking import link_village
from app.customers.households.persons import Record
from app.db import copy_in, copy_out, fetch_all, fetch_one, fetch_value, run_statement
from app.db.statements import read_statement

LOCK = 7236705
BATCH = 5_000
TYPES = (
    "text", "int8", "text", "int4", "text", "bytea", "bytea", "text", "text", "text",
    "int8", "text", "float8", "text[]", "text", "float8", "int8", "text", "text",
)  # fmt: skip
ROWS = read_statement("customers/households/read_records").text
Teller = Callable[[str, int, int], None]


def link_households(session: Session, *, on_progress: Teller | None = None) -> dict[str, Any]:
    """Link all customers of sure villages into households; returns the summary of `count_households`.

    All in the caller's transaction: readers see the households before or after.
    """
    tell = on_progress or (lambda stage, done, total: None)
    last_step = int(fetch_value(session, "customers/households/find_last_step"))
    with tempfile.TemporaryFile() as spool:
        tell("read", 0, 0)
        same = _spool_changes(session, spool, tell)
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        touched = _find_touched(session, last_step)
        tell("write", 0, 0)
        written = dropped = 0
        for change in _read_spool(spool):
            told = _write(session, _without(change, touched))
            written, dropped = written + told[0], dropped + told[1]
    run_statement(session, "customers/households/drop_strays")
    emptied = run_statement(session, "customers/households/drop_empty").rowcount
    run = {"same": same, "written": written, "rows_replaced": dropped, "dropped": emptied}
    return {**count_households(session), "run": run}


def count_households(session: Session) -> dict[str, Any]:
    """Customers, placed, households and members of the viewer's sight, by band and by reason.

    `member_share` is members ÷ placed customers (placed: any rung but none).
    """
    least, scoped = dict(BANDS), session.info["viewer"].db_role == "getu_scoped"
    found = fetch_one(
        session,
        "customers/households/count_households",
        sure=least["sure"],
        likely=least["likely"],
        scoped=scoped,
    )
    counts = dict(found or {})
    bands = {name: counts.pop(name) for name, _ in BANDS}
    reasons = fetch_all(session, "customers/households/count_reasons", scoped=scoped)
    share = round(counts["members"] / counts["placed"], 4) if counts["placed"] else None
    told = {row["reason"]: row["members"] for row in reasons}
    return {**counts, "member_share": share, "bands": bands, "reasons": told}


def _spool_changes(session: Session, spool: IO[bytes], tell: Teller) -> int:
    """Link each village as it comes and keep what must change; returns how many households stay so."""
    names = _read_names(session)
    apart = _read_apart(session)
    total = int(fetch_value(session, "customers/households/count_linkable"))
    same = done = 0
    for village, rows in groupby(copy_out(session, ROWS, types=TYPES), key=itemgetter(0)):
        own = list(rows)
        change = _link(village, own, names.get(village, ()), apart)
        same += change.same
        if change.wanted or change.dropped:
            pickle.dump(change, spool)
        done += len(own)
        tell("link", min(done, total), total)
    return same


def _link(
    village: str, rows: list[tuple[Any, ...]], names: tuple[str, ...], apart: frozenset[tuple[int, int]]
) -> Change:
    """The change of one village; nobody is linked who has none."""
    stored = [_as_stored(row) for row in rows if row[10] is not None]
    if not village:
        return compare_village(village, [], stored)
    here = [row for row in rows if not (row[11] == "confirmed" and row[18] != village)]
    return compare_village(village, link_village((_as_record(row, names) for row in here), apart), stored)


def _as_record(row: tuple[Any, ...], names: tuple[str, ...]) -> Record:
    _, number, source, trust, name, card, phone, roster_no, relation, address, household, state = row[:12]
    confirmed = household if state == "confirmed" else None
    house = read_house(address, names)
    return Record(number, source, name, card, phone, roster_no, relation, house, confirmed, trust)


def _as_stored(row: tuple[Any, ...]) -> Stored:
    return Stored(row[1], row[10], row[11], row[12], tuple(row[13]), tuple(row[14:19]))


def _read_names(session: Session) -> dict[str, tuple[str, ...]]:
    """Every written name of a village by its code, the longest first."""
    rows = fetch_all(session, "customers/households/list_village_names")
    return {row["code"]: tuple(sorted(row["names"], key=lambda name: (-len(name), name))) for row in rows}


def _read_apart(session: Session) -> frozenset[tuple[int, int]]:
    """The pairs of customers that were set apart by hand."""
    rows = fetch_all(session, "customers/households/list_apart")
    return frozenset((row["customer_a"], row["customer_b"]) for row in rows)


def _find_touched(session: Session, last_step: int) -> frozenset[int]:
    """Customers of whom something was decided since the run began to read."""
    rows = fetch_all(session, "customers/households/list_touched", last_step=last_step)
    return frozenset(row["customer_id"] for row in rows)


def _without(change: Change, touched: frozenset[int]) -> Change:
    """The change without households of whom a member was decided meanwhile; they keep their rows."""
    if not touched:
        return change
    clear = [w for w in change.wanted if not touched & {m.customer_id for m in w.family.members}]
    spared = {m.customer_id for w in change.wanted if w not in clear for m in w.family.members} | touched
    return Change(clear, [one for one in change.dropped if one not in spared], change.same)


def _read_spool(spool: IO[bytes]) -> Iterator[Change]:
    """The spooled changes, several villages at a time."""
    spool.seek(0)
    wanted: list[Wanted] = []
    dropped: list[int] = []
    while True:
        try:
            change = pickle.load(spool)  # noqa: S301 - written by us a moment ago, nobody else can
        except EOFError:
            break
        wanted, dropped = wanted + change.wanted, dropped + change.dropped
        if len(wanted) + len(dropped) > BATCH:
            yield Change(wanted, dropped, 0)
            wanted, dropped = [], []
    yield Change(wanted, dropped, 0)


def _write(session: Session, change: Change) -> tuple[int, int]:
    """Old rows go, households get their numbers, new rows come; returns how many households and old rows."""
    run_statement(session, "customers/households/drop_members", customer_ids=change.dropped)
    fresh = [one for one in change.wanted if one.household_id is None]
    kept = [one for one in change.wanted if one.household_id is not None and one.family.confirmed is None]
    made = fetch_all(session, "customers/households/add_households", **_columns(fresh)) if fresh else []
    if kept:
        ids = [one.household_id for one in kept]
        run_statement(session, "customers/households/change_households", ids=ids, **_columns(kept))
    numbers = iter(sorted(row["id"] for row in made))
    rows = [
        (member.customer_id, number, "proposed", member.confidence, list(member.reasons))
        for one in change.wanted
        for number in [one.household_id if one.household_id is not None else next(numbers)]
        for member in one.family.members
        if "by_hand" not in member.reasons
    ]
    columns = ("customer_id", "household_id", "state", "confidence", "reasons")
    if rows:
        copy_in(
            session, "household_member", columns, rows, types=("int8", "int8", "text", "float8", "text[]")
        )
    return len(change.wanted), len(change.dropped)


def _columns(wanted: list[Wanted]) -> dict[str, list[Any]]:
    """The facts of households as columns."""
    return {
        "confidences": [one.family.confidence for one in wanted],
        "heads": [one.family.head_id for one in wanted],
        "villages": [one.village for one in wanted],
        "keys": [one.family.address_key for one in wanted],
    }
