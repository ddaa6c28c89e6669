"""What stands round the map: title band, index squares, scale bar, north arrow, the line of facts below."""

import numpy as np
import shapely

from app.maps.wall import look
from app.maps.wall.drawing import Box, Canvas, Pen
from app.maps.wall.ground import Ground, View
from app.maps.wall.lettering import MM_PER_PT, Type, trim_text, width_mm
from app.maps.wall.papers import Paper
from app.maps.wall.sheet import Sheet

_LONG_SIDE, _SHORT_SIDE = 8, 5
_BAR_STEPS_M = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


def write_title(canvas: Canvas, sheet: Sheet, paper: Paper, *, box: Box) -> None:
    """Title and subtitle at the left, 内部资料, copy number and 审图号 at the right."""
    title = Type(paper.smallest_pt * 3.7, look.INK, bold=True)
    plain = Type(paper.smallest_pt * 1.25, look.INK_2)
    right = _write_stamp(canvas, sheet, paper, box=box)
    room = right - box[0] - 4
    while width_mm(sheet.title, title) > room and title.size_pt > paper.smallest_pt * 2:
        title = Type(title.size_pt * 0.92, look.INK, bold=True)
    canvas.write(
        (box[0], box[1] + title.em_mm * 0.9), trim_text(sheet.title, room, title), title, role="title"
    )
    words = trim_text(" · ".join([sheet.subtitle, *list_plan(sheet)]), room, plain)
    canvas.write((box[0], box[3] - plain.em_mm * 0.75), words, plain, role="title")


def _write_stamp(canvas: Canvas, sheet: Sheet, paper: Paper, *, box: Box) -> float:
    bold = Type(paper.smallest_pt * 1.5, look.BRAND_STRONG, bold=True, anchor="middle")
    small = Type(paper.smallest_pt, look.INK_2, anchor="end")
    words = "内部资料 · 注意保管"
    wide, high = width_mm(words, bold) + bold.em_mm * 1.4, bold.em_mm * 1.75
    frame = (box[2] - wide, box[1], box[2], box[1] + high)
    canvas.rect(frame, Pen(look.BRAND_SOFT, look.BRAND, 0.35))
    canvas.write(
        ((frame[0] + frame[2]) / 2, box[1] + high / 2 + 0.38 * bold.em_mm), words, bold, role="stamp"
    )
    facts = f"审图号：{sheet.review_number or '＿＿＿＿＿＿'}"
    facts += f"   份号：{sheet.copy_no}" if sheet.copy_no else ""
    canvas.write((box[2], box[3] - small.em_mm * 0.75), facts, small, role="stamp")
    return min(frame[0], box[2] - width_mm(facts, small))


def write_facts(canvas: Canvas, sheet: Sheet, paper: Paper, *, box: Box) -> None:
    """The line at the foot of the sheet: bank, plan version, certificate, dates, and what the borders are."""
    kind = Type(paper.smallest_pt, look.INK_3)
    canvas.line(((box[0], box[1]), (box[2], box[1])), Pen(stroke=look.LINE_2, width_mm=0.2))
    y = box[3] - kind.em_mm * 0.3
    right = (
        "示意边界 synthetic · 非实测，不作划界依据" if sheet.synthetic else "边界仅供网格管理，不作划界依据"
    )
    canvas.write((box[2], y), right, Type(paper.smallest_pt, look.INK_3, anchor="end"), role="facts")
    room = box[2] - box[0] - width_mm(right, kind) - 4
    canvas.write((box[0], y), trim_text(" · ".join(list_facts(sheet)), room, kind), kind, role="facts")


def list_plan(sheet: Sheet) -> list[str]:
    """Which plan the sheet shows and how it is proved."""
    certificate = f"全覆盖证明 {sheet.certificate}" if sheet.certificate else "尚无全覆盖证明"
    return [f"规划版本 {sheet.plan_version}", certificate]


def list_facts(sheet: Sheet) -> list[str]:
    """Bank, plan, certificate and dates in words, the ones that are known."""
    facts = [sheet.bank, *([sheet.branch] if sheet.branch else []), *list_plan(sheet)]
    if sheet.plan_valid_from:
        facts.append(f"生效 {sheet.plan_valid_from.isoformat()}")
    if sheet.data_date:
        facts.append(f"数据日期 {sheet.data_date.isoformat()}")
    return [*facts, f"制图日期 {sheet.printed_on.isoformat()}", *sheet.notes]


def index_size(box: Box) -> tuple[int, int]:
    """Columns and rows of index squares: eight along the longer side, five along the shorter."""
    wide = box[2] - box[0] >= box[3] - box[1]
    return (_LONG_SIDE, _SHORT_SIDE) if wide else (_SHORT_SIDE, _LONG_SIDE)


def find_square(at: tuple[float, float], box: Box) -> str:
    """The index square of a point on paper, such as C4."""
    columns, rows = index_size(box)
    column = int(np.clip((at[0] - box[0]) / (box[2] - box[0]) * columns, 0, columns - 1))
    row = int(np.clip((at[1] - box[1]) / (box[3] - box[1]) * rows, 0, rows - 1))
    return f"{'ABCDEFGH'[column]}{row + 1}"


