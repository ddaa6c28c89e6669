"""A new plan: grids made of units under the plan's market rule, copied from a plan, or empty to draw in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.orm import Session

from app.clock import today
from app.db import as_worker, copy_in, fetch_all, fetch_one, run_statement
from app.errors import BadInput, Conflict
from app.models import Plan
from app.spatial.crs import area_m2
from app.spatial.topology import OVERLAY_KINDS
from app.territory.plans.colouring import UNHELD, colour_grids
from app.territory.plans.cutting import (
    BASE_KINDS,
    SNAP_DEGREES,
    cut_markets,
    join_parts,
    snap_shapes,
)
from app.territory.plans.grouping import (
    RULES,
    CodeRange,
    DraftReport,
    Gathered,
    Rule,
    UnitGroup,
    gather_by_rule,
    gather_groups,
    tell_kind,
)
from app.territory.plans.listing import IN_FORCE, find_plan, lock_plan, require_editable
from app.territory.plans.precedence import complete_precedence
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

    `from_plan` copies that plan's grids, branches and duties (`in_force`: the plan in force today); `empty`
    makes a plan without grids, to draw in. Otherwise the villages, communities, streets, markets, districts
    and parks valid `on` that day become grids: all of them, those of some imports, or those of `code_range`;
    one by one (rule `village`), by another rule, or in `groups`. `frame_code` names the unit of kind `frame`
    (the newest when None). `market_rule` is `cut` (markets are taken out of their villages) or `overlay`
    (they lie over them); `precedence` says which kind keeps ground that two of them cover.
    """

    code: str
    name: str
    market_rule: str = "cut"
    import_ids: tuple[int, ...] = ()
    from_plan: str | None = None
    frame_code: str | None = None
    on: date | None = None
    precedence: tuple[str, ...] = ()
    groups: tuple[UnitGroup, ...] = ()
    code_range: CodeRange | None = None
    rule: Rule = "village"
    empty: bool = False


def new_plan(session: Session, draft: PlanDraft, *, user_id: int | None = None) -> Plan:
    """Make a draft plan with its grids; see `draft_plan`, which also tells what became of the units."""
    return draft_plan(session, draft, user_id=user_id)[0]


def draft_plan(session: Session, draft: PlanDraft, *, user_id: int | None = None) -> tuple[Plan, DraftReport]:
    """Make a draft plan with its grids; grid codes are the units' codes until the duties give the bank's own.

    Each grid gets its area (m2 on the ellipsoid), an anchor point well inside, the only branch of its town
    if there is just one, and a colour. Raises Conflict `plan_exists`, BadInput when there is no frame or no
    unit to make grids of, when the market rule, the precedence or the rule is unknown.
    """
    _require_known(session, draft)
    if draft.from_plan is not None:
        return _copy_plan(session, draft, user_id), DraftReport()
    day = draft.on or today()
    report = DraftReport()
    units = [] if draft.empty else _list_units(session, draft, day)
    plan = _store_plan(session, draft, user_id, _find_frame(session, draft, day))
    if units:
        report.units = len(units)
        plan.synthetic = any(unit["synthetic"] for unit in units)
        session.flush()
        gathered = _gather(session, draft, units, report)
        _store_grids(session, plan, units, gathered)
        report.grouped = sum(len(grid.rows) for grid in gathered)
        report.alone = report.units - report.grouped
        colour_grids(session, plan)
    return plan, report


def rename_plan(session: Session, plan: Plan, name: str) -> None:
    """Give a draft another name; a certificate that carries the old one falls.

    Raises Conflict `plan_closed` for what is approved, BadInput for no name.
    """
    lock_plan(session, plan)
    require_editable(plan)
    if not name.strip():
        raise BadInput("no_name", zh="请填写规划名称", en="the plan needs a name")
    if plan.name != name.strip():
        plan.name, plan.certificate, plan.certificate_no = name.strip(), None, None
    session.flush()


def delete_plan(session: Session, plan: Plan) -> None:
    """Delete a draft with its grids, findings and ledger. Raises Conflict `plan_closed` once it is approved:
    what a bank has worked by stays readable for ever."""
    lock_plan(session, plan)
    require_editable(plan)
    with as_worker(session):
        # A merge of branches outlives its draft: that it was asked for stays readable, and it can be undone.
        run_statement(session, "territory/leave_plan", plan_id=plan.id)
    session.delete(plan)
    session.flush()


