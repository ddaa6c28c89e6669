"""All commands joined, and errors turned into exit codes and two-language sentences."""

import os
import sys

import click
import typer

from app.cli import checks, database, files, maps, places, plans, serving, users
from app.cli.telling import tell_error
from app.errors import GetuError, NotReady

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Getu 格图: grids, customers and maps of a rural commercial bank. 网格、客户与地图。",
)
cli.add_typer(database.cli, name="db", help="The database 数据库: up, down, status, migrate, backup, restore")
cli.add_typer(files.cli, name="import", help="Files in 导入: boundaries, gazetteer, organisation, customers")
cli.add_typer(
    plans.cli, name="plan", help="Plans 规划: new, list, check, repair, certify, publish, diff, verify"
)
cli.add_typer(users.cli, name="user", help="Users 用户: add, list, key")
for commands in (places, checks, maps, serving):
    commands.add_to(cli)


def run(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code and never shows a trace to a person."""
    try:
        outcome = cli(arguments, standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except NotReady as error:
        tell_error(error)
        return 3
    except GetuError as error:
        tell_error(error)
        return 2
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except BrokenPipeError:
        # The reader of our output left (| head); nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("GETU_TRACE"):
            raise
        typer.echo(f"程序出错 / unexpected error: {type(error).__name__} (GETU_TRACE=1 显示详情)", err=True)
        return 3
