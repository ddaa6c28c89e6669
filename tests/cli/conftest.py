"""The command line on the demo bank: run in this process, with what it said and how it left."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.cli.root import run
from tests.conftest import DemoBank


@dataclass(frozen=True)
class Said:
    """A command's exit code, its standard output and its standard error."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The one JSON object on standard output; more or less than one line fails."""
        (line,) = self.out.splitlines()
        answer = json.loads(line)
        assert isinstance(answer, dict)
        return answer


Getu = Callable[..., Said]


@pytest.fixture
def getu(demo_bank: DemoBank, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Getu:
    """Runs a command on the demo bank's home and database."""
    monkeypatch.setenv("GETU_HOME", str(demo_bank.settings.home))
    monkeypatch.setenv("DATABASE_URL", demo_bank.database.url)
    monkeypatch.setenv("GETU_IMPORT_PROCESSES", "1")

    def command(*arguments: str) -> Said:
        capfd.readouterr()
        code = run(list(arguments))
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return command
