"""How the service says no: one form, both languages, never a word of the database or of the program."""

from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from app import errors
from app.api.errors import STATUSES, status_of, tell_errors
from app.api.session import Asked, allowed
from tests.conftest import Client, DemoBank

KEYS = {"type", "title", "status", "code", "detail_zh", "detail_en"}


def read_problem(answer: Any, status: int) -> dict[str, Any]:
    """The body of a problem of this status, its form checked."""
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() >= KEYS
    assert body["status"] == status
    assert body["title"] == body["detail_zh"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail_zh"])
    assert body["detail_en"].isascii() or body["code"] == "malformed"
    return body


def test_an_unknown_route_is_a_problem_for_everybody(demo_bank: DemoBank) -> None:
    for client in (demo_bank.client(), demo_bank.client("head")):
        for path in ("/api/v1/nothing", "/nothing", "/static/nothing.js", "/static/../app/main.py", "/docs"):
            assert read_problem(client.get(path), 404)["code"] == "http_404"


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(demo_bank: DemoBank) -> None:
    answer = demo_bank.client("head").put("/api/v1/grids")
    read_problem(answer, 405)
    assert "GET" in answer.headers["allow"]


def test_who_is_not_signed_in_hears_401_before_anything_else(demo_bank: DemoBank) -> None:
    client = demo_bank.client()
    for path in ("/api/v1/grids", "/api/v1/grids/abc", "/api/v1/locate", "/tiles/x/99/0/0.mvt"):
        assert read_problem(client.get(path), 401)["code"] == "not_signed_in"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/v1/locate?lat=31.9", "query.lon"),
        ("/api/v1/locate?lon=abc&lat=31.9", "query.lon"),
        ("/api/v1/locate?lon=121&lat=31&near_m=-1", "query.near_m"),
        ("/api/v1/locate?lon=121&lat=31&on=yesterday", "query.on"),
        ("/api/v1/grids/abc", "path.grid_id"),
        ("/api/v1/grids/1/customers?rung=9", "query.rung"),
        ("/api/v1/wallmap.pdf?paper=A9", "query.paper"),
        ("/api/v1/search", "query.q"),
    ],
)
def test_a_malformed_request_names_the_place(demo_bank: DemoBank, path: str, place: str) -> None:
    body = read_problem(demo_bank.client("head").get(path), 422)
    assert body["code"] == "malformed"
    assert place in body["detail_zh"]
    assert place in body["detail_en"]
    assert [item["where"] for item in body["errors"]] == [place]


def test_a_malformed_body_names_every_place(demo_bank: DemoBank) -> None:
    answer = demo_bank.client("head").post("/api/v1/visits", json={"client_key": "x", "customer_id": "y"})
    body = read_problem(answer, 422)
    places = {item["where"] for item in body["errors"]}
    assert places == {"body.client_key", "body.customer_id", "body.outcome", "body.visited_at"}


def test_what_was_sent_is_not_sent_back(demo_bank: DemoBank) -> None:
    """A validation error of the framework echoes the value: a password typed into a wrong field, say."""
    answer = demo_bank.client().post(
        "/api/v1/session", json={"login": {"a": "hunter2-hunter2"}, "password": 5}
    )
    read_problem(answer, 422)
    assert "hunter2" not in answer.text


ALL_ERRORS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.GetuError)
]


@pytest.mark.parametrize("kind", [kind for kind in ALL_ERRORS if kind is not errors.GetuError])
def test_every_kind_of_domain_error_has_its_status(kind: type[errors.GetuError]) -> None:
    status = status_of(kind("x", zh="错", en="wrong"))
    assert 400 <= status < 600
    assert status != 500
    assert any(issubclass(kind, known) for known, _ in STATUSES)


@pytest.fixture
def rude(demo_bank: DemoBank) -> Client:
    """A browser of head office before an application whose routes go wrong in every way."""
    app = FastAPI()
    app.state.service = demo_bank.app.state.service
    tell_errors(app)
    statements = {
        "syntax": "SELEKT 1",
        "missing": "SELECT secret_column FROM customer",
        "division": "SELECT 1 / 0",
        "unique": "INSERT INTO plan (code, name, frame) SELECT code, name, frame FROM plan LIMIT 1",
        "null": "INSERT INTO plan (name, frame) SELECT name, frame FROM plan LIMIT 1",
        "check": "UPDATE plan SET status = 'rubbish'",
        "foreign": "UPDATE duty SET staff_id = -1",
        "denied": "DELETE FROM customer",
        "timeout": "SET LOCAL statement_timeout = 10; SELECT pg_sleep(2)",
        "raised": "DO $$ BEGIN RAISE EXCEPTION 'phone 19900000123'; END $$",
    }

    @app.get("/rude/{how}")
    def go_wrong(how: str, asked: Annotated[Asked, allowed("see_ground")]) -> dict[str, str]:
        asked.session.execute(text(statements[how]))
        return {}

    signed = demo_bank.client("head")
    return Client(app, base_url="http://bank.test", cookies=dict(signed.cookies))


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("unique", 409, "already_there"),
        ("denied", 403, "not_yours"),
        ("timeout", 503, "too_slow"),
        ("syntax", 500, "unexpected"),
        ("missing", 500, "unexpected"),
        ("division", 500, "unexpected"),
        ("null", 500, "unexpected"),
        ("check", 500, "unexpected"),
        ("foreign", 500, "unexpected"),
        ("raised", 500, "unexpected"),
    ],
)
def test_no_word_of_the_database_reaches_an_answer(rude: Client, how: str, status: int, code: str) -> None:
    with capture_logs() as logged:
        answer = rude.get(f"/rude/{how}")
    body = read_problem(answer, status)
    assert body["code"] == code
    for word in (
        "psycopg",
        "SELECT",
        "relation",
        "column",
        "customer",
        "constraint",
        "plan",
        "19900000123",
        "V1",
    ):
        assert word not in answer.text
    if status == 500:
        assert [line["number"] for line in logged] == [body["number"]], "the log knows the number"


def test_an_error_in_a_log_names_no_customer(demo_bank: DemoBank) -> None:
    query = text("SELECT CAST(:name AS text) || (1 / 0)")
    viewer = demo_bank.viewer("head")
    with pytest.raises(DBAPIError) as told, demo_bank.database.transaction(viewer) as session:
        session.execute(query, {"name": "沈小明"})
    assert "沈小明" not in str(told.value)


def test_every_answer_carries_the_security_headers(demo_bank: DemoBank) -> None:
    client = demo_bank.client("head")
    for path in ("/api/v1/grids", "/api/v1/nothing", "/", "/login", "/healthz", "/tiles/grids/9/428/208.mvt"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert "no-store" in headers["cache-control"] or "no-cache" in headers["cache-control"]
