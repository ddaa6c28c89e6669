"""The roll-up with its customers: ground of a level from territory, people of its grids from customers."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.customers import coverage
from app.territory.rollup import find_level, list_rollup

_NOBODY = {"grids": 0, "existing": 0, "prospects": 0, "covered_households": 0}
_NO_GROUND = {
    "units": 0,
    "villages": 0,
    "communities": 0,
    "streets": 0,
    "area_km2": 0.0,
    "households": 0,
    "residents": 0,
}


def roll_up(session: Session, level: str, *, on: date | None = None) -> dict[str, Any]:
    """A row for each place of a level (province, city, county, town, village) and the total of all rows.

    Ground is everybody's; grids and customers are those in the viewer's sight, of the plan in force today. A
    market's grid has no village of its own: at village level it stands in a row of its own, without ground.
    Customers of no grid are in no row. Raises BadInput `unknown_level`.
    """
    chosen = find_level(level)
    people = {row["code"]: row for row in coverage.count_rollup(session, chosen.digits)}
    rows = []
    ground = list_rollup(session, level, on=on)
    for row in ground:
        figures = {key: getattr(row, key) for key in _NO_GROUND if key != "area_km2"}
        here = {**figures, "area_km2": round(row.area_m2 / 1e6, 6)}
        rows.append({"code": row.code, "name": row.name, **here, **_count(people.pop(row.code, {}))})
    for code, left in people.items():
        name = left["grid_name"] if level == "village" else None
        rows.append({"code": code, "name": name, **_NO_GROUND, **_count(left)})
    total = {key: sum(row[key] for row in rows) for key in (*_NO_GROUND, *_NOBODY)}
    # Summed before rounding, so that five levels give one figure.
    total["area_km2"] = round(sum(row.area_m2 for row in ground) / 1e6, 4)
    return {"level": chosen.key, "zh": chosen.zh, "en": chosen.en, "rows": rows, "total": total}


def _count(row: Any) -> dict[str, int]:
    return {key: int(row.get(key, nothing)) for key, nothing in _NOBODY.items()}
