"""Precedence 优先次序: where a plan lays markets over villages, which kind of grid a point belongs to."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.errors import BadInput
from app.models import Plan
from app.spatial.topology import KIND_PRIORITY, OVERLAY_KINDS
from app.territory.plans.listing import lock_plan, require_editable, touch_ground


def complete_precedence(kinds: Sequence[str]) -> list[str]:
    """A stated order with the kinds it does not name after it, in the usual order (`KIND_PRIORITY`).

    Raises BadInput `bad_precedence` for a kind that is none or comes twice.
    """
    unknown = [kind for kind in kinds if kind not in KIND_PRIORITY]
    if unknown or len(set(kinds)) != len(kinds):
        known = ", ".join(KIND_PRIORITY)
        raise BadInput(
            "bad_precedence",
            zh=f"优先次序有误（类型不存在或重复），可用：{known}",
            en=f"the precedence names an unknown kind or one twice; kinds are {known}",
            unknown=unknown,
        )
    return [*kinds, *(kind for kind in KIND_PRIORITY if kind not in kinds)]


def read_precedence(plan: Plan) -> list[str]:
    """All kinds of grid in the order in which this plan lets them stand; the usual order unless stated."""
    return complete_precedence(plan.precedence or ())


def state_precedence(session: Session, plan: Plan, kinds: Sequence[str]) -> None:
    """State a draft's precedence; its ground counts as changed (a point may belong to another grid).

    Raises BadInput `bad_precedence`, Conflict `plan_closed`.
    """
    lock_plan(session, plan)
    require_editable(plan)
    stated = complete_precedence(kinds) if kinds else []
    if stated != list(plan.precedence or ()):
        plan.precedence = stated
        touch_ground(session, plan)


def settles(market_rule: str, first: str, second: str) -> bool:
    """Whether a plan's market rule says which of two kinds keeps ground that both cover.

    Only under the overlay rule, and only between a market, district or park and another kind: two markets,
    or two villages, on one piece of ground are a dispute that no precedence ends.
    """
    return market_rule == "overlay" and first != second and bool({first, second} & set(OVERLAY_KINDS))
