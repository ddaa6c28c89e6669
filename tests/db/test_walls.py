"""Row-level security on the real roles: each viewer sees exactly his rows, and each known trap is shown."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import text

from app.db.connection import GATE, WORKER
from app.errors import NotAllowed
from tests.conftest import DemoBank
from tests.truth import GRIDS, become, ids, truth

ROLES = ("head", "branch_head", "manager", "analyst")
REFUSED = None
# What a viewer sees of a table, said in plain SQL over `mine` (his grids) and `me` (his user).
HIS = {
    "grid": ("id", "SELECT id FROM mine"),
    "duty": ("id", "SELECT id FROM duty WHERE grid_id IN (SELECT id FROM mine)"),
    "grid_count": ("grid_id", "SELECT grid_id FROM grid_count JOIN mine ON mine.id = grid_id"),
    "visit": ("id", "SELECT id FROM visit WHERE grid_id IN (SELECT id FROM mine)"),
    "assignment": (
        "customer_id",
        "SELECT customer_id FROM assignment WHERE grid_id IN (SELECT id FROM mine)",
    ),
    "customer": ("id", "SELECT customer_id FROM assignment WHERE grid_id IN (SELECT id FROM mine)"),
    "placement": ("customer_id", "SELECT customer_id FROM assignment WHERE grid_id IN (SELECT id FROM mine)"),
    "placement_case": (
        "customer_id",
        """SELECT k.customer_id FROM placement_case k JOIN assignment a ON a.customer_id = k.customer_id
        WHERE a.grid_id IN (SELECT id FROM mine)""",
    ),
    "finding": ("id", "SELECT f.id FROM finding f, unnest(f.grid_ids) g WHERE g IN (SELECT id FROM mine)"),
    "staff": (
        "id",
        """SELECT s.id FROM staff s JOIN branch b ON b.id = s.branch_id, me
        WHERE coalesce(me.branch_id, (SELECT x.branch_id FROM staff x WHERE x.id = me.staff_id))
            IN (b.id, b.parent_id)""",
    ),
    "job": ("id", "SELECT job.id FROM job, me WHERE created_by = me.id"),
    "import_run": ("id", REFUSED),
    "audit": ("id", REFUSED),
}
# Counts by grid are for who draws the ground; the people counted are not.
ALL_GROUND = ("grid", "duty", "finding", "staff", "grid_count")


def expect(role: str, table: str) -> str | None:
    """The query of what `role` sees of `table`; None where asking is refused."""
    key, his = HIS[table]
    if role == "head":
        return f"SELECT {key} FROM {table}"
    if role != "analyst":
        return his
    if table in ALL_GROUND:
        return f"SELECT {key} FROM {table}"
    if table == "import_run":
        return "SELECT id FROM import_run WHERE kind <> 'customers' AND kind <> 'organisation'"
    return his if table == "job" else REFUSED


SEEDS = (
    """INSERT INTO visit (client_key, customer_id, grid_id, visited_at, outcome)
    SELECT 'walls' || customer_id, customer_id, grid_id, now(), 'met' FROM assignment
    WHERE grid_id IS NOT NULL AND customer_id % 7 = 0""",
    """INSERT INTO placement_case (customer_id, kind, score, prefix, answer)
    SELECT customer_id, 'low_score', 0.5, 'walls', '{}' FROM assignment WHERE customer_id % 7 = 0
    ON CONFLICT DO NOTHING""",
    "INSERT INTO job (kind, args, status, created_by) SELECT 'walls', '{}', 'done', id FROM app_user",
    """INSERT INTO finding (plan_id, kind, severity, grid_ids, names, geom, area_m2, width_m)
    SELECT plan_id, 'overlap', 'must_fix', ARRAY[id], '{walls}', geom, 1, 1 FROM grid""",
)
TIDIES = (
    "DELETE FROM visit WHERE client_key LIKE 'walls%'",
    "DELETE FROM placement_case WHERE prefix = 'walls'",
    "DELETE FROM job WHERE kind = 'walls'",
    "DELETE FROM finding WHERE names = '{walls}'",
)


@pytest.fixture(scope="module")
def lived_in(demo_bank: DemoBank) -> Iterator[DemoBank]:
    """The demo bank with visits, findings and jobs in and out of everybody's ground; tidied afterwards."""
    for statements in (SEEDS, TIDIES):
        with demo_bank.database.transaction(WORKER) as session:
            for statement in statements:
                session.execute(text(statement))
        if statements is SEEDS:
            with demo_bank.database.transaction(GATE) as session:
                session.execute(text("INSERT INTO audit (action) VALUES ('walls')"))
            yield demo_bank


@pytest.mark.parametrize("table", HIS)
@pytest.mark.parametrize("role", ROLES)
def test_each_viewer_sees_exactly_his_rows(lived_in: DemoBank, role: str, table: str) -> None:
    key, query = HIS[table][0], expect(role, table)
    login = lived_in.people[role].login
    seen: set[int] | None = None
    with suppress(NotAllowed), lived_in.database.transaction(lived_in.viewer(role)) as session:
        seen = set(session.scalars(text(f"SELECT {key} FROM {table}")))
    if query is REFUSED:
        assert seen is None
        return
    with truth(lived_in.database) as admin:
        scope = f"WITH mine(id) AS ({GRIDS[role]}), me AS (SELECT * FROM app_user WHERE login = :login) "
        his, everything = ids(admin, scope + query, login=login), ids(admin, f"SELECT {key} FROM {table}")
    assert seen == his
    assert his, "an empty expectation would prove nothing"
    if role in ("manager", "branch_head"):
        assert his < everything


def test_scoped_rows_differ_between_two_managers(lived_in: DemoBank) -> None:
    with truth(lived_in.database) as admin:
        other = admin.scalar(
            text("""SELECT d.staff_id FROM duty d WHERE d.role = 'primary' AND d.staff_id <> (
                SELECT staff_id FROM app_user WHERE login = 'manager') LIMIT 1""")
        )
        admin.execute(text("UPDATE app_user SET staff_id = :s WHERE login = 'manager'"), {"s": other})
        become(admin, lived_in.viewer("manager"))
        theirs = ids(admin, "SELECT id FROM customer")
    with lived_in.database.transaction(lived_in.viewer("manager")) as session:
        mine = set(session.scalars(text("SELECT id FROM customer")))
    assert mine
    assert theirs
    assert not mine & theirs
