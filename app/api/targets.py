"""Targets by API: what grids are to reach in a period, and how far they have come."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.scheme import PlanCode
from app.api.session import Asked, allowed
from app.customers import targets
from app.territory import plans

router = APIRouter(prefix="/api/v1/targets", tags=["targets 目标任务"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]
Divides = Annotated[Asked, allowed("divide_ground")]
Reports = Annotated[Asked, allowed("report_visits")]
Period = Annotated[str, Query(max_length=8, description="2026, 2026-Q4 or 2026-11")]


class Line(BaseModel):
    """What one grid is to reach."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"grid": "HM-CL-017", "measure": "visited", "target": 120}}
    )
    grid: str = Field(max_length=64)
    measure: str = Field(max_length=32)
    target: Decimal


class Targets(BaseModel):
    """The targets of a period."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan": "V1",
                "period": "2026-11",
                "targets": [{"grid": "HM-CL-017", "measure": "visited", "target": 120}],
            }
        }
    )
    plan: str | None = None
    period: str = Field(max_length=8)
    targets: list[Line] = Field(min_length=1, max_length=20_000)


class Done(BaseModel):
    """How much is done, by grid code, of a measure that nobody counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"plan": "V1", "period": "2026-11", "measure": "survey", "done": {"HM-CL-017": 40}}
        }
    )
    plan: str | None = None
    period: str = Field(max_length=8)
    measure: str = Field(max_length=32)
    done: dict[str, Decimal] = Field(min_length=1, max_length=3000)


@router.get("")
def list_targets(
    asked: Sees,
    period: Period,
    plan: PlanCode = plans.IN_FORCE,
    measure: Annotated[str | None, Query(max_length=32)] = None,
    by: Annotated[str, Query(max_length=8, description="grid, manager, branch or town")] = "grid",
) -> dict[str, Any]:
    """Target, actual and their ratio in a period, in sight."""
    chosen = plans.find_plan(asked.session, plan)
    found = targets.list_targets(asked.session, chosen.id, period=period, measure=measure, by=by)
    return {"plan": chosen.code, **found}


@router.get("/measures")
def list_measures(asked: Sees) -> dict[str, Any]:
    """What can be set as a target, and whether Getu counts it itself."""
    return {
        "measures": [
            {"key": one.key, "zh": one.zh, "en": one.en, "counted": one.counted is not None}
            for one in targets.MEASURES
        ]
    }


@router.post("")
def set_targets(new: Targets, asked: Divides) -> dict[str, Any]:
    """Set targets of grids in one's own sight; what was told as done stays."""
    plan = plans.find_plan(asked.session, new.plan)
    lines = {(line.grid, targets.find_measure(line.measure).key): line.target for line in new.targets}
    count = targets.set_targets(asked.session, plan.id, new.period, lines, user_id=asked.person.user_id)
    record(asked.session, "set_targets", subject=plan.code, detail={"period": new.period, "targets": count})
    return {"plan": plan.code, "period": new.period, "targets": count}


@router.post("/done")
def tell_done(told: Done, asked: Reports) -> dict[str, Any]:
    """Tell how much is done, where Getu does not count."""
    plan = plans.find_plan(asked.session, told.plan)
    count = targets.tell_done(asked.session, plan.id, told.period, measure=told.measure, done=told.done)
    record(asked.session, "tell_done", subject=plan.code, detail={"measure": told.measure, "grids": count})
    return {"plan": plan.code, "period": told.period, "told": count}
