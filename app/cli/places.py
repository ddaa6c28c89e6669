"""getu geocode, getu place, getu locate and getu rollup."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.opening import Bank, bank
from app.cli.telling import AsJson, give
from app.customers import places
from app.errors import BadInput, RefusedFile
from app.maps.rollup import roll_up
from app.territory.whereabouts import MOST_NEAR_M, NEAR_M, Question, find_whereabouts


def geocode(
    address: Annotated[str | None, typer.Argument(help="one address")] = None,
    file: Annotated[Path | None, typer.Option(help="CSV with the columns id and address")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write")] = None,
    as_json: AsJson = False,
) -> int:
    """An address, or a file of them, to places of the bank's own gazetteer. 地址匹配

    A file is matched on all cores; killed, the same command goes on behind the last rows written. Beside the
    result lies its summary. Exit 1 when rows could not be read: they stand in the result with their reason.
    """
    if (address is None) == (file is None) or (file is None) != (out is None):
        raise BadInput(
            "bad_usage", zh="给出一个地址，或 --file 与 --out", en="give an address, or --file with --out"
        )
    with bank() as opened:
        if file is not None and out is not None:
            return _geocode_file(opened, file, out, as_json=as_json)
        with opened.transaction() as session:
            answer = places.show_answer(places.geocode(session, [address])[0])
    give(answer, as_json=as_json)
    return 0


def _geocode_file(opened: Bank, file: Path, out: Path, *, as_json: bool) -> int:
    """Run the story of a file here; its summary."""
    if not file.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{file}", en=f"no such file: {file}")
    args = {"path": str(file.absolute()), "file_name": file.name, "out": str(out.absolute())}
    summary = opened.tell("geocode_file", "匹配地址", args)
    give(summary, as_json=as_json, text=tell_summary(summary))
    return 1 if summary["left_out"] else 0


def tell_summary(summary: dict[str, Any]) -> str:
    """A batch in a dozen lines for people."""
    tables = {"级别 level": "levels", "精度 rung": "rungs", "问题 noise": "noise", "得分 score": "scores"}
    lines = [
        f"✓ {summary['out']} · {summary['rows']:,} 行 rows · {summary['seconds']} s",
        f"可直接采用 sure {summary['sure']:,} ({summary['sure_share']:.1%}) · "
        f"不同前缀 distinct prefixes {summary['distinct_prefixes']:,}",
    ]
    for title, key in tables.items():
        lines.append(f"{title:<12} " + "  ".join(f"{name} {rows:,}" for name, rows in summary[key].items()))
    if summary["left_out"]:
        lines.append(f"无法读取 left out {summary['left_out']:,}:")
        lines += [
            f"  第 {row['row']} 行 {row['message']['zh']} / {row['message']['en']}"
            for row in summary["rejected"][:10]
        ]
    return "\n".join(lines)


def place(
    scope: Annotated[
        str, typer.Option(help="changed (all, when names or corrections changed), open (in doubt), all")
    ] = "changed",
    assign: Annotated[bool, typer.Option(help="give the customers their grids afterwards")] = True,
    as_json: AsJson = False,
) -> int:
    """Judge where customers live anew; what was decided by hand stays. 客户重新定位

    Only what changed is written, at once. Killed, the same command goes on. Exit 1 when a customer could not
    be judged: he stays as he is.
    """
    with bank() as opened:
        report = opened.tell("place_customers", "客户重新定位", {"scope": scope, "assign": assign})
    give(report, as_json=as_json, text=tell_placing(report))
    return 1 if report.get("left") else 0


def tell_placing(report: dict[str, Any]) -> str:
    """A pass over the bank in a few lines for people."""
    if report["status"] == "unchanged":
        return f"✓ 地名、更正与边界都没有变化 nothing to do · {report['customers']:,} 户 customers"
    rungs = "  ".join(f"{rung} {rows:,}" for rung, rows in report["rungs"].items())
    doubts = "  ".join(f"{kind} {rows:,}" for kind, rows in report["open"].items()) or "—"
    return "\n".join(
        [
            f"✓ {report['customers']:,} 户 customers · 判断 judged {report['judged']:,} · "
            f"写入 written {report['written']:,} · 不变 same {report['same']:,} · "
            f"人工已定 by hand {report['decided']:,}",
            f"精度 rungs   {rungs}",
            f"待核 open    {doubts}",
        ]
    )


def locate(
    lon: Annotated[float, typer.Argument(help="longitude, degrees")],
    lat: Annotated[float, typer.Argument(help="latitude, degrees")],
    on: Annotated[str | None, typer.Option(help="on this date, 2026-11-21")] = None,
    datum: Annotated[str, typer.Option(help="cgcs2000, wgs84, gcj02 or bd09")] = "cgcs2000",
    near_m: Annotated[float, typer.Option(help="what counts as near, metres, at most 2000")] = NEAR_M,
    as_json: AsJson = False,
) -> None:
    """What lies at this point: grid, manager, village, town, nearest outlet, neighbours. 点位归属"""
    if not 0 <= near_m <= MOST_NEAR_M:
        raise BadInput(
            "bad_distance",
            zh=f"距离须在 0 到 {MOST_NEAR_M:g} 米之间",
            en=f"near_m is between 0 and {MOST_NEAR_M:g} metres",
        )
    day: date | None = read_day(on) if on else None
    asked = Question(lon, lat, datum=datum, on=day, near_m=near_m)
    with bank() as opened, opened.transaction() as session:
        give(find_whereabouts(session, asked), as_json=as_json)


def rollup(
    level: Annotated[str, typer.Option(help="province, city, county, town or village")] = "town",
    on: Annotated[str | None, typer.Option(help="ground as it is valid on this date, 2026-11-21")] = None,
    as_json: AsJson = False,
) -> None:
    """Villages, ground, households, grids and customers by administrative code; every level has one total."""
    with bank() as opened, opened.transaction() as session:
        summed = roll_up(session, level, on=read_day(on) if on else None)
    give(summed, as_json=as_json, text=tell_rollup(summed))


def tell_rollup(summed: dict[str, Any]) -> str:
    """A roll-up as lines for people, the total last."""
    rows = [*summed["rows"], {"code": None, "name": "合计", **summed["total"]}]
    return "\n".join(
        f"{row['code'] or '':<12} {row['name'] or '—'}  单元 {row['units']}  {row['area_km2']:.2f} km²  "
        f"户数 {row['households']:,}  存量 {row['existing']:,}  潜在 {row['prospects']:,}"
        for row in rows
    )


def add_to(cli: typer.Typer) -> None:
    """Hang these commands on the root."""
    cli.command()(geocode)
    cli.command()(place)
    cli.command()(rollup)
    # A negative longitude is a number, not an option.
    cli.command(context_settings={"ignore_unknown_options": True})(locate)
