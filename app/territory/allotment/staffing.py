"""People go away and come back: their grids go to others for a time or for good, and it can be undone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.access import Person, record
from app.clock import today
from app.db import as_worker, fetch_all, run_statement
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models import Branch, Plan, Staff, StaffingChange
from app.territory.allotment import merging
from app.territory.allotment.changes import (
    Ask,
    Prepared,
    Row,
    check_ask,
    close_change,
    find_change,
    lock_change,
    require_sight,
    show_change,
)
from app.territory.allotment.people import find_unfit, list_absences, list_own_branches
from app.territory.allotment.proposals import WHYS, propose_holders
from app.territory.allotment.states import KINDS_OF_ROLE, ROLES
from app.territory.organisation import find_staff
from app.territory.plans.listing import lock_plan
from app.territory.plans.timelines import (
    Key,
    Span,
    Timeline,
    dump_timelines,
    in_order,
    load_timelines,
    put,
    read_timelines,
    take_out,
    within,
    write_timelines,
)


def prepare_change(session: Session, ask: Ask, *, weights: Mapping[str, int], by: Person | None) -> Prepared:
    """Work out a change of people: who takes which grid on which days; nothing is stored.

    `weights` are customers by grid code. A leave hands over the primary duties (of a liaison his own) in all
    plans that live or wait, a departure every duty. Raises NotAllowed for another's people, Conflict
    `already_away`, `beyond_your_ground`, `unfit` for a chosen person, NotFound, BadInput.
    """
    check_ask(ask)
    if ask.kind == "branch_merge":
        return merging.prepare_merge(session, ask, by=by)
    person = find_staff(session, str(ask.staff))
    own = list_own_branches(session, by)
    if own is not None and person.branch_id not in own:
        raise NotAllowed("not_yours", zh="此人不属于您的支行", en="this person is of another branch")
    with as_worker(session):
        _require_here(session, person, ask)
        held = _list_held(session, person, ask)
    require_sight(session, held)
    with as_worker(session):
        lines = _propose(session, person, held, weights)
        lines = _choose(session, person, lines, ask)
        branch = session.get_one(Branch, person.branch_id)
    return Prepared(ask, branch, lines, person=person)


def _require_here(session: Session, person: Staff, ask: Ask) -> None:
    away = list_absences(session, [person.id], ask.valid_from, ask.valid_to)
    if not person.active or away:
        raise Conflict(
            "already_away",
            zh=f"{person.name} 在此期间已休假或离岗",
            en=f"{person.name} is away in that time already",
            changes=[
                {"id": row["id"], "kind": row["kind"], "from": row["begins"], "to": row["ends"]}
                for row in away
            ],
        )


def _list_held(session: Session, person: Staff, ask: Ask) -> list[Row]:
    manages = person.kind in KINDS_OF_ROLE["primary"]
    roles = ["primary"] if ask.kind == "leave" and manages else list(ROLES)
    rows = fetch_all(
        session,
        "territory/list_held",
        staff_id=person.id,
        begins=ask.valid_from,
        ends=ask.valid_to,
        roles=roles,
    )
    return [{**row, "from_id": person.id} for row in rows]


def _propose(session: Session, person: Staff, held: list[Row], weights: Mapping[str, int]) -> list[Row]:
    primary = [row for row in held if row["role"] == "primary"]
    proposed = propose_holders(session, person, primary, weights) if primary else []
    others = [
        {**row, "to_id": None, "why": "ended", "candidates": []} for row in held if row["role"] != "primary"
    ]
    return [{**row, "customers": weights.get(row["grid_code"])} for row in (*proposed, *others)]


def _choose(session: Session, person: Staff, lines: list[Row], ask: Ask) -> list[Row]:
    """The lines with what somebody chose over the proposal, each with its words."""
    unknown = sorted(set(ask.choices) - {line["grid_code"] for line in lines})
    if unknown:
        raise NotFound(
            "no_grid",
            zh=f"此人不负责网格 {'、'.join(unknown[:10])}",
            en=f"this person does not hold {', '.join(unknown[:10])}",
            codes=unknown,
        )
    first: dict[str, str] = {}
    for line in lines:
        first.setdefault(line["grid_code"], line["role"])
    chosen = {code: _find_chosen(session, person, code, ask) for code in ask.choices}
    answered = []
    for line in lines:
        if line["grid_code"] in chosen and first[line["grid_code"]] == line["role"]:
            taker = chosen[line["grid_code"]]
            if taker is not None:
                _require_fit(session, taker, line)
            line = {**line, "to_id": taker and taker.id, "why": "vacant" if taker is None else "chosen"}
        zh, en = WHYS[line["why"]]
        answered.append({**line, "why_zh": zh, "why_en": en})
    return answered


def _find_chosen(session: Session, person: Staff, code: str, ask: Ask) -> Staff | None:
    number = ask.choices[code]
    if not number:
        return None
    taker = find_staff(session, number)
    if taker.id == person.id:
        raise BadInput(
            "same_person", zh="接替人不能是本人", en="nobody replaces himself", grid=code, staff=number
        )
    return taker


def _require_fit(session: Session, taker: Staff, line: Row) -> None:
    unfit = find_unfit(session, taker, line["role"], line["begins"])
    away = list_absences(session, [taker.id], line["begins"], line["ends"])
    if unfit is not None or away:
        zh = unfit.zh if unfit is not None else f"{taker.name} 在此期间休假或离岗"
        en = unfit.en if unfit is not None else f"{taker.name} is away in that time"
        raise Conflict("unfit", zh=zh, en=en, grid=line["grid_code"], staff=taker.code)


def apply_change(session: Session, change_id: int, *, by: Person | None) -> Row:
    """Apply a prepared change; the change as `show_change`. All of it lands or nothing.

    Raises Conflict `change_closed` with who and when, `changed_since` when the person's duties are no longer
    those of the preview. A merge makes its draft plan; applied again once that is in force, it moves people.
    """
    change = find_change(session, change_id)
    require_sight(session, change.bill["lines"])
    if change.kind == "branch_merge":
        merging.apply_merge(session, change, by=by)
    else:
        with as_worker(session):
            lock_change(session, change, "draft")
            _hand_over(session, change)
            close_change(session, change, "applied")
    record(session, "apply_staffing_change", subject=f"{change.kind} {change.id}")
    return show_change(session, change, by=by)


def _hand_over(session: Session, change: StaffingChange) -> None:
    person = session.get_one(Staff, change.staff_id)
    ask = Ask(change.kind, change.valid.lower or date.min, staff=person.code, valid_to=change.valid.upper)
    lines = [_read(line) for line in change.bill["lines"]]
    _lock_plans(session, lines)
    _require_here(session, person, ask)
    held = {_mark(row) for row in _list_held(session, person, ask)}
    moved = held ^ {_mark(line) for line in lines}
    if moved:
        raise _changed_since(session, sorted({mark[0] for mark in moved}))
    for line in lines:
        if line["to_id"] is not None:
            _require_fit(session, session.get_one(Staff, line["to_id"]), line)
    before = load_timelines(session, sorted({line["grid_id"] for line in lines}))
    after = dict(before)
    for line in lines:
        after |= _pass_on(after, line, change)
    touched = {key for key in after if after[key] != before.get(key, ())}
    write_timelines(session, before, after)
    change.before = {
        "before": dump_timelines({key: before.get(key, ()) for key in touched}),
        "after": dump_timelines({key: after[key] for key in touched}),
        "active": person.active,
    }
    if change.kind == "departure" and ask.valid_from <= today():
        person.active = False
        change.before["gone"] = True


def settle_changes(session: Session) -> int:
    """What waited for its day comes true: who has left is out of service, people of merged branches move.

    Returns how many changes; called whenever plans turn. Once each: who is taken into service again stays so.
    """
    with as_worker(session):
        left = run_statement(session, "territory/settle_departures").rowcount
        return int(left) + merging.settle_merges(session)


def _read(line: Row) -> Row:
    ends = line["ends"]
    return {**line, "begins": date.fromisoformat(line["begins"]), "ends": ends and date.fromisoformat(ends)}


def _mark(line: Row) -> tuple[Any, ...]:
    return (line["grid_id"], line["role"], line["begins"], line["ends"])


def _lock_plans(session: Session, lines: Sequence[Row]) -> None:
    for plan_id in sorted({line["plan_id"] for line in lines}):
        plan = session.get(Plan, plan_id)
        if plan is not None:
            lock_plan(session, plan)


def _pass_on(stood: Mapping[Key, Timeline], line: Row, change: StaffingChange) -> dict[Key, Timeline]:
    """The timelines of one grid once its duty has gone from the one who is away to the other."""
    key: Key = (line["grid_id"], line["role"])
    own = tuple(s for s in stood.get(key, ()) if s.staff_id == line["from_id"])
    others = tuple(s for s in stood.get(key, ()) if s.staff_id != line["from_id"])
    left = in_order((*others, *take_out(own, line["begins"], line["ends"])))
    if line["to_id"] is None:
        return {key: left}
    span = Span(line["to_id"], line["begins"], line["ends"], change.reason)
    if line["role"] != "primary":
        return {key: in_order((*left, span))}
    beside: Key = (line["grid_id"], "backup")
    changed = {key: put(left, span)}
    if change.kind == "departure" and any(s.staff_id == span.staff_id for s in stood.get(beside, ())):
        his = tuple(s for s in stood[beside] if s.staff_id == span.staff_id)
        rest = tuple(s for s in stood[beside] if s.staff_id != span.staff_id)
        changed[beside] = in_order((*rest, *take_out(his, span.begins, span.ends)))
    return changed


def _changed_since(session: Session, grid_ids: Sequence[int]) -> Conflict:
    codes = [row["code"] for row in fetch_all(session, "territory/list_offerable", grid_ids=list(grid_ids))]
    return Conflict(
        "changed_since",
        zh=f"这些网格的责任已有变动：{'、'.join(codes[:10])}；请重新预览",
        en=f"duties on these grids have changed since: {', '.join(codes[:10])}; look at it anew",
        grids=codes,
    )


def undo_change(session: Session, change_id: int, *, by: Person | None) -> Row:
    """Take an applied change back: duties stand as before it, and what was known meanwhile stays readable.

    Raises Conflict `changed_since` naming grids whose duties somebody has changed since; `change_closed`.
    """
    change = find_change(session, change_id)
    require_sight(session, change.bill["lines"])
    if change.kind == "branch_merge":
        merging.undo_merge(session, change, by=by)
    else:
        with as_worker(session):
            lock_change(session, change, "applied")
            _lock_plans(session, change.bill["lines"])
            stood = _require_untouched(session, change)
            assert change.before is not None
            write_timelines(session, stood, read_timelines(change.before["before"]))
            session.get_one(Staff, change.staff_id).active = change.before["active"]
            close_change(session, change, "undone")
    record(session, "undo_staffing_change", subject=f"{change.kind} {change.id}")
    return show_change(session, change, by=by)


def _require_untouched(session: Session, change: StaffingChange) -> dict[Key, Timeline]:
    """What stands on the change's grids, as the change left it."""
    assert change.before is not None
    left = read_timelines(change.before["after"])
    now = load_timelines(session, sorted({key[0] for key in left}))
    stood = {key: now.get(key, ()) for key in left}
    others = sorted({key[0] for key in left if stood[key] != left[key]})
    if others:
        raise _changed_since(session, others)
    return stood


