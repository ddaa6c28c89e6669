"""How a sheet is divided: both orientations, the directory right of the map or below it, in larger or
smaller type; of the divisions that show the ground about as large as can be, the largest type wins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from app.maps.wall import directory, panels
from app.maps.wall.chart import Caption
from app.maps.wall.drawing import Box
from app.maps.wall.flow import Columns, Piece, find_height, flow_pieces
from app.maps.wall.ground import Ground, View
from app.maps.wall.papers import Paper
from app.maps.wall.sheet import Sheet

_TITLE, _FACTS, _GAP, _INDEX, _STRIP, _AIR = 17.0, 5.0, 5.0, 4.2, 7.0, 6.0
_TYPE_FACTORS = (1.5, 1.3, 1.15, 1.05)
_LEAST_MAP_SHARE = 0.34
_SCALE_TOLERANCE = 1.08
_MODES = ("table", "groups", "none")


@dataclass(frozen=True, slots=True)
class Brief:
    """What has to find room on the sheet."""

    sheet: Sheet
    ground: Ground
    paper: Paper
    captions: Sequence[Caption]
    insets: int = 0

    @property
    def modes(self) -> tuple[str, ...]:
        """Forms of the directory worth trying, best first."""
        return _MODES if directory.wants_table(self.ground.grids) else _MODES[1:]


@dataclass(frozen=True, slots=True)
class Layout:
    """A divided sheet: boxes in millimetres, the main view, how the directory is set, where panels flow."""

    orientation: str
    width_mm: float
    height_mm: float
    title: Box
    facts: Box
    strip: Box
    view: View
    columns: Columns
    mode: str
    factor: float

    @property
    def share(self) -> float:
        """Share of the sheet that is map."""
        x0, y0, x1, y1 = self.view.box
        return (x1 - x0) * (y1 - y0) / (self.width_mm * self.height_mm)


def choose_layout(brief: Brief, orientations: Sequence[str]) -> Layout:
    """The best division: the first directory form that leaves the map its share, at the largest scale."""
    best: Layout | None = None
    for mode in brief.modes:
        tried = [found for held in orientations for found in _divide(brief, held, mode=mode)]
        roomy = [found for found in tried if found.share >= _LEAST_MAP_SHARE]
        if roomy:
            largest = min(found.view.scale for found in roomy) * _SCALE_TOLERANCE
            return min((found for found in roomy if found.view.scale <= largest), key=_rank)
        best = min([*tried, *([best] if best else [])], key=lambda found: -found.share, default=best)
    assert best is not None
    return best


def list_pieces(
    brief: Brief, layout_mode: str, *, factor: float, wide: float, squares: Sequence[str]
) -> list[Piece]:
    """Everything that flows beside the map: key figures, overview, legend, insets, directory."""
    paper, gap = brief.paper, 2.2 * brief.paper.unit
    pieces = [
        panels.heading("关键数字", paper),
        panels.figures(brief.sheet, brief.ground, paper),
        panels.space(gap),
        panels.heading("图例", paper),
        panels.legend(brief.sheet, brief.ground, paper),
    ]
    small = panels.overview(brief.ground, paper, wide)
    if small:
        pieces += [panels.space(gap), panels.heading("在全行的位置", paper), small]
    for _ in range(brief.insets):
        pieces += [panels.space(gap), Piece(min(wide * 0.85, 95 * paper.unit), _nothing, keep=False)]
    register = make_register(brief, factor, squares)
    if layout_mode == "table":
        note = "按经理、编码排列"
        pieces += [
            panels.space(gap),
            panels.heading("规划名录", paper, note=note),
            *directory.list_table(register),
        ]
    elif layout_mode == "groups":
        pieces += [panels.space(gap), panels.heading("规划名录", paper, note="编码 网格(位置)")]
        pieces += directory.list_groups(register, wide)
    return pieces


def make_register(brief: Brief, factor: float, squares: Sequence[str]) -> directory.Register:
    """The directory in the type of this layout."""
    return directory.Register(brief.ground.grids, brief.captions, squares, brief.paper.smallest_pt * factor)


def round_scale(denominator: float) -> int:
    """The next round scale 1:N: to 5,000 above 1:20,000, to 1,000 above 1:5,000, else to 500."""
    step = 5000 if denominator > 20_000 else 1000 if denominator > 5000 else 500
    return int(np.ceil(denominator / step - 1e-9)) * step


def inset_boxes(laid: Sequence[tuple[Piece, Box]]) -> list[Box]:
    """The boxes that were kept free for insets among the panels."""
    return [box for piece, box in laid if piece.paint is _nothing]


def _nothing(canvas: object, box: Box) -> None:
    """Room kept for an inset, painted later."""


def _rank(layout: Layout) -> tuple[float, int, float]:
    return -layout.factor, layout.view.scale, -layout.share


def _divide(brief: Brief, held: str, *, mode: str) -> Iterator[Layout]:
    paper = brief.paper
    unit, margin = paper.unit, paper.margin_mm
    wide, high = paper.size(held)
    title = (margin, margin, wide - margin, margin + _TITLE * unit)
    facts = (margin, high - margin - _FACTS * unit * 0.8, wide - margin, high - margin)
    body = (margin, title[3] + 1.5 * unit, wide - margin, facts[1] - 2.5 * unit)
    for side, factor in product(("right", "below"), _TYPE_FACTORS):
        columns = _find_columns(brief, body, mode=mode, side=side, factor=factor)
        if columns is None:
            continue
        outer = _map_outer(body, columns, side=side, gap=_GAP * unit)
        index, strip = _INDEX * unit, _STRIP * unit
        inner = (outer[0] + index, outer[1] + index, outer[2] - index, outer[3] - index - strip)
        if inner[2] - inner[0] < 30 or inner[3] - inner[1] < 30:
            continue
        below = (inner[0], inner[3] + index, inner[2], outer[3])
        view = fit_view(brief.ground, inner, air_mm=_AIR * unit)
        yield Layout(held, wide, high, title, facts, below, view, columns, mode, factor)


def fit_view(ground: Ground, box: Box, *, air_mm: float) -> View:
    """The view that shows the sheet's ground in a box at the largest round scale."""
    x0, y0, x1, y1 = ground.outline.bounds
    across = (x1 - x0) / (box[2] - box[0] - 2 * air_mm)
    down = (y1 - y0) / (box[3] - box[1] - 2 * air_mm)
    return View(round_scale(max(across, down) * 1000), ((x0 + x1) / 2, (y0 + y1) / 2), box)


