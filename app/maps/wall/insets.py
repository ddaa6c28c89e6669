"""Insets 放大图: the dense parts of a map, found by the program and drawn again at a larger scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from app.maps.wall import look
from app.maps.wall.chart import Chart, paint_chart
from app.maps.wall.content import find_small, place_names, place_symbols
from app.maps.wall.drawing import Box, Canvas, Pen
from app.maps.wall.ground import View
from app.maps.wall.labels import Placed
from app.maps.wall.layout import round_scale
from app.maps.wall.leaders import Search, find_open_box
from app.maps.wall.lettering import MM_PER_PT, Type

MOST_INSETS = 3
_WORTH_IT, _WORTH_SHARE = 3, 0.05
_FACTORS = (4.0, 3.2, 2.5, 2.0, 1.6)
_BAND_EM = 1.9
_LEAST_GAIN = 0.75
_BEST_GAIN = 2.5
_WIDEST_MM = 130.0


@dataclass(frozen=True, slots=True)
class Inset:
    """One inset: its box on the sheet (with its heading band), its view, its piece of the main map."""

    number: int
    box: Box
    view: View
    source: Box
    covers: tuple[int, ...]


def needs_insets(chart: Chart) -> bool:
    """Whether so many grids lack their full name that a larger scale is worth its room."""
    small = find_small(chart)
    seen = sum(not room.is_empty for room in chart.rooms)
    many = len(small) >= min(_WORTH_IT, _WORTH_SHARE * seen)
    return bool(small) and (many or any(at not in chart.placed for at in small))


def open_boxes(chart: Chart, spare: Box | None) -> list[Box]:
    """Boxes that cost nothing: the unused end of the side column, then open ground inside the map."""
    unit, boxes = chart.paper.unit, []
    if spare and spare[2] - spare[0] > 45 * unit and spare[3] - spare[1] > 45 * unit:
        wide = spare[2] - spare[0]
        boxes.append((spare[0], spare[1], spare[2], min(spare[3], spare[1] + wide * 1.1)))
    x0, _, x1, _ = chart.view.box
    sizes = [
        size
        for size in np.linspace(48 * unit, min((x1 - x0) * 0.45, _WIDEST_MM * unit), 8).tolist()
        if size >= 48 * unit
    ]
    taken = list(chart.taken)
    while len(boxes) < MOST_INSETS:
        search = Search(chart.view.box, taken, clear_of=chart.coarse)
        options = [
            found for aspect in (1.4, 1.0, 0.75) if (found := find_open_box(aspect, sizes, search=search))
        ]
        if not options:
            break
        best = max(options, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
        boxes.append(best)
        taken.append((best[0] - 3 * unit, best[1] - 3 * unit, best[2] + 3 * unit, best[3] + 3 * unit))
    return sorted(boxes, key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))


def choose_insets(chart: Chart, boxes: Sequence[Box]) -> list[Inset]:
    """For each box the part of the map where most unnamed grids come together."""
    left = find_small(chart)
    insets: list[Inset] = []
    for box in boxes[:MOST_INSETS]:
        options = list(_list_windows(chart, box, left))
        free = [
            found for found in options if not any(_overlap(found.source, other.source) for other in insets)
        ]
        if not free:
            break
        best = max(free, key=lambda found: _worth(chart, found))
        insets.append(replace(best, number=len(insets) + 1))
        left = [at for at in left if at not in best.covers]
    return insets


def draw_inset(chart: Chart, inset: Inset, *, canvas: Canvas) -> Chart:
    """Draw an inset with its heading; grids named there need no leader on the main map."""
    part = Chart(chart.sheet, chart.ground, inset.view, chart.paper, chart.captions)
    place_symbols(part)
    place_names(part)
    kind = Type(chart.paper.smallest_pt * 1.15, "#ffffff", bold=True)
    x0, y0, x1, _ = inset.box
    band = kind.em_mm * _BAND_EM
    canvas.rect((x0, y0, x1, y0 + band), Pen(look.BRAND), role="inset")
    words = f"放大图 {inset.number} · 1:{inset.view.scale:,}"
    canvas.write((x0 + kind.em_mm * 0.7, y0 + band / 2 + 0.38 * kind.em_mm), words, kind, role="inset")
    paint_chart(part, canvas)
    canvas.rect(inset.box, Pen(stroke=look.BRAND, width_mm=0.6), role="inset")
    for at, put in part.placed.items():
        if at not in chart.placed and put.how in ("full", "name", "code"):
            chart.placed[at] = Placed("inset", ())
    return part


def mark_source(chart: Chart, inset: Inset) -> None:
    """Frame the inset's ground on the main map and number it where a corner is free."""
    chart.sources.append(inset.source)
    kind = Type(chart.paper.smallest_pt, "#ffffff", bold=True, anchor="middle")
    side = kind.em_mm * 1.5
    x0, y0, x1, y1 = inset.source
    for left, top in (
        (x0, y0 - side),
        (x1 - side, y0 - side),
        (x0, y1),
        (x1 - side, y1),
        (x0 - side, y0),
        (x1, y0),
    ):
        tag = (left, top, left + side, top + side)
        if shapely.box(*chart.view.box).contains(shapely.box(*tag)) and not any(
            _overlap(tag, other) for other in chart.taken
        ):
            chart.over.rect(tag, Pen(look.BRAND), role="inset")
            at = (left + side / 2, top + side / 2 + 0.38 * kind.em_mm)
            chart.over.write(at, str(inset.number), kind, role="inset")
            chart.taken.append(tag)
            return


