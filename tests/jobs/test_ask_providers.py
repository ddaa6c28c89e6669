"""The story of asking map services: who is asked about, what is taken, what is never sent."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.cli.root import run as run_command
from app.customers.assignment import assign_customers
from app.db import Database
from app.db.connection import WORKER
from app.jobs import ask_cancel, run_now
from app.jobs.ledger import claim_job
from app.main import create_app
from app.settings import ServiceAccess, Settings
from app.spatial import crs
from tests.conftest import DemoBank
from tests.customers.drawn_bank import enforce, settle
from tests.customers.providers.servers import (
    DIALECTS,
    KEY,
    SECRET,
    Answer,
    Asked,
    Server,
    as_json,
    serve,
)
from tests.ground import lay

GROUND = lay("AAABBB\nAAABBB")
TOWN = "320614104000"
CODES = {"A": "320614104201", "B": "320614104202"}
IN_A, IN_B, AWAY = GROUND.point(0.5, 1), GROUND.point(0.5, 4), (121.5, 31.9)
PLACES = (
    ("320614", "海门区", "county", None),
    (TOWN, "悦来镇", "town", "320614"),
    (CODES["A"], "习正村", "village", TOWN),
    (CODES["B"], "万新村", "village", TOWN),
)
# Whom the bank knows: key, name, address, rung, method, case (kind, state, candidates) or None.
PEOPLE: tuple[tuple[str, str, str | None, int, str, Any], ...] = (
    ("house", "张三", "悦来镇万年路12号2幢301室 13812345678", 6, "exact", None),
    ("twin", "李四", "悦来镇万年路12号", 6, "exact", None),
    ("village", "王五", "悦来镇东港村王家埭", 0, "ambiguous", ("ambiguous", "open", list(CODES.values()))),
    ("road", "赵六", "悦来镇中山路", 6, "exact", None),
    ("county", "孙七", "悦来镇通州路8号", 6, "exact", None),
    ("outside", "周八", "悦来镇海边路8号", 6, "exact", ("low_score", "open", [])),
    ("unknown", "吴九", "悦来镇无名路8号", 6, "exact", None),
    ("silent", "郑十", "悦来镇郑十家", 6, "exact", None),
    ("elsewhere", "冯一", "如皋市白蒲镇文峰路8号", 0, "elsewhere", None),
    ("decided", "陈二", "悦来镇万年路14号", 0, "unknown", ("ambiguous", "decided", [])),
    ("placed", "褚三", "悦来镇习正村3组", 5, "exact", None),
    ("empty", "卫四", None, 0, "empty", None),
    ("known", "蒋五", "悦来镇习正村5组", 6, "exact", None),
)
KEPT = "江苏省南通市海门区悦来镇"


def say(text: str) -> Any:
    """What our AMap knows of an address."""
    known = {
        "万年路12号": ("门牌号", IN_A, "320614"),
        "东港村王家埭": ("村庄", IN_B, "320614"),
        "中山路": ("道路", IN_A, "320614"),
        "通州路8号": ("门牌号", IN_A, "320612"),
        "海边路8号": ("门牌号", AWAY, "320614"),
    }
    level, at, county = known.get(text.removeprefix(KEPT), ("", (0.0, 0.0), ""))
    if not level:
        return DIALECTS["amap"].nothing
    x, y = crs.points_from_storage([at[0]], [at[1]], "gcj02")
    return DIALECTS["amap"].found(float(x[0]), float(y[0]), level, county)


def speak(asked: Asked) -> Answer:
    return (
        as_json(say(asked.query["address"])) if DIALECTS["amap"].is_known(asked) else DIALECTS["amap"].bad_key
    )


class Bank:
    """A bank of two villages with a plan in force, customers and a way to map services."""

    def __init__(self, database: Database, settings: Settings, servers: ExitStack) -> None:
        self.database, self.settings, self._servers = database, settings, servers

    def switch_on(self, service: str, talk: Callable[[Asked], Answer] = speak, **access: Any) -> Server:
        server = self._servers.enter_context(serve(talk))
        given = {"url": server.url, "key": KEY, "secret": SECRET, "qps": 1000, "timeout": 20, **access}
        order = (*self.settings.geocode_providers, service)
        update = {"geocode_providers": order, service: ServiceAccess.model_validate(given)}
        self.settings = self.settings.model_copy(update=update)
        return server

    def ask(self, **args: Any) -> dict[str, Any]:
        return run_now(self.database, self.settings, "ask_providers", args)

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        with self.database.transaction(WORKER) as session:
            return [dict(row) for row in session.execute(text(query), values).mappings()]

    def standing(self, key: str) -> dict[str, Any]:
        (row,) = self.rows(STANDING, key=key)
        return row

    def texts(self, server: Server) -> list[str]:
        return [asked.query["address"].removeprefix(KEPT) for asked in server.requests]


STANDING = """
SELECT p.rung, p.method, p.score, p.accuracy_m, p.datum, p.unit_code, p.place_code, ST_X(p.geom) AS lon,
    ST_Y(p.geom) AS lat, k.kind, k.state, k.detail, k.prefix, k.answer, g.code AS grid, a.method AS assigned