def _find_columns(brief: Brief, body: Box, *, mode: str, side: str, factor: float) -> Columns | None:
    unit, gap = brief.paper.unit, _GAP * brief.paper.unit
    squares = ["A1"] * len(brief.ground.grids)
    least = _column_width(brief, mode, factor=factor, squares=squares)
    room_wide, room_high = body[2] - body[0], body[3] - body[1]
    if side == "below":
        count = max(int((room_wide + gap) // (least + gap)), 1)
        wide = (room_wide - (count - 1) * gap) / count
        pieces = list_pieces(brief, mode, factor=factor, wide=wide, squares=squares)
        columns = Columns(body[0], body[1], wide, room_high, count, gap)
        high = find_height(pieces, columns, tallest_mm=room_high * 0.6)
        return None if high is None else replace(columns, top=body[3] - high, high_mm=high)
    pieces = list_pieces(brief, mode, factor=factor, wide=least, squares=squares)
    for count in range(1, 7):
        columns = Columns(0, body[1] + _INDEX * unit, least, room_high - _INDEX * unit, count, gap)
        if columns.span_mm > room_wide * 0.6:
            return None
        if flow_pieces(pieces, columns) is not None:
            return replace(columns, left=body[2] - columns.span_mm)
    return None


def _column_width(brief: Brief, mode: str, *, factor: float, squares: Sequence[str]) -> float:
    if mode == "table":
        return max(sum(directory.measure_table(make_register(brief, factor, squares))), 62 * brief.paper.unit)
    return (62 if mode == "none" else 62 * factor) * brief.paper.unit


def _map_outer(body: Box, columns: Columns, *, side: str, gap: float) -> Box:
    if side == "right":
        return body[0], body[1], columns.left - gap * 0.6, body[3]
    return body[0], body[1], body[2], columns.top - gap * 0.6
