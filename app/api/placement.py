"""Where does this customer live? Somebody who knows says it here, and can take it back."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.customers import corrections, decisions, steps, undoing
from app.customers.chosen import Point
from app.customers.decisions import Decision

router = APIRouter(prefix="/api/v1", tags=["placement 定位"], responses=PROBLEMS)
Places = Annotated[Asked, allowed("place_customers")]
Approves = Annotated[Asked, allowed("assign_customers")]
Number = Annotated[int, Path(ge=0, lt=2**63)]
Datum = Literal["cgcs2000", "wgs84", "gcj02", "bd09"]
PLACEMENT: dict[str, Any] = {
    "rung": 5,
    "method": "choose",
    "score": 1.0,
    "place_code": "320614102208",
    "unit_code": "320614102208",
    "unit_name": "颐生村",
    "lon": None,
    "lat": None,
    "accuracy_m": None,
    "datum": None,
}
GRID: dict[str, Any] = {"id": 5, "code": "HM-CL-017", "name": "颐生村"}
DECIDED: dict[str, Any] = {
    "batch": 41,
    "steps": 3,
    "customers": [18, 52, 77],
    "placement": PLACEMENT,
    "grid": GRID,
    "moved_from": None,
    "next": 19,
}
STEP: dict[str, Any] = {
    "id": 41,
    "batch": 41,
    "customer_id": 18,
    "at": "2026-11-22T10:20:00+08:00",
    "action": "choose",
    "note": None,
    "accuracy_m": None,
    "undoes": None,
    "user_id": 3,
    "by_whom": "沈建华",
    "rung_before": 0,
    "unit_before": None,
    "rung": 5,
    "unit_code": "320614102208",
    "place_code": "320614102208",
    "undone": False,
}
ALIAS: dict[str, Any] = {
    "id": 2,
    "alias": "老供销社",
    "place_code": "320614102208",
    "place_name": "颐生村",
    "parent_name": "常乐镇",
    "level": "village",
    "state": "proposed",
    "corrections": 2,
    "contested": False,
    "proposed_at": "2026-11-22T10:20:00+08:00",
    "decided_at": None,
    "decided_by": None,
}


class Said(BaseModel):
    """What every decision may carry: a note, a point, and a key that the sender makes."""

    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    datum: Datum = "cgcs2000"
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000, allow_inf_nan=False)
    confirm_outside: bool = False
    note: str | None = Field(default=None, max_length=500, pattern=r"^[^\x00]*$")

    def point(self) -> Point | None:
        """The point that was said, whole; None when half of it is missing."""
        if self.lon is None or self.lat is None:
            return None
        return Point(self.lon, self.lat, self.datum, self.accuracy_m, self.confirm_outside)


class CaseDecision(Said):
    """A decision of a case: `choose` needs a code, `pin` lon and lat; `same` decides all written alike."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"action": "choose", "code": "320614102208", "same": True}}
    )
    action: Literal["choose", "pin", "outside", "unclear", "later"]
    code: str | None = Field(default=None, max_length=64, pattern=r"^[^\x00]*$")
    same: bool = False
    client_key: str | None = Field(default=None, min_length=4, max_length=64, pattern=r"^[^\x00]*$")


