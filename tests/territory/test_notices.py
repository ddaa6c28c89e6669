"""Notices about grids: several parts, nobody or two who answer for one, kinds a branch should not hold."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.clock import today
from app.db import Database
from app.db.connection import WORKER
from app.errors import BadInput, Conflict
from app.models import Grid, Plan, Staff
from app.territory import branch_rules, plans
from app.territory.plans.checking import check_plan, recheck_plan
from app.territory.plans.duties import find_grid_by_code, give_duty
from app.territory.plans.listing import touch_ground
from app.territory.shapes import to_areas
from tests.ground import lay
from tests.territory.conftest import Lay
from tests.truth import admin_url

TODAY = today()
NOTICES = plans.Wanted(group="notice")


def noticed(work: Session, plan: Plan, kind: str) -> list[str]:
    """The codes of the grids with this notice."""
    rows = plans.list_findings(work, plan, plans.Wanted(None, (kind,)))
    return sorted(row["codes"][0] for row in rows)


def give(work: Session, plan: Plan, code: str, staff: str = "M1", *, begins: date = TODAY) -> None:
    give_duty(work, find_grid_by_code(work, plan, code), staff, valid_from=begins)


def test_a_grid_without_a_primary_is_noted_and_a_primary_of_a_later_day_counts_for_a_draft(
    work: Session, lay_plan: Lay, people: dict[str, Staff]
) -> None:
    plan = lay_plan(lay("AABBCC"))
    give(work, plan, "A")
    give(work, plan, "B", begins=TODAY + timedelta(40))
    check = check_plan(work, plan)
    assert noticed(work, plan, "no_primary") == ["C"]
    assert (check.counts, check.notice_counts, check.blocking) == ({}, {"no_primary": 1}, 0)
    assert plan.status == "checked", "a notice does not stand in a certificate's way"


def test_a_plan_in_force_is_asked_for_today(work: Session, lay_plan: Lay, people: dict[str, Staff]) -> None:
    plan = lay_plan(lay("AABB"))
    give(work, plan, "A")
    give(work, plan, "B", begins=TODAY + timedelta(40))
    check_plan(work, plan)
    plans.certify(work, plan)
    plans.publish(work, plan, valid_from=TODAY, user_id=None)
    check_plan(work, plan)
    assert noticed(work, plan, "no_primary") == ["B"]


class TestWithoutTheRule:
    """In a transaction of the database's own admin, who can do what nobody of the bank can."""

    @pytest.fixture
    def work(self, database: Database) -> Iterator[Session]:
        engine = create_engine(admin_url(database))
        session = Session(engine, expire_on_commit=False)
        session.info["viewer"] = WORKER
        yield session
        session.rollback()
        session.close()
        engine.dispose()

    def test_two_primaries_are_found_though_somebody_dropped_the_rule_that_forbids_them(
        self, work: Session, lay_plan: Lay, people: dict[str, Staff]
    ) -> None:
        plan = lay_plan(lay("AABB"))
        give(work, plan, "A")
        give(work, plan, "B")
        check_plan(work, plan)
        assert noticed(work, plan, "two_primaries") == []
        work.execute(text("RESET ROLE"))
        work.execute(text("ALTER TABLE duty DROP CONSTRAINT ex_duty_one_primary"))
        work.execute(text("SET LOCAL ROLE getu_work"))
        work.execute(
            text("""INSERT INTO duty (grid_id, staff_id, role, valid)
                SELECT d.grid_id, s.id, 'primary', daterange(:begins, NULL) FROM duty d, grid g, staff s
                WHERE g.id = d.grid_id AND g.code = 'A' AND s.code = 'M2'"""),
            {"begins": TODAY + timedelta(5)},
        )
        check = check_plan(work, plan)
        finding = plans.list_findings(work, plan, plans.Wanted(None, ("two_primaries",)))[0]
        assert (finding["codes"], finding["severity"], finding["state"]) == (["A"], "must_fix", "open")
        assert {one["code"] for one in finding["detail"]["people"]} == {"M1", "M2"}
        assert finding["detail"]["from"] == (TODAY + timedelta(5)).isoformat()
        assert "经理M2" in finding["zh"]
        assert check.blocking == 1
        with pytest.raises(Conflict, match="not_covered"):
            plans.certify(work, plan)
        with pytest.raises(Conflict, match="must_be_mended"):
            plans.allow_finding(work, finding["id"])


