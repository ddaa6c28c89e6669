"""A unit read out of each row of a boundary file: kind, name, code, town, figures, as its cells say."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.territory.boundaries.cells import UNIT_FIELDS, as_text
from app.territory.boundaries.codes import (
    CELL_LEVEL,
    CodeCell,
    Trouble,
    read_code,
    settle_code,
)
from app.territory.boundaries.columns import ROW_NUMBER, choose_columns
from app.territory.boundaries.kinds import BoundaryKind, tell_unit_kind
from app.territory.boundaries.paths import cut_path
from app.territory.boundaries.reading import LEAVE_OUT, Drawing
from app.territory.boundaries.report import ImportOptions, ImportReport, Question
from app.territory.names import cut_town, read_place_words, split_former
from app.territory.tables import Rejected, Row, RowError, read_yes

__all__ = ["UNIT_FIELDS", "UnitFacts", "choose_columns", "read_units"]

_REMARKS = {
    "kind_by_name": ("类型列无法识别，已按名称或代码判断", "unknown type; told by the name or the code"),
    "code_destroyed": (
        "代码被表格软件改成了科学计数法，尾数已丢失，按没有代码处理",
        "a spreadsheet has rounded the code away; taken as missing",
    ),
    "code_of_town": (
        "代码只到乡镇一级，不是本单元的代码",
        "the code ends with the town; it is not the unit's own",
    ),
    "code_length": (
        "代码位数与级别不符，已照原样保留",
        "the code has not the length of its level; kept as it is",
    ),
    "code_shortened": (
        "调查代码取前12位为行政村代码",
        "the first 12 digits of the survey's code are the village's",
    ),
    "name_unusual": ("名称含有无法识别的字符，请核对", "the name holds characters that nobody can read"),
    "count_unread": ("户数或人口不是数字，未采用", "households or residents are no number; left empty"),
}
_NUMBER = re.compile(r"^约?(\d+(?:\.\d+)?)(?:万)?[户人口个]*$")
_YEAR = re.compile(r"(?<!\d)(19[89]\d|20[0-4]\d)(?!\d)")
_UNKNOWN_KINDS = "unknown_kinds"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a row says of its unit; `index` is its place in the drawing.

    `code` is empty until somebody who knows the ground has given one. `parent_how` tells how the parent (the
    town of a village, the county of a town) was found: column, code, name or containment.
    """

    index: int
    code: str
    code_source: str
    year: int | None
    kind: str
    name: str
    official_name: str | None
    former_names: list[str]
    town_code: str | None
    town_name: str | None
    households: int | None
    residents: int | None
    synthetic: bool
    parent_code: str | None = None
    parent_how: str | None = None


@dataclass
class Tally:
    """The rows of each remark, told once at the end."""

    rows: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, remark: str, row: int) -> None:
        """Note a row."""
        self.rows[remark].append(row)

    def tell(self, report: ImportReport) -> None:
        """Put every remark into the report."""
        for remark, rows in self.rows.items():
            zh, en = _REMARKS[remark]
            report.warn(remark, zh, en, rows=tuple(dict.fromkeys(rows)))


def read_units(
    drawing: Drawing,
    columns: dict[str, str],
    kind: BoundaryKind,
    *,
    options: ImportOptions,
    report: ImportReport,
) -> list[UnitFacts]:
    """A unit for each row that has a shape and a name; the others are listed in the report.

    Rows without a usable code come with an empty one. When most rows do not tell their kind, the report asks.
    """
    units: list[UnitFacts] = []
    tally = Tally()
    wordless: list[tuple[int, RowError]] = []
    defaults = replace(options, year=options.year or _year_of_name(drawing, columns, options, report))
    for row, index, code in _rows(drawing, columns):
        try:
            units.append(_read_unit(row, index, code, kind=kind, told=(defaults, tally)))
        except RowError as bad:
            if bad.reason == "unknown_kind":
                wordless.append((row.number, bad))
            else:
                report.rejected.append(bad.at(row.number))
    _tell_wordless(wordless, len(units), kind, options, report=report)
    tally.tell(report)
    report.rejected.sort(key=_by_row)
    return _shorten_long(units, drawing, report)


def _by_row(rejected: Rejected) -> int:
    return rejected.row


def _year_of_name(
    drawing: Drawing, columns: dict[str, str], options: ImportOptions, report: ImportReport
) -> int | None:
    if "year" in columns:
        return None
    for name in (options.file_name or "", drawing.layer.name):
        found = _YEAR.search(name)
        if found:
            year = int(found.group(1))
            report.warn(
                "year_by_name", f"年份取自文件名：{year}", f"the year is taken from the file's name: {year}"
            )
            return year
    return None


def _tell_wordless(
    wordless: list[tuple[int, RowError]],
    known: int,
    kind: BoundaryKind,
    options: ImportOptions,
    *,
    report: ImportReport,
) -> None:
    """Rows of no known kind are left out and listed; where they are most of the file, a person is asked."""
    asked = len(wordless) > known and options.answers.get(_UNKNOWN_KINDS) != LEAVE_OUT
    if not asked:
        report.rejected += [bad.at(row) for row, bad in wordless]
        return
    report.status = "needs_answer"
    many = len(wordless)
    message = f"{many} 行看不出是哪种单元，是什么？ / {many} rows do not tell their kind; what are they?"
    report.questions.append(Question(_UNKNOWN_KINDS, message, (*kind.units, LEAVE_OUT)))


