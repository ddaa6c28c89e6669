"""Attempts at a job: only the newest may land, a landed file stays landed, a changed file starts anew."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db import Database
from app.db.connection import WORKER
from app.db.copying import copy_in, raw
from app.errors import BadInput, Conflict, GetuError, NotFound, NotReady
from app.jobs import ask_cancel, create_job, find_job, run_job, run_now, show_job, stories
from app.jobs.customers import import_customers
from app.jobs.ledger import Cancelled, Fenced, claim_job
from app.jobs.running import Running
from app.settings import Settings
from tests.faults.story import (
    assert_all_landed,
    listed_rows,
    look,
    stored_keys,
    waiting_tables,
    write_file,
)


@pytest.fixture
def bank(settings: Settings) -> Settings:
    """Settings with one checking process: a test needs no more."""
    return settings.model_copy(update={"import_processes": 1})


def begin(database: Database, settings: Settings, kind: str = "assign", **args: Any) -> Running:
    """The next attempt at a job of these arguments."""
    with database.transaction(WORKER) as session:
        job_id = create_job(session, kind, args)
        job = claim_job(session, job_id)
        assert job is not None
        return Running(job.id, job.attempt, job.args, job.checkpoint, None, database, settings)


def name_source(running: Running) -> None:
    """A step that leaves a trace."""
    with running.step() as session:
        session.execute(text("INSERT INTO source_system VALUES ('late', '迟到', 9)"))
        running.mark("named", 1, 1, checkpoint={"named": True})


def count_late(database: Database) -> int:
    with database.transaction(WORKER) as session:
        return int(session.scalar(text("SELECT count(*) FROM source_system WHERE code = 'late'")) or 0)


def test_an_attempt_that_was_overtaken_lands_nothing(fresh: Database, bank: Settings) -> None:
    zombie, heir = begin(fresh, bank), begin(fresh, bank)
    assert (zombie.job_id, zombie.attempt, heir.attempt) == (heir.job_id, 1, 2)
    with pytest.raises(Fenced):
        name_source(zombie)
    assert count_late(fresh) == 0
    assert look(fresh, heir.job_id)["stage"] == ""
    name_source(heir)
    assert count_late(fresh) == 1
    assert heir.checkpoint == {"named": True}


def test_a_cancelled_job_lands_no_further_step_and_cannot_be_cancelled_again(
    fresh: Database, bank: Settings
) -> None:
    running = begin(fresh, bank)
    with fresh.transaction(WORKER) as session:
        ask_cancel(session, running.job_id)
    with pytest.raises(Cancelled):
        name_source(running)
    assert count_late(fresh) == 0
    assert run_job(fresh, bank, running.job_id)["status"] in ("cancelled", "failed")
    with fresh.transaction(WORKER) as session, pytest.raises(Conflict):
        ask_cancel(session, running.job_id)


def test_the_same_work_asked_twice_is_one_job(fresh: Database) -> None:
    with fresh.transaction(WORKER) as session:
        first = create_job(session, "assign", {"plan": "V1"})
        assert create_job(session, "assign", {"plan": "V1"}) == first
        assert create_job(session, "assign", {"plan": "V2"}) != first
        with pytest.raises(NotFound):
            find_job(session, first + 10)


def test_a_job_that_is_over_is_not_run_again(fresh: Database, bank: Settings) -> None:
    job = run_now(fresh, bank, "assign", {})
    assert job["status"] == "failed"
    assert job["error"]["code"] == "no_plan"
    assert run_job(fresh, bank, job["id"])["attempt"] == 1


def test_a_lost_database_leaves_the_job_running_for_the_next_attempt(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(run: Running) -> dict[str, Any]:
        with run.step() as session:
            backend = raw(session).info.backend_pid
            with fresh.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
            columns = ("code", "name", "trust_rank")
            copy_in(session, "source_system", columns, [("late", "迟到", 9)], types=("text", "text", "int4"))
        return {}

    use_story(monkeypatch, lose)
    with fresh.transaction(WORKER) as session:
        job_id = create_job(session, "assign", {})
    with pytest.raises(NotReady):
        run_job(fresh, bank, job_id)
    assert look(fresh, job_id)["status"] == "running"


def test_a_program_error_is_told_without_its_text(
    fresh: Database, bank: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: Running) -> dict[str, Any]:
        raise ZeroDivisionError("320684199001011234")

    use_story(monkeypatch, fail)
    with pytest.raises(ZeroDivisionError):
        run_now(fresh, bank, "assign", {})
    job = look(fresh, 1)
    assert (job["status"], job["error"]["code"]) == ("failed", "unexpected")
    assert "3206" not in str(job)


@dataclass(frozen=True)
class OwnStory(stories.Story):
    """A story that the test tells itself."""

    tell: stories.Teller

    def find_teller(self) -> stories.Teller:
        return self.tell


def use_story(monkeypatch: pytest.MonkeyPatch, tell: stories.Teller) -> None:
    """Put a story of the test's own among the kinds, under the name `assign`."""
    own = OwnStory("assign", "试", "a trial", "assign_customers", "", tell)
    others = (story for story in stories.STORIES if story.kind != "assign")
    monkeypatch.setattr(stories, "STORIES", (own, *others))


