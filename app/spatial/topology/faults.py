"""What a fault is, and what is too small to be one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Floats, Ints, Shapes
from app.spatial.topology.measures import lay_flat

FAULT_KINDS = ("invalid", "duplicate", "nested", "overlap", "gap", "outside", "sliver")


@dataclass(frozen=True, slots=True)
class FaultOptions:
    """What is too small to count: both the width and the area must be reached.

    Overlaps, gaps and excesses narrower than `sliver_width_m` are called slivers.
    """

    min_width_m: float = 0.05
    min_area_m2: float = 0.5
    sliver_width_m: float = 2.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `members` are rows of the layer: of an overlap both, of a gap those around it, of a nested
    fault (outer, inner), of a duplicate (first, repeated). `geom` is EPSG:4326 and polygonal.

    `of` says what a sliver is thin of (overlap, gap, outside); else it repeats `kind`. `reason` tells in
    GEOS's words why a shape is invalid.
    """

    kind: str
    members: tuple[int, ...]
    geom: BaseGeometry
    area_m2: float
    width_m: float
    of: str
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Single polygons wide enough to count; `row` says from which given shape each comes."""

    shape: Shapes
    row: Ints
    area_m2: Floats
    width_m: Floats

    def __len__(self) -> int:
        return len(self.shape)

    def faults(self, of: str, members: Sequence[tuple[int, ...]], options: FaultOptions) -> list[Fault]:
        """One fault a piece; narrow ones are slivers."""
        kinds = np.where(self.width_m < options.sliver_width_m, "sliver", of).tolist()
        facts = zip(kinds, members, self.shape, self.area_m2.tolist(), self.width_m.tolist(), strict=True)
        return [Fault(kind, names, geom, area, width, of) for kind, names, geom, area, width in facts]


def wide_pieces(shapes: Shapes, options: FaultOptions) -> Pieces:
    """The polygons of `shapes` that reach width and area; a thin one with a wide spot keeps that spot."""
    parts, row = _polygons(shapes)
    planes = lay_flat(parts)
    area, width = planes.area_m2(), planes.width_m()
    large = area >= options.min_area_m2
    wide = large & (width >= options.min_width_m)
    whole = Pieces(parts[wide], row[wide], area[wide], width[wide])
    thin = np.flatnonzero(large & ~wide)
    reach = options.min_width_m / 2
    opened = shapely.buffer(shapely.buffer(planes.flat[thin], -reach), reach)
    if not len(thin) or shapely.is_empty(opened).all():
        return whole
    spots = shapely.intersection(planes.lift(opened, thin), parts[thin])
    return _join(whole, _spots(spots, row[thin], options))


def _spots(shapes: Shapes, rows: Ints, options: FaultOptions) -> Pieces:
    parts, of = _polygons(shapes)
    planes = lay_flat(parts)
    area, width = planes.area_m2(), planes.width_m()
    keep = area >= options.min_area_m2
    return Pieces(parts[keep], rows[of[keep]], area[keep], width[keep])


def _polygons(shapes: Shapes) -> tuple[Shapes, Ints]:
    parts, row = shapely.get_parts(shapes, return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return parts[polygonal], row[polygonal]


def _join(a: Pieces, b: Pieces) -> Pieces:
    return Pieces(
        np.concatenate([a.shape, b.shape]),
        np.concatenate([a.row, b.row]),
        np.concatenate([a.area_m2, b.area_m2]),
        np.concatenate([a.width_m, b.width_m]),
    )
