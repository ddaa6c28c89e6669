"""Decisions by hand: where a customer lives, said by somebody who knows; each can be taken back whole.

`choose` names a place of the gazetteer and teaches the matcher, `pin` a point, `outside` says that he lives
elsewhere, `unclear` that nobody can tell, `later` puts the case off. Whoever decides sees the customer
himself (row-level security); the writing is done in the house's own hand, and the customer is assigned anew
in the same transaction.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access import record
from app.customers import chosen, corrections, counting, places, reassigning, steps
from app.customers.doubts import SURE
from app.customers.listing import no_customer
from app.customers.placing import BY_HAND
from app.customers.steps import Act, Change, Standing, State
from app.db import as_worker, fetch_all, fetch_one, fetch_value
from app.errors import BadInput, Conflict, NotFound

ACTIONS = ("choose", "pin", "outside", "unclear", "later")
# Decisions that hold for every address written alike.
ALIKE = ("choose", "outside")
MOST_ALIKE = 5_000


@dataclass(frozen=True)
class Decision:
    """What somebody decided; `point` for a pin, `code` for a choice. `same` decides all alike.

    `client_key` is made by the sender: the same key again is the same decision, answered and not repeated.
    """

    action: str
    code: str | None = None
    point: chosen.Point | None = None
    note: str | None = None
    same: bool = False
    client_key: str | None = None


@dataclass(frozen=True)
class Work:
    """A decision written and not yet kept: states before and after, the steps' numbers, what is told."""

    held: list[Standing]
    after: dict[int, State]
    numbers: list[int]
    ended: dict[int, str]
    told: dict[str, Any]


def decide_case(session: Session, customer_id: int, decision: Decision) -> dict[str, Any]:
    """Decide a case in the viewer's sight: batch, steps, customers, placement, grid, moved_from, next.

    Raises NotFound out of sight or without a case, Conflict when somebody else has decided it, BadInput for
    what cannot be.
    """
    return _decide(session, customer_id, decision, needs_case=True)


def pin_customer(session: Session, customer_id: int, decision: Decision) -> dict[str, Any]:
    """Put a customer in the viewer's sight where he lives, doubt or no doubt. As `decide_case`."""
    return _decide(session, customer_id, decision, needs_case=False)


def _decide(session: Session, customer_id: int, decision: Decision, *, needs_case: bool) -> dict[str, Any]:
    _check(decision)
    reassigning.hold_assignment(session)
    key = _key_of(session, decision)
    if (told := _find_told(session, key)) is not None:
        return told
    prefix = _require_sight(session, customer_id, needs_case=needs_case)
    ids = [customer_id, *(_list_alike(session, customer_id, prefix) if decision.same else ())]
    with as_worker(session):
        work = _write(session, ids, decision, needs_case=needs_case)
    work.told["next"] = _find_next(session, work.held[0])
    tell_alias = alias_of(session) if decision.action == "choose" or work.ended else None
    with as_worker(session):
        _keep(session, work, _act_of(session, decision, key), tell_alias)
    told = work.told
    detail = {"batch": told["batch"], "code": decision.code, "same": decision.same}
    record(
        session,
        "decide_placement",
        subject=decision.action,
        customer_ids=told["customers"],
        detail=detail,
    )
    return told


def _check(decision: Decision) -> None:
    wanted = {"choose": decision.code, "pin": decision.point}
    if decision.action not in ACTIONS:
        raise BadInput("bad_action", zh="不认识这个决定", en=f"an action is one of {', '.join(ACTIONS)}")
    if decision.action in wanted and not wanted[decision.action]:
        raise BadInput(
            "incomplete", zh="请指出地点（代码或坐标）", en="a choice needs a code, a pin needs lon and lat"
        )
    if decision.same and decision.action not in ALIKE:
        raise BadInput(
            "not_alike",
            zh="只有选定地点与“不在辖区”可以对同样写法一并决定",
            en="only choose and outside can be decided for all that are written alike",
        )


def _key_of(session: Session, decision: Decision) -> str | None:
    user_id = steps.viewer_of(session).user_id
    return f"{user_id}:{decision.client_key}" if decision.client_key else None


def _find_told(session: Session, key: str | None) -> dict[str, Any] | None:
    """What was answered when this key came first: its sender may see no more of the customer by now."""
    if key is None:
        return None
    with as_worker(session):
        found = fetch_one(session, "customers/find_told", client_key=key)
    return None if found is None else dict(found["told"])


def _require_sight(session: Session, customer_id: int, *, needs_case: bool) -> str:
    """The prefix of his case, "" without one."""
    row = fetch_one(session, "customers/find_sight", customer_id=customer_id)
    if row is None:
        raise no_customer()
    if needs_case and row["case_of"] is None:
        raise NotFound("no_case", zh="这位客户没有待定的定位", en="there is no case about this customer")
    return row["prefix"] or ""


def _list_alike(session: Session, customer_id: int, prefix: str) -> list[int]:
    rows = fetch_all(session, "customers/list_alike", customer_id=customer_id, prefix=prefix, most=MOST_ALIKE)
    return [row["customer_id"] for row in rows]


