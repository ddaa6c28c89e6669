"""All commands joined, each loaded only when it is asked for, and errors turned into exit codes."""

import gc
import importlib
import os
import sys
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from app.cli.telling import give_error, tell_error
from app.errors import BadInput, GetuError, NotReady

# Name → module of app.cli and one line of help; the module holds `cli` (a group) or `add_to` (commands).
COMMANDS: dict[str, tuple[str, str]] = {
    "db": ("database", "The database 数据库: up, down, status, migrate, backup, restore"),
    "import": ("files", "Files in 导入: boundaries, list, show, undo, gazetteer, organisation, customers"),
    "layer": ("layers", "The bank's own layers on the map 本行图层: add, list, remove"),
    "source": ("sources", "Source systems 来源系统: list, show, set"),
    "export": ("exports", "A layer out as a file 导出图层"),
    "plan": ("plans", "Plans 规划: new, list, check, clean, repair, undo, certify, publish, diff, verify"),
    "scheme": ("scheme", "The scheme 责任体系: contacts, targets, progress, lights"),
    "staff": ("staff", "People 人员变动: leave, departure, merge, list, show, apply, undo, cancel, back"),
    "who": ("who", "Who was responsible, on any date 责任归属"),
    "user": ("users", "Users 用户: add, list, key"),
    "geocode": ("places", "Addresses to places 地址匹配"),
    "ask-providers": ("providers", "Map services about customers without a village 询问地图服务"),
    "place": ("places", "Judge where customers live anew 客户重新定位"),
    "locate": ("places", "Whose grid is this point 点位归属"),
    "around": ("around", "Customers round an outlet 周边: list, shares, nearest"),
    "catchments": ("catchments", "The ground of each outlet 服务范围"),
    "rollup": ("places", "Villages, households and customers by administrative code 汇总"),
    "check": ("checks", "A boundary file on its own 边界检查"),
    "households": ("households", "Link customers into households 家庭关联"),
    "lending": ("lending", "May a branch lend here 跨区核验: check, batch, list"),
    "assign": ("assigning", "Give every customer a grid, who moved, take back 归格"),
    "recount": ("assigning", "Count grids and villages anew, or check the counts 重新计数"),
    "month": ("months", "Months 月度结转: close"),
    "map": ("maps", "The strategy map as one file 战略地图"),
    "base": ("base", "Base maps under the ground 底图: add, list, remove"),
    "wallmap": ("maps", "Wall maps 上墙地图"),
    "directory": ("maps", "The planning directory 规划目录"),
    "letters": ("maps", "Responsibility letters 责任书"),
    "serve": ("serving", "The service 服务"),
    "work": ("serving", "A job worker 任务进程"),
    "bench": ("serving", "Measurements 基准"),
}


class LazyGroup(TyperGroup):
    """Loads a command's module when it is asked for: `getu --help` need not load the map library."""

    listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name; for the list of commands only its name and line of help."""
        if cmd_name not in COMMANDS:
            return None
        module, line = COMMANDS[cmd_name]
        if self.listing:
            return TyperCommand(cmd_name, help=line)
        return load_command(module, cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The list of commands, without loading any."""
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False


def load_command(module: str, name: str) -> Any:
    """Import a module of app.cli and take its command."""
    found = load_module(f"app.cli.{module}")
    if hasattr(found, "cli"):
        group = typer.main.get_command(found.cli)
        group.name, group.help = name, COMMANDS[name][1]
        return group
    commands = typer.Typer()
    found.add_to(commands)
    group = typer.main.get_command(commands)
    return group.commands[name] if isinstance(group, TyperGroup) else group


def load_module(name: str) -> ModuleType:
    """Import a module and all it needs, with the garbage collector at rest.

    Nothing that is imported becomes garbage: to look for some takes a sixth of the start of a command.
    """
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.enable()


cli = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Getu 格图: grids, customers and maps of a rural commercial bank. 网格、客户与地图。",
)


@cli.callback()
def root() -> None:
    """Getu 格图: grids, customers and maps of a rural commercial bank. 网格、客户与地图。"""


def run(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code and never shows a trace to a person."""
    told = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in told
    try:
        outcome = cli(told, standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except GetuError as error:
        tell_error(error)
        return refuse(error, as_json=as_json)
    except typer.Abort:
        return 130
    except TyperException as error:
        if not error.format_message():
            return 2
        typer.echo(f"用法不对 / wrong usage: {error.format_message()}", err=True)
        wrong = BadInput("wrong_usage", zh=f"用法不对：{error.format_message()}", en=error.format_message())
        return refuse(wrong, as_json=as_json)
    except typer.Exit as leave:
        return leave.exit_code
    except BrokenPipeError:
        # The reader of our output left (| head); nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("GETU_TRACE"):
            raise
        name = type(error).__name__
        typer.echo(f"程序出错 / unexpected error: {name} (GETU_TRACE=1 显示详情)", err=True)
        fault = GetuError("unexpected", zh=f"程序出错：{name}", en=f"unexpected error: {name}")
        return refuse(fault, as_json=as_json)


def refuse(error: GetuError, *, as_json: bool) -> int:
    """The exit code of an error: 3 the program or its database, 2 all else; told on standard output too."""
    failed = isinstance(error, NotReady) or type(error) is GetuError
    if as_json:
        give_error(error, status="failed" if failed else "rejected")
    return 3 if failed else 2
