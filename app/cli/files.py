"""getu import: files in, by the same stories as the service's uploads."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.opening import bank
from app.cli.plans import read_day
from app.cli.telling import AsJson, give
from app.errors import BadInput, RefusedFile
from app.territory import boundaries as boundaries_room

cli = typer.Typer(no_args_is_help=True, add_completion=False)
# Existence is checked by us: the answer is then a sentence in two languages and exit 2 like any refused file.
File = Annotated[Path, typer.Argument(help="the file", dir_okay=False)]


def start(kind: str, title: str, file: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Run an import story on a file of this machine."""
    if not file.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{file}", en=f"no such file: {file}")
    args = {"path": str(file.absolute()), "file_name": file.name}
    args.update({key: value for key, value in options.items() if value is not None})
    with bank() as opened:
        return opened.tell(kind, title, args)


def leave(report: dict[str, Any], *, as_json: bool) -> int:
    """Give the report; exit 0 all in, 1 in but with rows left out, 2 refused or waiting for an answer."""
    give(report, as_json=as_json)
    if report.get("status") in ("needs_answer", "rejected"):
        return 2
    left = report.get("rejected") or report.get("left_out") or report.get("warned")
    return 1 if left else 0


@cli.command()
def boundaries(
    file: File,
    kind: Annotated[str, typer.Option(help="village, frame, market, town or any")] = "any",
    layer: Annotated[str | None, typer.Option(help="which layer, when the file has several")] = None,
    crs: Annotated[
        str | None, typer.Option(help="EPSG:4549, gcj02, bd09 … when the file does not say")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="gb18030, utf-8 … when the text is undecided")] = None,
    valid_from: Annotated[str | None, typer.Option(help="first day of these units; today")] = None,
    answer: Annotated[
        list[str] | None, typer.Option(help="answer a question of the report: code=value")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="report only, store nothing")] = False,
    as_json: AsJson = False,
) -> int:
    """A boundary file: shapefile zip, GeoPackage or GeoJSON. 边界文件"""
    options = {
        "kind": kind,
        "layer": layer,
        "crs": crs,
        "encoding": encoding,
        "dry_run": dry_run or None,
        "valid_from": read_day(valid_from).isoformat() if valid_from else None,
        "answers": read_answers(answer or []) or None,
    }
    return leave(start("import_boundaries", "导入边界", file, options), as_json=as_json)


def read_answers(given: list[str]) -> dict[str, str]:
    """`code=value` pairs. Raises BadInput for anything else."""
    pairs = [text.partition("=") for text in given]
    if any(not code or not mark or not value for code, mark, value in pairs):
        raise BadInput("bad_answer", zh="回答应写成 code=value", en="an answer is written code=value")
    return {code: value for code, _, value in pairs}


@cli.command()
def undo(
    number: Annotated[int, typer.Argument(help="the import's number, as its report tells")],
    as_json: AsJson = False,
) -> None:
    """Take a boundary import back: its units go, those it ended are valid again. 撤销导入"""
    with bank() as opened, opened.transaction() as session:
        boundaries_room.undo_import(session, number)
    give({"import_id": number, "status": "undone"}, as_json=as_json)


@cli.command()
def gazetteer(
    file: File,
    source: Annotated[str, typer.Option(help="whose list this is")] = "gazetteer",
    as_json: AsJson = False,
) -> int:
    """A list of places for the address matcher (CSV). 地名表"""
    return leave(start("import_gazetteer", "导入地名", file, {"code_source": source}), as_json=as_json)


@cli.command()
def organisation(
    file: File,
    table: Annotated[str, typer.Option(help="branches, staff or duties")],
    plan: Annotated[str | None, typer.Option(help="for duties: the plan's code")] = None,
    valid_from: Annotated[str | None, typer.Option(help="for duties: 2026-01-01")] = None,
    as_json: AsJson = False,
) -> int:
    """Branches, staff or duties (CSV). 机构、人员、责任"""
    options = {"table": table, "plan": plan, "valid_from": valid_from}
    return leave(start("import_organisation", "导入机构与人员", file, options), as_json=as_json)


@cli.command()
def customers(
    file: File,
    source: Annotated[str, typer.Option(help="core, credit, crm or roster")],
    as_json: AsJson = False,
) -> int:
    """A customer file of a source system (CSV, any encoding). 客户文件"""
    return leave(start("import_customers", "导入客户", file, {"source": source}), as_json=as_json)
