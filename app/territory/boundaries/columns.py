"""Which column of a boundary file is which field of a unit: by headings, by content, by a person's word."""

import re
from collections.abc import Iterable
from typing import Any

from app.glossary import find_term, map_headings, rank_heading
from app.territory.boundaries.cells import UNIT_FIELDS, as_text, show_columns
from app.territory.boundaries.codes import is_administrative, read_code
from app.territory.boundaries.headings import settle_cut, take_towns
from app.territory.boundaries.kinds import ANY_KIND, BoundaryKind
from app.territory.boundaries.reading import Drawing
from app.territory.boundaries.report import ImportOptions, ImportReport, Question

ROW_NUMBER = "@row"
"""The answer that numbers the rows of a file which has no codes."""
NO_COLUMN = "@none"
"""The answer that no column holds a field, whatever its heading says."""

_LOOKED_AT = 500
_MOST = 0.8
_VILLAGE_NAME = re.compile(r".(?:村|社区|居委会|村委会|居民委员会|村民委员会|嘎查)(?:[(（].*[)）])?$")
_CODE_LENGTHS = {"town": (9, 12), "county": (6, 12)}


def choose_columns(
    drawing: Drawing, kind: BoundaryKind, options: ImportOptions, report: ImportReport
) -> dict[str, str] | None:
    """Which column holds which field: guessed by headings, then by content, overruled by a person's answers.

    An empty column holds nothing, whatever its heading says. None when the name of the units is nowhere to
    be seen or an answer names no column; the questions list the columns. A code column alone that is missing
    is left to those who know the ground already. A frame needs neither. The report shows every column with
    its use.
    """
    filled = [name for name, cells in drawing.columns.items() if any(map(as_text, cells))]
    mapping = map_headings(filled, UNIT_FIELDS)
    columns = _of_level(dict(mapping.columns), kind)
    settle_cut(columns, drawing.columns, filled, report)
    answered = _follow_answers(columns, drawing, options, report)
    if kind.key != "frame":
        for field in ("unit_code", "unit_name"):
            if field not in columns and field not in answered:
                _find_by_content(field, columns, filled, drawing=drawing, report=report, kind=kind)
        if kind is ANY_KIND and not answered & {"unit_name", "town_name"}:
            take_towns(columns, drawing.columns)
        if "unit_name" not in columns:
            ask_column("unit_name", drawing, report)
            if "unit_code" not in columns and "unit_code" not in answered:
                ask_column("unit_code", drawing, report)
    for wanted, others in mapping.rivals.items():
        _tell_choice(wanted, columns, others, report)
    show_columns(drawing.columns, columns, report)
    return None if report.questions else columns


def _of_level(columns: dict[str, str], kind: BoundaryKind) -> dict[str, str]:
    """In a file of towns (counties) the town's (county's) own name and code are the unit's."""
    level = kind.key if kind.key in ("town", "county") else None
    for unit, own in (("unit_name", f"{level}_name"), ("unit_code", f"{level}_code")):
        if own in columns:
            columns[unit] = columns.pop(own)
    return columns


def _follow_answers(
    columns: dict[str, str], drawing: Drawing, options: ImportOptions, report: ImportReport
) -> set[str]:
    """Let `field_<term>=COLUMN` overrule the guess; returns the fields a person spoke of."""
    answered = set()
    for field in UNIT_FIELDS:
        answer = options.answers.get(f"field_{field}")
        if answer is None:
            continue
        answered.add(field)
        if answer == NO_COLUMN:
            columns.pop(field, None)
        elif answer in drawing.columns or (answer == ROW_NUMBER and field == "unit_code"):
            _give(columns, field, answer)
        else:
            ask_column(field, drawing, report, wrong=answer)
    return answered


def _give(columns: dict[str, str], field: str, column: str) -> None:
    """A column serves one field: what a person gives to one is taken from another that was guessed."""
    for other in [other for other, taken in columns.items() if taken == column]:
        del columns[other]
    columns[field] = column


def ask_column(field: str, drawing: Drawing, report: ImportReport, *, wrong: str | None = None) -> None:
    """Ask which column holds a field; `wrong` is a column that somebody named and the file does not have."""
    term = find_term(field)
    options = tuple(drawing.columns)
    if field == "unit_code":
        options += (ROW_NUMBER,)
    elif field != "unit_name":
        options += (NO_COLUMN,)
    zh, en = f"哪一列是{term.zh}？", f"Which column is the {term.en}?"
    if wrong is not None:
        zh, en = f"文件里没有列“{wrong}”。{zh}", f"The file has no column {wrong!r}. {en}"
    if not drawing.columns:
        zh = f"{zh}文件里一列也没有，请连同属性表（.dbf）或带名称的文件重新上传"
        en = f"{en} The file has no columns at all: send it again with its table (.dbf)"
    report.status = "needs_answer"
    report.questions.append(Question(f"field_{field}", f"{zh} / {en}", options))


def _find_by_content(
    field: str,
    columns: dict[str, str],
    filled: list[str],
    *,
    drawing: Drawing,
    report: ImportReport,
    kind: BoundaryKind,
) -> None:
    """Take the only free column whose cells look like the field, and say so."""
    fits = _looks_like_codes if field == "unit_code" else _looks_like_names
    free = [name for name in filled if name not in columns.values()]
    fitting = [name for name in free if fits(drawing.columns[name], kind)]
    if len(fitting) != 1:
        return
    columns[field] = fitting[0]
    term = find_term(field)
    report.warn(
        "column_by_content",
        f"按内容判断，列“{fitting[0]}”是{term.zh}",
        f"by its content, column {fitting[0]} is the {term.en}",
    )


def _some(cells: Iterable[Any]) -> list[Any]:
    filled = [cell for cell in cells if as_text(cell)]
    return filled[:: max(1, len(filled) // _LOOKED_AT)]


def _looks_like_codes(cells: list[Any], kind: BoundaryKind) -> bool:
    seen = [read_code(cell).text for cell in _some(cells)]
    lengths = _CODE_LENGTHS.get(kind.key, (12, 15, 19))
    good = {code for code in seen if len(code) in lengths and is_administrative(code)}
    return bool(good) and len(good) >= _MOST * len(seen)


def _looks_like_names(cells: list[Any], kind: BoundaryKind) -> bool:
    """Village names, and nearly as many of them as rows: a column of the village around a market has few."""
    if kind.key not in ("village", "any"):
        return False
    seen = [as_text(cell) for cell in _some(cells)]
    good = [name for name in seen if _VILLAGE_NAME.search(name)]
    return len(good) >= _MOST * len(seen) and len(set(good)) >= _MOST * len(good)


def _tell_choice(wanted: str, columns: dict[str, str], others: tuple[str, ...], report: ImportReport) -> None:
    term, taken = find_term(wanted), columns.get(wanted)
    rest = [other for other in others if other not in columns.values()]
    if taken is not None and rest and rank_heading(taken, wanted) is not None:
        more = "、".join(rest)
        report.warn(
            "column_chosen",
            f"{term.zh}取自列“{taken}”（另有 {more}）",
            f"{term.en} taken from {taken}, not {more}",
        )
