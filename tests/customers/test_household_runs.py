"""Households of a stored bank: one run after another, what people decided, what must never be linked."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.households.storing import link_households

CUSTOMER = """
INSERT INTO customer (source_code, source_key, kind, standing, name, id_card_hash, phone_hash, address,
    household_no, relation) VALUES (:source, :key, :kind, 'existing', :name, :card,
    :phone, :address, :roster_no, :relation)
RETURNING id"""
PLACEMENT = """INSERT INTO placement (customer_id, rung, method, score, unit_code)
VALUES (:id, :rung, 'test', :score, :village)"""
SOURCES = "INSERT INTO source_system VALUES ('core', '核心', 1), ('roster', '名册', 4) ON CONFLICT DO NOTHING"
PLACE = """INSERT INTO place (code, code_source, level, kind, name)
VALUES ('V1', 'test', 'village', 'admin', '习正村'), ('V2', 'test', 'village', 'admin', '保民村')"""


@pytest.fixture
def bank(work: Session) -> Session:
    """A bank of two villages and nobody."""
    work.execute(text(SOURCES))
    work.execute(text(PLACE))
    return work


def put(session: Session, name: str, address: str | None, relation: str | None = None, **more: Any) -> int:
    """Store a customer of 习正村; returns his id."""
    facts = {"source": "roster", "kind": "person", "card": None, "phone": None, "roster_no": None, "rung": 3}
    facts |= {"score": 0.95, "village": "V1", "name": name, "address": address, "relation": relation, **more}
    facts["key"] = f"K{session.scalar(text('SELECT count(*) FROM customer'))}"
    facts["id"] = session.scalar(text(CUSTOMER), facts)
    session.execute(text(PLACEMENT), facts)
    return int(facts["id"])


def put_family(session: Session, roster_no: str = "12", house: str = "8组22号", **more: Any) -> list[int]:
    """A couple and a son on one number in one house."""
    people = (("沈建国", "head"), ("陆秀兰", "spouse"), ("沈小明", "son"))
    where = f"悦来镇习正村{house}"
    return [put(session, name, where, word, roster_no=roster_no, **more) for name, word in people]


def read(session: Session) -> dict[int, list[int]]:
    """Household → its members."""
    rows = session.execute(
        text("SELECT household_id, array_agg(customer_id) FROM household_member GROUP BY 1 ORDER BY 1")
    )
    return {row[0]: sorted(row[1]) for row in rows}


def rows_of(session: Session) -> list[Any]:
    """Everything that is stored of households."""
    return [
        session.execute(text(f"SELECT to_jsonb(t) FROM {table} t ORDER BY {key}")).scalars().all()
        for table, key in (("household", "id"), ("household_member", "customer_id"))
    ]


def test_a_run_stores_households_with_head_village_reasons_and_counts(bank: Session) -> None:
    family = put_family(bank)
    put(bank, "王海峰", "悦来镇习正村9组1号", phone=b"lonely")
    counts = link_households(bank)
    assert list(read(bank).values()) == [family]
    stored = bank.execute(text("SELECT head_customer_id, unit_code, state, confidence FROM household")).one()
    assert tuple(stored)[:3] == (family[0], "V1", "proposed")
    assert stored.confidence >= 0.95
    assert (counts["customers"], counts["placed"], counts["households"], counts["members"]) == (4, 4, 1, 3)
    assert counts["member_share"] == 0.75
    assert counts["bands"] == {"sure": 1, "likely": 0, "possible": 0}
    assert counts["reasons"]["same_roster_no"] == 3


def test_a_second_run_changes_not_a_byte(bank: Session) -> None:
    put_family(bank)
    put_family(bank, "13", "8组23号")
    link_households(bank)
    before = rows_of(bank)
    counts = link_households(bank)
    assert rows_of(bank) == before
    assert counts["run"] == {"same": 2, "written": 0, "rows_replaced": 0, "dropped": 0}


def test_a_household_keeps_its_number_when_a_member_comes_or_goes(bank: Session) -> None:
    family = put_family(bank)
    link_households(bank)
    (number,) = read(bank)
    born = put(bank, "沈春雪", "悦来镇习正村8组22号", "daughter", roster_no="12")
    link_households(bank)
    assert read(bank) == {number: [*family, born]}
    bank.execute(text("UPDATE customer SET household_no = '40', address = NULL WHERE id = :id"), {"id": born})
    link_households(bank)
    assert read(bank) == {number: family}


def test_a_number_counts_within_its_village_only(bank: Session) -> None:
    put(bank, "沈建国", "悦来镇习正村", "head", roster_no="12")
    put(bank, "陆秀兰", "悦来镇保民村", "spouse", roster_no="12", village="V2")
    link_households(bank)
    assert read(bank) == {}


def test_firms_merchants_and_the_unsure_are_no_members(bank: Session) -> None:
    head = put(bank, "沈建国", "悦来镇习正村8组22号", "head", roster_no="12")
    for kind in ("firm", "merchant"):
        put(bank, "沈建国五金店", "悦来镇习正村8组22号", None, roster_no="12", kind=kind)
    put(bank, "陆秀兰", "悦来镇习正村8组22号", "spouse", roster_no="12", score=0.6)
    assert link_households(bank)["members"] == 0
    owner = put(bank, "陆秀兰", "悦来镇习正村8组22号", "spouse", roster_no="12")
    link_households(bank)
    assert list(read(bank).values()) == [[head, owner]]


def test_whom_sources_know_in_two_villages_counts_where_the_most_trusted_says(bank: Session) -> None:
    family = put_family(bank)
    put(bank, "沈小明", "悦来镇保民村1组1号", source="core", card=b"son", village="V2")
    bank.execute(text("UPDATE customer SET id_card_hash = 'son' WHERE id = :id"), {"id": family[2]})
    link_households(bank)
    assert list(read(bank).values()) == [family[:2]]


def test_a_confirmed_household_and_a_pair_apart_outlast_the_runs(bank: Session) -> None:
    family, stranger = put_family(bank), put(bank, "王海峰", "悦来镇习正村9组1号")
    link_households(bank)
    (number,) = read(bank)
    bank.execute(text("UPDATE household SET state = 'confirmed'"))
    bank.execute(text("UPDATE household_member SET state = 'confirmed'"))
    joined = {"id": stranger, "household": number}
    bank.execute(
        text("INSERT INTO household_member VALUES (:id, :household, 'confirmed', 1, '{by_hand}')"), joined
    )
    bank.execute(text("UPDATE customer SET household_no = '77' WHERE id = :id"), {"id": family[0]})
    before = rows_of(bank)
    link_households(bank)
    assert rows_of(bank) == before
    bank.execute(text("DELETE FROM household"))
    pair = {"a": family[1], "b": family[2]}
    bank.execute(text("INSERT INTO household_apart (customer_a, customer_b) VALUES (:a, :b)"), pair)
    bank.execute(text("UPDATE customer SET household_no = '12' WHERE id = :id"), {"id": family[0]})
    link_households(bank)
    assert all(not {family[1], family[2]} <= set(members) for members in read(bank).values())


def test_who_dies_out_of_the_bank_leaves_his_household(bank: Session) -> None:
    family = put_family(bank)
    link_households(bank)
    bank.execute(text("UPDATE customer SET kind = 'merchant' WHERE id = :id"), {"id": family[2]})
    link_households(bank)
    assert list(read(bank).values()) == [family[:2]]
    bank.execute(text("UPDATE placement SET unit_code = NULL"))
    counts = link_households(bank)
    assert (counts["households"], counts["members"], counts["run"]["dropped"]) == (0, 0, 1)


def test_what_is_decided_while_a_run_reads_is_not_written_over(bank: Session) -> None:
    family = put_family(bank)
    link_households(bank)
    late = put(bank, "沈春雪", "悦来镇习正村8组22号", "daughter", roster_no="12")
    before = rows_of(bank)
    decided = "INSERT INTO household_step (household_id, customer_ids, action, before, after) "

    def decide(stage: str, *_: int) -> None:
        if stage == "read":
            bank.execute(text(decided + "VALUES (1, :ids, 'confirm', '{}', '{}')"), {"ids": family})

    link_households(bank, on_progress=decide)
    assert rows_of(bank) == before
    link_households(bank)
    assert list(read(bank).values()) == [[*family, late]]
