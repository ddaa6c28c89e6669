"""A plan's ground checked against its frame; the faults become findings that stand until they are mended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from geoalchemy2.shape import to_shape
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import copy_in, fetch_all, run_statement
from app.errors import Conflict, NotFound
from app.models import Finding, Plan
from app.spatial.topology import Fault, find_faults
from app.territory.ground import find_check
from app.territory.plans.cutting import OVERLAY_KINDS
from app.territory.plans.listing import GridSet, load_grids, lock_plan
from app.territory.shapes import to_areas, to_ewkb

_COLUMNS = {
    "plan_id": "int8",
    "kind": "text",
    "severity": "text",
    "state": "text",
    "grid_ids": "int8[]",
    "codes": "text[]",
    "names": "text[]",
    "geom": "bytea",
    "area_m2": "float8",
    "width_m": "float8",
}


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """What a check found: findings by kind, and how many of them still stand in a certificate's way."""

    counts: dict[str, int]
    blocking: int

    def as_json(self) -> dict[str, Any]:
        """The result as JSON-ready values."""
        return {"counts": self.counts, "blocking": self.blocking, "ready": self.blocking == 0}


def check_plan(session: Session, plan: Plan) -> PlanCheck:
    """Check all grids of a plan against its frame and store what is wrong in place of the last findings.

    What a person has allowed before (same kind, same grids) stays allowed. A draft without anything to mend
    or to confirm becomes `checked`; one with faults becomes a draft again. Shapes are EPSG:4326.
    """
    lock_plan(session, plan)
    grids = load_grids(session, plan)
    faults = find_plan_faults(plan, grids)
    allowed = _list_allowed(session, plan)
    run_statement(session, "territory/forget_findings", plan_id=plan.id)
    rows = list(_finding_rows(plan, grids, faults, allowed=allowed))
    copy_in(session, "finding", list(_COLUMNS), rows, types=list(_COLUMNS.values()))
    plan.checked_version = plan.ground_version
    check = summarise_findings(session, plan)
    _set_status(plan, check)
    session.flush()
    return check


def find_plan_faults(plan: Plan, grids: GridSet) -> list[Fault]:
    """The faults of a plan's grids against its frame; members are rows of `grids`.

    Under the overlay rule a market over several villages is nested in each of them: the plan wants it so.
    """
    kinds = grids.column("kind")
    faults = find_faults(grids.shapes, frame=to_shape(plan.frame), kinds=kinds)
    return [_as_overlay(fault, kinds) if plan.market_rule == "overlay" else fault for fault in faults]


def _as_overlay(fault: Fault, kinds: Sequence[str]) -> Fault:
    upper = [row for row in fault.members if kinds[row] in OVERLAY_KINDS]
    if fault.of not in ("overlap", "duplicate") or len(upper) != 1:
        return fault
    lower = [row for row in fault.members if row not in upper]
    return Fault("nested", (*lower, *upper), fault.geom, fault.area_m2, fault.width_m, "nested")


def allow_finding(session: Session, finding_id: int) -> Finding:
    """Let a nested grid stand, as a person decides; it will be listed on the certificate.

    Raises NotFound, or Conflict `must_be_mended` for a finding that nobody can allow.
    """
    finding = find_finding(session, finding_id)
    if finding.severity == "must_fix":
        raise Conflict(
            "must_be_mended", zh="此类问题必须修复，不能放行", en="a fault of this kind must be mended"
        )
    finding.state = "allowed"
    session.flush()
    plan = session.get_one(Plan, finding.plan_id)
    _set_status(plan, summarise_findings(session, plan))
    session.flush()
    return finding


def find_finding(session: Session, finding_id: int) -> Finding:
    """The finding of an id; NotFound when there is none in the viewer's sight."""
    finding = session.get(Finding, finding_id)
    if finding is None:
        raise NotFound("no_finding", zh="没有这个问题项", en="there is no such finding")
    return finding


def list_findings(session: Session, plan: Plan) -> list[dict[str, Any]]:
    """The findings of a plan, gravest and largest first: id, kind, severity, state, codes, names, area_m2,
    width_m, customers, bbox [west, south, east, north] and the shape as `wkb` (EPSG:4326)."""
    return fetch_all(session, "territory/list_findings", plan_id=plan.id)


def summarise_findings(session: Session, plan: Plan) -> PlanCheck:
    """Findings of a plan by kind, and how many are neither mended, allowed nor harmless."""
    rows = fetch_all(session, "territory/count_findings", plan_id=plan.id)
    counts = {row["kind"]: row["findings"] for row in rows}
    return PlanCheck(counts, sum(row["blocking"] for row in rows))


def _set_status(plan: Plan, check: PlanCheck) -> None:
    if plan.status in ("draft", "checked"):
        fresh = plan.checked_version == plan.ground_version
        plan.status = "checked" if fresh and check.blocking == 0 else "draft"


def _list_allowed(session: Session, plan: Plan) -> set[tuple[str, tuple[str, ...]]]:
    query = select(Finding).where(Finding.plan_id == plan.id, Finding.state == "allowed")
    return {(finding.kind, tuple(finding.codes)) for finding in session.scalars(query)}


def _finding_rows(
    plan: Plan, grids: GridSet, faults: Sequence[Fault], *, allowed: set[tuple[str, tuple[str, ...]]]
) -> Iterator[tuple[Any, ...]]:
    shapes = np.array([_as_ground(fault.geom) for fault in faults], dtype=object)
    for fault, geom in zip(faults, to_ewkb(to_areas(shapes)) if faults else [], strict=True):
        members = [grids.rows[row] for row in fault.members]
        codes = [member["code"] for member in members]
        by_rule = (
            fault.kind == "nested" and plan.market_rule == "overlay" and members[1]["kind"] in OVERLAY_KINDS
        )
        yield (
            plan.id,
            fault.kind,
            find_check(fault.kind).severity,
            "allowed" if by_rule or (fault.kind, tuple(codes)) in allowed else "open",
            [member["id"] for member in members],
            codes,
            [member["name"] for member in members],
            geom,
            fault.area_m2,
            fault.width_m,
        )


def _as_ground(shape: BaseGeometry) -> BaseGeometry:
    """A fault's shape as an area; the shape of an empty grid stays empty."""
    return MultiPolygon() if shape.is_empty else shape
