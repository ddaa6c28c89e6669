"""getu layer: the bank's own layers on the map – roads, water, rivals' outlets, whatever it loads."""

from typing import Annotated

import typer

from app.access import record
from app.cli.files import File, leave, read_answers
from app.cli.opening import bank
from app.cli.reports import tell_boundaries
from app.cli.telling import AsJson, give
from app.errors import RefusedFile
from app.spatial.formats import Limits
from app.territory import own
from app.territory.boundaries import ImportOptions

cli = typer.Typer(no_args_is_help=True, add_completion=False)
Key = Annotated[str, typer.Argument(help="the layer's key, as getu layer list tells")]


@cli.command()
def add(
    file: File,
    zh: Annotated[str, typer.Option(help="the layer's Chinese name")],
    en: Annotated[str, typer.Option(help="its English name")],
    key: Annotated[str | None, typer.Option(help="its key; made of the English name")] = None,
    why_zh: Annotated[str, typer.Option(help="what it shows, in Chinese")] = "",
    why_en: Annotated[str, typer.Option(help="what it shows, in English")] = "",
    competitors: Annotated[
        bool, typer.Option("--competitors", help="these are other banks' outlets")
    ] = False,
    audience: Annotated[str, typer.Option(help="all, or bank: head office and who draws the ground")] = "all",
    colour: Annotated[str, typer.Option(help=", ".join(own.COLOURS))] = "grey",
    name_column: Annotated[str | None, typer.Option(help="which column is the name")] = None,
    class_column: Annotated[str | None, typer.Option(help="which column sorts the legend")] = None,
    layer: Annotated[str | None, typer.Option(help="which layer, when the file has several")] = None,
    crs: Annotated[
        str | None, typer.Option(help="EPSG:4549, gcj02, bd09 … when the file does not say")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="gb18030, utf-8 … when the text is undecided")] = None,
    answer: Annotated[
        list[str] | None, typer.Option(help="answer a question of the report: code=value")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="report only, store nothing")] = False,
    as_json: AsJson = False,
) -> int:
    """A file of any format as a layer of the map; what stood under the key is replaced. 添加或更新图层"""
    if not file.exists():
        raise RefusedFile("no_such_file", zh=f"找不到文件：{file}", en=f"no such file: {file}")
    wish = own.LayerWish(
        key=key or own.make_key(en),
        zh=zh,
        en=en,
        why_zh=why_zh,
        why_en=why_en,
        meaning="competitors" if competitors else "reference",
        audience=audience,
        colour=colour,
        name_column=name_column,
        class_column=class_column,
    )
    answers = read_answers(answer or [])
    with bank() as opened, opened.transaction() as session:
        limits = Limits.of(opened.settings)
        options = ImportOptions(
            layer=layer, crs=crs, encoding=encoding, answers=answers, dry_run=dry_run, limits=limits
        )
        report = own.load_own_layer(session, file.absolute(), wish, options=options)
        if report["status"] == "imported" and not dry_run:
            detail = {"features": report["features"], "file": file.name}
            record(session, "load_layer", subject=wish.key, detail=detail)
    return leave(report, as_json=as_json, text=tell_boundaries(report))


@cli.command("list")
def list_all(as_json: AsJson = False) -> None:
    """The own layers there are. 图层列表"""
    with bank() as opened, opened.transaction() as session:
        layers = own.list_own_layers(session)
    lines = [
        f"{one['key']:<24}  {one['features']:>7}  {one['audience']:<5} {one['zh']} / {one['en']}"
        for one in layers
    ]
    text = "\n".join(lines) or "还没有本行图层 / no own layers yet"
    give({"layers": layers}, as_json=as_json, text=text)


@cli.command()
def remove(key: Key, as_json: AsJson = False) -> None:
    """Take an own layer away with all that stands in it. 删除图层"""
    with bank() as opened, opened.transaction() as session:
        features = own.remove_own_layer(session, key)
        record(session, "remove_layer", subject=key, detail={"features": features})
    text = f"✓ 已删除 {key}（{features}）/ removed"
    give({"removed": key, "features": features}, as_json=as_json, text=text)
