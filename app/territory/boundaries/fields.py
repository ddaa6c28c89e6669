"""Which column of a boundary file is which field of a unit, and a unit read out of each row."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.glossary import FieldMapping, find_term, map_headings
from app.territory.boundaries.kinds import BoundaryKind, tell_unit_kind
from app.territory.boundaries.reading import Drawing
from app.territory.boundaries.report import ImportOptions, ImportReport, Question
from app.territory.tables import Rejected, Row, RowError, read_yes

UNIT_FIELDS = (
    "unit_name",
    "unit_code",
    "unit_kind",
    "town_code",
    "town_name",
    "households",
    "residents",
    "official_name",
    "former_names",
    "code_source",
    "year",
    "synthetic",
)
ROW_NUMBER = "@row"
"""The answer that numbers the rows of a file which has no codes."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a row says of its unit; `index` is its place in the drawing."""

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


def choose_columns(
    drawing: Drawing, kind: BoundaryKind, options: ImportOptions, report: ImportReport
) -> dict[str, str] | None:
    """Which column holds which field: guessed by headings, overruled by a person's answers.

    None when the name or the code of the units is nowhere to be seen; the questions list the columns. A
    frame needs neither.
    """
    mapping = map_headings(drawing.columns, UNIT_FIELDS)
    columns = _of_towns(mapping) if kind.key == "town" else dict(mapping.columns)
    for needed in ("unit_name", "unit_code"):
        answer = options.answers.get(f"field_{needed}")
        if answer in drawing.columns or (answer == ROW_NUMBER and needed == "unit_code"):
            columns[needed] = str(answer)
        elif needed not in columns and kind.key != "frame":
            _ask_column(needed, drawing, report)
    for wanted, others in mapping.rivals.items():
        _tell_choice(wanted, columns, others, report)
    return None if report.questions else columns


def _of_towns(mapping: FieldMapping) -> dict[str, str]:
    """In a file of towns the town's own name and code are the unit's."""
    columns = dict(mapping.columns)
    for unit, town in (("unit_name", "town_name"), ("unit_code", "town_code")):
        if town in columns:
            columns[unit] = columns.pop(town)
    return columns


def _ask_column(needed: str, drawing: Drawing, report: ImportReport) -> None:
    term = find_term(needed)
    options = (*drawing.columns, ROW_NUMBER) if needed == "unit_code" else tuple(drawing.columns)
    message = f"哪一列是{term.zh}？ / Which column is the {term.en}?"
    report.status = "needs_answer"
    report.questions.append(Question(f"field_{needed}", message, options))


def _tell_choice(wanted: str, columns: dict[str, str], others: tuple[str, ...], report: ImportReport) -> None:
    term, taken = find_term(wanted), columns.get(wanted)
    rest = [other for other in others if other not in columns.values()]
    if taken is not None and rest:
        more = "、".join(rest)
        report.warn(
            "column_chosen",
            f"{term.zh}取自列“{taken}”（另有 {more}）",
            f"{term.en} taken from {taken}, not {more}",
        )


def read_units(
    drawing: Drawing,
    columns: dict[str, str],
    kind: BoundaryKind,
    *,
    options: ImportOptions,
    report: ImportReport,
) -> list[UnitFacts]:
    """A unit for each row that has a shape and a name; the others are listed in the report."""
    units: list[UnitFacts] = []
    unsure: list[int] = []
    for row, index in _rows(drawing, columns):
        try:
            unit, certain = _read_unit(row, index, kind, options)
        except RowError as bad:
            report.rejected.append(bad.at(row.number))
            continue
        units.append(unit)
        unsure += [] if certain else [row.number]
    if unsure:
        report.warn(
            "kind_by_name",
            "类型列无法识别，已按名称判断",
            "unknown type; told by the name",
            rows=tuple(unsure),
        )
    _tell_twins(units, drawing, report)
    report.rejected.sort(key=_by_row)
    return units


def _by_row(rejected: Rejected) -> int:
    return rejected.row


def _rows(drawing: Drawing, columns: dict[str, str]) -> Iterator[tuple[Row, int]]:
    for index, shape in enumerate(drawing.shapes):
        if shape is None:
            continue
        number = drawing.row(index)
        values = {
            term: str(number) if column == ROW_NUMBER else _as_text(drawing.columns[column][index])
            for term, column in columns.items()
        }
        yield Row(number, values), index


def _as_text(value: Any) -> str:
    """A cell as text: a code that a table kept as a number has no decimals."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else "" if value != value else str(value)
    return str(value).strip().strip("\0").strip()


def _read_unit(row: Row, index: int, kind: BoundaryKind, options: ImportOptions) -> tuple[UnitFacts, bool]:
    is_frame = kind.key == "frame"
    name = row.read("unit_name") or ("辖区边界" if is_frame else None)
    code = row.read("unit_code") or ("frame" if is_frame else None)
    if name is None or code is None:
        raise RowError("no_name" if name is None else "no_code", zh="没有名称或代码", en="no name or no code")
    told, certain = tell_unit_kind(kind, row.read("unit_kind"), name)
    if told is None:
        word = row.read("unit_kind") or ""
        raise RowError("unknown_kind", zh=f"无法判断类型：{word}", en=f"of no known kind: {word}")
    facts = UnitFacts(
        index=index,
        code=code,
        code_source=row.read("code_source") or options.code_source,
        year=_read_count(row, "year"),
        kind=told,
        name=name,
        official_name=row.read("official_name"),
        former_names=row.read_list("former_names"),
        town_code=row.read("town_code"),
        town_name=row.read("town_name"),
        households=_read_count(row, "households"),
        residents=_read_count(row, "residents"),
        synthetic=read_yes(row.read("synthetic"), default=False),
    )
    return facts, certain


def _read_count(row: Row, term: str) -> int | None:
    text = row.read(term)
    if text is None:
        return None
    try:
        count = int(float(text.replace(",", "")))
    except (ValueError, OverflowError):
        count = -1
    if not 0 <= count < 2**31:
        word = find_term(term)
        raise RowError(f"bad_{term}", zh=f"{word.zh}不是数字：{text}", en=f"{word.en} is no number: {text}")
    return count


def _tell_twins(units: list[UnitFacts], drawing: Drawing, report: ImportReport) -> None:
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for unit in units:
        rows[unit.code_source, unit.code].append(drawing.row(unit.index))
    twins = tuple(row for where in rows.values() if len(where) > 1 for row in where)
    if twins:
        report.warn(
            "code_twice",
            "同一代码出现多次，已全部保留",
            "a code comes more than once; all are kept",
            rows=twins,
        )
