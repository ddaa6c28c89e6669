"""What differs between two plans, by API: as a list with its bill, and as ground on a map."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from app.api.errors import PROBLEMS
from app.api.plans import Sees
from app.customers.bills import bill_difference
from app.territory import plans

router = APIRouter(prefix="/api/v1/plans", tags=["plan differences 规划差异"], responses=PROBLEMS)
Billed = Annotated[bool, Query(description="with the bill: customers, households, balances, managers")]


class DifferenceShown(BaseModel):
    """Two plans compared: grids new, gone and changed with their facts before and after, totals, the bill."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "before": "V1",
                "after": "V2",
                "totals": {
                    "new": 0,
                    "gone": 0,
                    "changed": 2,
                    "ground": 2,
                    "hands": 1,
                    "pieces": 1,
                    "moved_m2": 10522.4,
                },
                "changes": [
                    {
                        "code": "HM-CL-017",
                        "name": "官公河村",
                        "change": "changed",
                        "gained_m2": 10522.4,
                        "lost_m2": 0.0,
                        "facts": {"manager": ["陆志明", "陈晓燕"]},
                        "before_id": 17,
                        "after_id": 327,
                    }
                ],
                "bill": {
                    "area_m2": 10522.4,
                    "customers": 41,
                    "existing": 38,
                    "prospects": 3,
                    "households": 17,
                    "deposit_yuan": 1204000.0,
                    "loan_yuan": 300000.0,
                    "key_clients": [{"name": "沈**", "tier": "key"}],
                    "key_count": 1,
                    "by_unit": 0,
                    "unplaced": 2,
                    "managers": [
                        {
                            "from_code": "M0101",
                            "from": "陆志明",
                            "to_code": "M0102",
                            "to": "陈晓燕",
                            "customers": 41,
                        }
                    ],
                    "letters": 2,
                },
            }
        }
    )
    before: str
    after: str
    totals: dict[str, Any]
    changes: list[dict[str, Any]]
    bill: dict[str, Any] | None


def compare(asked: Sees, code: str, other: str) -> plans.Difference:
    """Two plans compared as far as the viewer sees them."""
    before, after = (plans.find_plan(asked.session, one) for one in (code, other))
    return plans.compare_in_sight(asked.session, before, after)


@router.get("/{code}/diff/{other}.geojson", response_class=JSONResponse)
def draw_difference(code: str, other: str, asked: Sees) -> JSONResponse:
    """The ground that changes hands as a GeoJSON FeatureCollection: from and to (grid, branch, manager),
    area_m2, why (`ground`: the grid changes; `hands`: the same grid comes to somebody else)."""
    return JSONResponse(compare(asked, code, other).as_features(), media_type="application/geo+json")


@router.get("/{code}/diff/{other}", response_model=DifferenceShown)
def list_difference(code: str, other: str, asked: Sees, bill: Billed = True) -> Any:
    """What differs from this plan to another, grid by grid, with what it moves; `in_force` is a plan too.

    The bill counts customers of the assignment that stands, as far as the viewer sees them.
    """
    found = compare(asked, code, other)
    return {
        "before": found.before.code,
        "after": found.after.code,
        "totals": found.totals,
        "changes": [change.as_json() for change in found.changes],
        "bill": bill_difference(asked.session, found).as_json() if bill else None,
    }
