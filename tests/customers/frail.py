"""Work for a crew whose processes really die, hang or fail over a row; light, for each of them loads it."""

import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path

_folder: list[Path] = []


def start_frail(folder: Path) -> None:
    """Remember where to leave marks."""
    _folder[:] = [folder]


def work_frailly(chunk: Sequence[str]) -> list[str]:
    """Rows in capitals; `crash` kills the process, `hang` never ends, `fail` raises, `once` kills once."""
    return [_shout(row) for row in chunk]


def _shout(row: str) -> str:
    if row == "crash" or (row == "once" and _first_time()):
        os.kill(os.getpid(), signal.SIGKILL)
    if row == "hang":
        re.match(r"(a+)+$", "a" * 60 + "b")
    if row == "fail":
        raise ValueError(row)
    return row.upper()


def _first_time() -> bool:
    mark = _folder[0] / "once"
    if mark.exists():
        return False
    mark.touch()
    return True


def give_up(row: str, reason: str) -> list[str]:
    """The row with its reason."""
    return [f"{row}:{reason}"]


def join(parts: list[list[str]]) -> list[str]:
    """All rows."""
    return [row for part in parts for row in part]
