"""getu plan repair, clean, steps, undo: a draft's ground mended as steps that can be taken back."""

from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from app.access import record
from app.cli.opening import bank
from app.cli.plan_checks import show_finding
from app.cli.telling import AsJson, give
from app.customers.bills import bill_moves
from app.errors import BadInput, Conflict
from app.models import Plan
from app.territory import editing, plans
from app.territory.editing.options import NewNames, describe
from app.territory.plans import cleaning

Code = Annotated[str, typer.Argument(help="the plan's code, e.g. V1")]
LATEST = 1000
"""So many steps back the newest one that still stands is looked for."""


def repair(
    code: Code,
    finding: Annotated[int | None, typer.Option(help="a finding's number; all when not given")] = None,
    option: Annotated[str | None, typer.Option(help="apply this proposal")] = None,
    grid_code: Annotated[str | None, typer.Option(help="code of the grid that new_grid makes")] = None,
    grid_name: Annotated[str | None, typer.Option(help="its name")] = None,
    as_json: AsJson = False,
) -> None:
    """The ways to end each finding, with their bill; with --finding and --option, apply one, check again."""
    if option is not None and finding is None:
        raise BadInput("no_finding", zh="请用 --finding 指明问题项", en="name the finding with --finding")
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        if finding is not None:
            plans.find_finding(session, finding, plan=plan)
        if finding is None or option is None:
            told = {"proposals": _propose(session, plan, finding)}
        else:
            told = _apply(session, plan, finding, option, NewNames(grid_code, grid_name))
    give(told, as_json=as_json, text=_tell_proposals(told["proposals"]) if "proposals" in told else None)


def _propose(session: Session, plan: Plan, finding: int | None) -> list[dict[str, Any]]:
    rows = [row for row in plans.list_findings(session, plan) if finding in (None, row["id"])]
    return [
        {
            **show_finding(row),
            "options": [
                {**one.as_json(), "bill": bill_moves(session, plan, one.moves).as_json()}
                for one in plans.repair_proposals(session, row["id"])
            ],
        }
        for row in rows
    ]


def _tell_proposals(proposals: list[dict[str, Any]]) -> str:
    """Findings with their options as lines for people: key, what, why, and what it moves."""
    lines = []
    for row in proposals:
        lines.append(f"#{row['id']} {row['zh']}")
        for one in row["options"]:
            bill, mark = one["bill"], "*" if one["recommended"] else " "
            lines.append(
                f"  {mark} {one['key']}  {one['title_zh']}（{one['why_zh']}）{_tell_moves(one['moves'])}"
                f"；客户 {bill['customers']}，责任书 {bill['letters']} 份"
            )
    return "\n".join(lines) or "没有待修复的问题 nothing to mend"


def _tell_moves(moves: list[dict[str, Any]]) -> str:
    told = [
        f"{one['from_code'] or '无'} → {one['to_code'] or '无'} {one['area_m2']:,.0f} m²" for one in moves[:4]
    ]
    return "：" + "，".join(told) if told else ""


def _apply(session: Session, plan: Plan, finding: int, option: str, new: NewNames) -> dict[str, Any]:
    outcome = plans.apply_repair(session, finding, option, new=new)
    record(session, "repair", subject=plan.code, detail={"finding": finding, "option": outcome.proposal.key})
    step = None if outcome.landed is None else outcome.landed.step.number
    shown = {"before": outcome.before.as_json(), "after": outcome.after.as_json()}
    return {"step": step, "option": outcome.proposal.as_json(), **shown}


def clean(
    code: Code,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="overlap, gap, sliver, outside, invalid; duplicate and nested only when named"),
    ] = None,
    max_width: Annotated[float | None, typer.Option(help="metres; wider faults are left", min=0)] = None,
    max_area: Annotated[float | None, typer.Option(help="square metres; likewise", min=0)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="propose only, change nothing")] = False,
    as_json: AsJson = False,
) -> int:
    """A whole draft mended by a list of repairs, each a step; exit 1 when findings are left, with why."""
    usual = cleaning.CleanWanted()
    wanted = cleaning.CleanWanted(tuple(kind or usual.kinds), max_width, max_area)
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        done = cleaning.propose_clean(session, plan, wanted)
        bill = bill_moves(session, plan, [move for one in done.steps for move in one.prepared.moves])
        if not dry_run:
            done = cleaning.clean_plan(session, plan, wanted)
        numbers = [one.step.number for one in done.landed]
        if not dry_run:
            record(
                session, "clean_plan", subject=code, detail={"steps": numbers[:100], "count": len(numbers)}
            )
    told = {
        "plan": code,
        "dry_run": dry_run,
        "steps": [_show_step(one) for one in done.steps],
        "left": list(done.left),
        "forecast": done.forecast.as_json(),
        "bill": bill.as_json(),
        "numbers": numbers,
    }
    give(told, as_json=as_json, text=_tell_clean(told))
    return 1 if done.forecast.after else 0


