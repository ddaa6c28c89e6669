"""The ground of a branch in a plan, kept in memory: whose grid is a point, how far is the branch's border.

A plan's grids are kept by plan and version of its ground, a branch's ground by a mark of the very list of
grids that the database makes at each question: a plan published, a grid given to another branch, a branch put
under another, all are another key. Nothing has to be told to forget.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db import fetch_all, fetch_value
from app.spatial.border import Border
from app.spatial.index_file import open_locator
from app.spatial.locate import Locator
from app.spatial.topology.measures import lay_flat
from app.territory.plans.precedence import complete_precedence, settles

PLANS_KEPT, BRANCHES_KEPT = 3, 256
# What is narrower is an error of drawing, no ground: a hole between two grids, a strip of a village.
LEAST_WIDTH_M = 1.0
UnitLies = Literal["inside", "outside", "divided", "unknown"]
Row = dict[str, Any]


@dataclass(frozen=True)
class PlanGround:
    """The grids of one plan in order of precedence; `rows[i]` are the facts of the locator's polygon i."""

    plan_id: int
    version: int
    rows: list[Row]
    locator: Locator
    tree: shapely.STRtree
    frame: BaseGeometry
    units: dict[str, tuple[int, ...]]
    settled: NDArray[np.bool_]
    kind: NDArray[np.intp]
    place: dict[int, int]


