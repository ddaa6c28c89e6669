"""Asking map services: cache first, then quota and rate, written down before it leaves, and never twice.

An asker opens its own short transactions by the function it is given (a job's step, which carries the job's
fence): one that takes the quota, reserves the moment and adds the audit row; then the request, without any
transaction; then one that keeps the answer. Services are asked one request at a time.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.orm import Session

from app.access import record
from app.customers.geocoding import Answer, Matcher
from app.customers.geocoding.geocoders import RUNG_LEVELS
from app.customers.geocoding.providers import PASSING, Claim, Key, Provider, Question, Reply, find_provider
from app.customers.geocoding.providers.questions import find_county, fit, make_question
from app.customers.geocoding.providers.replies import read_payload, read_reply
from app.db import fetch_value, run_statement
from app.settings import MapService, Settings
from app.spatial import crs

if TYPE_CHECKING:
    from app.customers.geocoding.providers.gateway import Gateway

Opens = Callable[[], AbstractContextManager[Session]]
# Pauses before the second and the third try of what may come right by itself.
PAUSES_S = (0.5, 2.0)
# So many failures in a row and the service is left alone for this run.
STRIKES = 5
KEPT = ("found", "nothing", "rejected")


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider told of an address, in storage coordinates.

    `outcome`: found; nothing (or nothing that may be claimed); other_county; failed; not_asked (stopped,
    used up, or nothing that may leave). `code` is the provider's own or ours for why.
    """

    provider: str
    outcome: str
    code: str = ""
    rung: int = 0
    accuracy_m: float = 0.0
    score: float = 0.0
    lon: float = math.nan
    lat: float = math.nan
    level: str = ""

    @property
    def method(self) -> str:
        """The method of a placement that stands on this."""
        return f"provider:{self.provider}"

    def as_answer(self) -> Answer:
        """The same as the geocoders' own answer; a service knows no code of ours."""
        if self.outcome != "found":
            return Answer("none", method=f"{self.method}:{self.outcome}")
        return Answer(
            RUNG_LEVELS[self.rung], score=self.score, method=self.method, lon=self.lon, lat=self.lat
        )


