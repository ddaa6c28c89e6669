"""Tables that people type: CSV files with Chinese headings, read into rows by the glossary's terms.

A bad row is data: it is listed with its number and its reason, and the good rows go in.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import RefusedFile
from app.glossary import find_term, map_headings

ENCODINGS = ("utf-8-sig", "gb18030")
SIZE_LIMIT = 256 << 20
_YES = frozenset({"是", "y", "yes", "true", "1", "在岗", "在职", "t", "√"})
_NO = frozenset({"否", "n", "no", "false", "0", "离职", "离岗", "f", ""})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: `number` counts as a spreadsheet does (headings are line 1)."""

    number: int
    values: dict[str, str]

    def read(self, term: str) -> str | None:
        """The text of a field, None when the column is missing or the cell is empty."""
        return self.values.get(term) or None

    def read_list(self, term: str) -> list[str]:
        """A cell that holds several words, divided by `|`, `;`, `、` or their full-width forms."""
        text = self.values.get(term, "")
        for sign in ";；、，｜":
            text = text.replace(sign, "|")
        return [word.strip() for word in text.split("|") if word.strip()]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file under the terms its headings were understood as."""

    rows: tuple[Row, ...]
    encoding: str
    columns: dict[str, str]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was left out: a stable reason and one sentence in Chinese and English."""

    row: int
    reason: str
    message: str


class RowError(Exception):
    """A row that cannot be used; caught where rows are read and turned into `Rejected`."""

    def __init__(self, reason: str, *, zh: str, en: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = f"{zh} / {en}"

    def at(self, row: int) -> Rejected:
        """The row's line in the report."""
        return Rejected(row, self.reason, self.message)


@dataclass(slots=True)
class TableReport:
    """What became of a table: rows stored, rows left out, headings nobody knew."""

    imported: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    unknown_columns: tuple[str, ...] = ()
    encoding: str = ""

    def as_json(self) -> dict[str, Any]:
        """The report as JSON-ready values."""
        return {
            "imported": self.imported,
            "rejected": [{"row": r.row, "reason": r.reason, "message": r.message} for r in self.rejected],
            "unknown_columns": list(self.unknown_columns),
            "encoding": self.encoding,
        }


def read_table(path: Path, fields: Sequence[str], *, required: Sequence[str]) -> Table:
    """Read a CSV file whose headings stand for `fields` (term codes); UTF-8 or GB18030.

    Raises RefusedFile when it is no text table or a required column is not there.
    """
    text, encoding = read_text(path)
    lines = list(_split(text))
    if not lines:
        raise RefusedFile(
            "empty_table", zh="文件里没有表格内容", en="the file holds no table", file=path.name
        )
    headings = [heading.strip() for heading in lines[0][1]]
    mapping = map_headings(headings, fields)
    missing = [term for term in required if term not in mapping.columns]
    if missing:
        raise _missing_columns(missing, headings)
    at = {term: headings.index(heading) for term, heading in mapping.columns.items()}
    rows = tuple(Row(number, _pick(cells, at)) for number, cells in lines[1:] if any(map(str.strip, cells)))
    return Table(rows, encoding, mapping.columns, mapping.unknown)


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file and the encoding it was found in (`utf-8-sig` reads plain UTF-8 too)."""
    if path.stat().st_size > SIZE_LIMIT:
        raise RefusedFile("too_large", zh="表格文件过大", en="the table is too large", file=path.name)
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise RefusedFile("not_text", zh="不是文本表格（CSV）", en="this is no text table (CSV)", file=path.name)


def _split(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines of cells with the line number each begins on, whatever the sign between the cells."""
    head = text.split("\n", 1)[0]
    sign = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise RefusedFile(
            "broken_table", zh=f"第 {begins} 行起无法读取", en=f"cannot be read from line {begins} on"
        ) from error


def _pick(cells: list[str], at: dict[str, int]) -> dict[str, str]:
    return {term: cells[i].strip() for term, i in at.items() if i < len(cells)}


def _missing_columns(missing: Sequence[str], headings: Sequence[str]) -> RefusedFile:
    words = [find_term(term) for term in missing]
    return RefusedFile(
        "missing_columns",
        zh="缺少列：" + "、".join(f"{word.zh}" for word in words),
        en="columns are missing: " + ", ".join(word.en for word in words),
        missing=list(missing),
        found=list(headings),
        accepted={word.code: list(word.headings) for word in words},
    )


def read_yes(text: str | None, *, default: bool) -> bool:
    """是/否 and their kin as a truth value; RowError for a word that is neither."""
    if text is None:
        return default
    word = text.strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise RowError("bad_yes_no", zh=f"“{text}”不是“是”或“否”", en=f"'{text}' is neither yes nor no")


def read_point(row: Row) -> tuple[float, float] | None:
    """Longitude and latitude in degrees, None when both cells are empty; RowError when they are no place."""
    lon, lat = row.read("lon"), row.read("lat")
    if lon is None and lat is None:
        return None
    try:
        x, y = float(lon or "nan"), float(lat or "nan")
    except ValueError:
        x = y = float("nan")
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        raise RowError(
            "bad_point", zh=f"经纬度无效：{lon}, {lat}", en=f"not a longitude and latitude: {lon}, {lat}"
        )
    return x, y
