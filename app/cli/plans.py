"""getu plan: from draft to force."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from app.cli.allotments import add_to_plan, split_words
from app.cli.opening import bank
from app.cli.plan_checks import add_checks
from app.cli.plan_edits import add_edits
from app.cli.plan_life import add_life
from app.cli.telling import AsJson, give
from app.territory import plans

cli = typer.Typer(no_args_is_help=True, add_completion=False)
add_to_plan(cli)
add_life(cli)
add_checks(cli)
add_edits(cli)
Code = Annotated[str, typer.Argument(help="the plan's code, e.g. V1")]


@cli.command()
def new(
    code: Code,
    name: Annotated[str, typer.Option(help="the plan's name")] = "",
    market_rule: Annotated[str, typer.Option(help="cut or overlay")] = "cut",
    precedence: Annotated[
        str, typer.Option(help="kinds in the order in which they keep common ground, apart by commas")
    ] = "",
    from_plan: Annotated[
        str | None, typer.Option("--from", help="copy this plan; in_force for today's")
    ] = None,
    imports: Annotated[
        list[int] | None, typer.Option("--import", help="only the units of these imports")
    ] = None,
    group_by: Annotated[
        str, typer.Option(help="village (one by one), town, branch, kind or prefix")
    ] = "village",
    groups: Annotated[
        Path | None, typer.Option(help="CSV of 单元代码, 网格编号, 网格名称: several units are one grid")
    ] = None,
    codes: Annotated[str | None, typer.Option(help="only units of these codes: PREFIX* or FROM..TO")] = None,
    frame: Annotated[str | None, typer.Option(help="code of the frame; the newest when not given")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="no grids: to be drawn by hand")] = False,
    as_json: AsJson = False,
) -> int:
    """A draft from units, from a plan, or empty; exit 1 when a unit or a line of the list was left out."""
    grouped, rejected = ([], []) if groups is None else plans.read_groups(groups)
    draft = plans.PlanDraft(
        code=code,
        name=name or f"网格规划 {code}",
        market_rule=market_rule,
        precedence=split_words(precedence),
        from_plan=from_plan,
        import_ids=tuple(imports or ()),
        groups=tuple(grouped),
        code_range=None if codes is None else plans.read_code_range(codes),
        rule=cast("Any", group_by),
        frame_code=frame,
        empty=empty,
    )
    with bank() as opened, opened.transaction() as session:
        plan, report = plans.draft_plan(session, draft)
        report.rejected += rejected
        told = {"plan": plan.code, "status": plan.status, **plans.count_plan(session, plan)}
        give({**told, "report": report.as_json()}, as_json=as_json)
    return 0 if report.clean else 1


@cli.command()
def rename(
    code: Code, name: Annotated[str, typer.Argument(help="the new name")], as_json: AsJson = False
) -> None:
    """Give a draft another name."""
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        plans.rename_plan(session, plan, name)
        give({"plan": plan.code, "name": plan.name}, as_json=as_json)


@cli.command()
def delete(code: Code, as_json: AsJson = False) -> None:
    """Delete a draft with its grids, findings and ledger; what is approved stays for ever."""
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        grids = plans.count_plan(session, plan)["grids"]["total"]
        plans.delete_plan(session, plan)
        give({"deleted": code, "grids": grids}, as_json=as_json)


@cli.command(name="list")
def list_all(as_json: AsJson = False) -> None:
    """All plans with their state."""
    with bank() as opened, opened.transaction() as session:
        give({"plans": [dict(row) for row in plans.list_plans(session)]}, as_json=as_json)
