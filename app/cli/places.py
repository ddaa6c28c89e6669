"""getu geocode, getu locate and getu rollup."""

import csv
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.days import read_day
from app.cli.opening import bank
from app.cli.telling import AsJson, give, progress
from app.customers import places
from app.customers.geocoding import Answer
from app.customers.intake.reading import open_customers
from app.errors import BadInput, RefusedFile
from app.maps.rollup import roll_up
from app.territory import responsibility

CHUNK = 5000
COLUMNS = ("id", "level", "code", "name", "score", "method", "candidates", "warnings")


def geocode(
    address: Annotated[str | None, typer.Argument(help="one address")] = None,
    file: Annotated[Path | None, typer.Option(help="CSV with the columns id and address")] = None,
    out: Annotated[Path | None, typer.Option(help="CSV to write")] = None,
    as_json: AsJson = False,
) -> None:
    """An address, or a file of them, to places of the bank's own gazetteer."""
    if (address is None) == (file is None) or (file is None) != (out is None):
        raise BadInput(
            "bad_usage", zh="给出一个地址，或 --file 与 --out", en="give an address, or --file with --out"
        )
    with bank() as opened, opened.transaction() as session:
        if address is not None:
            give(places.show_answer(places.geocode(session, [address])[0]), as_json=as_json)
            return
        assert file is not None
        assert out is not None
        matcher = places.find_matcher(session)
        levels: dict[str, int] = {}
        with progress("匹配地址") as bar:
            rows = (row for row in _match_file(matcher.match_many, file, levels, bar))
            write_rows(out, rows)
    give({"out": str(out), "rows": sum(levels.values()), "levels": levels}, as_json=as_json)


def _match_file(match: Any, file: Path, levels: dict[str, int], bar: Any) -> Iterator[list[Any]]:
    """Rows of the result, a chunk of the file at a time."""
    if not file.is_file():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{file}", en=f"no such file: {file}")
    table = open_customers(file)
    heads = [heading.strip().lower().lstrip("\ufeff") for heading in table.headings]
    if not {"id", "address"} <= set(heads):
        raise BadInput(
            "missing_columns",
            zh="文件须有 id 和 address 两列",
            en="the file needs the columns id and address",
        )
    at_id, at_address = heads.index("id"), heads.index("address")
    done = 0
    for chunk in table.chunks(CHUNK):
        whole = [cells + [""] * (len(heads) - len(cells)) for _, cells in chunk]
        for cells, answer in zip(whole, match([cells[at_address] for cells in whole]), strict=True):
            levels[answer.level] = levels.get(answer.level, 0) + 1
            yield [cells[at_id], *as_columns(answer)]
        done += len(chunk)
        bar("", done, table.rows)


def as_columns(answer: Answer) -> list[Any]:
    """An answer in the columns of the result file, behind the id."""
    candidates = "|".join(candidate.code for candidate in answer.candidates)
    score = round(answer.score, 4)
    return [
        answer.level,
        answer.code,
        answer.name,
        score,
        answer.method,
        candidates,
        "|".join(answer.warnings),
    ]


def write_rows(out: Path, rows: Iterator[list[Any]]) -> None:
    """Write beside the target, then rename: a reader never sees half a file."""
    aside = out.with_name(f".{out.name}.part")
    try:
        with aside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            while chunk := list(islice(rows, CHUNK)):
                writer.writerows(chunk)
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)


def locate(
    lon: Annotated[float, typer.Argument(help="longitude, degrees")],
    lat: Annotated[float, typer.Argument(help="latitude, degrees")],
    on: Annotated[str | None, typer.Option(help="on this date, 2026-11-21")] = None,
    as_json: AsJson = False,
) -> None:
    """Whose grid is this point, on a date?"""
    day: date | None = read_day(on) if on else None
    with bank() as opened, opened.transaction() as session:
        give(responsibility.find_grid(session, lon, lat, on=day).as_json(), as_json=as_json)


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
    cli.command()(rollup)
    # A negative longitude is a number, not an option.
    cli.command(context_settings={"ignore_unknown_options": True})(locate)
