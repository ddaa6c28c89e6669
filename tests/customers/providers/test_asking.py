"""Asking: once, within quota and rate, written down before it leaves, and stopped where it must be."""

import gzip
import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.customers import places
from app.customers.asking import STRIKES, Told
from app.customers.geocoding.providers import find_provider
from app.customers.geocoding.providers.gateway import BODY_LIMIT_BYTES
from app.customers.geocoding.providers.questions import find_county, make_question
from app.db.connection import WORKER
from tests.customers.providers.conftest import Bank, finds
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

ROOT = Path(__file__).parents[3]
AMAP = find_provider("amap")
FOUND = DIALECTS["amap"].found(121.2, 31.9, "门牌号", "320614")


def question(house: int = 12) -> Any:
    return make_question(f"悦来镇万年路{house}号", find_county("320614"))


def says(answer: Answer) -> Any:
    return lambda asked: answer


def tell(bank: Bank, *houses: int, key: str = "amap") -> list[Told]:
    with bank.asker() as asker:
        return [asker.tell(find_provider(key), question(house)) for house in houses]


def test_an_answer_is_kept_with_its_date_and_asked_once(bank: Bank) -> None:
    server = bank.switch_on("amap")
    first, second = tell(bank, 12, 12)
    (third,) = tell(bank, 12)
    assert first == second == third
    assert first.outcome == "found"
    assert len(server.requests) == len(bank.audited()) == 1
    (kept,) = bank.rows("SELECT provider, key, raw, rung, match_level, asked_at FROM geocode_cache")
    assert (kept["provider"], kept["key"], kept["rung"]) == ("amap", question().text, 3)
    assert kept["raw"]["geocodes"][0]["level"] == kept["match_level"]
    assert kept["asked_at"].year >= 2026


def test_nothing_found_is_kept_too(bank: Bank) -> None:
    server = bank.switch_on("amap", says(as_json(DIALECTS["amap"].nothing)))
    assert [told.outcome for told in tell(bank, 12, 12)] == ["nothing", "nothing"]
    assert len(server.requests) == 1


def test_an_answer_that_counts_no_longer_is_asked_for_again(bank: Bank) -> None:
    server = bank.switch_on("amap")
    tell(bank, 12)
    with bank.database.transaction(WORKER) as session:
        session.execute(text("UPDATE geocode_cache SET asked_at = now() - interval '181 days'"))
    tell(bank, 12)
    assert len(server.requests) == 2
    assert len(bank.rows("SELECT 1 FROM geocode_cache")) == 1


def test_every_request_has_its_audit_row_before_it_is_made(bank: Bank) -> None:
    rows_at_request: list[int] = []

    def speak(asked: Asked) -> Answer:
        rows_at_request.append(len(bank.audited()))
        return as_json(FOUND)

    bank.switch_on("amap", speak)
    with bank.asker() as asker:
        asker.whose = {question(1).text: [11, 12], question(2).text: [13]}
        for house in (1, 2):
            asker.tell(AMAP, question(house))
    assert rows_at_request == [1, 2]
    first, second = bank.audited()
    assert (first["subject"], first["customer_ids"], second["customer_ids"]) == ("amap", [11, 12], [13])
    assert first["detail"] == {"provider": "amap", "text": question(1).text, "attempt": 1}


