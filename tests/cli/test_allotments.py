"""getu plan allot, getu staff and getu who: the same acts at the console, as one JSON object each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.cli import allotments, plans, staff, who
from app.cli.opening import Bank
from app.cli.root import run
from app.clock import today
from app.db.connection import WORKER
from tests.conftest import DemoBank

TODAY = today()


@pytest.fixture
def console(
    demo_bank: DemoBank, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Any]:
    """The command line upon the demo bank; what it changed is put back."""

    @contextmanager
    def bank() -> Iterator[Bank]:
        yield Bank(demo_bank.settings, demo_bank.database)

    for module in (allotments, plans, staff, who):
        monkeypatch.setattr(module, "bank", bank)

    def say(*words: str) -> tuple[int, dict[str, Any]]:
        code = run([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    yield say
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM staffing_change"))
        session.execute(text("DELETE FROM plan WHERE code = 'CLI'"))
        session.execute(text("DELETE FROM allotment"))
        session.execute(text("UPDATE grid SET allotted = NULL"))


def test_grids_are_offered_answered_and_counted_at_the_console(demo_bank: DemoBank, console: Any) -> None:
    assert console("plan", "new", "CLI", "--from", "V1")[0] == 0
    with demo_bank.database.transaction(WORKER) as session:
        grid, branch = session.execute(
            text("""SELECT g.code, b.code FROM grid g JOIN plan p ON p.id = g.plan_id AND p.code = 'CLI'
                JOIN branch b ON b.kind = 'branch' AND b.id <> g.branch_id ORDER BY g.code, b.code LIMIT 1""")
        ).one()
    code, made = console("plan", "allot", "CLI", "--to-branch", branch, "--grids", grid)
    assert (code, made["offered"], made["grids"]) == (0, 1, [grid])
    code, refused = console("plan", "allot", "CLI", "--to-branch", branch, "--grids", grid)
    assert (code, refused["error"]["code"]) == (2, "cannot_offer")
    assert (
        console("plan", "answer", "CLI", "--return", "--batch", str(made["batch"]))[1]["error"]["code"]
        == "no_reason"
    )
    code, done = console("plan", "answer", "CLI", "--accept", "--batch", str(made["batch"]))
    assert (code, done["state"], done["grids"]) == (0, "accepted", [grid])
    listed = console("plan", "allotments", "CLI")[1]["allotments"]
    assert [(row["grid"]["code"], row["state"], row["branch"]["code"]) for row in listed] == [
        (grid, "accepted", branch)
    ]
    assert console("plan", "board", "CLI")[1]["counts"]["in_branch"] == 1
    code, again = console("plan", "answer", "CLI", "--accept", "--ids", str(done["ids"][0]))
    assert (code, again["error"]["state"]) == (2, "accepted")


def test_a_leave_at_the_console_is_asked_for_by_date(demo_bank: DemoBank, console: Any) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        person, grid = session.execute(
            text("""SELECT s.code, g.code FROM duty d JOIN staff s ON s.id = d.staff_id
                JOIN grid g ON g.id = d.grid_id
                JOIN plan p ON p.id = g.plan_id AND p.code = 'V1'
                WHERE d.role = 'primary' AND upper_inf(d.recorded) ORDER BY g.code LIMIT 1""")
        ).one()
    first, back = (TODAY + timedelta(n) for n in (2, 6))
    code, change = console(
        "staff",
        "leave",
        person,
        "--from",
        first.isoformat(),
        "--back",
        back.isoformat(),
        "--give",
        f"{grid}=",
        "--apply",
    )
    assert (code, change["state"], change["bill"]["vacant"]) == (0, "applied", 1)
    code, empty = console("plan", "vacancies", "V1", "--days", "30")
    assert (code, [(v["grid_code"], v["why"]) for v in empty["vacant"] if v["why"] == "leave"]) == (
        1,
        [(grid, "leave")],
    )
    asked = {
        day: console("who", "--grid", grid, "--on", day.isoformat())[1]["primary"] for day in (first, back)
    }
    assert (asked[first], asked[back]["code"]) == (None, person)
    code, undone = console("staff", "undo", str(change["id"]))
    assert (code, undone["state"]) == (0, "undone")
    assert console("who", "--grid", grid, "--on", first.isoformat())[1]["primary"]["code"] == person
    assert console("staff", "list")[1]["changes"][0]["state"] == "undone"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["who"], "bad_question"),
        (["who", "--point", "here"], "bad_point"),
        (["who", "--grid", "x", "--known", "soon"], "bad_date"),
        (["plan", "allot", "V1", "--grids", "x"], "bad_usage"),
        (["plan", "answer", "V1", "--accept", "--ids", "one"], "bad_number"),
        (["staff", "leave", "nobody"], "no_staff"),
        (["staff", "leave", "nobody", "--give", "x"], "bad_choice"),
    ],
)
def test_wrong_usage_is_refused_in_words(console: Any, words: list[str], code: str) -> None:
    left, told = console(*words)
    assert (left, told["error"]["code"]) == (2, code)
