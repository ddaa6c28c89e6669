"""Customers in blocks, assignments by a lasting key, sources as data, lending checks, counts of villages."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def run_beside(suffix: str) -> None:
    """Run the SQL file beside this one as it stands."""
    script = Path(__file__).with_suffix(suffix).read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(script)


def upgrade() -> None:
    """Rows stay where they lie: today's tables become the first block; only assignments are rewritten."""
    run_beside(".sql")


def downgrade() -> None:
    """One table each again; links, blocks, lending checks and what has vanished are forgotten."""
    run_beside(".down.sql")
