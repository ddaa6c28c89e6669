"""getu assign: a grid for every customer, who moved, take a run back; getu recount: are the counts true?"""

import sys
from typing import Annotated, Any

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers import recounting, run_list
from app.customers.list_file import write_list
from app.errors import BadInput


def assign(
    plan: Annotated[str | None, typer.Option(help="a plan's code; it must be in force today")] = None,
    changed: Annotated[bool, typer.Option(help="only customers of ground that changed")] = False,
    undo: Annotated[int | None, typer.Option(help="take this run back")] = None,
    moves: Annotated[int | None, typer.Option(help="who moved by this run, as CSV (or --json)")] = None,
    runs: Annotated[bool, typer.Option(help="which runs there were")] = False,
    as_json: AsJson = False,
) -> None:
    """Give every customer a grid of the plan in force; counts must sum."""
    if sum([undo is not None, moves is not None, runs, changed or plan is not None]) > 1:
        raise BadInput("one_thing", zh="请只选择一个动作", en="one thing at a time, please")
    if moves is not None:
        _tell_moves(moves, as_json=as_json)
    elif runs:
        _tell_runs(as_json=as_json)
    else:
        told = {"plan": plan, "undo": undo, "changed": changed or None}
        args: dict[str, Any] = {key: value for key, value in told.items() if value is not None}
        with bank() as opened:
            give(opened.tell("assign", "归格", args), as_json=as_json)


def _tell_moves(run: int, *, as_json: bool) -> None:
    with bank() as opened, opened.transaction() as session:
        told = run_list.list_moves(session, run, limit=run_list.MOST)
    if as_json:
        give(told, as_json=True)
    else:
        sys.stdout.buffer.write(write_list(told["moves"], run_list.MOVED, "csv"))
        sys.stdout.flush()


def _tell_runs(*, as_json: bool) -> None:
    with bank() as opened, opened.transaction() as session:
        found = run_list.list_runs(session)
    give({"runs": found}, as_json=as_json, text="\n".join(_describe(row) for row in found))


def _describe(run: dict[str, Any]) -> str:
    now = "  当前 current" if run["current"] else ""
    back = f"  已被 {run['undone_by']} 撤销 taken back by {run['undone_by']}" if run["undone_by"] else ""
    moved = f"换网格 moved {run['moved']:,} / {run['total']:,}"
    return f"{run['id']}  {run['kind']}  {run['plan']}  {moved}{now}{back}"


def recount(
    check: Annotated[bool, typer.Option("--check", help="only say what differs (exit 1)")] = False,
    as_json: AsJson = False,
) -> int:
    """Count grids, villages and the current run anew from the customers themselves."""
    with bank() as opened, opened.transaction() as session:
        found = recounting.check_counts(session) if check else recounting.recount(session)
    lines = [
        f"{row['code']}: {row['kept']} → {row['counted']}" for row in (*found["grids"], *found["villages"])
    ]
    if found["run"]:
        lines.append(f"{found['run']['kept']} → {found['run']['counted']}")
    give(found, as_json=as_json, text="\n".join(lines) or "计数无误 counts are true")
    return 1 if check and not found["same"] else 0


def add_to(cli: typer.Typer) -> None:
    """Hang these commands on the root."""
    cli.command()(assign)
    cli.command()(recount)