@dataclass
class Tally:
    """Requests, cached answers and failures by provider, and why a service was stopped."""

    requests: Counter[str] = field(default_factory=Counter)
    cached: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The counts, as a checkpoint keeps them: an attempt that follows tries every service again."""
        return {name: dict(getattr(self, name)) for name in ("requests", "cached", "failures")}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Tally":
        """The tally that `as_json` kept."""
        requests, cached, failures = (
            Counter(kept.get(name, {})) for name in ("requests", "cached", "failures")
        )
        return cls(requests, cached, failures)


class Asker:
    """The way out of one run: asks the services that the settings switch on; to be closed, best by `with`.

    `whose` maps the text of a question to the customers that it is asked for: the audit names them. `limit`
    is how many addresses may leave in this run. `keeps` opens the transactions in which answers are kept: an
    answer that came is a fact, also for a job that was cancelled or overtaken meanwhile. Nothing is opened
    before the first request.
    """

    def __init__(
        self,
        settings: Settings,
        opens: Opens,
        matcher: Matcher,
        *,
        by: int | None = None,
        limit: int | None = None,
    ) -> None:
        self.settings, self.opens, self.matcher, self.by = settings, opens, matcher, by
        self.left = math.inf if limit is None else limit
        self.keeps: Opens = opens
        self.whose: Mapping[str, Sequence[int]] = {}
        self.tally = Tally()
        self._strikes: Counter[str] = Counter()
        self._gateway: Gateway | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._gateway is not None:
            self._gateway.close()

    @property
    def open_services(self) -> list[MapService]:
        """The services that may still be asked, in the bank's order."""
        return [key for key in self.settings.geocode_providers if key not in self.tally.stopped]

    def ask(self, provider_key: str, address: str | None) -> Answer:
        """What the geocoders call: the answer of one service to one address."""
        question = make_question(address, self.find_county(address))
        if question is None or provider_key not in self.settings.geocode_providers:
            return Answer("none", method="not_asked")
        return self.tell(find_provider(provider_key), question).as_answer()

    def find_county(self, address: str | None) -> Any:
        """The county that an address is asked in: the one it names, else the bank's own."""
        return find_county(self.matcher.match(address).county_code or self.matcher.home_county_code)

    def tell(self, provider: Provider, question: Question) -> Told:
        """What a service tells of a question: from the cache, else by asking. Never raises for its faults."""
        fitted = fit(question, provider.max_bytes)
        kept = self.recall(provider, fitted)
        if kept is not None:
            self.tally.cached[provider.key] += 1
            return read_told(provider, kept, fitted)
        if provider.key in self.tally.stopped or self.left <= 0:
            return Told(provider.key, "not_asked", "limit" if self.left <= 0 else "stopped")
        return self._send(provider, question, fitted)

    def recall(self, provider: Provider, fitted: Question) -> Reply | None:
        """The kept answer to a fitted question, read anew; None where there is none that counts."""
        with self.opens() as session:
            raw = fetch_value(
                session,
                "customers/find_answer",
                provider=provider.key,
                key=fitted.text,
                keep_days=self.settings.geocode_keep_days,
            )
        return None if raw is None else read_payload(provider, raw)

    def _send(self, provider: Provider, question: Question, fitted: Question) -> Told:
        """Ask, and again where that may help; each request has its row in the audit."""
        ids, gateway = self.whose.get(question.text, ()), self._open_gateway()
        reply = Reply("server")
        for attempt, pause_s in enumerate((0.0, *PAUSES_S), start=1):
            time.sleep(pause_s)
            wait_s = self._reserve(provider, fitted, ids=ids, attempt=attempt)
            if wait_s is None:
                self.tally.stopped[provider.key] = "quota"
                return Told(provider.key, "not_asked", "quota")
            self.left -= 1 if attempt == 1 else 0
            time.sleep(wait_s)
            reply = self._request(gateway, provider, fitted)
            if reply.outcome not in PASSING:
                break
        return self._settle(provider, fitted, reply)

    def _reserve(
        self, provider: Provider, fitted: Question, *, ids: Sequence[int], attempt: int
    ) -> float | None:
        """Take the quota, the moment and the audit row in one transaction; None where nothing is left."""
        access = self.settings.access(provider.key)
        with self.opens() as session:
            wait_s = fetch_value(
                session,
                "customers/reserve_request",
                provider=provider.key,
                quota=access.daily_quota,
                gap_s=1 / access.qps,
            )
            if wait_s is not None:
                told = {"provider": provider.key, "text": fitted.text, "attempt": attempt}
                record(
                    session,
                    "geocode_outside",
                    subject=provider.key,
                    customer_ids=ids,
                    detail=told,
                    by=self.by,
                )
        return None if wait_s is None else float(wait_s)

    def _open_gateway(self) -> "Gateway":
        """The way out, opened before a moment is reserved for it: what it takes costs nobody's rate."""
        # The HTTP client is loaded by whoever asks, and by nobody else.
        from app.customers.geocoding.providers.gateway import Gateway

        if self._gateway is None:
            proxy = self.settings.geocode_proxy
            self._gateway = Gateway(proxy=proxy.get_secret_value() if proxy else None)
        return self._gateway

    def _request(self, gateway: "Gateway", provider: Provider, fitted: Question) -> Reply:
        """One request; an answer that counts is kept at once."""
        access = self.settings.access(provider.key)
        key = Key(access.url or provider.url, access.key.get_secret_value(), access.secret.get_secret_value())
        self.tally.requests[provider.key] += 1
        fetched = gateway.fetch(provider.build(fitted, key), timeout_s=access.timeout)
        reply, raw = read_reply(provider, fetched)
        if reply.outcome in KEPT and raw:
            self._keep(provider, fitted, reply, raw)
        return reply

    def _keep(self, provider: Provider, fitted: Question, reply: Reply, raw: dict[str, Any]) -> None:
        told = read_told(provider, reply, fitted)
        with self.keeps() as session:
            run_statement(
                session,
                "customers/keep_answer",
                provider=provider.key,
                key=fitted.text,
                raw=json.dumps(storable(raw)),
                rung=told.rung,
                match_level=reply.level or reply.code or reply.outcome,
                score=told.score,
                lon=told.lon if told.rung else None,
                lat=told.lat if told.rung else None,
            )

    def _settle(self, provider: Provider, fitted: Question, reply: Reply) -> Told:
        """Count what came of it; stop a service that refuses the key, is used up, or is away."""
        key = provider.key
        if reply.outcome in KEPT:
            self._strikes[key] = 0
            return read_told(provider, reply, fitted)
        self.tally.failures[f"{key}:{reply.code or reply.outcome}"] += 1
        self._strikes[key] += 1
        if reply.outcome in ("bad_key", "quota"):
            self.tally.stopped[key] = reply.outcome
        elif self._strikes[key] >= STRIKES:
            self.tally.stopped.setdefault(key, "away")
        with self.keeps() as session:
            stopped = "quota" if reply.outcome == "quota" else None
            run_statement(session, "customers/count_failure", provider=key, stopped=stopped)
        return Told(key, "failed", reply.code or reply.outcome)


def read_told(provider: Provider, reply: Reply, question: Question) -> Told:
    """A reply in storage coordinates, with what it may claim; one of another county claims nothing."""
    claim: Claim | None = provider.claim(reply)
    if (
        reply.outcome == "found"
        and question.county
        and reply.county_code[:6] not in ("", question.county.code)
    ):
        return Told(provider.key, "other_county", reply.county_code[:6], level=reply.level)
    if claim is None:
        return Told(provider.key, "nothing", reply.code or reply.level, level=reply.level)
    x, y = crs.points_to_storage([reply.x], [reply.y], provider.datum)
    lon, lat = round(float(x[0]), 7), round(float(y[0]), 7)
    return Told(provider.key, "found", "", claim.rung, claim.accuracy_m, claim.score, lon, lat, reply.level)


def storable(value: Any) -> Any:
    """JSON as the database takes it: without NUL, halves of characters, and numbers that are none."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value
