"""A layer made ready to be checked: snapped, mended where broken, with its frame, its edges and its index."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Edges, Flags, Ints, Shapes, as_shapes
from app.spatial.topology.threads import spread
from app.spatial.topology.walks import STEPS, Walk, find_loose, join_walks, to_degrees, to_steps, walk_rings
from app.spatial.topology.welding import Welded, weld

EMPTY = shapely.Polygon()
_POLYGONAL = (3, 6)


@dataclass(frozen=True)
class Layer:
    """Sound shapes in one row order; `rows` are their places in the caller's array.

    `given` and `given_frame` are the same before they were snapped (but where they were broken), `moved`
    says whether that made a difference, `mended` (the frame's last) which snapping broke too. `walk` are
    their rings, and behind them those of the frame, turned, as the owner `len(shapes)`. Of a layer with a
    `window` (a box) only edges that reach into it count.
    """

    shapes: Shapes
    rows: Ints
    broken: Flags
    frame: BaseGeometry | None
    given: Shapes
    given_frame: BaseGeometry | None
    moved: bool
    mended: Flags
    walk: Walk = field(repr=False)
    window: BaseGeometry | None = None

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Bounding box index of the shapes."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def unmatched(self) -> Ints:
        """Edges across which the number of covers changes, as places in the walk."""
        rows = find_loose(self.walk)
        return rows if self.window is None else rows[self.walk.reach_into(rows, self.window.bounds)]

    @cached_property
    def welded(self) -> Welded:
        """The unmatched edges once near corners are one."""
        return weld(self.walk.edges(self.unmatched))

    @cached_property
    def even(self) -> Shapes:
        """The shapes, and behind them the frame, with every corner where `loose` has it.

        Fit only to count covers, for a ring may touch itself by now. What nobody moved is the same object.
        """
        whole, owners = np.append(self.shapes, as_shapes([self.frame])), self._uneven
        if len(owners):
            corners = self.welded.move(self.walk.key[self.walk.rows_of(owners)])
            whole[owners] = shapely.set_coordinates(whole[owners], to_degrees(corners))
        return whole

    @cached_property
    def even_tree(self) -> shapely.STRtree:
        """Bounding box index of the even shapes."""
        return shapely.STRtree(self.even[:-1]) if len(self._uneven) else self.tree

    @cached_property
    def _uneven(self) -> Ints:
        """Owners with corners that were welded, or that mending put beside the storage grid."""
        mended = np.flatnonzero(self.mended)
        if not len(self.welded.moved):
            return mended
        rings = np.unique(self.walk.ring_of(self.welded.find_moved(self.walk.key)))
        return np.union1d(mended, self.walk.owner[rings])

    @cached_property
    def drawn(self) -> Flags:
        """Of each place in the walk whether its edge is unmatched and was not welded, so drawn as it is.

        Also where a ring ends, which is no edge.
        """
        drawn = np.zeros(len(self.walk.key), dtype=bool)
        drawn[self.walk.first[1:] - 1] = True
        drawn[-1:] = True
        rows, key = self.unmatched, self.walk.key
        moved = np.isin(key[rows], self.welded.corners) | np.isin(key[rows + 1], self.welded.corners)
        drawn[rows[~moved]] = True
        return drawn

    @property
    def loose(self) -> Edges:
        """Edges across which the number of covers changes; the frame's belong to owner `len(shapes)`."""
        return self.welded.edges


def prepare(
    polygons: Shapes, rows: Ints, frame: BaseGeometry | None, *, window: BaseGeometry | None = None
) -> Layer:
    """Snap the polygons of `rows` to the storage grid and mend the broken ones (flagged in `broken`)."""
    blocks = spread(lambda part: _read(polygons[rows[part]]), len(rows))
    walks = [block.walk for block in blocks]
    offsets = np.cumsum([0, *(len(block.shapes) for block in blocks)]).tolist()
    sound = None if frame is None else _read_frame(frame)
    every = blocks if sound is None else [*blocks, sound]
    if sound is not None:
        walks.append(sound.walk)
    return Layer(
        np.concatenate([block.shapes for block in blocks]),
        rows,
        np.concatenate([block.broken for block in blocks]),
        None if sound is None else sound.shapes[0],
        np.concatenate([block.given for block in blocks]),
        None if sound is None else sound.given[0],
        any(block.moved for block in every),
        np.concatenate([block.mended for block in every]),
        join_walks(walks, offsets[: len(walks)]),
        window,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """Sound shapes, the same before snapping, whether each was broken, whether any moved, which were mended
    after snapping, and their rings.
    """

    shapes: Shapes
    given: Shapes
    broken: Flags
    moved: bool
    mended: Flags
    walk: Walk


@lru_cache(maxsize=8)
def _read_frame(frame: BaseGeometry) -> _Block:
    """The frame with its rings turned, kept for the next check: after an edit it is the largest shape."""
    block = _read(as_shapes([frame]))
    shapely.prepare(block.shapes)
    shapely.intersects(block.shapes[0], shapely.point_on_surface(block.shapes[0]))
    return replace(block, walk=replace(block.walk, turned=~block.walk.turned))


def _read(given: Shapes) -> _Block:
    absent = shapely.is_missing(given)
    given = given.copy()
    given[absent] = EMPTY
    shapes, steps = _snap(given)
    moved = shapes is not given
    doubtful = ~shapely.is_valid(shapes) | ~np.isin(shapely.get_type_id(shapes), _POLYGONAL)
    broken = shapely.is_empty(shapes) & ~absent
    if doubtful.any():
        mended = ground_of(shapes[doubtful])
        before = ground_of(given[doubtful]) if moved else mended
        was_sound = shapely.is_valid(given[doubtful])
        broken[doubtful] |= ~was_sound | shapely.is_empty(before)
        shapes = shapes.copy()
        shapes[doubtful], given[doubtful] = mended, np.where(was_sound, before, mended)
        steps = to_steps(shapely.get_coordinates(shapes))
    return _Block(shapes, given, broken, moved, doubtful, walk_rings(shapes, steps))


def _snap(shapes: Shapes) -> tuple[Shapes, Ints]:
    """The shapes with every coordinate on the storage grid, and the coordinates in its steps."""
    xy = shapely.get_coordinates(shapes)
    steps = to_steps(xy)
    snapped = steps / STEPS
    if np.array_equal(xy, snapped):
        return shapes, steps
    return np.asarray(shapely.set_coordinates(shapes.copy(), snapped)), steps


def ground_of(shapes: Sequence[BaseGeometry] | Shapes) -> Shapes:
    """The polygonal part of each shape, made valid; nothing but lines and points gives an empty polygon."""
    ground = [_polygonal(shape) for shape in shapely.make_valid(as_shapes(shapes))]
    return as_shapes(ground)


def _polygonal(shape: BaseGeometry | None) -> BaseGeometry:
    if shape is None or shapely.get_type_id(shape) in _POLYGONAL:
        return EMPTY if shape is None else shape
    parts = [p for p in shapely.get_parts(shape) if shapely.get_type_id(p) in _POLYGONAL]
    return shapely.union_all(parts) if parts else EMPTY
