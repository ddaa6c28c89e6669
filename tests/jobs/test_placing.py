"""The whole bank placed anew: only what changed is written, decisions stay, counts sum, nothing is half."""

import time
from typing import Any

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.jobs import create_job, find_job, run_now, show_job
from app.settings import Settings
from tests.customers.customer_files import send

NAMES = ("颐生村", "习正村", "镇复村", "麒新村")
LAND = """INSERT INTO unit (code, code_source, kind, name, geom, area_m2, valid)
    SELECT '3206141022' || lpad(n::text, 2, '0'), 'test', 'village', 'V' || n,
        ST_Multi(ST_MakeEnvelope(121.2 + n * 0.02, 31.9, 121.22 + n * 0.02, 31.92, 4326)), 1, '[2020-01-01,)'
    FROM generate_series(0, 3) AS n"""
PLACE = """INSERT INTO place (code, code_source, level, kind, parent_code, name)
    VALUES (:code, 'test', :level, 'admin', :parent, :name)"""


@pytest.fixture
def bank(settings: Settings) -> Settings:
    return settings.model_copy(update={"import_processes": 1})


@pytest.fixture
def lived_in(fresh: Database, bank: Settings) -> Database:
    """Three known villages of four drawn ones, and customers of each kind, placed as they came in."""
    with fresh.transaction(WORKER) as session:
        session.execute(text(LAND))
        add_place(session, "320614", "county", None, "海门区")
        add_place(session, "320614102", "town", "320614", "常乐镇")
        for n in range(3):
            add_place(session, f"32061410220{n}", "village", "320614102", NAMES[n])
    rows = [customer(f"K{n}", f"海门区常乐镇{NAMES[n % 4]}{n}组{n}号") for n in range(12)]
    rows.append(
        {**customer("P1", "海门区常乐镇颐生村1组"), "经度": "121.205", "纬度": "31.905", "坐标系": "gcj02"}
    )
    rows.append({**customer("P2", "海门区常乐镇颐生村1组"), "经度": "121.25", "纬度": "31.91"})
    rows.append(customer("E1", ""))
    send(fresh, bank, rows)
    return fresh


def add_place(session: Any, code: str, level: str, parent: str | None, name: str) -> None:
    session.execute(text(PLACE), {"code": code, "level": level, "parent": parent, "name": name})


def customer(key: str, address: str) -> dict[str, str]:
    return {"客户号": key, "客户名称": "某", "联系地址": address, "经度": "", "纬度": "", "坐标系": ""}


def place(database: Database, bank: Settings, **args: Any) -> dict[str, Any]:
    job = run_now(database, bank, "place_customers", args)
    assert job["status"] == "done", job
    assert not list((bank.files / "placing").glob("*")) if (bank.files / "placing").exists() else True
    result = dict(job["result"])
    if result["status"] == "placed":
        assert result["judged"] == result["written"] + result["overtaken"] + result["same"] + result["left"]
        assert result["customers"] == result["judged"] + result["not_asked"]
    return result


STATES = """SELECT c.source_key, to_jsonb(p) - 'customer_id' AS placed, to_jsonb(k) - 'customer_id' AS doubt
    FROM customer c JOIN placement p ON p.customer_id = c.id
    LEFT JOIN placement_case k ON k.customer_id = c.id ORDER BY c.source_key"""


def states(database: Database) -> dict[str, tuple[Any, Any]]:
    with database.transaction(WORKER) as session:
        return {row[0]: (row[1], row[2]) for row in session.execute(text(STATES))}


def test_a_bank_placed_as_its_files_came_in_is_the_same_when_all_are_judged_again(
    lived_in: Database, bank: Settings
) -> None:
    before = states(lived_in)
    assert before["P2"][1]["kind"] == "contradiction"
    first = place(lived_in, bank, scope="all")
    assert (first["customers"], first["same"], first["written"]) == (15, 15, 0)
    assert states(lived_in) == before
    again = place(lived_in, bank)
    assert (again["status"], again["customers"]) == ("unchanged", 15)
    with lived_in.transaction(WORKER) as session:
        assert session.scalar(text("SELECT count(*) FROM placement_run")) == 1


def test_a_new_name_places_whom_it_concerns_and_touches_nobody_else(
    lived_in: Database, bank: Settings
) -> None:
    place(lived_in, bank)
    before = states(lived_in)
    with lived_in.transaction(WORKER) as session:
        xmin = dict(session.execute(text("SELECT customer_id, xmin::text FROM placement")).all())
        add_place(session, "320614102203", "village", "320614102", NAMES[3])
    result = place(lived_in, bank)
    assert (result["written"], result["same"], result["moved"]) == (3, 12, 3)
    after = states(lived_in)
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"K3", "K7", "K11"}
    assert {after[key][0]["unit_code"] for key in changed} == {"320614102203"}
    assert all(after[key][1] is None for key in changed)
    with lived_in.transaction(WORKER) as session:
        now = dict(session.execute(text("SELECT customer_id, xmin::text FROM placement")).all())
    assert sum(now[key] != xmin[key] for key in xmin) == 3


