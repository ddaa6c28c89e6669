"""Rules of branch types by API: what a branch in the city, the country or between may hold."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.db import as_worker
from app.territory import branch_rules

router = APIRouter(prefix="/api/v1/branch-type-rules", tags=["plans 规划"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Plans = Annotated[Asked, allowed("plan_ground")]
BranchType = Literal["urban", "suburban", "rural"]
GridKind = Literal["village", "community", "street", "market", "district", "park"]
Verdict = Literal["allowed", "notice", "confirm", "forbidden"]
EXAMPLE: dict[str, Any] = {"rules": {"rural": {"street": "confirm", "district": "notice"}}}


class RuleTable(BaseModel):
    """The verdict for each kind of grid by type of branch."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})
    rules: dict[BranchType, dict[GridKind, Verdict]]


@router.get("", response_model=RuleTable)
def list_all(asked: Sees) -> Any:
    """All rules; what was never stated is allowed."""
    return {"rules": branch_rules.list_rules(asked.session)}


@router.put("", response_model=RuleTable)
def change(table: RuleTable, asked: Plans) -> Any:
    """Change the rules that are sent, the others stay; plans follow them from their next check on."""
    with as_worker(asked.session):
        rules = branch_rules.state_rules(asked.session, table.rules)
    record(asked.session, "branch_type_rules", detail={"rules": table.model_dump()["rules"]})
    return {"rules": rules}
