"""The placemarks of a KML document: their folders, their data as columns, their shapes."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax.handler import ContentHandler

import numpy as np
import shapely
from numpy.typing import NDArray

from app.glossary import map_headings
from app.spatial.formats.kml_tables import read_description
from app.spatial.formats.layer import MOST_COLUMNS, Limits
from app.spatial.formats.refusals import refuse
from app.spatial.formats.shapes import BROKEN, NOTHING, Built

_DEEPEST = 100
_CONTAINERS = ("Folder", "Document")
_OVERLAYS = ("GroundOverlay", "ScreenOverlay", "PhotoOverlay")
_TEXTS = frozenset(("name", "description", "value", "displayName", "SimpleData", "coordinates", "coord"))
_WHOLE, _REAL = re.compile(r"-?(?:0|[1-9]\d{0,17})"), re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_LINK_TAGS = ("NetworkLink", "NetworkLinkControl")


@dataclass
class _Place:
    """One placemark as it is being read."""

    folders: tuple[list[str], ...]
    name: str | None = None
    description: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    parts: list[Any] = field(default_factory=list)
    broken: bool = False
    closed: bool = False


class Places(ContentHandler):
    """Takes the events of a parser; afterwards `shapes` (one a placemark) and `columns()` are there."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits, self.vertices = limits, 0
        self.links = self.overlays = False
        self.places: list[_Place] = []
        self.shapes: list[Built] = []
        self._path: list[str] = []
        self._folders: list[list[str]] = []
        self._place: _Place | None = None
        self._text: list[str] | None = None
        self._rings: dict[str, list[NDArray[np.float64]]] = {}
        self._points: list[NDArray[np.float64]] = []
        self._heading, self._shown = "", ""
        self._fields: dict[str, tuple[str, str]] = {}

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the parser's own word
        """An element begins."""
        tag = name.rpartition(":")[2]
        if len(self._path) >= _DEEPEST:
            raise refuse("xml_too_deep")
        inside_data = "ExtendedData" in self._path
        self._path.append(tag)
        self._text = [] if tag in _TEXTS or inside_data else None
        if tag in _CONTAINERS:
            self._folders.append(["", tag])
        elif tag == "Placemark":
            self._begin_place()
        elif tag in ("Data", "SimpleData", "SimpleField"):
            self._begin_field(tag, attrs)
        elif tag in ("Polygon", "Track"):
            self._rings, self._points = {}, []
        elif tag in _LINK_TAGS:
            self.links = True
        elif tag in _OVERLAYS:
            self.overlays = True

    def _begin_place(self) -> None:
        if len(self.places) >= self.limits.rows:
            raise refuse("too_many_rows", f"> {self.limits.rows}")
        self._place = _Place(tuple(self._folders))

    def _begin_field(self, tag: str, attrs: Any) -> None:
        self._heading, self._shown = str(attrs.get("name", "")).strip(), ""
        if tag == "SimpleField":
            self._fields[self._heading] = (self._heading, str(attrs.get("type", "string")))

    def characters(self, content: str) -> None:
        """Text comes, in pieces."""
        if self._text is not None:
            self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - the parser's own word
        """An element ends."""
        tag = self._path.pop()
        text = "".join(self._text).strip() if self._text is not None else ""
        above = self._path[-1] if self._path else ""
        if tag in ("name", "description", "displayName", "value", "SimpleData"):
            self._end_text(tag, above, text)
        elif self._place is not None:
            self._end_shape(tag, above, text)
        if tag in _CONTAINERS and self._folders:
            self._folders.pop()
        self._text = None

    def _end_text(self, tag: str, above: str, text: str) -> None:
        if tag == "name" and above in _CONTAINERS and self._folders:
            self._folders[-1][0] = text
        elif tag == "displayName" and above == "SimpleField" and text:
            self._fields[self._heading] = (text, self._fields[self._heading][1])
        elif tag == "displayName":
            self._shown = text
        elif self._place is None:
            return
        elif tag == "name" and above == "Placemark":
            self._place.name = text or None
        elif tag == "description" and above == "Placemark":
            self._place.description = text or None
        elif tag == "value" and above == "Data":
            self._place.data[self._shown or self._heading or "value"] = text or None
        elif tag == "SimpleData":
            shown, kind = self._fields.get(self._heading, (self._heading, "string"))
            self._place.data[shown or "value"] = _read_value(text, kind)

    def _end_shape(self, tag: str, above: str, text: str) -> None:
        assert self._place is not None
        if tag == "coordinates":
            self._points = [self._read_points(text)]
        elif tag == "coord":
            self._points += [self._read_points(",".join(text.split()))]
        elif tag == "LinearRing" and above in ("outerBoundaryIs", "innerBoundaryIs", "Polygon"):
            self._rings.setdefault("inner" if above.startswith("inner") else "outer", []).extend(self._points)
        elif tag in ("Polygon", "LinearRing", "LineString", "Point", "Track"):
            self._add_part(tag)
        elif tag == "Placemark":
            self.places.append(self._place)
            self.shapes.append(_join(self._place))
            self._place = None
        elif above == "ExtendedData" and text and tag not in ("Data", "SchemaData"):
            self._place.data[tag] = text

    def _read_points(self, text: str) -> NDArray[np.float64]:
        assert self._place is not None
        try:
            points = read_positions(text)
        except ValueError:
            points, self._place.broken = np.empty((0, 2)), True
        self.vertices += len(points)
        if self.vertices > self.limits.vertices:
            raise refuse("too_many_vertices", str(self.limits.vertices))
        return points

    def _add_part(self, tag: str) -> None:
        assert self._place is not None
        try:
            if tag == "Polygon":
                self._place.parts += self._polygons(self._rings)
            elif tag == "LinearRing":
                self._place.parts += self._polygons({"outer": self._points})
            else:
                points = np.concatenate(self._points) if self._points else np.empty((0, 2))
                self._place.parts.append(_line_or_point(points, tag))
        except (ValueError, shapely.errors.ShapelyError):
            self._place.broken = True
        self._rings, self._points = {}, []

    def _polygons(self, rings: dict[str, list[NDArray[np.float64]]]) -> list[Any]:
        shells, holes = rings.get("outer", []), [hole for hole in rings.get("inner", []) if len(hole)]
        if not shells:
            raise ValueError("no shell")
        assert self._place is not None
        if any(not np.array_equal(ring[0], ring[-1]) for ring in (*shells, *holes) if len(ring)):
            self._place.closed = True
        first, *others = shells
        return [shapely.Polygon(first, holes), *(shapely.Polygon(other) for other in others)]

    def columns(self) -> dict[str, list[Any]]:
        """The data of all placemarks as columns; `name`, `folder` and `description` come first."""
        told = [read_description(place.description) for place in self.places]
        rows = [pairs | place.data for place, (_, pairs) in zip(self.places, told, strict=True)]
        headings = dict.fromkeys(heading for row in rows for heading in row)
        if len(headings) > MOST_COLUMNS:
            raise refuse("too_many_columns", f"{len(headings)} > {MOST_COLUMNS}")
        columns: dict[str, list[Any]] = {h: [row.get(h) for row in rows] for h in headings}
        own: dict[str, list[Any]] = {
            "name": [place.name for place in self.places],
            "folder": [_folder_path(place) for place in self.places],
            "description": [text for text, _ in told],
        }
        known = map_headings(columns, ("unit_name", "town_name")).columns
        for heading, term in (("name", "unit_name"), ("folder", "town_name")):
            if term in known and [_as_text(value) for value in columns[known[term]]] == own[heading]:
                del own[heading]  # it says once more what a column of the data says
        shown = {h: values for h, values in own.items() if any(v is not None for v in values)}
        return {**{h: values for h, values in shown.items() if h not in columns}, **columns}


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _folder_path(place: _Place) -> str | None:
    """The names of the folders around a placemark, "A/B"; the outermost document is the file itself."""
    around = place.folders[1:] if place.folders and place.folders[0][1] == "Document" else place.folders
    names = [name.strip().replace("/", "／") for name, _ in around]
    return "/".join(filter(None, names)) or None


