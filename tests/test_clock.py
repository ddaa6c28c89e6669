"""One clock: the bank's day is that of China, wherever its machine and its database server think they are."""

import ast
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app.clock import today
from app.db import Database, cluster, connect
from app.db.connection import WORKER
from app.jobs.queue import connector_options
from tests.conftest import run_admin
from tests.house.sources import list_nodes

APP = Path(__file__).parent.parent / "app"
# At every hour one of them has another day than China.
FAR = ("Etc/GMT+12", "Etc/GMT-14")


@pytest.fixture(params=FAR)
def far(
    request: pytest.FixtureRequest,
    server: cluster.Cluster,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Database]:
    """The bank opened from a machine, and on a server, that stand far away."""
    name = database.engine.url.database
    run_admin(server, f"ALTER DATABASE {name} SET timezone = '{request.param}'")
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    opened = connect(f"{database.url}&options=-c%20statement_timeout%3D54321")
    yield opened
    opened.close()
    monkeypatch.undo()
    time.tzset()
    run_admin(server, f"ALTER DATABASE {name} RESET timezone")


def test_everybody_has_the_banks_day(far: Database) -> None:
    day = (datetime.now(UTC) + timedelta(hours=8)).date()
    with far.transaction(WORKER) as session:
        asked = text("SELECT current_date, current_setting('statement_timeout')")
        assert session.execute(asked).one() == (day, "54321ms"), "what the address asks for stands beside it"
    with far.line("getu_work") as line:
        assert line.connection.execute("SELECT current_date AS day").fetchall() == [{"day": day}]
    with psycopg.connect(**connector_options(far.url)) as connection:
        assert connection.execute("SELECT current_date").fetchone() == (day,)
    assert today() == day


def test_nothing_asks_the_machine_what_day_it_is() -> None:
    asked = [
        f"{path.relative_to(APP)}:{node.lineno}"
        for path in APP.rglob("*.py")
        for node in list_nodes(path)
        if isinstance(node, ast.Call)
        and ast.unparse(node) in ("date.today()", "datetime.today()", "datetime.now()")
    ]
    assert asked == []
