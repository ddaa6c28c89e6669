"""Ground and who holds it: official places, plans, grids, duties, findings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import (
    DATERANGE,
    TSTZRANGE,
    ExcludeConstraint,
    Range,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Born, Id, Shape, area, point

UNIT_KINDS = "'frame','county','town','village','community','street','district','market','park','compound'"
FINDING_KINDS = (
    "'overlap','gap','sliver','nested','duplicate','invalid','outside',"
    "'multipart','no_customers','no_primary','two_primaries','branch_type'"
)
ALLOTTED = "'offered_branch','in_branch','offered_manager','held','returned'"


class Unit(Base):
    """An official place with its polygon, as one source drew it in one year."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(f"kind IN ({UNIT_KINDS})", name="kind"),
        CheckConstraint("parent_how IN ('column','code','name','containment')", name="parent_how"),
        Index("ix_unit_code", "code", "code_source"),
        Index("ix_unit_parent_code", "parent_code"),
        Index("ix_unit_geom", "geom", postgresql_using="gist"),
        Index("ix_unit_import_id", "import_id"),
    )
    id: Mapped[Id]
    code: Mapped[str]
    code_source: Mapped[str]
    year: Mapped[int | None]
    kind: Mapped[str]
    name: Mapped[str]
    official_name: Mapped[str | None]
    former_names: Mapped[list[str]] = mapped_column(server_default="{}")
    town_code: Mapped[str | None]
    town_name: Mapped[str | None]
    parent_code: Mapped[str | None]
    parent_how: Mapped[str | None]
    households: Mapped[int | None]
    residents: Mapped[int | None]
    geom: Mapped[Shape] = area(nullable=False)
    area_m2: Mapped[float]
    synthetic: Mapped[bool] = mapped_column(server_default="false")
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    import_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_run.id"))


class Place(Base):
    """A name that an address may carry: the gazetteer, six levels and more, point optional."""

    __tablename__ = "place"
    __table_args__ = (
        Index("ix_place_code", "code"),
        Index("ix_place_import_id", "import_id"),
    )
    id: Mapped[Id]
    code: Mapped[str]
    code_source: Mapped[str]
    level: Mapped[str]
    kind: Mapped[str]
    parent_code: Mapped[str | None]
    name: Mapped[str]
    official_name: Mapped[str | None]
    full_path: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(server_default="{}")
    former_names: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Shape | None] = point()
    coord_source: Mapped[str | None]
    import_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("import_run.id"))


class Plan(Base):
    """A division of the frame into grids; one is in force on a date, certificate in hand."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft','checked','approved','in_force','retired')",
            name="status",
        ),
        CheckConstraint("market_rule IN ('cut','overlay')", name="market_rule"),
        CheckConstraint(
            "status <> 'in_force' OR certificate IS NOT NULL",
            name="in_force_has_certificate",
        ),
        CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="two_people"),
        ExcludeConstraint(
            ("valid", "&&"),
            name="ex_plan_one_in_force",
            using="gist",
            where=text("status IN ('in_force','retired')"),
        ),
    )
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="draft")
    market_rule: Mapped[str] = mapped_column(server_default="cut")
    valid: Mapped[Range[date] | None] = mapped_column(DATERANGE)
    frame: Mapped[Shape] = area(nullable=False)
    synthetic: Mapped[bool] = mapped_column(server_default="false")
    ground_version: Mapped[int] = mapped_column(server_default="1")
    checked_version: Mapped[int | None]
    checked_at: Mapped[datetime | None]
    certificate: Mapped[dict[str, Any] | None]
    certificate_no: Mapped[str | None] = mapped_column(unique=True)
    base_plan_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="SET NULL"))
    min_width_m: Mapped[float | None]
    min_area_m2: Mapped[float | None]
    precedence: Mapped[list[str]] = mapped_column(server_default="{}")
    step_no: Mapped[int] = mapped_column(server_default="0")
    certified_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    created_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    approved_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("app_user.id"))
    created_at: Mapped[Born]
    published_at: Mapped[datetime | None]


class Grid(Base):
    """One piece of ground of one plan, held by one primary manager on any date."""

    __tablename__ = "grid"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
        CheckConstraint(f"allotted IN ({ALLOTTED})", name="allotted"),
        Index("uq_grid_plan_id_code", "plan_id", "code", unique=True),
        Index("uq_grid_plan_key", "plan_id", "key_id", unique=True),
        Index("ix_grid_branch_id", "branch_id"),
        Index("ix_grid_geom", "geom", postgresql_using="gist"),
    )
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="CASCADE"))
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    level: Mapped[int] = mapped_column(server_default="3")
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("branch.id"))
    unit_codes: Mapped[list[str]] = mapped_column(server_default="{}")
    town_code: Mapped[str | None]
    town_name: Mapped[str | None]
    households: Mapped[int | None]
    geom: Mapped[Shape] = area(nullable=False)
    anchor: Mapped[Shape] = point(nullable=False)
    area_m2: Mapped[float]
    colour_no: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")
    locked: Mapped[bool] = mapped_column(server_default="false")
    allotted: Mapped[str | None]
    # The number of the code, the same in every plan; the database sees to it.
    key_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid_key.id"), server_default=FetchedValue())


class GridKey(Base):
    """A grid's code as a number that outlives plans: customers stand under it whatever plan comes."""

    __tablename__ = "grid_key"
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)


class Duty(Base):
    """Who holds a grid, as what, from when to when, and since when we have known it."""

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint(
            "role IN ('primary','backup','liaison','terminal_administrator')",
            name="role",
        ),
        ExcludeConstraint(
            ("grid_id", "="),
            ("valid", "&&"),
            name="ex_duty_one_primary",
            using="gist",
            where=text("role = 'primary' AND upper_inf(recorded)"),
        ),
        Index("ix_duty_staff_id", "staff_id"),
        Index("ix_duty_grid_id", "grid_id"),
    )
    id: Mapped[Id]
    grid_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grid.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("staff.id"))
    role: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    recorded: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, server_default=func.tstzrange(func.now(), None)
    )
    reason: Mapped[str | None]


class Finding(Base):
    """A fault of a plan's ground, with its shape and what it touches."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint(f"kind IN ({FINDING_KINDS})", name="kind"),
        CheckConstraint("severity IN ('must_fix','confirm','harmless')", name="severity"),
        CheckConstraint("state IN ('open','allowed','mended')", name="state"),
        Index("ix_finding_plan_id", "plan_id"),
    )
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("plan.id", ondelete="CASCADE"))
    kind: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    grid_ids: Mapped[list[int]] = mapped_column(server_default="{}")
    codes: Mapped[list[str]] = mapped_column(server_default="{}")
    names: Mapped[list[str]] = mapped_column(server_default="{}")
    geom: Mapped[Shape] = area(nullable=False)
    area_m2: Mapped[float]
    width_m: Mapped[float]
    customers: Mapped[int] = mapped_column(server_default="0")
    detail: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    found_at: Mapped[Born]
