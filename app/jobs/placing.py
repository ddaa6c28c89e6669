"""The stories of placing: a file of addresses, and the whole bank judged anew."""

import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.customers import assignment, batch, doubts, home, places, recounting, review
from app.customers.address_file import open_addresses
from app.db import fetch_one
from app.db.connection import WORKER
from app.errors import BadInput, Conflict, NotReady
from app.jobs.ledger import Fenced
from app.jobs.running import Running
from app.models import PlacementRun

FOLDER = "geocoded"


def geocode_file(run: Running) -> dict[str, Any]:
    """args: path, file_name, out (else a file of the job's own under `files`). The batch's summary.

    A second attempt goes on behind the last chunk written, as long as file and matcher are the same.
    """
    file = open_addresses(Path(run.args["path"]))
    with run.step() as session:
        matcher, version = places.find_matcher(session), places.matcher_version(session)
    matcher = home.settle_home(matcher, file)
    job = batch.Batch(file, _find_out(run), f"{version}|{matcher.home_county_code or ''}")
    mark = job.read_mark(run.checkpoint.get("mark") or {})
    crew = batch.call_matchers(matcher, run.settings.import_processes)
    try:
        with closing(batch.match_file(job, mark, crew)) as marks:
            for mark in marks:
                with run.step():
                    run.mark("match", mark.done, file.table.rows, checkpoint={"mark": mark.as_json()})
    except (Fenced, NotReady):
        # Another attempt goes on from here.
        raise
    except Exception:
        batch.drop_parts(job)
        raise
    summary = batch.finish_file(job, mark)
    # Where the service keeps its own files is told to nobody.
    told = {"out": str(job.out), "summary": str(job.summary)} if run.args.get("out") else {}
    return {**told, **summary}


def result_path(files: Path, job_id: int) -> Path:
    """Where the result of an uploaded file lies: under a number of ours, never under its name."""
    return files / FOLDER / f"{job_id}.csv"


