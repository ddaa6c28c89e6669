"""Files that came in and the long stories they started."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id


class ImportRun(Base):
    """One file that was offered: what was found, what was decided, what was left out."""

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint("kind IN ('boundaries','gazetteer','organisation','customers')", name="kind"),
        CheckConstraint(
            "status IN ('running','imported','needs_answer','rejected','failed','undone')", name="status"
        ),
        Index("ix_import_run_sha256", "sha256"),
    )
    id: Mapped[Id]
    kind: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
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
