"""A sheet's values become a finished drawing: layout, map, insets, panels, directory, furniture."""

import re
from collections.abc import Sequence

import shapely

from app.maps.wall import furniture
from app.maps.wall.chart import Caption, Chart, paint_chart
from app.maps.wall.content import place_callouts, place_leaders, place_names, place_symbols
from app.maps.wall.directory import list_key
from app.maps.wall.drawing import Box, Canvas, Drawing, Window
from app.maps.wall.flow import Columns, Piece, flow_pieces
from app.maps.wall.ground import coarsen_ground, lay_ground
from app.maps.wall.insets import choose_insets, draw_inset, mark_source, needs_insets, open_boxes
from app.maps.wall.layout import Brief, Layout, choose_layout, inset_boxes, list_pieces, make_register
from app.maps.wall.leaders import Search, find_corner
from app.maps.wall.papers import find_paper, list_orientations
from app.maps.wall.sheet import Sheet, SheetGrid
from app.maps.wall.surroundings import place_neighbours, place_outlet_names, place_towns

_MOST_HOLDER_GRIDS = 60
_LONG_NUMBER = 9
_FINEST_MM = 0.08


def draw_sheet(sheet: Sheet, paper: str = "A3", *, orientation: str | None = None) -> Drawing:
    """Draw a wall map as a display list in millimetres.

    `sheet` holds geometries in EPSG:4326; the map is drawn in the CGCS2000 3-degree zone of its middle, at a
    round scale. `paper` is a key of `PAPERS`; `orientation` is portrait, landscape or None for whichever
    shows the ground larger. Raises `BadInput` for an unknown paper or a sheet without grids.
    """
    size, held = find_paper(paper), list_orientations(orientation)
    ground = lay_ground(sheet)
    captions = caption_grids(ground.grids)
    brief = Brief(sheet, ground, size, captions)
    layout = choose_layout(brief, held)
    chart = _start_chart(brief, layout)
    boxes = open_boxes(chart, _spare(brief, layout)) if needs_insets(chart) else []
    if needs_insets(chart) and not boxes:
        brief = Brief(sheet, ground, size, captions, insets=1)
        layout = choose_layout(brief, held)
        chart = _start_chart(brief, layout)
        boxes = inset_boxes(_flow(brief, layout, ["A1"] * len(ground.grids)))
    return _finish(brief, layout, chart=chart, boxes=boxes)


def caption_grids(grids: Sequence[SheetGrid]) -> list[Caption]:
    """Names, codes without the prefix they all share, and holders where there are few enough grids."""
    cut = len(find_prefix([grid.code for grid in grids]))
    few = len(grids) <= _MOST_HOLDER_GRIDS
    return [Caption(grid.name, grid.code[cut:], grid.holder if few else None) for grid in grids]


def find_prefix(codes: Sequence[str]) -> str:
    """What all codes begin with and the map leaves out: up to a separator, or digits of long numbers."""
    first, last = min(codes), max(codes)
    pairs = enumerate(zip(first, last, strict=False))
    alike = next((at for at, pair in pairs if len(set(pair)) > 1), 0)
    if all(code.isdigit() and len(code) >= _LONG_NUMBER for code in codes):
        return first[: min(alike, min(len(code) for code in codes) - 3)]
    found = re.match(r"^(.*[-_/.])[^-_/.]*$", first[:alike])
    prefix = found.group(1) if found else ""
    return prefix if all(len(code) - len(prefix) >= 2 for code in codes) else ""


def _start_chart(brief: Brief, layout: Layout) -> Chart:
    ground = coarsen_ground(brief.ground, _FINEST_MM * layout.view.scale / 1000)
    chart = Chart(brief.sheet, ground, layout.view, brief.paper, brief.captions)
    chart.numbered = layout.mode != "groups"
    place_symbols(chart)
    place_names(chart)
    return chart


def _flow(brief: Brief, layout: Layout, squares: Sequence[str]) -> list[tuple[Piece, Box]]:
    wide = layout.columns.wide_mm
    pieces = list_pieces(brief, layout.mode, factor=layout.factor, wide=wide, squares=squares)
    laid = flow_pieces(pieces, layout.columns)
    return laid if laid is not None else []


