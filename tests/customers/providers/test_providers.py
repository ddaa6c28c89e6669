"""Every provider of the tuple: signed requests, answers at every level, its codes, odd coordinates."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from app.customers.geocoding import GEOCODERS, Batch
from app.customers.geocoding.geocoders import RUNG_LEVELS
from app.customers.geocoding.providers import PROVIDERS, Claim, Key, Provider, Question, find_provider
from app.customers.geocoding.providers.baidu import sign
from app.customers.geocoding.providers.kinds import FINEST, MOST_SURE
from app.customers.geocoding.providers.questions import find_county
from app.customers.geocoding.providers.replies import Fetched, read_reply
from app.settings import HOSTED, KEYED, Settings
from app.spatial import crs
from tests.customers.providers.conftest import MATCHER, SPOT, Bank, finds
from tests.customers.providers.servers import DIALECTS, KEY, SECRET, Asked

HOUSE = Question("江苏省南通市海门区悦来镇万年路12号", find_county("320614"))
ENTRIES = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.key)
LEVELS = [(provider.key, level) for provider in PROVIDERS for level in provider.levels]


def read(provider: Provider, payload: Any, status: int = 200) -> Any:
    return read_reply(provider, Fetched(status, json.dumps(payload).encode()))[0]


def place(provider: Provider, level: str) -> Any:
    """A found answer at a level, as the service would say it."""
    rank = level if level in provider.levels else next(iter(provider.levels))
    return DIALECTS[provider.key].found(120.5, 31.5, rank, "320614")


def test_settings_and_test_servers_know_the_same_services_as_the_tuple() -> None:
    keys = {provider.key for provider in PROVIDERS}
    assert keys == set(DIALECTS) == {*KEYED, *HOSTED} <= set(Settings.model_fields)
    assert {provider.key for provider in PROVIDERS if provider.keyed} == set(KEYED)
    assert {provider.key for provider in PROVIDERS if not provider.url} == set(HOSTED)


def test_the_gazetteer_comes_first_and_every_service_stands_behind_it() -> None:
    by_order = [geocoder.key for geocoder in sorted(GEOCODERS, key=lambda g: g.order)]
    assert by_order == ["gazetteer", *(provider.key for provider in PROVIDERS)]


def test_a_service_without_a_way_out_answers_none() -> None:
    batch = Batch(["悦来镇万年路12号", None], MATCHER)
    for geocoder in GEOCODERS[1:]:
        assert [answer.level for answer in geocoder.locate(batch)] == ["none", "none"]


@ENTRIES
def test_a_request_is_known_to_the_service_that_checks_it(provider: Provider) -> None:
    url = provider.build(HOUSE, Key("http://gateway.bank/maps", KEY, SECRET))
    assert url.startswith("http://gateway.bank/maps/")
    asked = Asked(url.removeprefix("http://gateway.bank/maps"), 0.0)
    assert DIALECTS[provider.key].is_known(asked)
    assert DIALECTS[provider.key].text(asked) == HOUSE.text
    assert SECRET not in url


@ENTRIES
def test_a_changed_request_is_not_known_where_requests_are_signed(provider: Provider) -> None:
    url = provider.build(HOUSE, Key("", KEY, SECRET))
    changed = Asked(url.replace("12%E5%8F%B7", "13%E5%8F%B7"), 0.0)
    assert changed.target != url
    assert DIALECTS[provider.key].is_known(changed) is not DIALECTS[provider.key].signs


def test_the_published_example_of_baidu_gives_the_published_signature() -> None:
    query = "/geocoder/v2/?address=%E7%99%BE%E5%BA%A6%E5%A4%A7%E5%8E%A6&output=json&ak=yourak"
    assert sign(query, "yoursk") == "7de5a22212ffaa9e326444c75a58f9a0"


@pytest.mark.parametrize(("key", "level"), LEVELS, ids="/".join)
def test_no_level_claims_more_than_it_says(key: str, level: str) -> None:
    provider = find_provider(key)
    reply = read(provider, place(provider, level))
    claim = provider.claim(reply)
    assert reply.outcome == "found"
    assert reply.level == level
    wanted = provider.levels[level]
    if not wanted.rung:
        assert claim is None
        return
    assert claim is not None
    assert max(wanted.rung, FINEST) <= claim.rung <= 6
    assert claim.accuracy_m >= wanted.accuracy_m
    assert 0 < claim.score <= MOST_SURE
    assert claim.rung in RUNG_LEVELS


def test_a_table_that_claims_too_much_is_held_to_the_finest_rung_and_the_highest_score() -> None:
    bold = replace(find_provider("amap"), levels={"门牌号": Claim(1, 1.0, 1.0)})
    assert bold.claim(read(bold, place(bold, "门牌号"))) == Claim(FINEST, 1.0, MOST_SURE)


@pytest.mark.parametrize(
    ("key", "level", "rung"),
    [
        ("amap", "门牌号", 3),
        ("amap", "村庄", 5),
        ("amap", "乡镇", 6),
        ("amap", "道路", 6),
        ("tencent", "9", 3),
        ("tencent", "4", 5),
        ("tencent", "3", 6),
        ("baidu", "门址", 3),
        ("baidu", "村庄", 5),
        ("baidu", "乡镇", 6),
        ("tianditu", "地名地址", 6),
        ("nominatim", "house", 3),
        ("nominatim", "village", 5),
        ("photon", "street", 6),
    ],
)
def test_a_level_stands_on_its_rung(key: str, level: str, rung: int) -> None:
    provider = find_provider(key)
    claim = provider.claim(read(provider, place(provider, level)))
    assert claim is not None
    assert claim.rung == rung


@pytest.mark.parametrize(
    ("key", "level"), [("amap", "区县"), ("tencent", "2"), ("baidu", "区县"), ("photon", "county")]
)
def test_a_county_or_an_unknown_level_claims_nothing(key: str, level: str) -> None:
    provider = find_provider(key)
    assert provider.claim(read(provider, DIALECTS[key].found(120.5, 31.5, level, "320614"))) is None


def test_what_a_service_says_of_its_own_error_takes_a_rung_away() -> None:
    rungs = []
    for confidence in (100, 80, 70, 50, 30):
        payload = DIALECTS["baidu"].found(120.5, 31.5, "门址", "")
        payload["result"]["confidence"] = confidence
        claim = find_provider("baidu").claim(read(find_provider("baidu"), payload))
        assert claim is not None
        rungs.append(claim.rung)
    assert rungs == [3, 3, 4, 5, 6]


def test_what_a_service_does_not_trust_itself_is_nothing() -> None:
    tencent = DIALECTS["tencent"].found(120.5, 31.5, "9", "320614")
    tencent["result"]["reliability"] = 5
    baidu = DIALECTS["baidu"].found(120.5, 31.5, "门址", "")
    baidu["result"]["comprehension"] = 20
    tianditu = DIALECTS["tianditu"].found(120.5, 31.5, "门址", "")
    tianditu["location"]["score"] = 30
    told = {"tencent": tencent, "baidu": baidu, "tianditu": tianditu}
    assert {read(find_provider(key), payload).outcome for key, payload in told.items()} == {"nothing"}


@ENTRIES
def test_coordinates_come_into_storage_from_the_datum_of_the_service(provider: Provider, bank: Bank) -> None:
    bank.switch_on(provider.key)
    with bank.asker() as asker:
        told = asker.tell(provider, HOUSE)
    assert told.outcome == "found"
    assert math.dist((told.lon, told.lat), SPOT) * 111_000 < 1.0
    x, y = crs.points_from_storage([SPOT[0]], [SPOT[1]], provider.datum)
    shifted_m = math.dist((float(x[0]), float(y[0])), SPOT) * 111_000
    assert (shifted_m > 300) is (provider.datum in ("gcj02", "bd09"))


@ENTRIES
def test_coordinates_may_be_text_or_numbers_but_nothing_else(provider: Provider) -> None:
    dialect = DIALECTS[provider.key]
    level = next(name for name, claim in provider.levels.items() if claim.rung)

    def spoilt(lon: Any, lat: Any) -> str:
        payload = dialect.found(120.5, 31.5, level, "320614")
        dialect.spoil(payload, lon, lat)
        return str(read(provider, payload).outcome)

    assert spoilt(121.2, 31.9) == spoilt("121.2", "31.9") == "found"
    swapped, null, half = spoilt(31.9, 121.2), spoilt(None, None), spoilt(121.2, None)
    word, nothing, far = spoilt("here", "there"), spoilt(0, 0), spoilt(1e308, 1e308)
    assert {swapped, null, half, word, nothing, far} == {"unreadable"}


@ENTRIES
def test_nothing_found_is_told_from_an_error(provider: Provider) -> None:
    dialect = DIALECTS[provider.key]
    assert read(provider, dialect.nothing).outcome == "nothing"
    told = {"bad_key": dialect.bad_key, "quota": dialect.quota, "too_fast": dialect.too_fast}
    for outcome, answer in told.items():
        if answer is not None:
            assert read_reply(provider, Fetched(answer.status, answer.body))[0].outcome == outcome
    assert dialect.quota or provider.key in ("tianditu", "nominatim", "photon")


@ENTRIES
@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {},
        "ok",
        7,
        [[]],
        {"status": None},
        {"status": []},
        {"result": 3},
        {"features": {}},
        {"status": "1", "geocodes": {}},
        {"status": 0},
        {"status": "0", "location": []},
        [None],
    ],
)
def test_made_up_answers_are_never_a_place(provider: Provider, payload: Any) -> None:
    assert read(provider, payload).outcome != "found"


@ENTRIES
def test_a_found_place_behind_a_client_error_is_not_taken(provider: Provider) -> None:
    level = next(iter(provider.levels))
    payload = DIALECTS[provider.key].found(120.5, 31.5, level, "320614")
    assert read(provider, payload, status=400).outcome == "rejected"


def test_a_service_that_finds_another_county_is_told_so(bank: Bank) -> None:
    bank.switch_on("amap", finds("amap", county="320623"))
    with bank.asker() as asker:
        told = asker.tell(find_provider("amap"), HOUSE)
    assert (told.outcome, told.code) == ("other_county", "320623")
