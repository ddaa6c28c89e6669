"""Every ring of a layer as one row of whole numbers: how borders are compared quickly and exactly.

A corner is a key: its longitude and its latitude in steps of the storage grid, side by side in 64 bits. An
edge is a place in the row: it runs from that corner to the next. Equal edges that are walked once forth and
once back vanish (see `edges`); this module finds what is left over.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from app.spatial.topology.edges import SNAP_DIGITS, Edges, Flags, Floats, Ints, Keys, Shapes, match_keys

STEPS = 10.0**SNAP_DIGITS
_ZERO = 1_800_000_000
"""Added to both coordinates, so that no key is negative."""
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, slots=True)
class Walk:
    """Rings one behind the other: `key` (n,) their corners, each ring closed by its first.

    `first`, `owner` and `turned` (r,) say of each ring where it begins, whose it is, and whether it has its
    ground on the right, so that it must be walked backwards.
    """

    key: Keys
    first: Ints
    owner: Ints
    turned: Flags

    def __len__(self) -> int:
        return max(len(self.key) - 1, 0)

    def ring_of(self, rows: Ints) -> Ints:
        """The rings of some edges."""
        return np.asarray(np.searchsorted(self.first, rows, side="right") - 1)

    def spans(self, owners: Ints) -> tuple[Ints, Ints]:
        """Where the edges of some owners begin and end; the rings of an owner lie together."""
        begin = np.append(self.first, len(self.key))
        low, high = (np.searchsorted(self.owner, owners, side=side) for side in ("left", "right"))
        return begin[low], begin[high]

    def rows_of(self, owners: Ints) -> Ints:
        """The places of all corners of some owners, one owner behind the other."""
        begin, end = self.spans(owners)
        size = end - begin
        return np.repeat(begin - (np.cumsum(size) - size), size) + np.arange(size.sum())

    def line_up(self, rows: Ints) -> Ints:
        """An order of edges that follows the rings with the ground on the left."""
        ring = self.ring_of(rows)
        return np.lexsort((np.where(self.turned[ring], -rows, rows), ring))

    def reach_into(self, rows: Ints, box: tuple[float, float, float, float]) -> Flags:
        """Which of some edges have a box that meets a box (west, south, east, north)."""
        a, b = to_degrees(self.key[rows]), to_degrees(self.key[rows + 1])
        below = (np.minimum(a, b) <= box[2:]).all(axis=1)
        return np.asarray(below & (np.maximum(a, b) >= box[:2]).all(axis=1))

    def edges(self, rows: Ints) -> Edges:
        """Some edges in degrees, ground on the left."""
        ring = self.ring_of(rows)
        back = self.turned[ring]
        start, end = self.key[rows + back], self.key[rows + ~back]
        return Edges(to_degrees(start), to_degrees(end), self.owner[ring])


def to_keys(steps: npt.NDArray[np.int64]) -> Keys:
    """Keys (n,) of corners (n, 2) told in steps of the storage grid."""
    return np.asarray(((steps[:, 0] + _ZERO) << 32 | (steps[:, 1] + _ZERO)).view(np.uint64))


def to_degrees(keys: Keys) -> Floats:
    """Longitude and latitude (n, 2) of corners."""
    steps = np.stack([keys >> np.uint64(32), keys & np.uint64(0xFFFFFFFF)], axis=1).astype(np.int64) - _ZERO
    return steps / STEPS


def to_steps(xy: Floats) -> npt.NDArray[np.int64]:
    """Coordinates in degrees as the nearest steps of the storage grid, any shape."""
    return np.rint(xy * STEPS).astype(np.int64)


def walk_rings(shapes: Shapes, steps: npt.NDArray[np.int64]) -> Walk:
    """The walk of polygons and multipolygons whose coordinates are `steps`; owners are their places."""
    size, owner, shell = _measure_rings(shapes)
    first = np.cumsum(size) - size
    left = _turns_left(steps, first)
    return Walk(to_keys(steps), first, owner, left != shell)


def _measure_rings(shapes: Shapes) -> tuple[Ints, Ints, Flags]:
    """Of every ring how many corners it has, whose it is and whether it is a shell."""
    count = shapely.get_num_coordinates(shapes).astype(np.int64)
    plain = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    others = np.flatnonzero(~plain & (count > 0))
    parts, part_of = shapely.get_parts(shapes[others], return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    shells = np.ones(len(rings), dtype=bool)
    shells[1:] = ring_of[1:] != ring_of[:-1]
    rings_of = (plain & (count > 0)).astype(np.int64)
    rings_of[others] = np.bincount(part_of[ring_of], minlength=len(others))
    owner = np.repeat(np.arange(len(shapes)), rings_of)
    size, shell = count[owner], np.ones(len(owner), dtype=bool)
    composed = ~plain[owner]
    size[composed], shell[composed] = shapely.get_num_coordinates(rings), shells
    return size, owner, shell


def _turns_left(steps: npt.NDArray[np.int64], first: Ints) -> Flags:
    """Whether each ring runs with its inner side on the left, exactly: sums of whole numbers wrap round."""
    if not len(first):
        return np.empty(0, dtype=bool)
    x, y = (steps - steps[0]).T
    cross = np.zeros(len(x), dtype=np.int64)
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[first[1:] - 1] = 0
    return np.asarray(np.add.reduceat(cross, first) > 0)


def join_walks(walks: list[Walk], offsets: list[int]) -> Walk:
    """Walks one behind the other; to the owners of each its offset is added."""
    begin = np.cumsum([0, *(len(walk.key) for walk in walks)])
    return Walk(
        np.concatenate([walk.key for walk in walks]),
        np.concatenate([walk.first + at for walk, at in zip(walks, begin[:-1], strict=True)]),
        np.concatenate([walk.owner + off for walk, off in zip(walks, offsets, strict=True)]),
        np.concatenate([walk.turned for walk in walks]),
    )


def find_loose(walk: Walk) -> Ints:
    """The edges of a walk whose ways forth and back do not cancel, all of each kind, along the rings."""
    if not len(walk):
        return np.empty(0, dtype=np.int64)
    low, high = np.minimum(walk.key[:-1], walk.key[1:]), np.maximum(walk.key[:-1], walk.key[1:])
    size = np.diff(np.append(walk.first, len(walk.key)))
    forth = (walk.key[:-1] < walk.key[1:]) != np.repeat(walk.turned, size)[:-1]
    real = low != high
    real[walk.first[1:] - 1] = False
    rows = _drop_couples(low, high, forth, np.flatnonzero(real))
    rows = rows[match_keys(low[rows], high[rows], forth[rows]).unmatched()]
    return np.asarray(rows[walk.line_up(rows)])


def _drop_couples(low: Keys, high: Keys, forth: Flags, rows: Ints) -> Ints:
    """The rows without those that are one forth and one back of the same edge: nearly all of them.

    Each row is sorted as one number, a mix of its edge above, its own place below. Where exactly two mixes
    agree the edges themselves are compared, so that a mix shared by chance loses nothing.
    """
    bits = np.uint64(len(low).bit_length())
    mask = (np.uint64(1) << bits) - np.uint64(1)
    mixed = (low ^ (low >> np.uint64(29))) * _MIX[0] ^ (high ^ (high >> np.uint64(31))) * _MIX[1]
    packed = mixed[rows] & ~mask | rows.view(np.uint64)
    packed.sort()
    alike = np.zeros(len(packed) + 1, dtype=bool)
    alike[1:-1] = (packed[1:] ^ packed[:-1]) <= mask
    couple = np.flatnonzero(alike[1:-1] & ~alike[:-2] & ~alike[2:])
    place = (packed & mask).view(np.int64)
    a, b = place[couple], place[couple + 1]
    sure = couple[(low[a] == low[b]) & (high[a] == high[b]) & (forth[a] != forth[b])]
    left = np.ones(len(packed), dtype=bool)
    left[sure] = left[sure + 1] = False
    return np.sort(place[left])
