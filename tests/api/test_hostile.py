"""Nothing a stranger can send brings the service to a 500, or to tell what its database said."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from tests.api.hostile import WORDS
from tests.api.test_openapi import api_routes
from tests.conftest import Client

TOLD = ("psycopg", "sqlalchemy", "Traceback", "syntax error", 'relation "', 'column "', "DETAIL", "sqlstate")


def deal(number: int, count: int) -> list[str]:
    """The next `count` words for the route of this number: every word comes to many routes."""
    first = number * count % len(WORDS)
    return [*WORDS, *WORDS][first : first + count]


def hostile_addresses(route: APIRoute, chance: random.Random, words: list[str]) -> Iterator[str]:
    """Addresses of a route with hostile words in its path and in all of its query."""
    names = [field.alias for field in route.dependant.query_params]
    for dependant in route.dependant.dependencies:
        names += [field.alias for field in dependant.query_params]
    places = [field.alias for field in route.dependant.path_params]
    for word in words:
        path = route.path
        for place in places:
            given = word if chance.random() < 0.6 else chance.choice(["1", "V1", "grids", "9", *WORDS])
            path = path.replace("{" + place + "}", quote(given[:2000], safe=""))
        query = "&".join(
            f"{name}={quote(word if chance.random() < 0.6 else chance.choice(WORDS), safe='')}"
            for name in names
        )
        yield f"{path}?{query}"[:60_000]


READS = sorted(
    (route for route in api_routes() if "GET" in route.methods and "events" not in route.path),
    key=lambda route: route.path,
)


def is_slow(route: APIRoute) -> bool:
    """Drawing a sheet takes seconds whatever is sent; a few tries are enough."""
    return route.path.endswith((".pdf", ".html"))


def test_there_are_more_than_a_hundred_hostile_words() -> None:
    assert len(set(WORDS)) > 100


@pytest.mark.parametrize("role", ["head", "manager", "analyst"])
@pytest.mark.parametrize("route", READS, ids=lambda route: route.path)
def test_no_hostile_parameter_brings_a_500_or_database_text(
    doors: dict[str, Client], route: APIRoute, role: str
) -> None:
    chance = random.Random(f"{route.path}{role}")
    names = route.dependant.query_params or route.dependant.path_params
    count = 1 if not names else 4 if is_slow(route) else 30 if role == "head" else 10
    for address in hostile_addresses(route, chance, deal(READS.index(route), count)):
        answer = doors[role].get(address, follow_redirects=False)
        assert answer.status_code < 500, (address[:300], answer.text[:300])
        if answer.status_code >= 400:
            assert not [word for word in TOLD if word in answer.text], address[:300]


@pytest.mark.parametrize(
    "address",
    [
        (-1, 0, 0),
        (0, 1, 0),
        (23, 0, 0),
        (5, 32, 0),
        (5, 0, 32),
        (99, 0, 0),
        (10**30, 0, 0),
        (10, 10**30, 1),
        (10, -1, 1),
    ],
)
def test_a_tile_that_does_not_exist_is_refused(
    doors: dict[str, Client], address: tuple[int, int, int]
) -> None:
    answer = doors["head"].get("/tiles/grids/{}/{}/{}.mvt".format(*address))
    assert answer.status_code == 422


BODIES: list[tuple[str, Any]] = [
    (path, body)
    for word in [*WORDS[:40], "\ud800"]
    for path, body in [
        ("/api/v1/session", {"login": word, "password": word}),
        ("/api/v1/geocode", {"address": word}),
        (
            "/api/v1/visits",
            {"client_key": word, "customer_id": 1, "outcome": word, "visited_at": word, "note": word},
        ),
        ("/api/v1/customers/1/reveal", {"reason": word}),
        ("/api/v1/plans", {"code": word, "name": word, "from_plan": word}),
        ("/api/v1/plans/V1/publish", {"valid_from": word}),
    ]
] + [
    (path, body)
    for word in [*WORDS[:40:4], "\ud800"]
    for path, body in [
        ("/api/v1/plans/V2/edits?dry_run=true", {"act": "set_branch", "grid_ids": [1], "branch": word}),
        ("/api/v1/plans/V2/edits?dry_run=true", {"act": "give_units", "to": 1, "unit_codes": [word]}),
        ("/api/v1/plans/V2/allot", {"step": "manager", "to": word, "grids": [word], "valid_from": word}),
        ("/api/v1/plans/V2/allot", {"step": "branch", "to": word, "town": word}),
        ("/api/v1/plans/V2/allotments/answer", {"ids": [1], "answer": "return", "reason": word}),
        ("/api/v1/staffing-changes", {"kind": "leave", "staff": word, "valid_from": "9999-12-31"}),
        ("/api/v1/scheme/letters", {"plan": word, "staff": [word], "signed_on": "0001-01-01"}),
        ("/api/v1/scheme/problems", {"grid_id": 2**63, "title": word, "due_on": "9999-12-31"}),
        ("/api/v1/targets", {"period": "2026", "targets": [{"grid": word, "measure": word, "target": 1}]}),
        ("/api/v1/targets/done", {"plan": word, "period": "2026", "measure": "survey", "done": {word: 1}}),
    ]
]


def test_no_hostile_body_brings_a_500(doors: dict[str, Client], tidy: None) -> None:
    for path, body in BODIES:
        if path.endswith("session") and len(body["login"]) <= 64 and "\x00" not in body["login"]:
            continue  # wrong sign-ins are counted by address; they have their own tests
        sent = json.dumps(body)
        answer = doors["head"].post(path, content=sent, headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (path, str(body)[:200], answer.text[:300])
        if answer.status_code >= 400:
            assert {"detail_zh", "detail_en"} <= answer.json().keys(), (path, str(body)[:200])
            assert not [told for told in TOLD if told in answer.text], (path, str(body)[:200])


@pytest.mark.parametrize("sent", [b"", b"{", b"[" * 20_000, b"null", b'"a"', b"\xff\xfe", b"[1e999]", b"NaN"])
def test_no_broken_json_brings_a_500(doors: dict[str, Client], sent: bytes) -> None:
    for path in ("/api/v1/session", "/api/v1/geocode", "/api/v1/plans", "/api/v1/visits"):
        answer = doors["head"].post(path, content=sent, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text[:300]
