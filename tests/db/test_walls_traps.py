"""The known traps of row-level security, each shown to be one and shown to be shut."""

import threading
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from app.db import Database, Viewer, connect
from app.db.readiness import _look
from app.errors import NotAllowed
from tests.conftest import DemoBank
from tests.truth import become, truth

ROLES = ("head", "branch_head", "manager", "analyst")
VIEWERS = ("getu_head", "getu_scoped", "getu_ground", "getu_gate")
WALLED = {
    "customer", "placement", "assignment_row", "assignment_move", "grid_count_row", "visit", "grid", "duty",
    "finding", "staff", "import_run", "job", "audit", "app_user", "user_session", "api_key",
    "placement_case", "placement_step", "place_correction", "place_alias", "geocode_cache", "provider_use",
    "household", "household_member", "household_apart", "household_step",
    "plan_step", "allotment", "staffing_change", "grid_target", "grid_post", "letter_signature", "problem",
    "village_count", "customer_link", "lending_check", "lending_exception", "visit_photo",
    "indicator_month", "customer_change", "map_layer", "map_feature",
}  # fmt: skip


def test_the_login_is_a_member_of_the_viewer_roles_and_inherits_none(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        for role in (*VIEWERS, "getu_work"):
            assert admin.scalar(text("SELECT pg_has_role('getu_login', :r, 'MEMBER')"), {"r": role}), role
            assert not admin.scalar(text("SELECT pg_has_role('getu_login', :r, 'USAGE')"), {"r": role}), role
        assert not admin.scalar(text("SELECT pg_has_role('getu_login', 'getu_owner', 'MEMBER')"))


@pytest.mark.parametrize(("inherits", "sees"), [("INHERIT", "all"), ("NOINHERIT", "nothing")])
def test_a_role_that_inherits_head_office_would_see_everything(
    demo_bank: DemoBank, inherits: str, sees: str
) -> None:
    """The trap itself: a policy TO getu_head holds for every role that inherits from it."""
    with truth(demo_bank.database) as admin:
        total = admin.scalar(text("SELECT count(*) FROM customer"))
        admin.execute(text(f"CREATE ROLE getu_trap NOLOGIN {inherits}"))
        admin.execute(text("GRANT getu_scoped, getu_head TO getu_trap"))
        admin.execute(
            text("SELECT set_config('getu.user_id', :id, true)"),
            {"id": str(demo_bank.viewer("manager").user_id)},
        )
        admin.execute(text("SET LOCAL ROLE getu_trap"))
        seen = None
        with suppress(ProgrammingError):
            seen = admin.scalar(text("SELECT count(*) FROM customer"))
    assert seen == (total if sees == "all" else None)


def test_readiness_names_a_viewer_role_that_inherits(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        assert "roles_inherit" not in _look(admin)
        admin.execute(text("ALTER ROLE getu_scoped INHERIT"))
        admin.execute(text("GRANT getu_head TO getu_scoped"))
        assert "roles_inherit" in _look(admin)


def test_every_walled_table_is_forced_even_on_its_owner(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        forced = set(
            admin.execute(
                text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
            ).scalars()
        )
        assert forced >= WALLED
        admin.execute(text("DROP POLICY owner ON customer"))
        admin.execute(text("SET LOCAL ROLE getu_owner"))
        assert admin.scalar(text("SELECT count(*) FROM customer")) == 0
        admin.execute(text("ALTER TABLE customer NO FORCE ROW LEVEL SECURITY"))
        assert admin.scalar(text("SELECT count(*) FROM customer"))


def test_readiness_names_an_open_wall(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        assert "walls_open" not in _look(admin)
        admin.execute(text("ALTER TABLE placement NO FORCE ROW LEVEL SECURITY"))
        assert "walls_open" in _look(admin)


def test_no_table_of_the_bank_stands_outside_the_walls_by_oversight(demo_bank: DemoBank) -> None:
    """A new table is either walled or named here as open to every viewer on purpose."""
    open_on_purpose = {
        "alembic_version", "spatial_ref_sys", "branch", "unit", "place", "plan", "source_system",
        "assignment_run", "branch_type_rule", "branch_contact", "work_rule", "audit_seal",
        "intake_row", "placement_run", "grid_key", "customer_block",
        "procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers",
        "procrastinate_workers",
    }  # fmt: skip
    with truth(demo_bank.database) as admin:
        tables = set(
            admin.execute(
                text("""SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
                AND relnamespace = 'public'::regnamespace""")
            ).scalars()
        )
        readers = admin.execute(
            text("""SELECT r FROM unnest(CAST(:v AS text[])) r, unnest(ARRAY['intake_row', 'audit_seal']) t
            WHERE has_table_privilege(r, t, 'SELECT') AND NOT (r = 'getu_head' AND t = 'audit_seal')"""),
            {"v": list(VIEWERS)},
        ).all()
    assert tables == WALLED | open_on_purpose
    assert readers == []


@pytest.mark.parametrize(("option", "sees_all"), [("", True), ("WITH (security_invoker = true)", False)])
def test_a_plain_view_would_be_a_hole_and_an_invoker_view_is_none(
    demo_bank: DemoBank, option: str, sees_all: bool
) -> None:
    with truth(demo_bank.database) as admin:
        total = admin.scalar(text("SELECT count(*) FROM customer"))
        admin.execute(text(f"CREATE VIEW trap {option} AS SELECT id FROM customer"))
        admin.execute(text("GRANT SELECT ON trap TO getu_scoped"))
        become(admin, demo_bank.viewer("manager"))
        assert (admin.scalar(text("SELECT count(*) FROM trap")) == total) is sees_all


def test_the_views_of_the_schema_see_as_their_reader_and_definer_functions_are_few(
    demo_bank: DemoBank,
) -> None:
    ours = """= 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"""
    open_to = "has_function_privilege('getu_scoped', o.oid, 'EXECUTE')"
    with truth(demo_bank.database) as admin:
        views = admin.execute(
            text(
                f"SELECT relname, reloptions FROM pg_class o WHERE relkind IN ('v', 'm') "
                f"AND relnamespace {ours}"
            )
        ).all()
        definers = admin.execute(
            text(
                f"SELECT proname, proconfig, {open_to} FROM pg_proc o WHERE prosecdef AND pronamespace {ours}"
            )
        ).all()
    invoker = ["security_invoker=true"]
    assert sorted(map(tuple, views)) == [
        (name, invoker) for name in ("assignment", "grid_count", "standing_grid")
    ]
    assert {name for name, _, open_to_all in definers if open_to_all} == {
        "getu_viewer_grids",
        "getu_sight_grids",
        "getu_viewer_branches",
        "getu_data_version",
        "getu_keys_of",
        # Both answer with customers of the viewer's own grids alone (tests/maps/test_search.py).
        "getu_seek_names",
        "getu_seek_phones",
    }
    assert all("search_path=public, pg_temp" in config for _, config, _ in definers)


def test_partitions_cannot_be_asked_directly_by_anybody(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        children = (
            admin.execute(
                text(
                    """SELECT inhrelid::regclass::text FROM pg_inherits
                    JOIN pg_class c ON c.oid = inhrelid WHERE c.relkind = 'r'"""
                )
            )
            .scalars()
            .all()
        )
        assert any(child.startswith("assignment_r") for child in children)
        for child in children:
            for role in (*VIEWERS, "getu_login"):
                rights = text("SELECT has_table_privilege(:r, :t, 'SELECT, INSERT, UPDATE, DELETE')")
                assert not admin.scalar(rights, {"r": role, "t": child}), (role, child)
    for role in ROLES:
        with pytest.raises(NotAllowed), demo_bank.database.transaction(demo_bank.viewer(role)) as session:
            session.execute(text(f"SELECT * FROM {children[0]}"))


def test_a_thousand_pooled_transactions_leak_no_identity(demo_bank: DemoBank) -> None:
    """Eight threads share four connections, with errors, refusals and commits in between."""
    database = connect(demo_bank.database.url, pool_size=2)
    viewers = [demo_bank.viewer(role) for role in ROLES]
    look = text(
        "SELECT count(*), coalesce(sum(id), 0), current_user, current_setting('getu.user_id') FROM grid"
    )
    truths = {}
    for viewer in viewers:
        with demo_bank.database.transaction(viewer) as session:
            truths[viewer] = tuple(session.execute(look).one())
    assert len(set(truths.values())) == len(viewers)
    leaks: list[object] = []
    asked = [0] * 8

    def ask(thread: int) -> None:
        for turn in range(125):
            viewer = viewers[(thread * 7 + turn * 3) % len(viewers)]
            with suppress(NotAllowed, KeyError, DBAPIError), database.transaction(viewer) as session:
                _disturb(session, turn)
                seen = tuple(session.execute(look).one())
                if seen != truths[viewer]:
                    leaks.append((viewer, seen))
            asked[thread] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.engine.connect() as connection:
        left = connection.execute(text("SELECT current_user, current_setting('getu.user_id', true)")).one()
    database.close()
    assert leaks == []
    assert sum(asked) == 1000
    assert tuple(left) in {("getu_login", ""), ("getu_login", None)}


def _disturb(session: Session, turn: int) -> None:
    """What goes wrong in real life: a refusal, a bug, a broken statement, a commit in the middle."""
    if turn % 5 == 1:
        session.execute(text("SELECT 1"))
        session.commit()
    if turn % 7 == 2:
        session.execute(text("DELETE FROM audit"))
    if turn % 11 == 3:
        raise KeyError("a bug")
    if turn % 13 == 4:
        session.execute(text("SELECT 1 / 0"))


def test_without_a_viewer_nothing_is_asked(demo_bank: DemoBank) -> None:
    with Session(demo_bank.database.engine) as session, pytest.raises(NotAllowed, match="no_viewer"):
        session.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    "table", ["customer", "assignment", "grid", "duty", "visit", "staff", "job", "finding"]
)
def test_a_scoped_viewer_without_identity_sees_no_row(demo_bank: DemoBank, table: str) -> None:
    with demo_bank.database.transaction(Viewer("getu_scoped")) as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_an_inactive_user_sees_no_row(demo_bank: DemoBank) -> None:
    with truth(demo_bank.database) as admin:
        admin.execute(text("UPDATE app_user SET active = false WHERE login = 'manager'"))
        become(admin, demo_bank.viewer("manager"))
        assert admin.scalar(text("SELECT count(*) FROM customer")) == 0


def test_autocommit_fails_closed(demo_bank: DemoBank) -> None:
    """SET LOCAL outside a transaction does nothing: the login itself may read no table."""
    engine = demo_bank.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE getu_head"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("SELECT count(*) FROM customer"))


def test_one_policy_a_role_and_never_an_or(demo_bank: DemoBank) -> None:
    """An OR between roles cost x26 to x47 (measured); two policies of one role for one act are an OR too."""
    with truth(demo_bank.database) as admin:
        rows = admin.execute(
            text(
                """SELECT tablename, policyname, roles::text[], cmd, permissive, coalesce(qual, '')
                FROM pg_policies"""
            )
        ).all()
    assert [row for row in rows if " OR " in row[5] or len(row[2]) != 1 or row[4] != "PERMISSIVE"] == []
    acts = [(table, roles[0], act) for table, _, roles, cmd, _, _ in rows for act in _acts(cmd)]
    assert len(acts) == len(set(acts))


def _acts(cmd: str) -> list[str]:
    return ["SELECT", "INSERT", "UPDATE", "DELETE"] if cmd == "ALL" else [cmd]


def test_policies_name_every_viewer_of_the_database(database: Database) -> None:
    with truth(database) as admin:
        named = {
            role
            for (roles,) in admin.execute(text("SELECT roles::text[] FROM pg_policies"))
            for role in roles
        }
    assert named == {"getu_owner", "getu_work", *VIEWERS}
