"""Whose border is wrong where two grids disagree: four signs that each member's own border carries.

unfit: the share of a grid's whole border that disagrees with somebody; one who was moved, grown or drawn
anew disagrees all round, his neighbours only with him. own_corners: corners it has on the other's plain
edge, as a knife leaves them. bend: how sharply it turns at corners that nobody shares. knots: corners two
others share on the fault's rim, which it runs past. Their product is the doubt. The doubtful border lost a
gap, and drew an overlap that is not its own; see docs/decisions/0021-mending.md for the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Flags, Floats, Ints, Shapes, as_shapes
from app.spatial.topology.faults import Fault
from app.spatial.topology.measures import metres_per_degree

NEAR = 3e-7
"""Degrees (3 cm): corners and borders this close to each other are the same."""
_LEAST_UNFIT = 0.01


@dataclass(frozen=True, slots=True)
class Signs:
    """What one member's border shows about one fault; `line_m` is how much of the rim is its alone."""

    line_m: float
    unfit: float
    own_corners: int
    turning_degree: float
    bend: float
    knots: int

    @property
    def doubt(self) -> float:
        """How likely this border is the wrong one; only ratios mean something."""
        return (self.unfit + _LEAST_UNFIT) * (1 + self.own_corners) * (1.0 + self.bend) * (1 + self.knots)


Evidence = dict[int, Signs]


@dataclass(frozen=True, slots=True)
class Ground:
    """Sound shapes (EPSG:4326), the row of each in its layer (ascending), and the frame if there is one."""

    shapes: Shapes
    rows: Ints
    frame: BaseGeometry | None


def weigh_borders(ground: Ground, faults: Sequence[Fault]) -> list[Evidence]:
    """For each overlap and gap the signs of its members (row -> signs); other faults give nothing.

    `faults` should be all that touch the members, else the unfit share is told too low. Members must be
    rows of the ground.
    """
    asked = [k for k, fault in enumerate(faults) if fault.of in ("overlap", "gap") and fault.members]
    found: list[Evidence] = [{} for _ in faults]
    if asked:
        scene = _Scene(ground, [faults[k] for k in asked])
        for k, signs in zip(asked, scene.signs(), strict=True):
            found[k] = signs
    return found


@dataclass(frozen=True, slots=True)
class _Corners:
    """Corners on rims: place, owner (a place in the ground), fault, turn in radians."""

    xy: Floats
    owner: Ints
    fault: Ints
    turn: Floats


class _Scene:
    """The faults' rims, the members' borders, and the corners of all on the rims."""

    def __init__(self, ground: Ground, faults: Sequence[Fault]) -> None:
        self.ground, self.faults = ground, faults
        self.rims = as_shapes([shapely.boundary(fault.geom) for fault in faults])
        place = {row: k for k, row in enumerate(ground.rows.tolist())}
        self.members = [[place[row] for row in fault.members] for fault in faults]
        self.borders = np.asarray(shapely.boundary(ground.shapes))
        shapely.prepare(self.borders[np.unique(np.concatenate(self.members).astype(np.int64))])

    def signs(self) -> list[Evidence]:
        lines = self._lines()
        unfit = self._unfit(lines)
        corners = self._corners()
        holders, spot = _holders(corners)
        own = self._on_plain_edge(corners, holders)
        by_fault = _groups(corners.fault, len(self.faults))
        found = []
        for fault, members, line, rows in zip(self.faults, self.members, lines, by_fault, strict=True):
            knots = {spot[k]: holders[k] for k in rows if len(holders[k]) > 1}
            evidence = {}
            for row, member in zip(fault.members, members, strict=True):
                mine = [k for k in rows if corners.owner[k] == member]
                turns = corners.turn[[k for k in mine if len(holders[k]) == 1]]
                evidence[row] = Signs(
                    line[member],
                    unfit[member],
                    int(own[mine].sum()),
                    float(np.degrees(turns).sum()),
                    float((1.0 - np.cos(turns)).sum()),
                    sum(member not in held for held in knots.values()),
                )
            found.append(evidence)
        return found

    def _lines(self) -> list[dict[int, float]]:
        """For each fault and member the metres of rim on the member's border and on no other member's."""
        middles, length, fault = _rim_edges(self.rims)
        edge, member = _pairs(fault, self.members)
        on = shapely.dwithin(self.borders[member], middles[edge], NEAR)
        alone = on & (np.bincount(edge[on], minlength=len(fault))[edge] == 1)
        found = [dict.fromkeys(members, 0.0) for members in self.members]
        for f, m, metres in zip(
            fault[edge[alone]].tolist(), member[alone].tolist(), length[edge[alone]].tolist(), strict=True
        ):
            found[f][m] += metres
        return found

    def _unfit(self, lines: list[dict[int, float]]) -> dict[int, float]:
        total: dict[int, float] = {}
        for line in lines:
            for member, metres in line.items():
                total[member] = total.get(member, 0.0) + metres
        rows = np.fromiter(total, dtype=np.int64)
        around = _length_m(self.borders[rows])
        return dict(zip(total, (np.fromiter(total.values(), dtype=float) / around).tolist(), strict=True))

    def _corners(self) -> _Corners:
        """Corners of every grid beside a rim, and of the frame, that lie on the rim."""
        tree = shapely.STRtree(self.ground.shapes)
        beside = np.unique(tree.query(self.rims, predicate="dwithin", distance=NEAR)[1])
        xy, turn, of = _turns(self.ground.shapes[beside])
        owner = beside[of]
        if self.ground.frame is not None:
            more, turns, _ = _turns(as_shapes([self.ground.frame]))
            xy, turn = np.concatenate([xy, more]), np.concatenate([turn, turns])
            owner = np.concatenate([owner, np.full(len(more), len(self.ground.shapes))])
        at, fault = shapely.STRtree(self.rims).query(
            np.asarray(shapely.points(xy)), predicate="dwithin", distance=NEAR
        )
        return _Corners(xy[at], owner[at], fault, turn[at])

    def _on_plain_edge(self, corners: _Corners, holders: list[set[int]]) -> Flags:
        """Whether a corner lies on another member's border where that member has no corner."""
        others = [
            [m for m in self.members[f] if m != own] if own in self.members[f] else []
            for own, f in zip(corners.owner.tolist(), corners.fault.tolist(), strict=True)
        ]
        free = [ms if not held.intersection(ms) else [] for ms, held in zip(others, holders, strict=True)]
        corner, member = _pairs(np.arange(len(free)), free)
        on = shapely.dwithin(self.borders[member], shapely.points(corners.xy[corner]), NEAR)
        flags = np.zeros(len(free), dtype=bool)
        flags[corner[on]] = True
        return flags


