"""Work on plans: the ledger of changes, offers of grids, staffing changes, rules of branch types."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "plan_step",
    "allotment",
    "staffing_change",
    "branch_type_rule",
    "grid_target",
    "branch_contact",
    "work_rule",
    "grid_post",
    "letter_signature",
    "problem",
)
PLAN_COLUMNS = (
    "base_plan_id",
    "min_width_m",
    "min_area_m2",
    "precedence",
    "step_no",
    "certified_by",
    "checked_at",
)
NEW_KINDS = "'multipart','no_customers','no_primary','two_primaries','branch_type'"
OLD_KINDS = "'overlap','gap','sliver','nested','duplicate','invalid','outside'"


def upgrade() -> None:
    """Only additions: code of the version before runs on beside it."""
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(script)


def downgrade() -> None:
    """Plans and duties stay as they are; how they became so, offers and newer findings are forgotten."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX ix_placement_unit_code")
    op.execute("ALTER TABLE plan " + ", ".join(f"DROP COLUMN {name}" for name in PLAN_COLUMNS))
    op.execute("ALTER TABLE app_user DROP COLUMN team")
    op.execute("ALTER TABLE grid DROP COLUMN locked, DROP COLUMN allotted")
    op.execute(f"DELETE FROM finding WHERE kind IN ({NEW_KINDS})")  # noqa: S608
    op.execute("ALTER TABLE finding DROP COLUMN detail, DROP CONSTRAINT ck_finding_kind")
    op.execute(f"ALTER TABLE finding ADD CONSTRAINT ck_finding_kind CHECK (kind IN ({OLD_KINDS}))")
