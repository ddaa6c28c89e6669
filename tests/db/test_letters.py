"""A database whose character type knows no Chinese is refused at every door, saying what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.cli.root import run
from app.db import cluster
from app.db.migrating import head_revision
from demo.__main__ import main as run_demo
from tests.conftest import run_admin


@pytest.fixture(scope="module")
def deaf(server: cluster.Cluster, worker_id: str) -> Iterator[str]:
    """The address of an empty database of the C locale."""
    name = f"getu_deaf_{worker_id}"
    run_admin(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_CTYPE 'C'")
    yield server.url(name, role="getu_admin")
    run_admin(server, f"DROP DATABASE {name} WITH (FORCE)")


COMMANDS = [("db", "up"), ("db", "migrate"), ("serve", "--port", "1"), ("work",), ("geocode", "常乐镇")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_every_command_refuses_it_with_three_and_says_what_to_do(
    deaf: str,
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", deaf)
    monkeypatch.setenv("GETU_HOME", str(tmp_path))
    assert run(list(command)) == 3
    said = " ".join(capfd.readouterr().err.split())
    assert "不认识汉字" in said
    assert "knows no Chinese letters" in said
    assert "CREATE DATABASE getu TEMPLATE template0" in said
    engine = create_engine(deaf)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
    engine.dispose()


def test_the_demo_refuses_it_too(
    deaf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", deaf)
    monkeypatch.setenv("GETU_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["demo", "--exit"])
    assert run_demo() == 3
    assert "no_chinese_trigrams" in capfd.readouterr().err


def test_one_migrated_elsewhere_and_restored_there_is_refused_at_the_start(
    deaf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine(deaf)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
    monkeypatch.setenv("DATABASE_URL", deaf)
    monkeypatch.setenv("GETU_HOME", str(tmp_path))
    code, said = run(["work"]), capfd.readouterr().err
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()
    assert (code, "no_chinese_trigrams" in said) == (3, True)