def _pairs(of: Ints, choices: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Each place k of `of` beside every choice of the group of[k]."""
    sizes = np.array([len(group) for group in choices], dtype=np.int64)[of]
    flat = [choice for group in of.tolist() for choice in choices[group]]
    return np.repeat(np.arange(len(of)), sizes), np.array(flat, dtype=np.int64)


def _groups(of: Ints, count: int) -> list[list[int]]:
    order = np.argsort(of, kind="stable")
    ends = np.cumsum(np.bincount(of, minlength=count))[:-1]
    return [group.tolist() for group in np.split(order, ends)]


def _holders(corners: _Corners) -> tuple[list[set[int]], Ints]:
    """For each corner who has a corner at the same spot, and the number of that spot."""
    points = np.asarray(shapely.points(corners.xy))
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR)
    held: list[set[int]] = [set() for _ in points]
    for k, owner in zip(a.tolist(), corners.owner[b].tolist(), strict=True):
        held[k].add(owner)
    spot = np.arange(len(points))
    np.minimum.at(spot, a, b)
    return held, spot


def _rim_edges(rims: Shapes) -> tuple[Shapes, Floats, Ints]:
    """Middle point, metres and rim of every edge."""
    lines, of = shapely.get_parts(rims, return_index=True)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    a, b = xy[:-1][same], xy[1:][same]
    length = np.hypot(*((b - a) * metres_per_degree(a[:, 1])).T)
    return np.asarray(shapely.points((a + b) / 2.0)), length, of[line[:-1][same]]


def _length_m(lines: Shapes) -> Floats:
    _, length, of = _rim_edges(lines)
    return np.asarray(np.bincount(of, weights=length, minlength=len(lines)), dtype=np.float64)


def _turns(polygons: Shapes) -> tuple[Floats, Floats, Ints]:
    """Every corner, how far its ring turns there (0 straight on, pi back), and the polygon's place."""
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inner = np.append(ring[1:] == ring[:-1], [False] * (len(ring) > 0))
    xy, ring = xy[inner], ring[inner]
    size = np.bincount(ring, minlength=len(rings))
    first = np.cumsum(size) - size
    step = np.arange(len(xy)) - first[ring]
    before, after = first[ring] + (step - 1) % size[ring], first[ring] + (step + 1) % size[ring]
    scale = metres_per_degree(xy[:, 1])
    (ux, uy), (vx, vy) = ((xy - xy[before]) * scale).T, ((xy[after] - xy) * scale).T
    turn = np.abs(np.arctan2(ux * vy - uy * vx, ux * vx + uy * vy))
    return xy, turn, of_part[of_ring][ring]


def remember_unfit(evidence: Evidence, known: dict[int, float]) -> Evidence:
    """The same signs with the unfit shares seen before, where those were larger."""
    return {
        row: replace(signs, unfit=max(signs.unfit, known.get(row, 0.0))) for row, signs in evidence.items()
    }
