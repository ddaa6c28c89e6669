"""The table that a job is given: a file, or the table of another database that the job's source names."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.access import open_vault
from app.customers.intake import Source
from app.customers.intake.tables import SourceTable, TableOrigin, open_table, read_origin
from app.errors import NotReady
from app.jobs.ledger import Fenced
from app.jobs.room import find_no_room
from app.jobs.running import Running
from app.spatial.formats.layer import Limits


@contextmanager
def given_table(run: Running, source: Source) -> Iterator[SourceTable]:
    """args: path (and sheet, of a workbook), or origin: true for the table that the source says.

    The copy of a foreign table lies beside the imports while the job lasts, so that an attempt after a kill
    goes on in the same snapshot; once the job is over, well or badly, it goes. Raises as `open_table`.
    """
    if not run.args.get("origin"):
        sheet = str(run.args.get("sheet", ""))
        yield open_table(Path(run.args["path"]), sheet=sheet, limits=Limits.of(run.settings))
        return
    origin = _find_origin(run, source)
    try:
        yield _copy(origin)
    except (Fenced, NotReady):
        raise
    except BaseException:
        origin.spool.unlink(missing_ok=True)
        raise
    origin.spool.unlink(missing_ok=True)


def _copy(origin: TableOrigin) -> SourceTable:
    """The copied table. Raises NotReady when our disk is full: its job waits, as one that lands does."""
    try:
        return open_table(origin)
    except OSError as error:
        raise find_no_room(error) or error from error


def _find_origin(run: Running, source: Source) -> TableOrigin:
    spool = run.settings.files / "imports" / f"table-{run.job_id}.csv"
    return read_origin(source.origin, source.code, spool, open_vault(run.settings.keys))
