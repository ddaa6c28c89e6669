"""Who takes over when somebody is away: his backup, else a neighbour of the same branch with least to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.models import Staff
from app.spatial.topology import neighbours
from app.territory.shapes import from_wkb

Row = dict[str, Any]
WHYS: dict[str, tuple[str, str]] = {
    "chosen": ("人工指定", "chosen by hand"),
    "backup": ("协办人接替", "the backup takes over"),
    "neighbour": (
        "相邻网格的同支行经理，客户最少",
        "a neighbour of the same branch, with the fewest customers",
    ),
    "same_branch": ("同支行客户最少的经理", "the manager of the branch with the fewest customers"),
    "vacant": ("选择空缺", "left vacant by choice"),
    "nobody": ("没有可接替的人", "there is nobody who could take it"),
    "ended": ("责任终止", "this duty ends"),
}


@dataclass
class _Desk:
    """What is known while grids of one plan are given away: who holds what, and with how many customers."""

    touching: dict[int, set[int]]
    holder: dict[int, int | None]
    backup: dict[int, int | None]
    people: dict[int, Row]
    branch_of: dict[int, int | None]
    weight: dict[int, int]
    load: dict[int, int] = field(default_factory=dict)

    def give(self, grid_id: int, staff_id: int) -> None:
        """A grid goes to a person: his load grows, and what touches it touches his ground now."""
        self.holder[grid_id] = staff_id
        self.load[staff_id] = self.load.get(staff_id, 0) + self.weight.get(grid_id, 0)

    def list_fit(self, grid_id: int) -> list[int]:
        """The managers of the grid's own branch."""
        branch = self.branch_of.get(grid_id)
        return [
            s for s, row in self.people.items() if row["kind"] == "manager" and row["branch_id"] == branch
        ]

    def list_neighbours(self, grid_id: int) -> list[int]:
        """Those of them whose ground touches the grid."""
        around = {self.holder.get(other) for other in self.touching.get(grid_id, ())}
        return [staff_id for staff_id in self.list_fit(grid_id) if staff_id in around]

    def lightest(self, people: Sequence[int]) -> int:
        """Who of them has the fewest customers; of equals the first by number."""
        return min(people, key=lambda s: (self.load.get(s, 0), self.people[s]["code"]))


def propose_holders(
    session: Session, leaver: Staff, lines: Sequence[Row], weights: Mapping[str, int]
) -> list[Row]:
    """A proposal for every primary duty in `lines` (`list_held` rows): to_id, why, candidates, in order.

    `weights` are customers by grid code. The backup comes first; then, again and again, the grid and the
    neighbour of the same branch with the fewest customers, so that ground stays in one piece where it can.
    """
    told: dict[str, tuple[int | None, str]] = {}
    answered: list[Row] = []
    for plan_id in dict.fromkeys(line["plan_id"] for line in lines):
        mine = [line for line in lines if line["plan_id"] == plan_id]
        desk = _open_desk(session, leaver, mine, weights)
        for line in mine:
            if line["grid_code"] in told and told[line["grid_code"]][0] in desk.people:
                desk.give(line["grid_id"], told[line["grid_code"]][0] or 0)
        pending = [line for line in mine if line["grid_code"] not in told]
        told |= _give_away(desk, pending)
        answered += [
            {**line, "to_id": told[line["grid_code"]][0], "why": told[line["grid_code"]][1],
             "candidates": _list_candidates(desk, line["grid_id"])}
            for line in mine
        ]  # fmt: skip
    return answered


def _open_desk(session: Session, leaver: Staff, lines: Sequence[Row], weights: Mapping[str, int]) -> _Desk:
    begins = min(line["begins"] for line in lines)
    ends = None if any(line["ends"] is None for line in lines) else max(line["ends"] for line in lines)
    branches = sorted({line["branch_id"] for line in lines} - {None} | {leaver.branch_id})
    ground = fetch_all(
        session,
        "territory/list_branch_ground",
        plan_id=lines[0]["plan_id"],
        branch_ids=branches,
        on=begins,
    )
    backups = sorted({row["backup_id"] for row in ground} - {None})
    people = _find_people(session, leaver, branches, backups, begins=begins, ends=ends)
    touching: dict[int, set[int]] = {}
    for a, b in neighbours(from_wkb(row["wkb"] for row in ground)) if len(ground) > 1 else ():
        touching.setdefault(ground[a]["id"], set()).add(ground[b]["id"])
        touching.setdefault(ground[b]["id"], set()).add(ground[a]["id"])
    desk = _Desk(
        touching,
        {row["id"]: row["primary_id"] for row in ground},
        {row["id"]: row["backup_id"] for row in ground},
        people,
        {row["id"]: row["branch_id"] for row in ground},
        {row["id"]: weights.get(row["code"], 0) for row in ground},
    )
    for row in ground:
        if row["primary_id"] in people:
            desk.load[row["primary_id"]] = desk.load.get(row["primary_id"], 0) + desk.weight[row["id"]]
    return desk


def _find_people(
    session: Session,
    leaver: Staff,
    branches: Sequence[int],
    others: Sequence[int],
    *,
    begins: date,
    ends: date | None,
) -> dict[int, Row]:
    rows = fetch_all(
        session,
        "territory/list_candidates",
        branch_ids=list(branches),
        staff_ids=list(others),
        begins=begins,
        ends=ends,
    )
    return {row["id"]: row for row in rows if row["id"] != leaver.id}


def _give_away(desk: _Desk, lines: Sequence[Row]) -> dict[str, tuple[int | None, str]]:
    """Every grid's new holder and why."""
    told: dict[str, tuple[int | None, str]] = {}
    pending = {line["grid_id"]: line["grid_code"] for line in lines}
    for grid_id in list(pending):
        backup = desk.backup.get(grid_id)
        if backup is not None and backup in desk.people:
            told[pending.pop(grid_id)] = (backup, "backup")
            desk.give(grid_id, backup)
    while near := {grid_id: found for grid_id in pending if (found := desk.list_neighbours(grid_id))}:
        best = {grid_id: desk.lightest(found) for grid_id, found in near.items()}
        grid_id = min(best, key=lambda one: (desk.load.get(best[one], 0), pending[one]))
        told[pending.pop(grid_id)] = (best[grid_id], "neighbour")
        desk.give(grid_id, best[grid_id])
    for grid_id, code in pending.items():
        if not (fit := desk.list_fit(grid_id)):
            told[code] = (None, "nobody")
            continue
        told[code] = (desk.lightest(fit), "same_branch")
        desk.give(grid_id, desk.lightest(fit))
    return told


def _list_candidates(desk: _Desk, grid_id: int) -> list[Row]:
    """Who else could take a grid: the backup, the neighbours, then the rest of the branch, lightest first."""
    ranks: dict[int, str] = {}
    backup = desk.backup.get(grid_id)
    if backup is not None and backup in desk.people:
        ranks[backup] = "backup"
    for why, found in (("neighbour", desk.list_neighbours(grid_id)), ("same_branch", desk.list_fit(grid_id))):
        for staff_id in sorted(found, key=lambda s: (desk.load.get(s, 0), desk.people[s]["code"])):
            ranks.setdefault(staff_id, why)
    return [
        {
            "code": desk.people[staff_id]["code"],
            "name": desk.people[staff_id]["name"],
            "why": why,
            "customers": desk.load.get(staff_id, 0),
        }
        for staff_id, why in ranks.items()
    ]
