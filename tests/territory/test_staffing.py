"""People go on leave, leave for good, branches merge: who takes over, what duties become, and undoing it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access import Person
from app.clock import today
from app.customers.staffing_bill import preview_change
from app.errors import BadInput, Conflict, NotAllowed, NotFound
from app.models import Branch, Grid, Plan, Staff
from app.territory import plans
from app.territory.allotment import (
    Ask,
    apply_change,
    cancel_change,
    end_leave,
    list_changes,
    settle_changes,
    undo_change,
)
from app.territory.allotment.vacancies import list_vacancies
from app.territory.plans.duties import find_grid_by_code
from app.territory.plans.timelines import dump_timelines, load_timelines
from app.territory.responsibility import list_duties, list_history
from tests.ground import lay
from tests.territory.conftest import Lay

TODAY = today()
BEGIN = TODAY - timedelta(100)
FIRST, BACK = TODAY + timedelta(10), TODAY + timedelta(20)
Told = dict[str, Any]


@pytest.fixture
def staff(work: Session, people: dict[str, Staff]) -> dict[str, Staff]:
    """The people of branch 101, and one manager of another."""
    other = Branch(code="102", name="城东支行", kind="branch")
    work.add(other)
    work.flush()
    people["N1"] = Staff(code="N1", name="经理N1", kind="manager", branch_id=other.id)
    work.add(people["N1"])
    work.flush()
    return people


@pytest.fixture
def plan(work: Session, lay_plan: Lay, staff: dict[str, Staff]) -> Plan:
    """In force: M1 holds A, B and C in a row, M2 the end D with M3 as backup of A; far off, N1 holds E."""
    plan = lay_plan(lay("AABBCCDDEE\nAABBCCDDEE"))
    for grid in work.query(Grid).filter_by(plan_id=plan.id):
        grid.branch_id = staff["N1" if grid.code == "E" else "M1"].branch_id
    work.flush()
    for code, holder in {"A": "M1", "B": "M1", "C": "M1", "D": "M2", "E": "N1"}.items():
        plans.give_duty(work, find_grid_by_code(work, plan, code), holder, valid_from=BEGIN)
    plans.give_duty(work, find_grid_by_code(work, plan, "A"), "M3", role="backup", valid_from=BEGIN)
    plans.check_plan(work, plan)
    plans.certify(work, plan)
    return plans.publish(work, plan, valid_from=BEGIN, user_id=None)


def holders(work: Session, plan: Plan, on: date, role: str = "primary") -> str:
    """Who holds A, B, C … on a day, as one word a grid."""
    held = {d["grid_code"]: d["staff_code"] for d in list_duties(work, plan, on=on) if d["role"] == role}
    return " ".join(held.get(code, "-") for code in "ABCDE")


def prepare(work: Session, kind: str = "leave", **more: Any) -> Told:
    """A prepared change of M1."""
    more = {"staff": "M1", "valid_from": FIRST, "valid_to": BACK if kind == "leave" else None} | more
    return preview_change(work, Ask(kind, **more), by=None)


def proposal(change: Told) -> dict[str, tuple[str | None, str]]:
    """Taker and why by grid."""
    return {line["grid_code"]: (line["to"] and line["to"]["code"], line["why"]) for line in change["lines"]}


def test_the_backup_comes_first_then_the_neighbour_then_who_touches_what_he_took(
    work: Session, plan: Plan
) -> None:
    change = prepare(work)
    assert proposal(change) == {"A": ("M3", "backup"), "B": ("M3", "neighbour"), "C": ("M2", "neighbour")}
    assert [c["code"] for c in change["lines"][2]["candidates"]] == ["M2", "M3"]
    assert (change["state"], change["bill"]["grids"], change["bill"]["letters"]) == ("draft", 3, 2)
    assert holders(work, plan, FIRST) == "M1 M1 M1 M2 N1"


def test_on_leave_the_substitute_holds_the_grids_and_afterwards_they_are_his_again(
    work: Session, plan: Plan
) -> None:
    apply_change(work, prepare(work)["id"], by=None)
    days = {
        FIRST - timedelta(1): "M1 M1 M1",
        FIRST: "M3 M3 M2",
        BACK - timedelta(1): "M3 M3 M2",
        BACK: "M1 M1 M1",
    }
    assert {day: holders(work, plan, day) for day in days} == {
        day: f"{who} M2 N1" for day, who in days.items()
    }
    with pytest.raises(Conflict, match="already_away"):
        prepare(work, valid_from=BACK - timedelta(1), valid_to=BACK + timedelta(1))


def test_who_is_back_early_has_his_grids_from_that_day(work: Session, plan: Plan) -> None:
    number = apply_change(work, prepare(work)["id"], by=None)["id"]
    early = FIRST + timedelta(3)
    told = end_leave(work, number, early, by=None)
    assert (told["valid_to"], told["state"]) == (early.isoformat(), "applied")
    assert holders(work, plan, early - timedelta(1)) == "M3 M3 M2 M2 N1"
    assert holders(work, plan, early) == "M1 M1 M1 M2 N1"
    for day in (FIRST, early):
        with pytest.raises(BadInput, match="bad_days"):
            end_leave(work, number, day, by=None)
    assert holders(work, plan, FIRST) == "M3 M3 M2 M2 N1"


def test_a_leave_taken_back_leaves_the_same_duties_and_its_memory(work: Session, plan: Plan) -> None:
    ids = [find_grid_by_code(work, plan, code).id for code in "ABC"]
    before = dump_timelines(load_timelines(work, ids))
    number = apply_change(work, prepare(work)["id"], by=None)["id"]
    assert dump_timelines(load_timelines(work, ids)) != before
    assert undo_change(work, number, by=None)["state"] == "undone"
    assert dump_timelines(load_timelines(work, ids)) == before
    assert "M3" in {row["staff_code"] for row in list_history(work, ids[1])}
    with pytest.raises(Conflict, match="change_closed"):
        undo_change(work, number, by=None)


def test_nothing_is_taken_back_over_what_somebody_changed_since(work: Session, plan: Plan) -> None:
    number = apply_change(work, prepare(work)["id"], by=None)["id"]
    plans.give_duty(work, find_grid_by_code(work, plan, "B"), "M2", valid_from=FIRST, replace=True)
    for attempt in (undo_change, lambda w, n, by: end_leave(w, n, FIRST + timedelta(1), by=by)):
        with pytest.raises(Conflict) as refused:
            attempt(work, number, by=None)
        assert refused.value.facts["grids"] == ["B"]
    assert holders(work, plan, FIRST) == "M3 M2 M2 M2 N1"


def test_a_preview_that_is_no_longer_true_is_not_applied(work: Session, plan: Plan) -> None:
    number = prepare(work)["id"]
    plans.give_duty(work, find_grid_by_code(work, plan, "C"), "M2", valid_from=TODAY, replace=True)
    with pytest.raises(Conflict) as refused:
        apply_change(work, number, by=None)
    assert (refused.value.code, refused.value.facts["grids"]) == ("changed_since", ["C"])
    assert holders(work, plan, FIRST) == "M1 M1 M2 M2 N1"
    assert cancel_change(work, number, by=None)["state"] == "cancelled"
    with pytest.raises(Conflict, match="change_closed"):
        apply_change(work, number, by=None)


def test_choices_come_before_the_proposal_and_a_grid_may_stay_vacant(work: Session, plan: Plan) -> None:
    change = prepare(work, choices={"A": "M2", "B": None})
    assert proposal(change) == {"A": ("M2", "chosen"), "B": (None, "vacant"), "C": ("M2", "neighbour")}
    apply_change(work, change["id"], by=None)
    assert holders(work, plan, FIRST) == "M2 - M2 M2 N1"
    found = list_vacancies(work, plan, on=FIRST, days=30)
    told = [(v["grid_code"], v["from"], v["to"], v["why"], v["last"]["code"]) for v in found["vacant"]]
    assert told == [("B", FIRST.isoformat(), BACK.isoformat(), "leave", "M1")]
    assert list_vacancies(work, plan, on=TODAY, days=5)["vacant"] == []
    assert [v["grid_code"] for v in list_vacancies(work, plan, on=TODAY, days=11)["vacant"]] == ["B"]


@pytest.mark.parametrize(
    ("choices", "error", "code"),
    [
        ({"D": "M2"}, NotFound, "no_grid"),
        ({"A": "L1"}, Conflict, "unfit"),
        ({"A": "M1"}, BadInput, "same_person"),
        ({"A": "M9"}, NotFound, "no_staff"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(
    work: Session, plan: Plan, choices: dict[str, str], error: type[Exception], code: str
) -> None:
    with pytest.raises(error, match=code):
        prepare(work, choices=choices)


def test_a_substitute_who_is_away_himself_is_not_proposed(work: Session, plan: Plan) -> None:
    apply_change(work, prepare(work, staff="M3")["id"], by=None)
    assert proposal(prepare(work)) == {
        "A": ("M2", "neighbour"),
        "B": ("M2", "neighbour"),
        "C": ("M2", "neighbour"),
    }
    with pytest.raises(Conflict, match="unfit"):
        prepare(work, choices={"A": "M3"})


def test_who_leaves_for_good_hands_everything_over_and_stays_in_the_past(
    work: Session, plan: Plan, staff: dict[str, Staff]
) -> None:
    plans.give_duty(work, find_grid_by_code(work, plan, "D"), "M1", role="backup", valid_from=BEGIN)
    change = prepare(work, "departure", valid_from=TODAY)
    assert ("D", "backup", "ended") in {(x["grid_code"], x["role"], x["why"]) for x in change["lines"]}
    apply_change(work, change["id"], by=None)
    assert not staff["M1"].active
    assert holders(work, plan, TODAY) == "M3 M3 M2 M2 N1"
    assert holders(work, plan, TODAY - timedelta(1)) == "M1 M1 M1 M2 N1"
    assert holders(work, plan, TODAY, "backup") == "- - - - -"
    assert holders(work, plan, BEGIN, "backup") == "M3 - - M1 -"
    undo_change(work, change["id"], by=None)
    assert staff["M1"].active
    assert holders(work, plan, TODAY) + holders(work, plan, TODAY, "backup") == "M1 M1 M1 M2 N1M3 - - M1 -"


def test_where_nobody_is_left_the_grid_is_told_as_vacant(work: Session, plan: Plan) -> None:
    change = prepare(work, "departure", staff="N1", valid_from=TODAY)
    assert proposal(change) == {"E": (None, "nobody")}
    assert change["bill"]["vacant"] == 1
    apply_change(work, change["id"], by=None)
    assert [(v["grid_code"], v["why"]) for v in list_vacancies(work, plan)["vacant"]] == [("E", "departure")]


def test_a_leave_reaches_the_drafts_that_wait_behind_the_plan(work: Session, plan: Plan) -> None:
    plans.new_plan(work, plans.PlanDraft("V2", "规划", from_plan="V1"))
    change = prepare(work)
    assert {line["plan_code"] for line in change["lines"]} == {"V1", "V2"}
    assert change["bill"]["grids"] == 3
    apply_change(work, change["id"], by=None)
    second = plans.find_plan(work, "V2")
    assert holders(work, second, FIRST) == holders(work, plan, FIRST) == "M3 M3 M2 M2 N1"


def test_a_branch_head_changes_only_his_own_people(
    work: Session, plan: Plan, staff: dict[str, Staff]
) -> None:
    head = Person(1, "x", "行长", "branch_head", branch_id=staff["N1"].branch_id)
    with pytest.raises(NotAllowed, match="not_yours"):
        preview_change(work, Ask("leave", FIRST, staff="M1"), by=head)
    with pytest.raises(NotAllowed, match="not_yours"):
        preview_change(work, Ask("branch_merge", FIRST, branch="102", into="101"), by=head)


@pytest.mark.parametrize(
    "ask",
    [
        Ask("leave", FIRST),
        Ask("leave", FIRST, staff="M1", valid_to=FIRST),
        Ask("departure", FIRST, staff="M1", valid_to=BACK),
        Ask("holiday", FIRST, staff="M1"),
        Ask("branch_merge", FIRST, branch="101"),
        Ask("branch_merge", FIRST, branch="101", into="101"),
    ],
)
def test_what_does_not_fit_together_is_refused(work: Session, plan: Plan, ask: Ask) -> None:
    with pytest.raises(BadInput):
        preview_change(work, ask, by=None)


def test_a_branch_joins_another_by_a_draft_and_its_people_move_once_it_is_in_force(
    work: Session, plan: Plan, staff: dict[str, Staff]
) -> None:
    change = preview_change(work, Ask("branch_merge", TODAY, branch="102", into="101"), by=None)
    assert [line["grid_code"] for line in change["lines"]] == ["E"]
    assert ([p["code"] for p in change["people"]], change["bill"]["letters"]) == (["N1"], 1)
    told = apply_change(work, change["id"], by=None)
    assert (told["state"], told["stage"]) == ("applied", "waiting_for_plan")
    draft = plans.find_plan(work, told["plan"])
    branches = {grid.code: grid.branch_id for grid in work.query(Grid).filter_by(plan_id=draft.id)}
    assert set(branches.values()) == {staff["M1"].branch_id}
    with pytest.raises(Conflict, match="plan_not_in_force"):
        apply_change(work, change["id"], by=None)
    plans.check_plan(work, draft)
    plans.certify(work, draft)
    plans.publish(work, draft, valid_from=TODAY, user_id=None)
    assert apply_change(work, change["id"], by=None)["stage"] == "applied"
    work.expire_all()
    assert staff["N1"].branch_id == staff["M1"].branch_id
    with pytest.raises(Conflict):
        undo_change(work, change["id"], by=None)


def test_people_of_a_merge_move_by_themselves_when_plans_turn(
    work: Session, plan: Plan, staff: dict[str, Staff]
) -> None:
    told = preview_change(work, Ask("branch_merge", TODAY, branch="102", into="101"), by=None)
    draft = plans.find_plan(work, apply_change(work, told["id"], by=None)["plan"])
    assert settle_changes(work) == 0
    plans.check_plan(work, draft)
    plans.certify(work, draft)
    plans.publish(work, draft, valid_from=TODAY, user_id=None)
    assert (settle_changes(work), settle_changes(work)) == (1, 0)
    work.expire_all()
    assert staff["N1"].branch_id == staff["M1"].branch_id


def test_who_leaves_on_a_day_to_come_is_out_of_service_once_it_has_come(
    work: Session, plan: Plan, staff: dict[str, Staff]
) -> None:
    change = apply_change(work, prepare(work, "departure", valid_from=FIRST)["id"], by=None)
    assert settle_changes(work) == 0
    work.execute(
        text("UPDATE staffing_change SET valid = daterange(current_date, NULL) WHERE id = :id"),
        {"id": change["id"]},
    )
    assert settle_changes(work) == 1
    work.expire_all()
    assert not staff["M1"].active
    staff["M1"].active = True
    work.flush()
    assert settle_changes(work) == 0


def test_a_merge_is_taken_back_with_its_draft_while_nobody_worked_on_it(work: Session, plan: Plan) -> None:
    told = preview_change(work, Ask("branch_merge", TODAY, branch="102", into="101"), by=None)
    code = apply_change(work, told["id"], by=None)["plan"]
    draft = plans.find_plan(work, code)
    draft.ground_version += 1
    work.flush()
    with pytest.raises(Conflict, match="changed_since"):
        undo_change(work, told["id"], by=None)
    draft.ground_version -= 1
    work.flush()
    assert undo_change(work, told["id"], by=None)["state"] == "undone"
    with pytest.raises(NotFound):
        plans.find_plan(work, code)
    assert [row["state"] for row in list_changes(work, by=None)] == ["undone"]


def test_a_merge_whose_draft_is_deleted_stays_readable_and_can_be_undone(work: Session, plan: Plan) -> None:
    told = preview_change(work, Ask("branch_merge", TODAY, branch="102", into="101"), by=None)
    code = apply_change(work, told["id"], by=None)["plan"]
    plans.delete_plan(work, plans.find_plan(work, code))
    work.expire_all()
    left = list_changes(work, by=None)
    assert [(row["id"], row["state"], row["plan"]) for row in left] == [(told["id"], "applied", None)]
    with pytest.raises(Conflict, match="plan_not_in_force"):
        apply_change(work, told["id"], by=None)
    assert undo_change(work, told["id"], by=None)["state"] == "undone"


def test_alarms_name_people_in_two_branches_and_primaries_who_are_away(
    work: Session, plan: Plan, staff: dict[str, Staff]
) -> None:
    plans.give_duty(work, find_grid_by_code(work, plan, "D"), "N1", valid_from=TODAY, replace=True)
    staff["M1"].active = False
    work.flush()
    found = list_vacancies(work, plan)
    assert [
        (row["staff"]["code"], [b["branch"] for b in row["branches"]]) for row in found["across_branches"]
    ] == [("N1", ["101", "102"])]
    assert [(row["grid_code"], row["why"]) for row in found["absent"]] == [(c, "inactive") for c in "ABC"]
    with pytest.raises(BadInput, match="bad_date"):
        list_vacancies(work, plan, on=date.max, days=9)
