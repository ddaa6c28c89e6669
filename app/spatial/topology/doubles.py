"""Ground claimed twice: which pairs of grids share ground, and what to call each pair.

duplicate: both are the same ground. nested: one lies wholly inside the other (a market in a village).
overlap: all else, one fault for each connected piece of shared ground.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from app.spatial.topology.edges import Flags, Ints, Shapes, as_shapes
from app.spatial.topology.faces import Faces
from app.spatial.topology.faults import Fault, FaultOptions, wide_pieces
from app.spatial.topology.layer import Layer
from app.spatial.topology.measures import lay_flat

_SAME_AREA = 1e-6
"""Share of a piece's area by which a noded piece may differ from the intersection it equals."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Grids `a` < `b` (places in the layer) and the ground they share."""

    a: Ints
    b: Ints
    shared: Shapes

    def take(self, rows: Flags) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.a[rows], self.b[rows], self.shared[rows])


def find_doubles(
    layer: Layer, faces: Faces, *, kinds: Sequence[str] | None, options: FaultOptions
) -> list[Fault]:
    """All duplicate, nested and overlap faults (and thin overlaps as slivers)."""
    pairs = _share_ground(layer, faces)
    if not len(pairs.a):
        return []
    a_in_b = _lies_inside(layer.shapes[pairs.a], layer.shapes[pairs.b], pairs.shared, options)
    b_in_a = _lies_inside(layer.shapes[pairs.b], layer.shapes[pairs.a], pairs.shared, options)
    whole = a_in_b | b_in_a
    return _name_whole(layer, pairs, (a_in_b, b_in_a), kinds) + _name_partial(
        layer, pairs.take(~whole), options
    )


def _name_whole(
    layer: Layer, pairs: Pairs, inside: tuple[Flags, Flags], kinds: Sequence[str] | None
) -> list[Fault]:
    faults = []
    planes = lay_flat(pairs.shared)
    area, width = planes.area_m2().tolist(), planes.width_m().tolist()
    for k in np.flatnonzero(inside[0] | inside[1]).tolist():
        first, second = int(layer.rows[pairs.a[k]]), int(layer.rows[pairs.b[k]])
        same = bool(inside[0][k] and inside[1][k]) and (kinds is None or kinds[first] == kinds[second])
        members = (second, first) if inside[0][k] and not inside[1][k] else (first, second)
        kind = "duplicate" if same else "nested"
        faults.append(Fault(kind, members, pairs.shared[k], area[k], width[k], kind))
    return faults


def _name_partial(layer: Layer, pairs: Pairs, options: FaultOptions) -> list[Fault]:
    pieces = wide_pieces(pairs.shared, options)
    first, second = layer.rows[pairs.a[pieces.row]].tolist(), layer.rows[pairs.b[pieces.row]].tolist()
    return pieces.faults("overlap", list(zip(first, second, strict=True)), options)


def _lies_inside(inner: Shapes, outer: Shapes, shared: Shapes, options: FaultOptions) -> Flags:
    """Whether nothing of `inner` that is wide enough to count lies beyond `outer`.

    Areas are compared first, and only where little is left over is the rest cut out and looked at.
    """
    planes = lay_flat(inner)
    left_over = (shapely.area(inner) - shapely.area(shared)) * planes.scale.prod(axis=1)
    slack = np.maximum(options.min_area_m2, planes.length_m() * options.min_width_m)
    likely = np.flatnonzero((left_over <= slack) & (planes.area_m2() > 0))
    rest = wide_pieces(shapely.difference(inner[likely], outer[likely]), options)
    inside = np.zeros(len(inner), dtype=bool)
    inside[likely] = True
    inside[likely[rest.row]] = False
    return inside


def _share_ground(layer: Layer, faces: Faces) -> Pairs:
    """All pairs of grids that share ground within the pieces covered twice."""
    twice = np.flatnonzero(faces.covers >= 2)
    plain, piece = _covering_pairs(faces, twice)
    pairs = _intersect(layer, *plain)
    explained = _explained(faces.shape[twice], pairs, piece)
    pairs = _merge(pairs, _search(layer, faces.shape[twice[~explained]]))
    return pairs.take(shapely.area(pairs.shared) > 0)


def _covering_pairs(faces: Faces, twice: Ints) -> tuple[tuple[Ints, Ints], Ints]:
    """The pairs over the inner points of pieces covered exactly twice, each pair once.

    Also for each piece of `twice` the place of its pair, or -1 when more than two grids cover it.
    """
    exactly = faces.covers[twice] == 2
    at = np.flatnonzero(np.isin(faces.cover_piece, twice[exactly]))
    order = at[np.argsort(faces.cover_piece[at], kind="stable")]
    rows = np.sort(faces.cover_row[order].reshape(-1, 2), axis=1)
    pairs, place = np.unique(rows, axis=0, return_inverse=True)
    piece = np.full(len(twice), -1)
    piece[exactly] = place.reshape(-1)
    return (pairs[:, 0], pairs[:, 1]), piece


def _explained(pieces: Shapes, pairs: Pairs, place: Ints) -> Flags:
    """Whether a piece lies wholly in the ground its pair shares, so that no other pair can hide in it."""
    known = np.flatnonzero(place >= 0)
    done = np.zeros(len(pieces), dtype=bool)
    held = shapely.area(shapely.intersection(pieces[known], pairs.shared[place[known]]))
    done[known] = held >= shapely.area(pieces[known]) * (1.0 - _SAME_AREA)
    return done


def _search(layer: Layer, pieces: Shapes) -> Pairs:
    """Every pair of grids that meet any of some pieces: the plain way, for few grids."""
    if not len(pieces):
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), as_shapes([]))
    rows = np.unique(layer.tree.query(pieces, predicate="intersects")[1])
    shapes = layer.shapes[rows]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return _intersect(layer, rows[a[a < b]], rows[b[a < b]])


def _intersect(layer: Layer, a: Ints, b: Ints) -> Pairs:
    shared = shapely.intersection(layer.shapes[a], layer.shapes[b])
    return Pairs(a, b, shared)


def _merge(one: Pairs, other: Pairs) -> Pairs:
    both = np.stack([np.concatenate([one.a, other.a]), np.concatenate([one.b, other.b])], axis=1)
    rows = np.unique(both, axis=0, return_index=True)[1] if len(both) else np.empty(0, np.int64)
    shared = np.concatenate([one.shared, other.shared])
    return Pairs(both[rows, 0], both[rows, 1], shared[rows])
