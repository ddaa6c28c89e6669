"""The five indicators by API: of bank, branches, managers or grids, in a month; and as a file."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.access import record
from app.api.errors import PROBLEMS
from app.api.lists import give_list
from app.api.session import Asked, allowed
from app.customers.list_file import write_list
from app.marketing import indicators

router = APIRouter(prefix="/api/v1", tags=["indicators 五项指标"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_customers")]
Level = Annotated[str, Query(max_length=8, description="bank, branch, manager or grid")]
Month = Annotated[str | None, Query(max_length=7, description="2026-10; this month when not named")]
Code = Annotated[str | None, Query(max_length=64)]


def read_asked(month: str | None) -> date:
    """The month asked for, else this one."""
    return indicators.read_month(month) if month else indicators.this_month()


@router.get("/indicators")
def list_indicators(
    asked: Sees, level: Level = "branch", month: Month = None, branch: Code = None, manager: Code = None
) -> dict[str, Any]:
    """Numerator, denominator, rate and change of each indicator, in sight; what nobody knows is null."""
    scope = indicators.scope_of(asked.person, branch, manager)
    found = indicators.list_indicators(asked.session, level, read_asked(month), scope)
    return {**found, "trend": indicators.list_trend(asked.session, scope)}


@router.get("/indicators.csv", response_class=Response)
def export_indicators(
    asked: Sees, level: Level = "branch", month: Month = None, branch: Code = None, manager: Code = None
) -> Response:
    """The same rows as a file that opens anywhere."""
    scope = indicators.scope_of(asked.person, branch, manager)
    found = indicators.list_indicators(asked.session, level, read_asked(month), scope)
    record(asked.session, "export_indicators", subject=found["month"], detail={"level": level})
    columns = [("编号", "code"), ("名称", "name"), ("支行", "branch_name"), ("网格数", "grids")]
    for one in indicators.INDICATORS:
        columns += [
            (f"{one.zh}·分子", f"{one.key}.n"),
            (f"{one.zh}·分母", f"{one.key}.of"),
            (f"{one.zh}·比率", f"{one.key}.rate"),
        ]
    columns.append(("净新增客户", "net_new"))
    rows = [{"branch_name": "", **row} for row in found["rows"]]
    return give_list(write_list(rows, columns, "csv"), f"indicators-{found['month']}-{level}.csv")
