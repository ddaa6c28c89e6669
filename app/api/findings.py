"""Findings of a plan by API: listed and filtered, one with its shape, as a file, let stand or opened."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from app.access import record
from app.api.errors import PROBLEMS
from app.api.layers import send_layer
from app.api.session import Asked, allowed
from app.clock import today
from app.spatial.formats.writing import Writing
from app.territory import plans
from app.territory.layers import When, findings_layer
from app.territory.plans.findings import GROUND_KINDS, NOTICE_KINDS

router = APIRouter(prefix="/api/v1/plans/{code}/findings", tags=["plans 规划"], responses=PROBLEMS)
Sees = Annotated[Asked, allowed("see_ground")]
Plans = Annotated[Asked, allowed("plan_ground")]
ONE: dict[str, Any] = {
    "id": 12,
    "kind": "overlap",
    "label_zh": "重叠",
    "label_en": "overlap",
    "group": "ground",
    "severity": "must_fix",
    "state": "open",
    "codes": ["HM-CL-017", "HM-CL-018"],
    "names": ["颐生村", "官公河村"],
    "grid_ids": [5, 6],
    "town": "常乐镇",
    "area_m2": 1834.5,
    "width_m": 12.31,
    "customers": 3,
    "bbox": [121.17, 31.89, 121.18, 31.9],
    "detail": {},
    "zh": "颐生村（HM-CL-017）与官公河村（HM-CL-018）重叠 1,834.5 平方米（宽 12.31 米），涉及客户 3 户",
    "en": "颐生村 (HM-CL-017) and 官公河村 (HM-CL-018) overlap by 1,834.5 m² (12.31 m wide)",
}


class FindingShown(BaseModel):
    """A finding: `ground` is a fault of the shapes, a `notice` tells something about a grid that stands."""

    model_config = ConfigDict(json_schema_extra={"example": ONE})
    id: int
    kind: str
    label_zh: str
    label_en: str
    group: Literal["ground", "notice"]
    severity: Literal["must_fix", "confirm", "harmless"]
    state: Literal["open", "allowed", "mended"]
    codes: list[str]
    names: list[str]
    grid_ids: list[int]
    town: str | None
    area_m2: float
    width_m: float
    customers: int
    bbox: list[float] | None
    detail: dict[str, Any]
    zh: str
    en: str
    geometry: dict[str, Any] | None = Field(default=None, description="only where one is asked for")


class FindingList(BaseModel):
    """Findings in sight, the gravest and largest first; `fresh`: the ground is still as checked."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan": "V2",
                "checked_at": "2026-11-22T09:00:00Z",
                "fresh": True,
                "counts": {"overlap": 1, "gap": 0},
                "notice_counts": {"no_primary": 4},
                "blocking": 1,
                "thresholds": {"min_width_m": 0.05, "min_area_m2": 0.5},
                "findings": [ONE],
            }
        }
    )
    plan: str
    checked_at: datetime | None
    fresh: bool
    counts: dict[str, int]
    notice_counts: dict[str, int]
    blocking: int
    thresholds: dict[str, float]
    findings: list[FindingShown]


