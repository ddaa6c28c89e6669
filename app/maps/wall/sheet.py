"""What a wall map shows, as plain values: no database, every geometry in EPSG:4326 lon/lat."""

from dataclasses import dataclass, field
from datetime import date

from shapely.geometry.base import BaseGeometry

UNASSIGNED = "待分配"


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """One grid 网格 and who holds it; `colour` is an index into the map palette, None where nobody does."""

    code: str
    name: str
    kind: str
    geom: BaseGeometry
    manager_code: str | None = None
    manager_name: str | None = None
    manager_phone: str | None = None
    town_name: str = ""
    households: int | None = None
    customers: int | None = None
    colour: int | None = None

    @property
    def holder(self) -> str:
        """Name of the customer manager 客户经理, or 待分配."""
        return self.manager_name or UNASSIGNED


@dataclass(frozen=True, slots=True)
class SheetPoint:
    """An outlet 网点 with its name."""

    name: str
    lon: float
    lat: float
    kind: str = "outlet"


@dataclass(frozen=True, slots=True)
class SheetClient:
    """A key client as a symbol: a tier (`strategic`, `key`, `farm`) and no name."""

    lon: float
    lat: float
    tier: str


@dataclass(frozen=True, slots=True)
class SheetFinding:
    """A fault of the ground: `overlap` is hatched, `gap` is white with a red edge."""

    kind: str
    geom: BaseGeometry
    area_m2: float


@dataclass(frozen=True, slots=True)
class SheetOutline:
    """A named shape that is context only: a town, or ground of another branch."""

    name: str
    geom: BaseGeometry


@dataclass(frozen=True)
class Sheet:
    """All that is printed on one wall map; empty parts are left out of the drawing."""

    title: str
    subtitle: str
    bank: str
    plan_version: str
    printed_on: date
    grids: tuple[SheetGrid, ...]
    branch: str | None = None
    plan_valid_from: date | None = None
    data_date: date | None = None
    certificate: str | None = None
    review_number: str | None = None
    copy_no: str | None = None
    synthetic: bool = False
    outlets: tuple[SheetPoint, ...] = ()
    key_clients: tuple[SheetClient, ...] = ()
    findings: tuple[SheetFinding, ...] = ()
    towns: tuple[SheetOutline, ...] = ()
    neighbours: tuple[SheetOutline, ...] = ()
    frame: BaseGeometry | None = None
    notes: tuple[str, ...] = field(default=())