@pytest.mark.parametrize(
    ("answer", "code", "tries"),
    [
        (Answer(b"busy", 500), "500", 3),
        (Answer(b"busy", 503), "503", 3),
        (Answer(json.dumps(FOUND).encode()[:40], length=400), "truncated", 3),
        (Answer(b'{"status": "1", "geocodes": ['), "not_json", 1),
        (Answer(b"<html>welcome</html>"), "not_json", 1),
        (Answer(json.dumps(FOUND, ensure_ascii=False).encode("gbk")), "not_json", 1),
        (Answer(b'{"status": NaN}'), "not_json", 1),
        (Answer(b"[" * 60_000), "not_json", 1),
        (Answer(b" " * (BODY_LIMIT_BYTES + 1)), "too_large", 1),
        (Answer(gzip.compress(b"{}"), headers=(("Content-Encoding", "gzip"),)), "compressed", 1),
        (Answer(b"", 302, (("Location", "http://127.0.0.1:1/elsewhere"),)), "redirect", 1),
        (Answer(b"{}", wait_s=0.6), "timeout", 3),
        (Answer(b" " * 40, drip_s=0.3), "timeout", 3),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_costs_an_answer_and_nothing_else(bank: Bank, answer: Answer, code: str, tries: int) -> None:
    # Short only where time is the fault: a busy machine must not make another one of it.
    server = bank.switch_on("amap", says(answer), timeout=0.2 if code == "timeout" else 20)
    began = time.monotonic()
    (told,) = tell(bank, 12)
    assert (told.outcome, told.code) == ("failed", code)
    assert len(server.requests) == len(bank.audited()) == tries
    assert time.monotonic() - began < 10
    assert bank.rows("SELECT asked, failed FROM provider_use") == [{"asked": tries, "failed": 1}]
    assert bank.rows("SELECT 1 FROM geocode_cache") == []


def test_a_server_that_is_not_there_fails_quietly(bank: Bank) -> None:
    server = bank.switch_on("amap", url="http://127.0.0.1:1")
    (told,) = tell(bank, 12)
    assert (told.outcome, told.code, server.requests) == ("failed", "unreachable", [])


def test_what_comes_right_by_itself_is_asked_again_and_found(bank: Bank) -> None:
    answers = [Answer(b"", 502), DIALECTS["amap"].too_fast, as_json(FOUND)]
    server = bank.switch_on("amap", lambda asked: answers.pop(0))
    (told,) = tell(bank, 12)
    assert told.outcome == "found"
    assert [row["detail"]["attempt"] for row in bank.audited()] == [1, 2, 3]
    assert len(server.requests) == 3


def test_the_bank_s_proxy_is_used_and_none_of_the_environment(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    proxy = bank.switch_on("amap")
    assert tell(bank, 1)[0].outcome == "found"
    amap = bank.settings.amap.model_copy(update={"url": "http://amap.invalid"})
    by_proxy = {"amap": amap, "geocode_proxy": SecretStr(proxy.url)}
    bank.settings = bank.settings.model_copy(update=by_proxy)
    assert tell(bank, 2)[0].outcome == "found"
    assert proxy.requests[1].target.startswith("http://amap.invalid/v3/geocode/geo?")


def test_a_redirect_is_never_followed(bank: Bank) -> None:
    with serve(says(as_json(FOUND))) as elsewhere:
        away = Answer(b"", 307, (("Location", f"{elsewhere.url}/v3/geocode/geo"),))
        bank.switch_on("amap", says(away))
        (told,) = tell(bank, 12)
        assert (told.code, elsewhere.requests) == ("redirect", [])


def test_a_refused_key_stops_the_service_for_the_run(bank: Bank) -> None:
    server = bank.switch_on("amap", key="wr0ng")
    with bank.asker() as asker:
        told = [asker.tell(AMAP, question(house)) for house in (1, 2, 3)]
        assert asker.tally.stopped == {"amap": "bad_key"}
        assert asker.open_services == []
    assert [one.outcome for one in told] == ["failed", "not_asked", "not_asked"]
    assert len(server.requests) == 1


def test_a_used_up_quota_stops_the_service_for_the_day_in_every_process(bank: Bank) -> None:
    quota = DIALECTS["amap"].quota
    assert quota is not None
    server = bank.switch_on("amap", says(quota))
    assert [told.outcome for told in tell(bank, 1, 2)] == ["failed", "not_asked"]
    assert [told.outcome for told in tell(bank, 3)] == ["not_asked"]
    assert len(server.requests) == len(bank.audited()) == 1
    assert bank.rows("SELECT stopped FROM provider_use") == [{"stopped": "quota"}]


def test_the_bank_s_own_quota_is_never_passed(bank: Bank) -> None:
    server = bank.switch_on("amap", daily_quota=2)
    assert [told.outcome for told in tell(bank, 1, 2, 3)] == ["found", "found", "not_asked"]
    assert [told.outcome for told in tell(bank, 1, 4)] == ["found", "not_asked"]
    assert len(server.requests) == len(bank.audited()) == 2


def test_a_quota_of_none_asks_nothing(bank: Bank) -> None:
    server = bank.switch_on("amap", daily_quota=0)
    assert [told.code for told in tell(bank, 1)] == ["quota"]
    assert (server.requests, bank.audited()) == ([], [])


def test_a_service_that_fails_again_and_again_is_left_alone(bank: Bank) -> None:
    server = bank.switch_on("amap", says(Answer(b"<html>")))
    told = tell(bank, *range(1, STRIKES + 4))
    assert [one.outcome for one in told] == ["failed"] * STRIKES + ["not_asked"] * 3
    assert len(server.requests) == STRIKES


def test_a_limit_of_addresses_holds_and_what_is_kept_costs_none(bank: Bank) -> None:
    server = bank.switch_on("amap")
    tell(bank, 1)
    with bank.asker(limit=1) as asker:
        told = [asker.tell(AMAP, question(house)) for house in (1, 2, 3)]
    assert [one.outcome for one in told] == ["found", "found", "not_asked"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("key", sorted(DIALECTS))
def test_a_text_too_long_for_the_service_is_cut_before_it_leaves(bank: Bank, key: str) -> None:
    server = bank.switch_on(key)
    long = make_question("悦来镇" + "万年" * 45 + "街12号", find_county("320614"))
    assert long is not None
    with bank.asker() as asker:
        asker.tell(find_provider(key), long)
    (asked,) = server.requests
    assert len(DIALECTS[key].text(asked).encode()) <= find_provider(key).max_bytes
    assert bank.audited()[0]["detail"]["text"] == DIALECTS[key].text(asked)


def test_odd_characters_in_an_answer_can_be_kept(bank: Bank) -> None:
    odd = {**FOUND, "info": "a\x00b\ud800", "huge": 1e400, "deep": [{"x\x00": "y"}]}
    bank.switch_on("amap", says(Answer(json.dumps(odd).replace("Infinity", "1e400").encode())))
    assert [told.outcome for told in tell(bank, 12, 12)] == ["found", "found"]
    (kept,) = bank.rows("SELECT raw FROM geocode_cache")
    assert (kept["raw"]["info"], kept["raw"]["huge"]) == ("ab?", None)


def test_a_way_out_answers_as_a_geocoder_does_and_cuts_what_may_not_leave(bank: Bank) -> None:
    server = bank.switch_on("amap")
    with bank.asker() as asker:
        answer = asker.ask("amap", "悦来镇万年路12号3幢502室 13812345678")
        assert asker.ask("baidu", "悦来镇万年路12号").level == "none"
        assert asker.ask("amap", "悦来镇").level == "none"
    assert (answer.level, answer.method, answer.code) == ("house", "provider:amap", "")
    assert answer.lon is not None
    (asked,) = server.requests
    assert asked.query["address"] == "江苏省南通市海门区悦来镇万年路12号"


def test_keys_and_secrets_reach_no_log_no_audit_no_error_and_no_stored_row(
    bank: Bank, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for key, answer in {
        "amap": as_json(FOUND),
        "baidu": Answer(b"", 500),
        "photon": Answer(b"<html>"),
    }.items():
        bank.switch_on(key, says(answer))
        tell(bank, 12, key=key)
    with bank.asker() as asker:
        told = asker.tell(find_provider("photon"), question(13))
    said = caplog.text + "".join(capfd.readouterr()) + repr((told, asker.tally, bank.settings))
    stored = json.dumps(
        [bank.audited(), bank.rows("SELECT * FROM geocode_cache"), bank.rows("SELECT * FROM provider_use")],
        default=str,
    )
    for hidden in (KEY, SECRET):
        assert hidden not in said
        assert hidden not in stored
    assert "万年路" not in caplog.text


SCRIPT = """
import sys
from app.customers.asking import Asker
from app.customers.geocoding import Matcher, Place
from app.customers.geocoding.providers import find_provider
from app.customers.geocoding.providers.questions import find_county, make_question
from app.db import connect
from app.db.connection import WORKER
from app.settings import ServiceAccess, Settings
url, server, key, secret, start = sys.argv[1:]
access = ServiceAccess(key=key, secret=secret, url=server, qps=20, daily_quota=9)
settings = Settings(geocode_providers=("amap",), amap=access)
database, home = connect(url), find_county("320614")
matcher = Matcher([Place("320614", "海门区", "county", "admin")], home_county_code="320614")
with Asker(settings, lambda: database.transaction(WORKER), matcher=matcher) as asker:
    for house in range(int(start), int(start) + 8):
        asker.tell(find_provider("amap"), make_question(f"悦来镇万年路{house}号", home))
"""


def test_two_processes_together_keep_quota_and_rate(bank: Bank) -> None:
    server: Server = bank.switch_on("amap", finds("amap"))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, bank.database.url, server.url, KEY, SECRET, start], cwd=ROOT
        )
        for start in ("100", "200")
    ]
    assert [one.wait(timeout=60) for one in running] == [0, 0]
    assert len(server.requests) == len(bank.audited()) == 9
    # The ninth request waits for eight pauses of 50 ms from the first reservation on, whoever makes it.
    assert server.requests[-1].at - bank.audited()[0]["at"].timestamp() > 0.39


def test_the_geocoders_ask_outside_only_with_a_way_out_and_only_where_the_gazetteer_is_not_sure(
    bank: Bank,
) -> None:
    server = bank.switch_on("amap")
    with bank.database.transaction(WORKER) as session:
        session.execute(
            text(
                "INSERT INTO place (code, code_source, level, kind, parent_code, name)"
                " SELECT '320614104201', 'test', 'village', 'admin', NULL, '习正村'"
                " WHERE NOT EXISTS (SELECT FROM place)"
            )
        )
        silent = places.geocode(session, ["万年路12号", "习正村3组"])
        assert server.requests == []
        with bank.asker() as asker:
            asked = places.geocode(session, ["万年路12号", "习正村3组"], ask=asker.ask)
    assert [answer.level for answer in silent] == ["none", "village"]
    assert silent[0].method == "unknown"
    assert [(answer.level, answer.method.partition(":")[0]) for answer in asked] == [
        ("house", "provider"),
        ("village", silent[1].method),
    ]
    assert len(server.requests) == 1
