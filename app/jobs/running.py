"""One attempt at a job: steps, each one transaction that carries a chunk, its checkpoint and its progress."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.db import Database
from app.db.connection import WORKER
from app.jobs.ledger import fence, save_progress
from app.settings import Settings

Teller = Callable[[str, int, int], None]


@dataclass
class Running:
    """What a story gets to work with: its arguments, where it left off, and steps that land or do not."""

    job_id: int
    attempt: int
    args: dict[str, Any]
    checkpoint: dict[str, Any]
    user_id: int | None
    database: Database
    settings: Settings
    tell: Teller = lambda stage, done, total: None
    _marks: dict[str, Any] = field(default_factory=dict)
    _pace: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def step(self) -> Iterator[Session]:
        """A transaction of the worker; it lands only if this attempt still holds the job.

        What was given to `mark` inside lands with it, and nothing without it.
        """
        self._marks = {}
        with self.database.transaction(WORKER) as session:
            yield session
            fence(session, self.job_id, self.attempt)
            if self._marks:
                save_progress(session, self.job_id, self._marks)
        if "checkpoint" in self._marks:
            self.checkpoint = {
                key: value for key, value in self._marks["checkpoint"].items() if key != "pace"
            }
        if {"stage", "done", "total"} & self._marks.keys():
            self.tell(self._marks.get("stage", ""), self._marks.get("done", 0), self._marks.get("total", 0))

    def mark(
        self, stage: str, done: int = 0, total: int = 0, *, checkpoint: dict[str, Any] | None = None
    ) -> None:
        """What the step's transaction will say of the job's progress."""
        self._marks = {"stage": stage, "done": done, "total": total}
        if checkpoint is not None:
            # Since when this attempt counts, and from what: how fast it is can be told from the job's row.
            self._pace = self._pace or {"attempt": self.attempt, "since": time.time(), "from": done}
            self._marks["checkpoint"] = {**checkpoint, "pace": self._pace}
