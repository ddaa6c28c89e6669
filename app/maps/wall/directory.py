"""The directory 规划名录 beside the map: a row for each grid on a small sheet, else one entry a manager."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.maps.wall import look
from app.maps.wall.chart import Caption
from app.maps.wall.drawing import Box, Canvas, Pen
from app.maps.wall.flow import Piece
from app.maps.wall.lettering import Type, clean_text, trim_text, width_mm, wrap_words
from app.maps.wall.sheet import UNASSIGNED, SheetGrid

_HEADS = ("号", "位置", "编码", "网格", "客户经理", "电话", "家庭", "客户")
_NUMBERS = (0, 6, 7)
_MOST_TABLE_GRIDS = 70


@dataclass(frozen=True, slots=True)
class Register:
    """What the directory prints: grids in order, their captions, their index squares, type size in points."""

    grids: Sequence[SheetGrid]
    captions: Sequence[Caption]
    squares: Sequence[str]
    size_pt: float

    @property
    def text(self) -> Type:
        """The table's type."""
        return Type(self.size_pt, look.INK)

    @property
    def row_mm(self) -> float:
        """Height of one row."""
        return self.text.em_mm * 1.62


def wants_table(grids: Sequence[SheetGrid]) -> bool:
    """Whether the sheet is small enough for a row of its own for each grid."""
    return len(grids) <= _MOST_TABLE_GRIDS


def list_rows(register: Register) -> list[tuple[str, ...]]:
    """The per-grid table as words: number, square, code, grid, manager, phone, households, customers."""
    return [
        (
            str(at + 1),
            register.squares[at],
            clean_text(register.captions[at].code),
            clean_text(grid.name),
            clean_text(grid.holder),
            clean_text(grid.manager_phone or "—"),
            _count(grid.households),
            _count(grid.customers),
        )
        for at, grid in enumerate(register.grids)
    ]


def measure_table(register: Register) -> list[float]:
    """Widths of the table's columns in millimetres, from their widest words (long names are cut)."""
    pad, em = register.text.em_mm * 0.9, register.text.em_mm
    rows = [_HEADS, *list_rows(register), _total_row(register.grids)]
    widest = [max(width_mm(row[at], Type(register.size_pt, bold=True)) for row in rows) for at in range(8)]
    most = (4 * em, 4 * em, 12 * em, 10 * em, 7 * em, 9 * em, 5 * em, 5 * em)
    return [
        min(wide, limit) + pad + (em * 1.1 if at == 4 else 0)
        for at, (wide, limit) in enumerate(zip(widest, most, strict=True))
    ]


def list_table(register: Register) -> list[Piece]:
    """The per-grid table as pieces; its head is repeated in every column."""
    widths, high = measure_table(register), register.row_mm
    head = Piece(high * 1.1, _paint_head(register, widths), keep=True)
    pieces = [head]
    for at, row in enumerate(list_rows(register)):
        pieces.append(Piece(high, _paint_row(register, widths, at=at, row=row), head=head))
    pieces.append(Piece(high, _paint_total(register, widths), head=head))
    return pieces


def list_groups(register: Register, wide_mm: float) -> list[Piece]:
    """One entry a manager: swatch, name, phone, then the grids with their index squares, wrapped."""
    held: dict[str, list[int]] = {}
    for at, grid in enumerate(register.grids):
        held.setdefault(grid.manager_code or "", []).append(at)
    pieces: list[Piece] = []
    for numbers in held.values():
        words = [_grid_word(register, at) for at in numbers]
        lines = wrap_words(words, wide_mm - 1, register.text)
        title = Piece(register.row_mm * 1.05, _paint_manager(register, numbers), keep=True)
        pieces.append(title)
        for place, line in enumerate(lines):
            high = register.row_mm * (0.86 if place < len(lines) - 1 else 1.15)
            pieces.append(Piece(high, _paint_line(register, line), head=title))
    return pieces


def list_key(register: Register, numbers: Sequence[int]) -> list[Piece]:
    """Number, name and index square of the grids that a sheet without a directory tells by number only."""
    bold = Type(register.size_pt, look.BRAND_STRONG, bold=True)
    lines = [
        (f"{at + 1} {clean_text(register.grids[at].name)}({register.squares[at]})", register.text)
        for at in numbers
    ]
    return [Piece(register.row_mm, _paint_words(words, kind)) for words, kind in [("图上编号", bold), *lines]]


def _paint_words(words: str, kind: Type) -> Callable[[Canvas, Box], None]:
    def paint(canvas: Canvas, box: Box) -> None:
        canvas.write(
            (box[0], _baseline(box, kind)), trim_text(words, box[2] - box[0] - 1, kind), kind, role="table"
        )

    return paint


def _count(number: int | None) -> str:
    return "—" if number is None else f"{number:,}"


