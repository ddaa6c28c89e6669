"""One attempt at a job that ends with kill -9 the moment it tells a stage: `python -m tests.faults.dying …`.

arguments: home, address of the database, job, stage, rows (at least so many are done). Without a stage it
goes on to the end. With `limit=BYTES` no file of this process may grow beyond that.
"""

import os
import resource
import signal
import sys
from pathlib import Path

from app.db import connect
from app.errors import NotReady
from app.jobs import run_job
from app.settings import Settings


def main() -> int:
    """Attempt; exit code 3 when the job is to be tried again."""
    home, address, job_id, stage, rows = sys.argv[1:6]

    def tell(told: str, done: int, total: int) -> None:
        if told == stage and done >= int(rows):
            os.kill(os.getpid(), signal.SIGKILL)

    if len(sys.argv) > 6:
        most = int(sys.argv[6].removeprefix("limit="))
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    settings = Settings(home=Path(home), cluster_profile="test", import_processes=1)
    try:
        run_job(connect(address), settings, int(job_id), tell=tell)
    except NotReady as error:
        print(error.code, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
