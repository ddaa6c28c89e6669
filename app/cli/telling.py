"""How the command line speaks: results as text or one JSON object, progress bars, errors in two languages."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from app.errors import BadInput, GetuError

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output, nothing else")]
console = Console(stderr=True)
STAGES = {
    "read": "读取",
    "place": "核对与定位",
    "placed": "定位完成",
    "match": "匹配",
    "judge": "判断",
    "landed": "入库",
    "write": "写入",
    "swap": "切换",
    "link": "关联",
    "linked": "家庭关联",
    "assigned": "归格",
    "reading": "读取",
    "comparing": "比对",
    "indexing": "建索引",
    "storing": "入库",
    "imported": "导入",
    "undone": "撤销",
    "repeated": "已导入过",
    "checked": "检查",
    "asking": "询问",
}


def give(result: Any, *, as_json: bool, text: str | None = None) -> None:
    """The result of a command: as one JSON object, or as text for people."""
    if as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.write((text if text is not None else show(result)) + "\n")
    sys.stdout.flush()


def show(result: Any, indent: int = 0) -> str:
    """A result as indented lines; long lists are cut with their length told."""
    pad = "  " * indent
    if isinstance(result, dict):
        lines = []
        for key, value in result.items():
            if isinstance(value, (dict, list)) and value:
                lines += [f"{pad}{key}:", show(value, indent + 1)]
            else:
                lines.append(f"{pad}{key}: {value if value not in ({}, []) else '—'}")
        return "\n".join(lines)
    if isinstance(result, list):
        shown = [show(item, indent) if isinstance(item, dict) else f"{pad}- {item}" for item in result[:20]]
        more = [f"{pad}… {len(result)} in all"] if len(result) > 20 else []
        between = f"\n{pad}--\n" if isinstance(result[0], dict) else "\n"
        return "\n".join([between.join(shown), *more])
    return f"{pad}{result}"


def tell_error(error: GetuError) -> None:
    """An error as a person reads it: Chinese, English, and the facts that help."""
    console.print(f"[bold red]✗[/] {escape(error.zh)}", highlight=False)
    console.print(f"  {escape(error.en)}  [dim]({error.code})[/]", highlight=False)
    for key, value in error.facts.items():
        text = json.dumps(value, ensure_ascii=False, default=str)
        console.print(f"  {key}: {text[:2000]}", highlight=False, markup=False)


def give_error(error: GetuError, *, status: str) -> None:
    """The same error as the one JSON object on standard output: {status, error: {code, zh, en, …}}.

    `status` is "rejected" (wrong usage or refused input) or "failed" (the program or its database); a file
    about which a question stands says "needs_answer", and its questions lie beside the error as in a report.
    """
    told = {"code": error.code, "zh": error.zh, "en": error.en, **error.facts}
    answer: dict[str, Any] = {"status": status, "error": told}
    if "questions" in told:
        answer["status"] = "needs_answer"
        answer["questions"] = [_show_question(asked, error) for asked in told.pop("questions")]
    give(answer, as_json=True)


def _show_question(asked: dict[str, Any], error: GetuError) -> dict[str, Any]:
    """A question as a boundary report shows it: code, message in two languages, options as plain values."""
    options = [one["value"] if isinstance(one, dict) else one for one in asked.get("options", [])]
    message = f"{asked.get('zh', error.zh)} / {asked.get('en', error.en)}"
    return {"code": asked["code"], "message": message, "options": options}


def write_aside(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises BadInput when its folder is not there."""
    if not path.absolute().parent.is_dir():
        raise BadInput(
            "no_such_folder", zh=f"没有这个文件夹：{path.parent}", en=f"no such folder: {path.parent}"
        )
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)


def say(text: str) -> None:
    """A message to the person at the terminal (standard error)."""
    console.print(text, highlight=False)


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """The speed of late, once there is one."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error; give the yielded function to what tells its progress."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def tell(stage: str, done: int, total: int) -> None:
            name = STAGES.get(stage, stage)
            bar.update(
                task, description=f"{title} · {name}" if name else title, completed=done, total=total or None
            )

        yield tell
