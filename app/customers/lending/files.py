"""A file of questions and the file of their answers: columns known by many headings, one line a row."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.customers.intake.fields import fold_heading
from app.customers.intake.tables import SourceTable, open_table, read_slice
from app.customers.lending.asks import Ask, read_ask
from app.errors import BadInput, GetuError

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("客户id", "系统编号", "customer_id", "customerid", "id"),
    "source": ("来源系统", "来源", "系统", "source"),
    "key": ("客户号", "客户编号", "客户代码", "custno", "cifno", "key"),
    "address": ("地址", "住址", "联系地址", "家庭住址", "居住地址", "address"),
    "lon": ("经度", "lon", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "datum": ("坐标系", "坐标系统", "datum", "crs"),
    "branch": ("机构号", "支行号", "支行", "机构", "经办机构", "branch"),
    "date": ("日期", "核验日期", "业务日期", "date", "on"),
    "ref": ("业务编号", "申请编号", "合同号", "序号", "备注", "ref"),
}
SUBJECTS = ("id", "key", "address", "lon")
ANSWERS = (
    *("行号", "业务编号", "核验编号", "结果", "answer", "原因", "原因代码", "内外侧", "距边界（米）"),
    *("边界宽度（米）", "机构号", "日期", "规划", "边界版本", "所属机构号", "所属机构", "例外有效期"),
    *("定位精度", "核验对象"),
)
SLICE = 500


@dataclass(frozen=True)
class QuestionFile:
    """An opened file: its table, and at which column each field stands."""

    table: SourceTable
    at: Mapping[str, int]

    def read(
        self, *, branch: str | None, on: date, after: int = 1
    ) -> Iterator[list[tuple[int, str, Ask | GetuError]]]:
        """Rows behind a number in lists of about `SLICE`: row number, the row's own mark, its question."""
        for part in self.table.slices(SLICE, after=after):
            chunk = read_slice(part)
            rows = [(number, self._pick(cells)) for number, cells in chunk.rows()]
            found: list[tuple[int, str, Ask | GetuError]] = [
                (number, values.get("ref", ""), try_ask(_as_question(values), branch=branch, on=on))
                for number, values in rows
            ]
            found += [(b.number, "", BadInput(b.reason, zh=b.zh, en=b.en)) for b in chunk.broken]
            yield sorted(found, key=lambda row: row[0])

    def _pick(self, cells: Sequence[str]) -> dict[str, str]:
        return {field: cells[i].strip() for field, i in self.at.items() if cells[i].strip()}


def open_questions(path: Path) -> QuestionFile:
    """Find the columns of a file of questions. Raises RefusedFile, BadInput `missing_columns`."""
    table = open_table(path)
    folded = [fold_heading(heading) for heading in table.headings]
    at: dict[str, int] = {}
    for field, headings in COLUMNS.items():
        known = [fold_heading(heading) for heading in headings]
        place = next((folded.index(word) for word in known if word in folded), None)
        if place is not None:
            at[field] = place
    if not set(SUBJECTS) & at.keys():
        shown = [heading[:40] for heading in table.headings[:40]]
        raise BadInput(
            "missing_columns",
            zh=f"文件须有客户编号、地址或经纬度中的一列；表头为：{'、'.join(shown)}",
            en=f"the file needs a customer, an address or a point; its headings are {', '.join(shown)}",
            headings=shown,
        )
    return QuestionFile(table, at)


def try_ask(given: Any, *, branch: str | None, on: date) -> Ask | GetuError:
    """A question, or what is wrong with it: one wrong row among many is data."""
    try:
        return read_ask(given, branch=branch, on=on)
    except GetuError as error:
        return error


def show_error(error: GetuError) -> dict[str, Any]:
    """What is said in the place of an answer."""
    return {"error": {"code": error.code, "zh": error.zh, "en": error.en}}


def write_answers(rows: Sequence[tuple[int, str, dict[str, Any] | GetuError]], *, heading: bool) -> bytes:
    """Answers as lines of CSV (UTF-8; with a mark and the headings at the beginning of a file)."""
    text = io.StringIO()
    writer = csv.writer(text)
    if heading:
        text.write("\ufeff")
        writer.writerow(ANSWERS)
    for number, ref, found in rows:
        if isinstance(found, GetuError):
            writer.writerow([number, _plain(ref), "", "未核验", "error", found.zh, found.code, *[""] * 12])
        else:
            writer.writerow([_plain(cell) for cell in _as_cells(number, ref, found)])
    return text.getvalue().encode()


def _as_cells(number: int, ref: str, found: dict[str, Any]) -> list[Any]:
    plan, holder = found["plan"] or {}, found["holder"] or {}
    return [
        number, ref, found["id"], found["answer_zh"], found["answer"], found["message_zh"].partition("：")[2],
        found["reason"], (found["side"] or {}).get("zh"), found["distance_m"], found["edge_m"],
        found["branch"]["code"], found["on"], plan.get("code"), plan.get("ground_version"),
        holder.get("code"), holder.get("name"), (found["exception"] or {}).get("valid_until"),
        found["evidence"]["placed"]["rung_zh"], found["subject"],
    ]  # fmt: skip


def _as_question(values: Mapping[str, str]) -> dict[str, Any]:
    """A row as a question: the customer where one is named, else the point, else the address."""
    asked: dict[str, Any] = {key: values[key] for key in ("branch", "date", "ref") if key in values}
    if "id" in values:
        return {**asked, "customer": {"id": values["id"]}}
    if "key" in values:
        return {**asked, "customer": {"source": values.get("source"), "key": values["key"]}}
    if "lon" in values or "lat" in values:
        return {**asked, "point": {key: values.get(key) for key in ("lon", "lat", "datum")}}
    return {**asked, "address": values.get("address")}


def _plain(value: Any) -> Any:
    """A cell that a spreadsheet will not take for a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
