"""Law 1, down only: each room imports only rooms below it. Law: spatial knows no database."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.house.sources import list_imports

APP = Path(__file__).parents[2] / "app"
# From the ground up; a room may import any room before it.
FLOORS = ("errors", "clock", "settings", "glossary", "spatial", "models", "db", "access")
ROOMS = (*FLOORS, "territory", "customers", "marketing", "maps", "jobs", "api", "main", "cli")
# main joins everything and is asked by the command line; api and main never ask the command line.
OUTSIDE = {"spatial": {"sqlalchemy", "psycopg", "geoalchemy2", "fastapi"}, "api": {"geopandas"}}
HTTP_ONLY = {"fastapi", "starlette"}


def room_of(path: Path) -> str:
    """The room a module belongs to."""
    part = path.relative_to(APP).parts[0]
    return part.removesuffix(".py")


def list_modules() -> list[Path]:
    return [path for path in APP.rglob("*.py") if path != APP / "__init__.py"]


def test_every_module_belongs_to_a_named_room() -> None:
    assert {room_of(path) for path in list_modules()} <= set(ROOMS)


def test_rooms_import_only_rooms_below_them() -> None:
    climbing = [
        f"{path.relative_to(APP)} imports app.{other}"
        for path in list_modules()
        for name in list_imports(path)
        if name.startswith("app.")
        and (other := name.split(".")[1]) in ROOMS
        and ROOMS.index(other) > ROOMS.index(room_of(path))
    ]
    assert climbing == []


def test_geometry_knows_no_database_and_routes_know_no_geometry() -> None:
    wrong = [
        f"{path.relative_to(APP)} imports {name}"
        for path in list_modules()
        for name in list_imports(path)
        if name.split(".")[0] in OUTSIDE.get(room_of(path), set())
    ]
    assert wrong == []


def test_only_the_http_room_knows_http() -> None:
    wrong = [
        f"{path.relative_to(APP)} imports {name}"
        for path in list_modules()
        for name in list_imports(path)
        if name.split(".")[0] in HTTP_ONLY and room_of(path) not in ("api", "main")
    ]
    assert wrong == []


def test_marketing_customers_and_territory_do_not_draw() -> None:
    wrong = [
        f"{path.relative_to(APP)} imports {name}"
        for path in list_modules()
        for name in list_imports(path)
        if name.split(".")[0] in {"folium", "typst"} and room_of(path) != "maps"
    ]
    assert wrong == []


def test_the_program_imports_only_what_it_is_installed_with() -> None:
    """A part of the development group is there on this machine and missing at the bank."""
    project = tomllib.loads((APP.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {re.split(r"[\[<>=~ ]", line)[0] for line in project["dependencies"]} | {
        "markupsafe",  # of jinja2
        "pydantic",  # of fastapi
        "starlette",  # of fastapi
    }
    known = packages_distributions()
    foreign = {
        f"{path.relative_to(APP)} imports {top}"
        for path in list_modules()
        for name in list_imports(path)
        if (top := name.split(".")[0]) not in {"app", *sys.stdlib_module_names}
        and not {one.lower().replace("_", "-") for one in known.get(top, [top])} & named
    }
    assert foreign == set()
