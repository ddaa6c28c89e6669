"""getu plan repair, clean, steps, undo: bills before, steps after, and the way back, on the command line."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from app.territory import plans
from tests.cli.conftest import Getu
from tests.conftest import DemoBank

CODE = "C2"


@pytest.fixture
def faulty(demo_bank: DemoBank) -> Iterator[str]:
    """A checked copy of the demo bank's faulty draft, gone after the test."""
    with demo_bank.database.transaction(WORKER) as session:
        plan = plans.new_plan(session, plans.PlanDraft(CODE, "清", from_plan="V2"))
        plans.check_plan(session, plan)
    yield CODE
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM plan WHERE code = :code"), {"code": CODE})


def test_a_clean_is_proposed_carried_out_listed_and_undone(getu: Getu, faulty: str) -> None:
    proposed = getu("plan", "clean", faulty, "--dry-run", "--json")
    assert (proposed.code, proposed.result["numbers"], proposed.result["dry_run"]) == (1, [], True)
    assert len(proposed.result["steps"]) >= 3
    assert proposed.result["bill"]["area_m2"] > 0
    assert getu("plan", "steps", faulty, "--json").result["steps"] == []
    assert getu("plan", "undo", faulty, "--json").result["error"]["code"] == "nothing_to_undo"
    before = getu("plan", "check", faulty, "--json").result["counts"]
    done = getu("plan", "clean", faulty, "--json")
    assert done.code == 1
    assert {one["kind"] for one in done.result["left"]} >= {"duplicate", "nested"}
    assert all(one["why_zh"] and one["why_en"] for one in done.result["left"])
    listed = getu("plan", "steps", faulty, "--json").result["steps"]
    assert [one["number"] for one in listed] == done.result["numbers"][::-1]
    told = getu("plan", "steps", faulty).out
    assert all(one["title_zh"] in told for one in listed)
    undone = getu("plan", "undo", faulty, "--clean", "--json")
    assert (undone.code, len(undone.result["steps"])) == (0, len(listed))
    assert getu("plan", "check", faulty, "--json").result["counts"] == before
    assert getu("plan", "undo", faulty, "--json").result["error"]["code"] == "nothing_to_undo"


def test_only_narrow_faults_are_cleaned_when_so_told_and_one_step_is_undone(getu: Getu, faulty: str) -> None:
    said = getu("plan", "clean", faulty, "--kind", "sliver", "--max-width", "3")
    assert said.code == 1
    assert "已清理" in said.out
    (step,) = getu("plan", "steps", faulty, "--json").result["steps"]
    undone = getu("plan", "undo", faulty, str(step["number"]), "--json").result
    assert undone["findings"]["after"]["sliver"] == 1
    again = getu("plan", "undo", faulty, str(step["number"]), "--json")
    assert (again.code, again.result["error"]["code"]) == (2, "undone_already")
    assert getu("plan", "clean", faulty, "--kind", "moon", "--json").result["error"]["code"] == "unknown_kind"
    assert getu("plan", "clean", "V1", "--json").result["error"]["code"] == "plan_closed"


def test_a_repair_shows_its_bill_and_belongs_to_the_plan_it_was_asked_of(getu: Getu, faulty: str) -> None:
    proposals = getu("plan", "repair", faulty, "--json").result["proposals"]
    overlap = next(one for one in proposals if one["kind"] == "overlap")
    assert all("customers" in option["bill"] for option in overlap["options"])
    key = overlap["options"][0]["key"]
    wrong = getu("plan", "repair", "V2", "--finding", str(overlap["id"]), "--option", key, "--json")
    assert (wrong.code, wrong.result["status"]) == (2, "rejected")
    done = getu("plan", "repair", faulty, "--finding", str(overlap["id"]), "--option", key, "--json")
    assert (done.code, done.result["step"]) == (0, 1)
    assert done.result["after"]["counts"].get("overlap", 0) == 0


def test_a_missing_village_is_made_a_grid_under_its_own_code(
    getu: Getu, faulty: str, demo_bank: DemoBank
) -> None:
    told = getu("plan", "repair", faulty).out
    assert "new_grid" in told
    proposals = getu("plan", "repair", faulty, "--json").result["proposals"]
    gap = max((one for one in proposals if one["kind"] == "gap"), key=lambda one: float(one["area_m2"]))
    chosen = (
        "--finding",
        str(gap["id"]),
        "--option",
        "new_grid",
        "--grid-code",
        "N1",
        "--grid-name",
        "新村",
    )
    assert getu("plan", "repair", faulty, *chosen, "--json").code == 0
    again = getu("plan", "clean", faulty, "--dry-run", "--json").result
    assert all(one["moves"] for one in again["steps"])
    assert getu("plan", "steps", faulty, "--json").result["steps"][0]["act"] == "repair"
    with demo_bank.database.transaction(WORKER) as session:
        made = session.execute(
            text(
                "SELECT g.name FROM grid g JOIN plan p ON p.id = plan_id WHERE p.code = :p AND g.code = 'N1'"
            ),
            {"p": faulty},
        ).scalar_one()
    assert made == "新村"
