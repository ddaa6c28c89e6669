"""Rules that the database itself keeps, whatever a program tries."""

from datetime import date

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, Point, box
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models import AppUser, Branch, Duty, Grid, Plan, Staff

GROUND = from_shape(MultiPolygon([box(121.2, 31.9, 121.3, 32.0)]), srid=4326)
YEAR = Range(date(2026, 1, 1), date(2027, 1, 1))


@pytest.fixture
def grid(work: Session) -> Grid:
    """A grid of a draft."""
    plan = Plan(code="V1", name="规划", frame=GROUND)
    work.add(plan)
    work.flush()
    anchor = from_shape(Point(121.25, 31.95), srid=4326)
    grid = Grid(
        plan_id=plan.id, code="G1", name="格", kind="village", geom=GROUND, anchor=anchor, area_m2=1.0
    )
    work.add(grid)
    work.flush()
    return grid


@pytest.fixture
def staff(work: Session) -> list[Staff]:
    """Two managers of a branch."""
    branch = Branch(code="101", name="支行")
    work.add(branch)
    work.flush()
    people = [Staff(code=code, name=code, kind="manager", branch_id=branch.id) for code in ("M1", "M2")]
    work.add_all(people)
    work.flush()
    return people


def duty(grid: Grid, person: Staff, *, role: str = "primary", valid: Range[date] = YEAR) -> Duty:
    """A duty for the year unless said otherwise."""
    return Duty(grid_id=grid.id, staff_id=person.id, role=role, valid=valid)


def test_a_grid_has_one_primary_on_any_date(work: Session, grid: Grid, staff: list[Staff]) -> None:
    work.add(duty(grid, staff[0]))
    work.flush()
    work.add(duty(grid, staff[1], valid=Range(date(2026, 12, 31), None)))
    with pytest.raises(IntegrityError, match="ex_duty_one_primary"):
        work.flush()


def test_one_primary_after_the_other_and_a_backup_beside_him_are_welcome(
    work: Session, grid: Grid, staff: list[Staff]
) -> None:
    work.add(duty(grid, staff[0]))
    work.add(duty(grid, staff[1], valid=Range(date(2027, 1, 1), None)))
    work.add(duty(grid, staff[1], role="backup"))
    work.flush()
    assert work.query(Duty).count() == 3


def test_a_plan_without_certificate_cannot_be_in_force(work: Session, grid: Grid) -> None:
    plan = work.get_one(Plan, grid.plan_id)
    plan.status, plan.valid = "in_force", YEAR
    with pytest.raises(IntegrityError, match="in_force_has_certificate"):
        work.flush()


def test_two_plans_cannot_be_in_force_on_one_date(work: Session) -> None:
    for number, valid in enumerate((YEAR, Range(date(2026, 12, 31), None))):
        plan = Plan(code=f"V{number}", name="规划", frame=GROUND, certificate={"number": number})
        plan.certificate_no, plan.status, plan.valid = str(number), "in_force", valid
        work.add(plan)
    with pytest.raises(IntegrityError, match="ex_plan_one_in_force"):
        work.flush()


def test_nobody_approves_his_own_plan(work: Session) -> None:
    user = AppUser(login="head", name="总行", role="head")
    work.add(user)
    work.flush()
    work.add(Plan(code="V1", name="规划", frame=GROUND, created_by=user.id, approved_by=user.id))
    with pytest.raises(IntegrityError, match="two_people"):
        work.flush()


def test_a_grid_code_comes_once_in_a_plan(work: Session, grid: Grid) -> None:
    twin = Grid(plan_id=grid.plan_id, code="G1", name="格", kind="village", geom=GROUND, area_m2=1.0)
    twin.anchor = grid.anchor
    work.add(twin)
    with pytest.raises(IntegrityError, match="uq_grid_plan_id_code"):
        work.flush()
