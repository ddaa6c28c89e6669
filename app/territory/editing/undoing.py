"""Any step taken back whose grids nobody has changed since, to the very bytes; an undo is a step itself."""

import json
from collections.abc import Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import fetch_all, run_statement
from app.errors import Conflict, NotFound
from app.models import Plan, PlanStep
from app.territory.editing.borders import no_lock_right, require_outer_border, require_unlocked
from app.territory.editing.desk import EVERYTHING, Desk, Sight
from app.territory.editing.landing import Landed, settle, write_rows
from app.territory.editing.ledger import PARTS, UNSTABLE, Entry, Snapshots, State, find_void, snapshot_grids
from app.territory.plans.listing import require_editable

_RESTORE = {
    "duty": "territory/restore_duties",
    "allotment": "territory/restore_allotments",
    "grid_post": "territory/restore_posts",
    "grid_target": "territory/restore_targets",
}


def take_back(
    session: Session, plan: Plan, number: int, *, user_id: int | None, sight: Sight = EVERYTHING
) -> Landed:
    """Undo one step of a locked draft: its grids, ids and duties are what they were; a new step says so.

    Undoing an undo does it again. Grids get a new version, so that nobody edits on what he saw in between.
    Raises NotFound `no_step`, Conflict `undone_already`, `changed_since` with the later steps, `locked`,
    `outer_border`; NotAllowed where a lock is not the editor's to change.
    """
    require_editable(plan)
    step = find_step(session, plan, number)
    current = snapshot_grids(session, step.grid_ids)
    _require_sight(step, current, sight)
    _require_unchanged(session, plan, step, current)
    if step.act not in ("lock", "unlock"):
        require_unlocked(state for state in current.values() if state is not None)
    rows, removed = _plan_restore(step, current)
    _require_own(Desk(session, plan, sight), current, rows, removed)
    if removed:
        run_statement(session, "territory/remove_grids", ids=removed)
    write_rows(session, rows)
    for row in rows:
        if current[row["id"]] is None:
            _hang_back(session, row)
    again = step.undoes is not None
    words = ("重做", "redo") if again else ("撤销", "undo")
    entry = Entry(
        "undo",
        f"{words[0]}第 {number} 步：{step.title_zh}",
        f"{words[1]} step {number}: {step.title_en}",
        user_id,
        {"undoes": number},
        step.id,
    )
    snapshots = Snapshots(current, snapshot_grids(session, step.grid_ids))
    return settle(session, plan, entry, snapshots=snapshots, rule="any")


def find_step(session: Session, plan: Plan, number: int) -> PlanStep:
    """The step of a number; NotFound when the plan has none such."""
    step = session.scalars(
        select(PlanStep).where(PlanStep.plan_id == plan.id, PlanStep.number == number)
    ).first()
    if step is None:
        raise NotFound("no_step", zh=f"没有第 {number} 步", en=f"there is no step {number}")
    return step


def _require_sight(step: PlanStep, current: Mapping[int, State | None], sight: Sight) -> None:
    if sight.grids is None:
        return
    for grid_id in step.grid_ids:
        state = current[grid_id] or step.before[str(grid_id)] or step.after[str(grid_id)]
        mine = sight.holds(grid_id) or (
            current[grid_id] is None and state["branch_id"] in (sight.branches or ())
        )
        if not mine:
            raise NotFound("no_step", zh=f"没有第 {step.number} 步", en=f"there is no step {step.number}")


def _require_own(
    desk: Desk, current: Mapping[int, State | None], rows: Sequence[State], removed: Sequence[int]
) -> None:
    """Raise unless the editor might have done by hand what the undo does.

    Locks, branches and the outer border of his ground are head office's to change, back as well as forth.
    """
    if desk.sight.grids is None:
        return
    was = {row["id"]: current[row["id"]] for row in rows}
    if any((was[row["id"]] or row)["locked"] != row["locked"] for row in rows):
        raise no_lock_right()
    if any(row["branch_id"] not in (desk.sight.branches or ()) for row in rows):
        require_outer_border(rows, [], [])
    shapes = dict(zip(was, shapely.from_wkb([row["geom"] for row in rows]), strict=True))
    changes: dict[int, BaseGeometry | None] = dict.fromkeys(removed)
    changes.update({one: shape for one, shape in shapes.items() if was[one] is not None})
    added = [shape for one, shape in shapes.items() if was[one] is None]
    desk.require_outer(desk.load_any([*changes]), changes, added)


def _require_unchanged(
    session: Session, plan: Plan, step: PlanStep, current: Mapping[int, State | None]
) -> None:
    """Raise Conflict unless the step is not undone and its grids are as it left them."""
    rows = fetch_all(session, "territory/list_steps", plan_id=plan.id)
    mine = next(row for row in rows if row["id"] == step.id)
    if mine["undone_by"] is not None:
        raise Conflict(
            "undone_already",
            zh=f"第 {step.number} 步已撤销（第 {mine['undone_by']} 步）；要恢复请撤销那一步",
            en=f"step {step.number} is undone by step {mine['undone_by']}; undo that one to do it again",
        )
    changed = [grid_id for grid_id in step.grid_ids if not _as_left(step, grid_id, current[grid_id])]
    if not changed:
        return
    void = find_void(rows)
    later = [
        {key: row[key] for key in ("number", "act", "title_zh", "title_en")} | {"at": row["at"].isoformat()}
        for row in rows
        if row["number"] > step.number and row["number"] not in void and set(row["grid_ids"]) & set(changed)
    ]
    told = "、".join(f"第 {row['number']} 步" for row in later[:5]) or "分配或责任人调整"
    raise Conflict(
        "changed_since",
        zh=f"第 {step.number} 步的网格之后又被改动（{told}），请先撤销后面的改动",
        en=f"grids of step {step.number} were changed since; undo the later changes first",
        steps=later,
        grid_ids=changed,
    )


def _as_left(step: PlanStep, grid_id: int, now: State | None) -> bool:
    """Whether what the step changed of a grid is still as the step left it."""
    before, after = step.before[str(grid_id)], step.after[str(grid_id)]
    if after is None or now is None:
        return after is None and now is None
    keys = _changed_keys(before, after) if before is not None else set(after)
    return all(now.get(key) == after.get(key) for key in keys if key not in UNSTABLE)


def _changed_keys(before: State, after: State) -> set[str]:
    return {key for key in after if after[key] != before.get(key)}


def _plan_restore(step: PlanStep, current: Mapping[int, State | None]) -> tuple[list[State], list[int]]:
    """The rows to write, and the grids that go."""
    rows: list[State] = []
    removed: list[int] = []
    for grid_id in step.grid_ids:
        before, after, now = step.before[str(grid_id)], step.after[str(grid_id)], current[grid_id]
        if before is None:
            removed += [grid_id] if now is not None else []
        elif now is None or after is None:
            rows.append({**before, "version": before["version"] + 1})
        else:
            back = {key: before.get(key) for key in _changed_keys(before, after) if key not in PARTS}
            rows.append({**now, **back, "version": now["version"] + 1})
    return rows, removed


def _hang_back(session: Session, row: State) -> None:
    """What hung on a grid that comes back, under its own ids."""
    for part in PARTS:
        if row.get(part):
            run_statement(session, _RESTORE[part], rows=json.dumps(row[part]))
