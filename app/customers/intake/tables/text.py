"""Tables of text (CSV, TSV and kin): opened by one pass over the bytes, cut into slices between records.

The process that opens the file only finds where records end; a worker reads its own bytes. Both walk the same
records (`records`), so a slice never begins in the middle of one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.customers.intake.tables.records import (
    MOST_LINES,
    Offsets,
    Outline,
    Record,
    clean_line,
    outline,
    read_record,
    split_cells,
    walk,
)
from app.customers.intake.tables.script import (
    BLOCK_BYTES,
    LONGEST_LINE,
    Script,
    find_delimiter,
    find_utf16,
    survey,
    weigh_lines,
)
from app.customers.intake.tables.table import Chunk, Slice, SourceTable
from app.customers.intake.tables.words import refuse
from app.errors import RefusedFile

SAMPLE_BYTES = 1 << 20
LOOKED_AT = 50


@dataclass(frozen=True)
class TextSlice(Slice):
    """Bytes `start` to `end` of a text: records `first` to `last`; those up to `after` are not wanted."""

    path: Path
    script: Script
    start: int
    end: int
    first: int
    last: int
    after: int = 0

    def read(self) -> Chunk:
        """Read the slice in this process."""
        # pyarrow is loaded where rows are read, not where a file is only opened.
        from app.customers.intake.tables.parsing import parse

        with self.path.open("rb") as file:
            file.seek(self.start)
            raw = file.read(self.end - self.start)
        if len(raw) != self.end - self.start:
            raise refuse("file_changed")
        return parse(raw, self)


@dataclass(frozen=True)
class TextTable(SourceTable):
    """An opened text. `begin` is the byte behind the heading."""

    path: Path
    headings: list[str]
    identity: str
    rows: int
    exact: bool
    encoding: str
    how: str
    script: Script
    begin: int

    def slices(self, rows: int, *, after: int = 1) -> Iterator[Slice]:
        """Slices of `rows` records, the last one shorter. Raises RefusedFile for a line that never ends."""
        first, start, end, reached = 2, self.begin, self.begin, 1
        for ends, numbers in self._units():
            if first <= after:
                # Records ahead of the wanted ones are counted, not read.
                known = int(np.searchsorted(numbers, after + 1))
                if known:
                    first, start = int(numbers[known - 1]) + 1, int(ends[known - 1])
            while (cut := int(np.searchsorted(numbers, first - 1 + rows))) < len(ends):
                yield self._slice(start, int(ends[cut]), (first, int(numbers[cut]), after))
                first, start = int(numbers[cut]) + 1, int(ends[cut])
            end, reached = int(ends[-1]), int(numbers[-1])
        if reached >= max(first, after + 1):
            yield self._slice(start, end, (first, reached, after))

    def _slice(self, start: int, end: int, numbers: tuple[int, int, int]) -> TextSlice:
        first, last, after = numbers
        return TextSlice(self.path, self.script, start, end, first, last, after)

    def _units(self) -> Iterator[tuple[Offsets, Offsets]]:
        """Block by block: where in the file units of whole records end, and the number of each one's last."""
        behind, base, rest = 1, self.begin, b""
        with self.path.open("rb") as file:
            file.seek(self.begin)
            while True:
                block = file.read(BLOCK_BYTES)
                raw, final = rest + block, not block
                lines = outline(raw, self.script, final=final)
                ends, counts = _find_units(raw, lines, self.script, final=final)
                _refuse_long(lines, ends, behind + np.cumsum(counts), behind)
                if len(ends):
                    totals = behind + np.cumsum(counts)
                    yield base + ends, totals
                    behind = int(totals[-1])
                    rest = raw[int(ends[-1]) :]
                    base += int(ends[-1])
                else:
                    rest = raw
                if final:
                    return
                if len(rest) > LONGEST_LINE * MOST_LINES or (
                    len(rest) > LONGEST_LINE and b"\n" not in rest and not self.script.returns
                ):
                    raise _refuse_endless(behind + 1)


def _find_units(raw: bytes, lines: Outline, script: Script, *, final: bool) -> tuple[Offsets, Offsets]:
    """Where units end (bytes) and how many records each holds: a line is one, an odd record may be more."""
    if not lines.odd.any():
        return lines.ends, np.ones(len(lines.ends), dtype=np.int64)
    keep = np.ones(len(lines.ends), dtype=bool)
    counts = np.ones(len(lines.ends), dtype=np.int64)
    done = 0
    for span in walk(raw, lines, script, final=final):
        done = span.first + span.lines
        if span.records is not None:
            keep[span.first : done - 1] = False
            counts[done - 1] = len(span.records)
    return lines.ends[:done][keep[:done]], counts[:done][keep[:done]]


