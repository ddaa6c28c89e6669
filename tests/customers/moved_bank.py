"""Plans stored as they are drawn in letters, customers anywhere about them, and how all of it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.customers.drawn_bank import Who
from tests.ground import Ground, lay

PLAN = """
INSERT INTO plan (code, name, market_rule, precedence, frame) VALUES (:code, :code, :rule, :precedence,
    ST_Multi(ST_MakeEnvelope(121, 31, 122, 32, 4326))) RETURNING id"""
GRID = """
INSERT INTO grid (plan_id, code, name, kind, unit_codes, geom, anchor, area_m2)
VALUES (:plan, :code, :code, :kind, :units,
    ST_Multi(ST_GeomFromText(:shape, 4326)), ST_PointOnSurface(ST_GeomFromText(:shape, 4326)), 1)"""
STANDS = {
    "rows": "SELECT a.* FROM assignment_row a ORDER BY customer_id",
    "grids": "SELECT n.* FROM grid_count_row n ORDER BY grid_key",
    "villages": "SELECT n.* FROM village_count n ORDER BY unit_code",
    "run": """SELECT total, assigned, contested, outside, unlocated, by_method, unassigned
        FROM assignment_run WHERE current""",
}


def draw(
    session: Session,
    code: str,
    ground: Ground,
    *,
    kinds: Mapping[str, str] | None = None,
    units: Mapping[str, Sequence[str]] | None = None,
    rule: str = "overlay",
    precedence: Sequence[str] = (),
) -> int:
    """Store a plan whose grids are the letters; each holds the official place of its letter unless told."""
    told = {"code": code, "rule": rule, "precedence": list(precedence)}
    plan = int(session.execute(text(PLAN), told).scalar_one())
    for name in ground.names:
        row = {
            "plan": plan,
            "code": name,
            "kind": (kinds or {}).get(name, "village"),
            "shape": ground[name].wkt,
        }
        row["units"] = list((units or {}).get(name, [name]))
        session.execute(text(GRID), row)
    session.execute(text("INSERT INTO source_system VALUES ('core', '核心', 1) ON CONFLICT DO NOTHING"))
    return plan


def stands(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every byte of how customers stand and are counted."""
    return {name: [tuple(row) for row in session.execute(text(query))] for name, query in STANDS.items()}


def without_runs(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """The same, but for which run decided each row."""
    return {**found, "rows": [(row[0], *row[2:]) for row in found["rows"]]}


def people(rng: np.random.Generator, count: int, *, span: float = 6, first: int = 0) -> list[Who]:
    """Customers in, between, on the borders of and beside the drawn cells, with and without a point."""
    found = []
    for number in range(first, first + count):
        rung = int(rng.integers(0, 7))
        x, y = rng.uniform(-1.5, span + 1.5), rng.uniform(-1.5, span + 1.5)
        if number % 5 == 0:
            x = round(x)
        if number % 7 == 0:
            y = round(y)
        found.append(
            Who(
                f"k{number}",
                PLACE.point(y - 0.5, x - 0.5) if 1 <= rung <= 4 else None,
                rung,
                unit=str(rng.choice(list("ABCDEFZ"))) if rung == 5 or number % 3 == 0 else None,
                standing=str(rng.choice(["existing", "prospect"])),
                tier=str(rng.choice(["regular", "key", "strategic"])),
                household=f"H{number % 17}" if number % 4 else None,
                filed=bool(number % 2),
                visited=None,
            )
        )
    return found


PLACE = lay("A")


def letters(rng: np.random.Generator, *, size: int = 6) -> list[str]:
    """Rows of random letters in blocks, with gaps."""
    cells = np.repeat(np.repeat(rng.choice(list("ABCDEF."), (size // 2, size // 2)), 2, axis=0), 2, axis=1)
    return ["".join(row) for row in cells]


def edit(rng: np.random.Generator, rows: Sequence[str]) -> list[str]:
    """The drawing with four to seven cells given to another letter, to a new one or to nobody."""
    cells = np.array([list(row) for row in rows])
    for _ in range(int(rng.integers(4, 8))):
        row, column = rng.integers(0, len(rows), 2)
        cells[row, column] = rng.choice([name for name in "ABCDEFGH." if name != cells[row, column]])
    return ["".join(row) for row in cells]
