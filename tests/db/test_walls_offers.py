"""What an offer opens and what it does not: each viewer's sight with grids offered to him and to others."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from app.errors import NotAllowed
from tests.conftest import DemoBank
from tests.truth import GRIDS, become, ids, truth

PEOPLE = ("customer", "placement", "assignment", "visit", "household", "household_member", "placement_case")
ROLES = ("head", "branch_head", "manager", "analyst")
OFFERS = """INSERT INTO allotment
        (plan_id, grid_id, batch, step, branch_id, staff_id, valid_from, state, answer_reason)
    SELECT g.plan_id, g.id, 1, :step, b.id, s.id, current_date, :state, :reason
    FROM grid g, branch b LEFT JOIN staff s ON CAST(:staff AS bigint) = s.id
    WHERE g.id = ANY (:grids) AND b.id = :branch"""


@pytest.fixture
def admin(demo_bank: DemoBank) -> Iterator[Connection]:
    """The superuser, whose transaction ends in nothing."""
    with truth(demo_bank.database) as connection:
        yield connection


def offer(admin: Connection, step: str, grids: list[int], *, login: str, state: str = "offered") -> None:
    """An offer to a login's branch, or to the login himself."""
    branch, staff = admin.execute(
        text("""SELECT coalesce(u.branch_id, s.branch_id), u.staff_id FROM app_user u
            LEFT JOIN staff s ON s.id = u.staff_id WHERE u.login = :login"""),
        {"login": login},
    ).one()
    told = {"step": step, "grids": grids, "branch": branch, "state": state, "reason": "x"}
    admin.execute(text(OFFERS), {**told, "staff": staff if step == "manager" else None})


def foreign(admin: Connection, most: int) -> list[int]:
    """Grids with customers that are neither the branch head's nor the manager's."""
    query = f"""SELECT DISTINCT grid_id FROM assignment WHERE grid_id IS NOT NULL
        AND grid_id NOT IN ({GRIDS["branch_head"]}) AND grid_id NOT IN ({GRIDS["manager"]})
        ORDER BY 1 LIMIT {most}"""
    return sorted(ids(admin, query))


def look(admin: Connection, bank: DemoBank, role: str, table: str, key: str) -> set[int]:
    """What a role sees of a table at this moment of the superuser's transaction."""
    admin.execute(text("RESET ROLE"))
    become(admin, bank.viewer(role))
    seen = ids(admin, f"SELECT {key} FROM {table}")
    admin.execute(text("RESET ROLE"))
    return seen


@pytest.mark.parametrize(
    ("role", "login", "step"), [("branch_head", "branch", "branch"), ("manager", "manager", "manager")]
)
def test_an_offer_opens_its_ground_to_whom_it_is_made_and_to_nobody_else(
    demo_bank: DemoBank, admin: Connection, role: str, login: str, step: str
) -> None:
    mine = foreign(admin, 3)
    before = {r: look(admin, demo_bank, r, "grid", "id") for r in ROLES}
    counts = {t: look(admin, demo_bank, role, t, "count(*)") for t in PEOPLE}
    offer(admin, step, mine[:2], login=login)
    offer(admin, step, mine[2:], login=login, state="returned")
    after = {r: look(admin, demo_bank, r, "grid", "id") for r in ROLES}
    # A branch head sees what is offered to his own people too, and the demo's manager works in his branch.
    told = {role, "branch_head"}
    assert {r: after[r] - before[r] for r in ROLES} == {
        r: set(mine[:2]) if r in told else set() for r in ROLES
    }
    assert {t: look(admin, demo_bank, role, t, "count(*)") for t in PEOPLE} == counts
    held = look(admin, demo_bank, role, "duty", "grid_id")
    assert set(mine[:2]) <= held
    assert set(mine[2:]).isdisjoint(held)
    assert look(admin, demo_bank, role, "allotment", "grid_id") == set(mine[:2])
    assert look(admin, demo_bank, "head", "allotment", "grid_id") == set(mine)
    assert look(admin, demo_bank, "analyst", "allotment", "grid_id") == set(mine)


@pytest.mark.parametrize("role", ROLES)
def test_changes_of_people_are_for_head_office_and_the_head_of_their_branch(
    demo_bank: DemoBank, admin: Connection, role: str
) -> None:
    made = """INSERT INTO staffing_change (kind, staff_id, branch_id, valid)
        SELECT 'leave', min(s.id), s.branch_id, '[2027-01-01,)' FROM staff s GROUP BY s.branch_id
        RETURNING branch_id"""
    branches = ids(admin, made)
    his = admin.scalar(text("SELECT branch_id FROM app_user WHERE login = 'branch'"))
    wanted = {"head": branches, "branch_head": {his}, "manager": set(), "analyst": None}[role]
    if wanted is None:
        become(admin, demo_bank.viewer(role))
        with pytest.raises(Exception, match="permission denied"):
            ids(admin, "SELECT branch_id FROM staffing_change")
        return
    seen = look(admin, demo_bank, role, "staffing_change", "branch_id")
    assert seen == wanted
    assert len(branches) > 1


@pytest.mark.parametrize("role", ["head", "branch_head", "manager", "analyst"])
@pytest.mark.parametrize("table", ["allotment", "staffing_change"])
def test_no_viewer_writes_offers_in_his_own_hand(demo_bank: DemoBank, role: str, table: str) -> None:
    with (
        pytest.raises(NotAllowed),
        demo_bank.database.transaction(demo_bank.viewer(role)) as session,
    ):
        session.execute(text(f"UPDATE {table} SET reason = 'x'"))


def test_three_thousand_grids_and_offers_are_looked_through_at_once(
    demo_bank: DemoBank, admin: Connection
) -> None:
    """The array of what a branch head sees is made once a statement, and fast."""
    admin.execute(
        text("""INSERT INTO grid (plan_id, code, name, kind, branch_id, geom, anchor, area_m2)
            SELECT g.plan_id, 'w' || n, 'w', 'village', u.branch_id, g.geom, g.anchor, 1
            FROM generate_series(1, 3000) n, app_user u, (SELECT * FROM grid LIMIT 1) g
            WHERE u.login = 'branch'""")
    )
    many = sorted(ids(admin, "SELECT id FROM grid WHERE name = 'w'"))
    offer(admin, "branch", many, login="branch")
    admin.execute(text("ANALYZE grid; ANALYZE allotment"))
    become(admin, demo_bank.viewer("branch_head"))
    times = []
    for _ in range(5):
        began = time.perf_counter()
        assert admin.scalar(text("SELECT count(*) FROM grid")) >= 3000
        times.append(time.perf_counter() - began)
    plan = "\n".join(
        admin.execute(text("EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT count(*) FROM grid")).scalars()
    )
    assert "InitPlan" in plan
    assert min(times) < 0.1, times
