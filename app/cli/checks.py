"""getu check: a boundary file on its own; getu assign: give every customer a grid."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.errors import RefusedFile
from app.settings import read_settings
from app.spatial.formats import Limits
from app.territory import ground
from app.territory.boundaries import ImportOptions


def check(
    file: Annotated[Path, typer.Argument(help="boundary file, or a .gdb or other folder of parts")],
    frame: Annotated[Path | None, typer.Option(help="the ground that must be covered")] = None,
    layer: Annotated[str | None, typer.Option(help="which layer, when the file has several")] = None,
    crs: Annotated[str | None, typer.Option(help="when the file does not say")] = None,
    as_json: AsJson = False,
) -> int:
    """Overlaps, gaps, slivers, nested, duplicates of a file; nothing is stored. Exit 1 with findings."""
    for path in (file, frame):
        if path is not None and not path.exists():
            raise RefusedFile("no_such_file", zh=f"找不到文件：{path}", en=f"no such file: {path}")
    limits = Limits.of(read_settings())
    options = ImportOptions(kind="village", layer=layer, crs=crs, limits=limits)
    framed = ImportOptions(kind="frame", limits=limits)
    report = ground.check_file(file, frame, options=options, frame_options=framed).as_json()
    give(report, as_json=as_json, text=tell_report(report))
    return 1 if report["findings"] else 0


def tell_report(report: dict[str, Any]) -> str:
    """The report as lines for people."""
    lines = [f"{kind}: {count}" for kind, count in report["counts"].items()]
    for finding in report["findings"][:50]:
        places = " × ".join(finding["codes"]) or "—"
        lines.append(
            f"  {finding['kind']:<10} {places}  {finding['area_m2']:,.1f} m²  宽 {finding['width_m']:.2f} m"
        )
    return "\n".join(lines)


def assign(
    plan: Annotated[str | None, typer.Option(help="a plan's code; the one in force when not given")] = None,
    as_json: AsJson = False,
) -> None:
    """Give every customer a grid of the plan in force; counts must sum."""
    with bank() as opened:
        give(opened.tell("assign", "归格", {"plan": plan} if plan else {}), as_json=as_json)


def add_to(cli: typer.Typer) -> None:
    """Hang these commands on the root."""
    cli.command()(check)
    cli.command()(assign)