def _rows(drawing: Drawing, columns: dict[str, str]) -> Iterator[tuple[Row, int, CodeCell]]:
    cells = {term: drawing.columns[name] for term, name in columns.items() if name != ROW_NUMBER}
    codes = cells.pop("unit_code", None)
    numbered = columns.get("unit_code") == ROW_NUMBER
    for index, shape in enumerate(drawing.shapes):
        if shape is None:
            continue
        number = drawing.row(index)
        values = {term: as_text(column[index]) for term, column in cells.items()}
        raw = number if numbered else codes[index] if codes is not None else None
        yield Row(number, values), index, read_code(raw)


def _read_unit(
    row: Row, index: int, code: CodeCell, *, kind: BoundaryKind, told: tuple[ImportOptions, Tally]
) -> UnitFacts:
    options, tally = told
    name = row.read("unit_name") or ("辖区边界" if kind.key == "frame" else None)
    if name is None:
        raise RowError("no_name", zh="没有名称", en="no name")
    sort = _tell_kind(row, name, code.text, kind=kind, told=told)
    settled, trouble = settle_code(code, sort)
    if sort == "frame":
        settled = settled or "frame"
    village = sort in CELL_LEVEL
    words = read_place_words(name, village=village)
    if words.unusual:
        tally.add("name_unusual", row.number)
    if trouble is not None and trouble != "long":
        tally.add(_remark_of(trouble), row.number)
    town_code, town_name = _read_town(row, tally)
    above, near = cut_path(words.name) if village else (None, words.name)
    town_name = town_name or above
    near = cut_town(near, town_name or "") if village else near
    written = words.official or (words.name if near != words.name else None)
    return UnitFacts(
        index=index,
        code="" if trouble == "of_town" else settled,
        code_source=row.read("code_source") or options.code_source,
        year=_read_year(row) or options.year,
        kind=sort,
        name=near,
        official_name=row.read("official_name") or written,
        former_names=_former(row, words.former, near),
        town_code=town_code or (settled if trouble == "of_town" else None),
        town_name=town_name,
        households=_read_count(row, "households", tally),
        residents=_read_count(row, "residents", tally),
        synthetic=read_yes(row.read("synthetic"), default=False),
        parent_code=_county_of(row) if sort == "town" else None,
    )


def _remark_of(trouble: Trouble) -> str:
    return f"code_{trouble}"


def _tell_kind(
    row: Row, name: str, code: str, *, kind: BoundaryKind, told: tuple[ImportOptions, Tally]
) -> str:
    options, tally = told
    word = row.read("unit_kind")
    sort, certain = tell_unit_kind(kind, word, name, code=code)
    if sort is None:
        answer = options.answers.get(_UNKNOWN_KINDS)
        if answer in kind.units:
            return str(answer)
        raise RowError(
            "unknown_kind", zh=f"无法判断类型：{word or name}", en=f"of no known kind: {word or name}"
        )
    if not certain:
        tally.add("kind_by_name", row.number)
    return sort


def _read_town(row: Row, tally: Tally) -> tuple[str | None, str | None]:
    code, trouble = settle_code(read_code(row.read("town_code")), "town")
    if trouble == "destroyed":
        tally.add("code_destroyed", row.number)
    name = row.read("town_name")
    return code or None, read_place_words(name, village=False).name if name else None


def _county_of(row: Row) -> str | None:
    return settle_code(read_code(row.read("county_code")), "county")[0] or None


def _former(row: Row, aside: tuple[str, ...], name: str) -> list[str]:
    names = [*split_former(row.read("former_names") or ""), *aside]
    return [old for old in dict.fromkeys(names) if old != name]


def _read_year(row: Row) -> int | None:
    found = _YEAR.search(row.read("year") or "")
    return int(found.group(1)) if found else None


def _read_count(row: Row, term: str, tally: Tally) -> int | None:
    """A number of households or residents: 1,234 and 310户 are numbers, 待查 is none."""
    text = row.read(term)
    if text is None or text in ("-", "—", "/", "无"):
        return None
    found = _NUMBER.match(text.replace(",", "").replace("，", "").replace(" ", ""))
    count = round(float(found.group(1)) * (10_000 if "万" in text else 1)) if found else -1
    if 0 <= count < 2**31:
        return count
    tally.add("count_unread", row.number)
    return None


def _shorten_long(units: list[UnitFacts], drawing: Drawing, report: ImportReport) -> list[UnitFacts]:
    """A survey's 15 or 19 digits become the village's 12, unless rows of other names begin alike."""
    names: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        names[unit.code[:12]].add(unit.name)
    short = [_is_long(unit) and len(names[unit.code[:12]]) == 1 for unit in units]
    if any(short):
        rows = tuple(drawing.row(unit.index) for unit, cut in zip(units, short, strict=True) if cut)
        zh, en = _REMARKS["code_shortened"]
        report.warn("code_shortened", zh, en, rows=rows)
    return [replace(u, code=u.code[:12]) if cut else u for u, cut in zip(units, short, strict=True)]


def _is_long(unit: UnitFacts) -> bool:
    return settle_code(CodeCell(unit.code), unit.kind)[1] == "long"
