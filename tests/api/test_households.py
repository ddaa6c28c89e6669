"""Households at the public door: what each viewer sees, decides and takes back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from tests.conftest import Client, DemoBank
from tests.truth import GRIDS, truth

PEOPLE = """SELECT a.customer_id, a.grid_id FROM assignment a JOIN customer c ON c.id = a.customer_id
    WHERE a.grid_id {} AND NOT EXISTS (SELECT 1 FROM household_member m WHERE m.customer_id = a.customer_id)
    ORDER BY a.grid_id, a.customer_id LIMIT {}"""
URL = "/api/v1/households"


@pytest.fixture(scope="module")
def people(demo_bank: DemoBank) -> dict[str, list[Any]]:
    """Customers of the manager's grids, and of a grid far from his."""
    with truth(demo_bank.database) as admin:
        mine = admin.execute(text(PEOPLE.format(f"IN ({GRIDS['manager']})", 4))).all()
        both = f"NOT IN ({GRIDS['manager']}) AND a.grid_id NOT IN ({GRIDS['branch_head']})"
        return {"mine": list(mine), "foreign": list(admin.execute(text(PEOPLE.format(both, 1))).all())}


@pytest.fixture
def household(demo_bank: DemoBank, people: dict[str, list[Any]]) -> Iterator[int]:
    """Four customers of the manager and one of a stranger's grid in one household."""
    members = [row[0] for row in (*people["mine"], *people["foreign"])]
    with demo_bank.database.transaction(WORKER) as session:
        number = session.scalar(
            text(
                "INSERT INTO household (confidence, head_customer_id, address_key)"
                " VALUES (0.8123456789, :head, 'test') RETURNING id"
            ),
            {"head": members[0]},
        )
        for customer in members:
            session.execute(
                text(
                    "INSERT INTO household_member (customer_id, household_id, confidence, reasons)"
                    " VALUES (:customer, :number, 0.8123456789, '{same_house,same_roster_no}')"
                ),
                {"customer": customer, "number": number},
            )
    yield int(number or 0)
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM household WHERE id = :id"), {"id": number})
        session.execute(text("DELETE FROM household_apart WHERE customer_a = ANY(:ids)"), {"ids": members})


@pytest.fixture(scope="module")
def manager(demo_bank: DemoBank) -> Client:
    return demo_bank.client("manager")


@pytest.fixture(scope="module")
def head(demo_bank: DemoBank) -> Client:
    return demo_bank.client("head")


def state_of(demo_bank: DemoBank, number: int) -> str:
    """Everything that is stored of a household and of pairs apart, as one text."""
    with demo_bank.database.transaction(WORKER) as session:
        rows = [
            session.execute(text(query), {"id": number}).scalars().all()
            for query in (
                "SELECT to_jsonb(h) FROM household h WHERE id = :id",
                "SELECT to_jsonb(m) FROM household_member m WHERE household_id = :id ORDER BY customer_id",
                "SELECT to_jsonb(p) FROM household_apart p WHERE :id > 0 ORDER BY 1",
            )
        ]
    return json.dumps(rows, sort_keys=True)


def ids_of(household: dict[str, Any]) -> list[int]:
    return [member["customer_id"] for member in household["members"]]


def test_a_member_in_anothers_grid_is_counted_and_not_shown(
    manager: Client, head: Client, household: int, people: dict[str, list[Any]]
) -> None:
    shown = manager.get(f"{URL}/{household}").json()
    assert ids_of(shown) == sorted(row[0] for row in people["mine"])
    assert shown["hidden"] == 1
    assert shown["persons"] <= len(people["mine"])
    assert head.get(f"{URL}/{household}").json()["hidden"] == 0


def test_names_are_masked_and_reasons_are_said_in_two_languages(manager: Client, household: int) -> None:
    (member, *_) = manager.get(f"{URL}/{household}").json()["members"]
    assert member["name"][1:] in ("*", "**")
    assert member["address"] is None or member["address"].endswith("***")
    assert [reason["zh"] for reason in member["reasons"]] == ["同一来源户号相同", "同一门牌"]
    assert all(reason["en"] for reason in member["reasons"])


