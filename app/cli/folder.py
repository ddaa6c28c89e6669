"""getu import folder and table: what other systems leave in a folder each night, and what they keep."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.errors import BadInput

STATES = {
    "imported": "已导入 imported",
    "checked": "已试算 checked",
    "done": "早已导入 done before",
    "skipped": "已跳过 skipped",
    "waiting": "未传完 not complete",
    "failed": "未导入 failed",
}


def folder(
    path: Annotated[Path, typer.Argument(help="the folder", metavar="DIR")],
    wait: Annotated[
        float | None, typer.Option(help="seconds to wait for a file that is still being copied")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="report only, store nobody")] = False,
    as_json: AsJson = False,
) -> int:
    """Every file of a folder that a source's pattern names, oldest day first. 每晚文件夹"""
    if not path.is_dir():
        raise BadInput("no_folder", zh=f"没有这个文件夹：{path}", en=f"there is no such folder: {path}")
    args: dict[str, Any] = {"path": str(path.absolute())}
    args.update({"dry_run": True} if dry_run else {}, **({} if wait is None else {"wait_s": wait}))
    with bank() as opened:
        report = opened.tell("import_folder", "导入文件夹", args)
    give(report, as_json=as_json, text=tell_folder(report))
    return 0 if report["status"] == "imported" and not left_out(report) else 1


def table(
    source: Annotated[str, typer.Option(help="the source whose origin names the table")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="report only, store nobody")] = False,
    as_json: AsJson = False,
) -> int:
    """The table or view of another PostgreSQL that a source's origin names. 来源库的表"""
    args: dict[str, Any] = {"source": source, "origin": True, "file_name": f"{source} table"}
    args.update({"dry_run": True} if dry_run else {})
    with bank() as opened:
        report = opened.tell("import_customers", "导入来源库", args)
    give(report, as_json=as_json)
    return 1 if report.get("left_out") or report.get("warned") else 0


def left_out(report: dict[str, Any]) -> int:
    """Rows of all files that were left out or warned of."""
    return sum(entry.get("left_out", 0) + entry.get("warned", 0) for entry in report["files"])


def tell_folder(report: dict[str, Any]) -> str:
    """The report as lines: one a file, then names that no pattern knows."""
    lines = [f"{_tell_file(entry)}" for entry in report["files"]]
    if report["unknown"]:
        lines.append(f"没有来源认领 claimed by no source: {'、'.join(report['unknown'][:20])}")
    return "\n".join(lines) or "没有文件 / no files"


def _tell_file(entry: dict[str, Any]) -> str:
    state = STATES.get(entry["status"], entry["status"])
    said = f"{entry['zh']} / {entry['en']}" if "zh" in entry else ""
    if "rows" in entry:
        figures = ("rows", "new", "changed", "same", "vanished", "left_out")
        said = "  ".join(f"{key} {entry[key]:,}" for key in figures if isinstance(entry.get(key), int))
    return f"{entry['name']:<40} {entry['source'] or '-':<8} {state:<20} {said}"
