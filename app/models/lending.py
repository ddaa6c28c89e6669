"""Lending across areas: what was asked, answered on which evidence, and exceptions that somebody allowed."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, point


class LendingCheck(Base):
    """One answer: may this branch lend here? `subject` says who or what was asked, masked."""

    __tablename__ = "lending_check"
    __table_args__ = (
        CheckConstraint("answer IN ('in','out','edge','unknown')", name="answer"),
        CheckConstraint("rung BETWEEN 0 AND 6", name="rung"),
        Index("ix_lending_check_branch_id", "branch_id", "asked_at"),
        Index("ix_lending_check_batch", "batch", postgresql_where=text("batch IS NOT NULL")),
    )
    id: Mapped[Id]
    asked_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    asked_at: Mapped[Born]
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branch.id"))
    on_date: Mapped[date]
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    subject: Mapped[str]
    geom: Mapped[Shape | None] = point()
    rung: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[str]
    reason: Mapped[str | None]
    distance_m: Mapped[float | None]
    edge_m: Mapped[float | None]
    plan_id: Mapped[int | None] = mapped_column(BigInteger)
    ground_version: Mapped[int | None]
    grid_id: Mapped[int | None] = mapped_column(BigInteger)
    holder_branch_id: Mapped[int | None] = mapped_column(BigInteger)
    batch: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class LendingException(Base):
    """A loan allowed although the check said no: asked by one, decided by another."""

    __tablename__ = "lending_exception"
    __table_args__ = (
        CheckConstraint("state IN ('asked','approved','refused','withdrawn')", name="state"),
        # Two people, also where nobody is named: an unknown <> would let it pass.
        CheckConstraint(
            "state NOT IN ('approved','refused') OR (decided_by IS NOT NULL AND decided_by <> asked_by)",
            name="two_people",
        ),
        CheckConstraint(
            "state NOT IN ('approved','refused') OR decided_at IS NOT NULL AND decision_note IS NOT NULL",
            name="decided",
        ),
        CheckConstraint("state <> 'approved' OR valid_until IS NOT NULL", name="until"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        Index("ix_lending_exception_branch_id", "branch_id", "state"),
        Index(
            "uq_lending_exception_open",
            "check_id",
            unique=True,
            postgresql_where=text("state IN ('asked','approved')"),
        ),
    )
    id: Mapped[Id]
    check_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("lending_check.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branch.id"))
    reason: Mapped[str]
    asked_by: Mapped[int] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    asked_at: Mapped[Born]
    state: Mapped[str] = mapped_column(server_default="asked")
    decided_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None]
    valid_until: Mapped[date | None]
    withdrawn_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    withdrawn_at: Mapped[datetime | None]
