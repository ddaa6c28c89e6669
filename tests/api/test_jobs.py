"""Long stories from outside: state, progress as it comes, a way to stop, and nobody else's."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.db.connection import WORKER
from app.jobs import run_job
from tests.conftest import Client, DemoBank


@pytest.fixture
def job(demo_bank: DemoBank) -> Iterator[int]:
    """A running job of the manager's user, taken away afterwards."""
    user = demo_bank.viewer("manager").user_id
    with demo_bank.database.transaction(WORKER) as session:
        made = session.scalar(
            text("""INSERT INTO job (kind, args, status, stage, total, created_by, attempt)
            VALUES ('import_customers', '{}', 'running', 'read', 100, :user, 1) RETURNING id"""),
            {"user": user},
        )
    yield int(made or 0)
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM job WHERE id = :id"), {"id": made})


def change(bank: DemoBank, job: int, **marks: Any) -> None:
    """Write a job's row as its worker would."""
    parts = ", ".join(f"{key} = :{key}" for key in marks)
    with bank.database.transaction(WORKER) as session:
        session.execute(text(f"UPDATE job SET {parts} WHERE id = :id"), {**marks, "id": job})


def read_events(body: str) -> list[dict[str, Any]]:
    """The jobs of a finished event stream."""
    blocks = [block for block in body.split("\n\n") if block.startswith("event: job")]
    return [json.loads(block.split("data: ", 1)[1]) for block in blocks]


def test_a_job_that_is_over_is_told_once_and_the_stream_ends(demo_bank: DemoBank, job: int) -> None:
    change(demo_bank, job, status="done")
    answer = demo_bank.client("manager").get(f"/api/v1/jobs/{job}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert [event["status"] for event in read_events(answer.text)] == ["done"]


def test_the_stream_tells_a_snapshot_then_changes_then_the_end(demo_bank: DemoBank, job: int) -> None:
    client = demo_bank.client("manager")

    def work() -> None:
        for done in (10, 60):
            time.sleep(0.9)
            change(demo_bank, job, stage="place", done=done)
        time.sleep(0.9)
        change(demo_bank, job, status="done", done=100)

    worker = threading.Thread(target=work)
    worker.start()
    events = read_events(client.get(f"/api/v1/jobs/{job}/events").text)
    worker.join()
    assert (events[0]["stage"], events[0]["done"]) == ("read", 0)
    assert [event["done"] for event in events] == sorted({event["done"] for event in events})
    assert (events[-1]["status"], events[-1]["done"]) == ("done", 100)
    assert len(events) >= 3


def test_another_does_not_see_follow_or_stop_a_job(demo_bank: DemoBank, job: int) -> None:
    other = demo_bank.client("branch_head")
    assert job not in [row["id"] for row in other.get("/api/v1/jobs").json()]
    for method, tail in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        answer = other.request(method, f"/api/v1/jobs/{job}{tail}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_job")
    assert job in [row["id"] for row in demo_bank.client("head").get("/api/v1/jobs").json()]


def test_its_owner_stops_a_job_and_its_worker_hears_of_it(demo_bank: DemoBank, job: int) -> None:
    client = demo_bank.client("manager")
    assert client.post(f"/api/v1/jobs/{job}/cancel").status_code == 200
    with demo_bank.database.transaction(WORKER) as session:
        assert session.scalar(text("SELECT cancel_asked FROM job WHERE id = :id"), {"id": job})


def test_a_job_that_is_over_cannot_be_stopped(demo_bank: DemoBank, job: int) -> None:
    change(demo_bank, job, status="done")
    answer = demo_bank.client("manager").post(f"/api/v1/jobs/{job}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_over")


def start_assigning(client: Client) -> int:
    answer = client.post("/api/v1/assign", json={"plan": "V1"})
    assert answer.status_code == 202
    return int(answer.json()["id"])


def test_starting_twice_follows_one_job_and_a_stopped_one_does_nothing(demo_bank: DemoBank) -> None:
    client = demo_bank.client("head")
    first, again = start_assigning(client), start_assigning(client)
    assert first == again
    assert client.post(f"/api/v1/jobs/{first}/cancel").status_code == 200
    with demo_bank.database.transaction(WORKER) as session:
        before = session.scalar(text("SELECT max(id) FROM assignment_run WHERE current"))
    shown = run_job(demo_bank.database, demo_bank.settings, first)
    assert shown["status"] == "cancelled"
    with demo_bank.database.transaction(WORKER) as session:
        assert session.scalar(text("SELECT max(id) FROM assignment_run WHERE current")) == before
        session.execute(text("DELETE FROM job WHERE id = :id"), {"id": first})
        session.execute(text("DELETE FROM procrastinate_jobs"))


@pytest.mark.parametrize(("plan", "reason"), [("NONE", "no_plan"), ("V2", "not_in_force")])
def test_a_failed_job_says_why_in_both_tongues(demo_bank: DemoBank, plan: str, reason: str) -> None:
    client = demo_bank.client("head")
    job = int(client.post("/api/v1/assign", json={"plan": plan}).json()["id"])
    run_job(demo_bank.database, demo_bank.settings, job)
    shown = client.get(f"/api/v1/jobs/{job}").json()
    assert (shown["status"], shown["error"]["code"]) == ("failed", reason)
    assert {"code", "zh", "en"} <= shown["error"].keys()
    with demo_bank.database.transaction(WORKER) as session:
        session.execute(text("DELETE FROM job WHERE id = :id"), {"id": job})
        session.execute(text("DELETE FROM procrastinate_jobs"))
