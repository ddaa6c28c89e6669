"""What strangers send to the doors of placement and households is answered, never a fault of ours."""

import itertools
from typing import Any

from tests.conftest import DemoBank

NUMBERS = ("NaN", "inf", "-inf", "1e308", "1e999", "-1", str(2**63), "9" * 400, "", "x", "\x00", "٣")
WORDS = ("\x00", "%", "_\\", "'; DROP TABLE customer; --", "村" * 5000, "🏠", "")
# A route, and what of it is asked with every hostile word or number.
ASKED = (
    ("/api/v1/placement/funnel", {"branch": WORDS}),
    ("/api/v1/placement/cases", {"kind": WORDS, "state": WORDS, "town": WORDS, "q": WORDS}),
    (
        "/api/v1/placement/cases",
        {"after": ("1e999~1", "nan~1", "1~" + "9" * 18, "~", *NUMBERS), "limit": NUMBERS},
    ),
    ("/api/v1/placement/customers?step=imported", {"branch": WORDS, "after": NUMBERS, "limit": NUMBERS}),
    ("/api/v1/placement/customers", {"step": WORDS}),
    ("/api/v1/placement/places", {"q": WORDS, "code": WORDS}),
    ("/api/v1/placement/outlines?west=121&south=31&north=32", {"east": NUMBERS}),
    ("/api/v1/placement/steps", {"customer_id": NUMBERS, "limit": NUMBERS}),
    ("/api/v1/placement/aliases", {"state": WORDS, "limit": NUMBERS}),
    ("/api/v1/placement/mine", {"q": WORDS, "after": ("doubt." + "9" * 18, "blank.٣", "known.-1", *WORDS)}),
    ("/api/v1/households", {"grid": NUMBERS, "after": NUMBERS, "limit": NUMBERS, "q": WORDS, "band": WORDS}),
    ("/api/v1/stats/enrolment", {"level": WORDS}),
    ("/api/v1/locate?lat=31.9", {"lon": NUMBERS, "near_m": NUMBERS}),
    (
        "/api/v1/locate?lat=31.9&lon=121.2",
        {"on": ("9999-12-31", "0001-01-01"), "known_at": ("9999-12-31T23:59:59Z",)},
    ),
    (
        "/api/v1/locate?lat=31.9&lon=121.2",
        {"near_m": NUMBERS, "known_at": ("0001-01-01T00:00:00+14:00", "x")},
    ),
)
HELD = (
    "/api/v1/placement/cases/{}",
    "/api/v1/placement/mine/{}",
    "/api/v1/households/{}",
    "/api/v1/grids/{}/prospects",
    "/api/v1/geocode/files/{}/result",
    "/api/v1/geocode/files/{}/summary",
)
NOBODY = ("-1", "0", str(2**63 - 1), str(2**63), "9" * 400, "1e3", "NaN", "%00")
BODIES: tuple[Any, ...] = (
    None,
    [],
    {},
    7,
    "x",
    {"batch": 2**63},
    {"batch": -1},
    {"batch": 1e308},
    {"batch": True},
    {"customer_ids": [2**63, -1, 10**40]},
    {"customer_ids": "x"},
    {"customer_ids": [None]},
    {"approve": "perhaps"},
    {"lon": "NaN", "lat": 31, "client_key": "none-1"},
    {"lon": 1e308, "lat": 31, "client_key": "none-1"},
    {"lon": 121.2, "lat": 31.9, "client_key": "\x00" * 5},
    {"lon": 121.2, "lat": 31.9, "client_key": "none-1", "note": "长" * 10_000},
    {"action": "pin", "lon": [], "lat": {}},
    {"scope": "some"},
    {"limit": -1},
    {"limit": 2**63},
    {"addresses": [None] * 1001},
    {"address": "村" * 10_001},
)
SENT = (
    "/api/v1/placement/cases/{}/decide",
    "/api/v1/customers/{}/pin",
    "/api/v1/placement/aliases/{}",
    "/api/v1/households/{}/confirm",
    "/api/v1/households/{}/split",
    "/api/v1/households/{}/undo",
)


def test_no_word_and_no_number_in_a_question_is_a_fault_of_ours(demo_bank: DemoBank) -> None:
    client = demo_bank.client("head")
    asked = [(path, {key: word}) for path, given in ASKED for key, words in given.items() for word in words]
    asked += [(path.format(number), {}) for path, number in itertools.product(HELD, NOBODY)]
    answers = {
        f"{path} {str(query)[:80]}": client.get(path)
        if not query
        else client.get(path.partition("?")[0], params={**_split(path), **query})
        for path, query in asked
    }
    assert {said: one.text for said, one in answers.items() if one.status_code not in (200, 404, 422)} == {}


def _split(path: str) -> dict[str, str]:
    given = path.partition("?")[2]
    return dict(pair.split("=") for pair in given.split("&")) if given else {}


def test_no_body_about_nobody_is_a_fault_of_ours(demo_bank: DemoBank) -> None:
    client = demo_bank.client("manager")
    paths = [path.format(number) for path in SENT for number in (str(2**62), "9" * 400)]
    said = {
        f"{path[:60]} {str(body)[:60]}": client.post(path, json=body)
        for path, body in itertools.product((*paths, "/api/v1/placement/undo"), BODIES)
    }
    allowed = (403, 404, 422)
    assert {key: answer.text for key, answer in said.items() if answer.status_code not in allowed} == {}
    torn = client.post("/api/v1/placement/undo", content=b'{"batch": NaN}')
    assert torn.status_code == 422
