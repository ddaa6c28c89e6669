"""Files that came in and the long stories they started."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, SmallInteger
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, point


class ImportRun(Base):
    """One file that was offered: what was found, what was decided, what was left out."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint("kind IN ('boundaries','gazetteer','organisation','customers')", name="kind"),
        CheckConstraint(
            "status IN ('running','checked','needs_answer','imported','rejected','failed','undone')",
            name="status",
        ),
        Index("ix_import_run_sha256", "sha256"),
    )
    id: Mapped[Id]
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    file_path: Mapped[str | None]
    options: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    status: Mapped[str]
    report: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    created_at: Mapped[Born]
    finished_at: Mapped[datetime | None]


class Job(Base):
    """A long story: its state, checkpoint and progress, fenced by the attempt that may write them."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','running','done','failed','cancelled')", name="status"),
        Index("ix_job_status", "status"),
    )
    id: Mapped[Id]
    kind: Mapped[str]
    args: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(server_default="waiting")
    attempt: Mapped[int] = mapped_column(server_default="0")
    checkpoint: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    stage: Mapped[str] = mapped_column(server_default="")
    done: Mapped[int] = mapped_column(BigInteger, server_default="0")
    total: Mapped[int] = mapped_column(BigInteger, server_default="0")
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    cancel_asked: Mapped[bool] = mapped_column(server_default="false")
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    created_at: Mapped[Born]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class IntakeRow(Base):
    """A customer row of a file on its way in: checked, sealed and placed, not yet merged.

    One partition an import, dropped when it has landed; nobody but the worker may read it.
    """

    __tablename__ = "intake_row"
    __table_args__ = ({"postgresql_partition_by": "LIST (import_id)"},)
    import_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    row_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source_key: Mapped[str]
    kind: Mapped[str]
    standing: Mapped[str]
    name: Mapped[str]
    id_card_enc: Mapped[bytes | None] = mapped_column(BYTEA)
    id_card_hash: Mapped[bytes | None] = mapped_column(BYTEA)
    phone_enc: Mapped[bytes | None] = mapped_column(BYTEA)
    phone_hash: Mapped[bytes | None] = mapped_column(BYTEA)
    address: Mapped[str | None]
    household_no: Mapped[str | None]
    relation: Mapped[str | None]
    tier: Mapped[str]
    lead_level: Mapped[str | None]
    booking_branch_code: Mapped[str | None]
    deposit_yuan: Mapped[Any | None] = mapped_column(Numeric(16, 2))
    loan_yuan: Mapped[Any | None] = mapped_column(Numeric(16, 2))
    filed: Mapped[bool]
    last_visit_on: Mapped[date | None]
    rung: Mapped[int] = mapped_column(SmallInteger)
    method: Mapped[str]
    score: Mapped[float]
    geom: Mapped[Shape | None] = point()
    place_code: Mapped[str | None]
    unit_code: Mapped[str | None]
    accuracy_m: Mapped[float | None]
    datum: Mapped[str | None]
    # What a person should look at: the columns of `placement_case` behind its key, None for a clean row.
    doubt: Mapped[dict[str, Any] | None]
    row_hash: Mapped[int | None] = mapped_column(BigInteger)
