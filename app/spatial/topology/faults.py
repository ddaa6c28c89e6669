"""What a fault is, and what is too small to be one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.spatial.topology.edges import Flags, Floats, Ints, Shapes
from app.spatial.topology.measures import lay_flat

FAULT_KINDS = ("invalid", "duplicate", "nested", "overlap", "gap", "outside", "sliver")


@dataclass(frozen=True, slots=True)
class FaultOptions:
    """What is too small to count: a disc as wide as the least width must fit in, and the area be reached.

    Overlaps, gaps and excesses narrower than `sliver_width_m` are called slivers.
    """

    min_width_m: float = 0.05
    min_area_m2: float = 0.0
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

    def take(self, rows: Flags | Ints) -> "Pieces":
        """Some of the pieces."""
        return Pieces(self.shape[rows], self.row[rows], self.area_m2[rows], self.width_m[rows])

    def faults(self, of: str, members: Sequence[tuple[int, ...]], options: FaultOptions) -> list[Fault]:
        """One fault a piece; narrow ones are slivers."""
        kinds = np.where(self.width_m < options.sliver_width_m, "sliver", of).tolist()
        facts = zip(kinds, members, self.shape, self.area_m2.tolist(), self.width_m.tolist(), strict=True)
        return [Fault(kind, names, geom, area, width, of) for kind, names, geom, area, width in facts]


def measure_pieces(shapes: Shapes) -> Pieces:
    """All polygons of `shapes` with their areas and widths."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    planes = lay_flat(parts[polygonal])
    return Pieces(parts[polygonal], row[polygonal], planes.area_m2(), planes.width_m())


def wide_pieces(shapes: Shapes, options: FaultOptions) -> Pieces:
    """The polygons of `shapes` that reach width and area; a thin one with a wide spot keeps that spot."""
    pieces = measure_pieces(shapes)
    wide = pieces.width_m >= options.min_width_m
    whole = pieces.take(wide & (pieces.area_m2 >= options.min_area_m2))
    spots, of = wide_spots(pieces.take(~wide), options.min_width_m)
    if not len(of):
        return whole
    found = measure_pieces(spots)
    found = Pieces(found.shape, pieces.row[~wide][of[found.row]], found.area_m2, found.width_m)
    crumb = np.pi * options.min_width_m**2 / 8.0  # half a disc: less is left of no true spot by rounding
    return join_pieces(whole, found.take(found.area_m2 >= max(options.min_area_m2, crumb)))


def wide_spots(pieces: Pieces, width_m: float) -> tuple[Shapes, Ints]:
    """The parts of pieces that a disc so wide can reach, and the places of the pieces that have any."""
    least = np.pi * width_m**2 / 4.0
    rows = np.flatnonzero(pieces.area_m2 >= least)
    planes = lay_flat(pieces.shape[rows])
    opened = shapely.buffer(shapely.buffer(planes.flat, -width_m / 2), width_m / 2)
    full = np.flatnonzero(~shapely.is_empty(opened))
    return shapely.intersection(planes.lift(opened[full], full), pieces.shape[rows[full]]), rows[full]


def join_pieces(a: Pieces, b: Pieces) -> Pieces:
    """The pieces of both."""
    return Pieces(
        np.concatenate([a.shape, b.shape]),
        np.concatenate([a.row, b.row]),
        np.concatenate([a.area_m2, b.area_m2]),
        np.concatenate([a.width_m, b.width_m]),
    )
