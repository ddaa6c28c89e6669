"""Outlines as tiles draw them: of grids and towns, simplified together, kept while the ground stays as it is.

Below zoom 13 a shape is as fine as half a pixel shows, and neighbours keep one border. Outlines are made once
for a state of the ground, by the house's own hand and the same for all; a tile's statement draws those whose
rows its viewer may see.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from app.spatial.topology.levels import Level, Levels

FULL_FROM = 13
WORLD_M = 40_075_016.685578488
# A little more than the 64 of 4096 units that a tile draws of its neighbours.
MARGIN = 0.02
MOST_KEPT = 8
STATE = "maps/find_outline_state"
Params = dict[str, Any]
Row = dict[str, Any]


def pixel_m(z: int) -> float:
    """The metres of a pixel (EPSG:3857, tiles of 512 pixels)."""
    return WORLD_M / 512 / (1 << z)


def frame_tile(z: int, x: int, y: int) -> shapely.Polygon:
    """A tile with its margin in EPSG:3857."""
    side = WORLD_M / (1 << z)
    west, north, more = x * side - WORLD_M / 2, WORLD_M / 2 - y * side, MARGIN * side
    return shapely.box(west - more, north - side - more, west + side + more, north + more)


@dataclass(frozen=True, slots=True)
class Packed:
    """A level as statements take it: shapes and borders as bytes, each with its tree."""

    shapes: list[bytes]
    lines: list[bytes]
    sides: list[tuple[int, int]]
    shape_tree: shapely.STRtree
    line_tree: shapely.STRtree


def pack(level: Level, keys: Sequence[int]) -> Packed:
    """A level packed; a border between two rows of one key is none, `keys` (n,) names the rows."""
    borders = level.borders
    far = [keys[other] if other >= 0 else 0 for other in borders.other]
    sides = [(keys[one], other) for one, other in zip(borders.one, far, strict=True)]
    kept = [n for n, (one, other) in enumerate(sides) if one != other]
    lines = borders.lines[kept]
    return Packed(
        shapely.to_wkb(level.drawn).tolist(),
        shapely.to_wkb(lines).tolist(),
        [sides[n] for n in kept],
        shapely.STRtree(level.drawn),
        shapely.STRtree(lines),
    )


class Outlines:
    """The outlines of rows (`id`, `shape` as WKB in EPSG:3857, of towns also `code` and `name`), by zoom."""

    def __init__(self, rows: Iterable[Row]) -> None:
        found = list(rows)
        self.ids = [int(row["id"]) for row in found]
        shapes = np.array([shapely.from_wkb(bytes(row["shape"])) for row in found], dtype=object)
        # From 1: 0 is nobody.
        self.codes = ["", *sorted({row["code"] for row in found if "code" in row})]
        number = {code: n for n, code in enumerate(self.codes)}
        self._keys = [number[row["code"]] for row in found] if len(self.codes) > 1 else self.ids
        self.names = name_middles(found, shapes) if len(self.codes) > 1 else {}
        self._levels = Levels(shapes, pixel_m, full=FULL_FROM)
        self._packed: dict[int, Packed] = {}
        self._lock = threading.Lock()

    def find(self, z: int) -> Packed:
        """The level of a zoom."""
        z = min(z, FULL_FROM)
        with self._lock:
            if z not in self._packed:
                self._packed[z] = pack(self._levels.find(z), self._keys)
            return self._packed[z]

    def cut(self, z: int, x: int, y: int) -> tuple[Packed, list[int], list[int]]:
        """The level, and the rows of its shapes and lines that a tile may show."""
        packed, frame = self.find(z), frame_tile(z, x, y)
        return packed, sorted(packed.shape_tree.query(frame)), sorted(packed.line_tree.query(frame))


def name_middles(rows: Sequence[Row], shapes: Any) -> Params:
    """Where the name of each key stands: amid the middles of its shapes, in EPSG:3857."""
    spots: dict[str, list[Any]] = {}
    for row, middle in zip(rows, shapely.centroid(shapes), strict=True):
        spots.setdefault(row["code"], []).append((row["name"], middle.x, middle.y))
    return {
        "town_codes": list(spots),
        "town_names": [min(name for name, _, _ in some) for some in spots.values()],
        "town_x": [float(np.mean([x for _, x, _ in some])) for some in spots.values()],
        "town_y": [float(np.mean([y for _, _, y in some])) for some in spots.values()],
    }


def pile(name: str, geometries: list[bytes]) -> Params:
    """Geometries as one row of bytes, with the place of each: a list of them is slow to send."""
    ends = np.cumsum([len(one) for one in geometries], dtype=np.int64)
    return {
        f"{name}_pile": b"".join(geometries),
        f"{name}_starts": [1, *(ends[:-1] + 1).tolist()][: len(geometries)],
        f"{name}_bytes": [len(one) for one in geometries],
    }


def tell_grids(outlines: Outlines, z: int, x: int, y: int) -> Params:
    """What statements about grids are told: shapes by id, borders by the ids of both sides (0: nobody)."""
    packed, shapes, lines = outlines.cut(z, x, y)
    return {
        "shape_ids": [outlines.ids[n] for n in shapes],
        **pile("shape", [packed.shapes[n] for n in shapes]),
        "border_one": [packed.sides[n][0] for n in lines],
        "border_other": [packed.sides[n][1] for n in lines],
        **pile("border", [packed.lines[n] for n in lines]),
    }


def tell_towns(outlines: Outlines, z: int, x: int, y: int) -> Params:
    """What the statement about towns is asked with: borders between two, and where names stand."""
    packed, _, lines = outlines.cut(z, x, y)
    return {
        "line_codes": [outlines.codes[max(packed.sides[n])] for n in lines],
        **pile("line", [packed.lines[n] for n in lines]),
        **outlines.names,
    }


# What a layer is drawn from: the rows, and what its statement is told of them.
OUTLINED: dict[str, tuple[str, Callable[[Outlines, int, int, int], Params]]] = {
    "grids": ("maps/list_outline_grids", tell_grids),
    "coverage": ("maps/list_outline_grids", tell_grids),
    "states": ("maps/list_outline_grids", tell_grids),
    "towns": ("maps/list_outline_towns", tell_towns),
}


class OutlineShelf:
    """Outlines by the state of the ground they are of, the last used kept; each made by one, once."""

    def __init__(self, limit: int = MOST_KEPT) -> None:
        self._limit = limit
        self._states: OrderedDict[Hashable, Hashable] = OrderedDict()
        self._kept: OrderedDict[Hashable, Outlines] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, place: str, version: str, statement: str, *, ask: Callable[[str], list[Row]]) -> Outlines:
        """The outlines of a statement's rows; `version` is the state of all data in a `place`.

        `ask` reads all rows of a statement, whoever looks.
        """
        with self._lock:
            state = self._find_state(place, version, ask)
            key = (statement, state)
            if key not in self._kept:
                self._kept[key] = Outlines(ask(statement))
                while len(self._kept) > self._limit:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _find_state(self, place: str, version: str, ask: Callable[[str], list[Row]]) -> Hashable:
        key = (place, version)
        if key not in self._states:
            self._states[key] = (place, ask(STATE)[0]["outline_state"])
            while len(self._states) > 50 * self._limit:
                self._states.popitem(last=False)
        return self._states[key]


def ask_outlines(
    shelf: OutlineShelf, layers: Iterable[str], *, place: str, version: str, address: tuple[int, int, int],
    ask: Callable[[str], list[Row]],
) -> Params:  # fmt: skip
    """What the statements of these layers are told of outlines; nothing for layers without any."""
    told: Params = {}
    for statement, tell in dict.fromkeys(OUTLINED[key] for key in layers if key in OUTLINED):
        told |= tell(shelf.find(place, version, statement, ask=ask), *address)
    return told
