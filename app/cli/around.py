"""getu around: who lives or trades round an outlet or a point, shared out among outlets; nearest outlets."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.lists import write_listed
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers import around
from app.customers.filters import Filters, Kind, Standing, Tier
from app.customers.list_file import AROUND, SHARED
from app.errors import BadInput

cli = typer.Typer(no_args_is_help=True, add_completion=False)
Code = Annotated[str | None, typer.Option(help="the outlet's code")]
Codes = Annotated[list[str] | None, typer.Option(help="an outlet's code; all outlets when left out")]
Degrees = Annotated[float | None, typer.Option(help="degrees, when there is no outlet")]
DatumOf = Annotated[str, typer.Option(help="cgcs2000, wgs84, gcj02 or bd09")]
Radius = Annotated[float, typer.Option(help="metres on the ground, at most 20000")]
Out = Annotated[Path | None, typer.Option(help="write all of them here: .csv or .xlsx", dir_okay=False)]
Only = Annotated[
    list[str] | None,
    typer.Option(
        help="kind=merchant, tier=key, standing=prospect, rung=2, visited_since=…, unvisited_since=2026-06-01"
    ),
]
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": Kind.__args__,  # type: ignore[attr-defined]
    "tier": Tier.__args__,  # type: ignore[attr-defined]
    "standing": Standing.__args__,  # type: ignore[attr-defined]
    "rung": tuple("0123456"),
}


@cli.command("list")
def list_ring(
    outlet: Code = None,
    lon: Degrees = None,
    lat: Degrees = None,
    datum: DatumOf = "cgcs2000",
    radius_m: Radius = around.RADIUS_M,
    nearest_only: Annotated[bool, typer.Option(help="leave out whom another outlet is nearer to")] = False,
    only: Only = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Customers within a ring, nearest first: figures and the first fifty; all of them in a file. 周边"""
    filters = read_only(only or [])
    with bank() as opened, opened.transaction() as session:
        middle = around.Middle(outlet, lon, lat, datum)
        ring = around.open_ring_at(session, middle, radius_m=radius_m, nearest_only=nearest_only)
        told = around.list_around(session, ring, filters, beside=("kind", "without_point"))
        if out is not None:
            rows, count = around.export_around(session, ring, filters)
            told |= {"file": write_listed(out, rows, AROUND), "rows": count}
    give(told, as_json=as_json, text=tell_ring(told))


@cli.command()
def shares(
    outlet: Codes = None,
    radius_m: Radius = around.RADIUS_M,
    only: Only = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Rings shared out: who stands in several is kept by the nearest outlet; sums by outlet. 周边归属"""
    filters = read_only(only or [])
    with bank() as opened, opened.transaction() as session:
        shared = around.share_around(session, outlet, radius_m=radius_m, filters=filters)
        told = shared.told()
        if out is not None:
            told["file"] = write_listed(out, around.export_shares(session, shared, filters), SHARED)
    give(told, as_json=as_json, text=tell_shares(told))


@cli.command()
def nearest(
    customer: Annotated[int | None, typer.Option(help="the customer's number")] = None,
    outlet: Code = None,
    lon: Degrees = None,
    lat: Degrees = None,
    datum: DatumOf = "cgcs2000",
    limit: Annotated[int, typer.Option(min=1, max=50)] = 3,
    as_json: AsJson = False,
) -> None:
    """The outlets nearest to a customer, a point or an outlet. 最近网点"""
    with bank() as opened, opened.transaction() as session:
        middle = around.Middle(outlet, lon, lat, datum, customer)
        x, y, _ = around.find_middle(session, middle)
        outlets = around.list_nearest(session, x, y, limit=limit)
    lines = [f"{one['distance_m']:>10,.1f} m  {one['code']}  {one['name']}" for one in outlets]
    give({"outlets": outlets}, as_json=as_json, text="\n".join(lines) or "还没有带坐标的网点 / no outlet")


def read_only(given: list[str]) -> Filters:
    """Filters of `name=value` texts. Raises BadInput for a name or a value that is not known."""
    asked: dict[str, Any] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name in ("visited_since", "unvisited_since"):
            asked[name] = read_day(value)
        elif value in CHOICES.get(name, ()):
            asked[name] = int(value) if name == "rung" else value
        else:
            raise BadInput(
                "bad_filter",
                zh=f"筛选条件“{text[:40]}”不认识",
                en=f"unknown filter {text[:40]!r}",
                known={key: list(values) for key, values in CHOICES.items()},
            )
    return Filters(**asked)


def tell_ring(told: dict[str, Any]) -> str:
    """A ring as lines for people."""
    lines = [
        f"{told['total']:,} 户 customers · {told['ring']['radius_m']:g} m · "
        f"另有 {told['without_point']:,} 户仅知村 more by village only"
    ]
    for name, counts in told["counts"].items():
        lines.append(f"{name:<9}" + "  ".join(f"{word} {number:,}" for word, number in counts.items()))
    lines += [
        f"{one['distance_m']:>9,.1f} m  {one['name']}  {one['kind']}  {one['address'] or '—'}"
        for one in told["customers"]
    ]
    return "\n".join(lines)


def tell_shares(told: dict[str, Any]) -> str:
    """Shares as lines for people, the sum last."""
    lines = [
        f"{one['code']:<8} {one['name']}  圈内 in ring {one['in_ring']:,}  归属 kept {one['kept']:,}"
        for one in told["outlets"]
    ]
    return "\n".join([*lines, f"合计 total {told['total']:,} · 在多个圈内 in several {told['in_several']:,}"])
