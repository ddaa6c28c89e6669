"""Grids go from head office to branches to people: what may be offered, and what an answer changes."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from app.access import Person
from app.clock import today
from app.errors import BadInput, Conflict, GetuError, NotAllowed, NotFound
from app.models import Branch, Plan, Staff, StaffingChange
from app.models.ground import ALLOTTED
from app.territory import plans
from app.territory.allotment import (
    Answer,
    Choice,
    Offer,
    answer_offers,
    count_board,
    list_allotments,
    offer_grids,
)
from app.territory.plans.duties import find_grid_by_code
from app.territory.responsibility import list_duties
from tests.ground import lay
from tests.territory.conftest import Lay

TODAY = today()
BEGIN = TODAY - timedelta(100)


@dataclass
class House:
    """A draft of four grids, two branches with their people, and verbs that say what is done in one word."""

    work: Session
    plan: Plan
    branches: dict[str, Branch]
    staff: dict[str, Staff]

    def offer(self, to: str, *grids: str, by: Person | None = None, **more: Any) -> dict[str, Any]:
        step = "branch" if to in self.branches else "manager"
        choice = more.pop("choice", Choice(grids))
        return offer_grids(self.work, self.plan, Offer(step, to, choice, **more), by=by)

    def answer(
        self, answer: str, batch: int, *, by: Person | None = None, reason: str | None = None
    ) -> dict[str, Any]:
        return answer_offers(self.work, self.plan, Answer(answer, batch=batch, reason=reason), by=by)

    def take(self, to: str, *grids: str, **more: Any) -> None:
        """Offer and accept at once."""
        self.answer("accept", self.offer(to, *grids, **more)["batch"])

    def state(self, code: str) -> str | None:
        grid = find_grid_by_code(self.work, self.plan, code)
        self.work.refresh(grid)
        return grid.allotted

    def branch(self, code: str) -> str | None:
        grid = find_grid_by_code(self.work, self.plan, code)
        self.work.refresh(grid)
        return None if grid.branch_id is None else self.work.get_one(Branch, grid.branch_id).code

    def holders(self, code: str, on: date = TODAY) -> dict[str, str]:
        return {
            d["role"]: d["staff_code"]
            for d in list_duties(self.work, self.plan, on=on)
            if d["grid_code"] == code
        }

    def publish(self) -> None:
        plans.check_plan(self.work, self.plan)
        plans.certify(self.work, self.plan)
        plans.publish(self.work, self.plan, valid_from=BEGIN, user_id=None)


@pytest.fixture
def house(work: Session, lay_plan: Lay) -> House:
    plan = lay_plan(lay("AABBCCDD\nAABBCCDD"))
    branches = {code: Branch(code=code, name=f"支行{code}", kind="branch") for code in ("101", "102")}
    work.add_all(branches.values())
    work.flush()
    kinds = {
        "M1": "manager",
        "M2": "manager",
        "N1": "manager",
        "L1": "liaison",
        "T1": "terminal_administrator",
    }
    staff = {
        code: Staff(
            code=code,
            name=f"员工{code}",
            kind=kind,
            branch_id=branches["102" if code[0] == "N" else "101"].id,
        )
        for code, kind in kinds.items()
    }
    work.add_all(staff.values())
    work.flush()
    return House(work, plan, branches, staff)


def head_of(house: House, code: str) -> Person:
    return Person(1, "head-of", "行长", "branch_head", branch_id=house.branches[code].id)


def manager(house: House, code: str) -> Person:
    return Person(2, "one", "经理", "manager", staff_id=house.staff[code].id)


def refusals(error: GetuError) -> dict[str, str]:
    """Reason by grid of a refused batch."""
    return {grid["code"]: grid["reason"]["code"] for grid in error.facts["grids"]}


def test_a_grid_goes_from_head_office_to_a_branch_to_its_manager(house: House) -> None:
    made = house.offer("101", "A", "B")
    assert (made["offered"], made["grids"]) == (2, ["A", "B"])
    assert (house.state("A"), house.branch("A")) == ("offered_branch", None)
    house.answer("accept", made["batch"])
    assert (house.state("A"), house.branch("A"), house.state("C")) == ("in_branch", "101", None)
    made = house.offer("M1", "A", valid_from=TODAY)
    assert (house.state("A"), house.holders("A")) == ("offered_manager", {})
    house.answer("accept", made["batch"])
    assert (house.state("A"), house.holders("A")) == ("held", {"primary": "M1"})


def test_what_is_returned_stands_as_before_with_the_reason_kept(house: House) -> None:
    made = house.offer("101", "A")
    with pytest.raises(BadInput, match="no_reason"):
        house.answer("return", made["batch"], reason="  ")
    house.answer("return", made["batch"], reason="离网点太远")
    assert (house.state("A"), house.branch("A")) == ("returned", None)
    house.take("101", "A")
    house.take("M1", "A", valid_from=BEGIN)
    house.answer("return", house.offer("M2", "A")["batch"], reason="忙不过来")
    assert house.holders("A") == {"primary": "M1"}
    told = list_allotments(house.work, house.plan, by=None)[0]
    assert (told["state"], told["answer_reason"], told["staff"]["code"]) == ("returned", "忙不过来", "M2")


def test_what_is_withdrawn_is_marked_as_it_was_before_the_offer(house: House) -> None:
    house.answer("withdraw", house.offer("101", "A")["batch"])
    assert house.state("A") is None
    house.take("101", "A")
    house.answer("withdraw", house.offer("M1", "A")["batch"])
    assert house.state("A") == "in_branch"
    house.take("M1", "A")
    house.answer("withdraw", house.offer("M2", "A")["batch"])
    assert (house.state("A"), house.holders("A")) == ("held", {"primary": "M1"})


def test_a_new_holder_takes_over_on_his_day_and_the_former_one_is_remembered(house: House) -> None:
    house.take("101", "A")
    house.take("M1", "A", valid_from=BEGIN)
    house.publish()
    day = TODAY + timedelta(30)
    house.take("M2", "A", valid_from=day)
    assert house.holders("A", day - timedelta(1)) == {"primary": "M1"}
    assert house.holders("A", day) == {"primary": "M2"}
    with pytest.raises(Conflict) as refused:
        house.offer("M1", "A", valid_from=BEGIN - timedelta(1))
    assert refusals(refused.value) == {"A": "before_plan"}


def test_roles_stand_beside_one_another_and_take_their_own_kind_of_people(house: House) -> None:
    house.take("101", "A")
    for code, role in {
        "M1": "primary", "M2": "backup", "L1": "liaison", "T1": "terminal_administrator",
    }.items():  # fmt: skip
        house.take(code, "A", role=role)
    assert house.holders("A") == {
        "primary": "M1", "backup": "M2", "liaison": "L1", "terminal_administrator": "T1",
    }  # fmt: skip
    for code, role in {"L1": "primary", "M1": "liaison", "T1": "backup"}.items():
        with pytest.raises(Conflict) as refused:
            house.offer(code, "A", role=role)
        assert refused.value.facts["reason"]["code"] == "wrong_kind"


def test_who_becomes_primary_is_no_longer_his_own_backup(house: House) -> None:
    house.take("101", "A")
    house.take("M2", "A", role="backup", valid_from=BEGIN)
    house.take("M2", "A", valid_from=TODAY)
    assert house.holders("A") == {"primary": "M2"}
    assert house.holders("A", BEGIN) == {"backup": "M2"}


@pytest.mark.parametrize(("kind", "code"), [("leave", "person_on_leave"), ("departure", "person_leaving")])
def test_who_is_away_or_out_of_service_cannot_take_a_grid(house: House, kind: str, code: str) -> None:
    house.take("101", "A")
    made = house.offer("M2", "A")
    away = StaffingChange(
        kind=kind,
        state="applied",
        staff_id=house.staff["M2"].id,
        valid=Range(TODAY, TODAY + timedelta(9) if kind == "leave" else None),
    )
    house.work.add(away)
    house.staff["M1"].active = False
    house.work.flush()
    with pytest.raises(Conflict) as refused:
        house.answer("accept", made["batch"])
    assert refusals(refused.value) == {"A": code}
    with pytest.raises(Conflict) as refused:
        house.offer("M1", "A")
    assert refused.value.facts["reason"]["code"] == "person_inactive"
    assert house.holders("A") == {}


def test_a_batch_lands_whole_or_not_at_all_with_a_reason_for_each_grid(house: House) -> None:
    house.take("101", "A", "B")
    house.take("102", "C")
    house.offer("M1", "B")
    with pytest.raises(Conflict) as refused:
        house.offer("M1", "A", "B", "C", "D")
    assert refusals(refused.value) == {"B": "offered_already", "C": "other_branch", "D": "no_branch"}
    assert refused.value.facts["grids"][0]["reason"]["to"] == "员工M1"
    assert (house.state("A"), house.state("D")) == ("in_branch", None)
    with pytest.raises(NotFound) as missing:
        house.offer("101", "D", "Z")
    assert missing.value.facts["codes"] == ["Z"]
    assert house.state("D") is None


def test_grids_are_chosen_by_town_by_branch_or_all(house: House) -> None:
    for code in ("A", "B"):
        find_grid_by_code(house.work, house.plan, code).town_name = "常乐镇"
    house.work.flush()
    made = house.offer("101", choice=Choice(town="常乐镇"))
    assert made["grids"] == ["A", "B"]
    house.answer("accept", made["batch"])
    assert house.offer("M1", choice=Choice(branch="101"))["grids"] == ["A", "B"]
    with pytest.raises(BadInput, match="no_grids"):
        house.offer("101", choice=Choice())
    with pytest.raises(BadInput, match="no_grids"):
        house.offer("101", choice=Choice(town="海底镇"))


def test_an_answer_comes_once(house: House) -> None:
    batch = house.offer("101", "A", "B")["batch"]
    house.answer("accept", batch)
    with pytest.raises(Conflict) as refused:
        house.answer("return", batch, reason="晚了")
    assert refusals(refused.value) == {"A": "answered_already", "B": "answered_already"}
    assert refused.value.facts["state"] == "accepted"
    assert refused.value.facts["at"] is not None
    assert house.branch("A") == "101"


def test_nobody_answers_for_another_house(house: House) -> None:
    batch = house.offer("101", "A")["batch"]
    for stranger in (head_of(house, "102"), manager(house, "M1")):
        with pytest.raises(NotAllowed, match="not_your_offer"):
            house.answer("accept", batch, by=stranger)
    house.answer("accept", batch, by=head_of(house, "101"))
    batch = house.offer("M1", "A", by=head_of(house, "101"))["batch"]
    with pytest.raises(NotAllowed, match="not_your_offer"):
        house.answer("accept", batch, by=manager(house, "M2"))
    with pytest.raises(NotAllowed, match="not_your_offer"):
        house.answer("withdraw", batch, by=manager(house, "M1"))
    house.answer("accept", batch, by=manager(house, "M1"))
    assert house.holders("A") == {"primary": "M1"}


def test_a_branch_head_gives_his_own_grids_to_his_own_people(house: House) -> None:
    house.take("101", "A")
    house.take("102", "B")
    with pytest.raises(NotAllowed, match="not_yours"):
        house.offer("101", "C", by=head_of(house, "101"))
    with pytest.raises(NotAllowed, match="not_yours"):
        house.offer("N1", "B", by=head_of(house, "101"))
    with pytest.raises(Conflict) as refused:
        house.offer("M1", "B", by=head_of(house, "101"))
    assert refusals(refused.value) == {"B": "not_yours"}
    made = house.offer("M1", choice=Choice(every=True), by=head_of(house, "101"))
    assert made["grids"] == ["A"]


def test_a_plan_that_closed_meanwhile_takes_no_answer(house: House) -> None:
    house.take("101", "A")
    batch = house.offer("M1", "A")["batch"]
    plans.check_plan(house.work, house.plan)
    plans.certify(house.work, house.plan)
    plans.approve(house.work, house.plan, user_id=None)
    for attempt in (lambda: house.answer("accept", batch), lambda: house.offer("102", "B")):
        with pytest.raises(Conflict, match="plan_closed"):
            attempt()
    assert house.holders("A") == {}


def test_a_grid_whose_branch_changed_meanwhile_is_not_taken(house: House) -> None:
    house.take("101", "A")
    batch = house.offer("M1", "A")["batch"]
    find_grid_by_code(house.work, house.plan, "A").branch_id = house.branches["102"].id
    house.work.flush()
    with pytest.raises(Conflict) as refused:
        house.answer("accept", batch)
    assert refusals(refused.value) == {"A": "branch_changed"}
    house.answer("return", batch, reason="支行已变更")


def test_a_branch_of_the_plan_in_force_is_not_changed_ahead_of_its_day(house: House) -> None:
    house.publish()
    with pytest.raises(Conflict) as refused:
        house.offer("101", "A", valid_from=TODAY + timedelta(1))
    assert refusals(refused.value) == {"A": "ahead"}
    house.take("101", "A", valid_from=TODAY)
    assert house.branch("A") == "101"


def test_a_duty_given_in_a_plan_that_has_an_end_ends_with_it(house: House) -> None:
    house.take("101", "A")
    house.publish()
    end = TODAY + timedelta(30)
    plans.new_plan(house.work, plans.PlanDraft("V2", "规划", from_plan="V1"))
    later = plans.find_plan(house.work, "V2")
    plans.check_plan(house.work, later)
    plans.certify(house.work, later)
    plans.publish(house.work, later, valid_from=end, user_id=None)
    house.take("M1", "A", valid_from=TODAY)
    assert house.holders("A", end - timedelta(1)) == {"primary": "M1"}
    assert house.holders("A", end) == {}
    with pytest.raises(Conflict) as refused:
        house.offer("M2", "A", valid_from=end)
    assert refusals(refused.value) == {"A": "after_plan"}


def test_the_board_counts_every_grid_once_by_state_branch_and_person(house: House) -> None:
    house.take("101", "A", "B", "C")
    house.take("M1", "A")
    house.offer("M2", "B")
    house.offer("102", "D")
    board = count_board(house.work, house.plan)
    assert board["grids"] == 4 == sum(board["counts"].values())
    assert {key: n for key, n in board["counts"].items() if n} == {
        "held": 1, "offered_manager": 1, "in_branch": 1, "offered_branch": 1,
    }  # fmt: skip
    first, second = board["branches"]
    assert (first["code"], first["grids"], first["vacant"], board["pool"]) == ("101", 3, 2, 1)
    assert (second["code"], second["grids"], second["incoming"]) == ("102", 0, 1)
    people = {one["code"]: (one["grids"], one["offered"]) for one in first["managers"]}
    assert people == {"M1": (1, 0), "M2": (0, 1)}


def test_states_are_told_apart_without_red_and_without_colour(house: House) -> None:
    states = count_board(house.work, house.plan)["states"]
    assert len({s["sign"] for s in states}) == len({s["ink"] for s in states}) == len(states)
    assert all("fault" not in s["token"] and s["zh"] and s["en"] for s in states)
    assert {s["key"] for s in states} == {"unallotted", *ALLOTTED.replace("'", "").split(",")}
