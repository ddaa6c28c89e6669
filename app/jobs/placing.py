"""The stories of placing: a file of addresses, and the whole bank judged anew."""

from contextlib import closing
from pathlib import Path
from typing import Any

from app.customers import batch, places
from app.customers.address_file import open_addresses
from app.errors import NotReady
from app.jobs.ledger import Fenced
from app.jobs.running import Running

FOLDER = "geocoded"


def geocode_file(run: Running) -> dict[str, Any]:
    """args: path, file_name, out (else a file of the job's own under `files`). The batch's summary.

    A second attempt goes on behind the last chunk written, as long as file and matcher are the same.
    """
    file = open_addresses(Path(run.args["path"]))
    with run.step() as session:
        matcher, version = places.find_matcher(session), places.matcher_version(session)
    job = batch.Batch(file, _find_out(run), version)
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


def _find_out(run: Running) -> Path:
    if run.args.get("out"):
        return Path(run.args["out"])
    path = result_path(run.settings.files, run.job_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
