"""getu lending: may this branch lend here; one question, a file of them, and what was answered before."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give, write_aside
from app.customers import lending
from app.customers.lending.files import open_questions
from app.errors import BadInput
from app.maps.lending_paper import print_check

cli = typer.Typer(no_args_is_help=True, add_completion=False)
Branch = Annotated[
    str, typer.Option(help="the branch's code; its ground is that of all houses below it, too")
]
On = Annotated[str | None, typer.Option("--on", help="on this date, 2026-11-21; today when not named")]


@cli.command()
def check(
    branch: Branch,
    customer: Annotated[str | None, typer.Option(help="a customer's number, or SOURCE:KEY")] = None,
    address: Annotated[str | None, typer.Option(help="an address")] = None,
    point: Annotated[str | None, typer.Option(help="LON,LAT in degrees of --datum")] = None,
    datum: Annotated[str | None, typer.Option(help="cgcs2000, wgs84, gcj02 or bd09")] = None,
    on: On = None,
    pdf: Annotated[
        Path | None, typer.Option(help="write the evidence as a page here", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> int:
    """In, out, near the edge or unknown, how far from the border. Exit 1 unless it is "in". 跨区核验"""
    given: dict[str, Any] = {"branch": branch, "date": on, "address": address}
    if customer is not None:
        source, found, key = customer.partition(":")
        given["customer"] = {"source": source, "key": key} if found else {"id": customer}
    if point is not None:
        lon, _, lat = point.replace("，", ",").partition(",")
        given["point"] = {"lon": lon.strip(), "lat": lat.strip(), "datum": datum}
    with bank() as opened, opened.transaction() as session:
        answer = lending.check(session, lending.read_ask(given))
        if pdf is not None:
            kept = lending.find_check(session, answer["id"])
            write_aside(pdf, print_check(session, kept, bank=opened.settings.bank_name))
    give(answer, as_json=as_json, text=tell_answer(answer))
    return 0 if answer["answer"] == "in" else 1


def tell_answer(answer: dict[str, Any]) -> str:
    """An answer in a few lines for people."""
    lines = [
        f"{answer['message_zh']} / {answer['message_en']}",
        f"{answer['subject']} · {answer['branch']['name']}",
    ]
    if answer["distance_m"] is not None:
        side = answer["side"]["zh"]
        lines.append(f"距边界 {answer['distance_m']:,.1f} 米（{side}），边界宽度 {answer['edge_m']:g} 米")
    if answer["holder"]:
        lines.append(f"该处属 {answer['holder']['name']}（{answer['holder']['code']}）")
    if answer["plan"]:
        plan = answer["plan"]
        lines.append(f"依据规划 {plan['code']}（边界第 {plan['ground_version']} 版）{answer['on']}")
    if answer["exception"]:
        lines.append(f"已有获批例外，有效期至 {answer['exception']['valid_until']}")
    return "\n".join([*lines, f"核验编号 {answer['id']}"])


@cli.command()
def batch(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, TSV, XLSX")],
    out: Annotated[Path, typer.Option(help="where the answers go (CSV)", dir_okay=False)],
    branch: Annotated[str | None, typer.Option(help="where a row names none")] = None,
    on: On = None,
    as_json: AsJson = False,
) -> int:
    """A file of questions to a file of answers. Exit 1 when a row could not be asked. 批量跨区核验"""
    if not out.absolute().parent.is_dir() or out.absolute() == file.absolute():
        raise BadInput(
            "bad_out", zh="结果文件须在已有的文件夹里，且不是原文件", en="the result needs a place of its own"
        )
    open_questions(file)
    lending.read_day(on)
    args = {"path": str(file.absolute()), "file_name": file.name, "branch": branch, "on": on, "out": str(out)}
    with bank() as opened:
        report = opened.tell("check_lending", "跨区核验", args)
    counts = "  ".join(f"{key} {n:,}" for key, n in sorted(report["counts"].items()))
    give(report, as_json=as_json, text=f"✓ {report['rows']:,} 行 rows · {counts}\n{report['out']}")
    return 1 if report["counts"].get("error") else 0


@cli.command("list")
def list_kept(
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: AsJson = False,
) -> None:
    """What was answered last. 核验记录"""
    with bank() as opened, opened.transaction() as session:
        found = lending.list_checks(session, limit=limit)
    lines = [
        f"{one['id']}  {one['asked_at'][:16]}  {one['branch']['name']}  {one['answer_zh']}  {one['subject']}"
        for one in found["checks"]
    ]
    give(found, as_json=as_json, text="\n".join(lines) or "还没有核验记录 none yet")
