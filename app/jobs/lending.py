"""The story of a file of lending checks: answered in chunks that land with their checkpoint."""

import uuid
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.access.signing_in import person_of
from app.customers import lending
from app.customers.batch import go_on
from app.customers.lending.files import QuestionFile, open_questions, write_answers
from app.db import Viewer
from app.errors import GetuError, NotReady
from app.jobs.ledger import Fenced
from app.jobs.running import Running
from app.models import AppUser

FOLDER = "lending"


def result_path(files: Path, job_id: int) -> Path:
    """Where the answers of an uploaded file lie: under a number of ours, never under its name."""
    return files / FOLDER / f"{job_id}.csv"


def check_lending(run: Running) -> dict[str, Any]:
    """args: path, file_name, branch, on, out (else a file of the job's own). The counts of the answers.

    Each question is asked in the name and the sight of who sent the file; a killed attempt goes on behind the
    last chunk that landed.
    """
    file = open_questions(Path(run.args["path"]))
    out = _find_out(run)
    aside = out.with_name(f".{out.name}.part")
    done = _read_mark(run, file)
    try:
        _answer_all(run, file, aside, done)
    except (Fenced, NotReady):
        # Another attempt goes on from here.
        raise
    except Exception:
        aside.unlink(missing_ok=True)
        raise
    if not done["bytes"]:
        aside.write_bytes(write_answers([], heading=True))
    aside.replace(out)
    told = {"out": str(out)} if run.args.get("out") else {}
    return {**told, "rows": done["rows"], "counts": done["counts"], "batch": done["batch"]}


def _answer_all(run: Running, file: QuestionFile, aside: Path, done: dict[str, Any]) -> None:
    day = lending.read_day(run.args.get("on"))
    branch = run.args.get("branch")
    with go_on(aside, done["bytes"]) as lines:
        for rows in file.read(branch=branch, on=day, after=done["after"]):
            with run.step() as session:
                asks = [ask for _, _, ask in rows]
                batch = uuid.UUID(done["batch"])
                found = lending.check_many(session, asks, batch=batch, viewer=_find_viewer(session, run))
                told = [(n, ref, answer) for (n, ref, _), answer in zip(rows, found, strict=True)]
                lines.write(write_answers(told, heading=not done["rows"]))
                lines.flush()
                for answer in found:
                    key = "error" if isinstance(answer, GetuError) else answer["answer"]
                    done["counts"][key] = done["counts"].get(key, 0) + 1
                done |= {"rows": done["rows"] + len(rows), "bytes": lines.tell()}
                done["after"] = rows[-1][0] if rows else done["after"]
                run.mark("check", done["rows"], file.table.rows, checkpoint={"lending": done})


def _read_mark(run: Running, file: QuestionFile) -> dict[str, Any]:
    """Where the attempt before left off with this very file, else the beginning."""
    kept: dict[str, Any] = run.checkpoint.get("lending") or {}
    if kept.get("identity") == file.table.identity:
        return {**kept, "counts": dict(kept["counts"])}
    fresh: dict[str, Any] = {"identity": file.table.identity, "batch": str(uuid.uuid4())}
    return {**fresh, "after": 1, "rows": 0, "bytes": 0, "counts": {}}


def _find_viewer(session: Session, run: Running) -> Viewer | None:
    """In whose sight the questions are asked; the command line's is the bank's own."""
    user = None if run.user_id is None else session.get(AppUser, run.user_id)
    return None if user is None else person_of(user).viewer


def _find_out(run: Running) -> Path:
    if run.args.get("out"):
        return Path(run.args["out"]).absolute()
    path = result_path(run.settings.files, run.job_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
