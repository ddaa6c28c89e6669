"""getu who: who was responsible for a point, a grid or a customer, on any date, as known at any moment."""

import math
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers.accountability import tell_of_customer
from app.errors import BadInput
from app.territory.accountability import Accountability, Moment, read_moment, tell_of_grid, tell_of_point
from app.territory.plans.duties import ROLES


def who(
    point: Annotated[str | None, typer.Option(help="LON,LAT in degrees")] = None,
    grid: Annotated[str | None, typer.Option(help="a grid's code")] = None,
    customer: Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="a customer's number")] = None,
    on: Annotated[str | None, typer.Option(help="on this date; today")] = None,
    known: Annotated[str | None, typer.Option(help="as known on this date, or at this timestamp")] = None,
    as_json: AsJson = False,
) -> None:
    """Who was responsible, on which date, and as far as it was known when. 责任归属"""
    moment = Moment(read_day(on), read_moment(known))
    if sum(one is not None for one in (point, grid, customer)) != 1:
        raise BadInput(
            "bad_question",
            zh="请用 --point、--grid、--customer 中的一种",
            en="ask about one thing: --point, --grid or --customer",
        )
    place = read_place(point) if point is not None else None
    with bank() as opened, opened.transaction() as session:
        if customer is not None:
            found = tell_of_customer(session, customer, moment=moment)
        elif place is not None:
            found = tell_of_point(session, *place, moment=moment)
        else:
            found = tell_of_grid(session, grid or "", moment=moment)
    give(found.as_json(), as_json=as_json, text=tell_answer(found))


def read_place(text: str) -> tuple[float, float]:
    """LON,LAT in degrees. Raises BadInput."""
    words = text.replace("，", ",").split(",")
    try:
        lon, lat = (float(word) for word in words)
    except ValueError:
        lon = lat = math.nan
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadInput("bad_point", zh=f"坐标应为 经度,纬度：{text}", en=f"LON,LAT is wanted: {text}")
    return lon, lat


def tell_answer(found: Accountability) -> str:
    """The answer as lines for people."""
    told: dict[str, Any] = found.as_json()
    lines = [f"{told['on']}" + (f"（截至 {told['known_at']} 所知）" if told["known_at"] else "")]
    lines.append(told["message_zh"])
    if found.grid is not None:
        branch = found.branch["name"] if found.branch else "—"
        lines.append(f"{found.grid['code']} {found.grid['name']} · {branch}")
        lines += [f"  {role}: {person['name']}" for role in ROLES if (person := found.people.get(role))]
    lines += [f"  · {one['zh']}" for one in (*found.why, *found.limits)]
    return "\n".join(lines)


def add_to(cli: typer.Typer) -> None:
    """Hang this command on the root."""
    cli.command()(who)
