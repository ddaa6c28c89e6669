"""The stories of the import desk: a boundary file taken, tried again with answers, loaded, taken back."""

from pathlib import Path
from typing import Any

from app.db.connection import WORKER
from app.errors import GetuError, NotReady
from app.jobs.ledger import Fenced, tell_progress
from app.jobs.running import Running
from app.models import ImportRun
from app.territory import boundaries


def import_boundaries(run: Running) -> dict[str, Any]:
    """args: import_id and seen (a kept file), or path; file_name and the fields of `ImportOptions`.

    The import's report. A kept file's row tells the same report whatever becomes of it.
    """
    if "import_id" in run.args:
        return _try_kept(run, int(run.args["import_id"]))
    with run.step() as session:
        report = boundaries.import_boundaries(
            session,
            Path(run.args["path"]),
            options=_read_options(run.args),
            user_id=run.user_id,
            on_progress=run.tell,
        )
        if report.import_id is not None:
            _keep(run, boundaries.find_run(session, report.import_id))
        run.mark("imported", report.features, report.features)
    return report.as_json()


def undo_import(run: Running) -> dict[str, Any]:
    """args: import_id, seen. How many units went and how many stand again."""
    import_id = int(run.args["import_id"])
    if "undone" not in run.checkpoint:
        with run.step() as session:
            boundaries.lock_run(session, import_id, seen=run.args["seen"])
            gone = boundaries.undo_import(session, import_id)
            run.mark("undone", gone, gone, checkpoint={"undone": gone})
    return {"import_id": import_id, "status": "undone", "removed": run.checkpoint["undone"]}


def _read_options(args: dict[str, Any]) -> boundaries.ImportOptions:
    known = boundaries.ImportOptions.__dataclass_fields__
    return boundaries.ImportOptions(**{key: args[key] for key in known if args.get(key) is not None})


def _try_kept(run: Running, import_id: int) -> dict[str, Any]:
    """A try of a kept file; one that had landed before its worker was killed is only told again."""
    if "import_id" in run.checkpoint:
        with run.database.transaction(WORKER) as session:
            return _told(boundaries.find_run(session, int(run.checkpoint["import_id"])))
    try:
        with run.step() as session:
            row = boundaries.lock_run(session, import_id, seen=run.args["seen"])
            path = boundaries.find_kept(run.settings.files, row.file_path)
            report = boundaries.try_import(
                session,
                row,
                path,
                options=_read_options(run.args),
                on_progress=lambda *told: _tell(run, *told),
            )
            run.mark("imported", report.features, report.features, checkpoint={"import_id": report.import_id})
    except (Fenced, NotReady):
        # Another attempt goes on, or this one will be made again: the import is not over.
        raise
    except Exception as error:
        _give_up(run, import_id, error)
        raise
    return report.as_json()


def _told(row: ImportRun) -> dict[str, Any]:
    return {key: value for key, value in row.report.items() if key != "replaced"}


def _tell(run: Running, stage: str, done: int, total: int) -> None:
    """Progress that a page can see while the try's own transaction is open; stops a cancelled one."""
    with run.database.transaction(WORKER) as session:
        tell_progress(session, run.job_id, run.attempt, {"stage": stage, "done": done, "total": total})
    run.tell(stage, done, total)


def _give_up(run: Running, import_id: int, error: Exception) -> None:
    """A first try that failed leaves its reason in the row; a later try leaves the row as it was."""
    known = error if isinstance(error, GetuError) else None
    with run.database.transaction(WORKER) as session:
        boundaries.fail_run(session, import_id, known)


def _keep(run: Running, row: ImportRun) -> None:
    """A file that came by the command line is kept like an upload, so that it can be looked at later."""
    if row.file_path is None:
        files = run.settings.files
        row.file_path = boundaries.relative_to_files(
            files, boundaries.keep_path(files, Path(run.args["path"]))
        )
