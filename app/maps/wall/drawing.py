"""The display list of a sheet: shapes and texts in millimetres, y downwards, in drawing order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.maps.wall.lettering import Type, clean_text, text_box

Box = tuple[float, float, float, float]
Ring = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pen:
    """How a shape is painted: fill and stroke colours, stroke width and dashes in millimetres."""

    fill: str | None = None
    stroke: str | None = None
    width_mm: float = 0.2
    dash_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Rings (closed) or lines (open) painted with one pen; several rings make holes by the even-odd rule."""

    rings: tuple[Ring, ...]
    closed: bool
    pen: Pen
    role: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `role` tells what it is (name, code, table ...), `key` whose it is."""

    x_mm: float
    y_mm: float
    text: str
    kind: Type
    role: str = ""
    key: str = ""

    @property
    def box(self) -> Box:
        """The box the text takes: x0, y0, x1, y1 in millimetres."""
        return text_box(self.x_mm, self.y_mm, text=self.text, kind=self.kind)


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of map on the sheet: its box in millimetres, its scale 1:N, the ground point in its middle
    (metres in EPSG `epsg`), and how each grid code is told there: full, name, code, leader, number, inset."""

    box: Box
    scale: int
    centre_m: tuple[float, float]
    epsg: int
    labelled: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A finished sheet: its size, its marks, its map windows (the first is the main map)."""

    width_mm: float
    height_mm: float
    title: str
    printed_on: date
    marks: tuple[Shape | Text, ...]
    windows: tuple[Window, ...]
    orientation: str

    @property
    def scale(self) -> int:
        """The main map's scale denominator N of 1:N."""
        return self.windows[0].scale

    @property
    def texts(self) -> tuple[Text, ...]:
        """All texts in drawing order."""
        return tuple(mark for mark in self.marks if isinstance(mark, Text))


@dataclass
class Canvas:
    """Collects marks while a sheet is being drawn."""

    marks: list[Shape | Text] = field(default_factory=list)

    def area(self, geom: BaseGeometry, pen: Pen, *, role: str = "") -> None:
        """Paint polygons (any dimension below two in `geom` is left out)."""
        rings = list(_rings(geom))
        if rings:
            self.marks.append(Shape(tuple(rings), True, pen, role))

    def lines(self, geom: BaseGeometry, pen: Pen, *, role: str = "") -> None:
        """Stroke lines, or the edges of polygons."""
        edges = [part for part in shapely.get_parts(_edges(geom)) if not part.is_empty]
        rings = tuple(shapely.get_coordinates(part) for part in edges if part.geom_type != "Point")
        if rings:
            self.marks.append(Shape(rings, False, pen, role))

    def rect(self, box: Box, pen: Pen, *, role: str = "") -> None:
        """Paint a rectangle."""
        x0, y0, x1, y1 = box
        corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.float64)
        self.marks.append(Shape((corners,), True, pen, role))

    def line(self, points: Iterable[tuple[float, float]], pen: Pen, *, role: str = "") -> None:
        """Stroke one line through the points."""
        self.marks.append(Shape((np.array(list(points), dtype=np.float64),), False, pen, role))

    def write(self, at: tuple[float, float], text: str, kind: Type, *, role: str = "", key: str = "") -> None:
        """Set one line of text with its baseline at the point; an empty text leaves no mark."""
        cleaned = clean_text(text)
        if cleaned:
            self.marks.append(Text(at[0], at[1], cleaned, kind, role, key))


def _rings(geom: BaseGeometry) -> Iterable[Ring]:
    for part in shapely.get_parts(geom):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield shapely.get_coordinates(part.exterior)
            for hole in part.interiors:
                yield shapely.get_coordinates(hole)
        elif part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            yield from _rings(part)


def _edges(geom: BaseGeometry) -> BaseGeometry:
    if geom.geom_type in ("Polygon", "MultiPolygon"):
        return geom.boundary
    if geom.geom_type == "MultiLineString":
        return shapely.line_merge(geom)
    return geom
