"""The bank's own layers on the map, and what stands in them."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def run_beside(suffix: str) -> None:
    """Run the SQL file beside this one as it stands."""
    script = Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(script)


def upgrade() -> None:
    """New tables, indexes and columns that may be empty: nothing that is there is written again."""
    run_beside(".sql")


def downgrade() -> None:
    """The new tables go, with what they hold."""
    run_beside(".down.sql")
