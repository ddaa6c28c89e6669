"""What a certificate states of a ground: measured from the ground, sealed, and compared again later."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import to_shape

from app.models import Plan
from app.spatial.crs import area_m2
from app.spatial.topology import OVERLAY_KINDS, Fault
from app.territory.plans.covering import measure_covered
from app.territory.plans.cutting import BASE_KINDS
from app.territory.plans.listing import GridSet
from app.territory.plans.precedence import read_precedence
from app.territory.plans.thresholds import read_options
from app.territory.shapes import Shapes

FAULTS = ("overlap", "gap", "duplicate", "outside", "invalid")
"""Kinds of which a certified ground has none."""
Statement = dict[str, Any]
FOUND_AGAIN = (
    "hash",
    "frame_km2",
    "grids_km2",
    "overlaid_m2",
    "difference_m2",
    "grids",
    "overlaps",
    "gaps",
    "faults",
    "nested",
    "slivers",
    "multipart",
    "market_rule",
    "precedence",
)
"""What a later check measures anew; who holds a grid may change without the ground."""


def measure_ground(plan: Plan, grids: GridSet, faults: Sequence[Fault]) -> Statement:
    """What the ground of a plan is today: areas, grids by kind, faults by kind, nested, slivers, parts, hash.

    `faults` are all that the check finds in it. Under `overlay` the grids' areas exceed the frame by
    `overlaid_m2`; what is left of the difference (`difference_m2`) is rounding of last digits.
    """
    counts = Counter(fault.kind for fault in faults)
    frame_m2, grids_m2 = _measure_frame_m2(plan), float(area_m2(grids.shapes).sum())
    # A market in a park in a village is three nested pairs, but its ground is covered twice too often only.
    overlaid_m2 = grids_m2 - measure_covered(plan, grids) if counts["nested"] else 0.0
    slivers = [fault.area_m2 for fault in faults if fault.kind == "sliver"]
    kinds, options = Counter(grids.column("kind")), read_options(plan)
    return {
        "market_rule": plan.market_rule,
        "precedence": read_precedence(plan) if plan.market_rule == "overlay" else list(plan.precedence or ()),
        "frame_km2": round(frame_m2 / 1e6, 4),
        "grids_km2": round(grids_m2 / 1e6, 4),
        "overlaid_m2": round(overlaid_m2, 1),
        "difference_m2": round(grids_m2 - overlaid_m2 - frame_m2, 1) + 0.0,
        "grids": {"total": len(grids.rows), **dict(sorted(kinds.items()))},
        "overlaps": counts["overlap"],
        "gaps": counts["gap"],
        "faults": sum(counts[kind] for kind in FAULTS),
        "nested": _list_nested(grids),
        "slivers": {"count": len(slivers), "area_m2": round(sum(slivers), 1)},
        "multipart": _list_multipart(grids),
        "thresholds": {"min_width_m": options.min_width_m, "min_area_m2": options.min_area_m2},
        "hash": hash_ground(plan, grids),
    }


def list_vacant(grids: GridSet) -> list[dict[str, str]]:
    """The grids that nobody holds as primary, today or from a later day on."""
    return [{"code": row["code"], "name": row["name"]} for row in grids.rows if row["manager_id"] is None]


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


def measure_frame(plan: Plan) -> float:
    """The area of a plan's frame in square kilometres, on the ellipsoid."""
    return round(_measure_frame_m2(plan) / 1e6, 4)


def name_checker() -> str:
    """The program and the geometry library that measured: `getu 0.1.0 / shapely 2.1.2 / GEOS 3.13.1`."""
    return f"getu {version('getu')} / shapely {shapely.__version__} / GEOS {shapely.geos_version_string}"


def write_canonical(statement: Mapping[str, Any]) -> bytes:
    """A statement as bytes that depend on its values only: UTF-8 JSON, keys sorted, no spaces."""
    return json.dumps(statement, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal_statement(statement: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form of everything a statement says besides its seal."""
    return hashlib.sha256(
        write_canonical({key: value for key, value in statement.items() if key != "seal"})
    ).hexdigest()


def compare_statements(
    stated: Mapping[str, Any], found: Mapping[str, Any], fields: Sequence[str]
) -> list[dict[str, Any]]:
    """The fields in which two statements differ: [{field, stated, found}]; what neither says is equal."""
    return [
        {"field": field, "stated": stated.get(field), "found": found.get(field)}
        for field in fields
        if stated.get(field) != found.get(field)
    ]


def _canonical(shapes: Shapes) -> list[bytes]:
    snapped = shapely.transform(shapes, lambda xy: np.round(xy, 7))
    return list(shapely.to_wkb(shapely.normalize(snapped), byte_order=1, output_dimension=2))


def _measure_frame_m2(plan: Plan) -> float:
    return float(area_m2(np.array([to_shape(plan.frame)], dtype=object))[0])


def _list_multipart(grids: GridSet) -> list[dict[str, Any]]:
    parts = shapely.get_num_geometries(grids.shapes).tolist()
    rows = zip(grids.rows, parts, strict=True)
    return [{"code": row["code"], "name": row["name"], "parts": n} for row, n in rows if n > 1]


def _list_nested(grids: GridSet) -> list[dict[str, Any]]:
    """Every grid that lies wholly inside another's outer edge, whether cut out of it or laid over it."""
    kinds, codes, names = grids.column("kind"), grids.column("code"), grids.column("name")
    filled = _fill_holes(grids.shapes)
    inner, outer = shapely.STRtree(filled).query(grids.shapes, predicate="covered_by")
    nested = []
    for small, large in zip(inner.tolist(), outer.tolist(), strict=True):
        if small == large or (kinds[small] in BASE_KINDS and kinds[large] in OVERLAY_KINDS):
            continue
        nested.append(
            {
                "outer": codes[large],
                "outer_name": names[large],
                "inner": codes[small],
                "inner_name": names[small],
                "kind": kinds[small],
                "area_m2": round(float(grids.rows[small]["area_m2"]), 1),
            }
        )
    return sorted(nested, key=lambda one: (one["outer"], one["inner"]))


def _fill_holes(shapes: Shapes) -> Shapes:
    """The shapes without holes; only those that have any are built anew."""
    filled = shapes.copy()
    parts, owner = shapely.get_parts(shapes, return_index=True)
    holed = np.unique(owner[shapely.get_num_interior_rings(parts) > 0])
    for row in holed.tolist():
        rings = shapely.get_exterior_ring(shapely.get_parts(shapes[row]))
        filled[row] = shapely.union_all(shapely.polygons(rings))
    return filled
