"""What is different between two plans: grids new, gone and changed, and the ground that changes hands."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import as_worker, fetch_all
from app.models import Plan
from app.spatial.crs import area_m2
from app.spatial.crs.measure import perimeter_m
from app.territory.plans.listing import GridSet, load_grids
from app.territory.shapes import Shapes

LEAST_M2 = 1.0
"""Ground below this is rounding, not change."""
LEAST_WIDTH_M = 0.05
"""So is a strip narrower than this: last digits of a border drawn twice."""
SAME_SHARE = 0.5
"""Grids of different codes are one grid renamed where more than this of both is common ground."""
FACTS = ("name", "kind", "branch_code", "manager")
HANDS = ("branch_code", "manager_id")
SIDE = ("code", "name", "branch_code", "branch_name", "manager")


@dataclass(frozen=True, slots=True)
class GridChange:
    """One grid that differs: `gained_m2` and `lost_m2` of ground, `facts` as {fact: [before, after]}.

    `before_id` and `after_id` are the grid's numbers in the two plans, None where there is none.
    """

    code: str
    name: str
    change: Literal["new", "gone", "changed"]
    gained_m2: float
    lost_m2: float
    facts: dict[str, list[Any]]
    before_id: int | None = None
    after_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The change as JSON-ready values."""
        return {
            "code": self.code,
            "name": self.name,
            "change": self.change,
            "gained_m2": round(self.gained_m2, 1),
            "lost_m2": round(self.lost_m2, 1),
            "facts": self.facts,
            "before_id": self.before_id,
            "after_id": self.after_id,
        }

    def in_sight(self, seen: Collection[int]) -> "GridChange":
        """The same without the name of who holds the grid where it is beyond these numbers."""
        if "manager" not in self.facts:
            return self
        sides = zip(self.facts["manager"], (self.before_id, self.after_id), strict=True)
        names = [name if number in seen else None for name, number in sides]
        return replace(self, facts={**self.facts, "manager": names})


