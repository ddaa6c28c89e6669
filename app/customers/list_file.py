"""Lists of customers as files that open anywhere: CSV (UTF-8 with mark) and XLSX, no cell a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from app.customers.placing import RUNGS

FileKind = Literal["csv", "xlsx"]
Row = Mapping[str, Any]
# Heading and where the value stands in a shown customer (`a.b` is b within a).
Columns = Sequence[tuple[str, str]]
MEDIA: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
OF_GRID: Columns = (
    ("客户", "name"),
    ("类型", "kind"),
    ("状态", "standing"),
    ("等级", "tier"),
    ("电话", "phone"),
    ("证件", "id_card"),
    ("地址", "address"),
    ("定位精度", "rung"),
    ("建档", "filed"),
    ("最近走访", "last_visit_on"),
    ("网格", "grid.code"),
)
AROUND: Columns = (
    ("客户编号", "id"),
    ("客户", "name"),
    ("类型", "kind"),
    ("状态", "standing"),
    ("等级", "tier"),
    ("地址", "address"),
    ("定位精度", "rung"),
    ("距离（米）", "distance_m"),
    ("最近走访", "last_visit_on"),
    ("网格", "grid.code"),
)
CATCHMENTS: Columns = (
    ("编号", "code"),
    ("网点或支行", "name"),
    ("村", "villages"),
    ("户数", "households"),
    ("人口", "residents"),
    ("面积（平方公里）", "area_km2"),
    ("存量客户", "customers.existing"),
    ("潜在客户", "customers.prospects"),
)
SHARED: Columns = (("网点编号", "outlet.code"), ("网点", "outlet.name"), *AROUND)
# What stands in a cell for what the program calls it; the import knows these words again.
WORDS: dict[str, dict[Any, str]] = {
    "kind": {"person": "个人", "household": "家庭", "firm": "企业", "merchant": "商户"},
    "standing": {"existing": "存量", "prospect": "潜在"},
    "tier": {"strategic": "战略", "key": "重点", "regular": "普通"},
    "filed": {True: "是", False: "否"},
    "rung": RUNGS,
}
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_list(rows: Iterable[Row], columns: Columns, kind: FileKind) -> bytes:
    """The rows as the bytes of a file, their headings first."""
    lines = ([_pick(row, path) for _, path in columns] for row in rows)
    headings = [heading for heading, _ in columns]
    return _write_csv(headings, lines) if kind == "csv" else _write_workbook(headings, lines)


def _pick(row: Row, path: str) -> Any:
    value: Any = row
    for key in path.split("."):
        value = None if value is None else value[key]
    return WORDS[path].get(value, value) if path in WORDS else value


def _write_csv(headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([_plain(value) for value in line] for line in lines)
    return ("\ufeff" + text.getvalue()).encode()


def _plain(value: Any) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _write_workbook(headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    # Loaded when a workbook is asked for: the service starts without it.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单 List")
    sheet.freeze_panes = "A2"
    sheet.append(list(headings))
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    """A number as a number, all else as text that no spreadsheet calculates."""
    if value is None or isinstance(value, (int, float)):
        return value
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_FORMULA_SIGNS)
    return cell
