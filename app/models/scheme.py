"""The scheme of responsibility beside the plan: targets, contact branches, work rules, letters, problems."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, point


class GridTarget(Base):
    """What a grid is to reach in a period, stored with its plan; `done` is told where nobody counts."""

    __tablename__ = "grid_target"
    __table_args__ = (
        CheckConstraint("target > 0", name="target"),
        CheckConstraint("done IS NULL OR done >= 0", name="done"),
        Index("uq_grid_target_what", "grid_id", "measure", "period", unique=True),
        Index("ix_grid_target_period", "period"),
    )
    id: Mapped[Id]
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id", ondelete="CASCADE"))
    measure: Mapped[str]
    period: Mapped[str]
    target: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    done: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    set_by: Mapped[int | None] = mapped_column(BigInteger)
    set_at: Mapped[Born]


class BranchContact(Base):
    """Who at head office looks after a branch, from when to when: one person a branch on any date."""

    __tablename__ = "branch_contact"
    __table_args__ = (
        ExcludeConstraint(
            ("branch_id", "="), ("valid", "&&"), name="ex_branch_contact_one_on_a_date", using="gist"
        ),
        Index("ix_branch_contact_staff_id", "staff_id"),
    )
    id: Mapped[Id]
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branch.id"))
    staff_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("staff.id"))
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)


class WorkRule(Base):
    """A line of the duty checklist of a kind of grid: what to do, how often."""

    __tablename__ = "work_rule"
    __table_args__ = (
        PrimaryKeyConstraint("grid_kind", "number", name="pk_work_rule"),
        CheckConstraint("every IN ('day','week','month','quarter','year','once')", name="every"),
    )
    grid_kind: Mapped[str]
    number: Mapped[int]
    zh: Mapped[str]
    en: Mapped[str] = mapped_column(server_default="")
    every: Mapped[str]


class GridPost(Base):
    """Who manages, answers for, does or supervises the work in a grid where it is not who the rule names."""

    __tablename__ = "grid_post"
    __table_args__ = (
        PrimaryKeyConstraint("grid_id", "post", name="pk_grid_post"),
        CheckConstraint("post IN ('manages','answers','does','supervises')", name="post"),
        Index("ix_grid_post_staff_id", "staff_id"),
    )
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id", ondelete="CASCADE"))
    post: Mapped[str]
    staff_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("staff.id"))


class LetterSignature(Base):
    """A responsibility letter that somebody has signed for a plan."""

    __tablename__ = "letter_signature"
    __table_args__ = (
        Index("uq_letter_signature_plan_id_staff_id", "plan_id", "staff_id", unique=True),
        Index("ix_letter_signature_staff_id", "staff_id"),
    )
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("staff.id"))
    signed_on: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(BigInteger)
    recorded_at: Mapped[Born]


class Problem(Base):
    """A problem found in a grid, pinned on the map, to be put right by a day and looked at again."""

    __tablename__ = "problem"
    __table_args__ = (
        CheckConstraint("state IN ('open','done','closed')", name="state"),
        Index("ix_problem_grid_id", "grid_id"),
        Index("ix_problem_staff_id", "staff_id"),
        Index("ix_problem_state", "state", "due_on"),
    )
    id: Mapped[Id]
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id", ondelete="CASCADE"))
    geom: Mapped[Shape | None] = point()
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(server_default="")
    due_on: Mapped[date]
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(server_default="open")
    answer: Mapped[str | None]
    opened_by: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[Born]
    done_by: Mapped[int | None] = mapped_column(BigInteger)
    done_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]
