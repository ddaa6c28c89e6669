"""What placing leaves behind: doubts to decide, every decision by hand, what was learned, households."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, point

CASE_KINDS = ("ambiguous", "outside", "low_score", "contradiction")
CASE_STATES = ("open", "later", "decided")
STEP_ACTIONS = ("choose", "pin", "outside", "unclear", "later", "undo")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({','.join(repr(word) for word in words)})"


class PlacementCase(Base):
    """A placement that somebody should look at: why, what the machine said, and whether it is decided.

    `answer` is the matcher's whole answer (candidates with reasons), `detail` what else was found (of a
    contradiction: distance_m, point_unit_code, address_unit_code). `prefix` is the address down to the
    village as the matcher reads it: equal prefixes are one question.
    """

    __tablename__ = "placement_case"
    __table_args__ = (
        CheckConstraint(_one_of("kind", CASE_KINDS), name="kind"),
        CheckConstraint(_one_of("state", CASE_STATES), name="state"),
        Index("ix_placement_case_list", "state", "kind", "score", "customer_id"),
        Index("ix_placement_case_prefix", "prefix"),
    )
    # No foreign key: a million checks a load; cases are written with the placements they belong to.
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    score: Mapped[float]
    prefix: Mapped[str]
    town_code: Mapped[str | None]
    answer: Mapped[dict[str, Any]]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    opened_at: Mapped[Born]


class PlacementStep(Base):
    """One decision by hand, append-only: the placement (and case) before and after, byte for byte.

    `batch` groups the steps of one decision over several customers; `undoes` is the step taken back.
    """

    __tablename__ = "placement_step"
    __table_args__ = (
        CheckConstraint(_one_of("action", STEP_ACTIONS), name="action"),
        Index("ix_placement_step_customer_id", "customer_id"),
        Index("ix_placement_step_batch", "batch"),
        Index("uq_placement_step_undoes", "undoes", unique=True),
        Index("uq_placement_step_client_key", "client_key", unique=True),
    )
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[Born]
    action: Mapped[str]
    batch: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    accuracy_m: Mapped[float | None]
    note: Mapped[str | None]
    undoes: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("placement_step.id"))
    client_key: Mapped[str | None]


class PlaceCorrection(Base):
    """What a decision taught: addresses with this prefix lie at this place; ended when it is taken back."""

    __tablename__ = "place_correction"
    __table_args__ = (
        Index("ix_place_correction_prefix", "prefix"),
        Index("ix_place_correction_step_id", "step_id"),
    )
    id: Mapped[Id]
    prefix: Mapped[str]
    place_code: Mapped[str]
    customer_id: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    step_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("placement_step.id"))
    made_at: Mapped[Born]
    ended_at: Mapped[datetime | None]


class PlaceAlias(Base):
    """A written form proposed for a place by two agreeing corrections; the matcher knows it once approved."""

    __tablename__ = "place_alias"
    __table_args__ = (
        CheckConstraint("state IN ('proposed','approved','rejected')", name="state"),
        Index("uq_place_alias_form", "alias", "place_code", unique=True),
        # Two who approve at once cannot give one form to two places.
        Index("uq_place_alias_approved", "alias", unique=True, postgresql_where="state = 'approved'"),
    )
    id: Mapped[Id]
    alias: Mapped[str]
    place_code: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="proposed")
    corrections: Mapped[int]
    proposed_at: Mapped[Born]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]


class PlacementRun(Base):
    """One pass of the matcher over the whole bank; `version` says with which names and corrections."""

    __tablename__ = "placement_run"
    id: Mapped[Id]
    version: Mapped[str]
    scope: Mapped[str]
    started_at: Mapped[Born]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class GeocodeCache(Base):
    """What a provider answered: the raw answer with its date, so that no address is sent twice."""

    __tablename__ = "geocode_cache"
    __table_args__ = (PrimaryKeyConstraint("provider", "key", name="pk_geocode_cache"),)
    provider: Mapped[str]
    key: Mapped[str]
    raw: Mapped[dict[str, Any]]
    rung: Mapped[int]
    match_level: Mapped[str]
    score: Mapped[float]
    geom: Mapped[Shape | None] = point()
    asked_at: Mapped[Born]


class ProviderUse(Base):
    """How often a provider was asked on a day: quota and rate are kept across processes.

    `next_at` is the moment from which the next request may be made; `stopped` says why the provider is
    asked no more on this day.
    """

    __tablename__ = "provider_use"
    __table_args__ = (PrimaryKeyConstraint("provider", "day", name="pk_provider_use"),)
    provider: Mapped[str]
    day: Mapped[date]
    asked: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime | None]
    stopped: Mapped[str | None]


class Household(Base):
    """Customers that live together: found by the machine with a confidence, confirmed or split by hand."""

    __tablename__ = "household"
    __table_args__ = (
        CheckConstraint("state IN ('proposed','confirmed')", name="state"),
        Index("ix_household_unit_code", "unit_code"),
    )
    id: Mapped[Id]
    state: Mapped[str] = mapped_column(server_default="proposed")
    confidence: Mapped[float]
    head_customer_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_code: Mapped[str | None]
    address_key: Mapped[str | None]
    made_at: Mapped[Born]


class HouseholdMember(Base):
    """A customer in his household: how sure, and the reasons (same_roster_no, same_house, relation …)."""

    __tablename__ = "household_member"
    __table_args__ = (
        CheckConstraint("state IN ('proposed','confirmed')", name="state"),
        Index("ix_household_member_household_id", "household_id"),
    )
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    household_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("household.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(server_default="proposed")
    confidence: Mapped[float]
    reasons: Mapped[list[str]]


class HouseholdApart(Base):
    """Two customers that somebody has set apart: they are never linked again. The lower id stands first."""

    __tablename__ = "household_apart"
    __table_args__ = (
        PrimaryKeyConstraint("customer_a", "customer_b", name="pk_household_apart"),
        CheckConstraint("customer_a < customer_b", name="ordered"),
    )
    customer_a: Mapped[int] = mapped_column(BigInteger)
    customer_b: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[Born]


class HouseholdStep(Base):
    """One decision about a household, append-only: its members before and after, so that it can be undone."""

    __tablename__ = "household_step"
    __table_args__ = (
        CheckConstraint("action IN ('confirm','split','join','undo')", name="action"),
        Index("uq_household_step_undoes", "undoes", unique=True),
    )
    id: Mapped[Id]
    household_id: Mapped[int] = mapped_column(BigInteger)
    customer_ids: Mapped[list[int]]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[Born]
    action: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    undoes: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("household_step.id"))
