"""Who gets which place in a map window: symbols first, then grids' names, leaders, callouts of faults."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.maps.wall import look
from app.maps.wall.chart import Chart
from app.maps.wall.drawing import Pen
from app.maps.wall.labels import Cell, Placed, Scheme, place_labels
from app.maps.wall.leaders import Search, Spot, find_spot
from app.maps.wall.lettering import ASCENT_EM, Type, clean_text, width_mm

FINDING_WORDS = {"overlap": "重叠", "gap": "空白", "sliver": "碎片", "nested": "套叠", "duplicate": "重复"}
_CALLED_OUT = ("overlap", "gap", "duplicate")
_SMALLEST_ROOM_MM2 = 0.5
_EXCLAVE_MM2 = 25.0
_LEAST_SEEN = 0.5
_LEADER = Pen(stroke=look.INK_2, width_mm=0.25)
_FAULT_LEADER = Pen(stroke=look.FAULT, width_mm=0.3)


def place_symbols(chart: Chart) -> None:
    """Outlets and key clients as symbols, moved a little where two would cover each other."""
    unit = chart.paper.unit
    for symbol, at in _list_symbols(chart):
        point = chart.view.to_paper(shapely.Point(at))
        if point.is_empty:
            continue
        half = symbol.size_mm * unit / 2 + 0.2
        x, y = _find_free(find_xy(point), half, chart=chart)
        shape = look.shape_symbol(symbol, (x, y), unit=unit)
        chart.over.area(shape, Pen(fill=symbol.colour, stroke="#ffffff", width_mm=0.3), role="symbol")
        chart.taken.append((x - half, y - half, x + half, y + half))


def place_names(chart: Chart) -> None:
    """Every grid's name or code inside its own ground; names keep off hatched ground while they can."""
    faults = [chart.view.to_paper(f.geom) for f in chart.ground.findings if f.kind in _CALLED_OUT]
    bad = shapely.union_all([geom for geom in faults if not geom.is_empty])
    placed = _label(chart, clear_of=bad)
    weak = [at for at in range(len(chart.rooms)) if at not in placed or placed[at].how == "code"]
    beside = {at: put for at, put in placed.items() if at not in weak}
    if not bad.is_empty:
        placed |= _label(chart, only=[at for at in weak if chart.rooms[at].intersects(bad)], beside=beside)
    _label_exclaves(chart, placed)
    chart.placed |= placed
    chart.taken += [text.box for put in placed.values() for text in put.texts]


def find_small(chart: Chart) -> list[int]:
    """Grids of this window whose full name did not fit inside their own ground."""
    named = {at for at, put in chart.placed.items() if put.how in ("full", "name")}
    return [at for at, room in enumerate(chart.rooms) if not room.is_empty and at not in named]


def place_leaders(chart: Chart) -> None:
    """Grids still untold: the name in open ground on a leader, else a boxed number or code."""
    for at, room in enumerate(chart.rooms):
        if at not in chart.placed and not room.is_empty and room.area > 0:
            chart.placed[at] = _lead_name(chart, at) or _lead_number(chart, at) or Placed("directory", ())


def place_callouts(chart: Chart) -> None:
    """A boxed 重叠/空白 with its hectares beside every larger fault, on a red leader."""
    kind = Type(chart.paper.smallest_pt * 1.1, look.FAULT, bold=True, anchor="middle")
    for finding in chart.ground.findings:
        laid = chart.view.to_paper(finding.geom)
        if finding.kind not in _CALLED_OUT or laid.is_empty or laid.area < _SMALLEST_ROOM_MM2:
            continue
        words = f"{FINDING_WORDS[finding.kind]} {finding.area_m2 / 1e4:,.1f} 公顷"
        size = (width_mm(words, kind) + 2.4, kind.em_mm * 1.5)
        point = laid.representative_point()
        spot = None
        for clear in (shapely.union(laid.boundary, chart.territory.boundary), laid.boundary):
            search = Search(chart.view.box, chart.taken, clear_of=clear)
            spot = spot or find_spot(find_xy(point), size, search=search)
        if spot:
            edge = shapely.shortest_line(laid.boundary, shapely.Point(spot.head))
            _draw_leader(chart, shapely.get_coordinates(edge)[0].tolist(), spot.head, pen=_FAULT_LEADER)
            chart.over.rect(spot.box, Pen("#ffffff", look.FAULT, 0.3), role="callout")
            _write_centred(chart, spot, words, kind=kind, role="callout")


def _list_symbols(chart: Chart) -> Iterator[tuple[look.Symbol, tuple[float, float]]]:
    for point, at in zip(chart.sheet.outlets, chart.ground.outlets_m, strict=True):
        yield look.find_symbol(look.OUTLET_SYMBOLS, point.kind), at
    for client, at in zip(chart.sheet.key_clients, chart.ground.clients_m, strict=True):
        yield look.find_symbol(look.CLIENT_SYMBOLS, client.tier), at


def _label_exclaves(chart: Chart, placed: dict[int, Placed]) -> None:
    """Parts of a grid that lie apart from its name carry the name or code once more."""
    plain = Scheme((chart.scheme.name_pt[0], chart.scheme.name_pt[0]), chart.scheme.smallest_pt)
    for at, put in placed.items():
        for part in shapely.get_parts(chart.rooms[at]):
            told = any(part.intersects(shapely.box(*text.box)) for text in put.texts)
            if not told and part.area > _EXCLAVE_MM2 * chart.paper.unit**2:
                caption = chart.captions[at]
                boxes = chart.taken + [text.box for other in placed.values() for text in other.texts]
                cell = Cell(str(at), caption.name, caption.code, None, part)
                more = place_labels([cell], boxes, scheme=plain).get(str(at))
                put = Placed(put.how, put.texts + more.texts) if more else put
        placed[at] = put


