"""What no viewer may write or take, and what his walls cost."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from app.db import as_worker
from app.db.connection import WORKER
from app.errors import BadInput, Conflict, GetuError, NotAllowed
from app.models import SourceSystem
from tests.conftest import DemoBank
from tests.truth import GRIDS, become, truth

WRITES = {
    "plan": "UPDATE plan SET name = 'mine'",
    "grid": "UPDATE grid SET name = 'mine'",
    "new grid": "INSERT INTO grid DEFAULT VALUES",
    "duty": "UPDATE duty SET staff_id = staff_id",
    "no duty": "DELETE FROM duty",
    "customer": "UPDATE customer SET tier = 'regular'",
    "no customer": "DELETE FROM customer",
    "assignment": "UPDATE assignment_row SET grid_key = NULL",
    "finding": "DELETE FROM finding",
    "staff": "UPDATE staff SET branch_id = branch_id",
    "user": "UPDATE app_user SET role = 'head'",
    "no audit": "DELETE FROM audit",
    "audit": "UPDATE audit SET user_id = 1",
    "seal": "DELETE FROM audit_seal",
    "key": "SELECT key_hash FROM api_key",
    "password": "SELECT password_hash FROM app_user",
    "placement": "UPDATE placement SET rung = 1",
    "case": "UPDATE placement_case SET state = 'decided'",
    "step": "DELETE FROM placement_step",
    "alias": "UPDATE place_alias SET state = 'approved'",
    "corrections of others": "SELECT prefix FROM place_correction",
    "addresses sent away": "SELECT key FROM geocode_cache",
    "household": "DELETE FROM household",
    "session": "SELECT token_hash FROM user_session",
}


@pytest.mark.parametrize("role", ["branch_head", "manager", "analyst"])
@pytest.mark.parametrize("what", WRITES)
def test_scoped_viewers_and_analysts_cannot_write_or_take(demo_bank: DemoBank, role: str, what: str) -> None:
    with pytest.raises(NotAllowed), demo_bank.database.transaction(demo_bank.viewer(role)) as session:
        session.execute(text(WRITES[what]))


def test_head_office_cannot_rewrite_customers_visits_or_the_audit(demo_bank: DemoBank) -> None:
    for what in ("customer", "no customer", "assignment", "no audit", "audit", "seal", "session"):
        with pytest.raises(NotAllowed), demo_bank.database.transaction(demo_bank.viewer("head")) as session:
            session.execute(text(WRITES[what]))


def test_the_house_writes_for_a_viewer_and_then_takes_its_hand_back(demo_bank: DemoBank) -> None:
    mine = "SELECT count(*) FROM customer"
    with suppress(BadInput), demo_bank.database.transaction(demo_bank.viewer("manager")) as session:
        seen = session.scalar(text(mine))
        with as_worker(session):
            everybody = session.scalar(text(mine))
        assert session.scalar(text(mine)) == seen < everybody
        with suppress(Conflict), as_worker(session):
            raise Conflict("changed", zh="已变", en="changed")
        assert session.scalar(text("SELECT current_user")) == "getu_scoped"
        raise BadInput("stop", zh="", en="")


@pytest.mark.parametrize(("name", "refusal"), [("a\0", BadInput), ("twice", Conflict)])
def test_a_write_of_the_house_that_the_database_refuses_is_told_as_any_other(
    demo_bank: DemoBank, name: str, refusal: type[GetuError]
) -> None:
    row = SourceSystem(code="core" if refusal is Conflict else "refused", name=name, trust_rank=9)
    head = demo_bank.database.transaction(demo_bank.viewer("head"))
    with pytest.raises(refusal), head as session, as_worker(session):
        session.add(row)


def test_nobody_signs_the_audit_with_another_name(demo_bank: DemoBank) -> None:
    other = demo_bank.viewer("head").user_id
    for role in ("manager", "analyst"):
        with pytest.raises(NotAllowed), demo_bank.database.transaction(demo_bank.viewer(role)) as session:
            session.execute(text("INSERT INTO audit (user_id, action) VALUES (:id, 'x')"), {"id": other})


@pytest.mark.parametrize("act", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_not_even_a_superuser_changes_the_audit_by_the_way(demo_bank: DemoBank, act: str) -> None:
    with truth(demo_bank.database) as admin, pytest.raises(ProgrammingError, match="append-only"):
        admin.execute(text(act))


def test_a_manager_cannot_report_a_visit_into_anothers_grid(demo_bank: DemoBank) -> None:
    add = text("""INSERT INTO visit (client_key, customer_id, grid_id, visited_at, outcome)
        VALUES ('foreign', :customer, :grid, now(), 'met')""")
    with truth(demo_bank.database) as admin:
        row = admin.execute(
            text(
                f"""SELECT customer_id, grid_id FROM assignment
                WHERE grid_id NOT IN ({GRIDS["manager"]}) LIMIT 1"""
            )
        ).one()
    with pytest.raises(NotAllowed), demo_bank.database.transaction(demo_bank.viewer("manager")) as session:
        session.execute(add, {"customer": row[0], "grid": row[1]})


@pytest.fixture
def hidden_key(demo_bank: DemoBank) -> Iterator[str]:
    """The key of a visit in a grid that is not the manager's."""
    foreign = f"SELECT customer_id FROM assignment WHERE grid_id NOT IN ({GRIDS['manager']}) LIMIT 1"
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(
            text(f"""INSERT INTO visit (client_key, customer_id, grid_id, visited_at, outcome)
                SELECT 'hidden-key', customer_id, grid_id, now(), 'met' FROM assignment
                WHERE customer_id = ({foreign})""")
        )
    yield "hidden-key"
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM visit WHERE client_key = 'hidden-key'"))


