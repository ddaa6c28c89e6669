"""Ground claimed twice: which pairs of grids share ground, and what to call each pair.

duplicate: both are the same ground. nested: one lies wholly inside the other (a market in a village).
overlap: all else, one fault for each connected piece of shared ground.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from app.spatial.topology.borderline import Redraw, weigh_pieces
from app.spatial.topology.edges import Flags, Shapes
from app.spatial.topology.faces import Faces
from app.spatial.topology.faults import Fault, FaultOptions, wide_pieces
from app.spatial.topology.layer import Layer
from app.spatial.topology.measures import lay_flat, metres_per_degree
from app.spatial.topology.sharing import Pairs, share_ground


def find_doubles(
    layer: Layer, faces: Faces, *, kinds: Sequence[str] | None, options: FaultOptions
) -> list[Fault]:
    """All duplicate, nested and overlap faults (and thin overlaps as slivers)."""
    pairs = share_ground(layer, faces)
    if not len(pairs):
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
    both = list(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
    pieces = weigh_pieces(layer, pairs.shared, Redraw(both), options)
    first, second = layer.rows[pairs.a[pieces.row]].tolist(), layer.rows[pairs.b[pieces.row]].tolist()
    return pieces.faults("overlap", list(zip(first, second, strict=True)), options)


def _lies_inside(inner: Shapes, outer: Shapes, shared: Shapes, options: FaultOptions) -> Flags:
    """Whether nothing of `inner` that is wide enough to count lies beyond `outer`.

    Areas are compared first, and only where little is left over is the rest cut out and looked at. A caller
    who wants to hear of large faults only does not make small excesses vanish: usual limits hold here.
    """
    usual = FaultOptions()
    limits = replace(usual, min_width_m=min(usual.min_width_m, options.min_width_m))
    scale = metres_per_degree(shapely.bounds(inner)[:, [1, 3]].mean(axis=1))
    area = shapely.area(inner)
    left_over = (area - shapely.area(shared)) * scale.prod(axis=1)
    length = shapely.length(inner) * scale.max(axis=1)
    likely = np.flatnonzero((left_over <= length * limits.min_width_m) & (area > 0))
    rest = wide_pieces(shapely.difference(inner[likely], outer[likely]), limits)
    inside = np.zeros(len(inner), dtype=bool)
    inside[likely] = True
    inside[likely[rest.row]] = False
    return inside
