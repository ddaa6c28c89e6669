"""Names round the grids' own: towns, the ground of others, outlets; each only where it touches nothing."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.wall import look
from app.maps.wall.chart import Chart
from app.maps.wall.content import find_xy
from app.maps.wall.drawing import Box
from app.maps.wall.labels import place_words
from app.maps.wall.lettering import ASCENT_EM, MM_PER_PT, Type, clean_text, text_box, width_mm
from app.maps.wall.rooms import Room

_SMALLEST_TOWN_MM2 = 50.0
_TOWN_SIZES = (1.7, 1.45, 1.2)


def place_towns(chart: Chart) -> None:
    """Town names, spaced and larger than the names of grids, where a town still has room for one.

    A name may run across the fine lines between grids, but keeps inside one manager's ground if it can.
    """
    if len(chart.ground.towns) < 2:
        return
    low, air = chart.paper.name_pt[0], chart.paper.unit
    kind = Type(low, look.BRAND_STRONG, bold=True, tracking_em=0.3)
    faults = [chart.view.to_paper(finding.geom) for finding in chart.ground.findings]
    claimed = chart.taken + [geom.bounds for geom in faults if not geom.is_empty]
    keep_off = [(x0 - 2.5 * air, y0 - air, x1 + 2.5 * air, y1 + air) for x0, y0, x1, y1 in claimed]
    managers = [chart.view.to_paper(held) for held in chart.ground.managers]
    for town in chart.ground.towns:
        laid = shapely.intersection(chart.view.to_paper(town.geom), chart.territory)
        if laid.is_empty or laid.area < _SMALLEST_TOWN_MM2:
            continue
        inner = [held for held in managers if laid.contains(held.representative_point())]
        inner.sort(key=lambda held: held.distance(laid.centroid))
        rooms = [Room(ground) for ground in [*inner, laid]]
        for room in rooms:
            room.block(keep_off)
        _write_first(chart, rooms, clean_text(town.name), kind=kind)


def place_neighbours(chart: Chart) -> None:
    """Names of the ground around, quiet and once each, where there is room."""
    kind = Type(chart.paper.smallest_pt, look.INK_3, tracking_em=0.15)
    named: dict[str, list[BaseGeometry]] = {}
    for other in chart.ground.neighbours:
        named.setdefault(clean_text(other.name), []).append(chart.view.to_paper(other.geom))
    clear = chart.coarse
    for name, parts in named.items():
        laid = shapely.difference(shapely.union_all(parts), clear)
        if name and laid.area > _SMALLEST_TOWN_MM2:
            room = Room(laid)
            room.block(chart.taken)
            text = place_words(room, name, kind=kind, sizes=[kind.size_pt, kind.size_pt * 1.3])
            if text:
                chart.over.marks.append(text)
                chart.taken.append(text.box)


def place_outlet_names(chart: Chart) -> None:
    """Outlet names beside their symbols, only where a name touches nothing."""
    kind = Type(chart.paper.smallest_pt, "#0b4350")
    edges = [chart.view.to_paper(held).boundary for held in chart.ground.managers]
    lines = shapely.union_all([chart.territory.boundary, *edges])
    shapely.prepare(lines)
    for point, at in zip(chart.sheet.outlets, chart.ground.outlets_m, strict=True):
        spot = chart.view.to_paper(shapely.Point(at))
        if not spot.is_empty:
            _write_beside(chart, find_xy(spot), clean_text(point.name), kind=kind, lines=lines)


def _write_first(chart: Chart, rooms: Sequence[Room], words: str, *, kind: Type) -> None:
    """The words at the largest size for which any of the rooms has a place, earlier rooms first."""
    for size in _TOWN_SIZES:
        for room in rooms:
            text = place_words(room, words, kind=kind, sizes=[kind.size_pt * size])
            if text:
                chart.over.marks.append(text)
                chart.taken.append(text.box)
                return


def _write_beside(
    chart: Chart, at: tuple[float, float], words: str, *, kind: Type, lines: BaseGeometry
) -> None:
    gap, drop = 1.5 * chart.paper.unit, (ASCENT_EM - 0.5) * kind.size_pt * MM_PER_PT
    wide = width_mm(words, kind)
    below = gap + ASCENT_EM * kind.em_mm
    tries = ((gap, drop), (-gap - wide, drop), (-wide / 2, below), (-wide / 2, -gap - 0.12 * kind.em_mm))
    for dx, dy in tries:
        box = text_box(at[0] + dx, at[1] + dy, text=words, kind=kind)
        if _is_clear(box, chart) and not lines.intersects(shapely.box(*box).buffer(0.4)):
            chart.over.write((at[0] + dx, at[1] + dy), words, kind, role="outlet")
            chart.taken.append(box)
            return


def _is_clear(box: Box, chart: Chart) -> bool:
    if not shapely.box(*chart.view.box).contains(shapely.box(*box)):
        return False
    taken = np.array(chart.taken)
    apart = (taken[:, 0] > box[2]) | (taken[:, 2] < box[0]) | (taken[:, 1] > box[3]) | (taken[:, 3] < box[1])
    return bool(apart.all())
