"""The report of an import as a workbook (XLSX): six sheets, Chinese first, every row that was left out.

A cell that a spreadsheet would take for a formula is kept as text: file names, column names and cells of a
stranger's file end up in it.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from app.glossary import find_term
from app.models import ImportRun

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_CELL_LENGTH = 32_000
_STATUSES = {
    "running": "处理中 / running",
    "checked": "已试算，未载入 / checked, not loaded",
    "needs_answer": "等待回答 / waiting for answers",
    "imported": "已载入 / loaded",
    "rejected": "已拒绝 / refused",
    "failed": "未完成 / failed",
    "undone": "已撤销 / taken back",
}
_PREVIEW = (
    ("new", "新增 / new"),
    ("changed", "边界变化 / changed"),
    ("renamed", "改名 / renamed"),
    ("vanished", "文件中不再有 / no longer in the file"),
    ("unchanged", "不变 / unchanged"),
    ("customers", "涉及客户 / customers on moving ground"),
    ("grids", "涉及网格 / grids"),
    ("managers", "涉及经理 / managers"),
)
Line = Sequence[Any]


def write_workbook(run: ImportRun) -> bytes:
    """The report of an import as the bytes of an XLSX file; no formula, no link, no row cut off."""
    report = run.report
    book = Workbook(write_only=True)
    _sheet(book, "概况 Summary", ("项目 / item", "内容 / value"), _summary(run, report))
    _sheet(
        book,
        "问题 Questions",
        ("代码 / code", "问题 / question", "可选 / options", "回答 / answer"),
        _asked(run),
    )
    _sheet(
        book,
        "剔除的行 Left out",
        ("行号 / row", "原因代码 / reason", "说明 / message"),
        ((line["row"], line["reason"], line["message"]) for line in report.get("rejected", [])),
    )
    _sheet(
        book,
        "警告 Warnings",
        ("代码 / code", "说明 / message", "行号 / rows"),
        ((w["code"], w["message"], "、".join(map(str, w["rows"]))) for w in report.get("warnings", [])),
    )
    _sheet(
        book,
        "修复 Repairs",
        (
            "行号 / row",
            "代码 / code",
            "说明 / message",
            "修复前平方米 / m² before",
            "修复后平方米 / m² after",
            "变化% / change %",
        ),
        (_repair(line) for line in report.get("repairs", [])),
    )
    _sheet(
        book,
        "字段 Columns",
        ("列名 / column", "对应字段 / taken as", "样例 / sample"),
        ((c["name"], _term(c["term"]), "；".join(c["sample"])) for c in report.get("columns", [])),
    )
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet(book: Workbook, title: str, headings: Line, lines: Iterable[Line]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEF", (28, 40, 60, 24, 24, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_cell(sheet, heading, bold=True) for heading in headings])
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    """A number as a number, all else as text that no spreadsheet calculates."""
    if value is None or isinstance(value, (int, float)):
        return WriteOnlyCell(sheet, value)
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_CELL_LENGTH]
    cell = WriteOnlyCell(sheet, text)
    if text.startswith(_FORMULA_SIGNS):
        # The apostrophe's own mark in the file: the cell stays text even when somebody edits it.
        cell.data_type = "s"
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _summary(run: ImportRun, report: dict[str, Any]) -> Iterable[Line]:
    crs, encoding = report.get("crs", {}), report.get("encoding", {})
    yield "导入编号 / import", run.id
    yield "文件 / file", run.file_name
    yield "文件哈希 SHA-256", run.sha256
    yield "状态 / status", _STATUSES.get(run.status, run.status)
    yield "上传时间 / uploaded", run.created_at.isoformat(timespec="seconds")
    yield "完成时间 / finished", run.finished_at.isoformat(timespec="seconds") if run.finished_at else None
    yield "格式 / format", report.get("format")
    yield "图层 / layers", "、".join(report.get("layers", []))
    yield "单元数 / units", report.get("features", 0)
    yield "剔除行数 / rows left out", len(report.get("rejected", []))
    yield "编码 / encoding", f"{encoding.get('name') or '—'} ({encoding.get('how') or '—'})"
    yield "声明的坐标系 / declared", crs.get("declared")
    yield "采用的坐标系 / used", f"{crs.get('used') or '—'} ({crs.get('how') or '—'})"
    for line in crs.get("evidence", []):
        yield "依据 / evidence", line
    yield from ((label, (report.get("preview") or {}).get(key)) for key, label in _PREVIEW)
    for kind, count in ((report.get("preview") or {}).get("ground") or {}).items():
        yield f"{find_term(kind).zh} / {find_term(kind).en}", count


def _asked(run: ImportRun) -> Iterable[Line]:
    """Questions that stand, and what was answered before."""
    answers = dict(run.options.get("answers") or {})
    for question in run.report.get("questions", []):
        given = answers.pop(question["code"], None)
        yield question["code"], question["message"], "、".join(question["options"]), given
    for code, value in answers.items():
        yield code, "已回答 / answered", None, value


def _repair(line: dict[str, Any]) -> Line:
    return (
        line["row"],
        line["code"],
        line["message"],
        round(line["area_before_m2"], 2),
        round(line["area_after_m2"], 2),
        round(line["change_percent"], 4),
    )


def _term(code: str | None) -> str | None:
    if code is None:
        return "未使用 / unused"
    term = find_term(code)
    return f"{term.zh} / {term.en}"
