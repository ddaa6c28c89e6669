"""The stories of the import desk: a boundary file taken, tried again with answers, loaded, taken back."""

from pathlib import Path
from typing import Any

import shapely
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import fetch_one, run_statement
from app.db.connection import WORKER
from app.errors import GetuError, NotReady
from app.jobs.ledger import Fenced, tell_progress
from app.jobs.running import Running
from app.models import ImportRun
from app.spatial.formats import Limits
from app.territory import boundaries

COUNT_LIMIT_MS = 8000
UNCOUNTED: dict[str, Any] = {"customers": None, "grids": None, "managers": None, "balance_yuan": None}


def import_boundaries(run: Running) -> dict[str, Any]:
    """args: import_id and seen (a kept file), or path; file_name and the fields of `ImportOptions`.

    The import's report. A kept file's row tells the same report whatever becomes of it; a file of the
    command line has a row only when it was stored.
    """
    if "import_id" in run.args:
        return _try_kept(run, int(run.args["import_id"]))
    path, options = Path(run.args["path"]), read_options(run)
    with run.step() as session:
        report = boundaries.find_former(session, path, options)
        if report is None:
            taken = _take(run, session, path, options)
            report = taken.report
            if taken.units and not options.dry_run:
                row = boundaries.open_run(session, path, options, user_id=run.user_id)
                row.file_path = _keep(run, path)
                _land(run, session, row, taken, options)
        run.mark("imported", report.features, report.features)
    return show_result(report)


def undo_import(run: Running) -> dict[str, Any]:
    """args: import_id, seen. How many units went, how many stand again, how many grids were made of them."""
    import_id = int(run.args["import_id"])
    if "undone" not in run.checkpoint:
        with run.step() as session:
            boundaries.lock_run(session, import_id, seen=run.args["seen"])
            undone = boundaries.undo_import(session, import_id)
            run.mark("undone", undone.removed, undone.removed, checkpoint={"undone": undone.as_json()})
    return dict(run.checkpoint["undone"])


def read_options(run: Running) -> boundaries.ImportOptions:
    """The options of an import out of a job's arguments, and the limits that this bank has set."""
    known = set(boundaries.ImportOptions.__dataclass_fields__) - {"limits"}
    told = {key: run.args[key] for key in known if run.args.get(key) is not None}
    return boundaries.ImportOptions(**told, limits=Limits.of(run.settings))


def show_result(report: boundaries.ImportReport) -> dict[str, Any]:
    """A report as a job tells it: balances are told by the import alone, to those who see customers."""
    told = report.as_json()
    if told["preview"] is not None:
        told["preview"] = {key: value for key, value in told["preview"].items() if key != "balance_yuan"}
    return told


def _try_kept(run: Running, import_id: int) -> dict[str, Any]:
    """A try of a kept file; one that had landed before its worker was killed is only told again."""
    if "import_id" in run.checkpoint:
        with run.database.transaction(WORKER) as session:
            row = boundaries.find_run(session, int(run.checkpoint["import_id"]))
            return show_result(boundaries.read_report(row.report))
    try:
        with run.step() as session:
            row = boundaries.lock_run(session, import_id, seen=run.args["seen"])
            report = _try_row(run, session, row)
            run.mark("imported", report.features, report.features, checkpoint={"import_id": report.import_id})
    except (Fenced, NotReady):
        # Another attempt goes on, or this one will be made again: the import is not over.
        raise
    except Exception as error:
        _give_up(run, import_id, error)
        raise
    return show_result(report)


def _try_row(run: Running, session: Session, row: ImportRun) -> boundaries.ImportReport:
    """Take the kept file once more. When it is in already, that import is the answer and this row goes; one
    that was loaded and taken back stays in the list as it is."""
    path, options = boundaries.find_kept(run.settings.files, row.file_path), read_options(run)
    former = boundaries.find_former(session, path, options)
    if former is not None:
        if row.status != "undone":
            session.delete(row)
            session.flush()
        return former
    taken = _take(run, session, path, options)
    _land(run, session, row, taken, options)
    return taken.report


def _take(run: Running, session: Session, path: Path, options: boundaries.ImportOptions) -> boundaries.Taken:
    """Read and compare a file, and count whom a load would touch: ground does not know customers, we do."""
    taken = boundaries.take_file(session, path, options, on_progress=lambda *told: _tell(run, *told))
    if taken.preview is not None and taken.report.preview is not None:
        taken.report.preview.update(count_moved(session, taken.preview.moved))
    return taken


def count_moved(session: Session, pieces: list[Any]) -> dict[str, Any]:
    """Customers, grids, managers and balance on pieces of ground (EPSG:4326); None with the reason when it
    takes too long."""
    if not pieces:
        return {"customers": 0, "grids": 0, "managers": 0, "balance_yuan": 0.0, "customers_skipped": None}
    parts = [shapely.to_wkb(piece) for piece in pieces]
    try:
        with session.begin_nested():
            run_statement(session, "jobs/limit_statement", limit=str(COUNT_LIMIT_MS))
            row = fetch_one(session, "jobs/count_moved_customers", pieces=parts) or UNCOUNTED
            run_statement(session, "jobs/limit_statement", limit="0")
    except OperationalError:
        why = "涉及面积过大，未逐户统计 / too much ground changes to count its customers"
        return {**UNCOUNTED, "customers_skipped": why}
    return {**row, "balance_yuan": float(row["balance_yuan"]), "customers_skipped": None}


def _land(
    run: Running,
    session: Session,
    row: ImportRun,
    taken: boundaries.Taken,
    options: boundaries.ImportOptions,
) -> None:
    boundaries.land_file(session, row, taken, options=options, on_progress=lambda *told: _tell(run, *told))
    boundaries.keep_picture(run.settings.files, row.id, taken.report)


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


def _keep(run: Running, path: Path) -> str:
    """A file that came by the command line is kept like an upload, so that it can be looked at later."""
    files = run.settings.files
    return boundaries.relative_to_files(files, boundaries.keep_path(files, path))
