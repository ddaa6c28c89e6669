"""Work on a plan: its ledger of changes, offers of grids to branches and people, leave, rules of branches."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id

STEP_ACTS = (
    "'draw','split','merge','move_edge','reshape','give_units','lock','unlock','rename','set_branch','remove',"
    "'repair','clean','undo'"
)


class PlanStep(Base):
    """One change of a draft's ground, append-only: its grids (and their duties) before and after.

    `before` and `after` map a grid's id to all its columns, or to null where there was no such grid.
    """

    __tablename__ = "plan_step"
    __table_args__ = (
        CheckConstraint(f"act IN ({STEP_ACTS})", name="act"),
        Index("uq_plan_step_plan_id_number", "plan_id", "number", unique=True),
        Index("uq_plan_step_undoes", "undoes", unique=True),
        Index("ix_plan_step_grid_ids", "grid_ids", postgresql_using="gin"),
    )
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="CASCADE"))
    number: Mapped[int]
    act: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    grid_ids: Mapped[list[int]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    ground_version: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[Born]
    undoes: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("plan_step.id", ondelete="CASCADE"))


class Allotment(Base):
    """An offer of a grid: by head office to a branch, or by a branch to one of its people; and its answer."""

    __tablename__ = "allotment"
    __table_args__ = (
        CheckConstraint("step IN ('branch','manager')", name="step"),
        CheckConstraint("state IN ('offered','accepted','returned','withdrawn')", name="state"),
        CheckConstraint(
            "role IN ('primary','backup','liaison','terminal_administrator')",
            name="role",
        ),
        CheckConstraint("(step = 'manager') = (staff_id IS NOT NULL)", name="to_somebody"),
        CheckConstraint("state <> 'returned' OR answer_reason IS NOT NULL", name="returned_with_reason"),
        Index(
            "uq_allotment_one_open",
            "grid_id",
            "step",
            "role",
            unique=True,
            postgresql_where=text("state = 'offered'"),
        ),
        Index("ix_allotment_plan_id", "plan_id", "state"),
        Index("ix_allotment_grid_id", "grid_id"),
        Index("ix_allotment_staff_id", "staff_id"),
        Index("ix_allotment_branch_id", "branch_id"),
        Index("ix_allotment_batch", "batch"),
    )
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="CASCADE"))
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id", ondelete="CASCADE"))
    batch: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str]
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branch.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    role: Mapped[str] = mapped_column(server_default="primary")
    state: Mapped[str] = mapped_column(server_default="offered")
    valid_from: Mapped[date]
    reason: Mapped[str | None]
    former_branch_id: Mapped[int | None] = mapped_column(BigInteger)
    offered_by: Mapped[int | None] = mapped_column(BigInteger)
    offered_at: Mapped[Born]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None]
    answer_reason: Mapped[str | None]


class StaffingChange(Base):
    """A guided change of people: leave with a replacement, a departure, a branch that merges into another."""

    __tablename__ = "staffing_change"
    __table_args__ = (
        CheckConstraint("kind IN ('leave','departure','branch_merge')", name="kind"),
        CheckConstraint("state IN ('draft','applied','undone','cancelled')", name="state"),
        Index("ix_staffing_change_staff_id", "staff_id"),
        Index("ix_staffing_change_branch_id", "branch_id"),
    )
    id: Mapped[Id]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branch.id"))
    into_branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branch.id"))
    plan_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="CASCADE"))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    choices: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    bill: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    before: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[Born]
    applied_by: Mapped[int | None] = mapped_column(BigInteger)
    applied_at: Mapped[datetime | None]


class BranchTypeRule(Base):
    """What a branch of a type may hold: a kind of grid that no row names is allowed."""

    __tablename__ = "branch_type_rule"
    __table_args__ = (
        PrimaryKeyConstraint("branch_type", "grid_kind", name="pk_branch_type_rule"),
        CheckConstraint("branch_type IN ('urban','rural','suburban')", name="branch_type"),
        CheckConstraint("verdict IN ('allowed','notice','confirm','forbidden')", name="verdict"),
    )
    branch_type: Mapped[str]
    grid_kind: Mapped[str]
    verdict: Mapped[str]
