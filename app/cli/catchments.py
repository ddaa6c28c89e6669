"""getu catchments: the ground of each outlet, by distance, by village or by the branch that holds it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.access import record
from app.cli.lists import write_listed
from app.cli.opening import bank
from app.cli.telling import AsJson, give, write_aside
from app.customers import around
from app.customers.list_file import CATCHMENTS
from app.errors import BadInput


def catchments(
    by: Annotated[str, typer.Option(help="distance, village or branch")] = "village",
    radius_m: Annotated[float | None, typer.Option(help="cut at so many metres, at most 20000")] = None,
    out: Annotated[
        Path | None, typer.Option(help="write them here: .geojson, .csv or .xlsx", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Which ground, villages and customers are nearest to each outlet, or held by each branch. 服务范围"""
    way = next((known for known in around.WAYS if known == by), None)
    if way is None:
        raise BadInput(
            "unknown_way",
            zh=f"没有这种划法，可用：{'、'.join(around.WAYS)}",
            en=f"there is no such way; use one of {', '.join(around.WAYS)}",
        )
    drawn = out is not None and out.suffix.lower() in (".geojson", ".json")
    with bank() as opened, opened.transaction() as session:
        found = around.draw_catchments(session, way, radius_m=radius_m, drawn=drawn)
        record(session, "count_catchments", subject=by)
    told = found.told()
    if out is not None and drawn:
        write_aside(out, json.dumps(found.features(), ensure_ascii=False).encode())
        told["file"] = str(out)
    elif out is not None:
        told["file"] = write_listed(out, found.lines(), CATCHMENTS)
    give(told, as_json=as_json, text=tell_catchments(told))


def tell_catchments(told: dict[str, Any]) -> str:
    """Catchments as lines for people, the rest and the sum last."""
    rows = [*told["catchments"], {**told["rest"], "code": "—", "name": "其余 rest"}]
    lines = []
    for row in rows:
        people = row["customers"]
        lines.append(
            f"{row['code']:<8} {row['name']}  村 {row['villages']}  户数 {row['households']:,}  "
            f"{row['area_km2']:.2f} km²  存量 {people['existing']:,}  潜在 {people['prospects']:,}"
        )
    total = told["total"]
    lines.append(f"合计 total  村 {total['villages']}  {total['area_km2']:.2f} km²")
    if told["without_point"]:
        left = sum(told["without_point"].values())
        lines.append(f"另有 {left:,} 户没有点位，未计入 more without a point, not counted")
    return "\n".join(lines)


def add_to(cli: typer.Typer) -> None:
    """Hang this command on the root."""
    cli.command()(catchments)
