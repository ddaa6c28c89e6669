"""The label rule: a grid's name lies wholly inside its own ground, as large as the room allows.

Forms tried: one line, two lines, downwards; with the holder and the code beneath when they fit. A grid too
small for its name carries its code; one too small for that is named on a leader (`leaders.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shapely.geometry.base import BaseGeometry

from app.maps.wall.drawing import Box, Text
from app.maps.wall.lettering import ASCENT_EM, Type, can_stand, clean_text, halve_name, width_mm
from app.maps.wall.rooms import Room

INK, INK_2, INK_3 = "#17232b", "#40505b", "#5a6a75"
_EDGE_MM, _WIDE_EDGE_MM = 0.35, 1.2
_STEPS = 9


@dataclass(frozen=True, slots=True)
class Cell:
    """One grid's ground on paper (mm) and what may be written there."""

    key: str
    name: str
    code: str
    holder: str | None
    room: BaseGeometry


@dataclass(frozen=True, slots=True)
class Scheme:
    """Sizes in points: names from `name_pt[0]` to `name_pt[1]`, nothing below `smallest_pt`."""

    name_pt: tuple[float, float]
    smallest_pt: float

    @property
    def ladder(self) -> tuple[float, ...]:
        """The sizes names are set in, smallest first, each a like factor above the last."""
        low, high = self.name_pt
        return tuple(round(low * (high / low) ** (step / (_STEPS - 1)), 2) for step in range(_STEPS))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text set one above the other, centred; `worth` ranks it against other forms."""

    lines: tuple[tuple[str, Type, str], ...]
    wide_mm: float
    high_mm: float
    how: str
    worth: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A grid's texts on the sheet and how it is told: full, name, code, leader, number or inset."""

    how: str
    texts: tuple[Text, ...]


def place_labels(cells: Sequence[Cell], taken: Sequence[Box], *, scheme: Scheme) -> dict[str, Placed]:
    """Name or code each cell inside its own room, clear of `taken`; cells without room are left out."""
    placed: dict[str, Placed] = {}
    boxes = list(taken)
    for cell in cells:
        room = Room(cell.room)
        room.block(_near(boxes, cell.room.bounds))
        texts = _place_best(room, cell, scheme)
        if texts:
            placed[cell.key] = texts
            boxes += [text.box for text in texts.texts]
    return placed


def place_words(room: Room, words: str, *, kind: Type, sizes: Sequence[float]) -> Text | None:
    """One line in a room at the largest of `sizes` that fits, or None."""
    for size_pt in sorted(sizes, reverse=True):
        block = _stack(
            [(words, replace(kind, size_pt=size_pt, anchor="middle"), "town")], how="name", worth=1
        )
        at = room.find(block.wide_mm + 2 * _WIDE_EDGE_MM, block.high_mm + 2 * _WIDE_EDGE_MM)
        if at:
            return _set_block(block, at, key=words)[0]
    return None


def _near(boxes: Sequence[Box], bounds: Box) -> list[Box]:
    x0, y0, x1, y1 = bounds
    return [box for box in boxes if box[0] < x1 and box[2] > x0 and box[1] < y1 and box[3] > y0]


def _place_best(room: Room, cell: Cell, scheme: Scheme) -> Placed | None:
    found = [
        (block, pad)
        for form in _forms(cell)
        if (block := _largest(room, form, scheme))
        for pad in (_EDGE_MM,)
    ]
    for block, pad in sorted(found, key=lambda pair: -pair[0].worth):
        at = room.find(block.wide_mm + 2 * pad, block.high_mm + 2 * pad)
        if at:
            return Placed(block.how, _set_block(block, at, key=cell.key))
    return _place_code(room, cell, scheme)


def _place_code(room: Room, cell: Cell, scheme: Scheme) -> Placed | None:
    kind = Type(scheme.smallest_pt, INK_2, bold=True, anchor="middle")
    block = _stack([(clean_text(cell.code), kind, "code")], how="code", worth=0)
    at = room.find(block.wide_mm + 0.3, block.high_mm + 0.1)
    return Placed("code", _set_block(block, at, key=cell.key)) if at else None


@dataclass(frozen=True, slots=True)
class _Form:
    names: tuple[str, ...]
    standing: bool
    under: tuple[tuple[str, str], ...]
    weight: float


def _forms(cell: Cell) -> Iterator[_Form]:
    name, code = clean_text(cell.name), clean_text(cell.code)
    under: list[tuple[tuple[tuple[str, str], ...], float]] = [(((code, "code"),), 0.76), ((), 0.52)]
    if cell.holder:
        under.insert(0, (((cell.holder, "holder"), (code, "code")), 1.0))
    halves = halve_name(name)
    for lines, weight in under:
        yield _Form((name,), False, lines, weight)
        if halves:
            yield _Form(halves, False, lines, weight * 0.9)
        if can_stand(name) and len(lines) < 2:
            yield _Form((name,), True, lines, weight * 0.75)


def _largest(room: Room, form: _Form, scheme: Scheme) -> Block | None:
    """The form at the largest size that fits with some air round it, found by halving the ladder."""
    ladder = scheme.ladder
    low, high = -1, len(ladder) - 1
    while low < high:
        middle = (low + high + 1) // 2
        block = _form_block(form, ladder[middle], scheme)
        air = 2 * _EDGE_MM + (0.5 * ladder[middle] * 0.3528 if middle else 0.0)
        if room.fits(block.wide_mm + air, block.high_mm + air):
            low = middle
        else:
            high = middle - 1
    return _form_block(form, ladder[low], scheme) if low >= 0 else None


def _form_block(form: _Form, size_pt: float, scheme: Scheme) -> Block:
    kind = Type(size_pt, INK, bold=True, anchor="middle", vertical=form.standing)
    lines = [(name, kind, "name") for name in form.names]
    small = max(scheme.smallest_pt, min(size_pt * 0.62, size_pt - 1))
    small = min(small, size_pt)
    for text, role in form.under:
        lines.append((text, Type(small, INK_2 if role == "holder" else INK_3, anchor="middle"), role))
    return _stack(lines, how="full" if form.under else "name", worth=size_pt * form.weight)


def _stack(lines: list[tuple[str, Type, str]], *, how: str, worth: float) -> Block:
    wide = max(kind.em_mm if kind.vertical else width_mm(text, kind) for text, kind, _ in lines)
    high = sum(_line_mm(text, kind) for text, kind, _ in lines)
    high += sum(_gap_mm(kind) for _, kind, _ in lines[1:])
    return Block(tuple(lines), wide, high, how, worth)


def _line_mm(text: str, kind: Type) -> float:
    return kind.em_mm * (1.02 * (len(text) - 1) + 1 if kind.vertical else 1.0)


def _gap_mm(kind: Type) -> float:
    return kind.em_mm * 0.12


def _set_block(block: Block, at: tuple[float, float], *, key: str) -> tuple[Text, ...]:
    texts, top = [], at[1] - block.high_mm / 2
    for place, (text, kind, role) in enumerate(block.lines):
        top += _gap_mm(kind) if place else 0.0
        texts.append(Text(at[0], top + ASCENT_EM * kind.em_mm, text, kind, role, key))
        top += _line_mm(text, kind)
    return tuple(texts)
