"""The five indicators read: of bank, branches, managers or grids, with change and trend."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person
from app.clock import today
from app.db import fetch_all
from app.errors import BadInput
from app.marketing.indicators.kinds import INDICATORS

LEVELS = ("bank", "branch", "manager", "grid")
TREND_MONTHS = 12
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Codes of a branch and a manager; `own` is the staff id of a manager, who is told of his own grids."""

    branch: str | None = None
    manager: str | None = None
    own: int | None = None

    def params(self) -> Row:
        """What a statement is asked with."""
        return {"branch": self.branch, "manager": self.manager, "own": self.own}


def scope_of(person: Person, branch: str | None = None, manager: str | None = None) -> Scope:
    """What a person asks for; a manager is told of the grids he answers for."""
    return Scope(branch, manager, (person.staff_id or 0) if person.role == "manager" else None)


def this_month() -> date:
    """The first day of the bank's month."""
    return today().replace(day=1)


def step_back(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def list_rows(session: Session, month: date, scope: Scope) -> list[Row]:
    """One row a grid in sight: live for this month, as frozen for a closed one, none for any other."""
    if month == this_month():
        return fetch_all(session, "marketing/indicators/count_now", **scope.params())
    return fetch_all(session, "marketing/indicators/list_closed", month=month, **scope.params())


def list_indicators(session: Session, level: str, month: date, scope: Scope) -> Row:
    """{month, level, closed, rows, total}: each row code, name, grids and the indicators by key.

    An indicator is {n, of, rate, change}: rate is n ÷ of, change in points of a percent against the month
    before; all None where history is missing. Grids of unknown halves count in neither. What a month gathers
    has no change while it runs: part of a month is not held against a whole one. BadInput `bad_level`.
    """
    if level not in LEVELS:
        raise BadInput("bad_level", zh=f"级别应为 {'、'.join(LEVELS)}", en=f"level is one of {LEVELS}")
    rows = list_rows(session, month, scope)
    before = list_rows(session, step_back(month), scope)
    past, now = _group(before, level), _group(rows, level)
    running = month == this_month()
    return {
        "month": f"{month:%Y-%m}",
        "level": level,
        "closed": not running,
        "rows": [
            {
                **_name(members[0], level),
                "grids": len(members),
                **_tell(members, past.get(key, []), running=running),
            }
            for key, members in sorted(now.items())
        ],
        "total": {"grids": len(rows), **_tell(rows, before, running=running)},
    }


def _group(rows: Iterable[Row], level: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault("" if level == "bank" else row[f"{level}_code"] or "", []).append(row)
    return groups


def _name(row: Row, level: str) -> Row:
    if level == "bank":
        return {"code": "", "name": ""}
    told = {"code": row[f"{level}_code"] or "", "name": row[f"{level}_name"] or ""}
    if level != "branch":
        told |= {"branch_code": row["branch_code"] or "", "branch_name": row["branch_name"] or ""}
    if level == "grid":
        told |= {"grid_id": row.get("grid_id"), "manager_name": row["manager_name"] or ""}
    return told


def _tell(rows: Iterable[Row], before: Iterable[Row], *, running: bool) -> Row:
    now, past = measure(add_up(rows)), measure(add_up(before))
    for one in INDICATORS:
        figure, was = now[one.key], past[one.key]["rate"]
        fair = figure["rate"] is not None and was is not None and not (running and one.gathers)
        figure["change"] = round(100 * (figure["rate"] - was), 2) if fair else None
    return {**now, "net_new": _sum_net(rows)}


def _sum_net(rows: Iterable[Row]) -> int | None:
    """Net new customers of the month (row A23), over grids whose count of the month's beginning is known."""
    known = [r["existing"] - r["existing_before"] for r in rows if r["existing_before"] is not None]
    return sum(known) if known else None


def add_up(rows: Iterable[Row]) -> dict[str, tuple[int, int] | None]:
    """Numerator and denominator of each indicator over rows; None where no row knows both."""
    sums: dict[str, tuple[int, int] | None] = {}
    held = list(rows)
    for one in INDICATORS:
        pairs = [(r[one.part], r[one.whole]) for r in held if None not in (r[one.part], r[one.whole])]
        sums[one.key] = (sum(p for p, _ in pairs), sum(w for _, w in pairs)) if pairs else None
    return sums


def measure(sums: Mapping[str, tuple[int, int] | None]) -> dict[str, Row]:
    """n, of and rate of each indicator; the rate is None without a denominator."""
    told: dict[str, Row] = {}
    for key, pair in sums.items():
        if pair is None:
            told[key] = {"n": None, "of": None, "rate": None}
        else:
            told[key] = {
                "n": pair[0],
                "of": pair[1],
                "rate": round(pair[0] / pair[1], 6) if pair[1] else None,
            }
    return told


def list_trend(session: Session, scope: Scope) -> list[Row]:
    """The last twelve months that could be closed, oldest first: {month, closed_at, indicators by key}.

    A month that was not closed is there with nothing known.
    """
    months = [step_back(this_month())]
    while len(months) < TREND_MONTHS:
        months.append(step_back(months[-1]))
    found = fetch_all(session, "marketing/indicators/sum_months", since=months[-1], **scope.params())
    by_month = {row["month"]: row for row in found}
    return [
        {
            "month": f"{month:%Y-%m}",
            "closed_at": by_month[month]["closed_at"] if month in by_month else None,
            **measure(add_up([by_month[month]] if month in by_month else [])),
        }
        for month in reversed(months)
    ]
