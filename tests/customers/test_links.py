"""Rows that are one person are linked, surely or less so: exactly as a plain comparison of all pairs says."""

from collections import Counter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.intake import links
from app.customers.intake.vanishing import take_out
from app.db.statements import read_statement

ADD = """INSERT INTO customer
    (id, source_code, source_key, kind, standing, name, id_card_hash, phone_hash, address)
VALUES (:id, :source, :key, 'person', 'existing', :name, :card, :phone, :address)"""
PLACE = (
    "INSERT INTO placement (customer_id, rung, method, score, unit_code) VALUES (:id, 5, 'exact', 1, :unit)"
)
FOUND = "SELECT customer_id, other_id, how, confidence FROM customer_link ORDER BY 1, 2"
Row = dict[str, Any]


def house(address: str | None) -> str:
    """What is said below the village, as a person would compare it."""
    _, village, rest = (address or "").replace(" ", "").partition("村")
    return rest if village else ""


def keys_of(row: Row) -> dict[str, Any]:
    home = house(row["address"])
    return {
        "id_card": row["card"],
        "phone_name": row["phone"] and (row["phone"], row["name"]),
        "name_place": row["unit"] and home and (row["name"], row["unit"], home),
    }


def compare_all(rows: dict[int, Row]) -> list[tuple[int, int, str, float]]:
    """Every pair by the rules, the plain way."""
    crowds = Counter((how, key) for row in rows.values() for how, key in keys_of(row).items() if key)
    found = []
    for one, other in combinations(sorted(rows), 2):
        a, b = keys_of(rows[one]), keys_of(rows[other])
        if a["id_card"] and b["id_card"] and a["id_card"] != b["id_card"]:
            continue
        fitting = [how for how in a if a[how] and a[how] == b[how] and crowds[how, a[how]] <= links.CROWD]
        if fitting:
            found.append((one, other, fitting[0], links.CONFIDENCES[fitting[0]]))
    return found


def write(work: Session, number: int, row: Row) -> None:
    for table, key in (("placement", "customer_id"), ("customer", "id")):
        work.execute(text(f"DELETE FROM {table} WHERE {key} = :id"), {"id": number})
    work.execute(text(ADD), {"id": number, "key": f"K{number}", **row})
    work.execute(text(PLACE), {"id": number, "unit": row["unit"]})


ROWS = st.fixed_dictionaries({
    "source": st.sampled_from(["core", "crm"]),
    "name": st.sampled_from(["王一", "李二"]),
    "card": st.sampled_from([None, None, b"1", b"2"]),
    "phone": st.sampled_from([None, b"1", b"2"]),
    "unit": st.sampled_from([None, "A", "B"]),
    "address": st.sampled_from([None, "习正村3组", "海门区 习正村3组", "习正村", "习正村4组", "供销社"]),
})  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.dictionaries(st.integers(1, 9), ROWS, min_size=1, max_size=6),
        st.lists(st.integers(1, 9), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
)


@given(STEPS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_links_are_those_of_all_pairs_after_any_work(work: Session, steps: list[Any]) -> None:
    standing: dict[int, Row] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "CROWD", 3)
        inner = work.begin_nested()
        for step in steps:
            touched = [one for one in step if one in standing] if isinstance(step, list) else list(step)
            crowd = links.list_crowd(work, touched)
            if isinstance(step, dict):
                for number, row in step.items():
                    write(work, number, row)
                standing |= step
            else:
                take_out(work, touched)
                standing = {key: row for key, row in standing.items() if key not in touched}
            links.link_customers(work, touched, crowd=crowd)
            assert [tuple(row) for row in work.execute(text(FOUND))] == compare_all(standing)
        inner.rollback()


def test_a_block_is_linked_like_its_customers_one_by_one(
    work: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "CROWD", 3)
    monkeypatch.setattr(links, "STRIDE", 7)
    cells = ("core", "王一", None, b"1", "A", "习正村3组"), ("crm", "李二", b"1", None, "A", "习正村4组")
    kinds = [
        dict(zip(("source", "name", "card", "phone", "unit", "address"), row, strict=True)) for row in cells
    ]
    rows = {number: {**kinds[number % 2], "phone": bytes([number % 5])} for number in range(1, 7)}
    for number, row in rows.items():
        write(work, number, row)
    links.link_customers(work, list(rows))
    more = {number: {**kinds[number % 2], "card": None} for number in range(20, 32, 3)}
    for number, row in more.items():
        write(work, number, row)
    company = links.find_company(work, 10, 40)
    assert sorted(company) == sorted(more)
    links.link_customers(work, company)
    assert [tuple(row) for row in work.execute(text(FOUND))] == compare_all({**rows, **more})


def test_a_link_that_still_holds_keeps_the_moment_it_was_found(work: Session) -> None:
    row = {"source": "core", "name": "王一", "card": b"1", "phone": None, "unit": "A", "address": None}
    write(work, 1, row)
    write(work, 2, {**row, "source": "crm"})
    links.link_customers(work, [2])
    assert work.scalar(text("SELECT how FROM customer_link")) == "id_card"
    work.execute(text("UPDATE customer_link SET found_at = '2020-01-01'"))
    links.link_customers(work, [1])
    assert work.scalar(text("SELECT extract(year FROM found_at) FROM customer_link")) == 2020
    write(work, 1, {**row, "card": b"2"})
    links.link_customers(work, [1])
    assert work.scalar(text("SELECT count(*) FROM customer_link")) == 0


DIRTY = """INSERT INTO customer
    (id, source_code, source_key, kind, standing, name, id_card_hash, phone_hash, address)
SELECT n, 'core', 'K' || n, 'person', 'existing', CASE WHEN n <= 600 THEN '王' || n ELSE '李' || n % 2 END,
    CASE WHEN n > 1200 THEN 'card'::bytea END, CASE WHEN n <= 600 THEN 'same'::bytea END,
    CASE WHEN n > 600 THEN '习正村' || n / 2 || '号' END
FROM generate_series(1, 1800) n"""
SPOTS = """INSERT INTO placement (customer_id, rung, method, score, unit_code)
SELECT id, 5, 'exact', 1, 'A' FROM customer"""


def count_work(node: dict[str, Any]) -> int:
    """The most rows that one step of a plan has looked at."""
    gone = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter", "Index Recheck"))
    own = (node["Actual Rows"] + gone) * node["Actual Loops"]
    return max([int(own), *map(count_work, node.get("Plans", []))])


@pytest.mark.parametrize("statement", ["link_customers", "list_crowd"])
def test_a_telephone_a_card_or_a_name_that_everybody_has_costs_no_comparison_of_all_with_all(
    work: Session, statement: str
) -> None:
    work.execute(text(DIRTY))
    work.execute(text(SPOTS))
    work.execute(text("ANALYZE customer, placement"))
    query = read_statement(f"customers/intake/{statement}").text
    asked = {"ids": list(range(1, 1801)), "crowd": links.CROWD}
    plan = work.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}"), asked)
    assert count_work(plan[0]["Plan"]) < 20 * 1800