@dataclass(frozen=True, slots=True)
class Piece:
    """Ground (EPSG:4326) that goes from one grid to another, None for nobody's; `why` is `ground` where the
    grid changes, `hands` where the same grid comes to another branch or manager."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None
    geom: BaseGeometry
    area_m2: float
    why: Literal["ground", "hands"]

    def as_json(self) -> dict[str, Any]:
        """The piece without its shape: area and both sides with grid, branch and manager."""
        sides = {
            key: None if side is None else {fact: side[fact] for fact in SIDE}
            for key, side in (("from", self.before), ("to", self.after))
        }
        return {**sides, "area_m2": round(self.area_m2, 1), "why": self.why}


@dataclass(frozen=True)
class Difference:
    """Two plans compared: the grids that differ (in order of code), and the ground that changes hands."""

    before: Plan
    after: Plan
    changes: list[GridChange]
    pieces: list[Piece] = field(default_factory=list)

    @cached_property
    def totals(self) -> dict[str, Any]:
        """Grids new, gone, changed (with other ground, or another holder), and the area that moves, m2."""
        changed = [change for change in self.changes if change.change == "changed"]
        moved = [piece.area_m2 for piece in self.pieces if piece.why == "ground"]
        return {
            "new": sum(change.change == "new" for change in self.changes),
            "gone": sum(change.change == "gone" for change in self.changes),
            "changed": len(changed),
            "ground": sum(change.gained_m2 + change.lost_m2 >= LEAST_M2 for change in changed),
            "hands": sum(bool({"branch_code", "manager"} & change.facts.keys()) for change in changed),
            "pieces": len(self.pieces),
            "moved_m2": round(sum(moved), 1),
        }

    def in_sight(self, seen: Collection[int]) -> "Difference":
        """What of it touches grids of these numbers; who holds the grids beyond them is left out."""
        changes = [one.in_sight(seen) for one in self.changes if {one.before_id, one.after_id} & set(seen)]
        pieces = [
            replace(piece, before=_veil(piece.before, seen), after=_veil(piece.after, seen))
            for piece in self.pieces
            if {_find_id(piece.before), _find_id(piece.after)} & set(seen)
        ]
        return Difference(self.before, self.after, changes, pieces)

    def as_features(self) -> dict[str, Any]:
        """The pieces as a GeoJSON FeatureCollection (EPSG:4326), each with from, to, area_m2 and why."""
        shapes = shapely.to_geojson(np.array([piece.geom for piece in self.pieces], dtype=object))
        features = [
            {
                "type": "Feature",
                "id": number,
                "properties": piece.as_json(),
                "geometry": json.loads(shape),
            }
            for number, (piece, shape) in enumerate(zip(self.pieces, shapes, strict=True), start=1)
        ]
        return {"type": "FeatureCollection", "features": features}

    def list_moves(self) -> list[tuple[int | None, int | None, BaseGeometry]]:
        """The pieces as (grid it leaves, grid it goes to, ground), as a bill takes them."""
        return [(_find_id(piece.before), _find_id(piece.after), piece.geom) for piece in self.pieces]


def diff(session: Session, before: Plan, after: Plan) -> list[GridChange]:
    """The grids that differ between two plans, sorted by code; areas in m2."""
    return compare_plans(session, before, after).changes


def compare_in_sight(session: Session, before: Plan, after: Plan) -> Difference:
    """As `compare_plans`, for a viewer: what touches grids in his sight, and where their ground goes beyond.

    Without the grids beyond, ground that goes to a neighbour would look as if it went to nobody.
    """
    if session.info["viewer"].db_role != "getu_scoped":
        return compare_plans(session, before, after)
    rows = fetch_all(session, "territory/list_seen_grids", plan_ids=[before.id, after.id])
    with as_worker(session):
        whole = compare_plans(session, before, after)
    return whole.in_sight({row["id"] for row in rows})


def compare_plans(session: Session, before: Plan, after: Plan) -> Difference:
    """Compare any two plans, of whatever state. Grids are matched by code, the rest by common ground.

    Only shapes that are not equal are laid over each other; areas in m2 on the ellipsoid. Nothing is kept.
    """
    old, new = load_grids(session, before), load_grids(session, after)
    pairs = _match(old, new)
    changed, uneven = _compare_pairs(old, new, pairs)
    gone = sorted(set(range(len(old.rows))) - {a for a, _ in pairs})
    came = sorted(set(range(len(new.rows))) - {b for _, b in pairs})
    lone = [_lone(old, row, "gone") for row in gone] + [_lone(new, row, "new") for row in came]
    changes = sorted([*lone, *changed], key=lambda change: change.code)
    pieces = [*_cut_pieces(old, new, uneven, gone, came), *_list_handed(old, new, pairs)]
    return Difference(before, after, changes, pieces)


def _match(old: GridSet, new: GridSet) -> list[tuple[int, int]]:
    """Rows of the same grid in both plans: of one code, of one shape, or of mostly the same ground."""
    rows_new = {code: row for row, code in enumerate(new.column("code"))}
    pairs = [(a, rows_new[code]) for a, code in enumerate(old.column("code")) if code in rows_new]
    left, came = _list_unmatched(old, new, pairs)
    shape_of = dict(zip(_name_shapes(new.shapes[came]), came.tolist(), strict=True))
    named = zip(left.tolist(), _name_shapes(old.shapes[left]), strict=True)
    pairs += [(a, shape_of.pop(name)) for a, name in named if name in shape_of]
    left, came = _list_unmatched(old, new, pairs)
    near, at = shapely.STRtree(new.shapes[came]).query(old.shapes[left], predicate="intersects")
    common = shapely.area(shapely.intersection(old.shapes[left[near]], new.shapes[came[at]]))
    least = SAME_SHARE * np.maximum(shapely.area(old.shapes[left[near]]), shapely.area(new.shapes[came[at]]))
    same = common > least
    # Plans with overlaps may offer one grid twice; it is matched once.
    by_old = dict(zip(left[near[same]].tolist(), came[at[same]].tolist(), strict=True))
    by_new = {b: a for a, b in by_old.items()}
    return sorted([*pairs, *((a, b) for b, a in by_new.items())])


def _list_unmatched(
    old: GridSet, new: GridSet, pairs: list[tuple[int, int]]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left = sorted(set(range(len(old.rows))) - {a for a, _ in pairs})
    came = sorted(set(range(len(new.rows))) - {b for _, b in pairs})
    return np.array(left, dtype=np.intp), np.array(came, dtype=np.intp)


def _name_shapes(shapes: Shapes) -> list[bytes]:
    """The same bytes for the same shape, wherever its rings begin."""
    return list(shapely.to_wkb(shapely.normalize(shapes)))


def _lone(grids: GridSet, row: int, change: Literal["new", "gone"]) -> GridChange:
    facts = grids.rows[row]
    area, came = float(facts["area_m2"]), change == "new"
    gained, lost = (area, 0.0) if came else (0.0, area)
    ids = (None, facts["id"]) if came else (facts["id"], None)
    return GridChange(facts["code"], facts["name"], change, gained, lost, {}, *ids)


@dataclass(frozen=True)
class _Uneven:
    """Pairs whose shapes are not equal, with the ground that each lost and gained."""

    pairs: list[tuple[int, int]]
    lost: Shapes
    gained: Shapes


def _compare_pairs(
    old: GridSet, new: GridSet, pairs: list[tuple[int, int]]
) -> tuple[list[GridChange], _Uneven]:
    rows_old = np.array([a for a, _ in pairs], dtype=np.intp)
    rows_new = np.array([b for _, b in pairs], dtype=np.intp)
    before, after = old.shapes[rows_old], new.shapes[rows_new]
    moved = np.flatnonzero(~shapely.equals_exact(before, after, tolerance=0, normalize=True))
    lost = shapely.difference(before[moved], after[moved])
    gained = shapely.difference(after[moved], before[moved])
    sums = np.zeros((2, len(pairs)))
    sums[0, moved], sums[1, moved] = area_m2(gained), area_m2(lost)
    changes = []
    for place, (a, b) in enumerate(pairs):
        facts = _facts(old.rows[a], new.rows[b])
        plus, minus = sums[:, place].tolist()
        if facts or plus + minus >= LEAST_M2:
            row = new.rows[b]
            ids = (old.rows[a]["id"], row["id"])
            changes.append(GridChange(row["code"], row["name"], "changed", plus, minus, facts, *ids))
    return changes, _Uneven([pairs[place] for place in moved.tolist()], lost, gained)


def _facts(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    facts = ("code", *FACTS)
    return {fact: [old[fact], new[fact]] for fact in facts if old[fact] != new[fact]}


def _cut_pieces(
    old: GridSet, new: GridSet, uneven: _Uneven, gone: list[int], came: list[int]
) -> Iterator[Piece]:
    """The ground that left a grid, cut by where it went; then the ground that came to a grid from nobody."""
    losers = [a for a, _ in uneven.pairs] + gone
    lost = np.concatenate([uneven.lost, old.shapes[gone]])
    yield from _cut_by(losers, lost, old, new, leaving=True)
    winners = [b for _, b in uneven.pairs] + came
    gained = np.concatenate([uneven.gained, new.shapes[came]])
    yield from _cut_by(winners, gained, new, old, leaving=False)


def _cut_by(
    rows: list[int], ground: Shapes, own: GridSet, other: GridSet, *, leaving: bool
) -> Iterator[Piece]:
    """Cut what the grids of one plan have over the other plan's grids; the rest is nobody's there.

    Seen from the plan that is left both are told, seen from the other only the rest: else all came twice.
    """
    at, theirs = shapely.STRtree(other.shapes).query(ground, predicate="intersects")
    cuts = _polygonal(shapely.intersection(ground[at], other.shapes[theirs]))
    sizes = area_m2(cuts)
    met: dict[int, list[int]] = {}
    true = _list_true(cuts, sizes) if leaving else np.zeros(len(cuts), dtype=bool)
    for place in np.flatnonzero(sizes > 0).tolist():
        met.setdefault(int(at[place]), []).append(place)
        if true[place]:
            mine, its = own.rows[rows[at[place]]], other.rows[theirs[place]]
            yield Piece(mine, its, cuts[place], float(sizes[place]), "ground")
    rest = ground.copy()
    for place, cut in met.items():
        rest[place] = shapely.difference(rest[place], shapely.union_all(cuts[cut]))
    rest = _polygonal(rest)
    left_m2 = area_m2(rest)
    for place in np.flatnonzero(_list_true(rest, left_m2)).tolist():
        mine = own.rows[rows[place]]
        loser, winner = (mine, None) if leaving else (None, mine)
        yield Piece(loser, winner, rest[place], float(left_m2[place]), "ground")


def _list_true(shapes: Shapes, sizes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which areas (n,) of these sizes in m2 are no rounding."""
    large = sizes >= LEAST_M2
    large[large] = 2 * sizes[large] >= LEAST_WIDTH_M * perimeter_m(shapes[large])
    return large


