"""getu month: months are closed."""

from typing import Annotated

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give

cli = typer.Typer(no_args_is_help=True, add_completion=False)


@cli.callback()
def root() -> None:
    """Months 月度."""


@cli.command()
def close(month: Annotated[str, typer.Argument(help="2026-10")], as_json: AsJson = False) -> None:
    """Write the five indicators of a past month down; what is closed stays as it is."""
    from app.marketing.indicators import read_month

    asked = f"{read_month(month):%Y-%m}"
    with bank() as opened:
        told = opened.tell("close_month", "月度结转", {"month": asked})
    give(told, as_json=as_json, text=f"{told['month']} 已结转：{told['grids']} 个网格")
