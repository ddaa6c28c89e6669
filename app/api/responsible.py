"""Who was responsible, by API: for a point, a grid or a customer, on any date, as known at any moment."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from app.access import require
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.clock import today
from app.customers.accountability import tell_of_customer
from app.errors import BadInput
from app.territory import plans
from app.territory.accountability import Accountability, Moment, read_moment, tell_of_grid, tell_of_point
from app.territory.allotment.vacancies import list_vacancies

router = APIRouter(prefix="/api/v1", tags=["responsible 责任归属"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
HOLDER: dict[str, Any] = {
    "code": "M0101",
    "name": "陆志明",
    "phone": "19900000101",
    "hidden": False,
    "valid_from": "2026-01-01",
    "valid_to": None,
    "known_from": "2026-01-01T09:00:00+08:00",
    "reason": None,
}
ANSWER: dict[str, Any] = {
    "asked": {"grid": "HM-CL-017"},
    "on": "2026-06-30",
    "known_at": None,
    "place": "inside",
    "message_zh": "在网格内",
    "message_en": "inside a grid",
    "plan": {"code": "V1", "name": "2026 年网格规划", "valid_from": "2026-01-01", "valid_to": None},
    "grid": {"id": 5, "code": "HM-CL-017", "name": "颐生村", "kind": "village"},
    "branch": {"code": "B017", "name": "常乐支行", "type": "rural"},
    "primary": HOLDER,
    "backup": None,
    "liaison": None,
    "terminal_administrator": None,
    "why": [
        {"code": "plan", "zh": "规划 V1 自 2026-01-01 起生效", "en": "plan V1 is in force from 2026-01-01"}
    ],
    "limits": [],
    "contested_with": [],
    "edge_distance_m": None,
}
VACANCIES: dict[str, Any] = {
    "plan": "V1",
    "on": "2026-12-01",
    "until": "2026-12-31",
    "vacant": [
        {
            "grid_code": "HM-CL-017",
            "grid_name": "颐生村",
            "branch_code": "B017",
            "branch_name": "常乐支行",
            "from": "2026-12-01",
            "to": "2026-12-11",
            "why": "leave",
            "why_zh": "休假无人接替",
            "why_en": "on leave without a substitute",
            "last": {"code": "M0101", "name": "陆志明"},
        }
    ],
    "absent": [],
    "across_branches": [],
}


class ResponsibleShown(BaseModel):
    """Who held what was asked about, in each role, and why."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": ANSWER})
    on: date
    known_at: str | None = None
    place: str
    plan: dict[str, Any] | None = None
    grid: dict[str, Any] | None = None
    branch: dict[str, Any] | None = None
    primary: dict[str, Any] | None = None
    backup: dict[str, Any] | None = None
    liaison: dict[str, Any] | None = None
    terminal_administrator: dict[str, Any] | None = None
    why: list[dict[str, Any]]
    limits: list[dict[str, Any]]


class Vacancies(BaseModel):
    """Grids without a primary, primaries who are away, people whose grids lie in several branches."""

    model_config = ConfigDict(json_schema_extra={"example": VACANCIES})
    plan: str
    on: date
    until: date
    vacant: list[dict[str, Any]]
    absent: list[dict[str, Any]]
    across_branches: list[dict[str, Any]]


@router.get("/responsible", response_model=ResponsibleShown)
def find_responsible(
    asked: Sees,
    lon: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    lat: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    grid: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")] = None,
    customer: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    on: date | None = None,
    known_at: Annotated[str | None, Query(max_length=40)] = None,
) -> Any:
    """Exactly one of a point (lon and lat, EPSG:4326), a grid's code, a customer's number.

    `on` is today when not given; `known_at` a date (its whole day) or a timestamp, all that is known now when
    not given.
    """
    moment = Moment(on or today(), read_moment(known_at))
    point = (lon, lat) if lon is not None and lat is not None else None
    if (lon is None) != (lat is None) or sum(one is not None for one in (point, grid, customer)) != 1:
        raise BadInput(
            "bad_question",
            zh="请给出坐标（lon 与 lat）、网格编号或客户编号中的一种",
            en="ask about one thing: a point (lon and lat), a grid, or a customer",
        )
    return _answer(asked, point, grid, customer, moment).as_json()


def _answer(
    asked: Asked, point: tuple[float, float] | None, grid: str | None, customer: int | None, moment: Moment
) -> Accountability:
    if customer is not None:
        require(asked.person, "see_customers")
        return tell_of_customer(asked.session, customer, moment=moment)
    if point is not None:
        return tell_of_point(asked.session, *point, moment=moment)
    return tell_of_grid(asked.session, grid or "", moment=moment)


@router.get("/plans/{code}/vacancies", response_model=Vacancies)
def show_vacancies(
    code: str,
    asked: Sees,
    on: date | None = None,
    days: Annotated[int, Query(ge=1, le=3660)] = 1,
) -> Any:
    """Grids without a primary on a date or in the next days, primaries who are away or in two branches."""
    plan = plans.find_plan(asked.session, code)
    return list_vacancies(asked.session, plan, on=on, days=days)