def test_points_of_a_source_keep_their_place_and_their_datum(lived_in: Database, bank: Settings) -> None:
    before = states(lived_in)
    assert (before["P1"][0]["datum"], before["P1"][0]["rung"]) == ("gcj02", 2)
    with lived_in.transaction(WORKER) as session:
        add_place(session, "320614102203", "village", "320614102", NAMES[3])
    place(lived_in, bank)
    assert states(lived_in)["P1"] == before["P1"]
    assert states(lived_in)["P2"] == before["P2"]


def test_a_point_set_aside_by_a_correction_comes_back_when_the_correction_ends(
    lived_in: Database, bank: Settings
) -> None:
    before = states(lived_in)
    with lived_in.transaction(WORKER) as session:
        session.execute(text(TEACH))
    place(lived_in, bank)
    taught = states(lived_in)
    assert (taught["P1"][0]["method"], taught["P1"][0]["geom"]) == ("correction", None)
    assert taught["P1"][1]["detail"]["source"]["datum"] == "gcj02"
    with lived_in.transaction(WORKER) as session:
        session.execute(text("UPDATE place_correction SET ended_at = now()"))
    place(lived_in, bank)
    assert states(lived_in)["P1"] == before["P1"]


TEACH = """WITH s AS (INSERT INTO placement_step (customer_id, action, batch, before, after)
        VALUES (0, 'choose', 1, '{}', '{}') RETURNING id)
    INSERT INTO place_correction (prefix, place_code, customer_id, step_id)
    SELECT '海门区常乐镇颐生村', '320614102202', 0, id FROM s"""


def test_what_was_decided_by_hand_or_told_by_a_service_stays(lived_in: Database, bank: Settings) -> None:
    with lived_in.transaction(WORKER) as session:
        session.execute(
            text("""UPDATE placement p SET method = v.method, rung = v.rung, unit_code = 'X' FROM customer c,
                (VALUES ('K0', 'pin', 1), ('K1', 'choose', 5), ('K2', 'outside', 0),
                    ('K3', 'provider:amap', 3), ('K4', 'provider:amap', 3)) AS v (key, method, rung)
                WHERE c.source_key = v.key AND p.customer_id = c.id""")
        )
        session.execute(text(DECIDE))
    before = states(lived_in)
    result = place(lived_in, bank, scope="all")
    after = states(lived_in)
    assert {key for key in after if after[key] != before[key]} == {"K4"}, "the bank's own names know that one"
    assert before["P2"][1]["state"] == "decided"
    assert (result["decided"], result["not_asked"], result["judged"]) == (4, 4, 11)


DECIDE = """UPDATE placement_case SET state = 'decided' FROM customer c
    WHERE c.id = customer_id AND c.source_key = 'P2'"""


def test_only_those_in_doubt_are_asked_when_only_they_are_wanted(lived_in: Database, bank: Settings) -> None:
    result = place(lived_in, bank, scope="open")
    assert 0 < result["judged"] < 10
    assert (result["same"], result["written"]) == (result["judged"], 0)
    assert place(lived_in, bank)["status"] == "placed", "that was no pass over the whole bank"


def test_a_customer_changed_meanwhile_is_not_overwritten(lived_in: Database, bank: Settings) -> None:
    with lived_in.transaction(WORKER) as session:
        add_place(session, "320614102203", "village", "320614102", NAMES[3])

    def meddle(stage: str, done: int, total: int) -> None:
        if stage == "landing":
            with lived_in.transaction(WORKER) as session:
                session.execute(text(MEDDLE))

    job = run_now(lived_in, bank, "place_customers", {}, tell=meddle)
    assert (job["result"]["written"], job["result"]["overtaken"]) == (1, 2)
    after = states(lived_in)
    assert after["K3"][0]["method"] == "pin"
    assert after["K7"][0]["rung"] == 6
    assert after["K11"][0]["unit_code"] == "320614102203"


MEDDLE = """WITH moved AS (UPDATE customer SET address = '海门区常乐镇' WHERE source_key = 'K7')
    UPDATE placement SET method = 'pin', rung = 1 FROM customer c
    WHERE c.id = customer_id AND c.source_key = 'K3'"""


def test_a_wrong_scope_is_refused_and_without_names_nothing_can_be_placed(
    fresh: Database, bank: Settings
) -> None:
    for args, code in (({"scope": "some"}, "bad_scope"), ({}, "no_gazetteer")):
        job = run_now(fresh, bank, "place_customers", args)
        assert (job["status"], job["error"]["code"]) == ("failed", code)


def test_a_running_job_tells_its_pace_and_the_time_left(lived_in: Database, bank: Settings) -> None:
    with lived_in.transaction(WORKER) as session:
        job = find_job(session, create_job(session, "place_customers", {"scope": "all"}))
        job.status, job.attempt, job.done, job.total = "running", 2, 30_000, 90_000
        job.checkpoint = {"pace": {"attempt": 2, "since": time.time() - 10, "from": 10_000}}
        shown = show_job(job)
        assert shown["per_s"] == pytest.approx(2000, rel=0.05)
        assert shown["seconds_left"] == pytest.approx(30, rel=0.05)
        job.attempt = 3
        assert show_job(job)["per_s"] is None, "another attempt's pace says nothing"
