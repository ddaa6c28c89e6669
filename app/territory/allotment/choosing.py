"""Which grids an offer is about: named by code, of a town, of a branch, or all of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access import Person
from app.clock import today
from app.db import fetch_all
from app.errors import BadInput, Conflict, NotFound
from app.models import Plan
from app.territory.allotment.people import Reason, list_own_branches
from app.territory.allotment.states import OPEN_PLANS


@dataclass(frozen=True, slots=True)
class Choice:
    """Grids of a plan: `codes`, or those of a `town` (code or name), of a `branch` (code), or `every` one."""

    codes: tuple[str, ...] = ()
    town: str | None = None
    branch: str | None = None
    every: bool = False


def choose_grids(session: Session, plan: Plan, choice: Choice, *, by: Person | None) -> list[dict[str, Any]]:
    """The chosen grids in the viewer's sight, in order of code: id, code, name, branch_id, allotted.

    Without codes a branch head chooses among the grids of his own branches. Raises NotFound `no_grid` with
    the codes that are not there, BadInput when nothing is chosen.
    """
    if not (choice.codes or choice.town or choice.branch or choice.every):
        raise BadInput("no_grids", zh="请选择网格", en="choose grids: codes, a town, a branch, or all")
    rows = fetch_all(
        session,
        "territory/choose_grids",
        plan_id=plan.id,
        codes=sorted(set(choice.codes)),
        town=choice.town,
        branch=choice.branch,
        own=None if choice.codes else list_own_branches(session, by),
    )
    missing = sorted(set(choice.codes) - {row["code"] for row in rows})
    if missing:
        raise NotFound(
            "no_grid",
            zh=f"没有网格 {'、'.join(missing[:10])}",
            en=f"there is no grid {', '.join(missing[:10])}",
            codes=missing,
        )
    if not rows:
        raise BadInput("no_grids", zh="没有符合条件的网格", en="no grid is chosen by these conditions")
    return rows


def require_open(plan: Plan) -> None:
    """Raise Conflict `plan_closed` unless grids of this plan may be allotted."""
    when = plan.valid.upper if plan.valid is not None else None
    ended = when is not None and when <= today()
    if plan.status in OPEN_PLANS and not ended:
        return
    words = {"approved": ("已批准，等待生效", "is approved and waits")}
    zh, en = words.get(plan.status, ("已停用", "is retired"))
    raise Conflict(
        "plan_closed",
        zh=f"网格规划 {plan.code} {zh}，不能再分配",
        en=f"plan {plan.code} {en}; its grids are not allotted any more",
        status=plan.status,
        ended=when,
    )


def refuse_grids(code: str, refused: Sequence[tuple[dict[str, Any], Reason]]) -> Conflict:
    """The refusal of a whole batch with a reason for each grid that stands in its way."""
    grids = [{"code": row["code"], "name": row["name"], "reason": why.as_json()} for row, why in refused]
    first = refused[0][1]
    names = "、".join(row["code"] for row, _ in refused[:5])
    return Conflict(
        code,
        zh=f"{len(refused)} 个网格不能办理（{names}）：{first.zh}；本批未作任何改动",
        en=f"{len(refused)} grids cannot be taken ({names}): {first.en}; nothing of the batch was done",
        grids=grids,
        **{key: first.facts[key] for key in ("by", "at", "state") if key in first.facts},
    )
