"""A boundary import's report as a person at the terminal reads it; the whole of it stands in the JSON."""

from collections.abc import Iterator
from typing import Any

_STATUS = {
    "imported": "✓ 已导入 imported",
    "needs_answer": "? 需要回答 needs an answer",
    "rejected": "✗ 未接受 rejected",
}
_UNITS = (
    ("new", "新增"),
    ("changed", "变化"),
    ("renamed", "改名"),
    ("vanished", "撤并"),
    ("unchanged", "不变"),
)
_FAULTS = (
    ("overlap", "重叠"),
    ("gap", "空白"),
    ("sliver", "碎片"),
    ("nested", "套叠"),
    ("duplicate", "重复"),
    ("outside", "越界"),
)
_SHOWN = 20


def tell_boundaries(report: dict[str, Any]) -> str:
    """What was found, what it would change or changed, what was left out, and what is asked."""
    return "\n".join([*_head(report), *_found(report), *_changes(report), *_remarks(report), *_asked(report)])


def _head(report: dict[str, Any]) -> Iterator[str]:
    number = f" · 导入号 import {report['import_id']}" if report.get("import_id") else ""
    status = _STATUS.get(report["status"], str(report["status"]))
    if report["status"] == "imported" and _is_dry(report):
        status = "✓ 试运行，没有保存 dry run, nothing stored"
    yield f"{status} · {report['features']} 个单元 units{number}"


def _is_dry(report: dict[str, Any]) -> bool:
    return any(remark["code"] == "dry_run" for remark in report["warnings"])


def _found(report: dict[str, Any]) -> Iterator[str]:
    if report.get("format"):
        yield f"  格式 format    {report['format']} · {'、'.join(report['layers'][:_SHOWN])}"
    if report["encoding"]["name"]:
        yield f"  编码 encoding  {report['encoding']['name']}"
    crs = report["crs"]
    if crs["used"]:
        sure = f" · 把握 {crs['confidence']:.0%}" if crs.get("confidence") is not None else ""
        yield f"  坐标系 CRS     {crs['used']}（{crs['how']}{sure}）"
    for evidence in crs["evidence"][-2:]:
        yield f"    {evidence}"
    taken = [f"{column['name']} → {column['term']}" for column in report["columns"] if column["term"]]
    if taken:
        yield f"  字段 columns   {'、'.join(taken)}"
    if report["repairs"]:
        most = max(line["change_percent"] for line in report["repairs"])
        yield f"  修复 repairs   {len(report['repairs'])} 处，面积变化最大 at most {most:.3g} %"


def _changes(report: dict[str, Any]) -> Iterator[str]:
    preview = report.get("preview")
    if not preview:
        return
    yield f"  单元 units     {_counts(preview, _UNITS)}"
    yield f"  地面 ground    {_counts(preview.get('ground') or {}, _FAULTS)}"
    if preview.get("customers"):
        yield f"  改归 moving    {preview['customers']} 户 customers · {preview['grids']} 网格 grids"


def _counts(counts: dict[str, Any], words: tuple[tuple[str, str], ...]) -> str:
    told = [f"{zh} {key} {counts[key]}" for key, zh in words if counts.get(key)]
    return " · ".join(told) or "无 none"


def _remarks(report: dict[str, Any]) -> Iterator[str]:
    for remark in report["warnings"]:
        if remark["code"] != "dry_run":
            yield f"  ! {remark['message']}{_rows(remark['rows'])}"
    if report["rejected"]:
        yield f"  未载入 left out {len(report['rejected'])}"
    for bad in report["rejected"][:_SHOWN]:
        row = f"第 {bad['row']} 行 row：" if bad["row"] else ""
        yield f"    {row}{bad['message']}"
    if len(report["rejected"]) > _SHOWN:
        yield "    … 全部见 --json 或 getu import show ID --xlsx / the rest by --json or as a workbook"


def _rows(rows: list[int]) -> str:
    if not rows:
        return ""
    more = f"… 共 {len(rows)} 行" if len(rows) > 5 else ""
    return f"（行 rows {'、'.join(map(str, rows[:5]))}{more}）"


def _asked(report: dict[str, Any]) -> Iterator[str]:
    for question in report["questions"]:
        yield f"  ? {question['message']}"
        named = {
            choice["value"]: f"{choice['zh']} / {choice['en']}" for choice in question.get("choices") or []
        }
        for option in question["options"][:_SHOWN]:
            label = named.get(option, option)
            yield f"      --answer {question['code']}={option}" + (f"   {label}" if label != option else "")
