"""The database restarted in the middle of an import: the worker stays, the job goes on, nothing is lost."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import cluster
from app.db.bank import open_bank
from app.settings import Settings
from tests.db.conftest import end_home
from tests.faults.story import ask_import, assert_all_landed, environment, start, wait_for, write_file


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A home with a cluster of its own, which a test may stop."""
    path = Path(tempfile.mkdtemp(prefix="getu-home-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    end_home(path)


def test_an_import_goes_on_after_its_database_was_restarted(own_home: Path, tmp_path: Path) -> None:
    offered = write_file(tmp_path / "core.csv", 40_000)
    database = open_bank(Settings(home=own_home, cluster_profile="test"))
    job_id = ask_import(database, offered.path)
    worker = start(["work"], environment(own_home, None), tmp_path / "said.log")
    try:
        wait_for(database, job_id, lambda job: job["done"] >= 10_000, seconds=180)
        cluster.stop(own_home)
        cluster.ensure(own_home, profile="test")
        job = wait_for(database, job_id, lambda job: job["status"] == "done", seconds=120)
        assert worker.poll() is None
        assert job["done"] == 40_000
        # So many come as a block of their own, aside until it is whole.
        assert job["result"]["block"] is not None
        assert_all_landed(database, own_home, offered)
    finally:
        worker.kill()
        worker.wait()
        database.close()
