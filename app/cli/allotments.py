"""getu plan allot, answer, withdraw, allotments, board, vacancies: grids on their way to who holds them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.errors import BadInput
from app.territory import plans
from app.territory.allotment import (
    Answer,
    Choice,
    Offer,
    answer_offers,
    count_board,
    list_allotments,
    offer_grids,
)
from app.territory.allotment.vacancies import list_vacancies

Code = Annotated[str, typer.Argument(help="the plan's code, e.g. V1")]
Ids = Annotated[str | None, typer.Option(help="numbers of offers, apart by commas")]
Batch = Annotated[int | None, typer.Option(help="all open offers of this batch")]
Reason = Annotated[str | None, typer.Option(help="why")]


def split_words(text: str | None) -> tuple[str, ...]:
    """Words apart by commas, each once."""
    return tuple(
        dict.fromkeys(word.strip() for word in (text or "").replace("，", ",").split(",") if word.strip())
    )


def read_ids(text: str | None) -> tuple[int, ...]:
    """Numbers apart by commas. Raises BadInput."""
    words = split_words(text)
    if not all(word.isascii() and word.isdigit() and len(word) < 19 for word in words):
        raise BadInput("bad_number", zh=f"编号应为数字：{text}", en=f"numbers apart by commas: {text}")
    return tuple(int(word) for word in words)


def allot(
    code: Code,
    to_branch: Annotated[str | None, typer.Option(help="offer to this branch")] = None,
    to: Annotated[
        str | None, typer.Option("--to-staff", "--to-manager", help="offer to this person, by number")
    ] = None,
    grids: Annotated[str | None, typer.Option(help="grid codes, apart by commas")] = None,
    town: Annotated[str | None, typer.Option(help="the grids of this town, code or name")] = None,
    branch: Annotated[str | None, typer.Option(help="the grids of this branch")] = None,
    every: Annotated[bool, typer.Option("--all", help="all grids of the plan")] = False,
    role: Annotated[str, typer.Option(help="primary, backup, liaison, terminal_administrator")] = "primary",
    valid_from: Annotated[str | None, typer.Option("--from", help="first day of the duty; today")] = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Offer grids to a branch or to a person: all of the batch or none. 分配"""
    if (to_branch is None) == (to is None):
        raise BadInput(
            "bad_usage", zh="请用 --to-branch 或 --to-staff 指明对象", en="name --to-branch or --to-staff"
        )
    step = "branch" if to_branch is not None else "manager"
    chosen = Choice(split_words(grids), town, branch, every)
    day: date = read_day(valid_from)
    made = Offer(step, str(to_branch or to), chosen, role=role, valid_from=day, reason=reason)
    with bank() as opened, opened.transaction() as session:
        given = offer_grids(session, plans.find_plan(session, code), made, by=None)
    text = f"✓ 批次 batch {given['batch']} · {given['offered']} 个网格 grids → {given['to']['name']}"
    give(given, as_json=as_json, text=text)


def answer(
    code: Code,
    accept: Annotated[bool, typer.Option("--accept", help="accept them")] = False,
    back: Annotated[bool, typer.Option("--return", help="return them, with --reason")] = False,
    ids: Ids = None,
    batch: Batch = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Accept or return offers: all of them or none. 接收或退回"""
    if accept == back:
        raise BadInput("bad_usage", zh="请用 --accept 或 --return", en="say --accept or --return")
    _answer(code, Answer("accept" if accept else "return", read_ids(ids), batch, reason), as_json=as_json)


def withdraw(
    code: Code, ids: Ids = None, batch: Batch = None, reason: Reason = None, as_json: AsJson = False
) -> None:
    """Take back offers that nobody has answered. 撤回"""
    _answer(code, Answer("withdraw", read_ids(ids), batch, reason), as_json=as_json)


def _answer(code: str, said: Answer, *, as_json: bool) -> None:
    with bank() as opened, opened.transaction() as session:
        done = answer_offers(session, plans.find_plan(session, code), said, by=None)
    give(done, as_json=as_json, text=f"✓ {done['state']} · {done['answered']} 个网格 grids")


def allotments(
    code: Code,
    state: Annotated[str | None, typer.Option(help="offered, accepted, returned, withdrawn")] = None,
    as_json: AsJson = False,
) -> None:
    """The offers of a plan, the newest first. 分配记录"""
    with bank() as opened, opened.transaction() as session:
        rows = list_allotments(session, plans.find_plan(session, code), by=None, state=state)
    give({"plan": code, "allotments": rows}, as_json=as_json, text=tell_offers(rows))


def tell_offers(rows: Sequence[dict[str, Any]]) -> str:
    """Offers as lines for people."""
    lines = []
    for row in rows:
        to = row["staff"] or row["branch"]
        answered = f" · {row['answer_reason']}" if row["answer_reason"] else ""
        lines.append(
            f"{row['id']:>6}  批次 {row['batch']}  {row['grid']['code']} {row['grid']['name']} → {to['name']}"
            f"（{row['role']}，{row['valid_from']} 起）  {row['state_zh']}{answered}"
        )
    return "\n".join(lines) or "—"


def board(code: Code, as_json: AsJson = False) -> None:
    """How far the grids of each branch are on their way. 分配进度"""
    with bank() as opened, opened.transaction() as session:
        shown = count_board(session, plans.find_plan(session, code))
    names = {state["key"]: state["zh"] for state in shown["states"]}
    lines = [
        f"{row['code'] or '—'} {row['name'] or '总行'}  {row['grids']} 个网格  "
        + "  ".join(f"{names[key]} {count}" for key, count in row["counts"].items() if count)
        for row in shown["branches"]
    ]
    give(shown, as_json=as_json, text="\n".join(lines) or "—")


def vacancies(
    code: Code,
    on: Annotated[str | None, typer.Option(help="the day; today")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="within so many days")] = 1,
    as_json: AsJson = False,
) -> int:
    """Grids without a primary, primaries who are away or in two branches; exit 1 when there are any. 空缺"""
    with bank() as opened, opened.transaction() as session:
        found = list_vacancies(session, plans.find_plan(session, code), on=read_day(on), days=days)
    give(found, as_json=as_json)
    return 1 if found["vacant"] or found["absent"] or found["across_branches"] else 0


def add_to_plan(cli: typer.Typer) -> None:
    """Hang these commands on `getu plan`."""
    for command in (allot, answer, withdraw, allotments, board, vacancies):
        cli.command()(command)
