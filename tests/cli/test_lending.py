"""getu lending: one question, a file of them, the page on paper, at the console."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.cli import lending
from app.cli.opening import Bank
from app.cli.root import run
from app.db.connection import WORKER
from tests.conftest import DemoBank

OWN = """SELECT a.customer_id, b.code FROM assignment a JOIN grid g ON g.id = a.grid_id
    JOIN branch b ON b.id = g.branch_id JOIN placement p ON p.customer_id = a.customer_id AND p.rung = 2
    WHERE a.method = 'inside' ORDER BY ST_Distance(p.geom, g.anchor) LIMIT 1"""


@pytest.fixture
def console(demo_bank: DemoBank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line upon the demo bank."""

    @contextmanager
    def bank() -> Iterator[Bank]:
        yield Bank(demo_bank.settings, demo_bank.database)

    monkeypatch.setattr(lending, "bank", bank)

    def say(*words: str) -> tuple[int, str]:
        code = run(list(words))
        return code, capsys.readouterr().out

    return say


def test_a_check_and_a_file_of_checks_at_the_console(
    demo_bank: DemoBank, console: Any, tmp_path: Path
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        customer, branch = session.execute(text(OWN)).one()
    page = tmp_path / "check.pdf"
    words = ["lending", "check", "--branch", branch, "--customer", str(customer), "--pdf", str(page)]
    code, out = console(*words, "--json")
    found = json.loads(out)
    assert (code, found["answer"], found["evidence"]["grid"] is None) == (0, "in", False)
    assert page.read_bytes()[:5] == b"%PDF-"
    code, out = console("lending", "check", "--branch", branch, "--point", "116.4,39.9", "--datum", "wgs84")
    assert code == 1
    assert "跨区：位于全行辖区之外" in out
    assert (
        console("lending", "check", "--branch", branch, "--point", "39.9,116.4", "--datum", "wgs84")[0] == 2
    )
    questions, answers = tmp_path / "loans.csv", tmp_path / "answers.csv"
    questions.write_text(f"系统编号,机构号\n{customer},{branch}\n{customer},NOWHERE\n", encoding="utf-8")
    code, out = console("lending", "batch", str(questions), "--out", str(answers), "--json")
    assert (code, json.loads(out)["counts"]) == (1, {"in": 1, "error": 1})
    with answers.open(encoding="utf-8-sig", newline="") as file:
        assert [row["answer"] for row in csv.DictReader(file)] == ["in", "error"]
    nowhere = [*words[:-1], str(tmp_path / "nowhere" / "check.pdf")]
    assert console(*nowhere)[0] == console("lending", "list", "--limit", "0")[0] == 2
    code, out = console("lending", "list", "--json")
    assert code == 0
    assert str(customer) in json.loads(out)["checks"][0]["subject"]
