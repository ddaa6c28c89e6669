"""getu plan check and what belongs to it: the contract's form, notices apart, thresholds, a layer, rules."""

import json
from pathlib import Path

from app.db.connection import WORKER
from app.territory import plans
from app.territory.ground import CHECKS
from tests.cli.conftest import Getu
from tests.conftest import DemoBank

GROUND = {check.kind for check in CHECKS if check.group == "ground"}


def test_a_plan_check_keeps_notices_apart_and_writes_a_layer(
    getu: Getu, demo_bank: DemoBank, tmp_path: Path
) -> None:
    with demo_bank.database.transaction(WORKER) as session:
        plans.new_plan(session, plans.PlanDraft("C1", "查", from_plan="V2"))
    try:
        out = tmp_path / "findings.geojson"
        said = getu("plan", "check", "C1", "--out", str(out), "--json")
        assert said.code == 1
        assert {finding["kind"] for finding in said.result["findings"]} <= GROUND
        assert set(said.result["counts"]) == GROUND
        assert not {notice["kind"] for notice in said.result["notices"]} & GROUND
        assert sum(said.result["notice_counts"].values()) == len(said.result["notices"]) > 0
        features = json.loads(out.read_text(encoding="utf-8"))["features"]
        assert len(features) == len(said.result["findings"]) + len(said.result["notices"])
        told = getu("plan", "check", "C1")
        assert "重叠" in told.out
        assert all(finding["zh"] in told.out for finding in said.result["findings"])
        wide = getu("plan", "check", "C1", "--min-area", "1000000", "--json")
        assert len(wide.result["findings"]) < len(said.result["findings"])
        assert wide.result["thresholds"]["min_area_m2"] == 1_000_000
        assert getu("plan", "check", "V1", "--min-area", "10", "--json").code == 2
    finally:
        with demo_bank.database.transaction(WORKER) as session:
            plans.delete_plan(session, plans.find_plan(session, "C1"))


def test_rules_of_branch_types_are_shown_changed_and_refused(getu: Getu) -> None:
    assert getu("plan", "rules", "--json").result["rules"]["rural"]["park"] == "allowed"
    try:
        changed = getu("plan", "rules", "rural.park=confirm", "urban.park=notice", "--json").result["rules"]
        assert (changed["rural"]["park"], changed["urban"]["park"]) == ("confirm", "notice")
    finally:
        getu("plan", "rules", "rural.park=allowed", "urban.park=allowed")
    for wrong in ("rural.park", "rural.park=never", "moon.park=notice", "rural.castle=notice"):
        assert getu("plan", "rules", wrong, "--json").code == 2
