"""Trying a hostile file: somebody listens, the reader reads, and the outcome is weighed."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import GetuError, NeedsAnswer, RefusedFile
from app.spatial.formats import Layer
from tests.fuzz.forks import Forks
from tests.samples.hostile.case import Hostile

# What a library says, and where a file lies, is for no reader of a refusal.
RAW = re.compile(
    r"Traceback|Error\b|Exception|Errno|0x[0-9a-f]{6}|/tmp/|/work|/usr/|\bGDAL|\bOGR|sqlite3|sqlite_|pyogrio"
    r"|shapely|line \d+ column",
    re.IGNORECASE,
)


@dataclass
class Ear:
    """An address on loopback and the connections that it got."""

    url: str
    heard: list[str] = field(default_factory=list)


@contextmanager
def open_ear() -> Iterator[Ear]:
    """Listen on loopback and write down every connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    ear = Ear(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            ear.heard.append("connected")
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield ear
    listener.close()


def outcome_of(forks: Forks, case: Hostile, path: Path) -> Layer | GetuError:
    """The layer, or the refusal or question that it ended in; nothing else may come."""
    try:
        return forks.read(path, limits=case.limits)
    except (RefusedFile, NeedsAnswer) as error:
        return error


def judge(case: Hostile, got: Layer | GetuError) -> str | None:
    """Return what is wrong with an outcome, None when it is one of the right ones."""
    right = case.outcome
    if isinstance(got, NeedsAnswer):
        return None if got.code in right.asks else f"asks {got.code}"
    if isinstance(got, GetuError):
        return None if right.codes is None or got.code in right.codes else f"refused: {got.code} {got.en}"
    lengths = {len(got.geoms), len(got.rows), *(len(column) for column in got.columns.values())}
    if len(lengths) != 1 or (lengths != {right.rows} and not right.any_rows):
        return f"rows {lengths}"
    missing = right.warnings - {note.code for note in got.warnings}
    return f"does not warn of {missing}" if missing else None


def told_by(got: Layer | GetuError) -> str:
    """Everything that comes back to whoever sent the file, as one text."""
    if isinstance(got, GetuError):
        return f"{got.code} {got.zh} {got.en} {got.facts}"
    return f"{got.name} {got.columns} {got.wkt} {got.layers} {got.warnings} {list(got.geoms)}"