def sweep_results(files: Path, *, days: int) -> int:
    """Remove results and half results older than `days` days; how many files went."""
    folders, before = [files / FOLDER, files / "lending"], time.time() - days * 86_400
    kept = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    old = [path for path in kept if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _find_out(run: Running) -> Path:
    if run.args.get("out"):
        return Path(run.args["out"])
    path = result_path(run.settings.files, run.job_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


@dataclass
class Pass:
    """How far a pass over the bank is: with which version, behind which customer, what waits aside."""

    version: str
    scope: str
    began: str
    after: int = 0
    bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def place_customers(run: Running) -> dict[str, Any]:
    """args: scope (changed, open, all), assign (true). Judge where customers live anew; what changed.

    `changed` does nothing when names, corrections and ground are those of the last whole pass. Decisions by
    hand stay. What changes waits in a file and lands in one transaction, with the assignment where it is
    wanted: readers see the bank before or after.
    """
    scope = str(run.args.get("scope") or "changed")
    if scope not in review.SCOPES:
        raise BadInput("bad_scope", zh=f"没有这种范围：{scope}", en=f"no such scope: {scope}")
    if "landed" in run.checkpoint:
        return dict(run.checkpoint["landed"])
    with run.step() as session:
        version = review.find_version(session)
        counts = review.count_customers(session)
        placer = doubts.read_placer(session)
        if scope == "changed" and review.is_placed(session, version):
            run.mark("unchanged", counts["customers"], counts["customers"])
            return {"status": "unchanged", "scope": scope, "version": version, **counts}
    done = _begin_pass(run, version, scope)
    path = _waiting_path(run)
    try:
        with closing(_judge_all(run, done, placer)) as marks:
            for _ in marks:
                with run.step():
                    asked = done.counts["read"]
                    run.mark(
                        "judge", asked, max(asked, _total(counts, scope)), checkpoint={"pass": asdict(done)}
                    )
        report = _land(run, done)
    except (Fenced, NotReady):
        # Another attempt goes on from here.
        raise
    except Exception:
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)
    return report


def _total(counts: dict[str, int], scope: str) -> int:
    """How many will be asked, as far as that is known before."""
    return 0 if scope == "open" else counts["customers"] - counts["decided"]


def _begin_pass(run: Running, version: str, scope: str) -> Pass:
    """Where the attempt before left off, or the beginning when what it judged with is no longer so."""
    fresh = Pass(version, scope, datetime.now(UTC).isoformat())
    kept = Pass(**run.checkpoint["pass"]) if "pass" in run.checkpoint else fresh
    path = _waiting_path(run)
    there = path.is_file() and path.stat().st_size >= kept.bytes
    return kept if (kept.version, kept.scope) == (version, scope) and (there or not kept.bytes) else fresh


def _waiting_path(run: Running) -> Path:
    """The file in which what a pass judged waits."""
    folder = run.settings.files / "placing"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{run.job_id}.part"


def _judge_all(run: Running, done: Pass, placer: doubts.Placer) -> Generator[None, None, None]:
    """Judge the customers behind the mark and let what changes wait; `done` tells of it after each chunk."""
    crew = review.call_judges(placer, run.settings.import_processes)
    with (
        batch.go_on(_waiting_path(run), done.bytes) as waiting,
        run.database.transaction(WORKER) as session,
        closing(review.read_customers(session, scope=done.scope, after=done.after)) as chunks,
        closing(crew.work_all(chunks)) as results,
    ):
        for reviewed in results:
            waiting.write(reviewed.lines)
            waiting.flush()
            done.after, done.bytes = reviewed.last_id, waiting.tell()
            done.counts = dict(Counter(done.counts) + Counter(reviewed.counts))
            yield


def _land(run: Running, done: Pass) -> dict[str, Any]:
    """What waits becomes so, all at once, and customers are assigned in the same transaction."""
    read = done.counts.get("read", 0)
    with run.step():
        run.mark("landing", read, read)
    with run.step() as session, _waiting_path(run).open("rb") as waiting:
        # First of all: a decision by hand takes it first, too; else each would wait for the other.
        assignment.take_turn(session)
        report = _sum_up(done, review.land_reviewed(session, waiting), review.count_customers(session))
        _keep_run(session, done, report)
        wanted = bool(run.args.get("assign", True)) and report["written"] > 0
        report["assignment"] = _assign(session) if wanted else None
        if report["written"] and report["assignment"] is None:
            recounting.recount(session)
        run.mark("landed", read, read, checkpoint={"landed": report})
    return report


def _sum_up(done: Pass, written: int, now: dict[str, int]) -> dict[str, Any]:
    """The pass as its report. Raises Conflict when its counts do not sum to the bank's customers."""
    counts = Counter(done.counts)
    not_asked = now["customers"] - counts["read"]
    if counts["same"] + counts["changed"] + counts["left"] != counts["read"] or not_asked < 0:
        raise Conflict(
            "counts_differ",
            zh="各项之和与客户总数不符，已全部撤回",
            en="the counts do not sum to the customers; nothing was stored",
        )
    return {
        "status": "placed",
        "scope": done.scope,
        "version": done.version,
        **now,
        "judged": counts["read"],
        "not_asked": not_asked,
        "written": written,
        "overtaken": counts["changed"] - written,
        "same": counts["same"],
        "left": counts["left"],
        "moved": counts["moved"],
        "rungs": _pick(counts, "rung:"),
        "open": _pick(counts, "open:"),
    }


def _pick(counts: "Counter[str]", head: str) -> dict[str, int]:
    return {key.removeprefix(head): n for key, n in sorted(counts.items()) if key.startswith(head)}


def _keep_run(session: Session, done: Pass, report: dict[str, Any]) -> None:
    """The pass is remembered with its version: the next one need not ask what this one asked."""
    run = PlacementRun(version=done.version, scope=done.scope, counts=dict(report))
    # The transaction's own time: the assignment made in it is not older.
    run.started_at, run.finished_at = datetime.fromisoformat(done.began), func.now()
    session.add(run)
    session.flush()


def _assign(session: Session) -> dict[str, Any] | None:
    """Every customer in his grid of the plan in force; None while there is no plan."""
    if fetch_one(session, "customers/find_plan", code=None) is None:
        return None
    return assignment.assign_customers(session)
