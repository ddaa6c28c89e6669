"""Attempts at a job that end with kill -9 the moment they tell a stage, each a process of its own.

`python -m tests.faults.dying` loads the program once and forks an attempt for each line it reads: a JSON
array of home, address of the database, job, stage, rows (at least so many are done). Without a stage it goes
on to the end. With `limit=BYTES` no file of the attempt may grow beyond that. It answers with two lines: the
attempt's process id at once, and how it ended.
"""

import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path

from app.db import connect
from app.errors import NotReady
from app.jobs import run_job
from app.settings import Settings


def main() -> None:
    """Attempts as they are asked for, one after another, until nobody asks any more."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            # At its end an attempt puts nothing in order: that is for whoever forked it.
            code = 1
            try:
                code = attempt(json.loads(line))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def attempt(arguments: list[str]) -> int:
    """Attempt; exit code 3 when the job is to be tried again."""
    home, address, job_id, stage, rows, *limits = arguments

    def tell(told: str, done: int, total: int) -> None:
        if told == stage and done >= int(rows):
            os.kill(os.getpid(), signal.SIGKILL)

    for limit in limits:
        most = int(limit.removeprefix("limit="))
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    settings = Settings(home=Path(home), cluster_profile="test", import_processes=1)
    try:
        run_job(connect(address), settings, int(job_id), tell=tell)
    except NotReady as error:
        print(error.code, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    main()