def draw_index(canvas: Canvas, box: Box, paper: Paper, *, margin_mm: float) -> None:
    """Letters and numbers outside the neat line, with ticks where the squares meet."""
    kind = Type(paper.smallest_pt, look.INK_3, bold=True, anchor="middle")
    tick = Pen(stroke=look.INK_2, width_mm=0.25)
    columns, rows = index_size(box)
    x0, y0, x1, y1 = box
    for at in range(columns):
        x = x0 + (at + 0.5) * (x1 - x0) / columns
        for y in (y0 - margin_mm / 2, y1 + margin_mm / 2):
            canvas.write((x, y + 0.38 * kind.em_mm), "ABCDEFGH"[at], kind, role="index")
        if at:
            x -= (x1 - x0) / columns / 2
            canvas.line(((x, y0 - margin_mm * 0.5), (x, y0)), tick)
            canvas.line(((x, y1), (x, y1 + margin_mm * 0.5)), tick)
    for at in range(rows):
        y = y0 + (at + 0.5) * (y1 - y0) / rows
        for x in (x0 - margin_mm / 2, x1 + margin_mm / 2):
            canvas.write((x, y + 0.38 * kind.em_mm), str(at + 1), kind, role="index")
        if at:
            y -= (y1 - y0) / rows / 2
            canvas.line(((x0 - margin_mm * 0.5, y), (x0, y)), tick)
            canvas.line(((x1, y), (x1 + margin_mm * 0.5, y)), tick)


def draw_squares(canvas: Canvas, box: Box) -> None:
    """The index squares as faint broken lines across the ground that is not the sheet's own."""
    columns, rows = index_size(box)
    pen = Pen(stroke="#c3cfd6", width_mm=0.15, dash_mm=(1.2, 1.2))
    for at in range(1, columns):
        x = box[0] + at * (box[2] - box[0]) / columns
        canvas.line(((x, box[1]), (x, box[3])), pen, role="square")
    for at in range(1, rows):
        y = box[1] + at * (box[3] - box[1]) / rows
        canvas.line(((box[0], y), (box[2], y)), pen, role="square")


def draw_scale(canvas: Canvas, view: View, ground: Ground, *, paper: Paper, box: Box) -> None:
    """A scale bar in 公里 with the scale as 1:N, and the projection in words, below the map."""
    kind = Type(paper.smallest_pt, look.INK_2, anchor="middle")
    length = find_bar(view.scale, (box[2] - box[0]) * 0.22)
    step = length * view.mm_per_m / 4
    y, high = box[1] + kind.em_mm * 1.5, 1.1 * paper.unit
    left = box[0] + kind.em_mm
    for part in range(4):
        fill = look.INK if part % 2 == 0 else "#ffffff"
        x = left + part * step
        canvas.rect((x, y, x + step, y + high), Pen(fill, look.INK, 0.2), role="scale")
    for part in (0, 2, 4):
        label = f"{length * part / 4 / 1000:g}" + (" 公里" if part == 4 else "")
        shift = width_mm(" 公里", kind) / 2 if part == 4 else 0
        canvas.write((left + part * step + shift, y - kind.em_mm * 0.35), label, kind, role="scale")
    bold = Type(paper.smallest_pt * 1.25, look.INK, bold=True)
    after = left + 4 * step + kind.em_mm * 4.5
    canvas.write((after, y + high), f"1:{view.scale:,}", bold, role="scale")
    crs = f"CGCS2000 3 度带 · 中央经线 {ground.meridian}°E · EPSG:{ground.epsg}"
    faint = Type(paper.smallest_pt, look.INK_3, anchor="end")
    room = box[2] - after - width_mm(f"1:{view.scale:,}", bold) - 4
    canvas.write(
        (box[2], y + high), trim_text(crs, min(room, (box[2] - box[0]) * 0.42), faint), faint, role="scale"
    )


def find_bar(scale: int, most_mm: float) -> int:
    """The longest round ground length (metres) whose bar is at most `most_mm` long."""
    fitting = [step for step in _BAR_STEPS_M if step * 1000 / scale <= most_mm]
    return fitting[-1] if fitting else _BAR_STEPS_M[0]


def find_strip_north(strip: Box) -> Box:
    """Room for a small north arrow below the map, for sheets whose ground fills every corner."""
    high = strip[3] - strip[1]
    middle = strip[0] + (strip[2] - strip[0]) * 0.5
    return middle, strip[1] + high * 0.05, middle + high * 0.7, strip[3]


def draw_north(canvas: Canvas, box: Box, paper: Paper) -> None:
    """A north arrow: the dark half points, the light half balances it, 北 beneath."""
    x0, y0, x1, y1 = box
    middle, tip, foot = (x0 + x1) / 2, y0, y1 - (y1 - y0) * 0.32
    half = (x1 - x0) * 0.34
    notch = foot - (foot - tip) * 0.22
    left = shapely.Polygon([(middle, tip), (middle - half, foot), (middle, notch)])
    right = shapely.Polygon([(middle, tip), (middle + half, foot), (middle, notch)])
    canvas.area(left, Pen(look.INK, look.INK, 0.2), role="north")
    canvas.area(right, Pen("#ffffff", look.INK, 0.2), role="north")
    size_pt = min(paper.smallest_pt * 1.3, max((y1 - y0) * 0.3 / MM_PER_PT, paper.smallest_pt))
    kind = Type(size_pt, look.INK, bold=True, anchor="middle")
    canvas.write((middle, y1 - kind.em_mm * 0.2), "北", kind, role="north")
