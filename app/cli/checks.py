"""getu check: a boundary file on its own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.telling import AsJson, give, say
from app.errors import RefusedFile
from app.glossary import find_term
from app.settings import read_settings
from app.spatial.formats import Limits
from app.territory import ground
from app.territory.boundaries import ImportOptions
from app.territory.layers import find_writer
from app.territory.plans.telling import tell_area, tell_finding

_SHOWN = 50


def check(
    file: Annotated[Path, typer.Argument(help="boundary file, or a .gdb or other folder of parts")],
    frame: Annotated[Path | None, typer.Option(help="the ground that must be covered")] = None,
    layer: Annotated[str | None, typer.Option(help="which layer, when the file has several")] = None,
    crs: Annotated[str | None, typer.Option(help="when the file does not say")] = None,
    min_width: Annotated[float | None, typer.Option(help="metres; narrower faults are not told")] = None,
    max_width: Annotated[float | None, typer.Option(help="metres; wider faults are not told")] = None,
    min_area: Annotated[float | None, typer.Option(help="square metres; smaller faults are not told")] = None,
    max_area: Annotated[float | None, typer.Option(help="square metres; larger faults are not told")] = None,
    out: Annotated[Path | None, typer.Option(help="write the findings as a layer: .gpkg .zip .kml …")] = None,
    as_json: AsJson = False,
) -> int:
    """Overlaps, gaps, slivers, nested, duplicates of a file; nothing is stored. Exit 1 with findings."""
    for path in (file, frame):
        if path is not None and not path.exists():
            raise RefusedFile("no_such_file", zh=f"找不到文件：{path}", en=f"no such file: {path}")
    bounds = ground.Bounds(min_width, max_width, min_area, max_area)
    if out is not None:
        find_writer(None, out)
    limits = Limits.of(read_settings())
    options = ImportOptions(kind="village", layer=layer, crs=crs, limits=limits)
    framed = ImportOptions(kind="frame", limits=limits)
    checked = ground.check_file(file, frame, options=options, frame_options=framed, bounds=bounds)
    if out is not None:
        ground.write_findings(checked, out)
        say(f"已导出问题图层 {out} / findings written")
    give(checked.as_json(), as_json=as_json, text=tell_check(checked))
    return 1 if checked.faults else 0


def tell_check(checked: ground.FileCheck) -> str:
    """What is wrong as lines for people, the gravest first, with totals."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in checked.findings():
        by_kind.setdefault(row["kind"], []).append(row)
    frame = "" if checked.frame_km2 is None else f"，辖区 {checked.frame_km2:,.2f} 平方公里"
    lines = [f"共 {len(checked.rows):,} 个图形{frame}，问题 {len(checked.faults):,} 项"]
    for severity in ground.SEVERITIES:
        kinds = [(kind, rows) for kind, rows in by_kind.items() if rows[0]["severity"] == severity]
        if kinds:
            word = find_term(severity)
            lines.append(f"\n{word.zh} {word.en}")
        for kind, rows in kinds:
            lines += _tell_kind(kind, rows)
    if not checked.faults:
        lines.append("没有重叠，没有空白。No overlap, no gap.")
    notices = checked.notices()
    if notices:
        lines.append(f"\n提示：多块 {len(notices)} 个（不算问题） in several parts")
        lines += [f"  {_call(row)}  {row['parts']} 块" for row in notices[:_SHOWN]]
    return "\n".join(lines)


def _tell_kind(kind: str, rows: list[dict[str, Any]]) -> list[str]:
    """A kind's total and its largest findings; duplicates and contained ones are listed to the last."""
    total = sum(row["area_m2"] for row in rows)
    check = ground.find_check(kind)
    lines = [
        f"{check.label.zh} {len(rows):,} 项，共 {tell_area(total, 'zh')}：{check.why_zh} / {check.why_en}"
    ]
    shown = rows if kind in ("duplicate", "nested") else rows[:_SHOWN]
    lines += [f"  {tell_finding({**row, 'customers': 0, 'detail': row})[0]}" for row in shown]
    more = len(rows) - len(shown)
    return [*lines, f"  … 另有 {more:,} 项，见 --json 或 --out"] if more else lines


def _call(row: dict[str, Any]) -> str:
    name, code = row["names"][0], row["codes"][0]
    return f"{name}（{code}）" if name else code


def add_to(cli: typer.Typer) -> None:
    """Hang this command on the root."""
    cli.command()(check)