def test_a_grid_of_two_pieces_is_noted_with_their_number(work: Session, lay_plan: Lay) -> None:
    plan = lay_plan(lay("AABBCC\nAABBCC"))
    grid = find_grid_by_code(work, plan, "A")
    before = to_shape(grid.geom)
    taken = find_grid_by_code(work, plan, "C")
    parts = to_areas(np.array([shapely.union(before, to_shape(taken.geom))], dtype=object))
    check_plan(work, plan)
    grid.geom = from_shape(parts[0], srid=4326)
    work.delete(taken)
    touch_ground(work, plan)
    check = recheck_plan(work, plan, before=[before, to_shape(taken.geom)], after=[parts[0]])
    row = plans.list_findings(work, plan, plans.Wanted(None, ("multipart",)))[0]
    assert (row["codes"], row["detail"]["parts"], row["severity"]) == (["A"], 2, "harmless")
    assert "2 块" in row["zh"]
    assert check.notice_counts == {"multipart": 1, "no_primary": 2}
    assert noticed(work, plan, "no_primary") == ["A", "B"], "what was said of the lost grid is gone"


@pytest.mark.parametrize(
    ("verdict", "severity", "blocking"),
    [
        ("allowed", None, 0),
        ("notice", "harmless", 0),
        ("confirm", "confirm", 1),
        ("forbidden", "must_fix", 1),
    ],
)
def test_a_rule_of_branch_types_is_as_grave_as_its_verdict(
    work: Session, lay_plan: Lay, people: dict[str, Staff], verdict: str, severity: str | None, blocking: int
) -> None:
    plan = lay_plan(lay("AABB"), kinds={"A": "park"})
    for grid in work.query(Grid).filter_by(plan_id=plan.id):
        grid.branch_id = people["M1"].branch_id
    branch_rules.state_rules(work, {"urban": {"park": verdict, "village": "allowed"}})
    check = check_plan(work, plan)
    found = plans.list_findings(work, plan, plans.Wanted(None, ("branch_type",)))
    assert [row["severity"] for row in found] == ([] if severity is None else [severity])
    assert check.blocking == blocking
    if severity is not None:
        assert "城中支行" in found[0]["zh"]
        assert "园区" in found[0]["zh"]


def test_an_allowed_notice_stays_allowed_while_it_holds_and_opens_when_it_grows_graver(
    work: Session, lay_plan: Lay, people: dict[str, Staff]
) -> None:
    plan = lay_plan(lay("AABB"), kinds={"A": "park"})
    for grid in work.query(Grid).filter_by(plan_id=plan.id):
        grid.branch_id = people["M1"].branch_id
    branch_rules.state_rules(work, {"urban": {"park": "confirm", "village": "allowed"}})
    check_plan(work, plan)
    asked = plans.Wanted(None, ("branch_type",))
    number = plans.list_findings(work, plan, asked)[0]["id"]
    plans.allow_finding(work, number, reason="开发区")
    assert check_plan(work, plan).blocking == 0
    row = plans.list_findings(work, plan, asked)[0]
    assert (row["id"], row["state"], row["detail"]["allowed"]["reason"]) == (number, "allowed", "开发区")
    branch_rules.state_rules(work, {"urban": {"park": "forbidden"}})
    assert check_plan(work, plan).blocking == 1
    assert plans.list_findings(work, plan, asked)[0]["state"] == "open"


def test_rules_are_refused_by_what_is_wrong_with_them(work: Session) -> None:
    assert branch_rules.read_rules(["rural.street=confirm", "rural.park=notice"]) == {
        "rural": {"street": "confirm", "park": "notice"}
    }
    for wrong in ("rural", "rural=notice", "=", ""):
        with pytest.raises(BadInput, match="bad_rule"):
            branch_rules.read_rules([wrong])
    with pytest.raises(BadInput, match="bad_rule"):
        branch_rules.state_rules(work, {"rural": {"village": "never"}})
    table = branch_rules.list_rules(work)
    assert table["rural"]["village"] == "allowed"
    assert table["urban"]["village"] == "notice", "as the bank starts"


def test_a_precedence_names_kinds_once_and_the_rest_follow_in_the_usual_order(
    work: Session, lay_plan: Lay
) -> None:
    assert plans.complete_precedence([])[:3] == ["market", "district", "park"]
    assert plans.complete_precedence(["village"])[:2] == ["village", "market"]
    for wrong in (["market", "market"], ["castle"]):
        with pytest.raises(BadInput, match="bad_precedence"):
            plans.complete_precedence(wrong)
    plan = lay_plan(lay("AABB"), rule="overlay")
    check_plan(work, plan)
    plans.certify(work, plan)
    version = plan.ground_version
    plans.state_precedence(work, plan, ["park"])
    assert (plan.precedence[0], plan.certificate, plan.ground_version) == ("park", None, version + 1)
    plans.state_precedence(work, plan, ["park"])
    assert plan.ground_version == version + 1, "nothing has changed"
