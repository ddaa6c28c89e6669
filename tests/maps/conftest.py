"""One laid bank a session for all tests that only read it."""

from collections.abc import Iterator

import pytest

from app.db import Database, cluster
from tests.conftest import copy_database, run_admin
from tests.maps.seed import Bank, lay_bank


@pytest.fixture(scope="session")
def bank_database(server: cluster.Cluster, template: str, worker_id: str) -> Iterator[Database]:
    """A database of its own with the laid bank in it."""
    name = f"getu_maps_{worker_id}"
    database = copy_database(server, template, name)
    yield database
    database.close()
    run_admin(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def bank(bank_database: Database) -> Bank:
    """The laid bank."""
    return lay_bank(bank_database)
