"""Indicators of closed months, and the changes of customers they are reckoned from."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id

STATES = "'existing','prospect','gone'"


class IndicatorMonth(Base):
    """A closed month of a grid: counts as they were, with branch and manager of that time. Frozen."""

    __tablename__ = "indicator_month"
    __table_args__ = (
        CheckConstraint("month = date_trunc('month', month)", name="month"),
        Index("ix_indicator_month_branch_id", "branch_id"),
        Index("ix_indicator_month_staff_id", "staff_id"),
    )
    month: Mapped[date] = mapped_column(primary_key=True)
    grid_key: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("grid_key.id"), primary_key=True, autoincrement=False
    )
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branch.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    existing: Mapped[int]
    prospects: Mapped[int]
    visited: Mapped[int]
    filed: Mapped[int]
    covered: Mapped[int]
    households: Mapped[int | None]
    lost: Mapped[int | None]
    existing_before: Mapped[int | None]
    won: Mapped[int | None]
    prospects_before: Mapped[int | None]
    deposit_yuan: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    closed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CustomerChange(Base):
    """Somebody became a customer, left, vanished or came back; the grid is that of the moment before."""

    __tablename__ = "customer_change"
    __table_args__ = (
        CheckConstraint(f"stood IN ({STATES}) AND stands IN ({STATES})", name="states"),
        Index("ix_customer_change_changed_at", "changed_at"),
    )
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(BigInteger)
    grid_key: Mapped[int | None] = mapped_column(BigInteger)
    stood: Mapped[str]
    stands: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
