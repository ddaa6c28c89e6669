"""The pieces of ground between unmatched edges, and how many grids cover each.

A piece covered by no grid is a gap, by two or more an overlap, by one outside the frame an excess. Inside a
piece the number of covers is constant, though the grids that cover it may change across matched edges.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from app.spatial.topology.edges import Edges, Flags, Floats, Ints, Shapes, as_shapes, match, ring_edges
from app.spatial.topology.layer import Layer
from app.spatial.topology.noding import close_lines
from app.spatial.topology.walks import STEPS, to_steps

_ON_EDGE = 2e-8
"""Degrees (2 mm): a noded piece's edge lies this close to the edge it was cut from."""

_UNACCOUNTED = 1e-12
"""Square degrees (0.01 square metres) that rounding may lose over a whole layer."""
_TOUCH = 4e-7
"""Degrees (4 cm): who borders a piece for no longer than noise is wide only touches it."""


@dataclass(frozen=True)
class Faces:
    """Pieces `shape` (n,) with `covers` (n,) grids each, `inside` the frame or not.

    `cover_piece` and `cover_row` list which grid covers the inner point of which piece.
    """

    shape: Shapes
    covers: Ints
    inside: Flags
    cover_piece: Ints
    cover_row: Ints

    def gaps(self) -> Shapes:
        """Ground of the frame without a grid."""
        return np.asarray(self.shape[(self.covers == 0) & self.inside])

    def outside(self) -> Shapes:
        """Ground beyond the frame with a grid."""
        return np.asarray(self.shape[(self.covers > 0) & ~self.inside])


def draw_faces(layer: Layer) -> Faces:
    """Node the unmatched edges, close them to pieces, count the grids over each piece.

    Of a layer with a window only the pieces within it are drawn, cut at its border. Without one the quick way
    is tried, and its books are audited: if a piece was lost, the sure way follows.
    """
    lines, window = layer.loose.chains(), layer.window
    if window is None:
        faces = _count_covers(layer, close_lines(lines, on_grid=False))
        if not _is_balanced(faces, layer):
            faces = _count_covers(layer, close_lines(lines, on_grid=True))
    else:
        pieces = close_lines(np.concatenate([lines, as_shapes([window.boundary])]), on_grid=True)
        within = shapely.intersects(window, shapely.point_on_surface(pieces))
        faces = _count_covers(layer, pieces[within])
    return faces if layer.frame is None else _split_at_frame(layer, faces)


def _count_covers(layer: Layer, pieces: Shapes) -> Faces:
    """Count on the even shapes: a thin end of a piece, where its inner point may lie, exists only there."""
    inner = shapely.point_on_surface(pieces)
    piece, row = layer.even_tree.query(inner, predicate="intersects")
    covers = np.bincount(piece, minlength=len(pieces))
    inside = np.ones(len(pieces), dtype=bool)
    if layer.frame is not None:
        inside = np.asarray(shapely.intersects(layer.even[-1], inner))
    return Faces(pieces, covers, inside, piece, row)


def _split_at_frame(layer: Layer, faces: Faces) -> Faces:
    """Cut the pieces that the frame's border runs through unseen.

    Where a grid's edge cancels the frame's and another grid lies over both, ground claimed twice within the
    frame and ground claimed once beyond it are one piece.
    """
    more = np.flatnonzero(faces.covers > faces.inside)
    more = more[~shapely.contains_properly(layer.frame, faces.shape[more])]
    if not len(more):
        return faces
    hidden = _find_hidden_frame(layer)
    line, at = shapely.STRtree(faces.shape[more]).query(hidden, predicate="intersects")
    through = ~shapely.touches(faces.shape[more[at]], hidden[line])
    crossed, lines = faces.shape[np.unique(more[at[through]])], hidden[np.unique(line[through])]
    if not len(lines):
        return faces
    parts = close_lines(np.concatenate([shapely.boundary(crossed), lines]), on_grid=True)
    part, _ = shapely.STRtree(crossed).query(shapely.point_on_surface(parts), predicate="intersects")
    whole = np.ones(len(faces.shape), dtype=bool)
    whole[more[at[through]]] = False
    return _count_covers(layer, np.concatenate([faces.shape[whole], parts[np.unique(part)]]))


def _find_hidden_frame(layer: Layer) -> Shapes:
    """The frame's edges that a grid's edges cancel, so that no piece is drawn along them."""
    loose = layer.loose.take(layer.loose.owner == len(layer.shapes))
    frame = ring_edges(layer.even[-1:])
    both = Edges(
        np.concatenate([frame.start, loose.start]),
        np.concatenate([frame.end, loose.end]),
        np.concatenate([frame.owner, loose.owner]),
    )
    return both.take(match(both).unmatched()).lines()


def _is_balanced(faces: Faces, layer: Layer) -> bool:
    """Whether the pieces account for all ground that the edges go round.

    An edge goes round ground of its grid once, and backwards round the frame: so summed up they tell the area
    of all pieces, each as often as it is covered, less those of the frame. The sum of whole steps is exact.
    """
    loose = layer.loose
    (x0, y0), (x1, y1) = to_steps(loose.start).T, to_steps(loose.end).T
    x, y = (int(x0[0]), int(y0[0])) if len(loose) else (0, 0)
    told = ((x0 - x) * (y1 - y) - (x1 - x) * (y0 - y)).sum() / 2.0 / STEPS**2
    framed = faces.inside if layer.frame is not None else False
    area = shapely.area(faces.shape)
    found = float(((faces.covers - framed) * area).sum())
    return bool(abs(told - found) <= _UNACCOUNTED)


class Borders:
    """Whose unmatched edges bound a piece, and for how long; built once, asked for many pieces."""

    def __init__(self, loose: Edges) -> None:
        self.loose = loose

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.loose.lines() if len(self.loose) else [])

    def owners(self, pieces: Shapes) -> list[tuple[int, ...]]:
        """For each piece the owners of the edges around it, ascending; a touch in a corner does not count."""
        of, owner, length = self._around(pieces)
        pairs, place = np.unique(np.stack([of, owner], axis=1), axis=0, return_inverse=True)
        along = np.bincount(place.reshape(-1), weights=length, minlength=len(pairs))
        found: list[list[int]] = [[] for _ in pieces]
        for piece, name in pairs[along > _TOUCH].tolist():
            found[piece].append(name)
        return [tuple(names) for names in found]

    def _around(self, pieces: Shapes) -> tuple[Ints, Ints, Floats]:
        middles, of, length = _middles(pieces)
        at, edge = self._tree.query(middles, predicate="dwithin", distance=_ON_EDGE)
        return of[at], self.loose.owner[edge], length[at]


def _middles(pieces: Shapes) -> tuple[Shapes, Ints, Floats]:
    xy, ring = shapely.get_coordinates(shapely.get_rings(pieces), return_index=True)
    piece_of_ring = shapely.get_rings(pieces, return_index=True)[1]
    same = ring[1:] == ring[:-1]
    a, b = xy[:-1][same], xy[1:][same]
    length = np.hypot(*(b - a).T)
    return np.asarray(shapely.points((a + b) / 2.0)), piece_of_ring[ring[:-1][same]], length
