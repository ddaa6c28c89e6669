"""One map window of a sheet: ground, lines, symbols, faults and labels inside a box of the paper."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.wall import look
from app.maps.wall.drawing import Box, Canvas, Pen, Text, Window
from app.maps.wall.ground import Ground, View
from app.maps.wall.labels import Placed, Scheme
from app.maps.wall.papers import Paper
from app.maps.wall.sheet import Sheet

_HATCHED = ("overlap", "duplicate", "sliver")
_HALO_MM = 0.6
_COARSE_MM = 0.4
_NAME_RANGE = ((12, 1.0), (30, 0.8), (60, 0.65), (10**9, 0.5))


@dataclass(frozen=True, slots=True)
class Caption:
    """What may be written on a grid: its name, its code without the sheet's common prefix, its holder."""

    name: str
    code: str
    holder: str | None


@dataclass
class Chart:
    """A window being drawn: what it shows, where, and what has been placed so far.

    `coarse` is the sheet's own ground with a millimetre of air, in few vertices: what must stay clear of the
    ground asks it, because widening the true outline takes a hundred times as long.
    """

    sheet: Sheet
    ground: Ground
    view: View
    paper: Paper
    captions: Sequence[Caption]
    taken: list[Box] = field(default_factory=list)
    placed: dict[int, Placed] = field(default_factory=dict)
    over: Canvas = field(default_factory=Canvas)
    sources: list[Box] = field(default_factory=list)
    numbered: bool = True

    def __post_init__(self) -> None:
        self.territory = self.view.to_paper(self.ground.outline)
        self.coarse = self.territory.simplify(_COARSE_MM).buffer(_COARSE_MM + 1.0, quad_segs=2)
        self.rooms = [self.view.to_paper(shape) for shape in self.ground.visible]
        shapely.prepare(self.territory)
        shapely.prepare(self.coarse)

    @property
    def scheme(self) -> Scheme:
        """Type sizes of the paper; the more grids a window shows, the less their names differ in size."""
        low, high = self.paper.name_pt
        seen = sum(not room.is_empty for room in self.rooms)
        share = next(share for most, share in _NAME_RANGE if seen <= most)
        return Scheme((low, low + share * (high - low)), self.paper.smallest_pt)

    @property
    def texts(self) -> list[Text]:
        """Every text placed so far."""
        own = [text for put in self.placed.values() for text in put.texts]
        return own + [mark for mark in self.over.marks if isinstance(mark, Text)]

    def pen(self, pen: Pen) -> Pen:
        """A pen as thick as this paper wants it: lines grow more slowly than type."""
        return Pen(pen.fill, pen.stroke, pen.width_mm * max(0.85, self.paper.unit**0.5), pen.dash_mm)

    def record(self) -> Window:
        """What was drawn, for the record of the sheet."""
        grids, view = self.ground.grids, self.view
        labelled = {grids[at].code: put.how for at, put in self.placed.items()}
        return Window(view.box, view.scale, view.centre_m, self.ground.epsg, labelled)


def paint_chart(chart: Chart, canvas: Canvas) -> None:
    """Paint the window: ground from below upwards, then the symbols and texts that found room."""
    canvas.rect(chart.view.box, Pen(fill=look.OUTSIDE), role="map")
    _paint_around(chart, canvas)
    order = np.argsort(-shapely.area(np.array(chart.ground.shapes, dtype=object)), kind="stable").tolist()
    _paint_cells(chart, canvas, order=order)
    _paint_lines(chart, canvas, order=order)
    _paint_faults(chart, canvas)
    canvas.lines(_clip_edge(chart, chart.ground.outline), chart.pen(look.FRAME_LINE), role="outline")
    _paint_sources(chart, canvas)
    canvas.marks += chart.over.marks
    for put in chart.placed.values():
        canvas.marks += put.texts
    canvas.rect(chart.view.box, Pen(stroke=look.INK_2, width_mm=0.35), role="neatline")


def _clip_edge(chart: Chart, geom: BaseGeometry) -> BaseGeometry:
    """The edge of a shape on paper, without the stretches that only the window's cut has made."""
    laid = chart.view.to_paper(geom)
    if laid.is_empty or laid.area == 0:
        return shapely.MultiLineString()
    x0, y0, x1, y1 = chart.view.box
    inner = shapely.box(x0 + 0.01, y0 + 0.01, x1 - 0.01, y1 - 0.01)
    return laid.boundary if inner.contains(laid) else shapely.intersection(laid.boundary, inner)


def _paint_around(chart: Chart, canvas: Canvas) -> None:
    window = shapely.box(*chart.view.box)
    for width, colour in ((3.4, look.HALO_1), (1.7, look.HALO_2)):
        halo = chart.territory.simplify(_COARSE_MM).buffer(width * chart.paper.unit, quad_segs=4)
        canvas.area(shapely.intersection(halo, window), Pen(fill=colour), role="halo")
    for other in chart.ground.neighbours:
        canvas.area(chart.view.to_paper(other.geom), Pen(fill=look.NEIGHBOUR), role="neighbour")
        canvas.lines(_clip_edge(chart, other.geom), Pen(stroke="#ffffff", width_mm=0.3), role="neighbour")
    canvas.area(chart.territory, Pen(fill=look.PAPER_GROUND), role="frame")


def _paint_cells(chart: Chart, canvas: Canvas, *, order: Sequence[int]) -> None:
    for at in order:
        fill = look.fill_of(chart.ground.grids[at].colour)
        canvas.area(chart.view.to_paper(chart.ground.shapes[at]), Pen(fill=fill), role="grid")


def _paint_lines(chart: Chart, canvas: Canvas, *, order: Sequence[int]) -> None:
    ground = chart.ground
    for pen, shapes, role in (
        (look.GRID_LINE, [ground.shapes[at] for at in order], "grid"),
        (look.MANAGER_LINE, list(ground.managers), "manager"),
        (look.TOWN_LINE, [town.geom for town in ground.towns], "town"),
    ):
        for shape in shapes:
            canvas.lines(_clip_edge(chart, shape), chart.pen(pen), role=role)


def _halos(chart: Chart, geom: BaseGeometry) -> BaseGeometry:
    """Boxes of the texts that stand on a shape, with a little air."""
    x0, y0, x1, y1 = geom.bounds
    boxes = [text.box for text in chart.texts]
    near = [box for box in boxes if box[0] < x1 and box[2] > x0 and box[1] < y1 and box[3] > y0]
    return shapely.union_all([shapely.box(*box).buffer(_HALO_MM) for box in near])


def _paint_sources(chart: Chart, canvas: Canvas) -> None:
    """Frames of the ground that insets show larger, broken where a text stands."""
    for source in chart.sources:
        frame = shapely.box(*source)
        edge = shapely.difference(frame.boundary, _halos(chart, frame))
        canvas.lines(edge, Pen(stroke=look.BRAND, width_mm=0.5), role="inset")


def _paint_faults(chart: Chart, canvas: Canvas) -> None:
    for finding in chart.ground.findings:
        laid = chart.view.to_paper(finding.geom)
        if laid.is_empty or laid.area == 0:
            continue
        halos = _halos(chart, laid)
        if finding.kind == "gap":
            canvas.area(laid, chart.pen(look.GAP_EDGE), role="gap")
        elif finding.kind in _HATCHED:
            canvas.lines(shapely.difference(look.cut_hatching(laid), halos), look.HATCH, role="hatch")
            canvas.lines(shapely.difference(laid.boundary, halos), look.OVERLAP_EDGE, role="overlap")
