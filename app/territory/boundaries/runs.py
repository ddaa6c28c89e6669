"""The record of an import: each file that was offered, what it was taken with, and what became of it."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import fetch_value, run_statement
from app.errors import Conflict, GetuError, NotFound
from app.models import ImportRun
from app.territory.boundaries.keeping import list_parts
from app.territory.boundaries.report import ImportOptions, ImportReport
from app.territory.tables import Rejected

# What a person may do next with an import in each state of its row.
MAY_ANSWER = frozenset({"needs_answer", "checked", "rejected", "failed", "undone"})
MAY_LOAD = frozenset({"checked", "undone"})


def hash_file(path: Path) -> str:
    """SHA-256 of a file; of all parts for a folder or for a .shp, .tab or .mif with what belongs to it."""
    parts = list_parts(path)
    if parts == [path]:
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


def fail_run(session: Session, import_id: int, error: GetuError | None) -> None:
    """A first try did not end: its row says why. One that was tried before stays as it was."""
    run = session.get(ImportRun, import_id)
    if run is None or run.status != "running":
        return
    told = error or GetuError("unexpected", zh="程序出错，已记录日志", en="a program error; see the log")
    report = ImportReport(status="rejected", rejected=[Rejected(0, told.code, f"{told.zh} / {told.en}")])
    run.status, run.finished_at = "failed", datetime.now(UTC)
    run.report = {**report.as_json(), "import_id": run.id}
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


def lock_desk(session: Session, import_id: int) -> None:
    """Lets one request at a time start something with an import, until its transaction ends."""
    run_statement(session, "territory/lock_desk", import_id=import_id)


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


def check_may_undo(session: Session, run: ImportRun) -> None:
    """Raises Conflict unless an import is loaded and no later one has ended units of it."""
    if run.status != "imported":
        raise Conflict("not_imported", zh="这次导入没有载入，无需撤销", en="this import is not loaded")
    if fetch_value(session, "territory/count_ended_units", import_id=run.id):
        raise Conflict(
            "not_newest", zh="之后的导入已替换这些单元，请先撤销之后的导入", en="undo the later import first"
        )


def list_acts(session: Session, run: ImportRun) -> list[str]:
    """What may be done with an import now: answer, load, undo."""
    acts = [act for act, states in (("answer", MAY_ANSWER), ("load", MAY_LOAD)) if run.status in states]
    newest = run.status == "imported" and not fetch_value(
        session, "territory/count_ended_units", import_id=run.id
    )
    return [*acts, "undo"] if newest else acts


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