def _write(session: Session, ids: list[int], decision: Decision, *, needs_case: bool) -> Work:
    """Write what was decided and assign anew; what is told of it. In the worker's hand."""
    standings = steps.lock_standings(session, ids)
    if needs_case:
        _refuse_decided(session, standings[ids[0]])
    # Between the viewer's list and the lock somebody else may have decided one of them.
    held = [standings[i] for i in ids if i == ids[0] or _is_open(standings.get(i))]
    after = _find_after(session, held, decision)
    decided = [one.customer_id for one in held]
    with counting.keep_counts(session, decided):
        steps.write_states(session, after)
        moves = reassigning.reassign_customers(session, decided)
    ended = corrections.end_corrections(session, [ids[0]]) if decision.action in BY_HAND else {}
    numbers = steps.number_steps(session, len(held))
    told = {
        "batch": numbers[0],
        "steps": len(held),
        "customers": [one.customer_id for one in held],
        **tell(session, after[ids[0]], moves.get(ids[0])),
    }
    return Work(held, after, numbers, ended, told)


def _keep(session: Session, work: Work, act: Act, tell_alias: corrections.AliasOf | None) -> None:
    """The steps for ever, and what a choice teaches. In the worker's hand."""
    first = work.held[0]
    work.after[first.customer_id] |= {"told": work.told, "ended": list(work.ended)}
    changes = [Change(one.customer_id, one.state, work.after[one.customer_id]) for one in work.held]
    steps.add_steps(session, changes, act, numbers=work.numbers)
    prefixes = {*work.ended.values(), *(_teach(session, first, work) if act.action == "choose" else ())}
    if tell_alias is not None:
        for prefix in sorted(prefixes):
            corrections.weigh_alias(session, prefix, tell_alias)


def _is_open(standing: Standing | None) -> bool:
    return standing is not None and standing.case is not None and standing.case["state"] != "decided"


def _refuse_decided(session: Session, standing: Standing) -> None:
    """Raises Conflict when somebody else has decided; one's own mind may be changed."""
    if _is_open(standing):
        return
    last = fetch_one(session, "customers/find_last_step", customer_id=standing.customer_id)
    if last is not None and last["user_id"] != steps.viewer_of(session).user_id:
        steps.refuse_decided(last["by_whom"], last["at"])


def _act_of(session: Session, decision: Decision, key: str | None) -> Act:
    accuracy_m = decision.point.accuracy_m if decision.point else None
    note = (decision.note or "").strip() or None
    return Act(decision.action, steps.viewer_of(session).user_id, note, accuracy_m, key)


def _find_after(session: Session, held: list[Standing], decision: Decision) -> dict[int, State]:
    """The state of each customer when this is decided."""
    if decision.action == "choose":
        assert decision.code
        placements = chosen.place_chosen(session, held, decision.code)
    elif decision.action == "pin":
        assert decision.point
        placements = {held[0].customer_id: chosen.place_pinned(session, decision.point)}
    elif decision.action == "outside":
        placements = {one.customer_id: dict(chosen.OUTSIDE) for one in held}
    else:
        placements = {}
    state = "later" if decision.action == "later" else "decided"
    return {
        one.customer_id: one.state
        | placements.get(one.customer_id, {})
        | {"case": one.case and one.case | {"state": state}}
        for one in held
    }


def _teach(session: Session, standing: Standing, work: Work) -> list[str]:
    """Addresses written so are right next time: the prefix that this choice taught, if it taught one."""
    prefix, after = (standing.case or {}).get("prefix"), work.after[standing.customer_id]
    if not prefix or not after["unit_code"] or _was_known(standing.case or {}, after):
        return []
    code, step_id = after["place_code"], work.numbers[0]
    corrections.teach(session, prefix, code, customer_id=standing.customer_id, step_id=step_id)
    return [prefix]


def _was_known(case: dict[str, Any], after: State) -> bool:
    """Whether the names said so themselves: a correction would then only outrank other people's points."""
    said = {case["detail"].get("address_unit_code"), case["answer"].get("code")} - {None, ""}
    clear = case["score"] >= SURE and case["kind"] != "ambiguous"
    return clear and bool(said & {after["place_code"], after["unit_code"]})


def alias_of(session: Session) -> corrections.AliasOf:
    """How the stored names tell which written form they do not know; without a gazetteer there is none."""
    try:
        return places.find_plain_matcher(session).alias_of
    except Conflict:
        return lambda _address: ""


def tell(session: Session, state: State, move: reassigning.Move | None) -> dict[str, Any]:
    """What the page shows of a decision: where he stands now, in whose grid, and whose it was."""
    ends = [move.from_grid_id, move.to_grid_id] if move else []
    rows = fetch_all(session, "customers/list_grid_names", grids=[grid for grid in ends if grid])
    grids = {row.pop("asked"): row for row in rows}
    before, now = (grids.get(grid or 0) for grid in ends or (None, None))
    return {
        "placement": chosen.show_placement(session, state),
        "grid": now,
        "moved_from": before if before != now else None,
    }


def _find_next(session: Session, standing: Standing) -> int | None:
    """The case to look at next, in the order of the viewer's own list."""
    if standing.case is None:
        return None
    facts = {key: standing.case[key] for key in ("kind", "score", "customer_id")}
    found = fetch_value(session, "customers/find_next_case", **facts)
    return None if found is None else int(found)
