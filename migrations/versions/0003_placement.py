"""Placement: doubts to decide, decisions by hand, what they teach, providers' answers, households."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "placement_case",
    "place_correction",
    "placement_step",
    "place_alias",
    "placement_run",
    "geocode_cache",
    "provider_use",
    "household_member",
    "household_apart",
    "household_step",
    "household",
)


def upgrade() -> None:
    """Only additions: code of the version before runs on beside it."""
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(script)


def downgrade() -> None:
    """Placements stay as they were decided; who decided them, cases and households are forgotten."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE customer DROP COLUMN relation")
    op.execute("ALTER TABLE assignment_run DROP COLUMN reassigned")
    op.execute("ALTER TABLE intake_row DROP COLUMN relation, DROP COLUMN doubt")
