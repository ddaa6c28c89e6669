"""getu map, wallmap, directory, letters: what is looked at and what is hung on the wall."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.access import record
from app.cli.opening import Bank, bank
from app.cli.telling import AsJson, give, progress
from app.errors import BadInput
from app.maps import directory, letters, sheets, strategy, wall

Branch = Annotated[str | None, typer.Option(help="branch code; the whole bank when not given")]


def map_(
    out: Annotated[Path, typer.Option(help="the file to write (.html)")],
    branch: Branch = None,
    as_json: AsJson = False,
) -> None:
    """The strategy map as one stand-alone HTML file."""
    with bank() as opened, opened.transaction() as session:
        html = strategy.draw_map(session, branch=branch)
        record(session, "download_map", subject=branch)
    write_aside(out, html.encode())
    give({"out": str(out), "bytes": len(html.encode())}, as_json=as_json)


def wallmap(
    out: Annotated[Path, typer.Option(help="the file to write (.pdf or .png); a folder with --all")],
    branch: Branch = None,
    every: Annotated[bool, typer.Option("--all", help="one sheet for each branch")] = False,
    paper: Annotated[str, typer.Option(help="A0, A1, A2, A3 or A4")] = "A3",
    dpi: Annotated[int, typer.Option(help="dots an inch, for .png", min=50, max=600)] = 150,
    as_json: AsJson = False,
) -> None:
    """A wall map: vector PDF, or PNG."""
    with bank() as opened:
        if not every:
            made = [print_one(opened, branch, paper, out, dpi=dpi)]
        else:
            with opened.transaction() as session:
                houses = sheets.list_sheet_branches(session)
            out.mkdir(parents=True, exist_ok=True)
            with progress("上墙地图") as bar:
                made = []
                for number, house in enumerate(houses, start=1):
                    path = out / f"{house['code']}-{paper}.pdf"
                    made.append(print_one(opened, house["code"], paper, path, dpi=dpi))
                    bar("", number, len(houses))
    give({"sheets": made}, as_json=as_json)


def print_one(opened: Bank, branch: str | None, paper: str, out: Path, *, dpi: int) -> dict[str, Any]:
    """One sheet into a file; what it holds."""
    settings = opened.settings
    with opened.transaction() as session:
        imprint = sheets.Imprint(settings.bank_name, settings.review_number)
        sheet = sheets.read_sheet(session, imprint, branch=branch)
        record(session, "print_wall_map", subject=branch, detail={"paper": paper})
    drawing = wall.draw_sheet(sheet, paper)
    if out.suffix.lower() == ".png":
        wall.print_png(drawing, out, dpi)
    elif out.suffix.lower() == ".pdf":
        wall.print_pdf(drawing, out)
    else:
        raise BadInput("bad_suffix", zh="输出文件应为 .pdf 或 .png", en="the output is a .pdf or a .png")
    return {"branch": branch, "paper": paper, "grids": len(sheet.grids), "out": str(out)}


def directory_(
    out: Annotated[Path, typer.Option(help="the file to write (.xlsx)")],
    branch: Branch = None,
    as_json: AsJson = False,
) -> None:
    """The planning directory 规划目录: every grid in administrative order."""
    with bank() as opened, opened.transaction() as session:
        rows = directory.write_directory(session, out, bank=opened.settings.bank_name, branch=branch)
    give({"out": str(out), "grids": rows}, as_json=as_json)


def letters_(
    out: Annotated[Path, typer.Option(help="the PDF to write: one letter a person")],
    branch: Branch = None,
    level: Annotated[
        str, typer.Option(help="manager (each manager) or branch (the head of each branch)")
    ] = "manager",
    as_json: AsJson = False,
) -> None:
    """Responsibility letters 责任书 of managers or branch heads, ready to sign."""
    with bank() as opened, opened.transaction() as session:
        count = letters.print_letters(
            session, out, bank=opened.settings.bank_name, branch=branch, level=level
        )
    give({"out": str(out), "letters": count}, as_json=as_json)


def write_aside(path: Path, data: bytes) -> None:
    """Write beside the target, then rename: a reader never sees half a file."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(data)
    aside.replace(path)


def add_to(cli: typer.Typer) -> None:
    """Hang these commands on the root."""
    cli.command(name="map")(map_)
    cli.command()(wallmap)
    cli.command(name="directory")(directory_)
    cli.command(name="letters")(letters_)
