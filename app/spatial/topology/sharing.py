"""Which pairs of grids share ground, and what ground: read off the pieces where that is sure, else overlaid.

A piece covered twice is bounded by unmatched edges only. If no other edge of its two grids comes near it,
both cover all of it, and the piece is their shared ground; nothing needs to be overlaid.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from app.spatial.topology.edges import Flags, Floats, Ints, Keys, Shapes, as_shapes
from app.spatial.topology.faces import Faces
from app.spatial.topology.layer import Layer
from app.spatial.topology.threads import spread
from app.spatial.topology.walks import to_degrees, to_keys, to_steps

_SAME_AREA = 1e-6
"""Share of a piece's area by which a noded piece may differ from the intersection it equals."""
_NEAR = 1e-9
"""Degrees (0.1 mm): what reaches no deeper into a piece does not count."""
_BLOCK = 250
"""Pairs overlaid at a time."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Grids `a` < `b` (places in the layer) and the ground they share."""

    a: Ints
    b: Ints
    shared: Shapes

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: Flags) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.a[rows], self.b[rows], self.shared[rows])


def share_ground(layer: Layer, faces: Faces) -> Pairs:
    """All pairs of grids that share ground within the pieces covered twice or more."""
    twice = np.flatnonzero(faces.covers >= 2)
    pieces = faces.shape[twice]
    rows, place = _covering_pairs(faces, twice)
    known = np.flatnonzero(place >= 0)
    sure = np.ones(len(rows), dtype=bool)
    sure[place[known][~_lie_free(layer, pieces[known], rows[place[known]])]] = False
    overlaid = _overlay(layer, rows[~sure, 0], rows[~sure, 1])
    shared = np.empty(len(rows), dtype=object)
    shared[~sure] = overlaid.shared
    shared[sure] = _join_pieces(pieces[known], place[known])[sure]
    pairs = Pairs(rows[:, 0], rows[:, 1], shared)
    explained = np.zeros(len(pieces), dtype=bool)
    explained[known] = sure[place[known]]
    explained |= _explained(pieces, pairs, np.where(explained, -1, place))
    pairs = _merge(_search(layer, pieces[~explained]), pairs)
    return pairs.take(shapely.area(pairs.shared) > 0)


def _covering_pairs(faces: Faces, twice: Ints) -> tuple[Ints, Ints]:
    """The pairs (n, 2) over the inner points of pieces covered exactly twice, each pair once.

    Also for each piece of `twice` the place of its pair, or -1 when more than two grids cover it.
    """
    exactly = faces.covers[twice] == 2
    at = np.flatnonzero(np.isin(faces.cover_piece, twice[exactly]))
    order = at[np.argsort(faces.cover_piece[at], kind="stable")]
    rows = np.sort(faces.cover_row[order].reshape(-1, 2), axis=1).astype(np.int64)
    pairs, inverse = np.unique(rows, axis=0, return_inverse=True)
    place = np.full(len(twice), -1)
    place[exactly] = inverse.reshape(-1)
    return pairs, place


def _lie_free(layer: Layer, pieces: Shapes, pair: Ints) -> Flags:
    """Whether no edge of a piece's two grids (n, 2) but unmatched ones reaches into the piece.

    A piece with a welded corner does not count: it is drawn where its corners were moved to.
    """
    begin, end = layer.walk.spans(pair.reshape(-1))
    size = end - begin
    rows = np.repeat(begin, size) + np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    piece = np.repeat(np.repeat(np.arange(len(pieces)), 2), size)
    other = np.flatnonzero(~layer.drawn[rows])
    rows, piece = rows[other], piece[other]
    near = _reach_into(layer, rows, shapely.bounds(pieces)[piece])
    lines, piece = layer.walk.edges(rows[near]).lines(), piece[near]
    inside = shapely.intersects(pieces[piece], lines) & ~shapely.touches(pieces[piece], lines)
    free = ~_have_corners(pieces, layer.welded.corners)
    free[piece[inside]] = False
    return free


def _have_corners(pieces: Shapes, corners: Keys) -> Flags:
    if not len(corners):
        return np.zeros(len(pieces), dtype=bool)
    xy, of = shapely.get_coordinates(pieces, return_index=True)
    found = np.isin(to_keys(to_steps(xy)), corners)
    return np.bincount(of, weights=found, minlength=len(pieces)) > 0


def _reach_into(layer: Layer, rows: Ints, boxes: Floats) -> Ints:
    """Which of some edges have a box that reaches into the box beside them, not only up to it."""
    a, b = to_degrees(layer.walk.key[rows]), to_degrees(layer.walk.key[rows + 1])
    below = np.minimum(a, b) < boxes[:, 2:] - _NEAR
    above = np.maximum(a, b) > boxes[:, :2] + _NEAR
    return np.flatnonzero(below.all(axis=1) & above.all(axis=1))


def _join_pieces(pieces: Shapes, place: Ints) -> Shapes:
    """The pieces of each place joined; places are numbered without a break."""
    order = np.argsort(place, kind="stable")
    size = np.bincount(place)
    joined = pieces[order][np.cumsum(size) - size]
    for k in np.flatnonzero(size > 1).tolist():
        joined[k] = shapely.union_all(pieces[place == k])
    return np.asarray(joined)


def _explained(pieces: Shapes, pairs: Pairs, place: Ints) -> Flags:
    """Whether a piece lies wholly in the ground its pair shares, so that no other pair can hide in it."""
    known = np.flatnonzero(place >= 0)
    done = np.zeros(len(pieces), dtype=bool)
    held = shapely.area(_intersection(pieces[known], pairs.shared[place[known]]))
    done[known] = held >= shapely.area(pieces[known]) * (1.0 - _SAME_AREA)
    return done


def _search(layer: Layer, pieces: Shapes) -> Pairs:
    """Every pair of grids that meet any of some pieces: the plain way, for few grids."""
    if not len(pieces):
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), as_shapes([]))
    rows = np.unique(layer.tree.query(pieces, predicate="intersects")[1])
    shapes = layer.shapes[rows]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return _overlay(layer, rows[a[a < b]], rows[b[a < b]])


def _overlay(layer: Layer, a: Ints, b: Ints) -> Pairs:
    return Pairs(a, b, _intersection(layer.shapes[a], layer.shapes[b]))


def _intersection(a: Shapes, b: Shapes) -> Shapes:
    return np.concatenate(
        spread(lambda part: shapely.intersection(a[part], b[part]), len(a), block=_BLOCK)
    ).astype(object)


def _merge(one: Pairs, other: Pairs) -> Pairs:
    """The pairs of both; of a pair that both know, what the first says."""
    both = np.stack([np.concatenate([one.a, other.a]), np.concatenate([one.b, other.b])], axis=1)
    rows = np.unique(both, axis=0, return_index=True)[1] if len(both) else np.empty(0, np.int64)
    shared = np.concatenate([one.shared, other.shared])
    return Pairs(both[rows, 0], both[rows, 1], shared[rows])
