"""`getu work`: takes jobs off the queue, and rescues those whose worker died.

procrastinate does not retry a stalled job by itself, so the worker asks for stalled ones every second
and puts them back; the attempt fence (`ledger`) keeps a zombie from landing anything.
"""

import asyncio
import signal
from collections.abc import Awaitable
from contextlib import suppress
from typing import cast

import procrastinate
import psycopg
import structlog
from procrastinate import RetryStrategy
from procrastinate.exceptions import ConnectorException

from app import clock
from app.db import Database, fetch_value
from app.db.connection import WORKER
from app.errors import NotReady
from app.jobs.attempt import run_job
from app.jobs.folder import start_nightly
from app.jobs.placing import sweep_results
from app.jobs.queue import HEARTBEAT_S, QUEUE, STALLED_S, TASK, open_queue
from app.jobs.turning import turn_plans
from app.settings import Settings
from app.territory.boundaries import sweep_uploads

log = structlog.get_logger()
SEAL_EVERY_S = 60
SWEEP_EVERY_S = 3600
TURN_EVERY_S = 60
RECONNECT_S = 1.0


def work(database: Database, settings: Settings) -> None:
    """Run until told to stop (SIGTERM or SIGINT): the job in hand is finished first."""
    asyncio.run(_work(database, settings))


async def _work(database: Database, settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await _serve_queue(database, settings, stop)
        except (ConnectorException, psycopg.Error, NotReady) as lost:
            # A restart of the database is no reason to leave: nobody might start this worker again.
            log.warning("database_lost", kind=type(lost).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=RECONNECT_S)


async def _serve_queue(database: Database, settings: Settings, stop: asyncio.Event) -> None:
    """Serve the queue until told to stop; raises what ended it when that is an error."""
    app = open_queue(database.url)
    _add_task(app, database, settings)
    async with app.open_async():
        tasks = [
            asyncio.create_task(_run_queue(app)),
            asyncio.create_task(_rescue(app)),
            asyncio.create_task(_seal_audit(database)),
            asyncio.create_task(_sweep(database, settings)),
            asyncio.create_task(_turn(database)),
            asyncio.create_task(_read_folder(database, settings)),
        ]
        waiter = asyncio.create_task(stop.wait())
        await asyncio.wait([waiter, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in [waiter, *tasks]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, Exception):
            raise outcome


def _add_task(app: procrastinate.App, database: Database, settings: Settings) -> None:
    """The one task: run our job of this number. A lost database is tried again, a bug is not."""
    retry = RetryStrategy(max_attempts=30, wait=2, retry_exceptions=[NotReady])

    @app.task(name=TASK, queue=QUEUE, retry=retry)
    def run(job_id: int) -> None:
        run_job(database, settings, job_id)


async def _run_queue(app: procrastinate.App) -> None:
    await app.run_worker_async(
        queues=[QUEUE],
        concurrency=1,
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT_S,
        stalled_worker_timeout=STALLED_S,
        fetch_job_polling_interval=1.0,
        shutdown_graceful_timeout=600,
    )


async def _rescue(app: procrastinate.App) -> None:
    """Every second: jobs whose worker has been silent for too long go back on the queue."""
    while True:
        stalled = await cast(
            "Awaitable[list[procrastinate.jobs.Job]]",
            app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S),
        )
        for job in stalled:
            log.warning("job_rescued", queue_job=job.id, args=job.task_kwargs)
            await app.job_manager.retry_job(job)
        await asyncio.sleep(1)


async def _seal_audit(database: Database) -> None:
    """Every minute: the audit rows since the last seal are chained."""
    while True:
        await asyncio.to_thread(seal_audit, database)
        await asyncio.sleep(SEAL_EVERY_S)


async def _sweep(database: Database, settings: Settings) -> None:
    """Every hour: uploads that nobody came back for go."""
    while True:
        await asyncio.to_thread(sweep, database, settings)
        await asyncio.sleep(SWEEP_EVERY_S)


async def _read_folder(database: Database, settings: Settings) -> None:
    """Every minute: is it time for the nightly files and tables?"""
    while True:
        await asyncio.to_thread(begin_night, database, settings)
        await asyncio.sleep(TURN_EVERY_S)


async def _turn(database: Database) -> None:
    """Every minute: customers follow the plan of the day."""
    while True:
        await asyncio.to_thread(turn, database)
        await asyncio.sleep(TURN_EVERY_S)


def turn(database: Database) -> int | None:
    """See that customers stand in the plan of today; the job that was started, if any."""
    with database.transaction(WORKER) as session:
        return turn_plans(session)


def begin_night(database: Database, settings: Settings) -> int | None:
    """Start today's reading of nightly files and tables when it is time; its job, if one was started."""
    with database.transaction(WORKER) as session:
        return start_nightly(session, settings, clock.now())


def sweep(database: Database, settings: Settings) -> int:
    """Sweep old uploads and the results of files of addresses away now; returns how many went."""
    days = settings.keep_uploads_days
    with database.transaction(WORKER) as session:
        return sweep_uploads(session, settings.files, days=days) + sweep_results(settings.files, days=days)


def seal_audit(database: Database) -> int:
    """Seal the audit up to now; returns how many rows were sealed."""
    with database.transaction(WORKER) as session:
        return int(fetch_value(session, "jobs/seal_audit"))
