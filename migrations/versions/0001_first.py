"""The first schema: all tables of design.md section 4 and the job queue's own.

The queue's schema is frozen beside this file as its library shipped it, so that a later library
brings its changes as a migration of its own and not by surprise.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    """Make everything from nothing."""
    driver = op.get_bind().connection.driver_connection
    with driver.cursor() as cursor:
        for name in ("0001_first.sql", "0001_queue.sql"):
            cursor.execute((HERE / name).read_text(encoding="utf-8"))


def downgrade() -> None:
    """There is nothing before the first schema; drop the database instead."""
    raise RuntimeError("there is no schema before the first one")
