"""Where the records of a text begin and end: nearly always a line is one, the odd lines are read with care.

A line is odd when a quote in it does not stand where quotes stand, or when a carriage return lies inside it.
All other lines are records of their own and are never looked at one by one. An odd line is read sign by sign
(`read_record`): a cell in quotes may go on over several lines; where it never ends, or what it swallowed is
no row, its own line alone is broken and the next one is read afresh.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.customers.intake.tables.script import Script

# More lines than this in one record, and a quote was never closed.
MOST_LINES = 20
_FEED, _RETURN, _QUOTE = 10, 13, 34

Mask = NDArray[np.bool_]
Offsets = NDArray[np.int64]


class Record(NamedTuple):
    """The cells of a record; no cells: an empty line. `fault` is why they are no row."""

    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Outline:
    """Lines of a stretch of raw bytes: where each begins and ends (bytes), which are odd, which empty."""

    starts: Offsets
    ends: Offsets
    odd: Mask
    empty: Mask


def outline(raw: bytes, script: Script, *, final: bool) -> Outline:
    """The lines of `raw`, which begins with a line; without `final` a last line that goes on is left out."""
    units = np.frombuffer(raw[: len(raw) // script.unit_bytes * script.unit_bytes], dtype=script.unit)
    feeds = np.flatnonzero(units == _FEED)
    alone = _find_returns(units, raw)
    stops = np.union1d(feeds, alone) if script.returns and len(alone) else feeds
    ends = stops + 1
    if final and len(units) and (not len(ends) or ends[-1] < len(units)):
        ends = np.append(ends, len(units))
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1])) if len(ends) else ends
    odd = np.zeros(len(ends), dtype=bool)
    if not script.returns:
        _mark(odd, ends, alone)
    _mark_quotes(odd, starts, ends, units, script)
    return Outline(
        starts * script.unit_bytes, ends * script.unit_bytes, odd, _find_empty(starts, ends, units)
    )


def _find_returns(units: NDArray[np.generic], raw: bytes) -> Offsets:
    """Carriage returns that no line feed follows. One at the very end may have its feed in the next block."""
    if b"\r" not in raw or raw.count(b"\r") == raw.count(b"\r\n"):
        return np.zeros(0, dtype=np.int64)
    found = np.flatnonzero(units == _RETURN)
    found = found[found + 1 < len(units)]
    alone: Offsets = found[units[found + 1] != _FEED]
    return alone


def _find_empty(starts: Offsets, ends: Offsets, units: NDArray[np.generic]) -> Mask:
    """Lines that hold nothing but their own end."""
    length = ends - starts
    if not len(ends):
        return np.zeros(0, dtype=bool)
    first, last = units[starts], units[ends - 1]
    ended = (last == _FEED) | (last == _RETURN)
    empty: Mask = ended & ((length == 1) | ((length == 2) & (first == _RETURN) & (last == _FEED)))
    return empty


def _mark(odd: Mask, ends: Offsets, at: Offsets) -> None:
    lines = np.searchsorted(ends, at, side="right")
    odd[lines[lines < len(odd)]] = True


def _mark_quotes(
    odd: Mask, starts: Offsets, ends: Offsets, units: NDArray[np.generic], script: Script
) -> None:
    """A line is odd unless each of its quotes opens a cell, closes one, or is one of a pair inside."""
    quotes = np.flatnonzero(units == _QUOTE)
    if not len(quotes) or not len(ends):
        return
    lines = np.searchsorted(ends, quotes, side="right")
    quotes, lines = quotes[lines < len(ends)], lines[lines < len(ends)]
    if not script.plain_delimiter:
        odd[lines] = True
        return
    first = np.searchsorted(quotes, starts)
    opening = (np.arange(len(quotes)) - first[lines]) % 2 == 0
    before = np.where(quotes > starts[lines], units[np.maximum(quotes - 1, 0)], _FEED)
    after = np.where(quotes + 1 < ends[lines], units[np.minimum(quotes + 1, len(units) - 1)], _FEED)
    sign = ord(script.delimiter)
    good = np.where(
        opening,
        (before == sign) | (before == _FEED) | (before == _QUOTE),
        (after == sign) | (after == _FEED) | (after == _RETURN) | (after == _QUOTE),
    )
    odd[lines[~good]] = True
    odd[np.bincount(lines, minlength=len(odd)) % 2 == 1] = True


def split_cells(text: str, delimiter: str) -> tuple[list[str], bool]:
    """The cells of a record and whether its last quote was left open. `""` inside quotes is one quote."""
    cells: list[str] = []
    at = 0
    while True:
        head = ""
        if text.startswith('"', at):
            head, at, closed = _read_quoted(text, at + 1)
            if not closed:
                return [*cells, head], True
        stop = text.find(delimiter, at)
        if stop < 0:
            return [*cells, head + text[at:]], False
        cells.append(head + text[at:stop])
        at = stop + len(delimiter)


def _read_quoted(text: str, at: int) -> tuple[str, int, bool]:
    """What stands in quotes from `at` on, where it ends, and whether it does."""
    parts: list[str] = []
    while (stop := text.find('"', at)) >= 0:
        parts.append(text[at:stop])
        if not text.startswith('"', stop + 1):
            return '"'.join(parts), stop + 1, True
        at = stop + 2
    return '"'.join([*parts, text[at:]]), len(text), False


def clean_line(text: str) -> str:
    """A line without marks of byte order before it and without NUL, which PostgreSQL cannot store."""
    return text.replace("\x00", "").lstrip("\ufeff")


def read_record(
    line: Callable[[int], str | None], at: int, script: Script, *, final: bool
) -> tuple[list[Record], int] | None:
    """The records that begin at line `at` and how many lines they take; None when more lines are needed.

    `line(i)` is line i as text with its end, None behind the last one. One line gives several records only
    where carriage returns part it into whole rows.
    """
    first = clean_line(line(at) or "")
    own = first.rstrip("\r\n")
    if not own:
        return [Record([])], 1
    cells, goes_on = split_cells(own, script.delimiter)
    if not goes_on:
        return _part(own, cells, script), 1
    text = first
    for taken in range(1, MOST_LINES):
        more = line(at + taken)
        if more is None:
            if not final:
                return None
            break
        text += clean_line(more)
        cells, goes_on = split_cells(text.rstrip("\r\n"), script.delimiter)
        if not goes_on:
            whole = not script.cells or len(cells) == script.cells
            return ([Record(cells)], taken + 1) if whole else ([Record([own], "open_quote")], 1)
    return [Record([own], "open_quote")], 1


def _part(own: str, cells: list[str], script: Script) -> list[Record]:
    """A line whose quotes are closed: one record, or as many as its carriage returns make whole rows of."""
    if "\r" not in own:
        return [Record(cells)]
    parts = [split_cells(part, script.delimiter) for part in own.split("\r")]
    if script.cells and all(len(found) == script.cells and not goes_on for found, goes_on in parts):
        return [Record(found) for found, _ in parts]
    return [Record([cell.replace("\r", " ") for cell in cells])]


@dataclass(frozen=True)
class Span:
    """A run of plain lines from `first` on, or an odd record with what it holds."""

    first: int
    lines: int
    records: list[Record] | None = None


def walk(raw: bytes, lines: Outline, script: Script, *, final: bool) -> Iterator[Span]:
    """The spans of a stretch in order; without `final` it may stop short of an odd record that goes on."""

    def read_line(at: int) -> str | None:
        if at >= len(lines.ends):
            return None
        return script.decode(raw[lines.starts[at] : lines.ends[at]])

    at = 0
    for odd in [*np.flatnonzero(lines.odd).tolist(), len(lines.ends)]:
        if odd < at:
            continue
        if odd > at:
            yield Span(at, odd - at)
        if odd == len(lines.ends):
            return
        found = read_record(read_line, odd, script, final=final)
        if found is None:
            return
        records, taken = found
        yield Span(odd, taken, records)
        at = odd + taken