def ask(path: Path) -> dict[str, Any]:
    return {"path": str(path), "file_name": path.name, "source": "core"}


def test_a_file_that_landed_just_before_the_kill_is_reported_not_landed_again(
    fresh: Database, bank: Settings, tmp_path: Path
) -> None:
    offered = write_file(tmp_path / "core.csv", 60)
    first = begin(fresh, bank, "import_customers", **ask(offered.path))
    report = import_customers(first)
    job = run_job(fresh, bank, first.job_id)
    assert (job["status"], job["attempt"]) == ("done", 2)
    assert "repeated" not in job["result"]
    assert job["result"]["kept"] == report["kept"] == len(offered.keys)
    assert_all_landed(fresh, bank.home, offered)


def test_another_file_at_the_same_path_is_read_from_its_beginning(
    fresh: Database, bank: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.customers.CHUNK", 20)
    path = tmp_path / "core.csv"
    write_file(path, 60)
    first = begin(fresh, bank, "import_customers", **ask(path))
    stop_after_chunk(first, monkeypatch)
    offered = write_file(path, 90)
    job = run_job(fresh, bank, first.job_id)
    assert (job["status"], job["result"]["rows"]) == ("done", 90)
    assert_all_landed(fresh, bank.home, offered)


def stop_after_chunk(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import one chunk, then stop as a kill would: nothing after it is done."""
    with monkeypatch.context() as patch:
        patch.setattr("app.jobs.customers.intake.copy_portion", stop_at(2))
        with pytest.raises(NotReady):
            import_customers(running)
    assert running.checkpoint["row"] == 21


def stop_at(call: int, error: GetuError | None = None) -> Callable[..., None]:
    """`copy_portion` whose n-th call finds the database gone, or meets another error."""
    from app.customers.intake import copy_portion

    calls = 0

    def stage(*args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error or NotReady("database_away", zh="数据库不可用", en="the database is away")
        copy_portion(*args)

    return stage


def test_the_left_out_file_is_cut_back_to_the_last_chunk_that_landed(
    fresh: Database, bank: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.customers.CHUNK", 20)
    offered = write_file(tmp_path / "core.csv", 100)
    first = begin(fresh, bank, "import_customers", **ask(offered.path))
    stop_after_chunk(first, monkeypatch)
    import_id = int(first.checkpoint["import_id"])
    assert len(listed_rows(bank.home, import_id)) > 2
    assert run_job(fresh, bank, first.job_id)["status"] == "done"
    assert_all_landed(fresh, bank.home, offered)


def test_an_import_that_fails_leaves_no_row_waiting(
    fresh: Database, bank: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.customers.CHUNK", 20)
    path = tmp_path / "core.csv"
    write_file(path, 60)
    with monkeypatch.context() as patch:
        broken = BadInput("endless_cell", zh="坏了", en="broken")
        patch.setattr("app.jobs.customers.intake.copy_portion", stop_at(2, broken))
        job = run_now(fresh, bank, "import_customers", ask(path))
    assert (job["status"], job["error"]["code"]) == ("failed", "endless_cell")
    assert stored_keys(fresh) == []
    assert waiting_tables(fresh) == 0
    with fresh.transaction(WORKER) as session:
        assert session.scalar(text("SELECT status FROM import_run")) == "failed"


def test_a_job_is_shown_with_its_error_in_two_languages(fresh: Database, bank: Settings) -> None:
    with fresh.transaction(WORKER) as session:
        job = find_job(session, run_now(fresh, bank, "assign", {})["id"])
        shown = show_job(job)
    assert shown["error"]["zh"]
    assert shown["error"]["en"]
    with pytest.raises(GetuError):
        stories.find_story("no_such_story")


@pytest.mark.parametrize("story", stories.STORIES, ids=lambda story: story.kind)
def test_every_story_has_its_teller(story: stories.Story) -> None:
    assert callable(story.find_teller())
