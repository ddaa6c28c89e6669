"""The record of an import: each file that was offered, what it was taken with, and what became of it."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import run_statement
from app.errors import Conflict, NotFound
from app.models import ImportRun
from app.territory.boundaries.report import ImportOptions, ImportReport

# What a person may do next with an import in each state of its row.
MAY_ANSWER = frozenset({"needs_answer", "checked", "rejected", "failed", "undone"})
MAY_LOAD = frozenset({"checked", "undone"})


def hash_file(path: Path) -> str:
    """SHA-256 of a file; of a folder or a .shp with everything that belongs to it, of its parts by name."""
    if path.is_dir():
        parts = sorted(part for part in path.rglob("*") if part.is_file())
    elif path.suffix.lower() == ".shp":
        parts = sorted(part for part in path.parent.iterdir() if part.stem == path.stem and part.is_file())
    else:
        return _hash_one(path).hex()
    return hashlib.sha256(b"".join(_hash_one(part) for part in parts)).hexdigest()


def _hash_one(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def open_run(
    session: Session,
    path: Path,
    options: ImportOptions,
    *,
    user_id: int | None,
    kept_as: str | None = None,
) -> ImportRun:
    """A new import of a file begins; `kept_as` is where its copy lies, relative to the files' folder."""
    run = ImportRun(
        kind="boundaries",
        file_name=options.file_name or path.name,
        sha256=hash_file(path),
        file_path=kept_as,
        options=options.as_key(),
        status="running",
        created_by=user_id,
    )
    session.add(run)
    session.flush()
    return run


def close_run(
    session: Session,
    run: ImportRun,
    report: ImportReport,
    *,
    options: ImportOptions,
    replaced: list[list[Any]],
) -> None:
    """The try is over: the row keeps its report, what it was taken with and which units it ended."""
    report.import_id = run.id
    run.status = "checked" if report.status == "imported" and options.dry_run else report.status
    run.options = options.as_key()
    run.report = {**report.as_json(), "replaced": replaced}
    run.finished_at = datetime.now(UTC)
    session.flush()


def find_run(session: Session, import_id: int) -> ImportRun:
    """A boundary import in the viewer's sight. Raises NotFound."""
    run = session.scalar(select(ImportRun).where(ImportRun.id == import_id, ImportRun.kind == "boundaries"))
    if run is None:
        raise NotFound("no_import", zh="没有这次导入", en="there is no such import")
    return run


def lock_run(session: Session, import_id: int, *, seen: str | None) -> ImportRun:
    """The import's row for this transaction alone.

    `seen` is `version_of` the row as the person saw it. Raises NotFound, and Conflict `import_moved_on` when
    somebody else has answered or loaded it since.
    """
    run_statement(session, "territory/lock_import", import_id=import_id)
    run = find_run(session, import_id)
    session.refresh(run)
    if version_of(run) != seen:
        raise Conflict(
            "import_moved_on",
            zh="这次导入刚被他人处理过，请刷新后再操作",
            en="somebody else has answered or loaded this import meanwhile; look at it again",
        )
    return run


def version_of(run: ImportRun) -> str:
    """What changes with every try of an import."""
    return f"{run.status} {run.finished_at.isoformat() if run.finished_at else ''}".strip()


def check_may_answer(run: ImportRun) -> None:
    """Raises Conflict when an import takes no answers: it is loaded, or its first try is still going on."""
    if run.status not in MAY_ANSWER:
        raise _refuse(run)


def check_may_load(run: ImportRun) -> None:
    """Raises Conflict unless a dry run has understood the file and nothing is asked."""
    if run.status not in MAY_LOAD:
        raise _refuse(run)


def _refuse(run: ImportRun) -> Conflict:
    code, zh, en = {
        "imported": (
            "already_imported",
            "这次导入已经载入，请先撤销",
            "this import is loaded; undo it first",
        ),
        "needs_answer": ("open_questions", "还有问题没有回答", "questions are still open"),
        "rejected": ("import_rejected", "文件被拒绝，无法载入", "the file was refused and cannot be loaded"),
        "failed": (
            "import_failed",
            "上次处理没有完成，请先重试",
            "the last try did not end; try again first",
        ),
    }.get(run.status, ("import_busy", "这次导入正在处理中", "this import is being worked on"))
    return Conflict(code, zh=zh, en=en)
