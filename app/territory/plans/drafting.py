"""A new plan: grids made of units under the plan's market rule, or copied from a former plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.orm import Session

from app.db import copy_in, fetch_all, fetch_one, run_statement
from app.errors import BadInput, Conflict
from app.models import Plan
from app.spatial.crs import area_m2
from app.territory.plans.colouring import UNHELD, colour_grids
from app.territory.plans.cutting import BASE_KINDS, OVERLAY_KINDS, cut_markets, join_parts, snap_shapes
from app.territory.plans.listing import find_plan
from app.territory.shapes import Shapes, anchor_points, from_wkb, to_areas, to_ewkb

_COLUMNS = {
    "plan_id": "int8",
    "code": "text",
    "name": "text",
    "kind": "text",
    "branch_id": "int8",
    "unit_codes": "text[]",
    "town_code": "text",
    "town_name": "text",
    "households": "int4",
    "geom": "bytea",
    "anchor": "bytea",
    "area_m2": "float8",
    "colour_no": "int4",
}


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What a new plan is made of.

    `from_plan` copies that plan's grids, branches and duties. Otherwise the villages, communities, streets,
    markets, districts and parks valid `on` that day become grids: all of them, or those of some imports.
    `frame_code` names the unit of kind `frame` (the newest when None). `market_rule` is `cut` (markets are
    taken out of their villages) or `overlay` (they lie over them, and each is listed as nested).
    """

    code: str
    name: str
    market_rule: str = "cut"
    import_ids: tuple[int, ...] = ()
    from_plan: str | None = None
    frame_code: str | None = None
    on: date | None = None


def new_plan(session: Session, draft: PlanDraft, *, user_id: int | None = None) -> Plan:
    """Make a draft plan with its grids; grid codes are the units' codes until the duties give the bank's own.

    Each grid gets its area (m2 on the ellipsoid), an anchor point well inside, the only branch of its town
    if there is just one, and a colour. Raises Conflict `plan_exists`, BadInput when there is no frame or no
    unit to make grids of.
    """
    if draft.market_rule not in ("cut", "overlay"):
        raise BadInput(
            "bad_market_rule", zh="市场规则应为 cut 或 overlay", en="the market rule is cut or overlay"
        )
    if session.query(Plan).filter_by(code=draft.code).first() is not None:
        raise Conflict(
            "plan_exists", zh=f"网格规划 {draft.code} 已存在", en=f"plan {draft.code} exists already"
        )
    if draft.from_plan is not None:
        return _copy_plan(session, draft, user_id)
    day = draft.on or date.today()
    units = fetch_all(
        session,
        "territory/list_plan_units",
        on=day,
        kinds=[*BASE_KINDS, *OVERLAY_KINDS],
        import_ids=list(draft.import_ids),
    )
    if not units:
        raise BadInput(
            "no_units", zh="没有可用的单元，请先导入边界", en="no units yet; import boundaries first"
        )
    plan = _store_plan(session, draft, user_id, _find_frame(session, draft, day))
    plan.synthetic = any(unit["synthetic"] for unit in units)
    session.flush()
    _store_grids(session, plan, units)
    colour_grids(session, plan)
    return plan


def _find_frame(session: Session, draft: PlanDraft, day: date) -> dict[str, Any]:
    frame = fetch_one(session, "territory/find_frame", on=day, code=draft.frame_code)
    if frame is None:
        raise BadInput(
            "no_frame",
            zh="没有辖区边界：没有它就无法证明没有空白，请先导入（--kind frame）",
            en="there is no frame, so nobody can prove that there is no gap; import one (--kind frame)",
        )
    return frame


def _store_plan(session: Session, draft: PlanDraft, user_id: int | None, frame: dict[str, Any]) -> Plan:
    shape = to_areas(snap_shapes(from_wkb([frame["wkb"]])))[0]
    plan = Plan(
        code=draft.code,
        name=draft.name,
        market_rule=draft.market_rule,
        frame=from_shape(shape, srid=4326),
        created_by=user_id,
    )
    session.add(plan)
    session.flush()
    return plan


def _store_grids(session: Session, plan: Plan, units: list[dict[str, Any]]) -> None:
    shapes = snap_shapes(from_wkb(unit["wkb"] for unit in units))
    groups = join_parts([unit["code"] for unit in units], shapes)
    joined = np.array([_join(shapes[group]) for group in groups], dtype=object)
    firsts = [units[group[0]] for group in groups]
    areas = (
        cut_markets(joined, [unit["kind"] for unit in firsts])
        if plan.market_rule == "cut"
        else to_areas(joined)
    )
    kept = np.flatnonzero(~shapely.is_empty(areas)).tolist()
    rows = _grid_rows(plan, [firsts[i] for i in kept], areas[kept], branches=_branch_of_towns(session))
    copy_in(session, "grid", list(_COLUMNS), rows, types=list(_COLUMNS.values()))


def _join(parts: Shapes) -> Any:
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _branch_of_towns(session: Session) -> dict[str, int]:
    rows = fetch_all(session, "territory/list_town_branches")
    return {row["town_code"]: row["branch_id"] for row in rows}


def _grid_rows(
    plan: Plan, units: list[dict[str, Any]], areas: Shapes, *, branches: dict[str, int]
) -> Iterator[tuple[Any, ...]]:
    taken: dict[str, int] = {}
    sizes = area_m2(areas).tolist()
    facts = zip(units, to_ewkb(areas), to_ewkb(anchor_points(areas)), sizes, strict=True)
    for unit, geom, anchor, size in facts:
        code = unit["code"]
        taken[code] = taken.get(code, 0) + 1
        yield (
            plan.id,
            code if taken[code] == 1 else f"{code}-{taken[code]}",
            unit["name"],
            unit["kind"],
            branches.get(unit["town_code"] or ""),
            [code],
            unit["town_code"],
            unit["town_name"],
            unit["households"],
            geom,
            anchor,
            size,
            UNHELD,
        )


def _copy_plan(session: Session, draft: PlanDraft, user_id: int | None) -> Plan:
    source = find_plan(session, str(draft.from_plan))
    plan = Plan(
        code=draft.code,
        name=draft.name,
        market_rule=source.market_rule,
        frame=source.frame,
        synthetic=source.synthetic,
        created_by=user_id,
    )
    session.add(plan)
    session.flush()
    run_statement(session, "territory/copy_grids", from_id=source.id, to_id=plan.id)
    run_statement(session, "territory/copy_duties", from_id=source.id, to_id=plan.id)
    return plan