def _overlap(box: Box, other: Box) -> bool:
    return other[0] < box[2] and other[2] > box[0] and other[1] < box[3] and other[3] > box[1]


def _list_windows(chart: Chart, box: Box, left: Sequence[int]) -> Iterator[Inset]:
    """Windows worth a look: round scales, centred on unnamed grids or on groups of them."""
    band = chart.paper.smallest_pt * 1.15 * MM_PER_PT * _BAND_EM
    inner = (box[0], box[1] + band, box[2], box[3])
    bounds = {at: chart.rooms[at].bounds for at in left}
    centres = _centres(chart, left)
    for factor in _FACTORS:
        scale = round_scale(chart.view.scale / factor)
        ratio = scale / chart.view.scale
        if ratio > _LEAST_GAIN:
            continue
        half = ((inner[2] - inner[0]) * ratio / 2, (inner[3] - inner[1]) * ratio / 2)
        for x, y in centres:
            source = (x - half[0], y - half[1], x + half[0], y + half[1])
            covers = tuple(at for at in left if _holds(source, bounds[at]))
            if covers:
                yield Inset(0, box, View(scale, _to_ground(chart.view, (x, y)), inner), source, covers)


def _worth(chart: Chart, inset: Inset) -> float:
    untold = sum(at not in chart.placed for at in inset.covers)
    gain = chart.view.scale / inset.view.scale
    return len(inset.covers) + untold - abs(float(np.log(gain / _BEST_GAIN)))


def _centres(chart: Chart, left: Sequence[int]) -> list[tuple[float, float]]:
    points = [chart.rooms[at].representative_point() for at in left]
    singles = [(float(point.x), float(point.y)) for point in points]
    near: list[tuple[float, float]] = []
    for x, y in singles:
        close = [other for other in singles if abs(other[0] - x) + abs(other[1] - y) < 40]
        near.append((float(np.mean([p[0] for p in close])), float(np.mean([p[1] for p in close]))))
    return singles + near


def _holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _to_ground(view: View, at: tuple[float, float]) -> tuple[float, float]:
    x0, y0, x1, y1 = view.box
    east = view.centre_m[0] + (at[0] - (x0 + x1) / 2) / view.mm_per_m
    return east, view.centre_m[1] - (at[1] - (y0 + y1) / 2) / view.mm_per_m
