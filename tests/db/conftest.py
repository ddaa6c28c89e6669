"""Homes for the tests of the cluster itself: each its own, ended and removed after the test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import cluster


@pytest.fixture
def empty_home() -> Iterator[Path]:
    """A new home that the server account can reach (pytest's own folders are closed to it)."""
    path = Path(tempfile.mkdtemp(prefix="getu-home-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    end_home(path)


def end_home(home: Path) -> None:
    """Stop whatever a test left running and remove its files."""
    home.mkdir(exist_ok=True)
    cluster.remove(home)
    shutil.rmtree(home, ignore_errors=True)
