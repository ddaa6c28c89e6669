"""Panels and table rows as pieces of known height that flow down columns, like the text of a newspaper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.maps.wall.drawing import Box, Canvas

Paint = Callable[[Canvas, Box], None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part that is not cut: its height, how to paint it, the head that is repeated above it in a new
    column, whether it must not stand last in a column (a heading), and whether it is only air."""

    high_mm: float
    paint: Paint
    head: "Piece | None" = None
    keep: bool = False
    air: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one width side by side from a corner, `high_mm` tall."""

    left: float
    top: float
    wide_mm: float
    high_mm: float
    count: int
    gap_mm: float

    @property
    def span_mm(self) -> float:
        """Width of all columns together with the gaps between them."""
        return self.count * self.wide_mm + (self.count - 1) * self.gap_mm


def flow_pieces(pieces: Sequence[Piece], columns: Columns) -> list[tuple[Piece, Box]] | None:
    """Each piece with its box, column after column; None when they do not fit."""
    laid: list[tuple[Piece, Box]] = []
    column, used = 0, 0.0
    for place, piece in enumerate(pieces):
        if piece.air and (not used or used + piece.high_mm > columns.high_mm):
            continue
        need = piece.high_mm
        if piece.keep and place + 1 < len(pieces):
            need += pieces[place + 1].high_mm
        if used and used + need > columns.high_mm + 1e-6:
            column, used = column + 1, 0.0
            if piece.head:
                laid.append((piece.head, _box(columns, column, used, piece.head.high_mm)))
                used = piece.head.high_mm
        if column >= columns.count or used + need > columns.high_mm + 1e-6:
            return None
        laid.append((piece, _box(columns, column, used, piece.high_mm)))
        used += piece.high_mm
    return laid


def find_height(pieces: Sequence[Piece], columns: Columns, *, tallest_mm: float) -> float | None:
    """The least height in which the pieces fit into so many columns, or None above `tallest_mm`."""
    if not pieces:
        return 0.0
    high = max(max(piece.high_mm for piece in pieces), sum(piece.high_mm for piece in pieces) / columns.count)
    while high <= tallest_mm:
        tried = Columns(columns.left, columns.top, columns.wide_mm, high, columns.count, columns.gap_mm)
        if flow_pieces(pieces, tried) is not None:
            return high
        high += 1.0
    return None


def _box(columns: Columns, column: int, used: float, high: float) -> Box:
    left = columns.left + column * (columns.wide_mm + columns.gap_mm)
    top = columns.top + used
    return left, top, left + columns.wide_mm, top + high