def _read_value(text: str, kind: str) -> Any:
    """A typed field of a schema; what does not look like its type stays text."""
    kind = kind.rpartition(":")[2].lower()
    if not text:
        return None
    if kind in ("int", "uint", "short", "ushort", "integer") and _WHOLE.fullmatch(text):
        return int(text)
    if kind in ("double", "float") and _REAL.fullmatch(text):
        return float(text)
    if kind in ("bool", "boolean") and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    return text


def read_positions(text: str) -> NDArray[np.float64]:
    """Read `lon,lat[,alt] lon,lat…` as an array (n, 2), or (n, 3) when an altitude is not 0.

    Raises ValueError when something is no position. Blanks around commas are forgiven.
    """
    tidy = re.sub(r"\s*[,，]\s*", ",", text).split()
    points = [token.rstrip(",").split(",") for token in tidy]
    size = min(map(len, points), default=2)
    if not 2 <= size <= 4 or any(len(point) > 4 for point in points):
        raise ValueError("no position")
    array = np.array([point[: min(size, 3)] for point in points], np.float64).reshape(len(points), -1)
    flat = array.shape[1] < 3 or not array[:, 2].any()
    return array[:, :2] if flat else array


def _line_or_point(points: NDArray[np.float64], tag: str) -> Any:
    if tag == "Point":
        if len(points) != 1:
            raise ValueError("no point")
        return shapely.Point(points[0])
    if len(points) < 2:
        raise ValueError("no line")
    return shapely.LineString(points)


def _join(place: _Place) -> Built:
    """One shape of all parts of a placemark; a part that makes no sense breaks the whole of it."""
    if place.broken:
        return BROKEN
    if not place.parts:
        return NOTHING
    kinds = {part.geom_type for part in place.parts}
    if len(place.parts) == 1:
        geom = place.parts[0]
    elif kinds == {"Polygon"}:
        geom = shapely.MultiPolygon(place.parts)
    elif kinds == {"LineString"}:
        geom = shapely.MultiLineString(place.parts)
    elif kinds == {"Point"}:
        geom = shapely.MultiPoint(place.parts)
    else:
        geom = shapely.GeometryCollection(place.parts)
    return Built(shapely.to_wkb(geom), closed=place.closed)
