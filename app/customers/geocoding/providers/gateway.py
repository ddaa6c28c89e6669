"""The only way out of the bank: one GET at a time, under one deadline, with a small answer.

The deadline covers everything from the connection to the last byte, so a server that drips ends too. No
redirect is followed, no compression taken, no proxy of the environment used, and the address of a request,
which carries key and text, reaches no log and no error.
"""

import asyncio
import logging
import ssl
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from app.customers.geocoding.providers.replies import Fetched

T = TypeVar("T")
BODY_LIMIT_BYTES = 256 * 1024
# Of one step; what a request may take altogether is said with it.
LONGEST_S = 60.0
HEADERS = {"User-Agent": "getu", "Accept": "application/json", "Accept-Encoding": "identity"}
# It would write every address with its key at the level of information. A filter, since whoever sets logging
# up later (a server does) switches loggers that were disabled on again.
logging.getLogger("httpx").addFilter(lambda _record: False)


class Gateway:
    """Connections out, kept between requests; to be closed, best by `with`."""

    def __init__(self, *, proxy: str | None = None) -> None:
        # The system's own certificates: a bank adds its gateway's there.
        context = ssl.create_default_context()
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            proxy=proxy,
            verify=context,
            headers=HEADERS,
            timeout=LONGEST_S,
        )
        # A loop in a thread of its own: whoever asks may stand within a loop himself.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back."""
        self._run(self._client.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def fetch(self, url: str, *, timeout_s: float) -> Fetched:
        """GET a URL. Never raises for what the other side or the network does."""
        return self._run(self._fetch(url, timeout_s))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _fetch(self, url: str, timeout_s: float) -> Fetched:
        try:
            async with asyncio.timeout(timeout_s), self._client.stream("GET", url) as response:
                return await _take(response)
        except TimeoutError:
            return Fetched(fault="timeout")
        except httpx.RemoteProtocolError:
            return Fetched(fault="truncated")
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return Fetched(fault="unreachable")


async def _take(response: httpx.Response) -> Fetched:
    """The body, cut off where it grows too large."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        return Fetched(response.status_code, fault="compressed")
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > BODY_LIMIT_BYTES:
            return Fetched(response.status_code, fault="too_large")
    return Fetched(response.status_code, bytes(body))
