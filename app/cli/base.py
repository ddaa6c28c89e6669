"""getu base: maps under the bank's own ground, from MBTiles files, without any network."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from app.access import record
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.maps.base import Base, Wish, add_base, list_bases, remove_base

cli = typer.Typer(no_args_is_help=True, add_completion=False)


@cli.command()
def add(
    path: Annotated[Path, typer.Argument(help="an MBTiles file of PNG, JPG or WebP", metavar="FILE")],
    key: Annotated[str, typer.Option(help="its name in addresses; from the file's name when missing")] = "",
    zh: Annotated[str, typer.Option(help="its Chinese name on the map, e.g. 影像")] = "",
    en: Annotated[str, typer.Option(help="its English name, e.g. Imagery")] = "",
    datum: Annotated[str, typer.Option(help="wgs84, or gcj02 for a shifted Chinese web map")] = "wgs84",
    as_json: AsJson = False,
) -> None:
    """A base map in; one of the same key is replaced. 添加底图"""
    with bank() as opened:
        base = add_base(opened.settings.bases, path, Wish(key=key, zh=zh, en=en, datum=datum))
        with opened.transaction() as session:
            detail = {"sha256": base.sha256, "datum": base.datum, "tiles": base.tiles}
            record(session, "add_base", subject=base.key, detail=detail)
    give(tell(base), as_json=as_json)


@cli.command(name="list")
def list_all(as_json: AsJson = False) -> None:
    """All base maps. 底图列表"""
    with bank() as opened:
        rows = [tell(base) for base in list_bases(opened.settings.bases)]
    give({"bases": rows}, as_json=as_json)


@cli.command()
def remove(key: Annotated[str, typer.Argument(help="the base map's key")], as_json: AsJson = False) -> None:
    """A base map away: its file and its record. 删除底图"""
    with bank() as opened:
        base = remove_base(opened.settings.bases, key)
        with opened.transaction() as session:
            record(session, "remove_base", subject=base.key, detail={"sha256": base.sha256})
    give({"removed": base.key}, as_json=as_json)


def tell(base: Base) -> dict[str, Any]:
    """A base map for the terminal: its record, and the address of its tiles."""
    return {**asdict(base), "bounds": [round(one, 5) for one in base.bounds], "address": base.address}