def cancel_change(session: Session, change_id: int, *, by: Person | None) -> Row:
    """Put a prepared change aside. Raises Conflict `change_closed`."""
    change = find_change(session, change_id)
    require_sight(session, change.bill["lines"])
    with as_worker(session):
        lock_change(session, change, "draft")
        close_change(session, change, "cancelled")
    record(session, "cancel_staffing_change", subject=f"{change.kind} {change.id}")
    return show_change(session, change, by=by)


def end_leave(session: Session, change_id: int, on: date, *, by: Person | None) -> Row:
    """Somebody is back early: from `on` his grids are his again. Raises as `undo_change`, and BadInput."""
    change = find_change(session, change_id)
    require_sight(session, change.bill["lines"])
    begins, ends = change.valid.lower or date.min, change.valid.upper
    if change.kind != "leave" or on <= begins or (ends is not None and on >= ends):
        raise BadInput(
            "bad_days",
            zh=f"提前返岗日须在休假期间（{begins} 之后、{ends or '未定'} 之前）",
            en="the day back lies within the leave",
        )
    with as_worker(session):
        lock_change(session, change, "applied")
        _lock_plans(session, change.bill["lines"])
        stood = _require_untouched(session, change)
        before = change.before or {}
        first = read_timelines(before["before"])
        after = {
            key: in_order((*take_out(spans, on, ends), *within(first[key], on, ends)))
            for key, spans in stood.items()
        }
        write_timelines(session, stood, after)
        change.before = {**before, "after": dump_timelines(after)}
        change.valid = Range(begins, on)
        session.flush()
    record(session, "end_leave", subject=f"{change.kind} {change.id}", detail={"on": on.isoformat()})
    return show_change(session, change, by=by)
