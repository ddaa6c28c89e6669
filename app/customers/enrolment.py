"""Enrolment 入格: who of the bank's customers and of the register stands in a grid, and why others do not.

All figures are the viewer's own: whoever sees a branch sees its grids, and only head office sees customers
of no grid. Every rate stands beside what it is a part of.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all

LEVELS = ("village", "town", "branch")
COUNTED = ("customers", "enrolled", "existing", "existing_enrolled", "residents_enrolled")
ROSTER = ("households", "persons", "in_grid", "pointed")
Row = Mapping[str, Any]


def count_enrolment(session: Session, level: str) -> dict[str, Any]:
    """Rows by village, town or branch, their sum, and the pool of no grid by reason with its work list.

    Of each: customers, of them enrolled (with a grid) and the rate; the same for existing ones; persons in a
    grid beside the `residents` that the register of villages counts. A row without code holds those whose
    village, town or branch nobody knows.
    """
    rows = [_rate(row) for row in fetch_all(session, "customers/list_enrolment", level=level)]
    return {"level": level, "rows": rows, "total": _sum(rows), "pool": _count_pool(session)}


def _rate(row: Row) -> dict[str, Any]:
    residents = None if row["residents"] is None else int(row["residents"])
    households = None if row["households"] is None else int(row["households"])
    counts = {key: int(row[key]) for key in COUNTED}
    return {
        "code": row["code"],
        "name": row["name"],
        "households": households,
        "residents": residents,
        **counts,
        "rate": share(counts["enrolled"], counts["customers"]),
        "existing_rate": share(counts["existing_enrolled"], counts["existing"]),
        "residents_rate": share(counts["residents_enrolled"], residents),
    }


def _sum(rows: Sequence[Row]) -> dict[str, Any]:
    ground = {key: sum(row[key] or 0 for row in rows) for key in ("households", "residents")}
    counts = {key: sum(row[key] for row in rows) for key in COUNTED}
    return _rate({"code": None, "name": None, **ground, **counts})


def share(part: int, whole: int | None) -> float | None:
    """A share to four places, None where there is nothing to be a share of."""
    return round(part / whole, 4) if whole else None


def _count_pool(session: Session) -> dict[str, Any]:
    """Customers of no grid by reason. A reason that is a question leads to its list on the placement desk."""
    reasons: dict[str, dict[str, Any]] = {}
    for row in fetch_all(session, "customers/count_pool"):
        found = reasons.setdefault(row["reason"], {"reason": row["reason"], "customers": 0, "asked": 0})
        found["customers"] += int(row["customers"])
        found["asked"] += int(row["customers"]) if row["asked"] else 0
    listed = [
        reason | {"link": f"/placement#kind={name}" if reason["asked"] else "/placement"}
        for name, reason in reasons.items()
    ]
    return {"customers": sum(reason["customers"] for reason in listed), "reasons": listed}


def count_roster(session: Session, level: str) -> dict[str, Any]:
    """The register (customers with a household number) by village or natural village, and how much is placed.

    `persons` are placed where they have a grid (`in_grid`) or a point of their own (`pointed`, rung 1 to 3).
    By natural village every one of the viewer's ground has its row; `unknown` are persons whose village is
    known and whose natural village is not.
    """
    villages = fetch_all(session, "customers/list_roster")
    known = sum(row["hamlet_known"] for row in villages)
    persons = sum(row["persons"] for row in villages)
    found = villages if level == "village" else fetch_all(session, "customers/list_hamlet_roster")
    rows = [_tell_roster(row) for row in found]
    told = {"level": level, "rows": rows, "total": {key: sum(row[key] for row in rows) for key in ROSTER}}
    return told if level == "village" else told | {"unknown": persons - known, "of": persons}


def _tell_roster(row: Row) -> dict[str, Any]:
    hidden = ("hamlet_known",)
    told = {key: value for key, value in row.items() if key not in hidden}
    return told | {
        "in_grid_rate": share(row["in_grid"], row["persons"]),
        "pointed_rate": share(row["pointed"], row["persons"]),
    }