def _spare(brief: Brief, layout: Layout) -> Box | None:
    """What is left of the last column below its last piece."""
    laid = _flow(brief, layout, ["A1"] * len(brief.ground.grids))
    if not laid:
        return None
    last, columns = laid[-1][1], layout.columns
    return last[0], last[3] + 4 * brief.paper.unit, last[2], columns.top + columns.high_mm


def _list_key(
    brief: Brief, layout: Layout, chart: Chart, *, squares: Sequence[str], boxes: Sequence[Box]
) -> list[tuple[Piece, Box]]:
    """Without a directory the numbers on leaders are explained in what is left of the last column."""
    told = [at for at, put in chart.placed.items() if put.how in ("number", "directory")]
    spare = _spare(brief, layout)
    if layout.mode != "none" or not told or spare is None:
        return []
    x0, top, x1, bottom = spare
    top = max([top, *(box[3] + 4 * brief.paper.unit for box in boxes if box[0] >= x0 and box[2] <= x1)])
    pieces = list_key(make_register(brief, 1.0, squares), sorted(told))
    columns = Columns(x0, top, (x1 - x0) / 2, bottom - top, 2, 0.0)
    while pieces and (laid := flow_pieces(pieces, columns)) is None:
        pieces = pieces[:-1]
    return laid if pieces and laid else []


def _finish(brief: Brief, layout: Layout, *, chart: Chart, boxes: Sequence[Box]) -> Drawing:
    canvas, parts = Canvas(), Canvas()
    north = _place_north(chart, boxes)
    insets = choose_insets(chart, boxes)
    charts = [draw_inset(chart, inset, canvas=parts) for inset in insets]
    chart.taken += [inset.box for inset in insets]
    for inset in insets:
        mark_source(chart, inset)
    place_leaders(chart)
    place_callouts(chart)
    place_towns(chart)
    place_neighbours(chart)
    place_outlet_names(chart)
    paint_chart(chart, canvas)
    canvas.marks += parts.marks
    furniture.draw_north(canvas, north or furniture.find_strip_north(layout.strip), brief.paper)
    _paint_margins(canvas, brief, layout)
    squares = _squares(chart)
    for piece, box in [
        *_flow(brief, layout, squares),
        *_list_key(brief, layout, chart, squares=squares, boxes=boxes),
    ]:
        piece.paint(canvas, box)
    windows: list[Window] = [chart.record(), *(part.record() for part in charts)]
    sheet = brief.sheet
    title = f"{sheet.title} {sheet.plan_version}"
    marks = tuple(canvas.marks)
    return Drawing(
        layout.width_mm, layout.height_mm, title, sheet.printed_on, marks, tuple(windows), layout.orientation
    )


def _place_north(chart: Chart, boxes: Sequence[Box]) -> Box | None:
    unit = chart.paper.unit
    search = Search(chart.view.box, [*chart.taken, *boxes], clear_of=chart.coarse)
    box = find_corner((9 * unit, 14 * unit), search=search)
    if box:
        chart.taken.append(box)
    return box


def _squares(chart: Chart) -> list[str]:
    squares = []
    for room, shape in zip(chart.rooms, chart.ground.shapes, strict=True):
        laid = room if not room.is_empty else chart.view.to_paper(shape)
        if laid.is_empty:
            squares.append("—")
            continue
        point = max(shapely.get_parts(laid), key=lambda part: part.area).representative_point()
        squares.append(furniture.find_square((point.x, point.y), chart.view.box))
    return squares


def _paint_margins(canvas: Canvas, brief: Brief, layout: Layout) -> None:
    paper, sheet = brief.paper, brief.sheet
    furniture.write_title(canvas, sheet, paper, box=layout.title)
    furniture.draw_index(canvas, layout.view.box, paper, margin_mm=4.2 * paper.unit)
    furniture.draw_scale(canvas, layout.view, brief.ground, paper=paper, box=layout.strip)
    furniture.write_facts(canvas, sheet, paper, box=layout.facts)