FROM customer c JOIN placement p ON p.customer_id = c.id LEFT JOIN placement_case k ON k.customer_id = c.id
LEFT JOIN assignment a ON a.customer_id = c.id LEFT JOIN grid g ON g.id = a.grid_id
WHERE c.source_key = :key"""
NEW_CUSTOMER = """
INSERT INTO customer (source_code, source_key, kind, standing, name, tier, address)
VALUES ('core', :key, 'person', 'existing', :name, 'regular', :address) RETURNING id"""
NEW_PLACEMENT = "INSERT INTO placement (customer_id, rung, method, score) VALUES (:id, :rung, :method, 0.5)"
NEW_CASE = """
INSERT INTO placement_case (customer_id, kind, state, score, prefix, answer)
VALUES (:id, :kind, :state, 0.5, 'x', CAST(:answer AS jsonb))"""
NEW_PLACE = """
INSERT INTO place (code, code_source, level, kind, parent_code, name)
VALUES (:code, 'test', :level, 'admin', :parent, :name)"""
RENAME = (
    "UPDATE unit SET code = :code, town_code = :town, town_name = '悦来镇' WHERE code = :letter",
    "UPDATE grid SET unit_codes = ARRAY[:code] WHERE unit_codes = ARRAY[:letter]",
)


def build(database: Database) -> None:
    """Two villages, their plan in force, names, customers, one assignment run."""
    with database.transaction(WORKER) as session:
        plan = settle(session, GROUND)
        for letter, code in CODES.items():
            for statement in RENAME:
                given = {"code": code, "letter": letter, "town": TOWN}
                session.execute(text(statement), {k: v for k, v in given.items() if f":{k}" in statement})
        enforce(session, plan)
        for code, name, level, parent in PLACES:
            session.execute(text(NEW_PLACE), {"code": code, "name": name, "level": level, "parent": parent})
        for key, name, address, rung, method, case in PEOPLE:
            who = {"key": key, "name": name, "address": address}
            number = session.execute(text(NEW_CUSTOMER), who).scalar_one()
            session.execute(text(NEW_PLACEMENT), {"id": number, "rung": rung, "method": method})
            if case is not None:
                known = [
                    {"code": code, "name": code, "level": "village", "score": 0.6, "reason": "ambiguous"}
                    for code in case[2]
                ]
                answer = json.dumps({"candidates": known})
                row = {"id": number, "kind": case[0], "state": case[1], "answer": answer}
                session.execute(text(NEW_CASE), row)
        assign_customers(session)


@pytest.fixture
def bank(fresh: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    monkeypatch.setattr("app.customers.asking.PAUSES_S", (0.0, 0.0))
    build(fresh)
    with ExitStack() as servers:
        yield Bank(fresh, settings, servers)


def test_customers_without_a_village_are_placed_and_assigned_and_everybody_else_is_left_alone(
    bank: Bank,
) -> None:
    server = bank.switch_on("amap")
    before = {
        key: bank.standing(key) for key in ("elsewhere", "decided", "placed", "empty", "silent", "known")
    }
    result = bank.ask()["result"]
    asked = {"万年路12号", "东港村王家埭", "中山路", "通州路8号", "海边路8号", "无名路8号"}
    assert sorted(bank.texts(server)) == sorted(asked)
    assert result["placed"] == 3
    assert result["outcomes"] == {
        "placed": 3,
        "no_finer": 1,
        "other_county": 1,
        "outside_ground": 1,
        "nothing": 1,
        "nothing_to_ask": 2,
    }
    assert (result["requests"], result["notes"]) == ({"amap": 6}, [])
    house, twin = bank.standing("house"), bank.standing("twin")
    assert (house["rung"], house["method"], house["datum"], house["unit_code"]) == (
        3,
        "provider:amap",
        "gcj02",
        CODES["A"],
    )
    assert (house["lon"], house["lat"]) == pytest.approx(IN_A, abs=2e-6)
    assert (house["grid"], house["assigned"], house["kind"]) == (
        bank.standing("twin")["grid"],
        "inside",
        None,
    )
    assert house == twin
    assert {key: bank.standing(key) for key in before} == before


def test_a_village_s_answer_gives_the_village_without_a_point_and_decides_between_candidates(
    bank: Bank,
) -> None:
    bank.switch_on("amap")
    bank.ask()
    village = bank.standing("village")
    assert (village["rung"], village["unit_code"], village["lon"]) == (5, CODES["B"], None)
    assert (village["assigned"], village["kind"]) == ("unit", None)
    assert village["grid"] is not None


def test_what_is_not_taken_stands_in_the_case_with_who_said_it(bank: Bank) -> None:
    bank.switch_on("amap")
    bank.ask()
    county, outside = bank.standing("county"), bank.standing("outside")
    assert (county["rung"], county["method"], county["kind"]) == (6, "exact", "contradiction")
    (said,) = county["detail"]["providers"]
    assert (said["provider"], said["outcome"], said["code"]) == ("amap", "other_county", "320612")
    assert (outside["rung"], outside["kind"]) == (6, "low_score")
    (said,) = outside["detail"]["providers"]
    assert said["outcome"] == "outside_ground"
    assert (said["lon"], said["lat"]) == pytest.approx(AWAY, abs=2e-6)
    assert bank.standing("road")["kind"] is None


def test_a_doubtful_answer_is_offered_for_choice_with_the_service_as_its_reason(bank: Bank) -> None:
    x, y = IN_B
    bank.switch_on("photon", lambda asked: as_json(DIALECTS["photon"].found(x, y, "house", "")))
    bank.ask()
    house = bank.standing("house")
    assert (house["rung"], house["kind"], house["prefix"]) == (3, "low_score", "悦来镇万年路12")
    (offered,) = [one for one in house["answer"]["candidates"] if one["reason"] == "provider:photon"]
    assert (offered["code"], offered["level"]) == (CODES["B"], "village")


@pytest.mark.parametrize("scope", ["open", "all"])
def test_a_pass_over_the_whole_bank_leaves_what_services_said(bank: Bank, scope: str) -> None:
    bank.switch_on("amap")
    run_now(bank.database, bank.settings, "place_customers", {"scope": scope})
    bank.ask()
    keys = ("house", "twin", "village", "county", "outside")
    before = {key: bank.standing(key) for key in keys}
    run_now(bank.database, bank.settings, "place_customers", {"scope": scope})
    assert {key: bank.standing(key) for key in keys} == before
    assert before["house"]["method"] == before["twin"]["method"] == "provider:amap"
    assert before["county"]["detail"]["providers"]


def test_a_second_run_sends_nothing_that_was_answered(bank: Bank) -> None:
    server = bank.switch_on("amap")
    bank.ask()
    sent = len(server.requests)
    again = bank.ask(limit=100)["result"]
    assert len(server.requests) == sent
    assert again["requests"] == {}
    assert again["cached"]["amap"] == 4
    (said,) = bank.standing("county")["detail"]["providers"]
    assert said["provider"] == "amap"


def test_every_request_is_in_the_audit_with_its_text_and_its_customers(bank: Bank) -> None:
    server = bank.switch_on("amap")
    bank.ask()
    rows = bank.rows(
        "SELECT subject, customer_ids, detail FROM audit WHERE action = 'geocode_outside' ORDER BY id"
    )
    assert [row["detail"]["text"] for row in rows] == [asked.query["address"] for asked in server.requests]
    both = {row["id"] for row in bank.rows("SELECT id FROM customer WHERE source_key IN ('house', 'twin')")}
    assert next(set(row["customer_ids"]) for row in rows if "万年路12号" in row["detail"]["text"]) == both
    told = json.dumps(rows, ensure_ascii=False, default=str)
    assert not any(word in told for word in ("幢", "301", "138123", "张三", "李四", SECRET, KEY))


def test_the_next_service_takes_over_where_one_refuses_the_key(bank: Bank) -> None:
    first = bank.switch_on("amap", lambda asked: DIALECTS["amap"].bad_key)
    x, y = IN_B
    second = bank.switch_on("photon", lambda asked: as_json(DIALECTS["photon"].found(x, y, "house", "")))
    result = bank.ask()["result"]
    assert len(first.requests) == 1
    assert len(second.requests) == 6
    assert result["stopped"] == {"amap": "bad_key"}
    assert [note["provider"] for note in result["notes"]] == ["amap"]
    house = bank.standing("house")
    assert (house["method"], house["rung"], house["kind"]) == ("provider:photon", 3, "low_score")


def test_the_next_service_is_asked_only_about_whom_the_first_did_not_place(bank: Bank) -> None:
    bank.switch_on("amap")
    x, y = IN_B
    second = bank.switch_on("photon", lambda asked: as_json(DIALECTS["photon"].found(x, y, "house", "")))
    bank.ask()
    asked = {asked.query["q"].removeprefix(KEPT) for asked in second.requests}
    assert asked == {"中山路", "通州路8号", "海边路8号", "无名路8号"}
    assert bank.standing("road")["method"] == "provider:photon"


def test_a_limit_holds_and_the_next_run_goes_on(bank: Bank) -> None:
    server = bank.switch_on("amap")
    bank.ask(limit=2)
    assert len(server.requests) == 2
    bank.ask()
    assert len(server.requests) == len(set(bank.texts(server))) == 6


def test_a_cancelled_job_sends_nothing_more_and_keeps_what_came(bank: Bank) -> None:
    def cancel(asked: Asked) -> Answer:
        if len(server.requests) == 2:
            with bank.database.transaction(WORKER) as session:
                ask_cancel(session, bank.rows("SELECT max(id) AS id FROM job")[0]["id"])
        return speak(asked)

    server = bank.switch_on("amap", cancel)
    job = bank.ask()
    assert (job["status"], len(server.requests)) == ("cancelled", 2)
    assert len(bank.rows("SELECT 1 FROM geocode_cache")) == 2
    assert bank.standing("house")["rung"] == 6
    bank.ask()
    assert len(server.requests) == len(set(bank.texts(server))) == 6
    assert bank.standing("house")["rung"] == 3


def test_an_overtaken_attempt_sends_nothing_more_and_its_heir_asks_nothing_twice(bank: Bank) -> None:
    def overtake(asked: Asked) -> Answer:
        if len(server.requests) == 3:
            with bank.database.transaction(WORKER) as session:
                claim_job(session, bank.rows("SELECT max(id) AS id FROM job")[0]["id"])
        return speak(asked)

    server = bank.switch_on("amap", overtake)
    assert bank.ask()["status"] == "running"
    assert len(server.requests) == 3
    job = bank.ask()
    assert (job["status"], job["attempt"]) == ("done", 3)
    assert len(server.requests) == len(set(bank.texts(server))) == 6


def test_whoever_was_pinned_while_the_answer_was_on_its_way_keeps_his_pin(bank: Bank) -> None:
    def pin(asked: Asked) -> Answer:
        bank.rows(
            "UPDATE placement SET rung = 1, method = 'manual' WHERE customer_id = "
            "(SELECT id FROM customer WHERE source_key = 'house') RETURNING 1"
        )
        return speak(asked)

    bank.switch_on("amap", pin)
    result = bank.ask()["result"]
    assert bank.standing("house")["method"] == "manual"
    assert bank.standing("twin")["method"] == "provider:amap"
    assert result["outcomes"]["overtaken"] == 1


def test_no_job_row_holds_a_key_or_an_address(bank: Bank) -> None:
    bank.switch_on("amap")
    bank.switch_on("baidu", lambda asked: Answer(b"", 500))
    bank.ask()
    stored = json.dumps(bank.rows("SELECT * FROM job"), ensure_ascii=False, default=str)
    assert '"requests"' in stored
    assert not any(word in stored for word in (KEY, SECRET, "万年路", "张三"))


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The address of every connection that this process opens (the database's driver has its own way)."""
    opened: list[Any] = []
    connect = socket.socket.connect

    def note(self: socket.socket, address: Any) -> None:
        opened.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", note)
    return opened


