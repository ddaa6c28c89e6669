"""Seats at the drawing board: so many tiles are drawn at once, the rest wait a little, then hear a clear no.

A page that is refused asks again after the seconds it is told; the database never has more to do than it can.
"""

import asyncio
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

from app.errors import NotReady

T = TypeVar("T")
SEATS = 6
MOST_WAITING = 400
PATIENCE_S = 4.0
AGAIN_AFTER_S = 2


def refuse_busy() -> NotReady:
    """The error for a tile that found no seat."""
    return NotReady(
        "tiles_busy",
        zh="同时出图的人太多，页面会自动重试",
        en="too many maps are being drawn; the page asks again by itself",
        retry_after_s=AGAIN_AFTER_S,
    )


class Seats(Generic[T]):
    """Threads that draw; who asks for what is being drawn already waits for that."""

    def __init__(
        self, seats: int = SEATS, *, waiting: int = MOST_WAITING, patience_s: float = PATIENCE_S
    ) -> None:
        self._threads = ThreadPoolExecutor(seats, thread_name_prefix="tile")
        self._most = seats + waiting
        self._patience_s = patience_s
        self._drawing: dict[Hashable, Future[T]] = {}
        self._lock = threading.Lock()

    async def draw(self, key: Hashable, work: Callable[[], T]) -> T:
        """What `work` returns, done in a seat, once for all who ask for the same key meanwhile.

        Raises NotReady `tiles_busy` where too many wait, or the wait grows too long; and what `work` raises.
        """
        drawing = self._take(key, work)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(drawing)), self._patience_s)
        except TimeoutError:
            # What nobody has begun is begun for nobody; what is being drawn is kept for who asks next.
            drawing.cancel()
            raise refuse_busy() from None
        except asyncio.CancelledError:
            if drawing.cancelled():
                raise refuse_busy() from None
            raise

    def _take(self, key: Hashable, work: Callable[[], T]) -> Future[T]:
        with self._lock:
            known = self._drawing.get(key)
            if known is not None:
                return known
            if len(self._drawing) >= self._most:
                raise refuse_busy()
            drawing = self._threads.submit(work)
            self._drawing[key] = drawing
        drawing.add_done_callback(lambda _done: self._leave(key))
        return drawing

    def _leave(self, key: Hashable) -> None:
        with self._lock, suppress(KeyError):
            del self._drawing[key]

    def close(self) -> None:
        """No more is drawn."""
        self._threads.shutdown(wait=False, cancel_futures=True)
