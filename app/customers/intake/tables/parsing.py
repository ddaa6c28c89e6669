"""A slice of text as columns: plain lines by a compiled parser, odd ones by hand, with one answer."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pc  # type: ignore[import-untyped]

from app.customers.intake.tables.lost import blank_lost
from app.customers.intake.tables.records import (
    Mask,
    Outline,
    Record,
    outline,
    split_cells,
    walk,
)
from app.customers.intake.tables.script import STAND_IN, Script
from app.customers.intake.tables.table import Broken, Chunk, Numbers

if TYPE_CHECKING:
    from app.customers.intake.tables.text import TextSlice

_MARK = "\ufeff".encode()
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Read:
    """What was read of a stretch: rows with their numbers, and those that are none."""

    numbers: Numbers
    columns: list[pa.StringArray]
    broken: list[Broken]


def parse(raw: bytes, part: "TextSlice", *, careful: bool = False) -> Chunk:
    """The chunk of a slice's bytes. `careful` reads every line by hand: the measure of the quick way."""
    text, script = to_utf8(raw, part.script), replace(part.script, encoding="utf-8", mixed=False)
    if script.returns:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        script = replace(script, returns=False)
    lines = outline(text, script, final=True)
    _mark_strange(lines, text, script)
    if careful:
        lines.odd[:] = True
    numbers, odd = _number(text, lines, script, part.first)
    plain = ~lines.odd & ~lines.empty & (numbers > 0)
    try:
        quick = _read_plain(_keep(text, lines, plain), numbers[plain], script)
    except pa.ArrowInvalid:
        return parse(raw, part, careful=True)
    found = _join(quick, _read_odd(odd, script), script)
    return _finish(found, part, maybe_lost=b"+" in text and (b"E+" in text or b"e+" in text))


def to_utf8(raw: bytes, script: Script) -> bytes:
    """The bytes as UTF-8. Lines stay lines: a wrong byte never swallows the end of its line."""
    if script.mixed:
        return b"".join(script.decode(line.group()).encode() for line in _LINE.finditer(raw))
    if script.encoding == "utf-8":
        return raw
    return raw.decode(script.encoding, errors="replace").encode("utf-8", errors="replace")


def _mark_strange(lines: Outline, text: bytes, script: Script) -> None:
    """Lines with signs that the compiled parser reads in another way, or that are dropped, are odd."""
    for at in np.flatnonzero(np.frombuffer(text, dtype=np.uint8)[lines.starts] == _MARK[0]).tolist():
        lines.odd[at] |= text.startswith(_MARK, lines.starts[at])
    strange = [b"\x00"] + ([STAND_IN.encode()] if len(script.delimiter) > 1 else [])
    for sign in strange:
        if sign in text:
            found = np.array([one.start() for one in re.finditer(re.escape(sign), text)])
            lines.odd[np.searchsorted(lines.ends, found, side="right")] = True


def _number(
    text: bytes, lines: Outline, script: Script, first: int
) -> tuple[Numbers, list[tuple[int, Record]]]:
    """The row number of every line that is a record of its own, 0 for the others, and the odd records."""
    if not lines.odd.any():
        return np.arange(first, first + len(lines.ends), dtype=np.int64), []
    counts = np.ones(len(lines.ends), dtype=np.int64)
    taken, odd = np.zeros(len(counts), dtype=bool), list[tuple[int, list[Record]]]()
    for span in walk(text, lines, script, final=True):
        if span.records is not None:
            end = span.first + span.lines
            counts[span.first : end], counts[end - 1] = 0, len(span.records)
            taken[span.first : end] = True
            odd.append((end - 1, span.records))
    numbers = first - 1 + np.cumsum(counts)
    records = [
        (int(numbers[line]) - len(found) + 1 + at, record)
        for line, found in odd
        for at, record in enumerate(found)
    ]
    numbers[taken] = 0
    return numbers, records


