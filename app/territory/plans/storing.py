"""What a check found takes the place of what was stored; a finding that is found again stays as it is.

It keeps its number, its state, its customers and the reason somebody gave for letting it stand.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_all, run_statement
from app.models import Plan
from app.spatial.topology import OVERLAY_KINDS, Fault
from app.territory.ground import find_check
from app.territory.plans.listing import GridSet
from app.territory.plans.precedence import settles
from app.territory.shapes import from_wkb, to_areas, to_ewkb

_NOISE_M = 0.02
"""Metres by which the border of a fault found again may lie elsewhere: what welding moves a corner."""
_SAME_PLACE = 3e-7
"""Degrees (3 cm) by which the box of a fault found again may differ."""

Flags = npt.NDArray[np.bool_]


class Replaced(NamedTuple):
    """The numbers of findings that are new, and what was taken away."""

    new: tuple[int, ...]
    gone: tuple[dict[str, Any], ...]


class Look(NamedTuple):
    """What a check looked at: the grids, the faults it found among them (members are rows of `grids`), the
    stored findings it met, and which of both lie on the ground in question (all, when None)."""

    grids: GridSet
    faults: Sequence[Fault]
    stored: list[dict[str, Any]]
    faults_meant: Flags | None = None
    stored_meant: Flags | None = None


def replace_faults(session: Session, plan: Plan, look: Look) -> Replaced:
    """Store the faults of a look in place of the stored findings; one that is found again stays as it is.

    What lies beside the ground in question is only used to know a fault again. What a person allowed before
    (same kind, same grids) stays allowed even when its shape has changed.
    """
    rows = _finding_rows(plan, look.grids, look.faults)
    kept, fresh = _pair(look.stored, rows)
    if look.faults_meant is not None:
        meant = {id(row) for row, hit in zip(rows, look.faults_meant, strict=True) if hit}
        fresh = [row for row in fresh if id(row) in meant]
    within = [True] * len(look.stored) if look.stored_meant is None else look.stored_meant
    gone = [row for row, hit in zip(look.stored, within, strict=True) if hit and row["id"] not in kept]
    carried = {(row["kind"], tuple(row["codes"])): row for row in gone if allowed_by_hand(row)}
    for row in fresh:
        former = carried.get((row["kind"], tuple(row["codes"])))
        if former is not None and row["severity"] != "must_fix":
            row |= {"state": "allowed", "detail": row["detail"] | keep_word(former)}
    return store(session, plan, gone, rows=fresh, statement="territory/add_findings")


def store(
    session: Session, plan: Plan, gone: list[dict[str, Any]], *, rows: list[dict[str, Any]], statement: str
) -> Replaced:
    """Take findings away and add others by a statement; tells which."""
    if gone:
        run_statement(session, "territory/forget_findings", ids=[row["id"] for row in gone])
    added = []
    if rows:
        sent = [{key: value for key, value in row.items() if key != "shape"} for row in rows]
        added = fetch_all(session, statement, plan_id=plan.id, rows=json.dumps(sent, default=str))
    keys = ("id", "kind", "codes", "names", "area_m2")
    return Replaced(tuple(row["id"] for row in added), tuple({key: row[key] for key in keys} for row in gone))


def allowed_by_hand(row: dict[str, Any]) -> bool:
    """Whether a person let a stored finding stand, not the plan's own rule."""
    return row["state"] == "allowed" and not row["detail"].get("by_rule")


def keep_word(former: dict[str, Any]) -> dict[str, Any]:
    """Who let a finding stand, when and why, for the finding that takes its place."""
    return {key: value for key, value in former["detail"].items() if key == "allowed"}


def _finding_rows(plan: Plan, grids: GridSet, faults: Sequence[Fault]) -> list[dict[str, Any]]:
    rows = [_finding_row(plan, [grids.rows[row] for row in fault.members], fault) for fault in faults]
    shapes = np.array([row["shape"] for row in rows], dtype=object)
    for row, geom in zip(rows, to_ewkb(to_areas(shapes)) if rows else [], strict=True):
        row["geom"] = geom.hex()
    return rows


def _finding_row(plan: Plan, members: list[dict[str, Any]], fault: Fault) -> dict[str, Any]:
    kinds = [member["kind"] for member in members]
    by_rule = (
        fault.kind == "nested" and kinds[1] in OVERLAY_KINDS and settles(plan.market_rule, kinds[1], kinds[0])
    )
    detail: dict[str, Any] = {"of": fault.of} if fault.of != fault.kind else {}
    detail |= {"by_rule": True} if by_rule else {}
    return {
        "kind": fault.kind,
        "severity": find_check(fault.kind).severity,
        "state": "allowed" if by_rule else "open",
        "grid_ids": [member["id"] for member in members],
        "codes": [member["code"] for member in members],
        "names": [member["name"] for member in members],
        "area_m2": fault.area_m2,
        "width_m": fault.width_m,
        "detail": detail | ({"reason": fault.reason} if fault.reason else {}),
        "shape": _as_ground(fault.geom),
    }


def _pair(stored: list[dict[str, Any]], rows: list[dict[str, Any]]) -> tuple[set[int], list[dict[str, Any]]]:
    """Which stored findings are found again (same kind, grids and ground), and which rows are new."""
    shapes = from_wkb(row["wkb"] for row in stored) if stored else np.empty(0, dtype=object)
    waiting: dict[Any, list[tuple[dict[str, Any], BaseGeometry]]] = {}
    for old, shape in zip(stored, shapes, strict=True):
        waiting.setdefault(_name(old), []).append((old, shape))
    kept: set[int] = set()
    fresh = []
    for row in rows:
        twin = next((old for old in waiting.get(_name(row), ()) if _is_same(*old, row)), None)
        if twin is None:
            fresh.append(row)
        else:
            waiting[_name(row)].remove(twin)
            kept.add(twin[0]["id"])
    return kept, fresh


def _name(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["kind"], tuple(row["grid_ids"]), tuple(row["codes"]), tuple(row["names"]), row["severity"]


def _is_same(old: dict[str, Any], shape: BaseGeometry, row: dict[str, Any]) -> bool:
    border_m = 2.0 * row["area_m2"] / max(row["width_m"], 0.01)
    if abs(old["area_m2"] - row["area_m2"]) > _NOISE_M * border_m:
        return False
    if old["detail"].get("by_rule") != row["detail"].get("by_rule"):
        return False
    apart = np.abs(np.array(shapely.bounds(shape)) - np.array(shapely.bounds(row["shape"])))
    return bool(shape.is_empty and row["shape"].is_empty) or bool((apart < _SAME_PLACE).all())


def _as_ground(shape: BaseGeometry) -> BaseGeometry:
    """A fault's shape as an area, without the lines and points at which two grids touch as well."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return MultiPolygon() if shape.is_empty else shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon"])