def find_xy(point: BaseGeometry) -> tuple[float, float]:
    """Coordinates of a point on paper."""
    return float(shapely.get_x(point)), float(shapely.get_y(point))


def _find_free(at: tuple[float, float], half: float, *, chart: Chart) -> tuple[float, float]:
    if not chart.taken:
        return at
    taken = np.array(chart.taken)
    for radius in np.arange(0, 4 * half, half / 2).tolist():
        for angle in np.deg2rad(np.arange(0, 360, 45)).tolist():
            x, y = at[0] + radius * np.cos(angle), at[1] + radius * np.sin(angle)
            apart = (taken[:, 0] > x + half) | (taken[:, 2] < x - half)
            if (apart | (taken[:, 1] > y + half) | (taken[:, 3] < y - half)).all():
                return float(x), float(y)
    return at


def _label(
    chart: Chart,
    *,
    only: list[int] | None = None,
    clear_of: BaseGeometry | None = None,
    beside: dict[int, Placed] | None = None,
) -> dict[int, Placed]:
    cells = []
    for at in range(len(chart.rooms)) if only is None else only:
        room = chart.rooms[at]
        if room.area < _LEAST_SEEN * chart.ground.visible[at].area * chart.view.mm_per_m**2:
            continue
        if clear_of is not None and not clear_of.is_empty and room.intersects(clear_of):
            room = shapely.difference(room, clear_of.buffer(0.4))
        if not room.is_empty and room.area > _SMALLEST_ROOM_MM2:
            caption = chart.captions[at]
            cells.append(Cell(str(at), caption.name, caption.code, caption.holder, room))
    others = [text.box for put in (beside or {}).values() for text in put.texts]
    found = place_labels(cells, chart.taken + others, scheme=chart.scheme)
    return {int(key): put for key, put in found.items()}


def _foot(room: BaseGeometry) -> tuple[float, float]:
    largest = max(shapely.get_parts(room), key=lambda part: part.area)
    point = largest.representative_point()
    return float(point.x), float(point.y)


def _lead_name(chart: Chart, at: int) -> Placed | None:
    caption = chart.captions[at]
    kind = Type(chart.paper.name_pt[0], look.INK, bold=True, anchor="middle")
    words = clean_text(f"{caption.name} {caption.code}")
    size = (width_mm(words, kind) + 0.8, kind.em_mm * 1.1)
    search = Search(chart.view.box, chart.taken, clear_of=chart.coarse, farthest_mm=40 * chart.paper.unit)
    spot = find_spot(_foot(chart.rooms[at]), size, search=search)
    return _set_leader(chart, spot, words, kind=kind, how="leader") if spot else None


def _lead_number(chart: Chart, at: int) -> Placed | None:
    kind = Type(chart.paper.smallest_pt, look.INK, bold=True, anchor="middle")
    words = str(at + 1) if chart.numbered else clean_text(chart.captions[at].code)
    wide = max(width_mm(words, kind) + 1.2, kind.em_mm * 1.35)
    room, unit = chart.rooms[at], chart.paper.unit
    spot, texts = None, [text.box for text in chart.texts]
    for farthest, uncrossed in ((25.0, None), (60.0, None), (60.0, texts), (150.0, texts)):
        search = Search(chart.view.box, chart.taken, room, farthest * unit, uncrossed)
        spot = spot or find_spot(_foot(room), (wide, kind.em_mm * 1.35), search=search)
    if not spot:
        return None
    chart.over.rect(spot.box, Pen("#ffffff", look.INK_2, 0.25), role="disc")
    return _set_leader(chart, spot, words, kind=kind, how="number")


def _set_leader(chart: Chart, spot: Spot, words: str, *, kind: Type, how: str) -> Placed:
    _draw_leader(chart, spot.foot, spot.head, pen=_LEADER)
    chart.over.area(shapely.Point(spot.foot).buffer(0.45, quad_segs=4), Pen(fill=look.INK_2), role="leader")
    _write_centred(chart, spot, words, kind=kind, role=how)
    return Placed(how, ())


def _draw_leader(chart: Chart, foot: Sequence[float], head: Sequence[float], *, pen: Pen) -> None:
    """Draw a leader and claim its way, so that no later text is written across it."""
    chart.over.line(((foot[0], foot[1]), (head[0], head[1])), pen, role="leader")
    for share in np.linspace(
        0, 1, max(2, int(np.hypot(head[0] - foot[0], head[1] - foot[1]) / 0.8))
    ).tolist():
        x, y = foot[0] + share * (head[0] - foot[0]), foot[1] + share * (head[1] - foot[1])
        chart.taken.append((x - 0.3, y - 0.3, x + 0.3, y + 0.3))


def _write_centred(chart: Chart, spot: Spot, words: str, *, kind: Type, role: str) -> None:
    x0, y0, x1, y1 = spot.box
    baseline = (y0 + y1) / 2 + (ASCENT_EM - 0.5) * kind.em_mm
    chart.over.write(((x0 + x1) / 2, baseline), words, kind, role=role)
    chart.taken.append(spot.box)
