"""What a provider is: how it is asked, how its answer is read, and what each answer may claim."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.customers.geocoding.counties import County

Outcome = Literal["found", "nothing", "bad_key", "quota", "too_fast", "server", "rejected", "unreadable"]
# What may come right by itself when the same is asked again a moment later.
PASSING: frozenset[Outcome] = frozenset(("too_fast", "server"))
# The best a provider may claim: a door. A surveyed point is the bank's own.
FINEST = 3
# Scores of a provider end below the line from which an answer is taken without a look.
MOST_SURE = 0.85
CHINA = (73.0, 3.0, 136.0, 54.0)


@dataclass(frozen=True, slots=True)
class Question:
    """What leaves the bank: a text without persons, and the county that it lies in."""

    text: str
    county: County | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """Where a provider is reached (`url`, without a slash at its end) and what it knows us by."""

    url: str
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer of one level may claim: a rung of the ladder and how far off it may be, in metres."""

    rung: int
    accuracy_m: float
    score: float = 0.8


@dataclass(frozen=True, slots=True)
class Reply:
    """A provider's answer as read: `x` and `y` (east, north) in its own datum; `level` in its own words.

    `county_code` is empty where the provider names none; `accuracy_m` and `score` (0 to 1) are its own
    where it tells them.
    """

    outcome: Outcome
    code: str = ""
    x: float = math.nan
    y: float = math.nan
    level: str = ""
    county_code: str = ""
    accuracy_m: float | None = None
    score: float = 1.0


@dataclass(frozen=True)
class Provider:
    """A map service that places addresses.

    `url` is its published address, empty where the bank must name its own; `datum` a key of
    `app.spatial.crs`; `max_bytes` what it takes of an address in UTF-8. `build` makes the whole URL of a
    question; `read` takes the decoded JSON; `errors` says what its codes mean, `levels` what its levels
    may claim: one that is not named there claims nothing.
    """

    key: str
    zh: str
    en: str
    url: str
    datum: str
    max_bytes: int
    levels: Mapping[str, Claim]
    errors: Mapping[str, Outcome]
    build: Callable[[Question, Key], str]
    read: Callable[[Any], Reply]
    keyed: bool = True

    def claim(self, reply: Reply) -> Claim | None:
        """What a found answer may claim, never finer than its level, its own accuracy and FINEST allow."""
        claim = self.levels.get(reply.level)
        if reply.outcome != "found" or claim is None or not claim.rung:
            return None
        accuracy_m = max(claim.accuracy_m, reply.accuracy_m or 0.0)
        rung = max(claim.rung, FINEST, next(rung for far, rung in REACH if accuracy_m <= far))
        return Claim(rung, accuracy_m, round(min(claim.score * reply.score, MOST_SURE), 3))


# How far off an answer may be to stand on a rung at all.
REACH = ((200.0, 3), (500.0, 4), (2_000.0, 5), (math.inf, 6))


def found(x: object, y: object, **facts: Any) -> Reply:
    """A found answer, or an unreadable one where the coordinates are none of China's.

    Numbers may be text. Swapped ones are not put right: whoever swaps may have done worse.
    """
    lon, lat = number(x), number(y)
    west, south, east, north = CHINA
    if lon is None or lat is None or not (west <= lon <= east and south <= lat <= north):
        return Reply("unreadable", code="bad_point")
    return Reply("found", x=lon, y=lat, **facts)


def number(value: object) -> float | None:
    """A finite number from JSON, also where it is written as text; None from anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def words(value: object) -> str:
    """Text from JSON: services write an empty list where they have none."""
    return value.strip() if isinstance(value, str) else ""


def part(payload: Any, *path: str) -> Any:
    """What lies at a path of keys in decoded JSON, None where the path leads nowhere."""
    for key in path:
        if not isinstance(payload, dict):
            return None
        payload = payload.get(key)
    return payload


def first(value: Any) -> Any:
    """The first item of a JSON list, None from anything else."""
    return value[0] if isinstance(value, list) and value else None


def failed(provider_errors: Mapping[str, Outcome], code: object) -> Reply:
    """The reply of an error code; one that the provider does not list is a rejected request."""
    told = str(code) if isinstance(code, int | str) and not isinstance(code, bool) else ""
    return Reply(provider_errors.get(told, "rejected" if told else "unreadable"), code=told[:40])
