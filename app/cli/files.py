"""getu import: files in, by the same stories as the service's uploads."""

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from app.access import record
from app.cli.days import read_day
from app.cli.folder import folder, table
from app.cli.opening import bank
from app.cli.reports import tell_boundaries
from app.cli.telling import AsJson, give, write_aside
from app.errors import BadInput, RefusedFile
from app.models import ImportRun
from app.territory import boundaries as boundaries_room

cli = typer.Typer(no_args_is_help=True, add_completion=False)
cli.command()(folder)
cli.command()(table)
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


def leave(report: dict[str, Any], *, as_json: bool, text: str | None = None) -> int:
    """Give the report; exit 0 all in, 1 in but with rows left out, 2 refused or waiting for an answer."""
    give(report, as_json=as_json, text=text)
    if report.get("status") in ("needs_answer", "rejected"):
        return 2
    left = report.get("rejected") or report.get("left_out") or report.get("warned")
    return 1 if left else 0


@cli.command()
def boundaries(
    paths: Annotated[
        list[Path], typer.Argument(help="a file, a .gdb or other folder of parts, or several loose parts")
    ],
    kind: Annotated[str, typer.Option(help="village, frame, market, town, county or any")] = "any",
    layer: Annotated[str | None, typer.Option(help="which layer, when the file has several")] = None,
    crs: Annotated[
        str | None, typer.Option(help="EPSG:4549, gcj02, bd09 … when the file does not say")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="gb18030, utf-8 … when the text is undecided")] = None,
    code_source: Annotated[str | None, typer.Option(help="whose codes they are, when no column says")] = None,
    year: Annotated[int | None, typer.Option(help="of which year, when no column says")] = None,
    valid_from: Annotated[str | None, typer.Option(help="first day of these units; today")] = None,
    answer: Annotated[
        list[str] | None, typer.Option(help="answer a question of the report: code=value")
    ] = None,
    field: Annotated[list[str] | None, typer.Option(help="say which column is what: unit_name=XZQMC")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="report only, store nothing")] = False,
    as_json: AsJson = False,
) -> int:
    """A boundary file of any format: shapefile, GeoPackage, FileGDB, KML, MapInfo, DXF, tables … 边界文件"""
    answers = read_answers(answer or [])
    answers.update({f"field_{term}": column for term, column in read_answers(field or []).items()})
    options = {
        "kind": kind,
        "layer": layer,
        "crs": crs,
        "encoding": encoding,
        "code_source": code_source,
        "year": year,
        "dry_run": dry_run or None,
        "valid_from": read_day(valid_from).isoformat() if valid_from else None,
        "answers": answers or None,
    }
    report = take("import_boundaries", "导入边界", paths, options)
    return leave(report, as_json=as_json, text=tell_boundaries(report))


def take(kind: str, title: str, paths: list[Path], options: dict[str, Any]) -> dict[str, Any]:
    """Run a boundary import on what lies on this machine; several parts are packed into one file first."""
    for path in paths:
        if not path.exists():
            raise RefusedFile("no_such_file", zh=f"找不到文件：{path}", en=f"no such file: {path}")
    with bank() as opened:
        path, name = paths[0].absolute(), paths[0].name
        if len(paths) > 1:
            parts = [boundaries_room.Part(path, path.name) for path in paths]
            path, name = boundaries_room.keep_parts(opened.settings.files, parts)
        args = {"path": str(path), "file_name": name}
        args.update({key: value for key, value in options.items() if value is not None})
        return opened.tell(kind, title, args)


@cli.command("list")
def list_all(as_json: AsJson = False) -> None:
    """The newest boundary imports. 导入记录"""
    with bank() as opened, opened.transaction() as session:
        rows = [_show_run(session, run) for run in boundaries_room.list_imports(session)]
    lines = [f"{row['id']:>6}  {row['status']:<12} {row['features']:>7}  {row['file_name']}" for row in rows]
    give({"imports": rows}, as_json=as_json, text="\n".join(lines) or "还没有导入 / nothing has come in yet")


@cli.command()
def show(
    number: Annotated[int, typer.Argument(help="the import's number, as its report tells")],
    xlsx: Annotated[
        Path | None, typer.Option(help="write the report as a workbook here", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """One boundary import with its report; as a workbook with --xlsx. 查看导入"""
    with bank() as opened, opened.transaction() as session:
        run = boundaries_room.find_run(session, number)
        told = {**_show_run(session, run), "options": run.options}
        told["report"] = {key: value for key, value in run.report.items() if key != "replaced"}
        if xlsx is not None:
            from app.territory.boundaries.workbook import write_workbook

            write_aside(xlsx, write_workbook(run))
            told["xlsx"] = str(xlsx)
    give(told, as_json=as_json)


def _show_run(session: Session, run: ImportRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "file_name": run.file_name,
        "status": run.status,
        "features": run.report.get("features", 0),
        "created_at": run.created_at.isoformat(),
        "may": boundaries_room.list_acts(session, run),
    }


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
        undone = boundaries_room.undo_import(session, number)
        record(session, "undo_import", subject=f"import {number}", detail={"removed": undone.removed})
    give(undone.as_json(), as_json=as_json)


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
    source: Annotated[str, typer.Option(help="core, credit, crm, roster …: see getu source list")],
    field: Annotated[
        list[str] | None, typer.Option(help="say which column is what: customer_name=户主姓名")
    ] = None,
    full: Annotated[
        bool | None,
        typer.Option("--full/--delta", help="the whole source: who is missing has vanished; or what changed"),
    ] = None,
    allow_vanish: Annotated[
        bool, typer.Option("--allow-vanish", help="more may vanish than the source allows")
    ] = False,
    sheet: Annotated[str | None, typer.Option(help="which sheet of a workbook, when it has several")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="report only, store nobody")] = False,
    as_json: AsJson = False,
) -> int:
    """A customer file of a source system: CSV in any encoding, .xlsx, Parquet. 客户文件"""
    options = {
        "source": source,
        "fields": read_answers(field or []) or None,
        "mode": None if full is None else "full" if full else "delta",
        "allow_vanish": allow_vanish or None,
        "sheet": sheet,
        "dry_run": dry_run or None,
    }
    return leave(start("import_customers", "导入客户", file, options), as_json=as_json)
