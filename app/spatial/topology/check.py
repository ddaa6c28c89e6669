"""Find what is wrong with a layer: overlaps, gaps, slivers, nested, doubled, broken and outlying grids.

The work follows the number of faults: edges that match vanish, and only ground between the edges left over
is overlaid. Slivers are told by width (2 x area / perimeter), never by area.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.borderline import Redraw, weigh_pieces
from app.spatial.topology.doubles import find_doubles
from app.spatial.topology.edges import Ints, Shapes, as_shapes
from app.spatial.topology.faces import Borders, Faces, draw_faces
from app.spatial.topology.faults import FAULT_KINDS, Fault, FaultOptions
from app.spatial.topology.layer import Layer, prepare
from app.spatial.topology.measures import lay_flat

DEFAULT_OPTIONS = FaultOptions()


def find_faults(
    polygons: Sequence[BaseGeometry] | Shapes,
    *,
    frame: BaseGeometry | None = None,
    kinds: Sequence[str] | None = None,
    options: FaultOptions = DEFAULT_OPTIONS,
    changed: Sequence[int] | BaseGeometry | None = None,
) -> list[Fault]:
    """All faults of a layer, sorted by kind and members.

    `polygons` (n,) and `frame` are EPSG:4326. Gaps are told against the frame, also those open to its edge;
    without a frame only enclosed holes can be told. A row that is None holds no grid and is no fault; an
    empty shape is invalid. `kinds` (n,) makes two grids of one shape but different
    kind nested instead of duplicate (the later one is the inner). `changed` restricts the check to faults
    of some rows, or to faults that touch a shape (give the ground before and after an edit).
    """
    task = _Task(as_shapes(polygons), frame, kinds, options)
    found = _check(task) if changed is None else _recheck(task, changed)
    return sorted(found, key=_place_in_list)


def _place_in_list(fault: Fault) -> tuple[Any, ...]:
    return FAULT_KINDS.index(fault.kind), fault.members, -fault.area_m2, fault.geom.bounds


@dataclass(frozen=True)
class _Task:
    shapes: Shapes
    frame: BaseGeometry | None
    kinds: Sequence[str] | None
    options: FaultOptions
    window: BaseGeometry | None = None

    def rows(self) -> Ints:
        """The rows whose boxes meet the window, or all."""
        if self.window is None:
            return np.arange(len(self.shapes))
        boxes = shapely.bounds(self.shapes)
        west, south, east, north = self.window.bounds
        meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
        return np.flatnonzero(meets & (boxes[:, 1] <= north) & (boxes[:, 3] >= south))


def _check(task: _Task) -> list[Fault]:
    layer = prepare(task.shapes, task.rows(), task.frame, window=task.window)
    faces = draw_faces(layer)
    doubles = find_doubles(layer, faces, kinds=task.kinds, options=task.options)
    return [
        *_find_broken(layer, task),
        *doubles,
        *_find_gaps(layer, faces, task.options),
        *_find_outside(layer, faces, task.options),
    ]


def _find_broken(layer: Layer, task: _Task) -> list[Fault]:
    at = np.flatnonzero(layer.broken)
    rows = layer.rows[at].tolist()
    planes = lay_flat(layer.shapes[at])
    facts = zip(rows, layer.shapes[at], planes.area_m2().tolist(), planes.width_m().tolist(), strict=True)
    return [
        Fault("invalid", (row,), geom, area, width, "invalid", _why_broken(task.shapes[row]))
        for row, geom, area, width in facts
    ]


def _why_broken(shape: BaseGeometry | None) -> str:
    return "Empty" if shape is None or shape.is_empty else str(shapely.is_valid_reason(shape))


def _find_gaps(layer: Layer, faces: Faces, options: FaultOptions) -> list[Fault]:
    shapes = faces.gaps()
    redraw = Redraw([()] * len(shapes), +1, nobodys=True)
    pieces = weigh_pieces(layer, shapes, redraw, options)
    if not len(pieces):
        return []
    owners = Borders(layer.loose).owners(shapes[pieces.row])
    members = [tuple(layer.rows[[o for o in around if o < len(layer.rows)]].tolist()) for around in owners]
    return pieces.faults("gap", members, options)


def _find_outside(layer: Layer, faces: Faces, options: FaultOptions) -> list[Fault]:
    beyond = faces.outside()
    if not len(beyond):
        return []
    piece, row = layer.tree.query(beyond, predicate="intersects")
    order = np.argsort(row, kind="stable")
    owners, first = np.unique(row[order], return_index=True)
    cut = shapely.intersection(beyond[piece], layer.shapes[row])[order]
    whole = as_shapes([shapely.union_all(group) for group in np.split(cut, first[1:])])
    redraw = Redraw([(owner,) for owner in owners.tolist()], -1)
    pieces = weigh_pieces(layer, whole, redraw, options)
    members = [(int(row),) for row in layer.rows[owners[pieces.row]]]
    return pieces.faults("outside", members, options)


def _recheck(task: _Task, changed: Sequence[int] | BaseGeometry) -> list[Fault]:
    if isinstance(changed, BaseGeometry):
        found = _check_around(task, changed)
        return [fault for fault in found if shapely.dwithin(fault.geom, changed, 1e-7)]
    rows = np.asarray(list(changed), dtype=np.int64)
    if not len(rows):
        return []
    wanted = set(rows.tolist())
    found = _check_around(task, shapely.box(*shapely.total_bounds(task.shapes[rows])))
    found += _find_broken(prepare(task.shapes, rows[shapely.is_empty(task.shapes[rows])], None), task)
    return [fault for fault in found if wanted.intersection(fault.members)]


def _check_around(task: _Task, ground: BaseGeometry) -> list[Fault]:
    """Check a window round some ground; widen it while a gap runs over its border."""
    if ground.is_empty or np.isnan(ground.bounds).any():
        return []
    whole = shapely.box(*shapely.total_bounds(np.concatenate([task.shapes, as_shapes([task.frame])])))
    window = _grown(ground, 0.02)
    while not shapely.covers(window, whole):
        found = _check(replace(task, window=window))
        border = shapely.boundary(window)
        if not any(fault.of == "gap" and shapely.dwithin(fault.geom, border, 1e-9) for fault in found):
            return found
        window = _grown(window, 1.0)
    return _check(task)


def _grown(shape: BaseGeometry, share: float) -> BaseGeometry:
    west, south, east, north = shape.bounds
    margin = max(east - west, north - south) * share + 1e-5
    return shapely.box(west - margin, south - margin, east + margin, north + margin)
