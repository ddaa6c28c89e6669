"""The side panels: key figures, legend with counts, overview of the branch within the bank, inset frames."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.wall import look
from app.maps.wall.content import FINDING_WORDS
from app.maps.wall.drawing import Box, Canvas, Pen
from app.maps.wall.flow import Piece
from app.maps.wall.ground import Ground, View
from app.maps.wall.lettering import Type, trim_text, width_mm
from app.maps.wall.papers import Paper
from app.maps.wall.sheet import Sheet
from app.spatial.colour import PALETTE

Paint = Callable[[Canvas, Box], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the legend: how its sample is painted, its word and its count."""

    sample: Callable[[Canvas, Box], None]
    zh: str
    count: str


def heading(words: str, paper: Paper, *, note: str = "") -> Piece:
    """A panel's heading over a hairline, with a quiet note at its right end."""
    kind = Type(paper.smallest_pt * 1.3, look.BRAND_STRONG, bold=True)
    faint = Type(paper.smallest_pt, look.INK_3, anchor="end")

    def paint(canvas: Canvas, box: Box) -> None:
        y = box[3] - kind.em_mm * 0.55
        canvas.rect(
            (box[0], y - kind.em_mm * 0.85, box[0] + kind.em_mm * 0.28, y + kind.em_mm * 0.1), Pen(look.BRAND)
        )
        canvas.write((box[0] + kind.em_mm * 0.6, y), words, kind, role="heading")
        room = box[2] - box[0] - width_mm(words, kind) - kind.em_mm
        canvas.write((box[2], y), trim_text(note, room, faint), faint, role="heading")
        canvas.line(((box[0], box[3]), (box[2], box[3])), Pen(stroke=look.BRAND_LINE, width_mm=0.25))

    return Piece(kind.em_mm * 2.1, paint, keep=True)


def space(high_mm: float) -> Piece:
    """Empty height between panels."""
    return Piece(high_mm, lambda canvas, box: None, air=True)


