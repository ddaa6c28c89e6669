"""The truth behind the walls: plain SQL as the cluster's own superuser, whom no policy binds.

What a viewer may see is said here a second time, in other words than the policies use.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.db import Database, Viewer

TODAY = """upper_inf(d.recorded) AND current_date >= lower(d.valid)
    AND (upper_inf(d.valid) OR current_date < upper(d.valid))"""
# The grids of a login: a manager's own and those he backs up; a branch head's branch and its children.
GRIDS = {
    "head": "SELECT id FROM grid",
    "analyst": "SELECT id FROM grid",
    "manager": f"""
        SELECT d.grid_id FROM duty d, app_user u
        WHERE u.login = 'manager' AND d.staff_id = u.staff_id AND d.role <> 'liaison'
            AND d.role <> 'terminal_administrator' AND {TODAY}""",
    "branch_head": """
        SELECT g.id FROM grid g, branch b, app_user u
        WHERE u.login = 'branch' AND g.branch_id = b.id
            AND (b.id = u.branch_id OR b.parent_id = u.branch_id)""",
}


def admin_url(database: Database) -> str:
    """The address of a test database for the superuser."""
    return make_url(database.url).set(username="getu_admin").render_as_string(hide_password=False)


@contextmanager
def truth(database: Database) -> Iterator[Connection]:
    """A superuser's connection whose transaction is rolled back."""
    engine = create_engine(admin_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def ids(connection: Connection, query: str, **params: Any) -> set[int]:
    """The first column of a query."""
    return set(connection.execute(text(query), params).scalars())


def become(connection: Connection, viewer: Viewer) -> None:
    """Look through a viewer's eyes for the rest of the transaction."""
    connection.execute(text(f"SET LOCAL ROLE {viewer.db_role}"))
    connection.execute(
        text("SELECT set_config('getu.user_id', :id, true)"), {"id": str(viewer.user_id or "")}
    )


def own_grids(database: Database, role: str) -> set[int]:
    """The grids a role's user of the demo bank may see, of all plans."""
    with truth(database) as connection:
        return ids(connection, GRIDS[role])