def test_the_list_is_cut_by_grid_state_band_and_name(
    manager: Client, household: int, people: dict[str, list[Any]]
) -> None:
    def found(query: str) -> list[int]:
        answer = manager.get(f"{URL}?after={household - 1}&{query}")
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["households"]]

    assert household in found("")
    assert household in found(f"grid={people['mine'][0][1]}&state=proposed&band=likely")
    assert household not in found("band=sure")
    assert household not in found("state=confirmed")
    assert manager.get(f"{URL}?after={household}").json()["households"] == []
    assert household not in found("q=%25")
    assert manager.get(f"{URL}?grid={people['foreign'][0][1]}").status_code == 404


def test_a_confirmation_holds_for_those_who_are_seen_and_is_taken_back_to_the_byte(
    manager: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    before = state_of(demo_bank, household)
    seen = ids_of(manager.get(f"{URL}/{household}").json())
    answer = manager.post(f"{URL}/{household}/confirm", json={"customer_ids": seen})
    assert answer.status_code == 200, answer.text
    assert answer.json()["household"]["state"] == "confirmed"
    with truth(demo_bank.database) as admin:
        states = dict(
            admin.execute(
                text("SELECT customer_id, state FROM household_member WHERE household_id = :id"),
                {"id": household},
            ).all()
        )
    assert states[people["foreign"][0][0]] == "proposed"
    assert all(states[one] == "confirmed" for one in seen)
    again = manager.post(f"{URL}/{household}/confirm", json={"customer_ids": seen})
    assert (again.status_code, again.json()["code"]) == (409, "already_confirmed")
    undone = manager.post(f"{URL}/{household}/undo")
    assert undone.status_code == 200, undone.text
    assert state_of(demo_bank, household) == before
    assert [step["action"] for step in undone.json()["household"]["steps"]] == ["undo", "confirm"]
    assert manager.post(f"{URL}/{household}/undo").status_code == 404


def test_who_sees_one_person_alone_confirms_nothing(
    manager: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    first, *others = [row[0] for row in people["mine"]]
    with demo_bank.database.transaction(WORKER) as session:
        gone = text("DELETE FROM household_member WHERE customer_id = ANY(:ids)")
        session.execute(gone, {"ids": others})
    before = state_of(demo_bank, household)
    answer = manager.post(f"{URL}/{household}/confirm", json={"customer_ids": [first]})
    assert (answer.status_code, answer.json()["code"]) == (422, "one_alone")
    assert state_of(demo_bank, household) == before


def test_a_split_sets_apart_and_comes_back_whole(
    manager: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    before = state_of(demo_bank, household)
    first, *others = [row[0] for row in people["mine"]]
    answer = manager.post(f"{URL}/{household}/split", json={"customer_ids": [first]})
    assert answer.status_code == 200, answer.text
    left = answer.json()["household"]
    assert ids_of(left) == sorted(others)
    assert left["head_customer_id"] is None
    with truth(demo_bank.database) as admin:
        pairs = admin.execute(
            text("SELECT count(*) FROM household_apart WHERE :id IN (customer_a, customer_b)"), {"id": first}
        ).scalar()
    assert pairs == 4, "also from the member who is not seen"
    assert manager.post(f"{URL}/{household}/undo").status_code == 200
    assert state_of(demo_bank, household) == before


def test_a_household_of_one_ends_and_its_end_can_be_taken_back(
    manager: Client, head: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    before = state_of(demo_bank, household)
    everybody = [row[0] for row in people["mine"]]
    ended = manager.post(f"{URL}/{household}/split", json={"customer_ids": everybody})
    assert (ended.status_code, ended.json()["household"]) == (200, None)
    assert head.get(f"{URL}/{household}").status_code == 404
    assert manager.post(f"{URL}/{household}/undo").status_code == 200
    assert state_of(demo_bank, household) == before


def test_what_changed_meanwhile_is_a_conflict(
    manager: Client, head: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    first = people["mine"][0][0]
    stale = manager.post(f"{URL}/{household}/confirm", json={"customer_ids": [first]})
    assert (stale.status_code, stale.json()["code"]) == (409, "household_changed")
    head.post(f"{URL}/{household}/split", json={"customer_ids": [first]})
    theirs = manager.post(f"{URL}/{household}/undo")
    assert (theirs.status_code, theirs.json()["code"]) == (403, "not_yours")
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("UPDATE household SET confidence = 0.7 WHERE id = :id"), {"id": household})
    late = head.post(f"{URL}/{household}/undo")
    assert (late.status_code, late.json()["code"]) == (409, "household_changed")


@pytest.mark.parametrize("wrong", [[], [-1], "all"])
def test_only_members_in_sight_are_split_off_and_never_all(
    head: Client, manager: Client, household: int, people: dict[str, list[Any]], wrong: Any
) -> None:
    everybody = [row[0] for row in (*people["mine"], *people["foreign"])]
    named = everybody if wrong == "all" else wrong
    assert head.post(f"{URL}/{household}/split", json={"customer_ids": named}).status_code == 422
    hidden = [people["foreign"][0][0]]
    assert manager.post(f"{URL}/{household}/split", json={"customer_ids": hidden}).status_code == 422


def test_a_pin_of_one_is_proposed_to_those_of_the_same_house_once_confirmed(
    head: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    pinned, mate, other, *_ = [row[0] for row in people["mine"]]
    with truth(demo_bank.database) as admin:
        held = admin.execute(
            text("SELECT customer_id, method, geom::text FROM placement WHERE customer_id = ANY(:ids)"),
            {"ids": [pinned, mate, other]},
        ).all()
        written = admin.execute(
            text("SELECT id, address FROM customer WHERE id = ANY(:ids)"), {"ids": [pinned, mate, other]}
        ).all()
    try:
        with demo_bank.database.transaction(WORKER) as session:
            session.execute(
                text(
                    "UPDATE placement SET method = CASE customer_id WHEN :pinned THEN 'pin' ELSE 'exact' END,"
                    " geom = ST_SetSRID(ST_MakePoint(121.2, 31.9), 4326) WHERE customer_id = ANY(:ids)"
                ),
                {"pinned": pinned, "ids": [pinned, mate, other]},
            )
            for customer, house in ((pinned, "8组22号"), (mate, "八组22号"), (other, "8组23号")):
                session.execute(
                    text("UPDATE customer SET address = :at WHERE id = :id"),
                    {"at": f"常乐镇颐生村{house}", "id": customer},
                )
        assert head.get(f"{URL}/{household}").json()["pin_from"] is None
        told = head.post(f"{URL}/{household}/confirm").json()["household"]["pin_from"]
        assert told == {"customer_id": pinned, "lon": 121.2, "lat": 31.9, "customer_ids": [mate]}
    finally:
        with demo_bank.database.transaction(WORKER) as session:
            for customer, method, geom in held:
                session.execute(
                    text("UPDATE placement SET method = :m, geom = :g WHERE customer_id = :id"),
                    {"m": method, "g": geom, "id": customer},
                )
            for customer, address in written:
                session.execute(
                    text("UPDATE customer SET address = :a WHERE id = :id"), {"a": address, "id": customer}
                )


def test_every_look_and_every_decision_is_audited_with_the_customers(
    manager: Client, demo_bank: DemoBank, household: int, people: dict[str, list[Any]]
) -> None:
    manager.get(f"{URL}/{household}")
    manager.post(f"{URL}/{household}/split", json={"customer_ids": [people["mine"][0][0]]})
    with truth(demo_bank.database) as admin:
        rows = admin.execute(
            text("SELECT action, customer_ids FROM audit WHERE subject = :s ORDER BY id"),
            {"s": f"household {household}"},
        ).all()
    told = {row[0]: row[1] for row in rows}
    assert len(told["see_household"]) in (3, 4)
    assert told["split_household"] == [people["mine"][0][0]]


def test_the_summary_counts_what_the_viewer_sees(
    manager: Client, head: Client, demo_bank: DemoBank, household: int
) -> None:
    mine, all_ = manager.get(f"{URL}/summary").json(), head.get(f"{URL}/summary").json()
    members = f"""SELECT count(*), count(DISTINCT m.household_id) FROM household_member m
        JOIN assignment a ON a.customer_id = m.customer_id WHERE a.grid_id IN ({GRIDS["manager"]})"""
    with truth(demo_bank.database) as admin:
        assert tuple(admin.execute(text(members)).one()) == (mine["members"], mine["households"])
        assert admin.execute(text("SELECT count(*) FROM household_member")).scalar() == all_["members"]
    assert sum(mine["bands"].values()) == mine["households"]
    assert 0 < mine["customers"] < all_["customers"]
    assert mine["member_share"] == round(mine["members"] / mine["placed"], 4)


def test_a_run_is_started_as_a_job_by_head_office(head: Client, manager: Client, tidy: None) -> None:
    job = head.post(f"{URL}/runs")
    assert (job.status_code, job.json()["kind"]) == (202, "link_households")
    assert manager.post(f"{URL}/runs").status_code == 403
