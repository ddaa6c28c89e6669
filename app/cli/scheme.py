"""getu scheme: the tables of responsibility beside a plan."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers import targets
from app.territory import plans, scheme

cli = typer.Typer(no_args_is_help=True, add_completion=False)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="a CSV table")]
PlanCode = Annotated[str, typer.Option("--plan", help="the plan; the one in force when not named")]
Period = Annotated[str, typer.Option(help="2026, 2026-Q4 or 2026-11")]


@cli.command()
def contacts(file: File, as_json: AsJson = False) -> int:
    """Load who looks after which branch: 机构号, 工号, 开始日期. Exit 1 when lines were left out."""
    with bank() as opened, opened.transaction() as session:
        report = scheme.import_contacts(session, file).as_json()
    give(report, as_json=as_json)
    return 1 if report["rejected"] else 0


@cli.command(name="targets")
def load_targets(file: File, period: Period, plan: PlanCode = plans.IN_FORCE, as_json: AsJson = False) -> int:
    """Load targets of a period: 网格编号, 指标, 目标值. Exit 1 when lines were left out."""
    with bank() as opened, opened.transaction() as session:
        chosen = plans.find_plan(session, plan)
        report = targets.import_targets(session, file, plan_id=chosen.id, period=period).as_json()
    give(report, as_json=as_json)
    return 1 if report["rejected"] else 0


@cli.command()
def progress(
    period: Period,
    by: Annotated[str, typer.Option(help="grid, manager, branch or town")] = "branch",
    plan: PlanCode = plans.IN_FORCE,
    as_json: AsJson = False,
) -> None:
    """Target, actual and their ratio in a period."""
    with bank() as opened, opened.transaction() as session:
        found = targets.list_targets(session, plans.find_plan(session, plan).id, period=period, by=by)
    give(found, as_json=as_json, text=tell_progress(found))


def tell_progress(found: dict[str, Any]) -> str:
    """The progress as lines for people; what nobody has reported is a dash, not nought."""
    lines = []
    for row in [*found["rows"], *({**total, "name": "合计", "code": ""} for total in found["totals"])]:
        share = "—" if row["ratio"] is None else f"{row['ratio']:.1%}"
        lines.append(
            f"{row['code']} {row['name']}  {row['zh']}  {row['actual']:,g} ÷ {row['target']:,g} = {share}"
        )
    return "\n".join(lines) or "该期间没有目标"


@cli.command()
def lights(plan: PlanCode = plans.IN_FORCE, as_json: AsJson = False) -> None:
    """How far each grid has come: ground sound, somebody holds it, letter signed."""
    with bank() as opened, opened.transaction() as session:
        found = scheme.list_lights(session, plans.find_plan(session, plan))
    counts = found["counts"]
    text = (
        f"绿灯（有图、有人、已签责任书）{counts['green']}  黄灯（未签）{counts['amber']}  "
        f"红灯（无人或有问题）{counts['red']}"
    )
    give(found, as_json=as_json, text=text)
