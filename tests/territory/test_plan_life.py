"""A plan's life: certificate, two people, in force by its dates, withdrawn; a statement nobody can bend."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import Conflict
from app.models import AppUser, Duty, Grid, Plan, PlanStep, Staff
from app.territory import plans
from app.territory.plans import PlanDraft
from app.territory.plans.listing import touch_ground
from app.territory.plans.statement import seal_statement
from tests.ground import lay
from tests.territory.conftest import Lay, Settle, shapes_of

TODAY = today()
SOON = TODAY + timedelta(30)


@pytest.fixture
def users(work: Session) -> dict[str, int]:
    """Three people of head office, by name."""
    people = [AppUser(login=name, name=name, role="head") for name in ("maker", "checker", "chief")]
    work.add_all(people)
    work.flush()
    return {user.name: user.id for user in people}


@pytest.fixture
def ground(settle: Settle) -> Iterator[None]:
    """Units A, B and C with their frame."""
    settle(lay("AABB\nAACC"))
    return


def certified(work: Session, code: str = "V1", **by: int) -> Plan:
    """A plan of the units, checked and certified."""
    plan = plans.new_plan(work, PlanDraft(code, f"规划{code}"), user_id=by.get("made"))
    plans.check_plan(work, plan)
    plans.certify(work, plan, user_id=by.get("certified"), bank="江海农商银行")
    return plan


@pytest.mark.usefixtures("ground")
def test_whoever_made_certified_or_changed_a_plan_last_cannot_approve_it(
    work: Session, users: dict[str, int]
) -> None:
    plan = certified(work, made=users["maker"], certified=users["checker"])
    for name, act in (("maker", "made"), ("checker", "certified")):
        with pytest.raises(Conflict, match="two_people") as refused:
            plans.approve(work, plan, user_id=users[name])
        assert refused.value.facts["act"] == act
    step = PlanStep(
        plan_id=plan.id, number=1, act="rename", title_zh="改名", title_en="renamed", user_id=users["chief"]
    )
    step.grid_ids, step.before, step.after, step.ground_version = [], {}, {}, plan.ground_version
    work.add(step)
    work.flush()
    with pytest.raises(Conflict, match="two_people"):
        plans.approve(work, plan, user_id=users["chief"])
    assert plan.status == "checked"


@pytest.mark.usefixtures("ground")
def test_the_certificate_states_what_the_ground_is_and_who_said_so(
    work: Session, users: dict[str, int]
) -> None:
    stated = plans.certify(work, checked(work), user_id=users["maker"], bank="江海农商银行")
    assert stated["frame_km2"] == pytest.approx(stated["grids_km2"])
    assert (stated["overlaps"], stated["gaps"], stated["faults"], stated["difference_m2"]) == (0, 0, 0, 0.0)
    assert stated["grids"] == {"total": 3, "village": 3}
    assert [one["code"] for one in stated["vacant"]] == ["A", "B", "C"]
    assert (stated["bank"], stated["issued_by"], stated["issued_on"]) == (
        "江海农商银行",
        "maker",
        TODAY.isoformat(),
    )
    assert stated["seal"] == seal_statement(stated)
    assert stated["number"].startswith("V1-1-")


def checked(work: Session) -> Plan:
    plan = plans.new_plan(work, PlanDraft("V1", "规划"))
    plans.check_plan(work, plan)
    return plan


@pytest.mark.usefixtures("ground")
@pytest.mark.parametrize(
    ("field", "value"),
    [("frame_km2", 1.0), ("overlaps", 1), ("bank", "别的银行"), ("issued_by", "somebody"), ("nested", [{}])],
)
def test_a_statement_with_one_altered_value_is_found_out_with_the_field(
    work: Session, field: str, value: Any
) -> None:
    plan = certified(work)
    bent = {**(plan.certificate or {}), field: value}
    for stated in (bent, {**bent, "seal": seal_statement(bent)}):
        found = plans.verify_statement(work, plan, stated)
        assert not found["valid"]
        assert field in [one["field"] for one in found["differences"]]
    assert plans.verify(work, plan)["valid"]


@pytest.mark.usefixtures("ground")
def test_a_statement_of_another_plan_is_not_this_one_s(work: Session) -> None:
    first, second = certified(work, "V1"), certified(work, "V2")
    found = plans.verify_statement(work, second, first.certificate or {})
    assert not found["valid"]
    assert found["differences"][0] == {"field": "plan", "stated": "V1", "found": "V2"}


@pytest.mark.usefixtures("ground")
def test_ground_that_moved_behind_the_back_is_found_out_at_the_moment_of_force(work: Session) -> None:
    plan = certified(work)
    plans.approve(work, plan, user_id=None)
    grid = work.query(Grid).filter_by(plan_id=plan.id, code="A").one()
    grid.geom = from_shape(MultiPolygon([shapes_of(work, plan)["A"].buffer(-0.0001)]), srid=4326)
    work.flush()
    with pytest.raises(Conflict, match="certificate_broken") as refused:
        plans.publish(work, plan, valid_from=TODAY, user_id=None)
    assert {"hash", "gaps"} <= {one["field"] for one in refused.value.facts["differences"]}
    assert plan.status == "approved"


@pytest.mark.usefixtures("ground")
def test_a_changed_ground_has_no_certificate_until_it_is_checked_again(work: Session) -> None:
    plan = certified(work)
    old = dict(plan.certificate or {})
    touch_ground(work, plan)
    with pytest.raises(Conflict, match="no_certificate"):
        plans.approve(work, plan, user_id=None)
    plan.certificate = old
    with pytest.raises(Conflict, match="certificate_stale"):
        plans.approve(work, plan, user_id=None)
    with pytest.raises(Conflict, match="not_checked"):
        plans.certify(work, plan)


@pytest.mark.usefixtures("ground")
def test_a_plan_begins_and_the_one_before_it_ends_by_their_dates_alone(work: Session) -> None:
    first = plans.publish(work, certified(work, "V1"), valid_from=TODAY - timedelta(9), user_id=None)
    second = plans.publish(work, certified(work, "V2"), valid_from=SOON, user_id=None)
    states = [(plans.tell_state(plan, day)) for day in (TODAY, SOON) for plan in (first, second)]
    assert states == ["in_force", "scheduled", "retired", "in_force"]
    assert [plans.find_plan_on(work, day) for day in (TODAY, SOON)] == [first, second]
    shown = {plan["code"]: plan["state"] for plan in plans.list_plans(work)}
    assert shown == {"V1": "in_force", "V2": "scheduled"}


@pytest.mark.usefixtures("ground")
def test_an_approval_is_taken_back_and_the_plan_may_change_again(work: Session) -> None:
    plan = certified(work)
    with pytest.raises(Conflict, match="not_approved"):
        plans.withdraw(work, plan)
    plans.approve(work, plan, user_id=None)
    assert plans.withdraw(work, plan).status == "checked"
    plans.rename_plan(work, plan, "改名")
    assert plan.certificate is None, "a certificate that names the old name is none"


@pytest.mark.usefixtures("ground")
def test_a_plan_withdrawn_before_its_day_leaves_everything_as_it_was(
    work: Session, people: dict[str, Staff]
) -> None:
    first = certified(work, "V1")
    grids = work.query(Grid).filter_by(plan_id=first.id).order_by(Grid.code).all()
    plans.give_duty(work, grids[0], "M1", valid_from=TODAY - timedelta(9))
    plans.give_duty(work, grids[1], "M2", valid_from=SOON + timedelta(5))
    plans.publish(work, first, valid_from=TODAY - timedelta(9), user_id=None)
    before = standing(work)
    second = plans.publish(work, certified(work, "V2"), valid_from=SOON, user_id=None)
    assert standing(work) != before
    with pytest.raises(Conflict, match="already_begun"):
        plans.withdraw(work, first)
    assert plans.withdraw(work, second).status == "checked"
    assert (first.valid.upper if first.valid else SOON, second.valid) == (None, None)
    assert standing(work) == before
    assert plans.tell_state(first, SOON) == "in_force"
    plans.publish(work, second, valid_from=SOON, user_id=None)
    third = plans.publish(work, certified(work, "V3"), valid_from=SOON + timedelta(1), user_id=None)
    with pytest.raises(Conflict, match="followed"):
        plans.withdraw(work, second)
    assert plans.withdraw(work, third).status == "checked"


def standing(work: Session) -> list[tuple[Any, ...]]:
    """Who holds what from when to when, as known now."""
    work.flush()
    rows = work.execute(
        text("SELECT grid_id, staff_id, role, valid FROM duty WHERE upper_inf(recorded) ORDER BY id")
    )
    assert work.query(Duty).count()
    return sorted(((row[0], row[1], row[2], str(row[3])) for row in rows), key=str)


@pytest.mark.usefixtures("people")
def test_an_overlaid_market_is_told_apart_from_the_frame(work: Session, lay_plan: Lay) -> None:
    ground = lay("AAAA\nAAAA\nAAAA", "....\n.M..\n....")
    plan = lay_plan(ground, kinds={"M": "market"}, rule="overlay")
    plans.check_plan(work, plan)
    stated = plans.certify(work, plan)
    assert stated["overlaid_m2"] == pytest.approx(stated["nested"][0]["area_m2"], abs=0.2)
    assert abs(stated["difference_m2"]) < 1
    assert stated["grids_km2"] > stated["frame_km2"]
