"""The import desk: an import keeps its file and waits for answers; a unit knows its parent and why."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATUSES = "'running','checked','needs_answer','imported','rejected','failed','undone'"


def upgrade() -> None:
    """Only additions: code of the version before runs on beside it."""
    op.execute("ALTER TABLE import_run ADD COLUMN file_path text")
    op.execute("ALTER TABLE import_run DROP CONSTRAINT ck_import_run_status")
    op.execute(f"ALTER TABLE import_run ADD CONSTRAINT ck_import_run_status CHECK (status IN ({_STATUSES}))")
    op.execute("ALTER TABLE unit ADD COLUMN parent_code text")
    op.execute("ALTER TABLE unit ADD COLUMN parent_how text")
    op.execute(
        "ALTER TABLE unit ADD CONSTRAINT ck_unit_parent_how "
        "CHECK (parent_how IN ('column','code','name','containment'))"
    )
    op.execute("CREATE INDEX ix_unit_parent_code ON unit (parent_code)")


def downgrade() -> None:
    """Imports that wait or were only checked are forgotten; units keep everything else."""
    op.execute("DELETE FROM import_run WHERE status = 'checked'")
    op.execute("ALTER TABLE import_run DROP CONSTRAINT ck_import_run_status")
    op.execute(
        "ALTER TABLE import_run ADD CONSTRAINT ck_import_run_status CHECK (status IN "
        "('running','imported','needs_answer','rejected','failed','undone'))"
    )
    op.execute("ALTER TABLE import_run DROP COLUMN file_path")
    op.execute("ALTER TABLE unit DROP COLUMN parent_code, DROP COLUMN parent_how")