def _total_row(grids: Sequence[SheetGrid]) -> tuple[str, ...]:
    households = [grid.households for grid in grids if grid.households is not None]
    customers = [grid.customers for grid in grids if grid.customers is not None]
    total = (_count(sum(households)) if households else "—", _count(sum(customers)) if customers else "—")
    return ("", "", "合计", f"{len(grids)} 个网格", "", "", *total)


def _grid_word(register: Register, at: int) -> str:
    caption = register.captions[at]
    return f"{clean_text(caption.code)}\u2009{clean_text(caption.name)}({register.squares[at]})".replace(
        "\u2009", " "
    )


def _baseline(box: Box, kind: Type) -> float:
    return (box[1] + box[3]) / 2 + 0.38 * kind.em_mm


def _write_cells(
    canvas: Canvas, box: Box, *, cells: Sequence[tuple[str, Type]], widths: Sequence[float]
) -> None:
    left = box[0]
    for at, ((words, kind), wide) in enumerate(zip(cells, widths, strict=True)):
        pad = kind.em_mm * 0.35
        shift = kind.em_mm * 1.1 if at == 4 else 0.0
        words = trim_text(words, wide - pad - shift - 0.1, kind)
        if at in _NUMBERS:
            kind = Type(kind.size_pt, kind.colour, kind.bold, "end")
            canvas.write((left + wide - pad, _baseline(box, kind)), words, kind, role="table")
        else:
            canvas.write((left + pad + shift, _baseline(box, kind)), words, kind, role="table")
        left += wide


def _spread(widths: Sequence[float], box: Box) -> list[float]:
    factor = (box[2] - box[0]) / sum(widths)
    return [wide * factor for wide in widths]


def _paint_head(register: Register, widths: list[float]) -> Callable[[Canvas, Box], None]:
    def paint(canvas: Canvas, box: Box) -> None:
        canvas.rect(box, Pen(fill=look.BRAND_SOFT))
        kind = Type(register.size_pt * 0.95, look.BRAND_STRONG, bold=True)
        _write_cells(canvas, box, cells=[(word, kind) for word in _HEADS], widths=_spread(widths, box))

    return paint


def _paint_row(
    register: Register, widths: list[float], *, at: int, row: tuple[str, ...]
) -> Callable[[Canvas, Box], None]:
    grid = register.grids[at]
    plain, faint = register.text, Type(register.size_pt, look.INK_3)
    bold = Type(register.size_pt, look.INK, bold=True)
    kinds = (faint, faint, faint, bold, plain if grid.manager_name else faint, plain, plain, plain)

    def paint(canvas: Canvas, box: Box) -> None:
        spread = _spread(widths, box)
        em, left = plain.em_mm, box[0] + sum(spread[:4])
        middle = (box[1] + box[3]) / 2
        mark = (left + em * 0.25, middle - em * 0.42, left + em * 1.1, middle + em * 0.42)
        canvas.rect(mark, Pen(look.fill_of(grid.colour), look.LINE_2, 0.15))
        _write_cells(canvas, box, cells=list(zip(row, kinds, strict=True)), widths=spread)
        canvas.line(((box[0], box[3]), (box[2], box[3])), Pen(stroke=look.LINE, width_mm=0.15))

    return paint


def _paint_total(register: Register, widths: list[float]) -> Callable[[Canvas, Box], None]:
    bold = Type(register.size_pt, look.INK, bold=True)

    def paint(canvas: Canvas, box: Box) -> None:
        cells = [(word, bold) for word in _total_row(register.grids)]
        _write_cells(canvas, box, cells=cells, widths=_spread(widths, box))
        canvas.line(((box[0], box[3]), (box[2], box[3])), Pen(stroke=look.INK_3, width_mm=0.25))

    return paint


def _paint_manager(register: Register, numbers: list[int]) -> Callable[[Canvas, Box], None]:
    grid = register.grids[numbers[0]]
    bold, plain = (
        Type(register.size_pt, look.INK, bold=True),
        Type(register.size_pt, look.INK_2, anchor="end"),
    )

    def paint(canvas: Canvas, box: Box) -> None:
        canvas.rect((box[0], box[1] + 0.2, box[2], box[3]), Pen(fill=look.fill_of(grid.colour)))
        y, pad = _baseline(box, bold), bold.em_mm * 0.35
        phone = clean_text(grid.manager_phone or "")
        facts = f"{len(numbers)} 格  {phone}" if grid.manager_name else f"{len(numbers)} 格"
        room = box[2] - box[0] - width_mm(facts, plain) - 3 * pad
        name = f"{grid.manager_code or ''} {grid.manager_name or UNASSIGNED}".strip()
        canvas.write((box[0] + pad, y), trim_text(name, room, bold), bold, role="table")
        canvas.write((box[2] - pad, y), facts, plain, role="table")

    return paint


def _paint_line(register: Register, line: str) -> Callable[[Canvas, Box], None]:
    def paint(canvas: Canvas, box: Box) -> None:
        y = box[1] + register.text.em_mm * 1.15
        canvas.write((box[0] + register.text.em_mm * 0.35, y), line, register.text, role="table")

    return paint