def test_switched_off_no_connection_is_opened(bank: Bank, connections: list[Any]) -> None:
    job = bank.ask()
    assert (job["status"], job["error"]["code"]) == ("failed", "providers_off")
    assert (connections, bank.rows("SELECT 1 FROM provider_use")) == ([], [])


def test_switched_on_only_the_service_is_connected_to(bank: Bank, connections: list[Any]) -> None:
    server = bank.switch_on("amap")
    bank.ask()
    assert {f"http://{host}:{port}" for host, port in connections} == {server.url}


@pytest.fixture
def getu(bank: Bank, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs a command on this bank, with its services in the environment."""

    def command(*arguments: str) -> tuple[int, dict[str, Any], str]:
        monkeypatch.setenv("GETU_HOME", str(bank.settings.home))
        monkeypatch.setenv("DATABASE_URL", bank.database.url)
        monkeypatch.setenv("GETU_GEOCODE_PROVIDERS", ",".join(bank.settings.geocode_providers))
        for service in bank.settings.geocode_providers:
            access = bank.settings.access(service)
            for part, value in {"KEY": KEY, "SECRET": SECRET, "URL": access.url, "QPS": "1000"}.items():
                monkeypatch.setenv(f"GETU_{service.upper()}__{part}", value)
        capfd.readouterr()
        code = run_command([*arguments, "--json"])
        said = capfd.readouterr()
        return code, json.loads(said.out), said.err

    return command


def test_the_command_refuses_while_all_are_off(bank: Bank, getu: Any) -> None:
    for arguments in (("ask-providers",), ("ask-providers", "--dry-run")):
        code, said, err = getu(*arguments)
        assert (code, said["error"]["code"]) == (2, "providers_off")
        assert "地图服务" in err


def test_a_dry_run_tells_how_many_would_leave_and_to_whom_and_sends_nothing(bank: Bank, getu: Any) -> None:
    server = bank.switch_on("amap", daily_quota=5000)
    code, said, _ = getu("ask-providers", "--dry-run")
    assert code == 0
    assert (said["customers"], said["addresses"], said["nothing_to_ask"]) == (9, 6, 2)
    assert (said["would_leave"], said["sent"], server.requests) == (6, 0, [])
    (service,) = said["services"]
    assert (service["provider"], service["url"], service["quota_left_today"]) == ("amap", server.url, 5000)
    assert bank.rows("SELECT 1 FROM audit WHERE action = 'geocode_outside'") == []
    code, said, err = getu("ask-providers", "--limit", "2")
    assert (code, said["requests"], len(server.requests)) == (0, {"amap": 2}, 2)
    code, said, _ = getu("ask-providers", "--dry-run")
    assert (said["would_leave"], said["services"][0]["quota_left_today"]) == (4, 4998)
    assert not any(hidden in err for hidden in (KEY, SECRET))


def test_head_office_starts_the_job_by_api_only_where_a_service_is_switched_on(demo_bank: DemoBank) -> None:
    on = {"geocode_providers": ("amap",), "amap": ServiceAccess(key=SecretStr(KEY), url="http://127.0.0.1:1")}
    switched_on = replace(
        demo_bank, app=create_app(demo_bank.settings.model_copy(update=on), demo_bank.database)
    )
    refused = demo_bank.client("head").post("/api/v1/placement/providers", json={"limit": 0})
    assert (refused.status_code, refused.json()["code"]) == (422, "providers_off")
    head = switched_on.client("head")
    job = head.post("/api/v1/placement/providers", json={"limit": 0})
    assert (job.status_code, job.json()["kind"]) == (202, "ask_providers")
    assert head.post(f"/api/v1/jobs/{job.json()['id']}/cancel").status_code == 200
    assert switched_on.client("branch_head").post("/api/v1/placement/providers", json={}).status_code == 403
    assert KEY not in job.text


def test_one_address_asked_by_api_never_leaves_even_where_a_service_is_switched_on(
    demo_bank: DemoBank,
) -> None:
    with serve(speak) as server:
        on = {"geocode_providers": ("amap",), "amap": ServiceAccess(key=SecretStr(KEY), url=server.url)}
        app = create_app(demo_bank.settings.model_copy(update=on), demo_bank.database)
        answer = (
            replace(demo_bank, app=app)
            .client("head")
            .post("/api/v1/geocode", json={"address": "常乐镇无名路8号"})
        )
        assert answer.status_code == 200
        assert server.requests == []
