"""A delivery is settled: what waits lands, who is missing vanishes, one person's rows are linked: at once.

A dry run does the same and takes it back, so that it tells exactly what the real run then does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.customers.assignment import assign_customers, take_turn
from app.customers.intake.known import Known, note_names
from app.customers.intake.landing import Counts, land_rows
from app.customers.intake.links import count_links, find_company, link_customers, list_crowd
from app.customers.intake.marks import KINDS, Marks
from app.customers.intake.packing import BLOCK
from app.customers.intake.seen import Seen
from app.customers.intake.sources import Source
from app.customers.intake.vanishing import find_vanished, list_vanished, refuse_too_many, take_out
from app.db import fetch_one, undoable
from app.errors import NeedsAnswer

Lines = Callable[[Iterable[dict[str, Any]]], Any]
Adopt = Callable[[], int]


@dataclass(frozen=True)
class Delivery:
    """One file of a source, what was known before it and what it holds.

    `full` says that it is the whole source; `block` holds its new rows (None where all wait), whose marks are
    `marks`; `dry` takes back whatever is done.
    """

    import_id: int
    source: Source
    known: Known
    seen: Seen
    full: bool = False
    allow_vanish: bool = False
    dry: bool = False
    block: int | None = None
    marks: Marks | None = None


@dataclass(frozen=True)
class Settled:
    """What a delivery did: the rows that waited, who vanished, links by kind, and a question that stands.

    `company` are the customers of its block who may share something with others outside it.
    """

    landed: Counts
    adopted: int
    vanished: int
    links: dict[str, int]
    question: NeedsAnswer | None = None
    company: tuple[int, ...] = ()


def settle(session: Session, delivery: Delivery, *, tell: Lines, adopt: Adopt) -> Settled:
    """Settle a delivery in the caller's transaction; `adopt` makes the block part of the bank.

    `tell` takes the lines about the vanished. Raises NeedsAnswer when too many would vanish; a dry run tells
    the question and goes on.
    """
    take_turn(session)
    with undoable(session, keep=not delivery.dry):
        vanished = find_vanished(session, delivery.known, delivery.seen) if delivery.full else []
        question = _ask(session, delivery, len(vanished))
        tell(list_vanished(session, vanished))
        crowd = list_crowd(session, vanished)
        landed = land_rows(session, delivery.import_id, delivery.source, bare=delivery.dry)
        adopted = adopt() if delivery.block is not None else 0
        take_out(session, vanished, bare=delivery.dry)
        if not delivery.dry:
            _assign_first(session)
        whom = np.concatenate([landed.touched, np.array(vanished, dtype=np.int64)])
        link_customers(session, whom, crowd=np.concatenate([landed.crowd, crowd]))
        company = _link_block(session, delivery)
        links = count_links(session, delivery.import_id)
        note_names(session, delivery.import_id)
    return Settled(landed.counts, adopted, len(vanished), links, question, tuple(company))


def _link_block(session: Session, delivery: Delivery) -> list[int]:
    """Link the rows of the block; who of them has company outside it."""
    if delivery.block is None or delivery.marks is None:
        return []
    low = delivery.block * BLOCK
    company = find_company(session, low, low + BLOCK)
    alike = (delivery.marks.find_alike(*KINDS) + low).tolist()
    link_customers(session, [*alike, *company])
    return company


def _assign_first(session: Session) -> None:
    """Where a plan is in force and nobody has been assigned yet, everybody is, now."""
    if fetch_one(session, "customers/find_current_run") is None:
        found = fetch_one(session, "customers/intake/find_ground_to_stand_on")
        if found is not None:
            assign_customers(session)


def _ask(session: Session, delivery: Delivery, vanished: int) -> NeedsAnswer | None:
    """The question of a dry run. Raises it in a real one."""
    if not vanished or delivery.allow_vanish:
        return None
    try:
        refuse_too_many(session, delivery.source, vanished)
    except NeedsAnswer as question:
        if not delivery.dry:
            raise
        return question
    return None
