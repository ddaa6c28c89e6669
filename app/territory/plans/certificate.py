"""The coverage certificate: a machine's word that a plan covers its frame once and only once."""

import hashlib
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models import Plan
from app.spatial.crs import area_m2
from app.territory.plans.cutting import BASE_KINDS, OVERLAY_KINDS
from app.territory.plans.findings import EVERYTHING, list_findings
from app.territory.plans.listing import GridSet, load_grids, lock_plan
from app.territory.shapes import Shapes


def certify(session: Session, plan: Plan) -> dict[str, Any]:
    """Issue the certificate of a checked plan, store it with the plan and return it.

    It names the frame (km2), the grids by kind, overlaps and gaps (0), every nested grid, the slivers left
    (harmless), the hash of the ground and its version. Raises Conflict `not_checked` when the ground has
    changed since the last check, `not_covered` with the findings that are left.
    """
    lock_plan(session, plan)
    if plan.status in ("approved", "in_force", "retired"):
        raise Conflict("already_certified", zh="该规划已有证明", en="this plan has its certificate already")
    if plan.checked_version != plan.ground_version:
        raise Conflict(
            "not_checked", zh="边界有变化，请先重新检查", en="the ground has changed; check it first"
        )
    findings = list_findings(session, plan, EVERYTHING)
    left = [f for f in findings if f["state"] == "open" and f["severity"] != "harmless"]
    if left:
        raise _not_covered(plan, left)
    grids = load_grids(session, plan)
    if not len(grids.rows):
        raise Conflict("no_grids", zh="规划中没有网格", en="the plan has no grids")
    certificate = _write(plan, grids, findings)
    plan.certificate = certificate
    plan.certificate_no = certificate["number"]
    session.flush()
    return certificate


def verify(session: Session, plan: Plan) -> dict[str, Any]:
    """Whether the ground is still what the certificate says: {valid, number, expected, found}.

    Raises Conflict `no_certificate` for a plan without one.
    """
    if plan.certificate is None:
        raise Conflict("no_certificate", zh="该规划还没有证明", en="this plan has no certificate")
    expected, found = plan.certificate["hash"], hash_ground(plan, load_grids(session, plan))
    return {
        "valid": expected == found,
        "number": plan.certificate_no,
        "expected": expected,
        "found": found,
        "plan": plan.code,
    }


def hash_ground(plan: Plan, grids: GridSet) -> str:
    """SHA-256 of the frame and every grid's code and shape, whatever order they were drawn or stored in.

    A shape counts by its normalised WKB on the 1e-7 degree grid; grids follow in order of code.
    """
    digest = hashlib.sha256()
    frame = np.array([to_shape(plan.frame)], dtype=object)
    shapes = zip(["", *grids.column("code")], _canonical(np.concatenate([frame, grids.shapes])), strict=True)
    for code, wkb in sorted(shapes):
        digest.update(code.encode() + b"\0" + len(wkb).to_bytes(8, "big") + wkb)
    return digest.hexdigest()


def _canonical(shapes: Shapes) -> list[bytes]:
    snapped = shapely.transform(shapes, lambda xy: np.round(xy, 7))
    return list(shapely.to_wkb(shapely.normalize(snapped), byte_order=1, output_dimension=2))


def measure_frame(plan: Plan) -> float:
    """The area of a plan's frame in square kilometres, on the ellipsoid."""
    frame = np.array([to_shape(plan.frame)], dtype=object)
    return round(float(area_m2(frame)[0]) / 1e6, 4)


def _write(plan: Plan, grids: GridSet, findings: Any) -> dict[str, Any]:
    ground = hash_ground(plan, grids)
    counts = Counter(grids.column("kind"))
    slivers = [f["area_m2"] for f in findings if f["kind"] == "sliver"]
    return {
        "number": f"{plan.code}-{plan.ground_version}-{ground[:8].upper()}",
        "plan": plan.code,
        "plan_name": plan.name,
        "synthetic": plan.synthetic,
        "market_rule": plan.market_rule,
        "frame_km2": measure_frame(plan),
        "grids_km2": round(float(area_m2(grids.shapes).sum()) / 1e6, 4),
        "grids": {"total": len(grids.rows), **dict(sorted(counts.items()))},
        "overlaps": 0,
        "gaps": 0,
        "nested": _list_nested(grids),
        "slivers": {"count": len(slivers), "area_m2": round(sum(slivers), 1)},
        "hash": ground,
        "ground_version": plan.ground_version,
        "issued_on": date.today().isoformat(),
    }


def _list_nested(grids: GridSet) -> list[dict[str, Any]]:
    """Every grid that lies wholly inside another's outer edge, whether cut out of it or laid over it."""
    kinds, codes = grids.column("kind"), grids.column("code")
    filled = _fill_holes(grids.shapes)
    inner, outer = shapely.STRtree(filled).query(grids.shapes, predicate="covered_by")
    nested = []
    for small, large in zip(inner.tolist(), outer.tolist(), strict=True):
        if small == large or (kinds[small] in BASE_KINDS and kinds[large] in OVERLAY_KINDS):
            continue
        area = round(float(grids.rows[small]["area_m2"]), 1)
        nested.append({"outer": codes[large], "inner": codes[small], "kind": kinds[small], "area_m2": area})
    return sorted(nested, key=lambda one: (one["outer"], one["inner"]))


def _fill_holes(shapes: Shapes) -> Shapes:
    return np.array(
        [
            shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(shape))))
            for shape in shapes
        ],
        dtype=object,
    )


def _not_covered(plan: Plan, left: list[Any]) -> Conflict:
    counts = Counter(f["kind"] for f in left)
    said = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    return Conflict(
        "not_covered",
        zh=f"规划 {plan.code} 还有 {len(left)} 个问题未处理（{said}），不能出具全覆盖证明",
        en=f"plan {plan.code} has {len(left)} findings left ({said}); no certificate",
        findings=[
            {k: f[k] for k in ("id", "kind", "severity", "codes", "names", "area_m2", "width_m")}
            for f in left
        ],
        counts=dict(counts),
    )
