"""The only way out of the bank: one GET at a time, under one deadline, with a small answer.

The deadline covers everything from the connection to the last byte, so a server that drips ends too. No
redirect is followed, no compression taken, no proxy of the environment used, and the address of a request,
which carries key and text, reaches no log and no error.
"""

import asyncio
import json
import logging
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from app.customers.geocoding.providers.kinds import Provider, Reply

BODY_LIMIT_BYTES = 256 * 1024
# Of one step; what a request may take altogether is said with it.
LONGEST_S = 60.0
HEADERS = {"User-Agent": "getu", "Accept": "application/json", "Accept-Encoding": "identity"}
_BY_STATUS = {401: "bad_key", 403: "bad_key", 418: "bad_key", 429: "too_fast"}
# It would write every address with its key at the level of information.
logging.getLogger("httpx").disabled = True


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the HTTP status and the body, or why nothing usable came (`fault`)."""

    status: int = 0
    body: bytes = b""
    fault: str = ""


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
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def fetch(self, url: str, *, timeout_s: float) -> Fetched:
        """GET a URL. Never raises for what the other side or the network does."""
        return self._runner.run(self._fetch(url, timeout_s))

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


def read_reply(provider: Provider, fetched: Fetched) -> tuple[Reply, dict[str, Any]]:
    """The reply in a fetched answer, and the answer itself as decoded JSON (empty where it is none)."""
    if fetched.fault in ("timeout", "truncated", "unreachable"):
        return Reply("server", code=fetched.fault), {}
    if fetched.fault:
        return Reply("unreadable", code=fetched.fault), {}
    if fetched.status >= 500:
        return Reply("server", code=str(fetched.status)), {}
    if 300 <= fetched.status < 400:
        return Reply("unreadable", code="redirect"), {}
    try:
        payload = json.loads(fetched.body)
    except (ValueError, RecursionError):
        return _by_status(fetched.status, "not_json"), {}
    raw = payload if isinstance(payload, dict) else {"answer": payload}
    try:
        reply = provider.read(payload)
    except (ValueError, TypeError, ArithmeticError):
        # Whatever a service makes up one day, it ends here and not in the story.
        return Reply("unreadable", code="unexpected"), {}
    if fetched.status >= 400 and reply.outcome not in ("bad_key", "quota", "too_fast"):
        return _by_status(fetched.status, str(fetched.status)), {}
    return reply, raw


def _by_status(status: int, code: str) -> Reply:
    """What the HTTP status alone says."""
    outcome = _BY_STATUS.get(status)
    if outcome == "bad_key":
        return Reply("bad_key", code=str(status))
    if outcome == "too_fast":
        return Reply("too_fast", code=str(status))
    return Reply("rejected" if status >= 400 else "unreadable", code=code)