def _list_handed(old: GridSet, new: GridSet, pairs: list[tuple[int, int]]) -> Iterator[Piece]:
    """Grids that stay grids and come to another branch or manager, with the ground they keep."""
    handed = [(a, b) for a, b in pairs if any(old.rows[a][fact] != new.rows[b][fact] for fact in HANDS)]
    before = old.shapes[np.array([a for a, _ in handed], dtype=np.intp)]
    after = new.shapes[np.array([b for _, b in handed], dtype=np.intp)]
    kept, moved = before.copy(), ~shapely.equals_exact(before, after, tolerance=0, normalize=True)
    kept[moved] = _polygonal(shapely.intersection(before[moved], after[moved]))
    for (a, b), shape, size in zip(handed, kept, area_m2(kept).tolist(), strict=True):
        if size >= LEAST_M2:
            yield Piece(old.rows[a], new.rows[b], shape, size, "hands")


def _polygonal(shapes: Shapes) -> Shapes:
    """The areas of shapes that an overlay made, lines and points left out."""
    kept = np.asarray(shapes, dtype=object).copy()
    mixed = shapely.get_type_id(kept) == shapely.GeometryType.GEOMETRYCOLLECTION
    for row in np.flatnonzero(mixed).tolist():
        parts = shapely.get_parts(kept[row])
        kept[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    kept[shapely.get_dimensions(kept) < 2] = shapely.MultiPolygon()
    return kept


def _veil(side: dict[str, Any] | None, seen: Collection[int]) -> dict[str, Any] | None:
    return side if side is None or side["id"] in seen else {**side, "manager": None, "manager_id": None}


def _find_id(side: dict[str, Any] | None) -> int | None:
    return None if side is None else int(side["id"])
