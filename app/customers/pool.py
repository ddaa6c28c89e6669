"""Work on chunks of rows in processes of their own: in order, a few in flight, and no row stops the run.

A process that dies (out of memory, a crash below Python) takes its chunk along: that chunk is tried once more
alone, then row by row, and the row that kills again is told as such. So is a row that takes too long.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import forkserver
from typing import Any

import structlog

from app.errors import GetuError, NotReady

log = structlog.get_logger()
# Of processor time, for a chunk and for a single row.
CHUNK_LIMIT_S = 120.0
ROW_LIMIT_S = 5.0
# A chunk of whose rows so many kill a process is no matter of a row any more.
MOST_CRASHES = 50
# Why a row was given up, in Chinese and English.
CRASHES = {
    "crashed": ("处理这一行时进程崩溃，已跳过", "the process died of this row; it was left out"),
    "failed": ("这一行无法处理，已跳过", "this row could not be worked on; it was left out"),
    "too_slow": ("处理这一行超时，已跳过", "this row took too long; it was left out"),
}
# What the process that others are forked from loads once, so that each begins at once.
LOADED = ("app.customers.intake.working", "app.customers.batch", "app.customers.review")
Chunk = Sequence[Any]


class TooSlow(Exception):
    """A chunk or a row took longer than its limit."""


def warm_up() -> None:
    """Start what processes are forked from, and return at once: it loads while its caller still prepares.

    It is a process of its own that has no threads and no connections, as ours has.
    """
    multiprocessing.set_forkserver_preload(list(LOADED))
    forkserver.ensure_running()


@dataclass(frozen=True)
class Crew:
    """Processes, each begun with `start(recipe)`, that turn chunks of rows into results by `work`.

    `give_up(row, reason)` is the result of a row that cannot be worked on (crashed, failed, too_slow), `join`
    makes one result of many. `rows` makes rows of a chunk that is no list, when it has failed; `work` takes a
    list of one, too. `start` and `work` are functions of a module: processes share nothing.
    """

    processes: int
    start: Callable[[Any], None]
    recipe: Any
    work: Callable[[Any], Any]
    give_up: Callable[[Any, str], Any]
    join: Callable[[list[Any]], Any]
    rows: Callable[[Any], Chunk] | None = None

    def work_all(self, chunks: Iterable[Any]) -> Generator[Any, None, None]:
        """Results in the order of the chunks, with only a few in flight: memory stays flat."""
        left, pool = iter(chunks), self._open(self.processes)
        try:
            waiting = deque((chunk, self._submit(pool, chunk)) for chunk in islice(left, self.processes + 1))
            while waiting:
                chunk, future = waiting.popleft()
                try:
                    done = future.result()
                except BrokenProcessPool:
                    pool = self._renew(pool, waiting)
                    done = self._work_alone(chunk)
                except Exception as error:
                    log.warning("chunk_failed", kind=type(error).__name__)
                    done = self._work_rows(chunk)
                for more in islice(left, 1):
                    waiting.append((more, self._submit(pool, more)))
                yield done
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _open(self, processes: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        warm_up()
        return ProcessPoolExecutor(
            processes, mp_context=context, initializer=_begin, initargs=(self.start, self.recipe)
        )

    def _submit(self, pool: ProcessPoolExecutor, chunk: Chunk, limit_s: float | None = None) -> Future[Any]:
        try:
            return pool.submit(_work_in_time, self.work, chunk, limit_s or CHUNK_LIMIT_S)
        except BrokenProcessPool as broken:
            failed: Future[Any] = Future()
            failed.set_exception(broken)
            return failed

    def _renew(
        self, pool: ProcessPoolExecutor, waiting: "deque[tuple[Chunk, Future[Any]]]"
    ) -> ProcessPoolExecutor:
        """New processes in place of a pool one of whose died; what it left undone is given to them."""
        log.warning("process_died", waiting=len(waiting))
        pool.shutdown(wait=True, cancel_futures=True)
        fresh = self._open(self.processes)
        for at, (chunk, future) in enumerate(waiting):
            if future.cancelled() or future.exception() is not None:
                waiting[at] = (chunk, self._submit(fresh, chunk))
        return fresh

    def _work_alone(self, chunk: Chunk) -> Any:
        """The chunk in a process of its own: the one that died may have died of another chunk."""
        with self._one() as pool, suppress(Exception):
            return self._submit(pool, chunk).result()
        return self._work_rows(chunk)

    def _work_rows(self, chunk: Chunk) -> Any:
        """The chunk row by row; what cannot be worked on is given up with its reason."""
        results: list[Any] = []
        crashes = 0
        chunk = self.rows(chunk) if self.rows else chunk
        while len(results) < len(chunk):
            with self._one() as pool:
                crashed = self._work_on(pool, chunk, results)
            crashes += crashed
            if crashes > MOST_CRASHES:
                raise GetuError(
                    "processes_die",
                    zh="处理进程反复崩溃，请检查内存后重试",
                    en="the working processes die again and again; check the memory",
                )
        return self.join(results)

    def _work_on(self, pool: ProcessPoolExecutor, chunk: Chunk, results: list[Any]) -> bool:
        """Add results row by row, until all are there or a row has killed the process (True)."""
        for row in chunk[len(results) :]:
            try:
                results.append(self._submit(pool, [row], ROW_LIMIT_S).result())
            except BrokenProcessPool:
                log.warning("row_crashed")
                results.append(self.give_up(row, "crashed"))
                return True
            except Exception as error:
                log.warning("row_failed", kind=type(error).__name__)
                results.append(self.give_up(row, "too_slow" if isinstance(error, TooSlow) else "failed"))
        return False

    @contextmanager
    def _one(self) -> Iterator[ProcessPoolExecutor]:
        """One new process that has begun well. Raises NotReady: then it is not the row that kills it."""
        pool = self._open(1)
        try:
            try:
                pool.submit(os.getpid).result()
            except BrokenProcessPool as broken:
                raise NotReady(
                    "no_processes",
                    zh="处理进程无法启动，请检查内存",
                    en="the working processes cannot start; check the memory",
                ) from broken
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(start: Callable[[Any], None], recipe: Any) -> None:
    """Begin a process: it ends with its parent, and an interrupt is its parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGVTALRM, _stop_slow)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    start(recipe)


def _leave_with_parent() -> None:
    """A pool's children would wait for ever on a parent that was killed with -9."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stop_slow(_number: int, _frame: Any) -> None:
    raise TooSlow


def _work_in_time(work: Callable[[Any], Any], chunk: Chunk, limit_s: float) -> Any:
    """The work on a chunk, or TooSlow: a regular expression that runs away is interrupted, too.

    The limit is one of processor time: on a busy machine a row is not slow because others are served first.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_s)
    try:
        return work(chunk)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
