"""getu plan on the command line: drafts, certificates that verify, differences with a bill, the way back."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.clock import today
from app.db.connection import WORKER
from tests.cli.conftest import Getu
from tests.conftest import DemoBank

CODE = "C1"


@pytest.fixture
def swept(demo_bank: DemoBank) -> Iterator[str]:
    """A plan's code that is free again after the test."""
    yield CODE
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM plan WHERE code = :code"), {"code": CODE})


def test_a_draft_of_groups_from_a_gbk_table_tells_what_it_left_out(
    getu: Getu, swept: str, tmp_path: Path
) -> None:
    file = tmp_path / "分组.csv"
    file.write_bytes("单元代码,网格编号,网格名称\n320614400*,G1,城区片\n9999,G1,\n,G2,无\n".encode("gb18030"))
    said = getu("plan", "new", swept, "--groups", str(file), "--json")
    assert said.code == 1
    report = said.result["report"]
    assert report["unknown_units"] == ["9999"]
    assert [line["row"] for line in report["rejected"]] == [4]
    assert said.result["grids"]["total"] < 310


def test_a_draft_is_made_renamed_compared_and_deleted(getu: Getu, swept: str, tmp_path: Path) -> None:
    made = getu("plan", "new", swept, "--from", "in_force", "--json")
    assert (made.code, made.result["grids"]["total"]) == (0, 310)
    assert getu("plan", "rename", swept, "新名字", "--json").result["name"] == "新名字"
    same = getu("plan", "diff", "V1", swept, "--json").result
    assert (same["changes"], same["totals"]["pieces"], same["bill"]["customers"]) == ([], 0, 0)
    out = tmp_path / "diff.geojson"
    other = getu("plan", "diff", "V1", "V2", "--out", str(out), "--json").result
    drawn = json.loads(out.read_text(encoding="utf-8"))
    assert len(drawn["features"]) == other["totals"]["pieces"] > 0
    assert other["bill"]["customers"] > 0
    assert getu("plan", "delete", swept, "--json").result == {"deleted": swept, "grids": 310}
    assert getu("plan", "delete", "V1").code == 2


def test_a_certificate_is_written_and_verifies_by_code_file_and_page(getu: Getu, tmp_path: Path) -> None:
    page, file = tmp_path / "证明.pdf", tmp_path / "证明.json"
    certified = getu("plan", "certify", "V1", "--pdf", str(page), "--out", str(file), "--json")
    assert certified.code == 0
    for what in ("V1", str(page), str(file)):
        said = getu("plan", "verify", what, "--json")
        assert (said.code, said.result["valid"], said.result["number"]) == (
            0,
            True,
            certified.result["number"],
        )
    altered = json.loads(file.read_text(encoding="utf-8"))
    altered["grids"]["total"] += 1
    file.write_text(json.dumps(altered), encoding="utf-8")
    said = getu("plan", "verify", str(file), "--json")
    assert (said.code, said.result["differences"][0]["field"]) == (1, "grids")
    page.write_bytes(b"%PDF-1.7 nothing")
    assert getu("plan", "verify", str(page)).code == 2
    assert getu("plan", "verify", "NOPLAN").code == 2
    assert getu("plan", "verify", str(tmp_path / "none.json")).code == 2


def test_a_plan_is_approved_and_scheduled_and_taken_back(getu: Getu, swept: str) -> None:
    getu("plan", "new", swept, "--from", "V1")
    assert getu("plan", "publish", swept).code == 2, "there is no certificate yet"
    assert getu("plan", "check", swept).code == 0
    assert getu("plan", "certify", swept).code == 0
    assert getu("plan", "approve", swept, "--json").result["state"] == "approved"
    day = (today() + timedelta(300)).isoformat()
    begun = getu("plan", "publish", swept, "--from", day, "--json").result
    assert (begun["state"], begun["valid_from"]) == ("scheduled", day)
    assert getu("plan", "delete", swept).code == 2
    back = getu("plan", "take-back", swept, "--json").result
    assert (back["state"], back["valid_from"]) == ("certified", None)
    plans = {plan["code"]: plan for plan in getu("plan", "list", "--json").result["plans"]}
    assert (plans["V1"]["state"], plans["V1"]["valid_to"]) == ("in_force", None)