def open_text(path: Path, *, delimiter: str = "") -> TextTable:
    """Find out how a table of text is written; `delimiter` when it is known.

    Raises RefusedFile when it is no table, or empty.
    """
    sample = _read_sample(path)
    wide = find_utf16(sample)
    found = survey(path, wide)
    encoding, mixed = wide or "utf-8", False
    if wide is None and not found.utf8:
        encoding, mixed = weigh_lines(path) if b"\n" in sample else ("gb18030", False)
    returns = found.lone_returns > found.line_feeds
    script = Script(encoding, mixed, delimiter, returns)
    script, headings, begin = _read_heading(sample, script, whole=len(sample) == found.size_bytes)
    return TextTable(
        path,
        headings,
        found.sha256,
        max(0, found.lines - 1),
        not (found.quotes or found.blank or found.lone_returns),
        _name(encoding, sample),
        "mixed" if mixed else "text",
        script,
        begin,
    )


def _name(encoding: str, sample: bytes) -> str:
    """The encoding as reports tell it."""
    if encoding.startswith("utf-16"):
        return "utf-16"
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _read_sample(path: Path) -> bytes:
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe\x00\r\n\t "):
        if sample.count(b"\0") > 100:
            raise refuse("not_a_table")
        raise refuse("empty_file")
    if find_utf16(sample) is None and sample.count(b"\x00") > len(sample) // 100 + 20:
        raise refuse("not_a_table")
    return sample


def _refuse_long(lines: Outline, ends: Offsets, numbers: Offsets, behind: int) -> None:
    """A line of impossible length refuses the file, told by the number of its record."""
    long = np.flatnonzero(lines.ends - lines.starts > LONGEST_LINE)
    if len(long):
        before = int(np.searchsorted(ends, lines.starts[long[0]], side="right"))
        raise _refuse_endless((int(numbers[before - 1]) if before else behind) + 1)


def _refuse_endless(row: int) -> RefusedFile:
    return RefusedFile(
        "endless_cell",
        zh=f"第 {row} 行长得不合理，多半是引号没有配对或没有换行；请修正后重新导入",
        en=f"row {row} has no end: most likely a quote is never closed, or there are no line ends",
        row=row,
    )


def _read_heading(sample: bytes, script: Script, *, whole: bool) -> tuple[Script, list[str], int]:
    """The script with its delimiter and widths, the headings, and the byte behind them."""
    lines = outline(sample, script, final=whole)
    if not len(lines.ends):
        raise _refuse_endless(1)
    texts = [
        script.decode(sample[lines.starts[at] : lines.ends[at]])
        for at in range(min(LOOKED_AT, len(lines.ends)))
    ]
    if not clean_line(texts[0]).strip():
        raise refuse("empty_file")
    plain = [clean_line(text).rstrip("\r\n") for text in texts]
    script = replace(script, delimiter=script.delimiter or find_delimiter(plain))
    found = read_record(lambda at: texts[at] if at < len(texts) else None, 0, script, final=True)
    records, taken = found if found is not None else ([Record([plain[0]])], 1)
    headings = records[0].cells
    if records[0].fault:
        headings = plain[0].replace('"', "").split(script.delimiter)
    script, headings = _find_widths(script, headings, plain[taken:])
    return script, headings, int(lines.ends[taken - 1])


def _find_widths(script: Script, headings: list[str], below: list[str]) -> tuple[Script, list[str]]:
    """How many cells a row has: one more or less than headings where a delimiter ends the line."""
    rows = [
        cells for cells, goes_on in (split_cells(line, script.delimiter) for line in below if line) if cells
    ]
    width = len(headings)
    widths = Counter(len(cells) for cells in rows).most_common(1)
    usual = widths[0][0] if widths else width
    if usual == width + 1 and all(not cells[-1].strip() for cells in rows if len(cells) == usual):
        return replace(script, width=width, cells=usual), headings
    if usual == width - 1 and width > 1 and not headings[-1].strip():
        return replace(script, width=usual, cells=usual), headings[:-1]
    return replace(script, width=width, cells=width), headings