def _keep(text: bytes, lines: Outline, plain: Mask) -> bytes:
    """The plain lines, one behind the other."""
    if plain.all():
        return text
    kept = np.repeat(plain, lines.ends - lines.starts)
    return np.frombuffer(text, dtype=np.uint8)[kept].tobytes()


def _read_plain(text: bytes, numbers: Numbers, script: Script) -> Read:
    """Lines that are records, by the compiled parser; a row of another width is broken."""
    if not len(numbers):
        return Read(numbers, [pa.array([], pa.string()) for _ in range(script.width)], [])
    ragged: list[tuple[int, int, str]] = []

    def note(row: pc.InvalidRow) -> str:
        ragged.append((row.number - 1, row.actual_columns, row.text))
        return "skip"

    sign = script.delimiter
    if len(sign) > 1:
        text, sign = text.replace(sign.encode(), STAND_IN.encode()), STAND_IN
    names = [str(at) for at in range(script.cells)]
    table = pc.read_csv(
        pa.BufferReader(text),
        read_options=pc.ReadOptions(use_threads=False, column_names=names, block_size=len(text) + 1),
        parse_options=pc.ParseOptions(delimiter=sign, invalid_row_handler=note, ignore_empty_lines=False),
        convert_options=pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False
        ),
    )
    whole = np.ones(len(numbers), dtype=bool)
    whole[[at for at, _, _ in ragged]] = False
    if table.num_rows != int(whole.sum()):
        raise pa.ArrowInvalid("lines and rows differ")
    broken = [
        _tell_ragged(int(numbers[at]), cells, _first_cell(line, sign), script) for at, cells, line in ragged
    ]
    columns = [table.column(at).combine_chunks() for at in range(script.width)]
    return Read(numbers[whole], columns, broken)


def _first_cell(line: str, sign: str) -> str:
    return split_cells(line, sign)[0][0]


def _tell_ragged(number: int, cells: int, first_cell: str, script: Script) -> Broken:
    wanted = script.cells
    return Broken(
        number, "columns", f"列数是 {cells}，应为 {wanted}", f"{cells} cells, not {wanted}", first_cell
    )


def _read_odd(odd: list[tuple[int, Record]], script: Script) -> Read:
    """Odd records as columns; those that are no rows are told."""
    rows: list[tuple[int, list[str]]] = []
    broken: list[Broken] = []
    for number, (cells, fault) in odd:
        if fault:
            key = cells[0].split(script.delimiter)[0]
            zh, en = "引号没有配对，请修正这一行", "a quote is never closed; mend this row"
            broken.append(Broken(number, fault, zh, en, key))
        elif len(cells) == script.cells:
            rows.append((number, cells))
        elif cells:
            broken.append(_tell_ragged(number, len(cells), cells[0], script))
    numbers = np.array([number for number, _ in rows], dtype=np.int64)
    columns = [pa.array([cells[at] for _, cells in rows], pa.string()) for at in range(script.width)]
    return Read(numbers, columns, broken)


def _join(quick: Read, odd: Read, script: Script) -> Read:
    """Both in the order of their numbers."""
    broken = sorted(quick.broken + odd.broken)
    if not len(odd.numbers):
        return Read(quick.numbers, quick.columns, broken)
    numbers = np.concatenate((quick.numbers, odd.numbers))
    order = np.argsort(numbers)
    pairs = zip(quick.columns, odd.columns, strict=True)
    columns = [pa.concat_arrays(pair).take(pa.array(order)) for pair in pairs]
    return Read(numbers[order], columns, broken)


def _finish(found: Read, part: "TextSlice", *, maybe_lost: bool) -> Chunk:
    numbers, columns, broken = found.numbers, found.columns, found.broken
    if part.after >= part.first:
        wanted = numbers > part.after
        numbers, columns = numbers[wanted], [column.filter(pa.array(wanted)) for column in columns]
        broken = [row for row in broken if row.number > part.after]
    columns, lost = blank_lost(numbers, columns) if maybe_lost else (columns, [])
    return Chunk(numbers, columns, part.last, broken, lost)