def test_a_clash_with_a_hidden_row_is_told_neutrally(demo_bank: DemoBank, hidden_key: str) -> None:
    """A unique key would tell that a hidden row exists, and what it holds."""
    add = text("""INSERT INTO visit (client_key, customer_id, grid_id, visited_at, outcome)
        SELECT :key, customer_id, grid_id, now(), 'met' FROM assignment LIMIT 1""")
    manager = demo_bank.viewer("manager")
    with pytest.raises(Conflict) as told, demo_bank.database.transaction(manager) as session:
        session.execute(add, {"key": hidden_key})
    assert told.value.code == "already_there"
    assert hidden_key not in f"{told.value.zh}{told.value.en}{told.value.facts}"


BOX = "geom && ST_MakeEnvelope(121.20, 31.90, 121.21, 31.91, 4326)"
SEED = f"""
INSERT INTO assignment_row (run_id, customer_id, grid_key, rung, method, standing, tier, geom)
SELECT r.id, 10000000 + n, g.ids[1 + n % cardinality(g.ids)], 2, 'inside', 'existing', 'regular',
    ST_SetSRID(ST_MakePoint(121.0 + (n * 7919 % 100000) / 150000.0,
        31.7 + (n * 104729 % 100000) / 200000.0), 4326)
FROM generate_series(CAST(1 AS bigint), 100000) n, (SELECT id FROM assignment_run WHERE current) r,
    (SELECT array_agg(key_id) AS ids FROM grid WHERE id IN ({GRIDS["head"]})) g"""


@pytest.fixture
def crowd(demo_bank: DemoBank) -> Iterator[Connection]:
    """A hundred thousand more customers, gone after the test."""
    with truth(demo_bank.database) as admin:
        admin.execute(text(SEED))
        partition = admin.scalar(
            text("""SELECT inhrelid::regclass::text FROM pg_inherits
                WHERE inhparent = 'assignment_row'::regclass""")
        )
        admin.execute(text(f"ANALYZE {partition}"))
        yield admin


def explain(connection: Connection, query: str) -> str:
    return "\n".join(connection.execute(text(f"EXPLAIN {query}")).scalars())


@pytest.mark.parametrize("role", ["branch_head", "manager", "head"])
def test_a_box_of_customers_is_found_by_an_index(demo_bank: DemoBank, crowd: Connection, role: str) -> None:
    become(crowd, demo_bank.viewer(role))
    plan = explain(crowd, f"SELECT count(*) FROM assignment WHERE {BOX}")
    assert "Index" in plan
    assert "Seq Scan on assignment_row" not in plan


def test_without_the_leakproof_mark_the_spatial_index_is_lost(demo_bank: DemoBank, crowd: Connection) -> None:
    """What readiness watches for: the policy must be asked first, row by row, before && may be."""
    viewer = demo_bank.viewer("branch_head")
    become(crowd, viewer)
    marked = explain(crowd, f"SELECT count(*) FROM assignment WHERE {BOX}")
    crowd.execute(text("RESET ROLE"))
    crowd.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF"))
    become(crowd, viewer)
    unmarked = explain(crowd, f"SELECT count(*) FROM assignment WHERE {BOX}")
    assert "geom_idx" in marked
    assert "geom_idx" not in unmarked