@dataclass(frozen=True)
class BranchGround:
    """A branch's ground in a plan: which grids are its own, all their ground, and its border.

    `sure` leaves out what other branches' grids hold as well, or hold in its stead.
    """

    plan: PlanGround
    own: NDArray[np.bool_]
    sure: BaseGeometry
    border: Border
    unit_lies: dict[str, UnitLies] = field(default_factory=dict)

    def contested(self, lon: float, lat: float, row: int) -> bool:
        """Whether this branch's and another's grids hold a point, and no rule says whose it is."""
        point = shapely.Point(lon, lat)
        others = self.plan.tree.query(point, predicate="within")
        open_ = [
            o for o in others if o != row and not self.plan.settled[self.plan.kind[row], self.plan.kind[o]]
        ]
        return any(self.own[o] != self.own[row] for o in open_)


Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """The newest few of what is costly to make; one is made while the others wait."""

    def __init__(self, room: int) -> None:
        self._room, self._lock = room, threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def find(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What is kept under a key, made now when it is not there."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
            return self._kept[key]

    def peek(self, key: Hashable) -> Kept | None:
        """What is kept under a key, never waiting for another that is being made."""
        kept = self._kept.get(key)
        if kept is not None and self._lock.acquire(blocking=False):
            with suppress(KeyError):
                self._kept.move_to_end(key)
            self._lock.release()
        return kept

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


_plans: Shelf[PlanGround] = Shelf(PLANS_KEPT)
_branches: Shelf[BranchGround] = Shelf(BRANCHES_KEPT)


def find_branch_ground(session: Session, asked: Row) -> BranchGround:
    """The ground of the branch and plan of a row of `find_ground.sql`, in the worker's hand.

    `asked["own"]` names the branch's grids as they are now, `own_mark` is short for them.
    """
    key = _key_of(session.get_bind().engine, asked)

    def make_plan() -> PlanGround:
        return read_plan_ground(session, asked)

    def make_branch() -> BranchGround:
        return _cut_out(_plans.find(key, make_plan), [int(i) for i in asked["own"].split(",")])

    return _branches.find((*key, asked["own_mark"]), make_branch)


def peek_branch_ground(engine: Engine, asked: Row) -> BranchGround | None:
    """The ground of a row of `find_facts.sql` in an engine's database, if it is in memory."""
    return _branches.peek((*_key_of(engine, asked), asked["own_mark"]))


def _key_of(engine: Engine, asked: Row) -> tuple[Hashable, ...]:
    return _name_database(engine), asked["plan_id"], asked["ground_version"]


@lru_cache(maxsize=16)
def _name_database(engine: Engine) -> str:
    return engine.url.render_as_string()


def forget_grounds() -> None:
    """Forget what is kept: for measurements of the first answer."""
    _branches.clear()
    _plans.clear()


def read_plan_ground(session: Session, asked: Row) -> PlanGround:
    """The grids of a plan, ready to be asked; the kind that stands first in its precedence comes first."""
    order = complete_precedence(asked["precedence"] or ())
    rank = {kind: place for place, kind in enumerate(order)}
    rows = fetch_all(session, "customers/lending/read_plan_ground", plan_id=asked["plan_id"])
    rows.sort(key=lambda row: (rank.get(row["kind"], len(rank)), row["code"]))
    shapes = shapely.from_wkb(np.array([bytes(row.pop("wkb")) for row in rows], dtype=object))
    frame = shapely.from_wkb(
        bytes(fetch_value(session, "customers/lending/find_frame", plan_id=asked["plan_id"]))
    )
    shapely.prepare(frame)
    units: dict[str, tuple[int, ...]] = {}
    for place, row in enumerate(rows):
        for unit in row["unit_codes"] or ():
            units[unit] = (*units.get(unit, ()), place)
    return PlanGround(
        plan_id=asked["plan_id"],
        version=asked["ground_version"],
        rows=rows,
        locator=open_locator(shapes, session.info.get("home")),
        tree=shapely.STRtree(shapes),
        frame=frame,
        units=units,
        settled=np.array([[settles(asked["market_rule"], a, b) for b in (*order, "")] for a in (*order, "")]),
        kind=np.array([rank.get(row["kind"], len(rank)) for row in rows], dtype=np.intp),
        place={row["id"]: place for place, row in enumerate(rows)},
    )


def _cut_out(plan: PlanGround, ids: list[int]) -> BranchGround:
    """A branch's ground out of its plan's."""
    own = np.zeros(len(plan.rows), dtype=bool)
    own[[plan.place[i] for i in ids if i in plan.place]] = True
    shapes = plan.locator.polygons
    claimed = _join(shapes[own])
    taken = [row for row in _list_disputed(plan, own) if not own[row]]
    sure = claimed
    if taken:
        lost = [_take_from(plan, own, row) for row in taken]
        sure = shapely.difference(claimed, shapely.union_all(lost))
    shapely.prepare(sure)
    border = Border(sure) if sure is claimed else Border(sure, claimed)
    return BranchGround(plan, own, sure, border)


def _list_disputed(plan: PlanGround, own: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Other branches' grids that share ground, not only a border, with the branch's own."""
    shapes = plan.locator.polygons
    mine, other = plan.tree.query(shapes[own], predicate="intersects")
    mine = np.flatnonzero(own)[mine]
    foreign = ~own[other]
    mine, other = mine[foreign], other[foreign]
    shared = shapely.area(shapely.intersection(shapes[mine], shapes[other]))
    keeps = plan.settled[plan.kind[mine], plan.kind[other]] & (mine < other)
    return np.unique(other[(shared > 0) & ~keeps])


def _take_from(plan: PlanGround, own: NDArray[np.bool_], row: int) -> BaseGeometry:
    """What another branch's grid holds for certain or in dispute: its shape but for grids laid over it."""
    over = [
        o for o in plan.tree.query(plan.locator.polygons[row], predicate="intersects") if own[o] and o < row
    ]
    over = [o for o in over if plan.settled[plan.kind[o], plan.kind[row]]]
    shape: BaseGeometry = plan.locator.polygons[row]
    return shapely.difference(shape, shapely.union_all(plan.locator.polygons[over])) if over else shape


def _join(shapes: NDArray[np.object_]) -> BaseGeometry:
    """One shape of many; hair-thin holes that rounding left between neighbours are no border."""
    joined = shapely.union_all(shapes)
    parts = []
    for part in shapely.get_parts(joined):
        if part.geom_type != "Polygon":
            continue
        holes = np.array([shapely.Polygon(ring) for ring in part.interiors], dtype=object)
        wide = holes[lay_flat(holes).width_m() >= LEAST_WIDTH_M] if len(holes) else holes
        parts.append(shapely.Polygon(part.exterior, [hole.exterior for hole in wide]))
    return shapely.MultiPolygon(parts)


def tell_unit(session: Session, ground: BranchGround, unit: str, on: date) -> UnitLies:
    """How the whole ground of a village or community lies to the branch's: by its shape, else by the plan."""
    found = fetch_value(session, "customers/lending/find_unit", unit=unit, on=on)
    if found is None:
        return _tell_by_plan(ground, unit)
    wkb = bytes(found)
    mark = hashlib.md5(wkb, usedforsecurity=False).hexdigest()
    if mark not in ground.unit_lies:
        ground.unit_lies[mark] = _tell_by_shape(ground, shapely.from_wkb(wkb))
    return ground.unit_lies[mark]


def peek_unit(ground: BranchGround, unit: str, mark: str | None) -> UnitLies | None:
    """The same for a shape of `find_facts.sql` (its md5; None where there is none), if it is in memory."""
    return _tell_by_plan(ground, unit) if mark is None else ground.unit_lies.get(mark)


def _tell_by_plan(ground: BranchGround, unit: str) -> UnitLies:
    held = {bool(ground.own[place]) for place in ground.plan.units.get(unit, ())}
    if len(held) != 1:
        return "divided" if held else "unknown"
    return "inside" if held.pop() else "outside"


def _tell_by_shape(ground: BranchGround, shape: BaseGeometry) -> UnitLies:
    """Strips narrower than `LEAST_WIDTH_M` do not count: two sources draw one border a little apart."""
    if not _is_ground(shapely.difference(shape, ground.sure)):
        return "inside"
    return "divided" if _is_ground(shapely.intersection(shape, ground.sure)) else "outside"


def _is_ground(shape: BaseGeometry) -> bool:
    parts = np.array([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"], dtype=object)
    return bool(len(parts)) and bool((lay_flat(parts).width_m() >= LEAST_WIDTH_M).any())
