"""Cut a neighbourhood into connected parts: towns to branches, branches to managers.

A part is found by drawing many random spanning trees and cutting the one edge that leaves two pieces of
wanted sizes with the least spread; then each piece is cut further.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from demo.outline import Numbers

TREES = 60
Limits = tuple[int, int]


@dataclass(frozen=True)
class Neighbours:
    """Who borders whom: `pairs` are rows of `places` (n, 2) in metres."""

    places: Numbers
    pairs: NDArray[np.intp]


def find_neighbours(shapes: NDArray[np.object_], *, edge_m: float = 60.0) -> Neighbours:
    """Neighbours share an edge of at least `edge_m`; `shapes` are in metres."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="touches")
    once = one < other
    one, other = one[once], other[once]
    shared = shapely.length(shapely.intersection(shapes[one], shapes[other]))
    pairs = np.stack([one, other], axis=1)[shared >= edge_m]
    return Neighbours(shapely.get_coordinates(shapely.centroid(shapes)), pairs)


def share(rows: list[int], parts: int, *, near: Neighbours, limits: Limits, seed: int) -> list[list[int]]:
    """Cut connected `rows` into `parts` connected parts whose sizes keep to `limits`."""
    if parts == 1:
        return [rows]
    rng = np.random.default_rng([seed, len(rows), rows[0]])
    first = parts // 2
    one, other = _cut(rows, parts=(first, parts - first), near=near, limits=limits, rng=rng)
    return [
        piece
        for half, count in ((one, first), (other, parts - first))
        for piece in share(half, count, near=near, limits=limits, seed=seed)
    ]


def _cut(
    rows: list[int], *, parts: tuple[int, int], near: Neighbours, limits: Limits, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """The best of many cuts into two connected pieces that can be shared out further."""
    wanted = len(rows) * parts[0] / sum(parts)
    best: tuple[float, list[int]] = (np.inf, [])
    for _ in range(TREES):
        for piece in _pieces(rows, near, rng):
            if not all(
                count * limits[0] <= size <= count * limits[1]
                for count, size in zip(parts, (len(piece), len(rows) - len(piece)), strict=True)
            ):
                continue
            rest = [row for row in rows if row not in piece]
            cost = (_spread(piece, near) + _spread(rest, near)) * (1 + 0.15 * abs(len(piece) - wanted))
            best = min(best, (cost, sorted(piece)))
    assert best[1], f"no cut of {len(rows)} places into {parts} parts"
    return best[1], [row for row in rows if row not in best[1]]


def _spread(rows: list[int], near: Neighbours) -> float:
    points = near.places[rows]
    return float(np.hypot(*(points - points.mean(axis=0)).T).sum())


def _pieces(rows: list[int], near: Neighbours, rng: np.random.Generator) -> list[list[int]]:
    """All subtrees of one random spanning tree (short edges come first more often)."""
    children = _tree(rows, near, rng)
    pieces: dict[int, list[int]] = {}
    order, stack = [], [rows[0]]
    while stack:
        row = stack.pop()
        order.append(row)
        stack.extend(children[row])
    for row in reversed(order):
        pieces[row] = [row] + [leaf for child in children[row] for leaf in pieces[child]]
    # A cut gives a subtree or all the rest: either may be the piece of the first size.
    whole = set(rows)
    return [p for row, piece in pieces.items() if row != rows[0] for p in (piece, sorted(whole - set(piece)))]


def _tree(rows: list[int], near: Neighbours, rng: np.random.Generator) -> dict[int, list[int]]:
    """A random spanning tree as children of each row, rooted in the first row (Prim)."""
    inside = np.isin(near.pairs, rows).all(axis=1)
    pairs = near.pairs[inside]
    length = np.hypot(*(near.places[pairs[:, 0]] - near.places[pairs[:, 1]]).T)
    weight = length * rng.uniform(0.4, 1.6, len(pairs))
    children: dict[int, list[int]] = {row: [] for row in rows}
    joined = {rows[0]}
    for _ in range(len(rows) - 1):
        ends = np.isin(pairs, list(joined))
        open_edges = np.flatnonzero(ends.sum(axis=1) == 1)
        pick = open_edges[weight[open_edges].argmin()]
        parent, child = pairs[pick] if ends[pick, 0] else pairs[pick][::-1]
        children[int(parent)].append(int(child))
        joined.add(int(child))
    return children
