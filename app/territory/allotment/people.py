"""Who may take a grid on a day: of the right kind, in service, not on leave, of the branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person
from app.db import fetch_all
from app.models import Staff
from app.territory.allotment.states import KINDS_OF_ROLE


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be: a stable code, one sentence in Chinese and English, and its facts."""

    code: str
    zh: str
    en: str
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The reason as JSON-ready values."""
        return {"code": self.code, "zh": self.zh, "en": self.en, **self.facts}


def find_unfit(session: Session, person: Staff, role: str, day: date) -> Reason | None:
    """Why a person cannot take a role from a day on, None when he can."""
    who = {"staff": person.code, "name": person.name}
    if person.kind not in KINDS_OF_ROLE[role]:
        return Reason(
            "wrong_kind",
            f"{person.name}（{person.code}）的岗位不能担任此责任",
            f"{person.name} ({person.code}) is {person.kind}, who cannot be {role}",
            {**who, "kind": person.kind, "accepted": list(KINDS_OF_ROLE[role])},
        )
    if not person.active:
        return Reason(
            "person_inactive", f"{person.name} 已不在岗", f"{person.name} is no longer in service", who
        )
    for away in list_absences(session, [person.id], day, None):
        if away["kind"] == "departure":
            return Reason(
                "person_leaving",
                f"{person.name} 自 {away['begins']} 起离岗",
                f"{person.name} leaves on {away['begins']}",
                {**who, "from": away["begins"]},
            )
        if away["begins"] <= day:
            return Reason(
                "person_on_leave",
                f"{person.name} 在 {away['begins']} 至 {away['ends']} 休假",
                f"{person.name} is on leave from {away['begins']} to {away['ends']}",
                {**who, "from": away["begins"], "to": away["ends"]},
            )
    return None


def list_absences(
    session: Session, staff_ids: Sequence[int], begins: date, ends: date | None
) -> list[dict[str, Any]]:
    """Applied leaves and departures that meet [begins, ends): id, staff_id, kind, begins, ends (day back)."""
    return fetch_all(session, "territory/list_absences", staff_ids=list(staff_ids), begins=begins, ends=ends)


def list_house(session: Session, branch_id: int) -> list[int]:
    """A branch and all that are below it, as ids."""
    return [row["id"] for row in fetch_all(session, "territory/list_house", branch_id=branch_id)]


def list_own_branches(session: Session, by: Person | None) -> list[int] | None:
    """The branches for which somebody may act: None is all (head office, and the house's own console)."""
    if by is None or by.role == "head":
        return None
    if by.role == "branch_head" and by.branch_id is not None:
        return list_house(session, by.branch_id)
    return []
