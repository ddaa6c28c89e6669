"""getu export: a layer out as a file that any GIS reads and that comes in again."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from app.access import record
from app.cli.days import read_day
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.clock import today
from app.errors import BadInput
from app.spatial.formats.writing import Writing
from app.territory.layers import When, export_layer, find_layer, find_writer


def export(
    layer: Annotated[str, typer.Argument(help="villages, town, frame, market, grids, findings, outlets …")],
    out: Annotated[Path, typer.Option(help="the file to write", dir_okay=False)],
    format: Annotated[
        str | None,
        typer.Option(help="shapefile, geopackage, geojson, kml, geoparquet, xlsx, csv; else by suffix"),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="of a shapefile or CSV: gbk or utf-8")] = None,
    crs: Annotated[str, typer.Option(help="EPSG:4490, EPSG:4549, gcj02 …")] = "EPSG:4490",
    plan: Annotated[str | None, typer.Option(help="of grids and findings: the plan's code")] = None,
    on: Annotated[str | None, typer.Option(help="of units: the day on which they stand")] = None,
    as_json: AsJson = False,
) -> None:
    """A layer as a file: units by kind, grids and findings of a plan, outlets. 导出图层"""
    chosen, writer = find_layer(layer), find_writer(format, out)
    if not out.absolute().parent.is_dir():
        raise BadInput(
            "no_such_folder", zh=f"没有这个文件夹：{out.parent}", en=f"no such folder: {out.parent}"
        )
    when = When(read_day(on) if on else today(), plan)
    aside = Path(tempfile.mkdtemp(dir=out.absolute().parent, prefix=".getu-"))
    try:
        path = aside / f"{out.stem}{writer.suffix}"
        with bank() as opened, opened.transaction() as session:
            how: Writing = {"format": writer.key, "crs": crs}
            if encoding:
                how["encoding"] = encoding
            count = export_layer(session, chosen, path, when=when, how=how)
            record(
                session,
                "export_layer",
                subject=chosen.key,
                detail={"format": writer.key, "features": count},
            )
        path.replace(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    told = {"layer": chosen.key, "features": count, "format": writer.key, "crs": crs, "out": str(out)}
    give(told, as_json=as_json)


def add_to(cli: typer.Typer) -> None:
    """Hang the command on the root."""
    cli.command()(export)