def _show_step(step: cleaning.CleanStep) -> dict[str, Any]:
    """A step with its moves from grid to grid, by code."""
    codes = dict(zip(step.fault["grid_ids"], step.fault["codes"], strict=True))
    return {**step.as_json(), "moves": [describe(move, codes) for move in step.prepared.moves]}


def _tell_clean(told: dict[str, Any]) -> str:
    """A clean as lines for people: what is done and why, what is left and why, the bill."""
    numbers = [f"第 {number} 步" for number in told["numbers"]] or [""] * len(told["steps"])
    head = "清理方案（未执行）proposed" if told["dry_run"] else "已清理 cleaned"
    lines = [f"{told['plan']}: {head}，{len(told['steps'])} 步 steps"]
    for number, step in zip(numbers, told["steps"], strict=False):
        lines.append(
            f"  {number} {step['finding']['zh']} → {step['title_zh']}（{step['why_zh']}）"
            + _tell_moves(step["moves"])
        )
    lines += [f"  留给人决定 left: {one['zh']}（{one['why_zh']}）" for one in told["left"]]
    bill, forecast = told["bill"], told["forecast"]
    lines.append(
        f"  划转 {bill['area_m2']:,.0f} m²，客户 {bill['customers']}，家庭 {bill['households']}，"
        f"责任书 {bill['letters']} 份"
    )
    return "\n".join([*lines, f"  问题 findings: {forecast['before']} → {forecast['after']}"])


def steps(
    code: Code,
    limit: Annotated[int, typer.Option(help="how many, the newest first", min=1, max=LATEST)] = 50,
    as_json: AsJson = False,
) -> None:
    """What was done to a draft, the newest first: number, who, when, and whether it can be undone."""
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        open_ = plan.status in ("draft", "checked")
        rows = [one.as_json() for one in editing.list_steps(session, plan, limit=limit)]
        rows = [{**row, "can_undo": row["can_undo"] and open_} for row in rows]
    lines = [
        f"{row['number']:>5}  {row['at'][:19]}  {row['by'] or '—'}  {row['title_zh']}"
        + ("（已撤销 undone）" if row["undone"] else "" if row["can_undo"] else "（不可撤销 stays）")
        for row in rows
    ]
    give({"plan": code, "steps": rows}, as_json=as_json, text="\n".join(lines) or "还没有改动 no steps")


def undo(
    code: Code,
    number: Annotated[
        int | None, typer.Argument(help="the step; the newest that stands when not given")
    ] = None,
    whole: Annotated[bool, typer.Option("--clean", help="all steps of the clean it belongs to")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a step back whose grids nobody has changed since; undoing an undo does it again."""
    with bank() as opened, opened.transaction() as session:
        plan = plans.find_plan(session, code)
        wanted = _find_newest(session, plan) if number is None else number
        before = plans.summarise_findings(session, plan)
        if whole:
            done = cleaning.undo_clean(session, plan, wanted)
        else:
            done = [editing.undo_step(session, plan, wanted, user_id=None)]
        numbers = [one.step.number for one in done]
        record(session, "undo_clean" if whole else "edit_plan", subject=code, detail={"steps": numbers[:100]})
        told = {
            "plan": code,
            "steps": [
                {"number": one.step.number, "title_zh": one.step.title_zh, "title_en": one.step.title_en}
                for one in done
            ],
            "findings": {
                "before": before.counts,
                "after": plans.summarise_findings(session, plan).counts,
            },
        }
    give(told, as_json=as_json)


def _find_newest(session: Session, plan: Plan) -> int:
    """The newest step that stands and is no undo itself. Raises Conflict `nothing_to_undo`."""
    for step in editing.list_steps(session, plan, limit=LATEST):
        if step.undoes is None and not step.undone:
            return step.number
    raise Conflict(
        "nothing_to_undo",
        zh="没有可撤销的步骤；用 getu plan steps 查看",
        en="there is no step to undo; see getu plan steps",
    )


def add_edits(cli: typer.Typer) -> None:
    """Put these commands under `getu plan`."""
    for command in (repair, clean, steps, undo):
        cli.command()(command)
