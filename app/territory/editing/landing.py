"""A prepared act lands: rows change, the ground is checked where it changed, the ledger gets its row."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from app.db import fetch_all, run_statement
from app.errors import Conflict
from app.glossary import find_term
from app.models import Grid, Plan, PlanStep
from app.spatial.topology.edges import as_shapes
from app.territory.editing.desk import area_of
from app.territory.editing.ledger import PARTS, Entry, Snapshots, State, snapshot_grids, write_step
from app.territory.editing.wishes import Prepared
from app.territory.plans.checking import recheck_plan
from app.territory.plans.findings import GROUND_KINDS, PlanCheck, summarise_findings
from app.territory.plans.listing import require_editable, touch_ground
from app.territory.shapes import anchor_points, from_wkb, to_areas, to_ewkb

_WIDE_M = 0.05
"""Ground that a fault did not cover before counts from this width on."""


Rule = Literal["any", "no_new", "better"]
"""What an act may leave behind: anything, no new fault that must be mended, or less to mend than before."""


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
    session: Session, plan: Plan, prepared: Prepared, *, user_id: int | None, rule: Rule = "no_new"
) -> Landed:
    """Land a prepared act on a locked draft and write its step.

    Raises Conflict `plan_closed`; `edit_adds` where the rule is `no_new` and faults would stand that must be
    mended and were not there before; `repair_adds` where it is `better` and the ground would not be better.
    """
    require_editable(plan)
    before = snapshot_grids(session, prepared.grid_ids)
    new_ids = _write(session, plan, prepared, before)
    after = snapshot_grids(session, [*prepared.grid_ids, *new_ids])
    snapshots = Snapshots({**before, **dict.fromkeys(new_ids)}, after)
    entry = Entry(prepared.act, prepared.title_zh, prepared.title_en, user_id, _detail(prepared))
    return settle(session, plan, entry, snapshots=snapshots, rule=rule)


def _detail(prepared: Prepared) -> dict[str, Any]:
    moved = [
        {"from": a, "to": b, "area_m2": round(area_of(shape), 1)} for a, b, shape in prepared.moves[:200]
    ]
    return {**prepared.detail, **({"moves": moved} if moved else {})}


def settle(
    session: Session, plan: Plan, entry: Entry, *, snapshots: Snapshots, rule: Rule = "no_new"
) -> Landed:
    """Check the changed ground, refuse new faults, write the step. The rows have changed already."""
    old, new = _shapes_of(snapshots.before), _shapes_of(snapshots.after)
    counts = summarise_findings(session, plan)
    look = _Look(session, plan, sorted({*snapshots.before, *snapshots.after}), [*old, *new], rule == "better")
    stood = look.list_faults()
    touch_ground(session, plan)
    check = recheck_plan(session, plan, before=old, after=new)
    added = _find_added(stood, look.list_faults(), anything=look.every)
    if rule == "better":
        _require_better(counts, check, added)
    elif added and rule == "no_new":
        raise _edit_adds(added)
    step = write_step(session, plan, entry, snapshots)
    there = [grid_id for grid_id, state in snapshots.after.items() if state is not None]
    gone = [grid_id for grid_id, state in snapshots.after.items() if state is None]
    return Landed(step, tuple(there), tuple(gone), counts, check, tuple(added))


def _shapes_of(states: Mapping[int, State | None]) -> list[BaseGeometry]:
    return list(shapely.from_wkb([state["geom"] for state in states.values() if state is not None]))


@dataclass(frozen=True)
class _Look:
    """The stored faults on changed ground: those that must be mended, or `every` fault of the ground."""

    session: Session
    plan: Plan
    grid_ids: Sequence[int]
    shapes: Sequence[BaseGeometry]
    every: bool

    def list_faults(self) -> list[dict[str, Any]]:
        """The faults as they stand now, each with its shape."""
        full = [shape for shape in self.shapes if not shape.is_empty]
        bounds = shapely.total_bounds(as_shapes(full)).tolist() if full else (0.0,) * 4
        rows = fetch_all(
            self.session,
            "territory/list_standing_faults",
            plan_id=self.plan.id,
            ids=list(self.grid_ids),
            kinds=list(GROUND_KINDS) if self.every else [],
            **dict(zip(("west", "south", "east", "north"), bounds, strict=True)),
        )
        shapes = from_wkb(row["wkb"] for row in rows)
        return [{**row, "shape": shape} for row, shape in zip(rows, shapes, strict=True)]


_COVERED = {"overlap": "over", "nested": "over", "duplicate": "over", "sliver": "over"}


def _find_added(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], *, anything: bool
) -> list[dict[str, Any]]:
    """Faults of `after` with ground on which there was no such fault before (`anything`: none at all)."""
    known = {row["id"] for row in before}
    added = []
    for row in after:
        if row["id"] in known:
            continue
        same = [one for one in before if anything or _sort(one) == _sort(row)]
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


def _require_better(before: PlanCheck, after: PlanCheck, added: Sequence[dict[str, Any]]) -> None:
    if added or _weight(after) >= _weight(before):
        raise Conflict(
            "repair_adds",
            zh="该修复会带来新的问题，已撤销" if added else "该修复没有减少问题，已撤销",
            en="this repair would not leave the ground better; it was undone",
            before=before.counts,
            after=after.counts,
            findings=list(added),
        )


def _weight(check: PlanCheck) -> tuple[int, int]:
    """How bad a ground is: real faults first, slivers only between equals."""
    slivers = check.counts.get("sliver", 0)
    return sum(check.counts.values()) - slivers, slivers


def _edit_adds(added: Sequence[dict[str, Any]]) -> Conflict:
    terms = [find_term(kind) for kind in sorted({row["kind"] for row in added})]
    zh, en = "、".join(term.zh for term in terms), ", ".join(term.en for term in terms)
    return Conflict(
        "edit_adds",
        zh=f"这样修改会产生 {len(added)} 个新问题（{zh}），未保存；要分几笔画完，可先落下、稍后再修",
        en=f"this edit would add {len(added)} faults ({en}); not stored; allow_faults lets them stand",
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


def write_shapes(session: Session, changes: Mapping[int, BaseGeometry | None]) -> None:
    """Give grids new shapes (EPSG:4326), or take them away, and nothing else."""
    gone = [grid_id for grid_id, shape in changes.items() if shape is None]
    if gone:
        run_statement(session, "territory/remove_grids", ids=gone)
    states = snapshot_grids(session, [grid_id for grid_id in changes if grid_id not in gone])
    rows = [
        {**state, **_shape_facts(changes[grid_id])} for grid_id, state in states.items() if state is not None
    ]
    write_rows(session, [{**row, "version": row["version"] + 1} for row in rows])


def write_rows(session: Session, rows: Sequence[State]) -> None:
    """Write grids as their rows say; what hangs on them stays as it is."""
    plain = [{key: value for key, value in row.items() if key not in PARTS} for row in rows]
    if plain:
        run_statement(session, "territory/restore_grids", rows=json.dumps(plain))
    # What the session remembers of grids was written past it.
    for known in [one for one in session.identity_map.values() if isinstance(one, Grid)]:
        session.expire(known)


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
