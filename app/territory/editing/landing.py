"""A prepared act lands: rows change, the ground is checked where it changed, the ledger gets its row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_all, run_statement
from app.errors import Conflict
from app.models import Plan, PlanStep
from app.spatial.topology.edges import as_shapes
from app.territory.editing.desk import area_of
from app.territory.editing.ledger import PARTS, Snapshots, State, snapshot_grids, write_step
from app.territory.editing.wishes import Prepared
from app.territory.plans.checking import PlanCheck, recheck_plan, summarise_findings
from app.territory.plans.listing import require_editable, touch_ground
from app.territory.shapes import anchor_points, from_wkb, to_areas, to_ewkb

_WIDE_M = 0.05
"""Ground that a fault did not cover before counts from this width on."""


@dataclass(frozen=True)
class Landed:
    """What an act did: its step, the grids that changed or came, those that went, findings before and after.

    `added` are findings that must be mended and were not there before.
    """

    step: PlanStep
    changed: tuple[int, ...]
    removed: tuple[int, ...]
    before: PlanCheck
    after: PlanCheck
    added: tuple[dict[str, Any], ...]


def land(
    session: Session, plan: Plan, prepared: Prepared, *, user_id: int | None, allow_faults: bool = False
) -> Landed:
    """Land a prepared act on a locked draft and write its step.

    Raises Conflict `plan_closed`, and `edit_adds` when it leaves faults that must be mended and were not
    there before (unless `allow_faults`).
    """
    require_editable(plan)
    before = snapshot_grids(session, prepared.grid_ids)
    new_ids = _write(session, plan, prepared, before)
    after = snapshot_grids(session, [*prepared.grid_ids, *new_ids])
    snapshots = Snapshots({**before, **dict.fromkeys(new_ids)}, after)
    return settle(
        session,
        plan,
        (prepared.act, prepared.title_zh, prepared.title_en),
        snapshots=snapshots,
        detail=_detail(prepared),
        user_id=user_id,
        allow_faults=allow_faults,
    )


def _detail(prepared: Prepared) -> dict[str, Any]:
    moved = [
        {"from": a, "to": b, "area_m2": round(area_of(shape), 1)} for a, b, shape in prepared.moves[:200]
    ]
    return {**prepared.detail, **({"moves": moved} if moved else {})}


def settle(
    session: Session,
    plan: Plan,
    title: tuple[str, str, str],
    *,
    snapshots: Snapshots,
    detail: Mapping[str, Any],
    user_id: int | None,
    allow_faults: bool = False,
    undoes: int | None = None,
) -> Landed:
    """Check the changed ground, refuse new faults, write the step. The rows have changed already."""
    old, new = _shapes_of(snapshots.before), _shapes_of(snapshots.after)
    counts = summarise_findings(session, plan)
    stood = _list_faults(session, plan, snapshots, (old, new))
    touch_ground(session, plan)
    check = recheck_plan(session, plan, before=old, after=new)
    added = _find_added(stood, _list_faults(session, plan, snapshots, (old, new)))
    if added and not allow_faults:
        raise _edit_adds(added)
    step = write_step(
        session, plan, title, snapshots=snapshots, detail=detail, user_id=user_id, undoes=undoes
    )
    there = [grid_id for grid_id, state in snapshots.after.items() if state is not None]
    gone = [grid_id for grid_id, state in snapshots.after.items() if state is None]
    return Landed(step, tuple(there), tuple(gone), counts, check, tuple(added))


def _shapes_of(states: Mapping[int, State | None]) -> list[BaseGeometry]:
    return list(shapely.from_wkb([state["geom"] for state in states.values() if state is not None]))


def _list_faults(
    session: Session, plan: Plan, snapshots: Snapshots, shapes: tuple[list[BaseGeometry], list[BaseGeometry]]
) -> list[dict[str, Any]]:
    west, south, east, north = shapely.total_bounds(as_shapes([*shapes[0], *shapes[1]])).tolist()
    rows = fetch_all(
        session,
        "territory/list_standing_faults",
        plan_id=plan.id,
        ids=sorted({*snapshots.before, *snapshots.after}),
        **{"west": west, "south": south, "east": east, "north": north},
    )
    return [
        {**row, "shape": shape} for row, shape in zip(rows, from_wkb(r["wkb"] for r in rows), strict=True)
    ]


_COVERED = {"overlap": "over", "nested": "over", "duplicate": "over", "sliver": "over"}


def _find_added(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Faults of `after` with ground on which there was no such fault before."""
    known = {row["id"] for row in before}
    added = []
    for row in after:
        if row["id"] in known:
            continue
        same = [one for one in before if _sort(one) == _sort(row)]
        if row["shape"].is_empty or row["kind"] in ("invalid", "two_primaries", "branch_type"):
            stood = any(set(one["grid_ids"]) & set(row["grid_ids"]) for one in same)
        else:
            stood = _is_covered(row["shape"], [one["shape"] for one in same])
        if not stood:
            added.append({key: row[key] for key in ("id", "kind", "codes", "names", "area_m2", "width_m")})
    return added


