"""Delivery of jobs to workers: procrastinate on the bank's own PostgreSQL, no second server.

Only a job's number travels. Deferring happens on the session's own connection, so a job exists if and
only if the request that made it was committed.
"""

from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.db.copying import raw
from app.db.lines import dress

if TYPE_CHECKING:
    import procrastinate

QUEUE = "stories"
TASK = "run_job"
# A worker that has not been heard of for this long is taken for dead; it speaks every second.
HEARTBEAT_S = 1.0
STALLED_S = 4.0


def defer_job(session: Session, job_id: int) -> None:
    """Put a job's number on the queue, in the session's transaction."""
    cursor = raw(session).cursor()
    cursor.execute(
        "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(%s, %s, 0, NULL, NULL, %s, NULL)"
        "::procrastinate_job_to_defer_v1])",
        (QUEUE, TASK, f'{{"job_id": {int(job_id)}}}'),
    )


def connector_options(url: str) -> dict[str, object]:
    """psycopg connection options for the worker's own connections: the worker role from the start."""
    parsed = make_url(url)
    options: dict[str, object] = {"options": dress(url, role="getu_work"), "dbname": parsed.database}
    if parsed.username:
        options["user"] = parsed.username
    if parsed.password:
        options["password"] = str(parsed.password)
    host = parsed.host or parsed.query.get("host")
    port = parsed.port or parsed.query.get("port")
    return {**options, **({"host": host} if host else {}), **({"port": port} if port else {})}


def open_queue(url: str) -> "procrastinate.App":
    """A procrastinate app on the bank's database, without tasks yet."""
    # Only a worker takes jobs off the queue; whoever puts one on it does not wait for the library.
    import procrastinate

    connector = procrastinate.PsycopgConnector(min_size=1, max_size=4, kwargs=connector_options(url))
    return procrastinate.App(connector=connector)
