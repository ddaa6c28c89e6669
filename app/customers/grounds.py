"""The rules of assignment 归格: a plan's grids as an index, and which of them holds a customer, or why none.

Order of rules: point inside one grid, or inside several of which the plan's market rule says which one
keeps the ground → contested (two grids; the kind that stands first wins, flagged) → within the edge
tolerance of the nearest grid (its width from the placement rung) → by unit (sure of the village, no point)
→ outside or unlocated with a reason. The whole run, a nightly load, a decision by hand and a moved border
all ask here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.customers.outcome import (
    CONTESTED,
    EDGE,
    INSIDE,
    OUTSIDE,
    REASONS,
    UNIT,
    UNLOCATED,
    Outcome,
)
from app.customers.placing import EDGE_M
from app.db import fetch_all, fetch_one
from app.errors import Conflict, NotFound
from app.spatial.index_file import open_locator
from app.spatial.locate import Locator
from app.territory.plans.precedence import complete_precedence, settles

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """The grids of one plan, ready to be asked: ids in order of precedence, their index, their units.

    `kind` numbers the kind of each grid; `settled[a, b]` says whether the plan's market rule decides between
    two kinds, so that ground under both is no dispute; `rules` are that rule and the order of kinds.
    """

    plan_id: int
    plan_code: str
    ground_version: int
    grid_ids: Ints
    grid_keys: Ints
    locator: Locator
    units: dict[int, int]
    divided: frozenset[int]
    kind: NDArray[np.intp]
    settled: NDArray[np.bool_]
    rules: tuple[str, tuple[str, ...]] = ("", ())


def read_ground(session: Session, *, plan_code: str | None = None) -> Ground:
    """The grids of the plan in force today, or of a named plan. Raises Conflict, or NotFound for a name."""
    plan = fetch_one(session, "customers/find_plan", code=plan_code)
    if plan is None and plan_code is not None:
        raise NotFound(
            "no_plan",
            zh=f"没有编号为“{plan_code[:40]}”的规划，请用 getu plan list 查看",
            en=f"there is no plan {plan_code[:40]!r}; getu plan list shows them",
        )
    if plan is None:
        raise Conflict(
            "no_plan", zh="还没有生效的网格规划，不能归格", en="no plan is in force, nothing to assign to"
        )
    rows = fetch_all(session, "customers/read_grids", plan_id=plan["id"])
    return lay_ground(plan, rows, home=session.info.get("home"))


def lay_ground(plan: dict[str, Any], rows: Sequence[dict[str, Any]], *, home: Path | None = None) -> Ground:
    """A ground of these grids of a plan (rows of `customers/read_grids`), in order of precedence.

    Its index is kept under the home, where there is one.
    """
    order = complete_precedence(plan["precedence"])
    rank = {kind: place for place, kind in enumerate(order)}
    rows = sorted(rows, key=lambda row: (rank.get(row["kind"], len(rank)), row["code"]))
    units: dict[int, int] = {}
    divided: set[int] = set()
    for position, row in enumerate(rows):
        for unit in row["unit_keys"] or ():
            (divided.add(unit) if unit in units else units.__setitem__(unit, position))
    return Ground(
        plan_id=plan["id"],
        plan_code=plan["code"],
        ground_version=plan["ground_version"],
        grid_ids=np.array([row["id"] for row in rows], dtype=np.int64),
        grid_keys=np.array([row["key_id"] for row in rows], dtype=np.int64),
        locator=open_locator([bytes(row["wkb"]) for row in rows], home),
        units=units,
        divided=frozenset(divided),
        kind=np.array([rank.get(row["kind"], len(rank)) for row in rows], dtype=np.intp),
        settled=np.array(
            [[settles(plan["market_rule"], a, b) for b in (*order, "")] for a in (*order, "")], dtype=bool
        ),
        rules=(plan["market_rule"], tuple(order)),
    )


def locate_customers(ground: Ground, x: NDArray[Any], y: NDArray[Any], rung: NDArray[Any]) -> Outcome:
    """The rules for customers with a point: lon/lat (n,), placement rungs (n,)."""
    grid = ground.locator.locate(x, y).astype(np.int32)
    method = np.full(len(grid), INSIDE, dtype=np.int8)
    inside = np.flatnonzero(grid >= 0)
    second = ground.locator.second(x[inside], y[inside])
    both = np.flatnonzero(second >= 0)
    disputed = ~ground.settled[ground.kind[grid[inside[both]]], ground.kind[second[both]]]
    method[inside[both[disputed]]] = CONTESTED
    for step, width_m in EDGE_M.items():
        near = np.flatnonzero((grid < 0) & (rung == step))
        if len(near):
            found, _ = ground.locator.nearest(x[near], y[near], width_m)
            grid[near] = found
            method[near[found >= 0]] = EDGE
    lost = grid < 0
    method[lost] = OUTSIDE
    return Outcome(grid, method, lost.astype(np.int8) * REASONS.index("outside_every_grid"))


def place_by_unit(ground: Ground, unit: Ints, rung: NDArray[Any]) -> Outcome:
    """The rules for customers without a point: unit keys (n,), 0 for none, and rungs (n,)."""
    keys, back = np.unique(unit, return_inverse=True)
    position = np.array(
        [-1 if k in ground.divided else ground.units.get(int(k), -1) for k in keys], dtype=np.int32
    )
    grid = position[back] if len(keys) else np.empty(0, dtype=np.int32)
    divided = np.isin(unit, np.array(sorted(ground.divided), dtype=np.int64))
    reason = np.select(
        [grid >= 0, divided, unit != 0, rung == 6],
        [0, REASONS.index("unit_divided"), REASONS.index("unit_without_grid"), REASONS.index("town_only")],
        REASONS.index("no_place"),
    ).astype(np.int8)
    method = np.where(grid >= 0, UNIT, UNLOCATED).astype(np.int8)
    return Outcome(grid, method, reason)
