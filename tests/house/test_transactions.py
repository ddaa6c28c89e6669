"""Law 3, one story, one transaction: only `app/db` commits, and a session is opened only for a viewer."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import NotAllowed
from tests.house.sources import list_nodes

APP = Path(__file__).parents[2] / "app"


def calls_of(path: Path) -> set[str]:
    """Names of all methods called in a file."""
    return {
        n.func.attr for n in list_nodes(path) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    }


def test_only_the_database_room_commits() -> None:
    committing = [
        str(path.relative_to(APP))
        for path in APP.rglob("*.py")
        if path.relative_to(APP).parts[0] != "db" and {"commit", "begin"} & calls_of(path)
    ]
    assert committing == []


def test_only_the_database_room_makes_sessions_and_engines() -> None:
    makers = {"Session", "sessionmaker", "create_engine"}
    making = [
        f"{path.relative_to(APP)}:{node.lineno}"
        for path in APP.rglob("*.py")
        if path.relative_to(APP).parts[0] != "db"
        for node in list_nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers
    ]
    assert making == []


def test_a_session_without_a_viewer_asks_nothing(database: Database) -> None:
    with Session(database.engine) as session, pytest.raises(NotAllowed):
        session.execute(text("SELECT 1"))
