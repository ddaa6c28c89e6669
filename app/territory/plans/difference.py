"""What is different between two plans: grids new, gone and changed, with the ground that changed hands."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import shapely
from sqlalchemy.orm import Session

from app.models import Plan
from app.spatial.crs import area_m2
from app.territory.plans.listing import GridSet, load_grids

LEAST_M2 = 1.0
"""Ground below this is rounding, not change."""
FACTS = ("name", "kind", "branch_code", "manager")


@dataclass(frozen=True, slots=True)
class GridChange:
    """One grid that differs: `gained_m2` and `lost_m2` of ground, `facts` as {fact: [before, after]}."""

    code: str
    name: str
    change: Literal["new", "gone", "changed"]
    gained_m2: float
    lost_m2: float
    facts: dict[str, list[Any]]

    def as_json(self) -> dict[str, Any]:
        """The change as JSON-ready values."""
        return asdict(self)


def diff(session: Session, before: Plan, after: Plan) -> list[GridChange]:
    """The grids that differ between two plans, matched by code and sorted by it; areas in m2."""
    old, new = load_grids(session, before), load_grids(session, after)
    rows_old = {code: row for row, code in enumerate(old.column("code"))}
    rows_new = {code: row for row, code in enumerate(new.column("code"))}
    changes = [_lone(old, rows_old[code], "gone") for code in rows_old.keys() - rows_new.keys()]
    changes += [_lone(new, rows_new[code], "new") for code in rows_new.keys() - rows_old.keys()]
    both = sorted(rows_old.keys() & rows_new.keys())
    changes += _changed(old, [rows_old[c] for c in both], new, [rows_new[c] for c in both])
    return sorted(changes, key=lambda change: change.code)


def _lone(grids: GridSet, row: int, change: Literal["new", "gone"]) -> GridChange:
    facts = grids.rows[row]
    area = float(facts["area_m2"])
    gained, lost = (area, 0.0) if change == "new" else (0.0, area)
    return GridChange(facts["code"], facts["name"], change, gained, lost, {})


def _changed(old: GridSet, rows_old: list[int], new: GridSet, rows_new: list[int]) -> list[GridChange]:
    before, after = old.shapes[rows_old], new.shapes[rows_new]
    moved = np.flatnonzero(~shapely.equals_exact(before, after, tolerance=0, normalize=True))
    gained, lost = np.zeros(len(before)), np.zeros(len(before))
    gained[moved] = area_m2(shapely.difference(after[moved], before[moved]))
    lost[moved] = area_m2(shapely.difference(before[moved], after[moved]))
    changes = []
    for row, (a, b) in enumerate(zip(rows_old, rows_new, strict=True)):
        facts = _facts(old.rows[a], new.rows[b])
        plus, minus = float(gained[row]), float(lost[row])
        if facts or plus + minus >= LEAST_M2:
            changes.append(
                GridChange(new.rows[b]["code"], new.rows[b]["name"], "changed", plus, minus, facts)
            )
    return changes


def _facts(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    return {fact: [old[fact], new[fact]] for fact in FACTS if old[fact] != new[fact]}
