"""Two people on one grid: the second hears who changed it, when and how, and nothing is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.errors import Conflict
from app.models import Plan
from app.territory.editing.desk import EVERYTHING, Sight
from app.territory.editing.wishes import ACT_NAMES


def require_versions(
    session: Session, plan: Plan, versions: Mapping[int, int], *, sight: Sight = EVERYTHING
) -> None:
    """Raise Conflict `changed_meanwhile` when a grid of the editor's is no longer what he looked at.

    Of grids beyond his ground nothing is told, not even that they are there.
    """
    if not versions:
        return
    ids = [grid_id for grid_id in versions if abs(grid_id) < 2**62]
    now = {
        row["id"]: row
        for row in fetch_all(
            session,
            "territory/load_near_grids",
            plan_id=plan.id,
            ids=ids,
            **dict.fromkeys(("west", "south", "east", "north"), 0.0),
        )
    }
    stale = [one for one in ids if one not in now or now[one]["version"] != versions[one]]
    last = {
        row["grid_id"]: row
        for row in fetch_all(session, "territory/list_last_steps", plan_id=plan.id, ids=stale)
    }
    stale = [one for one in stale if _is_told(one, now, last, sight)]
    if stale:
        raise _changed_meanwhile(stale, versions, (now, last))


def _is_told(grid_id: int, now: Mapping[int, Any], last: Mapping[int, Any], sight: Sight) -> bool:
    if grid_id in now:
        return sight.holds(grid_id)
    gone = last.get(grid_id)
    return gone is not None and (sight.branches is None or gone["former_branch_id"] in sight.branches)


def _changed_meanwhile(
    stale: Sequence[int], versions: Mapping[int, int], facts: tuple[Mapping[int, Any], Mapping[int, Any]]
) -> Conflict:
    now, last = facts
    changed = [_tell_change(one, versions[one], now.get(one), last.get(one)) for one in stale]
    first = changed[0]
    who = first["by"] or "其他人"
    what = f"（{first['title_zh']}）" if first["title_zh"] else ""
    return Conflict(
        "changed_meanwhile",
        zh=f"{who} 在您编辑期间改动了 {first['code'] or '该网格'}{what}，您的修改没有保存；请查看后重做",
        en=f"{first['by'] or 'somebody'} changed {first['code'] or 'this grid'} meanwhile; look, then redo",
        changed=changed,
        grid_ids=list(stale),
    )


def _tell_change(grid_id: int, version: int, now: Any, step: Any) -> dict[str, Any]:
    return {
        "grid_id": grid_id,
        "code": now["code"] if now else None,
        "name": now["name"] if now else None,
        "version": version,
        "current": now["version"] if now else None,
        "removed": now is None,
        "by": step["by"] if step else "",
        "at": step["at"].isoformat() if step else None,
        "act": ACT_NAMES[step["act"]][0] if step else None,
        "title_zh": step["title_zh"] if step else None,
        "title_en": step["title_en"] if step else None,
        "step": step["number"] if step else None,
    }
