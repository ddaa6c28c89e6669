"""The demo bank comes in by the same door as a bank's own files, and its faulty draft shows its faults."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.db import Database
from app.db.connection import WORKER
from app.models import Plan
from app.territory import plans
from app.territory.boundaries import ImportOptions, import_boundaries
from app.territory.directory import list_directory
from app.territory.gazetteer import import_places
from app.territory.organisation import import_branches, import_staff
from app.territory.outlines import list_towns
from app.territory.plans import PlanDraft

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def demo(database: Database) -> Iterator[Session]:
    """The demo bank with its plan in force, rolled back when the module's tests are done."""
    session = Session(database.engine, expire_on_commit=False)
    session.info["viewer"] = WORKER
    for kind in ("frame", "villages", "markets"):
        options = ImportOptions(kind=kind.removesuffix("s"), valid_from="2026-01-01")
        report = import_boundaries(session, DATA / "boundaries" / f"haimen_{kind}.zip", options=options)
        assert (report.status, report.rejected) == ("imported", []), report
    assert import_places(session, DATA / "places" / "haimen_gazetteer.csv").rejected == []
    assert import_branches(session, DATA / "organisation" / "branches.csv").rejected == []
    assert import_staff(session, DATA / "organisation" / "staff.csv").rejected == []
    plan = plans.new_plan(session, PlanDraft("V1", "2026年网格规划"))
    assert plans.import_duties(session, DATA / "organisation" / "duties.csv", plan).rejected == []
    plans.check_plan(session, plan)
    plans.certify(session, plan)
    plans.publish(session, plan, valid_from=date(2026, 1, 1), user_id=None)
    yield session
    session.rollback()
    session.close()


def find_plan(demo: Session) -> Plan:
    """The plan in force."""
    return plans.find_plan(demo, "V1")


def test_the_demo_plan_holds_what_its_readme_says(demo: Session) -> None:
    counts = plans.count_plan(demo, find_plan(demo))
    assert counts["grids"]["village"] == 230
    assert counts["grids"]["community"] == 66
    assert counts["grids"]["total"] == 310
    assert counts["vacant"] == 0
    certificate = find_plan(demo).certificate
    assert certificate is not None
    assert len(certificate["nested"]) == 14
    assert certificate["frame_km2"] == pytest.approx(certificate["grids_km2"], abs=0.01)
    assert certificate["synthetic"] is True
    assert plans.verify(demo, find_plan(demo))["valid"] is True


def test_the_demo_directory_names_a_manager_and_a_branch_for_every_grid(demo: Session) -> None:
    rows = list_directory(demo)
    assert len(rows) == 310
    assert all(row.manager and row.branch_code and row.code.startswith("HM-") for row in rows)
    assert len(list_towns(demo, find_plan(demo))) == 12


@pytest.fixture(scope="module")
def draft(demo: Session) -> Plan:
    """The faulty draft of 2027, checked."""
    options = ImportOptions(valid_from="2027-01-01")
    report = import_boundaries(demo, DATA / "boundaries" / "draft_2027.zip", options=options)
    plan = plans.new_plan(demo, PlanDraft("V2", "2027年草案", import_ids=(int(report.import_id or 0),)))
    plans.check_plan(demo, plan)
    return plan


def test_the_demo_draft_of_2027_shows_its_six_faults_and_leaves_today_alone(
    demo: Session, draft: Plan
) -> None:
    truth = json.loads((DATA / "boundaries" / "draft_2027.truth.json").read_text(encoding="utf-8"))
    copy = plans.new_plan(demo, PlanDraft("V2B", "同一草案", from_plan="V2"))
    assert plans.check_plan(demo, copy).counts == truth["counts"]
    again = plans.new_plan(demo, PlanDraft("V3", "今日", on=date(2026, 11, 1)))
    assert plans.check_plan(demo, again).counts == {}


def test_every_fault_of_the_demo_draft_has_a_repair_that_works(demo: Session, draft: Plan) -> None:
    for _ in range(10):
        left = [f for f in plans.list_findings(demo, draft) if f["severity"] != "harmless"]
        if not left:
            break
        plans.apply_repair(demo, left[0]["id"], plans.repair_proposals(demo, left[0]["id"])[0].key)
    assert draft.status == "checked"
    assert plans.certify(demo, draft)["overlaps"] == 0
