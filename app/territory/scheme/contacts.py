"""Contact branches (row A10): who at head office looks after which branch, on any date."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.clock import today
from app.db import as_worker, fetch_all
from app.errors import BadInput, Conflict, NotFound
from app.models import BranchContact, Staff
from app.territory.organisation import find_branch, find_staff, store_rows
from app.territory.plans.duties import read_day
from app.territory.tables import Row, RowError, TableReport, read_table


def list_contacts(session: Session, *, on: date | None = None) -> list[dict[str, Any]]:
    """Every branch with whoever at head office looks after it on a date (today), or nobody.

    The names of these people are nobody's secret within the bank, so that a branch sees its own as well.
    """
    with as_worker(session):
        return fetch_all(session, "territory/scheme/list_contacts", on=on or today())


def set_contact(
    session: Session, branch_code: str, staff_code: str | None, *, valid_from: date | None = None
) -> None:
    """Pair a branch with a person of head office's departments from a day on; None ends the pairing.

    Who looked after it before stays readable for the days before. Raises NotFound, BadInput
    `not_a_department` for somebody who is no department's, Conflict `later_contact` when a pairing stands
    that begins on that day or later.
    """
    begins = valid_from or today()
    branch = find_branch(session, branch_code)
    person = find_staff(session, staff_code) if staff_code is not None else None
    if person is not None and person.kind != "department":
        raise BadInput(
            "not_a_department",
            zh=f"{person.name}（{person.code}）不是总行部门人员",
            en=f"{person.name} ({person.code}) is not of a head-office department",
        )
    with as_worker(session):
        _pair(session, branch.id, person, begins)


def _pair(session: Session, branch_id: int, person: Staff | None, begins: date) -> None:
    standing = session.scalars(
        select(BranchContact).where(
            BranchContact.branch_id == branch_id, BranchContact.valid.overlaps(Range(begins, None))
        )
    ).all()
    for one in standing:
        lower = one.valid.lower
        if lower is None or lower > begins:
            raise Conflict(
                "later_contact",
                zh=f"该支行从 {lower} 起已另有联系人，请选更晚的日期",
                en=f"another pairing of this branch begins on {lower}; choose a later day",
            )
        if person is not None and one.staff_id == person.id and one.valid.upper is None:
            return
        if lower == begins:
            session.delete(one)
        else:
            one.valid = Range(lower, begins)
    session.flush()
    if person is not None:
        session.add(BranchContact(branch_id=branch_id, staff_id=person.id, valid=Range(begins, None)))
        session.flush()


def import_contacts(session: Session, path: Path) -> TableReport:
    """Load the bank's table of contact branches: 机构号, 工号, 开始日期 (today where it is empty).

    Loading twice changes nothing; a line that names an unknown branch or person is left out and listed.
    """
    table = read_table(
        path, ("branch_code", "staff_code", "valid_from"), required=("branch_code", "staff_code")
    )

    def store(row: Row) -> None:
        branch, person = row.read("branch_code"), row.read("staff_code")
        if branch is None or person is None:
            raise RowError("empty_cell", zh="机构号或工号为空", en="the branch or the person is empty")
        try:
            set_contact(session, branch, person, valid_from=read_day(row.read("valid_from")))
        except (BadInput, Conflict, NotFound) as wrong:
            raise RowError(wrong.code, zh=wrong.zh, en=wrong.en) from wrong

    return store_rows(table, store)
