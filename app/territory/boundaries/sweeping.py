"""Uploads that nobody came back for are swept away; what is loaded keeps its file."""

import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from app.db import fetch_all
from app.territory.boundaries.keeping import FOLDER

_DAY_S = 86_400


def sweep_uploads(session: Session, files: Path, *, days: int) -> int:
    """Remove uploads older than `days` days that no loaded import and no unfinished job needs; how many.

    The imports they belonged to stay in the list with their reports; they can no longer be tried again.
    """
    needed = {Path(row["path"]).name for row in fetch_all(session, "territory/list_needed_files")}
    old = [
        path
        for path in _list_files(files / FOLDER, before=time.time() - days * _DAY_S)
        if path.name not in needed
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _list_files(folder: Path, *, before: float) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before)
