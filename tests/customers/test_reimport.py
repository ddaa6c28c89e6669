"""A file comes again: what people decided stays while the address is the same; what is clean has no case."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from app.customers.chosen import Point
from app.customers.decisions import Decision, decide_case, pin_customer
from app.db import Database
from app.db.connection import WORKER
from app.settings import Settings
from app.spatial import crs
from tests.customers.customer_files import send
from tests.customers.drawn_bank import settle
from tests.ground import lay

GROUND = lay("AB", cell=0.02)
PLACE = """INSERT INTO place (code, code_source, level, kind, parent_code, name)
VALUES (:code, 'test', :level, 'admin', :parent, :name)"""
PLACES = (
    ("320614", "county", "3206", "海门区"),
    ("320614101", "town", "320614", "悦来镇"),
    ("A", "village", "320614101", "习正村"),
    ("B", "village", "320614101", "东兴村"),
)
YARD, XIZHENG, DONGXING = "海门区悦来镇供销社大院3号", "海门区悦来镇习正村3组", "海门区悦来镇东兴村3组"
STANDS = """SELECT c.source_key, p.rung, p.method, p.unit_code, k.kind, k.state
    FROM customer c JOIN placement p ON p.customer_id = c.id
    LEFT JOIN placement_case k ON k.customer_id = c.id
    ORDER BY 1"""


@pytest.fixture
def bank(fresh: Database, settings: Settings) -> Settings:
    """A bank of two drawn villages and their names."""
    with fresh.transaction(WORKER) as session:
        settle(session, GROUND)
        for row in PLACES:
            facts = dict(zip(("code", "level", "parent", "name"), row, strict=True))
            session.execute(text(PLACE), facts)
    return settings.model_copy(update={"import_processes": 1})


def row(key: str, address: str, **more: str) -> dict[str, str]:
    return {"客户号": key, "客户名称": f"王{key}", "联系地址": address, "经度": "", "纬度": "", **more}


def at(point: tuple[float, float]) -> dict[str, str]:
    return {"经度": str(point[0]), "纬度": str(point[1])}


def stands(database: Database) -> dict[str, tuple[Any, ...]]:
    """Rung, method, village, and the case's kind and state, by key."""
    with database.transaction(WORKER) as session:
        return {found[0]: tuple(found[1:]) for found in session.execute(text(STANDS))}


def number(database: Database, key: str) -> int:
    with database.transaction(WORKER) as session:
        found = session.scalar(text("SELECT id FROM customer WHERE source_key = :key"), {"key": key})
    assert found is not None
    return int(found)


def decide(database: Database, key: str, decision: Decision) -> None:
    customer_id = number(database, key)
    with database.transaction(WORKER) as session:
        (pin_customer if decision.action == "pin" else decide_case)(session, customer_id, decision)


def test_doubts_come_in_with_their_rows_and_are_counted(fresh: Database, bank: Settings) -> None:
    far = at(GROUND.point(0, 0.9))
    rows = [row("clear", XIZHENG), row("unread", YARD), row("torn", XIZHENG, **far), row("lost", "")]
    report = send(fresh, bank, rows)
    assert report["doubts"] == {"low_score": 1, "contradiction": 1}
    assert stands(fresh) == {
        "clear": (5, "exact", "A", None, None),
        "lost": (0, "empty", None, None, None),
        "torn": (2, "source", "B", "contradiction", "open"),
        "unread": (6, "town", None, "low_score", "open"),
    }


def test_what_was_decided_by_hand_outlives_the_same_file(fresh: Database, bank: Settings) -> None:
    rows = [row(key, YARD) for key in ("chosen", "outside", "unclear", "later", "open")]
    rows += [row("pinned", XIZHENG), row("torn", XIZHENG, **at(GROUND.point(0, 0.9)))]
    send(fresh, bank, rows)
    decide(fresh, "chosen", Decision("choose", code="B"))
    decide(fresh, "outside", Decision("outside"))
    decide(fresh, "unclear", Decision("unclear"))
    decide(fresh, "later", Decision("later"))
    decide(fresh, "pinned", Decision("pin", point=Point(*GROUND.point(0, 1))))
    decide(fresh, "torn", Decision("choose", code="A"))
    before = stands(fresh)
    # What was taught places the others of the same writing; a changed balance makes it another file.
    send(fresh, bank, [{**one, "存款余额": "7"} for one in rows])
    after = stands(fresh)
    assert {key: after[key] for key in ("chosen", "outside", "pinned", "torn")} == {
        "chosen": (5, "choose", "B", "low_score", "decided"),
        "outside": (0, "outside", None, "low_score", "decided"),
        "pinned": (1, "pin", "B", None, None),
        "torn": (5, "choose", "A", "contradiction", "decided"),
    }
    assert {key: after[key] for key in ("chosen", "outside", "pinned", "torn")} == {
        key: before[key] for key in ("chosen", "outside", "pinned", "torn")
    }
    assert after["unclear"] == (5, "correction", "B", "low_score", "decided")
    assert after["later"] == after["open"] == (5, "correction", "B", None, None)


