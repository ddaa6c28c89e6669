"""The planning directory 规划目录: every grid in administrative order, as a workbook."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from app.customers import coverage
from app.errors import NotFound
from app.territory import directory, plans

# Heading, key of the row, width in characters.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("序号", "number", 6),
    ("乡镇", "town_name", 12),
    ("网格编号", "code", 16),
    ("网格名称", "name", 18),
    ("类型", "kind_zh", 8),
    ("单元代码", "units", 18),
    ("支行", "branch_name", 18),
    ("客户经理", "manager", 12),
    ("电话", "manager_phone", 15),
    ("后备经理", "backup", 12),
    ("村级联络员", "liaison", 12),
    ("面积(平方公里)", "area_km2", 14),
    ("户数", "households", 8),
    ("存量客户", "existing", 10),
    ("潜在客户", "prospects", 10),
    ("覆盖率", "coverage", 9),
)
KINDS = {
    "village": "行政村",
    "community": "社区",
    "street": "街道",
    "market": "市场",
    "district": "商圈",
    "park": "园区",
}
HEAD = PatternFill("solid", fgColor="0B5C6B")
LINE = Border(bottom=Side(style="thin", color="E1E7EA"))


def list_directory(session: Session, *, branch: str | None = None) -> list[dict[str, Any]]:
    """One row a grid of the plan in force in the viewer's sight, in administrative order, with its counts."""
    plan = plans.find_plan_on(session)
    if plan is None:
        return []
    counts = {row["code"]: row for row in coverage.list_coverage(session)}
    facts = {
        "plan": plan.code,
        "valid_from": plan.valid.lower if plan.valid else None,
        "certificate_no": plan.certificate_no,
        "synthetic": plan.synthetic,
    }
    rows = directory.list_directory(session, plan=plan, branch=branch)
    return [{**facts, **_count(counts.get(row.code, {})), **_show(row)} for row in rows]


def _show(row: directory.DirectoryRow) -> dict[str, Any]:
    return {
        **dataclasses.asdict(row),
        "kind_zh": KINDS.get(row.kind, row.kind),
        "units": list(row.unit_codes),
    }


def _count(row: Mapping[str, Any]) -> dict[str, Any]:
    rate = row.get("coverage_rate")
    return {
        "existing": int(row.get("existing", 0)),
        "prospects": int(row.get("prospects", 0)),
        "coverage": None if rate is None else float(rate),
    }


def write_directory(session: Session, path: Path, *, bank: str, branch: str | None = None) -> int:
    """Write the directory as .xlsx beside `path`, then rename; returns the number of grids.

    Raises NotFound when no grid of a plan in force is in the viewer's sight.
    """
    rows = list_directory(session, branch=branch)
    if not rows:
        raise NotFound("no_grids", zh="没有可列的网格", en="there are no grids to list")
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "规划目录"
    _write_head(sheet, rows[0], bank)
    for row in rows:
        sheet.append([_cell(row[key]) for _, key, _ in COLUMNS])
    _dress(sheet)
    aside = path.with_name(f".{path.name}.part")
    book.save(aside)
    aside.replace(path)
    return len(rows)


def _write_head(sheet: Worksheet, row: dict[str, Any], bank: str) -> None:
    note = "示意边界，非真实 · " if row["synthetic"] else ""
    sheet.append([f"{bank} 网格规划目录"])
    facts = f"规划版本 {row['plan']} · 自 {row['valid_from']} 起 · 全覆盖证明 {row['certificate_no'] or '—'}"
    sheet.append([f"{facts} · {note}内部资料"])
    sheet.append([title for title, _, _ in COLUMNS])


def _cell(value: Any) -> Any:
    return "、".join(value) if isinstance(value, list) else value


def _dress(sheet: Worksheet) -> None:
    """Widths, heads that stay in sight, number forms, and a print layout that repeats the heads."""
    sheet["A1"].font = Font(bold=True, size=16)
    for number, (_, key, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        head = sheet.cell(row=3, column=number)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), HEAD
        head.alignment = Alignment(vertical="center", wrap_text=True)
        for cells in sheet.iter_rows(min_row=4, min_col=number, max_col=number):
            cells[0].border = LINE
            if key in ("area_km2", "coverage"):
                cells[0].number_format = "0.00" if key == "area_km2" else "0.0%"
    sheet.freeze_panes = "E4"
    sheet.auto_filter.ref = f"A3:{get_column_letter(len(COLUMNS))}{sheet.max_row}"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A3
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
