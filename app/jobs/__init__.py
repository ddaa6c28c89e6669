"""Long stories and their order: what runs in chunks, survives a kill, and shows its progress.

`STORIES` is the tuple of kinds. A job's row (`ledger`) is the truth: its checkpoint and progress are
written in the same transaction as the chunk they tell of, fenced by the attempt. procrastinate only
delivers the job's number to a worker (`queue`, `worker`).
"""

from app.jobs.attempt import run_job, run_now
from app.jobs.ledger import ask_cancel, create_job, find_job, find_live_job, list_jobs, show_job
from app.jobs.queue import defer_job
from app.jobs.running import Running
from app.jobs.stories import STORIES, Story, find_story

__all__ = [
    "STORIES",
    "Running",
    "Story",
    "ask_cancel",
    "create_job",
    "defer_job",
    "find_job",
    "find_live_job",
    "find_story",
    "list_jobs",
    "run_job",
    "run_now",
    "show_job",
]
