"""What most commands need first: settings, the open database, and whose rights they run under.

The command line is run by whoever may read the home's keys; it acts as the worker, and every command that
reads customers writes its audit row all the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.cli.logging import log_json
from app.cli.telling import progress
from app.db import Database
from app.db.bank import open_bank
from app.db.connection import WORKER
from app.errors import BadInput, GetuError
from app.jobs import run_now
from app.settings import Settings, read_settings


@dataclass(frozen=True)
class Bank:
    """An opened bank."""

    settings: Settings
    database: Database

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A transaction of the worker."""
        with self.database.transaction(WORKER) as session:
            yield session

    def tell(self, kind: str, title: str, args: dict[str, Any]) -> dict[str, Any]:
        """Run a story here and now with a progress bar; its result, or its error raised again."""
        with progress(title) as bar:
            job = run_now(self.database, self.settings, kind, args, tell=bar)
        if job["status"] != "done":
            error = dict(
                job["error"] or {"code": "not_done", "zh": "任务没有完成", "en": "the job did not finish"}
            )
            code = error.pop("code")
            # A program error leaves with 3; everything else a person asked wrongly or sent wrongly, with 2.
            told = GetuError if code in ("unexpected", "not_done") else BadInput
            raise told(code, zh=error.pop("zh"), en=error.pop("en"), **error)
        return dict(job["result"] or {})


@contextmanager
def bank() -> Iterator[Bank]:
    """The bank of this environment (GETU_HOME, DATABASE_URL), open for one command."""
    # Without it an unexpected error would print local variables, and with them customers.
    log_json()
    settings = read_settings()
    database = open_bank(settings)
    try:
        yield Bank(settings, database)
    finally:
        database.close()