def test_another_address_opens_again_what_was_decided_about_the_old_one(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, [row(key, YARD) for key in ("a", "b", "c")])
    decide(fresh, "a", Decision("choose", code="B"))
    decide(fresh, "b", Decision("outside"))
    decide(fresh, "c", Decision("later"))
    other = "海门区悦来镇老粮站5号"
    send(fresh, bank, [row("a", other), row("b", XIZHENG), row("c", other)])
    assert stands(fresh) == {
        "a": (6, "town", None, "low_score", "open"),
        "b": (5, "exact", "A", None, None),
        "c": (6, "town", None, "low_score", "open"),
    }


def test_a_decision_made_while_another_address_lands_is_opened_again_too(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, [row("a", YARD)])
    customer_id, other = number(fresh, "a"), [row("a", "海门区悦来镇老粮站5号")]
    waits = "SELECT count(*) FROM pg_locks WHERE locktype IN ('advisory', 'transactionid') AND NOT granted"
    with ThreadPoolExecutor(1) as beside:
        with fresh.transaction(WORKER) as session:
            decide_case(session, customer_id, Decision("choose", code="B"))
            landing = beside.submit(send, fresh, bank, other)
            while not session.scalar(text(waits)) and not landing.done():
                time.sleep(0.05)
        landing.result(60)
    assert stands(fresh) == {"a": (6, "town", None, "low_score", "open")}


def test_a_pin_stands_with_any_address_and_is_doubted_in_another_village(
    fresh: Database, bank: Settings
) -> None:
    send(fresh, bank, [row("moved", XIZHENG), row("same", XIZHENG)])
    for key in ("moved", "same"):
        decide(fresh, key, Decision("pin", point=Point(*GROUND.point(0, 0))))
    send(fresh, bank, [row("moved", DONGXING), row("same", "海门区悦来镇习正村9组")])
    assert stands(fresh) == {
        "moved": (1, "pin", "A", "contradiction", "open"),
        "same": (1, "pin", "A", None, None),
    }
    with fresh.transaction(WORKER) as session:
        case = session.execute(text("SELECT answer, detail FROM placement_case")).mappings().one()
    assert (case["detail"]["point_unit_code"], case["detail"]["address_unit_code"]) == ("A", "B")
    assert [one["name"] for one in case["answer"]["candidates"]] == ["B村"]
    send(fresh, bank, [row("moved", DONGXING), row("same", DONGXING, 手机号码="13900000000")])
    assert stands(fresh)["moved"][3:] == ("contradiction", "open"), "it waits until somebody decides"


def test_who_became_clean_loses_the_open_case(fresh: Database, bank: Settings) -> None:
    send(fresh, bank, [row("a", YARD), row("b", XIZHENG, **at(GROUND.point(0, 0.9)))])
    assert {one[4] for one in stands(fresh).values()} == {"open"}
    send(fresh, bank, [row("a", DONGXING), row("b", XIZHENG, **at(GROUND.point(0, 0)))])
    assert stands(fresh) == {"a": (5, "exact", "B", None, None), "b": (2, "source", "A", None, None)}


def test_what_a_map_service_said_stays_until_something_better_or_another_address_comes(
    fresh: Database, bank: Settings
) -> None:
    granary = "海门区悦来镇老粮站5号"
    send(fresh, bank, [*(row(key, YARD) for key in ("kept", "better", "moved")), row("known", granary)])
    with fresh.transaction(WORKER) as session:
        answer = "UPDATE placement SET rung = 3, method = 'provider:amap', unit_code = 'B'"
        session.execute(text(answer))
        session.execute(text("DELETE FROM placement_case"))
        form = """INSERT INTO place_alias (alias, place_code, state, corrections)
            VALUES ('老粮站', 'B', 'approved', 2)"""
        session.execute(text(form))
    send(
        fresh,
        bank,
        [
            row("kept", YARD, 手机号码="1"),
            row("better", YARD, **at(GROUND.point(0, 0))),
            row("moved", XIZHENG),
            row("known", granary),
        ],
    )
    assert stands(fresh) == {
        "better": (2, "source", "A", None, None),
        "kept": (3, "provider:amap", "B", None, None),
        "known": (5, "short_name", "B", None, None),
        "moved": (5, "exact", "A", None, None),
    }


def test_a_file_of_a_shifted_map_is_told_of_and_nothing_is_moved(fresh: Database, bank: Settings) -> None:
    rng = np.random.default_rng(5)
    x = GROUND.west + rng.uniform(0, 0.04, 300)
    y = GROUND.north - rng.uniform(0, 0.02, 300)
    shown = crs.points_from_storage(x, y, "gcj02")
    names = np.where(x < GROUND.west + 0.02, XIZHENG, DONGXING)
    rows = [row(f"k{i}", str(names[i]), **at((float(shown[0][i]), float(shown[1][i])))) for i in range(300)]
    report = send(fresh, bank, rows)
    assert report["reasons"]["datum_doubtful"] > 50
    query = """SELECT ST_X(geom) FROM placement p JOIN customer c ON c.id = p.customer_id
        WHERE c.source_key = 'k0'"""
    with fresh.transaction(WORKER) as session:
        assert session.scalar(text(query)) == pytest.approx(float(shown[0][0]), abs=1e-7)
