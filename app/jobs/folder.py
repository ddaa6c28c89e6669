"""The story of a nightly folder: every file that a source's pattern names goes the way of any customer file.

Files go one after the other, oldest day first. What has landed is known by its hash and passed over; a file
that cannot be read is told and the others go on; one that is still being copied is waited for, then left to
the next night. Nothing in the folder is moved or changed.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.customers.intake.folder import Delivery, list_deliveries, read_day, wait_until_whole
from app.customers.intake.sources import Source, list_sources
from app.db import fetch_all, fetch_one
from app.db.connection import WORKER
from app.jobs.attempt import run_job
from app.jobs.ledger import create_job
from app.jobs.queue import defer_job
from app.jobs.running import Running
from app.settings import Settings

# What a child's report tells of its file here; the whole report is the import's own.
TOLD = ("import_id", "rows", "kept", "new", "changed", "same", "vanished", "returned", "left_out", "warned")
WORDS = {
    "waiting": ("文件还没有传完，下次再导入", "the file is not complete yet; it is left to the next run"),
    "overtaken": (
        "同一来源更新日期的文件已导入，本文件已跳过；确需导入请单独执行 getu import customers",
        "a file of a later day has come in from this source; import this one by hand if it must be",
    ),
    "two_sources": (
        "文件名符合不止一个来源系统的样式，请修改样式",
        "the patterns of more than one source name this file; make them differ",
    ),
    "gone": ("文件在读取前被移走", "the file was taken away before it was read"),
}


@dataclass(frozen=True)
class Landed:
    """What of a source has come in: hashes by file name, and the newest day."""

    files: dict[str, set[str]]
    newest: date | None


def import_folder(run: Running) -> dict[str, Any]:
    """args: path, tables (those of sources' origins, too), dry_run, wait_s.

    Returns `files`, one entry each, and how many of each status.
    """
    with run.step() as session:
        sources = {one.code: one for one in list_sources(session) if one.active}
    patterns = [(code, one.file_pattern) for code, one in sources.items() if one.file_pattern]
    folder = run.args.get("path")
    deliveries, strangers = list_deliveries(Path(folder), patterns) if folder else ([], [])
    told: list[dict[str, Any]] = list(run.checkpoint.get("files", []))
    done = {entry["name"] for entry in told}
    for delivery in deliveries:
        if delivery.path.name in done:
            continue
        told.append({"name": delivery.path.name, **_take(run, delivery, sources)})
        with run.step():
            run.mark("folder", len(told), len(deliveries), checkpoint={"files": told})
    for code in [code for code, one in sources.items() if one.origin and run.args.get("tables")]:
        name = f"{code} table"
        if name not in done:
            args = {"source": code, "origin": True, "file_name": name, "day": run.args.get("day")}
            told.append({"name": name, "source": code, "day": None, **_import(run, args)})
            with run.step():
                run.mark("folder", len(told), len(told), checkpoint={"files": told})
    return _sum_up(told, strangers)


def _take(run: Running, delivery: Delivery, sources: dict[str, Source]) -> dict[str, Any]:
    """What became of a file."""
    entry = {"source": delivery.sources[0], "day": delivery.day.isoformat() if delivery.day else None}
    if len(delivery.sources) > 1:
        return {**entry, "source": None, **_tell("failed", "two_sources")}
    with run.step() as session:
        landed = _find_landed(session, sources[delivery.sources[0]])
    known = landed.files.get(delivery.path.name)
    if delivery.day and landed.newest and delivery.day < landed.newest:
        return {**entry, "status": "done"} if known else {**entry, **_tell("skipped", "overtaken")}
    wait_s = float(run.args.get("wait_s", run.settings.intake_patience.total_seconds()))
    quiet_s = run.settings.intake_quiet.total_seconds()
    if not wait_until_whole(delivery, quiet_s=quiet_s, patience_s=wait_s):
        return {**entry, **_tell("waiting", "waiting" if delivery.path.exists() else "gone")}
    if known and delivery.day and _hash(delivery.path) in known:
        return {**entry, "status": "done"}
    path = delivery.path
    args = {"path": str(path), "file_name": path.name, "source": delivery.sources[0]}
    return {**entry, **_import(run, args)}


def _import(run: Running, args: dict[str, Any]) -> dict[str, Any]:
    """A file or table by a job of its own, which a killed folder job finds again and goes on with."""
    if run.args.get("dry_run"):
        args["dry_run"] = True
    with run.database.transaction(WORKER) as session:
        job_id = create_job(session, "import_customers", args)
    job = run_job(run.database, run.settings, job_id, tell=run.tell)
    result, error = job["result"], job["error"]
    if error or not result:
        said = error or {"code": job["status"], "zh": "任务没有完成", "en": "the job was not finished"}
        told = {key: said[key] for key in ("code", "zh", "en")}
        return {"status": "failed", "job": job_id, **told}
    status = "done" if result.get("repeated") else result["status"]
    return {"status": status, "job": job_id, **{key: result[key] for key in TOLD if key in result}}


def _find_landed(session: Session, source: Source) -> Landed:
    files: dict[str, set[str]] = {}
    for row in fetch_all(session, "jobs/list_landed", source=source.code):
        files.setdefault(row["file_name"], set()).add(row["sha256"])
    days = [day for name in files if (day := read_day(name, str(source.file_pattern)))]
    return Landed(files, max(days, default=None))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(status: str, code: str) -> dict[str, Any]:
    zh, en = WORDS[code]
    return {"status": status, "code": code, "zh": zh, "en": en}


def _sum_up(files: list[dict[str, Any]], strangers: list[str]) -> dict[str, Any]:
    counts = Counter(entry["status"] for entry in files)
    wrong = counts["failed"] + counts["waiting"]
    status = "imported" if not wrong else "incomplete"
    return {"status": status, "files": files, "counts": dict(sorted(counts.items())), "unknown": strangers}


def start_nightly(session: Session, settings: Settings, now: datetime) -> int | None:
    """Start the night's job of this day once its hour has come; None when it is not due or was started.

    There is one when a folder is set or a source has the table of another database for its origin.
    """
    folder, tables = settings.intake_folder, any(one.origin for one in list_sources(session) if one.active)
    if now.time() < settings.intake_at or not (folder or tables):
        return None
    day = now.date().isoformat()
    if fetch_one(session, "jobs/find_folder_job", day=day) is not None:
        return None
    args = {"path": str(folder) if folder else None, "tables": tables, "day": day}
    job_id = create_job(session, "import_folder", args)
    defer_job(session, job_id)
    return job_id
