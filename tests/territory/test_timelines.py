"""Timelines of duty against a plain model: a dict of days, and a log of what it looked like when."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import today
from app.errors import Conflict
from app.models import Branch, Grid, Plan, Staff
from app.territory import plans
from app.territory.accountability import Moment, tell_of_grid
from app.territory.allotment import Answer, Choice, Offer, answer_offers, offer_grids
from app.territory.plans.duties import find_grid_by_code, give_duty
from app.territory.plans.timelines import (
    Span,
    Timeline,
    dump_timelines,
    holder_on,
    list_free,
    load_timelines,
    put,
    read_timelines,
    take_out,
    within,
    write_timelines,
)
from tests.ground import lay
from tests.territory.conftest import Lay

BEGIN = date(2026, 1, 1)
DAYS = 24
LAST = BEGIN + timedelta(DAYS)
Model = dict[date, int | None]
day_of = st.integers(0, DAYS - 1).map(lambda n: BEGIN + timedelta(n))
changes = st.tuples(
    st.sampled_from(["put", "take_out", "for_good"]), day_of, st.integers(1, 8), st.integers(1, 3)
)


def days_between(begins: date, ends: date | None) -> list[date]:
    return [BEGIN + timedelta(n) for n in range(DAYS) if begins <= BEGIN + timedelta(n) < (ends or LAST)]


def change(timeline: Timeline, model: Model, what: tuple[str, date, int, int]) -> tuple[Timeline, Model]:
    """The same change in the timeline and in the model."""
    act, begins, length, staff_id = what
    ends = None if act == "for_good" else begins + timedelta(length)
    if act == "take_out":
        return take_out(timeline, begins, ends), model | dict.fromkeys(days_between(begins, ends))
    changed = model | dict.fromkeys(days_between(begins, ends), staff_id)
    return put(timeline, Span(staff_id, begins, ends)), changed


@settings(max_examples=80)
@given(st.lists(changes, max_size=12))
def test_a_timeline_reads_like_a_calendar_in_which_each_day_has_one_name(
    acts: list[tuple[str, date, int, int]],
) -> None:
    timeline, model = (), dict.fromkeys(days_between(BEGIN, None))
    for what in acts:
        timeline, model = change(timeline, model, what)
        assert {day: (span := holder_on(timeline, day)) and span.staff_id for day in model} == model
        assert all(a.ends is not None and a.ends <= b.begins for a, b in pairwise(timeline))
        free = {
            day for begins, ends in list_free(timeline, BEGIN, LAST) for day in days_between(begins, ends)
        }
        assert free == {day for day, name in model.items() if name is None}
        middle = within(timeline, BEGIN + timedelta(5), BEGIN + timedelta(9))
        assert {d for s in middle for d in days_between(s.begins, s.ends)} == {
            d for d in days_between(BEGIN + timedelta(5), BEGIN + timedelta(9)) if model[d] is not None
        }
        assert read_timelines(dump_timelines({(1, "primary"): timeline})) == {(1, "primary"): timeline}


@pytest.fixture
def grid(work: Session, lay_plan: Lay, people: dict[str, Staff]) -> Grid:
    """A grid of a plan in force since the year began."""
    plan = lay_plan(lay("AABB"))
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    plans.publish(work, plan, valid_from=BEGIN, user_id=None)
    return find_grid_by_code(work, plan, "A")


def now(work: Session) -> datetime:
    found = work.execute(text("SELECT clock_timestamp()")).scalar()
    assert isinstance(found, datetime)
    return found


HISTORY = [
    [("for_good", 0, 1, "M1"), ("put", 5, 4, "M2"), ("take_out", 8, 3, "M1"), ("for_good", 12, 1, "M3")],
    [
        ("put", 3, 9, "M2"),
        ("for_good", 3, 1, "M2"),
        ("put", 3, 9, "M1"),
        ("take_out", 0, 8, "M1"),
        ("put", 1, 2, "M3"),
    ],
    [("for_good", 10, 1, "M1"), ("for_good", 4, 1, "M2"), ("for_good", 15, 1, "M3"), ("put", 9, 8, "M1")],
]


@pytest.mark.parametrize("history", HISTORY)
def test_every_date_as_known_at_every_moment_is_what_a_plain_log_says(
    work: Session, grid: Grid, people: dict[str, Staff], history: list[tuple[str, int, int, str]]
) -> None:
    """Duties, leaves, replacements, corrections of the past: (date, known) answers as the log does."""
    model: dict[date, int | None] = dict.fromkeys(days_between(BEGIN, None))
    log: list[tuple[datetime, dict[date, int | None]]] = [(now(work), dict(model))]
    for act, first, length, code in history:
        before = load_timelines(work, [grid.id])
        what = (act, BEGIN + timedelta(first), length, people[code].id)
        after, model = change(before.get((grid.id, "primary"), ()), model, what)
        write_timelines(work, before, {(grid.id, "primary"): after})
        log.append((now(work), dict(model)))
    codes = {person.id: code for code, person in people.items()}
    for known_at, knew in log:
        for day, staff_id in knew.items():
            answer = tell_of_grid(work, "A", moment=Moment(day, known_at)).as_json()
            told = answer["primary"] and answer["primary"]["code"]
            assert told == (staff_id and codes[staff_id]), (day, known_at)


def test_no_moment_lies_between_the_old_and_the_new_knowledge(
    work: Session, grid: Grid, people: dict[str, Staff]
) -> None:
    first, second = (Span(people[code].id, BEGIN, None) for code in ("M1", "M2"))
    key = (grid.id, "primary")
    write_timelines(work, {}, {key: (first,)})
    write_timelines(work, {key: (first,)}, {key: (second,)})
    ended, began = (
        work.execute(
            text(f"SELECT {edge}(recorded) FROM duty WHERE staff_id = :s"), {"s": span.staff_id}
        ).scalar()
        for edge, span in (("upper", first), ("lower", second))
    )
    assert ended == began


def test_what_is_no_longer_there_cannot_be_replaced(
    work: Session, grid: Grid, people: dict[str, Staff]
) -> None:
    stale, wanted = (Span(people[code].id, BEGIN, None) for code in ("M1", "M2"))
    with pytest.raises(Conflict, match="changed_meanwhile"):
        write_timelines(work, {(grid.id, "primary"): (stale,)}, {(grid.id, "primary"): (wanted,)})


def test_a_plan_that_was_not_yet_published_was_not_known(
    work: Session, grid: Grid, people: dict[str, Staff]
) -> None:
    before = now(work)
    give_duty(work, grid, "M1", valid_from=BEGIN)
    plans.new_plan(work, plans.PlanDraft("V2", "规划", from_plan="V1"))
    second = plans.find_plan(work, "V2")
    plans.check_plan(work, second)
    plans.certify(work, second)
    plans.publish(work, second, valid_from=BEGIN + timedelta(9), user_id=None)
    day = BEGIN + timedelta(12)
    then, today = (tell_of_grid(work, "A", moment=Moment(day, known)).as_json() for known in (before, None))
    assert (then["plan"]["code"], today["plan"]["code"]) == ("V1", "V2")
    assert tell_of_grid(work, "A", moment=Moment(BEGIN - timedelta(1))).place == "no_plan"
    long_ago = Moment(day, before - timedelta(days=400))
    assert tell_of_grid(work, "A", moment=long_ago).place == "not_known"


def test_a_branch_of_a_grid_is_told_by_date_and_knowledge(
    work: Session, grid: Grid, people: dict[str, Staff]
) -> None:
    plan = work.get_one(Plan, grid.plan_id)
    old = work.get_one(Branch, people["M1"].branch_id)
    grid.branch_id = old.id
    work.add(Branch(code="102", name="城东支行", kind="branch"))
    work.flush()
    before = now(work)
    day = today() - timedelta(10)
    made = offer_grids(work, plan, Offer("branch", "102", Choice(("A",)), valid_from=day), by=None)
    answer_offers(work, plan, Answer("accept", batch=made["batch"]), by=None)
    work.expire_all()

    def branch_on(day: date, known: datetime | None = None) -> str:
        return str(tell_of_grid(work, "A", moment=Moment(day, known)).as_json()["branch"]["code"])

    assert branch_on(today()) == branch_on(day) == "102"
    assert branch_on(day - timedelta(1)) == "101"
    assert branch_on(today(), before) == "101"
