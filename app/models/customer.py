"""Customers: who they are, where they live (placement), in whose grid (assignment), how served."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, point


class SourceSystem(Base):
    """A system of the bank that sends customers; a lower rank is trusted more."""

    __tablename__ = "source_system"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    trust_rank: Mapped[int]


class Customer(Base):
    """A person, household, firm or merchant, existing or prospect, as one source knows it.

    Place grid, lead level and booking branch are three answers of their own (row E5): the grid is
    in `assignment`, the other two here; none is derived from another.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("kind IN ('person','household','firm','merchant')", name="kind"),
        CheckConstraint("standing IN ('existing','prospect')", name="standing"),
        CheckConstraint("tier IN ('strategic','key','regular')", name="tier"),
        CheckConstraint("lead_level IN ('head_office','branch','team','outlet')", name="lead_level"),
        Index("uq_customer_source_key", "source_code", "source_key", unique=True),
        Index("ix_customer_id_card_hash", "id_card_hash"),
        Index("ix_customer_phone_hash", "phone_hash"),
        Index("ix_customer_tier", "tier", postgresql_where="tier <> 'regular'"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    source_code: Mapped[str]
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
    tier: Mapped[str] = mapped_column(server_default="regular")
    lead_level: Mapped[str | None]
    booking_branch_code: Mapped[str | None]
    deposit_yuan: Mapped[Any | None] = mapped_column(Numeric(16, 2))
    loan_yuan: Mapped[Any | None] = mapped_column(Numeric(16, 2))
    filed: Mapped[bool] = mapped_column(server_default="false")
    last_visit_on: Mapped[date | None]
    import_id: Mapped[int | None] = mapped_column(BigInteger)


class Placement(Base):
    """Where a customer lives and how sure we are: the rung of the placement ladder, 1 sure to 6 unknown."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("rung BETWEEN 0 AND 6", name="rung"),
        Index("ix_placement_unit_code", "unit_code", postgresql_where=text("geom IS NULL")),
    )
    # No foreign key: a million checks a load; the merge writes both rows in one transaction.
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rung: Mapped[int] = mapped_column(SmallInteger)
    method: Mapped[str]
    score: Mapped[float]
    geom: Mapped[Shape | None] = point()
    place_code: Mapped[str | None]
    unit_code: Mapped[str | None]
    accuracy_m: Mapped[float | None]
    datum: Mapped[str | None]


class AssignmentRun(Base):
    """One run that gave every customer a grid or a reason; its counts sum or it does not exist."""

    __tablename__ = "assignment_run"
    __table_args__ = (
        CheckConstraint("assigned + contested + outside + unlocated = total", name="counts_sum"),
        Index(
            "uq_assignment_run_current",
            "current",
            unique=True,
            postgresql_where="current",
        ),
    )
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("plan.id"))
    ground_version: Mapped[int]
    current: Mapped[bool] = mapped_column(server_default="false")
    total: Mapped[int] = mapped_column(server_default="0")
    assigned: Mapped[int] = mapped_column(server_default="0")
    contested: Mapped[int] = mapped_column(server_default="0")
    outside: Mapped[int] = mapped_column(server_default="0")
    unlocated: Mapped[int] = mapped_column(server_default="0")
    by_method: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    unassigned: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    # How often single customers were assigned anew within this run: what is drawn of it has changed since.
    reassigned: Mapped[int] = mapped_column(BigInteger, server_default="0")
    started_at: Mapped[Born]
    finished_at: Mapped[datetime | None]


class Assignment(Base):
    """In whose grid a customer stands. One partition a run, built aside and adopted whole."""

    __tablename__ = "assignment"
    __table_args__ = (
        # The customer first: policies and joins look for a customer, whatever the run.
        PrimaryKeyConstraint("customer_id", "run_id", name="pk_assignment"),
        Index("ix_assignment_grid_id", "grid_id", "tier"),
        Index("ix_assignment_geom", "geom", postgresql_using="gist"),
        {"postgresql_partition_by": "LIST (run_id)"},
    )
    run_id: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    grid_id: Mapped[int | None] = mapped_column(BigInteger)
    rung: Mapped[int] = mapped_column(SmallInteger)
    method: Mapped[str]
    reason: Mapped[str | None]
    standing: Mapped[str]
    tier: Mapped[str]
    geom: Mapped[Shape | None] = point()


class AssignmentMove(Base):
    """Who changed grid between two runs."""

    __tablename__ = "assignment_move"
    run_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("assignment_run.id", ondelete="CASCADE"),
        primary_key=True,
    )
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    from_grid_id: Mapped[int | None] = mapped_column(BigInteger)
    to_grid_id: Mapped[int | None] = mapped_column(BigInteger)
    moved_at: Mapped[Born]


class GridCount(Base):
    """What pages read of a grid: customers by rung, tier and service, as the current run has them."""

    __tablename__ = "grid_count"
    grid_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("grid.id", ondelete="CASCADE"), primary_key=True
    )
    run_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("assignment_run.id", ondelete="CASCADE"))
    existing: Mapped[int]
    prospects: Mapped[int]
    rungs: Mapped[list[int]]
    located_existing: Mapped[int]
    strategic: Mapped[int]
    key: Mapped[int]
    filed: Mapped[int]
    visited: Mapped[int]
    covered_households: Mapped[int]


class Visit(Base):
    """A visit as it was reported: append-only, with the place where the reporter stood."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_customer_id", "customer_id"),
        Index("ix_visit_grid_id", "grid_id", "visited_at"),
        CheckConstraint("outcome IN ('met','absent','refused','signed')", name="outcome"),
    )
    id: Mapped[Id]
    client_key: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("customer.id"))
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    visited_at: Mapped[datetime]
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    outcome: Mapped[str]
    note: Mapped[str | None]
    geom: Mapped[Shape | None] = point()
    accuracy_m: Mapped[float | None]
