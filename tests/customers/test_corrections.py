"""What decisions teach: the same writing is right next time, and two who agree propose a name."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.customers import corrections, places
from app.customers.decisions import Decision, decide_case
from app.customers.undoing import undo_batch
from app.errors import Conflict, NotFound
from tests.customers.drawn_bank import Who, put, settle
from tests.customers.test_decisions import doubt
from tests.ground import lay

PLACE = """INSERT INTO place (code, code_source, level, kind, parent_code, name)
VALUES (:code, 'test', :level, 'admin', :parent, :name)"""
PLACES = (
    ("320614", "county", "3206", "海门区"),
    ("320614101", "town", "320614", "悦来镇"),
    ("A", "village", "320614101", "习正村"),
    ("B", "village", "320614101", "东兴村"),
)
YARD = "海门区悦来镇供销社大院"


@pytest.fixture
def bank(work: Session) -> Session:
    """Villages A and B with their names; the drawn ones bear the same codes."""
    settle(work, lay("AB"))
    for code, level, parent, name in PLACES:
        work.execute(text(PLACE), {"code": code, "level": level, "parent": parent, "name": name})
    return work


def ask(bank: Session, customer: str, address: str) -> int:
    """A customer of this address with a case about it; his number."""
    customer_id = put(bank, Who(customer, rung=0))[customer]
    prefix = places.find_plain_matcher(bank).prefix_of(address)
    doubt(bank, customer_id, "low_score", prefix=prefix)
    return customer_id


def choose(bank: Session, customer_id: int, code: str, *, same: bool = False) -> int:
    return int(decide_case(bank, customer_id, Decision("choose", code=code, same=same))["batch"])


def live(bank: Session) -> dict[str, str]:
    return corrections.read_corrections(bank)


def proposed(bank: Session) -> list[tuple[Any, ...]]:
    rows = corrections.list_aliases(bank, state="proposed")
    return [(row["alias"], row["place_code"], row["corrections"]) for row in rows]


def test_the_same_writing_is_right_next_time(bank: Session) -> None:
    before = places.find_matcher(bank).match(f"{YARD}17号")
    assert before.level == "town"
    choose(bank, ask(bank, "k", f"{YARD}3号"), "B")
    answer = places.find_matcher(bank).match(f"{YARD}17号201室")
    assert (answer.level, answer.code, answer.method, answer.room) == ("village", "B", "correction", "201")
    assert places.geocode(bank, [f"{YARD}17号"])[0].code == "B"
    assert places.find_matcher(bank).match("海门区悦来镇习正村3组").code == "A"


def test_what_was_taught_holds_no_more_when_it_is_taken_back(bank: Session) -> None:
    batch = choose(bank, ask(bank, "k", f"{YARD}3号"), "B")
    assert set(live(bank).values()) == {"B"}
    undo_batch(bank, batch)
    assert live(bank) == {}
    assert places.find_matcher(bank).match(f"{YARD}17号").level == "town"


def test_who_changes_his_mind_teaches_the_second_and_taken_back_the_first_again(bank: Session) -> None:
    customer_id = ask(bank, "k", f"{YARD}3号")
    choose(bank, customer_id, "A")
    second = choose(bank, customer_id, "B")
    assert set(live(bank).values()) == {"B"}
    undo_batch(bank, second)
    assert set(live(bank).values()) == {"A"}


def test_nothing_is_learned_where_people_differ(bank: Session) -> None:
    choose(bank, ask(bank, "k", f"{YARD}3号"), "A")
    batch = choose(bank, ask(bank, "l", f"{YARD}4号"), "B")
    assert live(bank) == {}
    undo_batch(bank, batch)
    assert set(live(bank).values()) == {"A"}


@pytest.mark.parametrize("decision", [Decision("outside"), Decision("unclear"), Decision("later")])
def test_only_a_choice_teaches(bank: Session, decision: Decision) -> None:
    decide_case(bank, ask(bank, "k", f"{YARD}3号"), decision)
    assert live(bank) == {}


def test_a_town_and_an_unreadable_address_teach_nothing(bank: Session) -> None:
    choose(bank, ask(bank, "k", f"{YARD}3号"), "320614101")
    choose(bank, ask(bank, "l", "🏠"), "B")
    assert live(bank) == {}


def test_what_the_names_said_surely_themselves_is_no_lesson(bank: Session) -> None:
    """It would only outrank the points of everybody else whose address begins so."""
    customer_id = put(bank, Who("k", rung=0))["k"]
    prefix = places.find_plain_matcher(bank).prefix_of("海门区悦来镇东兴村3组")
    doubt(bank, customer_id, "contradiction", prefix=prefix, detail={"address_unit_code": "B"})
    bank.execute(text("UPDATE placement_case SET score = 0.99"))
    choose(bank, customer_id, "B")
    assert live(bank) == {}
    choose(bank, customer_id, "A")
    assert live(bank) == {prefix: "A"}


def test_two_customers_agreeing_propose_the_form_and_one_taken_back_withdraws_it(bank: Session) -> None:
    first = choose(bank, ask(bank, "k", f"{YARD}3号"), "B")
    assert proposed(bank) == []
    choose(bank, ask(bank, "l", "悦来镇供销社大院8号"), "B")
    assert proposed(bank) == [("供销社大院", "B", 2)]
    choose(bank, ask(bank, "m", f"{YARD}9号"), "B")
    assert proposed(bank) == [("供销社大院", "B", 3)]
    undo_batch(bank, first)
    assert proposed(bank) == [("供销社大院", "B", 2)]


def test_a_proposal_of_two_is_withdrawn_with_one_of_them(bank: Session) -> None:
    choose(bank, ask(bank, "k", f"{YARD}3号"), "B")
    undo_batch(bank, choose(bank, ask(bank, "l", f"{YARD}4号"), "B"))
    assert proposed(bank) == []


def test_a_third_who_contradicts_takes_the_proposal_away_until_he_is_taken_back(bank: Session) -> None:
    agree(bank)
    third = choose(bank, ask(bank, "m", f"{YARD}9号"), "A")
    assert proposed(bank) == []
    undo_batch(bank, third)
    assert proposed(bank) == [("供销社大院", "B", 2)]


@pytest.mark.parametrize(
    "decision", [Decision("choose", code="A"), Decision("outside"), Decision("choose", code="320614101")]
)
def test_who_changes_his_mind_withdraws_his_voice_for_the_form(bank: Session, decision: Decision) -> None:
    ids = [ask(bank, customer, f"{YARD}3号") for customer in "kl"]
    for customer_id in ids:
        choose(bank, customer_id, "B")
    second = decide_case(bank, ids[1], decision)["batch"]
    assert proposed(bank) == []
    undo_batch(bank, int(second))
    assert proposed(bank) == [("供销社大院", "B", 2)]


def test_one_person_deciding_many_at_once_is_one_voice(bank: Session) -> None:
    ids = [ask(bank, key, f"{YARD}3号") for key in "klm"]
    choose(bank, ids[0], "B", same=True)
    assert (len(live(bank)), proposed(bank)) == (1, [])


def test_a_form_about_which_people_differ_is_not_proposed(bank: Session) -> None:
    choose(bank, ask(bank, "k", f"{YARD}3号"), "A")
    for customer in "lm":
        choose(bank, ask(bank, customer, f"悦来镇供销社大院{ord(customer)}号"), "B")
    assert proposed(bank) == []


def agree(bank: Session) -> int:
    """A proposed form; its number."""
    for customer in "kl":
        choose(bank, ask(bank, customer, f"{YARD}3号"), "B")
    return int(corrections.list_aliases(bank)[0]["id"])


def test_an_approved_form_is_a_name_of_the_place_until_it_is_rejected(bank: Session) -> None:
    alias_id = agree(bank)
    elsewhere = "悦来镇供销社大院5号"
    assert places.find_matcher(bank).match(elsewhere).code != "B"
    assert corrections.decide_alias(bank, alias_id, approve=True)["state"] == "approved"
    assert places.find_matcher(bank).match(elsewhere).code == "B"
    village = next(place for place in places.read_places(bank) if place.code == "B")
    assert "供销社大院" in village.aliases
    corrections.decide_alias(bank, alias_id, approve=False)
    assert places.find_matcher(bank).match(elsewhere).code != "B"
    choose(bank, ask(bank, "m", f"{YARD}9号"), "B")
    assert corrections.list_aliases(bank)[0]["state"] == "rejected", "what was decided stays decided"


def test_one_form_is_not_approved_for_two_places(bank: Session) -> None:
    corrections.decide_alias(bank, agree(bank), approve=True)
    add = (
        "INSERT INTO place_alias (alias, place_code, corrections) VALUES ('供销社大院', 'A', 2) RETURNING id"
    )
    other = bank.scalar(text(add))
    assert {row["contested"] for row in corrections.list_aliases(bank)} == {True}
    with pytest.raises(Conflict, match="alias_taken"):
        corrections.decide_alias(bank, other, approve=True)
    # Nor by two people at once, of whom neither sees what the other is about to approve.
    with pytest.raises(IntegrityError), bank.begin_nested():
        bank.execute(text("UPDATE place_alias SET state = 'approved' WHERE id = :id"), {"id": other})
    with pytest.raises(NotFound, match="no_alias"):
        corrections.decide_alias(bank, 10**15, approve=True)


def test_other_corrections_of_the_same_number_are_another_version(bank: Session) -> None:
    """Also where the sum of their numbers is the same."""
    for number in range(4):
        choose(bank, ask(bank, str(number), f"悦来镇{'东南西北'[number]}大院"), "B")
    first = bank.scalar(text("SELECT min(id) FROM place_correction"))
    versions = set()
    for live_ones in ((0, 3), (1, 2)):
        ids = {"first": first, "live": [*live_ones]}
        bank.execute(text("UPDATE place_correction SET ended_at = now()"))
        bank.execute(text("UPDATE place_correction SET ended_at = NULL WHERE id - :first = ANY(:live)"), ids)
        versions.add(places.matcher_version(bank))
    assert len(versions) == 2


def test_the_matcher_s_version_changes_with_all_that_it_knows(bank: Session) -> None:
    versions = [places.matcher_version(bank)]
    first = choose(bank, ask(bank, "first", f"{YARD}3号"), "A")
    versions.append(places.matcher_version(bank))
    undo_batch(bank, first)
    assert places.matcher_version(bank) == versions[0], "the same knowledge is the same version"
    alias_id = agree(bank)
    versions.append(places.matcher_version(bank))
    corrections.decide_alias(bank, alias_id, approve=True)
    versions.append(places.matcher_version(bank))
    row = {"code": "C", "level": "village", "parent": "320614101", "name": "新村"}
    bank.execute(text(PLACE), row)
    versions.append(places.matcher_version(bank))
    assert len(set(versions)) == len(versions)
