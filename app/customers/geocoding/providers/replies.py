"""What an HTTP answer says: the reply of the provider's own codes, else of the HTTP status alone."""

import json
from dataclasses import dataclass
from typing import Any

from app.customers.geocoding.providers.kinds import Outcome, Provider, Reply

_BY_STATUS: dict[int, Outcome] = {401: "bad_key", 403: "bad_key", 418: "bad_key", 429: "too_fast"}
# Come right by themselves, perhaps; nothing usable came of the others.
# A payload that is no object lies in the cache under this name.
WRAPPED = "answer"
_PASSING_FAULTS = ("timeout", "truncated", "unreachable")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the HTTP status and the body, or why nothing usable came (`fault`)."""

    status: int = 0
    body: bytes = b""
    fault: str = ""


def read_reply(provider: Provider, fetched: Fetched) -> tuple[Reply, dict[str, Any]]:
    """The reply in a fetched answer, and the answer itself as decoded JSON (empty where it is none)."""
    if fetched.fault in _PASSING_FAULTS:
        return Reply("server", code=fetched.fault), {}
    if fetched.fault:
        return Reply("unreadable", code=fetched.fault), {}
    if fetched.status >= 500:
        return Reply("server", code=str(fetched.status)), {}
    if 300 <= fetched.status < 400:
        return Reply("unreadable", code="redirect"), {}
    try:
        payload = json.loads(fetched.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _by_status(fetched.status, "not_json"), {}
    reply = read_payload(provider, payload)
    if fetched.status >= 400 and reply.outcome not in ("bad_key", "quota", "too_fast"):
        return _by_status(fetched.status, str(fetched.status)), {}
    return reply, payload if isinstance(payload, dict) else {WRAPPED: payload}


def read_payload(provider: Provider, payload: Any) -> Reply:
    """The reply in decoded JSON; whatever a service makes up one day ends here and not in the story."""
    if isinstance(payload, dict) and set(payload) == {WRAPPED}:
        payload = payload[WRAPPED]
    try:
        return provider.read(payload)
    except (ValueError, TypeError, ArithmeticError):
        return Reply("unreadable", code="unexpected")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _by_status(status: int, code: str) -> Reply:
    """What the HTTP status alone says."""
    told = _BY_STATUS.get(status)
    if told is not None:
        return Reply(told, code=str(status))
    return Reply("rejected" if status >= 400 else "unreadable", code=code)