def _sort(row: Mapping[str, Any]) -> str:
    return str(_COVERED.get(row["kind"], row["kind"]))


def _is_covered(shape: BaseGeometry, others: Sequence[BaseGeometry]) -> bool:
    if not others:
        return False
    rest = shapely.difference(shape, shapely.union_all(np.array(others, dtype=object)))
    return bool(shapely.buffer(rest, -_WIDE_M / 2 / 111_000).is_empty)


def _edit_adds(added: Sequence[dict[str, Any]]) -> Conflict:
    kinds = "、".join(sorted({row["kind"] for row in added}))
    return Conflict(
        "edit_adds",
        zh=f"这样修改会产生 {len(added)} 个新问题（{kinds}），未保存；分几笔画完时可勾选“允许暂留问题”",
        en=f"this edit would add {len(added)} faults ({kinds}); not stored; allow_faults lets them stand",
        findings=list(added),
    )


def _write(session: Session, plan: Plan, prepared: Prepared, before: Mapping[int, State | None]) -> list[int]:
    gone = [grid_id for grid_id, shape in prepared.shapes.items() if shape is None]
    if gone:
        run_statement(session, "territory/remove_grids", ids=gone)
    rows = []
    for grid_id in prepared.grid_ids:
        state = before[grid_id]
        assert state is not None
        if grid_id not in gone:
            shape = prepared.shapes.get(grid_id)
            rows.append({**state, **_shape_facts(shape), **prepared.facts.get(grid_id, {})})
    write_rows(session, [{**row, "version": row["version"] + 1} for row in rows])
    return _add(session, plan, prepared)


def _shape_facts(shape: BaseGeometry | None) -> dict[str, Any]:
    if shape is None:
        return {}
    areas = to_areas(as_shapes([shape]))
    anchor = anchor_points(areas)[0]
    return {"geom": _hex(areas[0]), "anchor": _hex(anchor), "area_m2": area_of(areas[0])}


def _hex(shape: BaseGeometry) -> str:
    ewkb: list[bytes] = to_ewkb(as_shapes([shape]))
    return ewkb[0].hex().upper()


def write_rows(session: Session, rows: Sequence[State]) -> None:
    """Write grids as their rows say; what hangs on them stays as it is."""
    plain = [{key: value for key, value in row.items() if key not in PARTS} for row in rows]
    if plain:
        run_statement(session, "territory/restore_grids", rows=json.dumps(plain))


def _add(session: Session, plan: Plan, prepared: Prepared) -> list[int]:
    if not prepared.added:
        return []
    rows = [{"plan_id": plan.id, **new.facts, **_shape_facts(new.shape)} for new in prepared.added]
    made = fetch_all(session, "territory/add_grids", rows=json.dumps(rows, default=list))
    ids = {row["code"]: row["id"] for row in made}
    pairs = [(new.heir_of, ids[new.facts["code"]]) for new in prepared.added if new.heir_of is not None]
    if pairs:
        run_statement(
            session,
            "territory/share_duties",
            from_ids=[pair[0] for pair in pairs],
            to_ids=[pair[1] for pair in pairs],
        )
    return sorted(ids.values())
