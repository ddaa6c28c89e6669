"""getu staff: leave with a replacement, departures, branches that merge."""

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers.staffing_bill import preview_change
from app.errors import BadInput
from app.territory.allotment import (
    Ask,
    apply_change,
    cancel_change,
    end_leave,
    find_change,
    list_changes,
    show_change,
    undo_change,
)

cli = typer.Typer(no_args_is_help=True, add_completion=False)
Staff = Annotated[str, typer.Argument(help="the person's number")]
Number = Annotated[int, typer.Argument(help="number of the change", min=0, max=2**63 - 1)]
From = Annotated[str | None, typer.Option("--from", help="first day; today")]
Choices = Annotated[
    list[str] | None, typer.Option("--give", help="GRID=STAFF, over the proposal; GRID= leaves it vacant")
]
Reason = Annotated[str | None, typer.Option(help="why")]
Apply = Annotated[bool, typer.Option("--apply", help="apply it at once")]


def read_choices(pairs: list[str] | None) -> dict[str, str | None]:
    """GRID=STAFF pairs. Raises BadInput."""
    choices: dict[str, str | None] = {}
    for pair in pairs or []:
        grid, sign, person = pair.partition("=")
        if not grid or not sign:
            raise BadInput("bad_choice", zh=f"应为 网格=工号：{pair}", en=f"GRID=STAFF is wanted: {pair}")
        choices[grid.strip()] = person.strip() or None
    return choices


def _prepare(ask: Ask, *, at_once: bool, as_json: bool) -> None:
    with bank() as opened, opened.transaction() as session:
        change = preview_change(session, ask, by=None)
        if at_once:
            change = apply_change(session, change["id"], by=None)
    give(change, as_json=as_json, text=tell_change(change))


def tell_change(change: dict[str, Any]) -> str:
    """A change of people as lines."""
    who = (change["staff"] or change["branch"] or {}).get("name", "")
    bill = change["bill"]
    lines = [
        f"{change['id']} {change['kind_zh']} · {who} · {change['state_zh']} · "
        f"{change['valid_from']} → {change['valid_to'] or '…'}",
        f"网格 grids {bill['grids']} · 客户 customers {bill['customers']:,} · 家庭 households "
        f"{bill['households']:,} · 存款 deposits {bill['deposit_yuan']:,.0f} · 贷款 loans "
        f"{bill['loan_yuan']:,.0f} · 责任书 letters {bill['letters']} · 空缺 vacant {bill['vacant']}",
    ]
    for line in change.get("lines", []):
        to = line["to"]["name"] if line["to"] else "（空缺）"
        giver = line["from"]["name"] if line["from"] else "—"
        lines.append(
            f"  {line['plan_code']} {line['grid_code']} {line['role']} {giver} → {to} · {line['why_zh']}"
        )
    return "\n".join(lines)


@cli.command()
def leave(
    staff: Staff,
    valid_from: From = None,
    back: Annotated[
        str | None, typer.Option("--back", help="first day back; not known yet when left out")
    ] = None,
    choices: Choices = None,
    reason: Reason = None,
    apply: Apply = False,
    as_json: AsJson = False,
) -> None:
    """Somebody goes on leave: who takes his grids meanwhile, with the bill. 休假"""
    ends: date | None = read_day(back) if back else None
    ask = Ask(
        "leave",
        read_day(valid_from),
        staff=staff,
        valid_to=ends,
        choices=read_choices(choices),
        reason=reason,
    )
    _prepare(ask, at_once=apply, as_json=as_json)


@cli.command()
def departure(
    staff: Staff,
    valid_from: From = None,
    choices: Choices = None,
    reason: Reason = None,
    apply: Apply = False,
    as_json: AsJson = False,
) -> None:
    """Somebody leaves for good: who takes his grids, with the bill. 离岗"""
    ask = Ask("departure", read_day(valid_from), staff=staff, choices=read_choices(choices), reason=reason)
    _prepare(ask, at_once=apply, as_json=as_json)


@cli.command()
def merge(
    branch: Annotated[str, typer.Argument(help="the branch that joins another")],
    into: Annotated[str, typer.Argument(help="the branch it joins")],
    valid_from: From = None,
    reason: Reason = None,
    apply: Apply = False,
    as_json: AsJson = False,
) -> None:
    """A branch joins another: a new draft, and its people once that is in force. 支行合并"""
    ask = Ask("branch_merge", read_day(valid_from), branch=branch, into=into, reason=reason)
    _prepare(ask, at_once=apply, as_json=as_json)


@cli.command(name="list")
def list_all(
    state: Annotated[str | None, typer.Option(help="draft, applied, undone, cancelled")] = None,
    as_json: AsJson = False,
) -> None:
    """Changes of people, the newest first. 人员变动"""
    with bank() as opened, opened.transaction() as session:
        rows = list_changes(session, by=None, state=state)
    give({"changes": rows}, as_json=as_json, text="\n".join(map(tell_change, rows)) or "—")


@cli.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """One change, grid by grid."""
    with bank() as opened, opened.transaction() as session:
        change = show_change(session, find_change(session, number), by=None)
    give(change, as_json=as_json, text=tell_change(change))


@cli.command()
def apply(number: Number, as_json: AsJson = False) -> None:
    """Apply a prepared change; of a merge whose plan is in force, move the people. 办理"""
    with bank() as opened, opened.transaction() as session:
        change = apply_change(session, number, by=None)
    give(change, as_json=as_json, text=tell_change(change))


@cli.command()
def undo(number: Number, as_json: AsJson = False) -> None:
    """Take a change back while nobody has changed the same duties since. 撤销"""
    with bank() as opened, opened.transaction() as session:
        change = undo_change(session, number, by=None)
    give(change, as_json=as_json, text=tell_change(change))


@cli.command()
def cancel(number: Number, as_json: AsJson = False) -> None:
    """Put a prepared change aside. 取消"""
    with bank() as opened, opened.transaction() as session:
        change = cancel_change(session, number, by=None)
    give(change, as_json=as_json, text=tell_change(change))


@cli.command()
def back(
    number: Number,
    on: Annotated[str | None, typer.Option(help="first day back; today")] = None,
    as_json: AsJson = False,
) -> None:
    """Somebody is back from leave earlier than planned. 提前返岗"""
    with bank() as opened, opened.transaction() as session:
        change = end_leave(session, number, read_day(on), by=None)
    give(change, as_json=as_json, text=tell_change(change))