def figures(sheet: Sheet, ground: Ground, paper: Paper) -> Piece:
    """The key figures: grids, managers, households, customers, area, outlets."""
    items = list_figures(sheet, ground)
    big, small = Type(paper.smallest_pt * 2.15, look.INK, bold=True), Type(paper.smallest_pt, look.INK_3)
    row = big.em_mm * 1.25 + small.em_mm * 1.6

    def paint(canvas: Canvas, box: Box) -> None:
        wide = (box[2] - box[0]) / 3
        for place, (word, value, unit) in enumerate(items):
            x, y = box[0] + place % 3 * wide, box[1] + place // 3 * row
            canvas.write((x, y + small.em_mm * 1.5), word, small, role="figure")
            base = y + small.em_mm * 1.5 + big.em_mm * 1.05
            room = wide - width_mm(unit, small) - 2
            kind = replace(big, size_pt=big.size_pt * min(1.0, room / width_mm(value, big)))
            canvas.write((x, base), value, kind, role="figure")
            canvas.write((x + width_mm(value, kind) + 0.8, base), unit, small, role="figure")

    return Piece(row * ((len(items) + 2) // 3) + small.em_mm * 0.5, paint)


def list_figures(sheet: Sheet, ground: Ground) -> list[tuple[str, str, str]]:
    """Word, value and unit of each key figure; what is not known is —."""
    managers = {grid.manager_code for grid in ground.grids if grid.manager_code}
    items = [
        ("网格", f"{len(ground.grids):,}", "个"),
        ("客户经理", f"{len(managers):,}", "人"),
        ("面积", f"{ground.area_km2:,.1f}", "平方公里"),
    ]
    for word, unit, numbers in (
        ("家庭", "户", [grid.households for grid in ground.grids]),
        ("客户", "人", [grid.customers for grid in ground.grids]),
    ):
        known = [number for number in numbers if number is not None]
        value, scale = _in_wan(sum(known)) if known else ("—", "")
        items.append((word, value, scale + unit if known else ""))
    items.append(("网点", f"{len(sheet.outlets):,}", "个"))
    return items


def legend(sheet: Sheet, ground: Ground, paper: Paper) -> Piece:
    """Samples with their words and counts in two columns, and what the colours mean."""
    entries = list_entries(sheet, ground, paper)
    kind, row = Type(paper.smallest_pt, look.INK), paper.smallest_pt * 0.3528 * 1.95
    faint, count = Type(paper.smallest_pt, look.INK_3), Type(paper.smallest_pt, look.INK_2, anchor="end")
    rows = (len(entries) + 1) // 2

    def paint(canvas: Canvas, box: Box) -> None:
        wide = min((box[2] - box[0]) / 2, 46 * paper.unit)
        for place, entry in enumerate(entries):
            x, y = box[0] + place // rows * wide, box[1] + place % rows * row + 0.8
            high = kind.em_mm * 1.15
            entry.sample(canvas, (x, y + (row - high) / 2, x + high * 1.7, y + (row + high) / 2))
            base = y + row / 2 + 0.38 * kind.em_mm
            canvas.write((x + high * 1.7 + 1.5, base), entry.zh, kind, role="legend")
            canvas.write((x + wide - 3, base), entry.count, count, role="legend")
        note = "颜色只区分相邻经理，身份看名称与编码"
        y = box[1] + rows * row + 0.8 + row * 0.7
        canvas.write((box[0], y), trim_text(note, box[2] - box[0], faint), faint, role="legend")

    return Piece(rows * row + row + 1.2, paint)


def list_entries(sheet: Sheet, ground: Ground, paper: Paper) -> list[Entry]:
    """What the sheet shows, each with its count; kinds that do not occur are left out."""
    managers = {grid.manager_code for grid in ground.grids if grid.manager_code}
    nobody = sum(grid.manager_code is None for grid in ground.grids)
    entries = [
        Entry(_patch(PALETTE[8], PALETTE[6]), "经理责任区", f"{len(managers)}"),
        Entry(_patch(look.NOBODY), "待分配网格", f"{nobody}"),
        Entry(
            _stroke(Pen(stroke="#ffffff", width_mm=0.5), ground=PALETTE[6]),
            "网格界",
            f"{len(ground.grids)}",
        ),
        Entry(_stroke(look.TOWN_LINE), "乡镇、街道界", f"{len(ground.towns)}"),
        *_symbol_entries(look.OUTLET_SYMBOLS, [point.kind for point in sheet.outlets], paper),
        *_symbol_entries(look.CLIENT_SYMBOLS, [client.tier for client in sheet.key_clients], paper),
    ]
    for kind, number in sorted(Counter(finding.kind for finding in sheet.findings).items()):
        if kind in ("overlap", "gap"):
            sample = (
                _hatched
                if kind == "overlap"
                else _patch("#ffffff", edge=Pen(stroke=look.FAULT, width_mm=0.7))
            )
            entries.append(Entry(sample, FINDING_WORDS[kind], str(number)))
    return [entry for entry in entries if entry.count != "0"]


def overview(ground: Ground, paper: Paper, wide_mm: float) -> Piece | None:
    """Where the branch lies within the bank; None when the sheet shows the whole bank."""
    if ground.home is None and not ground.neighbours:
        return None
    around = [ground.home] if ground.home is not None else [other.geom for other in ground.neighbours]
    x0, y0, x1, y1 = shapely.union_all([ground.outline, *around]).bounds
    high = min(wide_mm * (y1 - y0) / (x1 - x0), wide_mm * 0.45, 42 * paper.unit)

    def paint(canvas: Canvas, box: Box) -> None:
        inner = (box[0], box[1] + 1.5, box[2], box[3] - 1)
        canvas.rect(inner, Pen(look.OUTSIDE, look.LINE_2, 0.2))
        room_x, room_y = inner[2] - inner[0] - 4, inner[3] - inner[1] - 3
        scale = round(max((x1 - x0) / room_x, (y1 - y0) / room_y) * 1000)
        view = View(scale, ((x0 + x1) / 2, (y0 + y1) / 2), inner)
        for geom in around:
            canvas.area(_lay(view, geom), Pen("#f7f9f9", look.LINE_2, 0.2), role="overview")
        canvas.area(_lay(view, ground.outline), Pen(look.BRAND, "#ffffff", 0.3), role="overview")

    return Piece(high + 2.5, paint)


def _lay(view: View, geom: BaseGeometry) -> BaseGeometry:
    return view.to_paper(geom).simplify(0.1)


def _in_wan(number: int) -> tuple[str, str]:
    """Numbers as the pages write them: below 1 万 with a comma, above it in 万 with two decimals."""
    if number < 10_000:
        return f"{number:,}", ""
    if number < 100_000_000:
        return f"{number / 1e4:,.2f}", "万"
    return f"{number / 1e8:,.2f}", "亿"


def _symbol_entries(symbols: tuple[look.Symbol, ...], kinds: Sequence[str], paper: Paper) -> list[Entry]:
    counts = Counter(look.find_symbol(symbols, kind) for kind in kinds)
    return [
        Entry(_marker(symbol, paper), symbol.zh, f"{counts[symbol]}") for symbol in symbols if counts[symbol]
    ]


def _marker(symbol: look.Symbol, paper: Paper) -> Paint:
    def paint(canvas: Canvas, box: Box) -> None:
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        canvas.area(look.shape_symbol(symbol, middle, unit=paper.unit), Pen(symbol.colour))

    return paint


def _patch(*fills: str, edge: Pen | None = None) -> Paint:
    def paint(canvas: Canvas, box: Box) -> None:
        wide = (box[2] - box[0]) / len(fills)
        for place, fill in enumerate(fills):
            canvas.rect((box[0] + place * wide, box[1], box[0] + (place + 1) * wide, box[3]), Pen(fill))
        canvas.rect(box, edge or Pen(stroke=look.MANAGER_LINE.stroke, width_mm=0.3))

    return paint


def _stroke(pen: Pen, *, ground: str | None = None) -> Paint:
    def paint(canvas: Canvas, box: Box) -> None:
        if ground:
            canvas.rect(box, Pen(ground))
        middle = (box[1] + box[3]) / 2
        canvas.line(((box[0], middle), (box[2], middle)), pen)

    return paint


def _hatched(canvas: Canvas, box: Box) -> None:
    canvas.lines(look.cut_hatching(shapely.box(*box), pitch_mm=1.2), look.HATCH)
    canvas.rect(box, look.OVERLAP_EDGE)
