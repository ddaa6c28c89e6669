"""getu ask-providers: map services about customers whom the bank's own names could not place."""

from typing import Annotated

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.jobs.providers import plan_questions, refuse_when_off


def ask_providers(
    limit: Annotated[int | None, typer.Option(min=0, help="addresses that may leave in this run")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="tell how many would leave; send nothing")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the map services that are switched on (GETU_GEOCODE_PROVIDERS) where these customers live."""
    with bank() as opened:
        refuse_when_off(opened.settings)
        if dry_run:
            with opened.transaction() as session:
                give(plan_questions(session, opened.settings), as_json=as_json)
            return
        args = {} if limit is None else {"limit": limit}
        give(opened.tell("ask_providers", "询问地图服务", args), as_json=as_json)


def add_to(cli: typer.Typer) -> None:
    """Hang this command on the root."""
    cli.command("ask-providers")(ask_providers)
