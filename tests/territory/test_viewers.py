"""Plans under the eyes of those who may act and of those who may only look at their own ground."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.db import Viewer
from app.models import AppUser, Plan, Staff
from app.territory import plans
from app.territory.directory import list_directory
from app.territory.plans import PlanDraft
from app.territory.plans.duties import find_grid_by_code
from app.territory.responsibility import find_grid
from tests.ground import lay
from tests.territory.conftest import Settle

BEGIN = date(2026, 1, 1)
GROUND = lay("AABB\nAACC")


def look_as(work: Session, viewer: Viewer) -> None:
    """Go on in the same transaction with another viewer's eyes and rights."""
    work.flush()
    work.info["viewer"] = viewer
    work.execute(text(f"SET LOCAL ROLE {viewer.db_role}"))
    work.execute(text("SELECT set_config('getu.user_id', :id, true)"), {"id": str(viewer.user_id)})
    work.expire_all()


def add_user(work: Session, login: str, role: str, *, staff: Staff | None = None) -> int:
    """A user of a role."""
    user = AppUser(login=login, name=login, role=role, staff_id=staff.id if staff else None)
    work.add(user)
    work.flush()
    return user.id


@pytest.fixture
def in_force(work: Session, settle: Settle, people: dict[str, Staff]) -> Plan:
    """Three grids of M1, M2 and M3 in force, made by head office through its own rights."""
    settle(GROUND)
    maker, other = add_user(work, "maker", "head"), add_user(work, "other", "head")
    look_as(work, Viewer("getu_head", maker))
    plan = plans.new_plan(work, PlanDraft("V1", "规划"), user_id=maker)
    for code, manager in {"A": "M1", "B": "M2", "C": "M3"}.items():
        plans.give_duty(work, find_grid_by_code(work, plan, code), manager, valid_from=BEGIN)
    plans.colour_grids(work, plan)
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    look_as(work, Viewer("getu_head", other))
    return plans.publish(work, plan, valid_from=BEGIN, user_id=other)


def test_head_office_drafts_certifies_and_publishes_with_two_people(in_force: Plan) -> None:
    assert (in_force.status, in_force.created_by == in_force.approved_by) == ("in_force", False)


def test_a_manager_sees_his_grid_and_cannot_tell_the_others_from_gaps(
    work: Session, in_force: Plan, people: dict[str, Staff]
) -> None:
    look_as(work, Viewer("getu_work"))
    user = add_user(work, "m1", "manager", staff=people["M1"])
    look_as(work, Viewer("getu_scoped", user))
    assert [row.code for row in list_directory(work)] == ["A"]
    assert find_grid(work, *GROUND.point(0, 0)).place == "inside"
    assert find_grid(work, *GROUND.point(0, 3)).place == "not_visible"
    assert find_grid(work, 123.5, 31.5).place == "outside"


def test_a_manager_cannot_make_a_plan(work: Session, in_force: Plan, people: dict[str, Staff]) -> None:
    look_as(work, Viewer("getu_work"))
    user = add_user(work, "m1", "manager", staff=people["M1"])
    look_as(work, Viewer("getu_scoped", user))
    with pytest.raises(ProgrammingError, match="permission denied"):
        plans.new_plan(work, PlanDraft("V9", "规划"), user_id=user)