class Pin(Said):
    """Where a customer lives, as the device that stands there says it; sending twice stores once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "lon": 121.2731,
                "lat": 31.9408,
                "datum": "wgs84",
                "accuracy_m": 12.0,
                "client_key": "a1f3c9",
            }
        }
    )
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    client_key: str = Field(min_length=4, max_length=64, pattern=r"^[^\x00]*$")


class PlacementShown(BaseModel):
    """Where a customer stands now: rung 1 (pinned) to 6 (town), 0 nowhere; lon/lat in EPSG:4326."""

    model_config = ConfigDict(json_schema_extra={"example": PLACEMENT})
    rung: int
    method: str
    score: float
    place_code: str | None = None
    unit_code: str | None = None
    unit_name: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    datum: str | None = None


class GridNamed(BaseModel):
    """A grid by name."""

    model_config = ConfigDict(json_schema_extra={"example": GRID})
    id: int
    code: str
    name: str


class Decided(BaseModel):
    """What a decision did: to whom, where the first of them stands now, and the case to look at next."""

    model_config = ConfigDict(json_schema_extra={"example": DECIDED})
    batch: int
    steps: int
    customers: list[int]
    placement: PlacementShown
    grid: GridNamed | None = None
    moved_from: GridNamed | None = None
    next: int | None = None


class Batch(BaseModel):
    """The batch of a decision."""

    model_config = ConfigDict(json_schema_extra={"example": {"batch": 41}})
    batch: StrictInt = Field(ge=0, lt=2**63)


class StepShown(BaseModel):
    """One step: who decided what, when, and whether it was taken back."""

    model_config = ConfigDict(json_schema_extra={"example": STEP})
    id: int
    batch: int
    customer_id: int
    at: str
    action: str
    note: str | None = None
    accuracy_m: float | None = None
    undoes: int | None = None
    user_id: int | None = None
    by_whom: str | None = None
    rung_before: int | None = None
    unit_before: str | None = None
    rung: int | None = None
    unit_code: str | None = None
    place_code: str | None = None
    undone: bool


class AliasShown(BaseModel):
    """A written form as another name of a place; `contested` when it is claimed for another one, too."""

    model_config = ConfigDict(json_schema_extra={"example": ALIAS})
    id: int
    alias: str
    place_code: str
    place_name: str | None = None
    parent_name: str | None = None
    level: str | None = None
    state: str
    corrections: int
    contested: bool
    proposed_at: str
    decided_at: str | None = None
    decided_by: int | None = None


class Approval(BaseModel):
    """Whether the form is a name of the place."""

    model_config = ConfigDict(json_schema_extra={"example": {"approve": True}})
    approve: bool


class AliasDecided(BaseModel):
    """The form and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "alias": "老供销社",
                "place_code": "320614102208",
                "state": "approved",
                "corrections": 2,
            }
        }
    )
    id: int
    alias: str
    place_code: str
    state: str
    corrections: int


@router.post("/placement/cases/{customer_id}/decide", response_model=Decided)
def decide(customer_id: Number, said: CaseDecision, asked: Places) -> Any:
    """Decide a case in sight. 409 with who and when, when somebody else has decided it."""
    decision = Decision(said.action, said.code, said.point(), said.note, said.same, said.client_key)
    return decisions.decide_case(asked.session, customer_id, decision)


@router.post("/customers/{customer_id}/pin", response_model=Decided)
def pin(customer_id: Number, said: Pin, asked: Places) -> Any:
    """Put a customer in sight where he lives, doubt or no doubt; one `client_key` is stored once."""
    decision = Decision("pin", point=said.point(), note=said.note, client_key=said.client_key)
    return decisions.pin_customer(asked.session, customer_id, decision)


@router.post("/placement/undo", response_model=Decided)
def undo(batch: Batch, asked: Places) -> Any:
    """Take a batch of one's own back, every step of it; head office may take back any."""
    return undoing.undo_batch(asked.session, batch.batch)


@router.get("/placement/steps", response_model=list[StepShown])
def list_steps(
    asked: Places,
    customer_id: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=steps.MOST_STEPS)] = 50,
) -> Any:
    """What was decided by hand about customers in sight, the newest first."""
    return steps.list_steps(asked.session, customer_id=customer_id, limit=limit)


@router.get("/placement/aliases", response_model=list[AliasShown])
def list_aliases(
    asked: Places,
    state: Literal["proposed", "approved", "rejected"] | None = None,
    limit: Annotated[int, Query(ge=1, le=corrections.MOST_ALIASES)] = 100,
) -> Any:
    """Written forms proposed by corrections; those not approved are shown to head office alone."""
    return corrections.list_aliases(asked.session, state=state, limit=limit)


@router.post("/placement/aliases/{alias_id}", response_model=AliasDecided)
def decide_alias(alias_id: Number, approval: Approval, asked: Approves) -> Any:
    """Approve or reject a written form; the matcher knows the place by it from then on, or no longer."""
    return corrections.decide_alias(asked.session, alias_id, approve=approval.approve)
