"""TopoJSON: shared arcs put together to shapes. Every named object is a layer; nothing of it is a path.

Source of the rules: the TopoJSON format specification (arcs are delta-encoded when there is a `transform`, a
negative index ~i is arc i backwards, shared end points are dropped when arcs are joined).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from app.spatial.formats.geojson import columns_of, looks_like_json, parse_json, plain_head, properties_of
from app.spatial.formats.layer import Found
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import BROKEN, NOTHING, Built, Shapes
from app.spatial.formats.source import Source
from app.spatial.formats.texts import Text, read_text

_MARK = re.compile(rb'"type"\s*:\s*"Topology"|^\{\s*"(?:arcs|objects|transform)"\s*:')
_DEEPEST = 32


def looks_like_topology(head: bytes) -> bool:
    """Tell by the first bytes whether this is a TopoJSON document."""
    return looks_like_json(head) and _MARK.search(plain_head(head)) is not None


@lru_cache(maxsize=2)
def _load(path: Path, encoding: str | None) -> tuple[dict[str, Any], Text]:
    said = read_text(path.read_bytes(), encoding)
    root = parse_json(said.text)
    if not isinstance(root, dict) or not isinstance(root.get("objects"), dict):
        raise refuse("not_geojson")
    return root, said


def list_layers(source: Source) -> list[str]:
    """Return the names of the objects of the topology."""
    root, _ = _load(source.parts[".topojson"], None)
    return [str(name) for name in root["objects"]]


def read(source: Source, layer: str, encoding: str | None) -> Found:
    """Read one object. Raises RefusedFile topojson_broken when an arc is missing, too_many_vertices."""
    root, said = _load(source.parts[".topojson"], encoding)
    members = _members(root["objects"].get(layer), 0)
    try:
        topology = _Topology(*_decode(root), source.limits.vertices)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        raise refuse("topojson_broken") from None
    shapes = Shapes()
    for row, member in enumerate(members, 1):
        shapes.add(row, topology.build(member))
    columns = columns_of([properties_of(member) for member in members])
    notes = (*shapes.notes(), *said.notes)
    return Found(layer, columns, shapes.wkb, None, said.finding, notes, shapes.rows)


def _members(found: Any, depth: int) -> list[Any]:
    """The geometries of an object; collections within collections of features are taken apart."""
    if not isinstance(found, dict) or found.get("type") != "GeometryCollection" or depth > _DEEPEST:
        return [found]
    parts = found.get("geometries")
    return [one for part in parts for one in _members(part, depth + 1)] if isinstance(parts, list) else []


def _decode(root: dict[str, Any]) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return (arcs as arrays (n, 2), the transform as [scale, translate] (2, 2), ones and zeros without)."""
    told = root.get("transform")
    transform = np.array([[1.0, 1.0], [0.0, 0.0]])
    if told is not None:
        transform = np.array([told["scale"][:2], told["translate"][:2]], np.float64)
    arcs = []
    for arc in root.get("arcs", []):
        points = np.array([point[:2] for point in arc], np.float64).reshape(-1, 2)
        arcs.append(points if told is None else np.cumsum(points, axis=0) * transform[0] + transform[1])
    return arcs, transform


@dataclass
class _Topology:
    arcs: list[NDArray[np.float64]]
    transform: NDArray[np.float64]
    vertices_left: int

    def build(self, member: Any) -> Built:
        """Put one geometry together; a missing arc refuses the file, a senseless one breaks its row."""
        if not isinstance(member, dict) or member.get("type") is None:
            return NOTHING
        try:
            geom = self._shape(member)
        except (TypeError, ValueError, KeyError, AttributeError, shapely.errors.ShapelyError):
            return BROKEN
        return NOTHING if geom is None else Built(shapely.to_wkb(geom))

    def _shape(self, member: dict[str, Any]) -> Any:
        kind = member["type"]
        if kind == "Point":
            return shapely.Point(self._place(member["coordinates"]))
        if kind == "MultiPoint":
            return shapely.MultiPoint([self._place(one) for one in member["coordinates"]])
        if kind == "LineString":
            return shapely.LineString(self._join(member["arcs"]))
        if kind == "MultiLineString":
            return shapely.MultiLineString([self._join(line) for line in member["arcs"]])
        if kind == "Polygon":
            return self._polygon(member["arcs"])
        if kind == "MultiPolygon":
            return shapely.MultiPolygon([self._polygon(rings) for rings in member["arcs"]])
        raise ValueError(kind)

    def _place(self, position: list[float]) -> NDArray[np.float64]:
        place: NDArray[np.float64] = np.asarray(position[:2], np.float64) * self.transform[0]
        place += self.transform[1]
        return place

    def _polygon(self, rings: list[list[int]]) -> Any:
        shell, *holes = (self._join(ring) for ring in rings)
        return shapely.Polygon(shell, holes)

    def _join(self, numbers: list[int]) -> NDArray[np.float64]:
        parts = []
        for place, number in enumerate(numbers):
            if type(number) is not int or not -len(self.arcs) <= number < len(self.arcs):
                raise refuse("topojson_broken", f"{number} / {len(self.arcs)}")
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            self.vertices_left -= len(arc)
            if self.vertices_left < 0:
                raise refuse("too_many_vertices")
            parts.append(arc[1:] if place else arc)
        return np.concatenate(parts)