class Word(BaseModel):
    """Why a finding may stand, or is open again."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "专业市场，单独划格"}})
    reason: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class Filter(BaseModel):
    """Which findings: all of both groups, unless narrowed; limits of area and width include their value."""

    kind: list[str] = Field(default_factory=list, max_length=16, description="one kind, or several")
    group: Literal["ground", "notice"] | None = None
    state: Literal["open", "allowed", "mended"] | None = None
    min_area_m2: float | None = Field(default=None, ge=0)
    max_area_m2: float | None = Field(default=None, ge=0)
    min_width_m: float | None = Field(default=None, ge=0, description="of ground findings")
    max_width_m: float | None = Field(default=None, ge=0, description="of ground findings")

    def wanted(self) -> plans.Wanted:
        """The same for the room that lists them."""
        limits = ("min_area_m2", "max_area_m2", "min_width_m", "max_width_m")
        narrowed = {name: getattr(self, name) for name in limits}
        return plans.Wanted(self.group, tuple(self.kind), self.state, **narrowed)


class FileFilter(Filter):
    """Which findings, and the kind of file."""

    format: str = Field(
        default="geopackage", description="shapefile, geopackage, geojson, kml, geoparquet, xlsx, csv"
    )
    encoding: str | None = Field(default=None, description="of a shapefile or CSV: gbk or utf-8")
    crs: str = Field(default="EPSG:4490", max_length=40, description="EPSG:4490, EPSG:4549, gcj02 …")


@router.get("", response_model=FindingList, response_model_exclude_unset=True)
def list_all(code: str, asked: Sees, filter: Annotated[Filter, Query()]) -> Any:
    """What is wrong with a plan's ground, and what is to be noticed about its grids, in sight."""
    plan = plans.find_plan(asked.session, code)
    found = plans.summarise_findings(asked.session, plan)
    options = plans.read_options(plan)
    return {
        "plan": plan.code,
        "checked_at": plan.checked_at,
        "fresh": plan.checked_version == plan.ground_version,
        "counts": dict.fromkeys(GROUND_KINDS, 0) | found.counts,
        "notice_counts": dict.fromkeys(NOTICE_KINDS, 0) | found.notice_counts,
        "blocking": found.blocking,
        "thresholds": {"min_width_m": options.min_width_m, "min_area_m2": options.min_area_m2},
        "findings": [_show(row) for row in plans.list_findings(asked.session, plan, filter.wanted())],
    }


@router.get("/export", response_class=FileResponse)
def export(code: str, asked: Sees, filter: Annotated[FileFilter, Query()]) -> FileResponse:
    """The findings as a layer file, cut to what the viewer sees; audited."""
    plan = plans.find_plan(asked.session, code)
    how: Writing = {"format": filter.format, "crs": filter.crs}
    if filter.encoding:
        how["encoding"] = filter.encoding
    layer = findings_layer(filter.wanted())
    return send_layer(asked, layer, when=When(today(), plan.code), how=how)


@router.get("/{finding_id}", response_model=FindingShown)
def show_one(code: str, finding_id: int, asked: Sees) -> Any:
    """One finding with its shape (GeoJSON, EPSG:4326)."""
    plan = plans.find_plan(asked.session, code)
    finding = plans.find_finding(asked.session, finding_id, plan=plan)
    row = plans.list_findings(asked.session, plan, plans.Wanted(None, ids=(finding.id,)))[0]
    return _show(row) | {"geometry": json.loads(shapely.to_geojson(shapely.from_wkb(bytes(row["wkb"]))))}


@router.post("/{finding_id}/allow")
def allow(code: str, finding_id: int, asked: Plans, word: Word | None = None) -> dict[str, Any]:
    """Let a finding stand that waits for a person's word (a market inside its village), with the reason."""
    reason = "" if word is None else word.reason
    plan = plans.find_plan(asked.session, code)
    plans.find_finding(asked.session, finding_id, plan=plan)
    finding = plans.allow_finding(asked.session, finding_id, reason=reason, user_id=asked.person.user_id)
    told = {"finding": finding_id, "kind": finding.kind, "codes": finding.codes, "reason": reason}
    record(asked.session, "allow_finding", subject=plan.code, detail=told)
    return {"plan": plan.code, "finding": finding.id, "state": finding.state}


@router.delete("/{finding_id}/allow")
def disallow(
    code: str, finding_id: int, asked: Plans, reason: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Take the word back: the finding is open again, and a certificate that relied on it falls."""
    plan = plans.find_plan(asked.session, code)
    plans.find_finding(asked.session, finding_id, plan=plan)
    finding = plans.disallow_finding(asked.session, finding_id)
    told = {"finding": finding_id, "kind": finding.kind, "codes": finding.codes, "reason": reason}
    record(asked.session, "disallow_finding", subject=plan.code, detail=told)
    return {"plan": plan.code, "finding": finding.id, "state": finding.state}


def _show(row: dict[str, Any]) -> dict[str, Any]:
    shown = {key: row[key] for key in FindingShown.model_fields if key in row}
    return {**shown, "town": "、".join(row["towns"] or ()) or None}
