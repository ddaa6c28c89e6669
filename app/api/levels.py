"""Level 1 and 2 of a plan by API: the ground of the bank and of each branch, joined of the grids."""

import json
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.territory import plans
from app.territory.levels import Ground, list_level

router = APIRouter(prefix="/api/v1/plans/{code}/levels", tags=["plans 规划"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Level = Annotated[Literal["1", "2"], Path(description="1: the bank, 2: its branches")]
FEATURE: dict[str, Any] = {
    "type": "Feature",
    "id": "B017",
    "geometry": {"type": "MultiPolygon", "coordinates": []},
    "properties": {
        "level": 2,
        "code": "B017",
        "name": "常乐支行",
        "branch": "B017",
        "grids": 24,
        "area_km2": 78.21,
    },
}


class LevelShown(BaseModel):
    """GeoJSON of a level (EPSG:4326): what the viewer sees of it, joined of `grids` grids."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "FeatureCollection",
                "plan": "V1",
                "level": 2,
                "ground_version": 3,
                "grids": 24,
                "area_km2": 78.21,
                "features": [FEATURE],
            }
        }
    )
    type: str
    plan: str
    level: int
    ground_version: int
    grids: int
    area_km2: float
    features: list[dict[str, Any]]


@router.get("/{level}", response_model=LevelShown)
def show_level(code: str, level: Level, asked: Sees) -> Any:
    """The ground of level 1 or 2; grids of no branch come last, without a branch."""
    plan = plans.find_plan(asked.session, code)
    ground = list_level(asked.session, plan, int(level))
    return {
        "type": "FeatureCollection",
        "plan": plan.code,
        "level": int(level),
        "ground_version": plan.ground_version,
        "grids": sum(one.grids for one in ground),
        "area_km2": round(sum(one.area_m2 for one in ground) / 1e6, 6),
        "features": [_show(one) for one in ground],
    }


def _show(one: Ground) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": one.code or None,
        "geometry": json.loads(shapely.to_geojson(one.geom)),
        "properties": {
            "level": one.level,
            "code": one.code or None,
            "name": one.name or None,
            "branch": (one.code or None) if one.level == 2 else None,
            "grids": one.grids,
            "area_km2": round(one.area_m2 / 1e6, 6),
        },
    }
