"""The bank's own people and houses: branch, staff."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Shape, point


class Branch(Base):
    """Head office, branch or outlet: one house of the bank with its place and type."""

    __tablename__ = "branch"
    __table_args__ = (
        CheckConstraint("kind IN ('head_office', 'branch', 'outlet')", name="kind"),
        CheckConstraint("branch_type IN ('urban', 'rural', 'suburban')", name="branch_type"),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="branch")
    branch_type: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branch.id"))
    town_code: Mapped[str | None]
    address: Mapped[str | None]
    geom: Mapped[Shape | None] = point()


class Staff(Base):
    """A person of the bank, or a village liaison or terminal administrator who works for it."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('department', 'branch_head', 'manager', 'liaison', 'terminal_administrator')",
            name="kind",
        ),
        Index("ix_staff_branch_id", "branch_id"),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("branch.id"))
    phone: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default="true")
