"""Who looks: users, browser sessions, keys of other systems, and the audit of what they saw."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id

# The committee's six groups: grids, data, products, marketing, risk, customer service.
TEAMS = "'grids','data','products','marketing','risk','service'"


class AppUser(Base):
    """A person or a system that may sign in, with one of the five roles."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint("role IN ('head','branch_head','manager','analyst','system')", name="role"),
        CheckConstraint(
            "role NOT IN ('branch_head') OR branch_id IS NOT NULL",
            name="branch_head_has_branch",
        ),
        CheckConstraint("role NOT IN ('manager') OR staff_id IS NOT NULL", name="manager_has_staff"),
        CheckConstraint(f"team IN ({TEAMS})", name="team"),
        CheckConstraint("team IS NULL OR role = 'head'", name="team_is_of_head_office"),
    )
    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branch.id"))
    team: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default="true")
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]
    created_at: Mapped[Born]


class UserSession(Base):
    """A signed-in browser: only the hash of its cookie is stored."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_user_id", "user_id"),)
    token_hash: Mapped[bytes] = mapped_column(BYTEA, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("app_user.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    created_at: Mapped[Born]
    seen_at: Mapped[Born]
    expires_at: Mapped[datetime]


class ApiKey(Base):
    """A key of another bank system: a public prefix and the hash of the rest."""

    __tablename__ = "api_key"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(BYTEA)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("app_user.id", ondelete="CASCADE"))
    name: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[Born]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Audit(Base):
    """What was read or done, by whom, naming the customers seen; append-only, sealed in a chain."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_user_id", "user_id", "at"),)
    id: Mapped[Id]
    at: Mapped[Born]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str]
    subject: Mapped[str | None]
    customer_ids: Mapped[list[int]] = mapped_column(server_default="{}")
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class AuditSeal(Base):
    """A link of the chain: the hash of the rows up to one id and of the seal before it."""

    __tablename__ = "audit_seal"
    to_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_id: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(BYTEA)
    sealed_at: Mapped[Born]
