"""Customers: who they are, where they live (placement), in whose grid (assignment), how served."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, point


class SourceSystem(Base):
    """A system of the bank that sends customers; a lower rank is trusted more.

    `headings` maps a field to the heading it has in this source's files, `file_pattern` tells its files in a
    folder, `delivery` whether a file is the whole source (then who is missing has vanished), `origin` where a
    table of another database lies, without its secret. `check_numbers` is off for invented people only: their
    identity numbers are right in shape and wrong in their check characters.
    """

    __tablename__ = "source_system"
    __table_args__ = (
        CheckConstraint("standing IN ('existing','prospect')", name="standing"),
        CheckConstraint("delivery IN ('full','delta')", name="delivery"),
        CheckConstraint("vanish_limit BETWEEN 0 AND 1", name="vanish_limit"),
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    trust_rank: Mapped[int]
    name_en: Mapped[str | None]
    standing: Mapped[str] = mapped_column(server_default="existing")
    headings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    file_pattern: Mapped[str | None]
    delivery: Mapped[str] = mapped_column(server_default="delta")
    vanish_limit: Mapped[float] = mapped_column(server_default="0.05")
    origin: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    active: Mapped[bool] = mapped_column(server_default="true")
    check_numbers: Mapped[bool] = mapped_column(server_default="true")


class Customer(Base):
    """A person, household, firm or merchant, existing or prospect, as one source knows it.

    Place grid, lead level and booking branch are three answers of their own (row E5): the grid is
    in `assignment`, the other two here; none is derived from another.
    Rows lie in blocks of ids (`CustomerBlock`): a big file lands as a block of its own.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("kind IN ('person','household','firm','merchant')", name="kind"),
        CheckConstraint("standing IN ('existing','prospect')", name="standing"),
        CheckConstraint("tier IN ('strategic','key','regular')", name="tier"),
        CheckConstraint("lead_level IN ('head_office','branch','team','outlet')", name="lead_level"),
        # Source and key are unique within a block by its index, across blocks by a trigger.
        Index("ix_customer_id_card_hash", "id_card_hash"),
        Index("ix_customer_phone_hash", "phone_hash"),
        Index("ix_customer_tier", "tier", postgresql_where="tier <> 'regular'"),
        Index("ix_customer_household_no", "household_no"),
        # Beginnings of names, whatever the server's collation.
        Index("ix_customer_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        # Who is gone is few, and left out of everything.
        Index("ix_customer_gone", "id", postgresql_where=text("gone_at IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (id)"},
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
    # What the source's row was when it last changed anything: the same row again is passed over unread.
    row_hash: Mapped[int | None] = mapped_column(BigInteger)
    # When a full delivery no longer held him: he keeps his row and stands in no grid until he comes back.
    gone_at: Mapped[datetime | None]


class CustomerBlock(Base):
    """Customers that landed together: ids from `id` times a thousand million on; block 0 takes the rest."""

    __tablename__ = "customer_block"
    __table_args__ = (CheckConstraint("state IN ('building','ready')", name="state"),)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    import_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_run.id"))
    state: Mapped[str] = mapped_column(server_default="building")
    rows: Mapped[int] = mapped_column(BigInteger, server_default="0")
    made_at: Mapped[Born]


class CustomerLink(Base):
    """Two rows that are one person, how that is known and how surely; the smaller id first."""

    __tablename__ = "customer_link"
    __table_args__ = (
        CheckConstraint("customer_id < other_id", name="order"),
        CheckConstraint("how IN ('id_card','phone_name','name_place')", name="how"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        Index("ix_customer_link_other_id", "other_id"),
    )
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    how: Mapped[str]
    confidence: Mapped[float]
    found_at: Mapped[Born]


class Placement(Base):
    """Where a customer lives and how sure we are: the rung of the placement ladder, 1 sure to 6 unknown."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("rung BETWEEN 0 AND 6", name="rung"),
        Index("ix_placement_unit_code", "unit_code", postgresql_where=text("geom IS NULL")),
        {"postgresql_partition_by": "RANGE (customer_id)"},
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
        CheckConstraint("kind IN ('whole','changed','load','undo')", name="kind"),
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
    kind: Mapped[str] = mapped_column(server_default="whole")
    before_id: Mapped[int | None] = mapped_column(BigInteger)
    undoes: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("assignment_run.id"), unique=True)


class Assignment(Base):
    """In whose grid a customer stands, by the grid's lasting key, and which run decided it.

    Readers ask the view `assignment`, which says the grid's id in the plan in which customers stand now.
    """

    __tablename__ = "assignment_row"
    __table_args__ = (
        Index("ix_assignment_row_grid_key", "grid_key", "tier"),
        Index("ix_assignment_row_geom", "geom", postgresql_using="gist"),
        {"postgresql_partition_by": "RANGE (customer_id)"},
    )
    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigInteger)
    grid_key: Mapped[int | None] = mapped_column(BigInteger)
    rung: Mapped[int] = mapped_column(SmallInteger)
    method: Mapped[str]
    reason: Mapped[str | None]
    standing: Mapped[str]
    tier: Mapped[str]
    geom: Mapped[Shape | None] = point()


class AssignmentMove(Base):
    """Who changed grid in a run, and how he stood before: enough to put his row back as it was."""

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
    from_key: Mapped[int | None] = mapped_column(BigInteger)
    to_key: Mapped[int | None] = mapped_column(BigInteger)
    from_run_id: Mapped[int | None] = mapped_column(BigInteger)
    from_method: Mapped[str | None]
    from_reason: Mapped[str | None]
    # Somebody assigned him anew since the run (by hand, by a load): how he stood before it says no more.
    anew: Mapped[bool] = mapped_column(server_default="false")


class GridCount(Base):
    """What pages read of a grid, under its lasting key; readers ask the view `grid_count`."""

    __tablename__ = "grid_count_row"
    grid_key: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("grid_key.id"), primary_key=True, autoincrement=False
    )
    existing: Mapped[int]
    prospects: Mapped[int]
    rungs: Mapped[list[int]]
    located_existing: Mapped[int]
    strategic: Mapped[int]
    key: Mapped[int]
    filed: Mapped[int]
    visited: Mapped[int]
    # Visits are counted within a month; in another one they are none.
    visited_month: Mapped[date]
    covered_households: Mapped[int]


class VillageCount(Base):
    """What pages read of an official village (a placement's unit): its customers and their service."""

    __tablename__ = "village_count"
    unit_code: Mapped[str] = mapped_column(primary_key=True)
    existing: Mapped[int]
    prospects: Mapped[int]
    rungs: Mapped[list[int]]
    strategic: Mapped[int]
    key: Mapped[int]
    filed: Mapped[int]
    visited: Mapped[int]
    visited_month: Mapped[date]
    assigned: Mapped[int]


class Visit(Base):
    """A visit as it was reported: append-only, with the place where the reporter stood.

    Of a customer, or (`customer_id` empty, outcome `done`) of a grid as a whole. `phone_at` is what the
    phone's clock said, `clock_off_s` how far it was wrong when the report was sent; `visited_at` is put
    right by it.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_customer_id", "customer_id"),
        Index("ix_visit_grid_id", "grid_id", "visited_at"),
        Index("ix_visit_staff_id", "staff_id", "visited_at"),
        CheckConstraint(
            "outcome IN ('met','absent','refused','signed','done')"
            " AND (customer_id IS NULL) = (outcome = 'done')",
            name="outcome",
        ),
        CheckConstraint("kind IN ('visit','phone','follow','sweep','talk')", name="kind"),
    )
    id: Mapped[Id]
    client_key: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("customer.id"))
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id"))
    staff_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    visited_at: Mapped[datetime]
    entered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    outcome: Mapped[str]
    note: Mapped[str | None]
    geom: Mapped[Shape | None] = point()
    accuracy_m: Mapped[float | None]
    kind: Mapped[str] = mapped_column(server_default="visit")
    phone_at: Mapped[datetime | None]
    clock_off_s: Mapped[int | None] = mapped_column(BigInteger)
    # Whether the reporter stood in the grid that he reports from; empty without a position.
    inside_grid: Mapped[bool | None]


class VisitPhoto(Base):
    """A photograph of a visit: the file's name of chance in the home, and the hash of what was kept."""

    __tablename__ = "visit_photo"
    __table_args__ = (Index("ix_visit_photo_visit_id", "visit_id"),)
    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("visit.id", ondelete="CASCADE"))
    client_key: Mapped[str] = mapped_column(unique=True)
    file: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    entered_at: Mapped[Born]
