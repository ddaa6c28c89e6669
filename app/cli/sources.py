"""getu source: the systems that send customers."""

from typing import Annotated, Any

import typer

from app.access import record
from app.cli.files import read_answers
from app.cli.opening import bank
from app.cli.origins import connect
from app.cli.telling import AsJson, give
from app.customers import intake

cli = typer.Typer(no_args_is_help=True, add_completion=False)
cli.command(name="table")(connect)
Code = Annotated[str, typer.Argument(help="the source's code: core, credit, crm, roster …")]


@cli.command(name="list")
def list_all(as_json: AsJson = False) -> None:
    """All sources, the most trusted first. 来源系统"""
    with bank() as opened, opened.transaction() as session:
        found = [source.as_json() for source in intake.list_sources(session)]
    lines = [f"{s['trust_rank']:>3} {s['code']:<12} {s['name']}  {s['delivery']}" for s in found]
    give({"sources": found}, as_json=as_json, text="\n".join(lines))


@cli.command()
def show(code: Code, as_json: AsJson = False) -> None:
    """One source with its headings. 查看"""
    with bank() as opened, opened.transaction() as session:
        found = intake.show_source(session, code).as_json()
    give(found, as_json=as_json)


@cli.command(name="set")
def change(
    code: Code,
    name: Annotated[str | None, typer.Option(help="Chinese name; a new source needs one")] = None,
    name_en: Annotated[str | None, typer.Option(help="English name")] = None,
    trust: Annotated[int | None, typer.Option(help="1 is trusted most")] = None,
    standing: Annotated[str | None, typer.Option(help="what its rows are: existing or prospect")] = None,
    heading: Annotated[
        list[str] | None,
        typer.Option(
            help="which heading is which field: phone=联系方式 (@none: no column); replaces the map"
        ),
    ] = None,
    pattern: Annotated[
        str | None, typer.Option(help="names of its files in a folder: CORE_{date}*.csv")
    ] = None,
    delivery: Annotated[str | None, typer.Option(help="full (who is missing has vanished) or delta")] = None,
    vanish_limit: Annotated[float | None, typer.Option(help="share that may vanish unasked, 0 to 1")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="switched on or off")] = None,
    check_numbers: Annotated[
        bool | None, typer.Option("--check-numbers/--invented-numbers", help="off for invented people only")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a source, or make it. 设置来源系统"""
    changes: dict[str, Any] = {
        "name": name, "name_en": name_en, "trust_rank": trust, "standing": standing, "file_pattern": pattern,
        "headings": read_answers(heading) if heading else None, "delivery": delivery,
        "vanish_limit": vanish_limit, "active": active, "check_numbers": check_numbers,
    }  # fmt: skip
    said = {key: value for key, value in changes.items() if value is not None}
    with bank() as opened, opened.transaction() as session:
        source = intake.store_source(session, code, said)
        record(session, "change_source", subject=f"source {code}", detail={"changed": sorted(said)})
    give(source.as_json(), as_json=as_json)