def _require_known(session: Session, draft: PlanDraft) -> None:
    if draft.market_rule not in ("cut", "overlay"):
        raise BadInput(
            "bad_market_rule", zh="市场规则应为 cut 或 overlay", en="the market rule is cut or overlay"
        )
    if draft.rule not in RULES:
        raise BadInput("bad_rule", zh=f"不认识的规则：{draft.rule}", en=f"the rules are {', '.join(RULES)}")
    others = (draft.groups, draft.import_ids, draft.code_range, draft.rule != "village")
    if bool(draft.from_plan) + draft.empty + any(others) > 1:
        raise BadInput(
            "one_source",
            zh="草案只能有一种来源：单元、已有规划或空白规划",
            en="a draft is made of units, of a plan, or empty; not of two of them",
        )
    complete_precedence(draft.precedence)
    taken = session.query(Plan).filter_by(code=draft.code).first() is not None
    if taken or draft.code == IN_FORCE:
        raise Conflict(
            "plan_exists", zh=f"网格规划 {draft.code} 已存在", en=f"plan {draft.code} exists already"
        )


def _list_units(session: Session, draft: PlanDraft, day: date) -> list[dict[str, Any]]:
    units = fetch_all(
        session,
        "territory/list_plan_units",
        on=day,
        kinds=[*BASE_KINDS, *OVERLAY_KINDS],
        import_ids=list(draft.import_ids),
    )
    if draft.code_range is not None:
        units = [unit for unit in units if draft.code_range.holds(unit["code"])]
    if not units:
        raise BadInput(
            "no_units", zh="没有可用的单元，请先导入边界", en="no units yet; import boundaries first"
        )
    return units


def _gather(
    session: Session, draft: PlanDraft, units: Sequence[dict[str, Any]], report: DraftReport
) -> list[Gathered]:
    """The grids of several units that the draft's groups or its rule ask for."""
    if draft.groups:
        return gather_groups(units, draft.groups, report)
    if draft.rule == "village":
        return []
    rows = fetch_all(session, "territory/list_town_branches")
    branches = {row["town_code"]: (row["branch_id"], row["branch_code"], row["branch_name"]) for row in rows}
    return gather_by_rule(units, draft.rule, branches, report)


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
        precedence=complete_precedence(draft.precedence) if draft.precedence else [],
        frame=from_shape(shape, srid=4326),
        created_by=user_id,
    )
    session.add(plan)
    session.flush()
    return plan


def _store_grids(session: Session, plan: Plan, units: list[dict[str, Any]], gathered: list[Gathered]) -> None:
    shapes = snap_shapes(from_wkb(unit["wkb"] for unit in units))
    grouped = {row for grid in gathered for row in grid.rows}
    alone = [row for row in range(len(units)) if row not in grouped]
    parts = join_parts([units[row]["code"] for row in alone], shapes[alone])
    lone = [[alone[place] for place in group] for group in parts]
    facts = [_sum_units(units, grid.rows, grid) for grid in gathered]
    facts += [_sum_units(units, rows, None) for rows in lone]
    joined = np.array(
        [_join(shapes[rows]) for rows in [*(grid.rows for grid in gathered), *lone]], dtype=object
    )
    if plan.market_rule == "cut":
        areas = cut_markets(joined, [fact["kind"] for fact in facts], precedence=plan.precedence)
    else:
        areas = to_areas(joined)
    kept = np.flatnonzero(~shapely.is_empty(areas)).tolist()
    rows = _grid_rows(plan, [facts[i] for i in kept], areas[kept], branches=_branch_of_towns(session))
    copy_in(session, "grid", list(_COLUMNS), rows, types=list(_COLUMNS.values()))


def _sum_units(units: list[dict[str, Any]], rows: list[int], grid: Gathered | None) -> dict[str, Any]:
    """The facts of one grid: those of its unit, or of its units together."""
    first = units[rows[0]]
    if grid is None:
        return {**first, "unit_codes": [first["code"]], "branch_id": None}
    firsts = list({units[row]["code"]: units[row] for row in reversed(rows)}.values())[::-1]
    households = [unit["households"] for unit in firsts if unit["households"] is not None]
    towns = {unit["town_code"] for unit in firsts}
    return {
        "code": grid.code,
        "name": grid.name,
        "kind": tell_kind(units, rows),
        "unit_codes": [unit["code"] for unit in firsts],
        "branch_id": grid.branch_id,
        "town_code": first["town_code"] if len(towns) == 1 else None,
        "town_name": first["town_name"] if len(towns) == 1 else None,
        "households": sum(households) if households else None,
    }


def _join(parts: Shapes) -> Any:
    return parts[0] if len(parts) == 1 else shapely.union_all(parts, grid_size=SNAP_DEGREES)


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
            unit["branch_id"] or branches.get(unit["town_code"] or ""),
            unit["unit_codes"],
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
        precedence=list(source.precedence or ()),
        min_width_m=source.min_width_m,
        min_area_m2=source.min_area_m2,
        base_plan_id=source.id,
        frame=source.frame,
        synthetic=source.synthetic,
        created_by=user_id,
    )
    session.add(plan)
    session.flush()
    run_statement(session, "territory/copy_grids", from_id=source.id, to_id=plan.id)
    run_statement(session, "territory/copy_duties", from_id=source.id, to_id=plan.id)
    return plan
