"""Editing a draft: an act is prepared on the ground as it is, told with its bill, and lands or is refused."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from app.db import as_worker
from app.errors import BadInput
from app.models import Plan
from app.territory.editing.desk import Desk, Sight, find_sight
from app.territory.editing.landing import Landed, land
from app.territory.editing.naming import NAMING
from app.territory.editing.shaping import (
    prepare_draw,
    prepare_give_units,
    prepare_merge,
    prepare_move_edge,
    prepare_remove,
    prepare_reshape,
    prepare_split,
)
from app.territory.editing.undoing import take_back
from app.territory.editing.versions import require_versions
from app.territory.editing.wishes import Prepared, Wish
from app.territory.plans.listing import lock_plan, require_editable

_ACTS: Mapping[str, Callable[[Desk, Wish], Prepared]] = {
    "draw": prepare_draw,
    "split": prepare_split,
    "merge": prepare_merge,
    "move_edge": prepare_move_edge,
    "reshape": prepare_reshape,
    "give_units": prepare_give_units,
    "remove": prepare_remove,
    **NAMING,
}


def prepare_edit(session: Session, plan: Plan, wish: Wish) -> Prepared:
    """What an act would come to on the ground as it is now; the plan is locked from here to the end.

    Shapes are EPSG:4326. Raises Conflict `plan_closed`, `changed_meanwhile` (who, when, what), `locked`,
    `outer_border`, `code_taken`; NotFound `no_grid`; BadInput for a drawing that cannot be used, each
    with what to do.
    """
    sight = find_sight(session, plan)
    with as_worker(session):
        lock_plan(session, plan)
        require_editable(plan)
        require_versions(session, plan, wish.versions, sight=sight)
        act = _ACTS.get(wish.act)
        if act is None:
            raise BadInput(
                "unknown_act",
                zh=f"没有这种操作：{wish.act[:24]}，可用：{'、'.join(_ACTS)}",
                en=f"there is no act {wish.act[:24]!r}; use {', '.join(_ACTS)}",
            )
        return act(Desk(session, plan, sight), wish)


def land_edit(
    session: Session, plan: Plan, prepared: Prepared, *, user_id: int | None, allow_faults: bool = False
) -> Landed:
    """Let a prepared act land, in the same transaction: grids, findings, ledger.

    Raises Conflict `edit_adds` with the faults that it would add, unless `allow_faults`.
    """
    with session.begin_nested(), as_worker(session):
        return land(session, plan, prepared, user_id=user_id, rule="any" if allow_faults else "no_new")


def edit_plan(session: Session, plan: Plan, wish: Wish, *, user_id: int | None = None) -> Landed:
    """Prepare an act and let it land; see `prepare_edit` and `land_edit`."""
    prepared = prepare_edit(session, plan, wish)
    return land_edit(session, plan, prepared, user_id=user_id, allow_faults=wish.allow_faults)


def undo_step(session: Session, plan: Plan, number: int, *, user_id: int | None = None) -> Landed:
    """Undo a step of a draft; see `take_back`."""
    sight: Sight = find_sight(session, plan)
    with session.begin_nested(), as_worker(session):
        lock_plan(session, plan)
        return take_back(session, plan, number, user_id=user_id, sight=sight)
